"""Recorded cases, opened for one run and judged by a candidate: what comes out otherwise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from privacy_service.access import Caller
from privacy_service.behavior.check import check
from privacy_service.behavior.compiled import Compiled, compiled
from privacy_service.behavior.model import BehaviorContract, Outcome
from privacy_service.behavior.ports import HeldCheck
from privacy_service.behavior.reader import Reader
from privacy_service.clock import Clock
from privacy_service.contracts.model import ContractVersion, SharingContract
from privacy_service.contracts.regression import CaseChange, Decided, Regression, Verdict
from privacy_service.custody import held, held_checks
from privacy_service.custody.acts import Acts, Effect
from privacy_service.desks.either import Either
from privacy_service.enforcement.answer import Answer
from privacy_service.enforcement.answer import Effect as Passing
from privacy_service.enforcement.deadline import Deadline
from privacy_service.enforcement.ports import Release
from privacy_service.enforcement.request import PreviewRequest
from privacy_service.errors import PrivacyError
from privacy_service.evidence.entries import AuditEntry, EntryKind
from privacy_service.records.seal import Sealer
from privacy_service.reviews.review import Review, ReviewKind, ReviewState
from privacy_service.store.courses import Head
from privacy_service.store.database import Database
from privacy_service.store.views import Writing

ACTION: Final = "GovernanceService/ProposeContract/ReplayCases"
MOST_CASES: Final = 200
_SECONDS: Final = 5.0
"""What one case may take."""
_DECIDED: Final = {
    ReviewState.APPROVED: Decided.APPROVED,
    ReviewState.REJECTED: Decided.REJECTED,
}

Judge = Callable[[Release | HeldCheck], Verdict]


class JudgeAlone(Protocol):
    """What one version of a sharing contract makes of a payload, with no effect."""

    def __call__(
        self, version: ContractVersion, request: PreviewRequest, *, seconds: float | None
    ) -> Answer: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgingCases:
    """Judges prompts and outputs that are kept, with no effect. Thread-safe."""

    reader: Reader
    clock: Clock

    def verdict(self, contract: Compiled, case: Release | HeldCheck) -> Verdict:
        """What a behavior contract makes of a case. Raises what reading it raises."""
        assert isinstance(case, HeldCheck)
        reread = self.reader.of(
            side=case.request.side,
            content_type=case.answer.content_type,
            company=case.request.company,
            deadline=Deadline.after(_SECONDS, self.clock),
        )
        checked = check(contract, reread(case.answer.content or b""), reread)
        return Verdict(
            outcome=checked.outcome.value,
            releases=checked.outcome.releases and not checked.substituted,
            waits=checked.outcome is Outcome.HELD,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RegressingCases:
    """Replays the recorded cases of a contract. Thread-safe.

    A case is judged as it waited: as a reviewer saw it. It is opened for the run alone, and that it
    was is in the audit log.
    """

    database: Database
    acts: Acts
    sealer: Sealer
    checks: JudgingCases
    alone: JudgeAlone
    clock: Clock

    def __call__(
        self,
        caller: Caller,
        head: Head,
        candidate: Either,
        base: Either,
        *,
        seconds: float | None,
    ) -> Regression:
        """What the candidate makes of what was decided. Where nothing is recorded, nothing is
        opened, and the run says that none were.
        """
        with self.database.reading() as view:
            kept = view.cases.of(head.contract_id, head.party, head.other, limit=MOST_CASES + 1)
        sharing = isinstance(candidate.contract, SharingContract)
        cases = [
            one.review
            for one in kept[:MOST_CASES]
            if one.review.state in _DECIDED and (one.review.kind is ReviewKind.TRANSFER) is sharing
        ]
        if not cases:
            return Regression(truncated=len(kept) > MOST_CASES)
        self._log(caller, head, cases, seconds)
        ours, theirs = self._judge(candidate), self._judge(base)
        changed, known, unread = list[CaseChange](), 0, 0
        for review in cases:
            decided = _DECIDED[review.state]
            try:
                case = self._opened(review)
                verdict = ours(case)
                if not verdict.contradicts(decided):
                    continue
                if theirs(case).contradicts(decided):
                    known += 1
                    continue
            except PrivacyError:
                unread += 1
                continue
            changed.append(
                CaseChange(
                    case=review.id,
                    decided=decided,
                    outcome=verdict.outcome,
                    name=(review.note or "") if review.kind is ReviewKind.CASE else "",
                )
            )
        return Regression(
            ran=len(cases) - unread,
            changed=tuple(changed),
            known=known,
            unread=unread,
            truncated=len(kept) > MOST_CASES,
        )

    def _log(self, caller: Caller, head: Head, cases: list[Review], seconds: float | None) -> None:
        """Before one is opened, the log has who had them opened, which, and about whom."""
        with self.database.reading() as view:
            about = {subject for one in cases for subject in view.reviews.content(one.id).subjects}
        attempt = AuditEntry(
            kind=EntryKind.ATTEMPT,
            action=ACTION,
            at=self.clock.now(),
            actor=caller.name,
            partner=head.party,
            counterparty=head.other,
            resource=head.contract_id,
            reason=f"{len(cases)} recorded cases",
        )

        def work(_tx: Writing, effect: Effect) -> None:
            effect("OPENED", subjects=tuple(sorted(about)))

        self.acts.act(attempt, work, seconds=seconds)

    def _opened(self, review: Review) -> Release | HeldCheck:
        """Raises RECORD_UNREADABLE."""
        with self.database.reading() as view:
            content = view.reviews.content(review.id)
            keys = view.data_keys.by_id(content.data_keys)
        slot = held.slot_of(review.id, review.sender)
        opened = self.sealer.open(content.sealed or b"", slot=slot, keys=tuple(keys.values()))
        if review.kind is ReviewKind.TRANSFER:
            return held.from_bytes(opened)
        return held_checks.from_bytes(opened)

    # -- What a version makes of a case --------------------------------------------------------

    def _judge(self, one: Either) -> Judge:
        contract = one.contract
        if isinstance(contract, BehaviorContract):
            ready = compiled(contract)
            return lambda case: self.checks.verdict(ready, case)
        version = _as_if_put(contract, one, self.clock.now())
        return lambda case: self._transferred(version, case)

    def _transferred(self, version: ContractVersion, case: Release | HeldCheck) -> Verdict:
        assert isinstance(case, Release)
        request = PreviewRequest(
            sender=case.pair.sender,
            recipient=case.pair.recipient,
            purpose=case.pair.purpose,
            content_type=case.answer.content_type,
            payload=case.answer.payload or b"",
        )
        effect = self.alone(version, request, seconds=_SECONDS).decision.effect
        return Verdict(outcome=effect.value, releases=effect.releases, waits=effect is Passing.HOLD)


def _as_if_put(contract: SharingContract, one: Either, at: datetime) -> ContractVersion:
    return ContractVersion(
        contract=contract, number=1, digest=one.digest, source=one.source, put_at=at, put_by=""
    )
