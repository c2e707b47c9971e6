"""The story of one check for good: a prompt before it goes, an output before anybody reads it.

1. The caller acts for the party. 2. The attempt is recorded, by itself, and with it the versions of
the contracts of the two are read, and the curbs on them: a halt refuses here, and a request id that
was answered gets that answer instead. 3. The
one in force is chosen and compiled. 4. The content is read and judged (`check.py`). 5. What would
be released passes through the sharing contract of the two, as a transfer with its own disclosure.
6. The form is judged once more: a treatment may have changed it. 7. Outcome, statistics and audit
entry become true in one transaction, if the contract still is the one in force. 8. Only then is the
answer given. Anything else on the way is a refusal, which is recorded too.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from privacy_service import errors
from privacy_service.access import Caller
from privacy_service.behavior.answer import CheckAnswer, ExpectationVerdict, FiredFailure
from privacy_service.behavior.check import Checked, check, judged
from privacy_service.behavior.compiled import Compiled, compiled
from privacy_service.behavior.in_force import BehaviorVersion, judging
from privacy_service.behavior.judgement import Verdict
from privacy_service.behavior.model import Format, Outcome, Side
from privacy_service.behavior.ports import (
    CheckBegun,
    CheckLedger,
    CheckRecord,
    PersonalData,
    Settlement,
)
from privacy_service.behavior.read import read
from privacy_service.behavior.request import CheckRequest
from privacy_service.behavior.subject import LanguageOf, Subject
from privacy_service.clock import Clock
from privacy_service.enforcement.answer import Answer, Effect
from privacy_service.enforcement.deadline import Deadline
from privacy_service.enforcement.examine import Decode
from privacy_service.enforcement.findings import Detector
from privacy_service.enforcement.inspect import Inspector
from privacy_service.enforcement.request import TransferRequest
from privacy_service.errors import PrivacyError
from privacy_service.evidence.entries import AuditEntry, ContractRef, EntryKind
from privacy_service.payloads.document import Limits

ACTIONS: Final = {
    Side.PROMPT: "BehaviorService/CheckPrompt",
    Side.OUTPUT: "BehaviorService/CheckOutput",
}
_REFUSAL_SECONDS: Final = 2.0
"""How long a refusal may take to be recorded once the caller's own deadline has passed."""
_INNER: Final = uuid.UUID("6f0c1c4e-2b0e-5a5f-9a55-4c7d2a8f1b60")
"""The namespace of the ids of transfers that checks make."""
_MOST_COMPILED: Final = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class BehaviorEnforcement:
    """Judges prompts and outputs by the behavior contract in force. Thread-safe: it holds
    collaborators and no state.
    """

    detector: Detector
    language_of: LanguageOf
    personal_data: PersonalData
    ledger: CheckLedger
    commitment: Callable[[bytes], str]
    decode: Decode
    clock: Clock
    limits: Limits

    def check(self, caller: Caller, request: CheckRequest, *, seconds: float | None) -> CheckAnswer:
        """What the contract in force makes of it, with proof.

        A decision, also one that refuses, is a CheckAnswer. Raises PrivacyError where no contract
        could be applied; then nothing was released, and nothing is stored but the attempt.
        """
        caller.require_partner(request.party)
        deadline = Deadline.after(seconds, self.clock)
        commitment = self.commitment(_framed(request))
        attempt = self._attempt(caller, request, commitment)
        begun = self.ledger.begin(
            attempt,
            provider=request.provider,
            side=request.side,
            use_case=request.company.use_case,
            request_id=request.request_id,
            request=commitment,
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
        )
        contract = _compiled(version.contract.id, version.digest, version.source)
        reread = self._reader(request, deadline)
        subject = reread(request.content)
        checked = check(contract, subject, reread)
        answer = _answer(version, checked)
        answer, inner = self._through_sharing(caller, request, version, answer, deadline)
        if inner is not None:
            answer = _in_form(contract, checked, answer, reread)
        settlement = Settlement(
            request_id=request.request_id,
            request=attempt.request or "",
            entry=self._effect(attempt, begun.position, answer, request.content),
            answer=answer,
            record=_record(request, version, answer, subject, attempt),
            inner=inner,
            probes=begun.admission.probes,
        )
        return self.ledger.settle(settlement, seconds=deadline.left())

    def _reader(self, request: CheckRequest, deadline: Deadline) -> Callable[[bytes], Subject]:
        inspector = Inspector(self.detector, deadline, self.limits)

        def read(content: bytes) -> Subject:
            return Subject(
                side=request.side,
                content=content,
                document=self.decode(request.content_type, content),
                company=request.company,
                inspector=inspector,
                language_of=self.language_of,
            )

        return read

    def _through_sharing(
        self,
        caller: Caller,
        request: CheckRequest,
        version: BehaviorVersion,
        answer: CheckAnswer,
        deadline: Deadline,
    ) -> tuple[CheckAnswer, str | None]:
        """The answer as the sharing contract leaves it, and the id of that transfer.

        The contract's own words are nobody's: they need none.
        """
        purpose = version.contract.personal_data_purpose
        if purpose is None or answer.content is None or answer.substituted:
            return answer, None
        inner = str(uuid.uuid5(_INNER, f"{request.party} {request.request_id}"))
        outward = request.side is Side.PROMPT
        transfer = TransferRequest(
            sender=request.party if outward else request.provider,
            recipient=request.provider if outward else request.party,
            purpose=purpose,
            content_type=answer.content_type,
            payload=answer.content,
            request_id=inner,
        )
        pass_on = self.personal_data.transfer if outward else self.personal_data.receive
        return _shared(answer, pass_on(caller, transfer, seconds=deadline.left())), inner

    # -- Evidence -----------------------------------------------------------------------------

    def _attempt(self, caller: Caller, request: CheckRequest, commitment: str) -> AuditEntry:
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

    def _effect(
        self, attempt: AuditEntry, position: int, answer: CheckAnswer, content: bytes
    ) -> AuditEntry:
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
        effect = replace(
            attempt,
            kind=EntryKind.EFFECT,
            at=self.clock.now(),
            outcome=code,
            attempt=position,
        )
        try:
            self.ledger.record(effect, seconds=_REFUSAL_SECONDS)
        except PrivacyError:
            return


def _answer(version: BehaviorVersion, checked: Checked) -> CheckAnswer:
    return CheckAnswer(
        outcome=checked.outcome,
        content=checked.content,
        content_type=checked.content_type,
        verdicts=tuple(
            ExpectationVerdict(
                id=one.expectation.id,
                severity=one.expectation.severity,
                judgement=one.judgement,
            )
            for one in checked.results
        ),
        failures=tuple(
            FiredFailure(id=mode.id, category=mode.category.value, severity=mode.severity)
            for mode in checked.failures
        ),
        ask=checked.ask,
        substituted=checked.substituted,
        contract=ContractRef(id=version.contract.id, number=version.number, digest=version.digest),
    )


def _shared(answer: CheckAnswer, shared: Answer) -> CheckAnswer:
    """The answer with what the sharing contract made of its content."""
    if shared.payload is None:
        return replace(answer, outcome=Outcome.REFUSED, content=None, personal_data=shared)
    treated = shared.decision.effect is Effect.TREATED
    outcome = answer.outcome
    if treated and outcome is Outcome.ACCEPTED:
        outcome = Outcome.TREATED
    return replace(answer, outcome=outcome, content=shared.payload, personal_data=shared)


def _in_form(
    contract: Compiled, checked: Checked, answer: CheckAnswer, reread: Callable[[bytes], Subject]
) -> CheckAnswer:
    """Refused, where a treatment has broken the form that the content had before."""
    if answer.content is None or answer.content == checked.content:
        return answer
    had = {one.expectation.id for one in checked.results if _is_form_kept(one.judgement.verdict)}
    for one in judged(contract, reread(answer.content)):
        is_form = isinstance(one.expectation.must, Format)
        if is_form and one.expectation.id in had and not _is_form_kept(one.judgement.verdict):
            verdict = ExpectationVerdict(
                id=one.expectation.id,
                severity=one.expectation.severity,
                judgement=one.judgement,
            )
            verdicts = tuple(
                verdict if known.id == verdict.id else known for known in answer.verdicts
            )
            return replace(answer, outcome=Outcome.REFUSED, content=None, verdicts=verdicts)
    return answer


def _is_form_kept(verdict: Verdict) -> bool:
    return verdict is Verdict.KEPT


def _record(
    request: CheckRequest,
    version: BehaviorVersion,
    answer: CheckAnswer,
    subject: Subject,
    attempt: AuditEntry,
) -> CheckRecord:
    shared = answer.personal_data
    return CheckRecord(
        at=attempt.at,
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
        words=subject.measures.words,
        treated=0 if shared is None else sum(line.count for line in shared.treatments),
    )


@lru_cache(maxsize=_MOST_COMPILED)
def _compiled(contract_id: str, digest: str, source: str) -> Compiled:
    """The contract, read and compiled once. A source that an older release took and this one does
    not raises CONTRACT_INVALID: nothing passes under a contract that does not work.
    """
    del digest
    return compiled(read(source, name=contract_id))


def _framed(request: CheckRequest) -> bytes:
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
    encoded = (part.encode("utf-8", "surrogatepass") for part in parts)
    return b"".join(len(part).to_bytes(8, "big") + part for part in encoded)
