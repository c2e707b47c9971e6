"""The story of one check for good: a prompt before it goes, an output before anybody reads it.

1. The caller acts for the party. 2. The attempt is recorded, by itself, and with it the versions of
the contracts of the two are read, and the curbs on them: a halt refuses here, and a request id that
was answered gets that answer instead. 3. The
one in force is chosen and compiled. 4. The content is read and judged (`check.py`). 5. What would
be released passes through the sharing contract of the two, as a transfer with its own disclosure;
what a person decides about first is weighed by it, and waits (`holding.py`).
6. The form is judged once more: a treatment may have changed it. 7. Transfer, outcome, statistics
and audit entries become true in one transaction, if the contracts still are those in force
(docs/decisions/0032-a-transfer-is-settled-with-its-check.md). 8. Only then is the
answer given, and what was decided offered to a version that judges beside (`shadowing.py`).
Anything else on the way is a refusal, which is recorded too.

Where judging is done in here and in a moment (no sharing contract is asked, no classifier, and the
content is no large one), nothing happens between attempt and effect that anybody outside could
notice. The two are then recorded in one transaction; 3. and 4. are done before it, by what was last
seen of the contracts, and confirmed in it (docs/decisions/0026-attempt-and-effect-at-once.md).
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Final

from privacy_service import errors
from privacy_service.access import Caller
from privacy_service.behavior.answer import CheckAnswer
from privacy_service.behavior.answering import answer_of, as_shared, compiled_version, in_form
from privacy_service.behavior.check import Checked, check
from privacy_service.behavior.holding import Holding
from privacy_service.behavior.in_force import BehaviorVersion, judging
from privacy_service.behavior.model import Classified, Outcome, Side
from privacy_service.behavior.ports import (
    CheckBegun,
    CheckLedger,
    CheckRecord,
    Hold,
    PersonalData,
    Sample,
    Settlement,
)
from privacy_service.behavior.reader import Reader
from privacy_service.behavior.request import CheckRequest, as_transfer
from privacy_service.behavior.sampling import Sampler
from privacy_service.behavior.shadowing import CheckShadows
from privacy_service.clock import Clock
from privacy_service.enforcement.deadline import Deadline
from privacy_service.enforcement.ports import Passing
from privacy_service.errors import PrivacyError
from privacy_service.evidence.entries import AuditEntry, EntryKind

ACTIONS: Final = {
    Side.PROMPT: "BehaviorService/CheckPrompt",
    Side.OUTPUT: "BehaviorService/CheckOutput",
}
_REFUSAL_SECONDS: Final = 2.0
"""How long a refusal may take to be recorded once the caller's own deadline has passed."""
_OF_A_MOMENT: Final = 64 * 1024
"""Bytes of content that are judged before their attempt is on record."""
_STORE_FAULTS: Final = (errors.STORE_UNAVAILABLE, errors.STORE_BUSY, errors.DATABASE_RESTORED)
_INNER: Final = uuid.UUID("6f0c1c4e-2b0e-5a5f-9a55-4c7d2a8f1b60")
"""The namespace of the ids of transfers that checks make."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What a contract makes of a request. `words` are those of the content as it came; `inner` is
    the id of the transfer by which it was passed on, if it was, and `passing` that transfer, where
    it is not true yet; `hold` what waits for a person; `sample` what people look at afterwards.
    `checked` is what the contract itself says.
    """

    checked: Checked
    answer: CheckAnswer
    words: int
    inner: str | None
    hold: Hold | None
    sample: Sample | None
    passing: Passing | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BehaviorEnforcement:
    """Judges prompts and outputs by the behavior contract in force. Thread-safe: it holds
    collaborators and no state.
    """

    reader: Reader
    personal_data: PersonalData
    ledger: CheckLedger
    holding: Holding
    sampler: Sampler
    shadows: CheckShadows
    commitment: Callable[[bytes], str]
    clock: Clock

    def check(self, caller: Caller, request: CheckRequest, *, seconds: float | None) -> CheckAnswer:
        """What the contract in force makes of it, with proof.

        A decision, also one that refuses, is a CheckAnswer. Raises PrivacyError where no contract
        could be applied; then nothing was released, and nothing is stored but the attempt.
        """
        caller.require_partner(request.party)
        request = self.drawn(request)
        deadline = Deadline.after(seconds, self.clock)
        commitment = self.commitment(framed(request))
        attempt = self.attempt(caller, request, commitment)
        version = self.ledger.foreseen(request, at=attempt.at)
        if version is not None and is_of_a_moment(version, request):
            answer = self._at_once(caller, request, version, attempt, deadline)
            if answer is not None:
                return answer
        begun = self.ledger.begin(
            attempt,
            provider=request.provider,
            side=request.side,
            use_case=request.company.use_case,
            request_id=request.request_id,
            request=commitment,
            draw=request.draw,
            seconds=deadline.left(),
        )
        if begun.answer is not None:
            return begun.answer
        try:
            return self._settled(caller, request, attempt, begun, deadline)
        except PrivacyError as error:
            self._record_refusal(attempt, begun.position, error.reason.code)
            raise
        except Exception:
            self._record_refusal(attempt, begun.position, errors.INTERNAL.code)
            raise

    def drawn(self, request: CheckRequest) -> CheckRequest:
        """With the word by which a canary takes it or not: one conversation, and a retry, meet one
        version while another is tried on a share.
        """
        named = f"canary {request.conversation or request.request_id}"
        return replace(request, draw=self.commitment(named.encode()))

    # -- The steps ----------------------------------------------------------------------------

    def _settled(
        self,
        caller: Caller,
        request: CheckRequest,
        attempt: AuditEntry,
        begun: CheckBegun,
        deadline: Deadline,
    ) -> CheckAnswer:
        if begun.admission.refused is not None:
            raise begun.admission.refused
        version = judging(
            begun.versions,
            party=request.party,
            provider=request.provider,
            use_case=request.company.use_case,
            at=self.clock.now(),
            courses=begun.courses,
            draw=request.draw,
        )
        settle = partial(self._as_decided, caller, request, version, attempt, begun, deadline)
        answer = settle(together=True) or settle(together=False)
        assert answer is not None
        return answer

    def _as_decided(
        self,
        caller: Caller,
        request: CheckRequest,
        version: BehaviorVersion,
        attempt: AuditEntry,
        begun: CheckBegun,
        deadline: Deadline,
        *,
        together: bool,
    ) -> CheckAnswer | None:
        """The answer, settled. None where it passed a transfer that cannot be settled `together`
        with it.
        """
        decided = self.decide(
            caller, request, version, attempt=begun.position, deadline=deadline, together=together
        )
        settlement = self._settlement(request, version, attempt, begun.position, decided)
        settlement = replace(settlement, probes=begun.admission.probes)
        settled: CheckAnswer | None
        if decided.passing is None:
            settled = self.ledger.settle(settlement, seconds=deadline.left())
        else:
            settled = self.ledger.settle_together(
                settlement, decided.passing, seconds=deadline.left()
            )
        if settled is None:
            return None
        if decided.passing is not None and settled.personal_data is not None:
            decided.passing.passed(settled.personal_data)
        self.shadows.offer(request, version, decided.checked, settled)
        return settled

    def _at_once(
        self,
        caller: Caller,
        request: CheckRequest,
        version: BehaviorVersion,
        attempt: AuditEntry,
        deadline: Deadline,
    ) -> CheckAnswer | None:
        """The answer under a version that was foreseen; None where that was wrong."""
        try:
            decided = self.decide(caller, request, version, attempt=None, deadline=deadline)
            settlement = self._settlement(request, version, attempt, None, decided)
            settled = self.ledger.settle_at_once(attempt, settlement, seconds=deadline.left())
        except PrivacyError as error:
            if error.reason in _STORE_FAULTS:  # it has said what became of attempt and effect
                raise
            effect = self._refusal(attempt, None, error.reason.code)
            if self.ledger.refuse_at_once(attempt, effect, version, request):
                raise
        except Exception:
            effect = self._refusal(attempt, None, errors.INTERNAL.code)
            if self.ledger.refuse_at_once(attempt, effect, version, request):
                raise
        else:
            if settled is not None:
                self.shadows.offer(request, version, decided.checked, settled)
            return settled
        return None

    def _settlement(
        self,
        request: CheckRequest,
        version: BehaviorVersion,
        attempt: AuditEntry,
        position: int | None,
        decided: Decided,
    ) -> Settlement:
        answer = self.warned(decided.answer, version)
        return Settlement(
            request_id=request.request_id,
            request=attempt.request or "",
            entry=self.effect(attempt, position, answer, request.content),
            answer=answer,
            record=record(request, version, decided, at=attempt.at),
            inner=decided.inner,
            hold=decided.hold,
            draw=request.draw,
            sample=decided.sample,
        )

    def warned(self, answer: CheckAnswer, version: BehaviorVersion) -> CheckAnswer:
        """The answer with the dates of its contract that come near or are past."""
        warnings = self.ledger.warnings(version, at=self.clock.now())
        return replace(answer, warnings=warnings) if warnings else answer

    def decide(
        self,
        caller: Caller,
        request: CheckRequest,
        version: BehaviorVersion,
        *,
        attempt: int | None,
        deadline: Deadline,
        together: bool = False,
    ) -> Decided:
        """What one version of a contract makes of the request; nothing is settled yet, but for a
        transfer that is not to be settled `together` with it. `attempt` is None for one
        `is_of_a_moment`.
        """
        contract = compiled_version(version)
        reread = self.reader.of(
            side=request.side,
            content_type=request.content_type,
            company=request.company,
            deadline=deadline,
        )
        subject = reread(request.content)
        checked = check(contract, subject, reread)
        answer, hold, passing = answer_of(version, checked), None, None
        if checked.waits is not None:
            hold = self.holding.hold(
                caller, request, version, checked, reread, attempt=attempt, deadline=deadline
            )
        if hold is not None:
            answer, inner = replace(answer, review_id=hold.held.review_id), None
        else:
            passed = checked if checked.waits is None else checked.waits.approved
            answer = answer_of(version, passed)
            answer, inner, passing = self._through_sharing(
                caller, request, version, answer, deadline, attempt if together else None
            )
            if inner is not None:
                answer = in_form(contract, passed, answer, reread)
            if passed is not checked:  # nobody may release it, so nobody is asked
                answer = replace(answer, outcome=Outcome.REFUSED, content=None)
        sample = self.sampler.sample(
            contract, request, subject, checked, answer, at=self.clock.now()
        )
        return Decided(
            checked=checked,
            answer=answer,
            words=subject.measures.words,
            inner=inner,
            hold=hold,
            sample=sample,
            passing=passing,
        )

    def _through_sharing(
        self,
        caller: Caller,
        request: CheckRequest,
        version: BehaviorVersion,
        answer: CheckAnswer,
        deadline: Deadline,
        attempt: int | None,
    ) -> tuple[CheckAnswer, str | None, Passing | None]:
        """The answer as the sharing contract leaves it, and the id of that transfer; and the
        transfer itself, where it is to become true with the check whose `attempt` that is.

        The contract's own words are nobody's: they need none.
        """
        inner = str(uuid.uuid5(_INNER, f"{request.party} {request.request_id}"))
        transfer = as_transfer(request, version, answer, inner)
        if transfer is None:
            return answer, None, None
        if attempt is not None:
            passing = self.personal_data.passing(
                caller, transfer, attempt=attempt, seconds=deadline.left()
            )
            return as_shared(answer, passing.release.answer), inner, passing
        outward = request.side is Side.PROMPT
        pass_on = self.personal_data.transfer if outward else self.personal_data.receive
        return as_shared(answer, pass_on(caller, transfer, seconds=deadline.left())), inner, None

    # -- Evidence -----------------------------------------------------------------------------

    def attempt(self, caller: Caller, request: CheckRequest, commitment: str) -> AuditEntry:
        """That it was tried."""
        return AuditEntry(
            kind=EntryKind.ATTEMPT,
            action=ACTIONS[request.side],
            at=self.clock.now(),
            actor=caller.name,
            partner=request.party,
            counterparty=request.provider,
            request=commitment,
            resource=request.request_id,
        )

    def effect(
        self, attempt: AuditEntry, position: int | None, answer: CheckAnswer, content: bytes
    ) -> AuditEntry:
        """What came of an attempt; `position` is None where that has none yet."""
        out = answer.content
        said = (*answer.broken, *(one.id for one in answer.failures))
        return replace(
            attempt,
            kind=EntryKind.EFFECT,
            at=self.clock.now(),
            outcome=answer.outcome.value,
            attempt=position,
            contracts=(answer.contract,),
            payload_in=self.commitment(content),
            payload_out=None if out is None else self.commitment(out),
            reason=",".join(said) or None,
        )

    def _record_refusal(self, attempt: AuditEntry, position: int, code: str) -> None:
        """The effect of an attempt that came to nothing; the caller gets the first error."""
        effect = self._refusal(attempt, position, code)
        try:
            self.ledger.record(effect, seconds=_REFUSAL_SECONDS)
        except PrivacyError:
            return

    def _refusal(self, attempt: AuditEntry, position: int | None, code: str) -> AuditEntry:
        return replace(
            attempt,
            kind=EntryKind.EFFECT,
            at=self.clock.now(),
            outcome=code,
            attempt=position,
        )


def is_of_a_moment(version: BehaviorVersion, request: CheckRequest) -> bool:
    """Whether it is judged in here alone, and soon."""
    contract = version.contract
    return (
        contract.personal_data_purpose is None
        and len(request.content) <= _OF_A_MOMENT
        and not any(isinstance(one.must, Classified) for one in contract.expectations)
    )


def record(
    request: CheckRequest, version: BehaviorVersion, decided: Decided, *, at: datetime
) -> CheckRecord:
    """What is kept of a check for statistics."""
    answer = decided.answer
    shared = answer.personal_data
    return CheckRecord(
        at=at,
        check_id=request.request_id,
        party=request.party,
        provider=request.provider,
        contract_id=version.contract.id,
        number=version.number,
        side=request.side,
        use_case=request.company.use_case,
        outcome=answer.outcome,
        broken=answer.broken,
        failures=tuple(one.id for one in answer.failures),
        confidence=request.company.confidence,
        latency_ms=request.company.latency_ms,
        words=decided.words,
        treated=0 if shared is None else sum(line.count for line in shared.treatments),
    )


def framed(request: CheckRequest) -> bytes:
    """Everything in the request but its id, so that two requests are never taken for one."""
    company = request.company
    parts = [
        request.side.value,
        request.party,
        request.provider,
        request.content_type,
        hashlib.sha256(request.content).hexdigest(),
        company.use_case or "",
        company.prompt or "",
        company.system_prompt or "",
        "" if company.confidence is None else repr(company.confidence),
        str(company.latency_ms or 0),
        str(company.attempt),
    ]
    for source in company.sources:
        parts += (source.id, source.text)
    if request.conversation is not None:
        parts += ("conversation", request.conversation)
    # Only where they are said: what earlier releases committed to stays so.
    for name, said in (("intent", company.intent), ("rationale", company.rationale)):
        if said is not None:
            parts += (name, said)
    for one in request.subjects:
        parts += ("subject", one.type, one.value)
    encoded = (part.encode("utf-8", "surrogatepass") for part in parts)
    return b"".join(len(part).to_bytes(8, "big") + part for part in encoded)
