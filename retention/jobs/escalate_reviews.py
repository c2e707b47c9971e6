"""Whom the contract says is told, step by step, of checks that nobody has decided when due."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

from privacy_service.behavior.model import Escalation
from privacy_service.custody.held_checks import contract_of
from privacy_service.evidence.entries import AuditEntry, EntryKind
from privacy_service.reviews.review import Review, ReviewKind, ReviewState
from privacy_service.store.views import View, Writing
from retention.job import Job, Steps
from retention.mail import deliver, message
from retention.workplace import Workplace

ACTION: Final = "job/escalate-reviews"


def _waiting(at: Workplace, most: int) -> tuple[str, ...]:
    now = at.clock.now()
    with at.database.reading() as view:
        late = view.reviews.late(now, limit=most)
        return tuple(f"{one.id}@{one.escalated}" for one in late if _next(view, one, now))


def _next(view: View | Writing, review: Review, now: datetime) -> Escalation | None:
    """The step that is due, if one is."""
    if review.kind is ReviewKind.SAMPLE or review.at(now).state is not ReviewState.WAITING:
        return None
    path = contract_of(view, review).review.escalation
    if review.escalated >= len(path) or review.due + path[review.escalated].after > now:
        return None
    return path[review.escalated]


def _work(at: Workplace, key: str, steps: Steps) -> None:
    review_id, _, level = key.partition("@")
    steps.do("escalate", lambda: _escalate(at, review_id, int(level)))


def _escalate(at: Workplace, review_id: str, level: int) -> None:
    """Mails, then writes down: an alarm that comes twice is better than none."""
    now = at.clock.now()
    with at.database.reading() as view:
        review = view.reviews.get(review_id)
        step = _next(view, review, now)
    if step is None or review.escalated != level:
        return
    at.log.warning("review_overdue", work=review_id)
    _mail(at, review, step)

    def work(tx: Writing) -> None:
        found = tx.reviews.get(review_id)
        if found.escalated != level or found.state is not ReviewState.WAITING:
            return
        entry = AuditEntry(
            kind=EntryKind.ATTEMPT,
            action=ACTION,
            at=now,
            actor=ACTION,
            partner=found.sender,
            counterparty=found.recipient,
            resource=found.id,
        )
        attempt = tx.audit.append(entry)
        effect = replace(entry, kind=EntryKind.EFFECT, outcome="ESCALATED", attempt=attempt)
        tx.audit.append(replace(effect, contracts=found.contracts, reason=step.role))
        tx.reviews.move(replace(found, escalated=level + 1))

    at.database.commit(work)


def _mail(at: Workplace, review: Review, step: Escalation) -> None:
    settings = at.settings.notices
    if settings.smtp_address is None:
        return
    for number, to in enumerate(step.to):
        made = message(
            sender=settings.sender,
            to=to,
            subject=f"Overdue: review {review.id}",
            text=f"{review.kind.value} of {review.sender} for {review.recipient} waits for a person"
            f"\nwhy: {', '.join(review.reasons)}\ndue: {review.due.isoformat()}"
            f"\nits time is over: {review.expires_at.isoformat()}\nyou are: {step.role}\n",
            reference=f"<{review.id}.{review.escalated}.{number}@localhost>",
        )
        deliver(made, settings)


JOB = Job(
    name="escalate-reviews",
    says="Tells whom the contract says of prompts and outputs that nobody has decided in time.",
    cron="* * * * *",
    waiting=_waiting,
    work=_work,
)
