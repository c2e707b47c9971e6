"""Samples: outputs that were released, judged by people afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from privacy_service import errors
from privacy_service.access import Caller, Role
from privacy_service.clock import Clock
from privacy_service.custody.acts import Acts
from privacy_service.custody.held_checks import contract_of, require_trained, version_of
from privacy_service.custody.once import Done, Once, OnceAct, act_once, by_person
from privacy_service.desks.ports.reviews import AcknowledgeTraining, GetAgreement, JudgeSample
from privacy_service.enforcement.answer import AuditStamp
from privacy_service.errors import PrivacyError
from privacy_service.evidence.entries import AuditEntry, ContractRef, EntryKind
from privacy_service.reviews.agreement import Agreement, agreement
from privacy_service.reviews.review import Review, ReviewState
from privacy_service.store.database import Database
from privacy_service.store.views import Writing

JUDGE: Final = "ReviewService/JudgeSample"
ACKNOWLEDGE: Final = "ReviewService/AcknowledgeTraining"
_USUAL_SPAN: Final = timedelta(days=90)
_LONGEST_SPAN: Final = timedelta(days=366)


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplesDesk:
    """Answers ReviewService about samples."""

    database: Database
    acts: Acts
    once: Once
    clock: Clock

    def judge_sample(
        self, caller: Caller, request: JudgeSample, *, seconds: float | None
    ) -> tuple[Review, AuditStamp]:
        """Says what somebody thinks of a sample. Once enough have, it is no longer kept.

        Raises REVIEW_NOT_FOUND, REVIEW_OTHER_KIND, REVIEW_DECIDED, REVIEW_SEEN_DIFFERS,
        REVIEW_SAME_PERSON, SAMPLE_LABEL_UNKNOWN, REQUEST_ID_REUSED.
        """
        now = self.clock.now()
        with self.database.reading() as view:
            sample = view.reviews.get(request.review_id)
        attempt = AuditEntry(
            kind=EntryKind.ATTEMPT,
            action=JUDGE,
            at=now,
            actor=caller.name,
            partner=sample.sender,
            counterparty=sample.recipient,
            request=self.once.request(JUDGE, request.review_id, request.seen, request.label),
            payload_out=sample.seen,
            resource=sample.id,
        )

        def change(tx: Writing) -> Done[Review]:
            judged = tx.reviews.get(request.review_id).judged(
                by=caller.name, seen=request.seen, now=now
            )
            require_trained(tx, judged, caller.name, now)
            _require_label(tx, judged, request.label)
            tx.reviews.judge(judged, by=caller.name, label=request.label, at=now)
            tx.reviews.move(judged)
            if judged.state is ReviewState.JUDGED:
                tx.reviews.empty(judged.id)
            return Done(value=judged, outcome="JUDGED", contracts=judged.contracts)

        act = OnceAct(
            attempt=attempt,
            whose=by_person(caller.name),
            request_id=request.request_id,
            change=change,
            again=lambda tx, _first: tx.reviews.get(request.review_id),
        )
        return act_once(self.acts, self.once, act, seconds=seconds)

    def acknowledge_training(
        self, caller: Caller, request: AcknowledgeTraining, *, seconds: float | None
    ) -> tuple[datetime | None, AuditStamp]:
        """Keeps that somebody has taken a training; until when that holds (None: for good).

        Raises CONTRACT_NOT_FOUND, TRAINING_NOT_FOUND, REQUEST_ID_REUSED.
        """
        now = self.clock.now()
        with self.database.reading() as view:
            version = version_of(view, request.contract_id)
        asked = {one.id: one for one in version.contract.review.training}.get(request.training)
        if asked is None:
            raise PrivacyError(errors.TRAINING_NOT_FOUND, training=request.training)
        valid, contract_id = asked.valid, version.contract.id
        attempt = AuditEntry(
            kind=EntryKind.ATTEMPT,
            action=ACKNOWLEDGE,
            at=now,
            actor=caller.name,
            partner=version.contract.party,
            counterparty=version.contract.provider,
            request=self.once.request(ACKNOWLEDGE, contract_id, asked.id),
            resource=contract_id,
            reason=asked.id,
        )

        def until(at: datetime) -> datetime | None:
            return None if valid is None else at + valid

        def change(tx: Writing) -> Done[datetime | None]:
            tx.reviews.acknowledge(caller.name, contract_id, asked.id, now)
            ref = ContractRef(id=contract_id, number=version.number, digest=version.digest)
            return Done(value=until(now), outcome="ACKNOWLEDGED", contracts=(ref,))

        act = OnceAct(
            attempt=attempt,
            whose=by_person(caller.name),
            request_id=request.request_id,
            change=change,
            again=lambda tx, first: until(
                tx.reviews.acknowledged(caller.name, contract_id).get(asked.id, first.at)
            ),
        )
        return act_once(self.acts, self.once, act, seconds=seconds)

    def get_agreement(
        self, caller: Caller, request: GetAgreement, *, seconds: float | None
    ) -> Agreement:
        """How far those who judged samples under a contract agree. Raises CONTRACT_NOT_FOUND."""
        del seconds
        until = request.until or self.clock.now()
        since = request.since or until - _USUAL_SPAN
        if not since < until <= since + _LONGEST_SPAN:
            raise PrivacyError(
                errors.REQUEST_INVALID,
                field="since",
                says=f"it must be before the end, and within {_LONGEST_SPAN.days} days of it",
            )
        with self.database.reading() as view:
            party = view.behavior.newest(request.contract_id).party
            if not caller.roles & {Role.OFFICER, Role.AUDITOR} and caller.partner != party:
                raise PrivacyError(errors.CONTRACT_NOT_FOUND, contract=request.contract_id)
            return agreement(view.reviews.judgements(request.contract_id, since=since, until=until))


def _require_label(tx: Writing, sample: Review, label: str) -> None:
    terms = contract_of(tx, sample).sampling
    if terms is None or label not in terms.labels:
        raise PrivacyError(errors.SAMPLE_LABEL_UNKNOWN, review=sample.id)
