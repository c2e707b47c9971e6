"""What nobody decided in time is refused for good, and what was decided is not kept for long."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Final

from privacy_service.evidence.entries import AuditEntry, EntryKind
from privacy_service.reviews.review import ReviewState
from privacy_service.store.views import Writing
from retention.job import Job, Steps
from retention.workplace import Workplace

ACTION: Final = "job/close-reviews"


def _waiting(at: Workplace, most: int) -> tuple[str, ...]:
    now, days = at.clock.now(), at.settings.reviews.keep_days
    with at.database.reading() as view:
        overdue = view.reviews.overdue(now, limit=most)
        before = now - timedelta(days=days)
        kept = view.reviews.outlived(now, before=before, limit=most - len(overdue))
        over = view.cases.over(now, limit=most)
    return (
        *(f"{one}@expire" for one in overdue),
        *(f"{one}@forget" for one in kept),
        *(f"{one}@unpin" for one in over),
    )


def _work(at: Workplace, key: str, steps: Steps) -> None:
    review_id, _, what = key.partition("@")
    if what == "expire":
        steps.do("expire", lambda: _expire(at, review_id))
    elif what == "unpin":
        steps.do("unpin", lambda: _unpin(at, review_id))
    else:
        steps.do("forget", lambda: at.database.commit(lambda tx: tx.reviews.empty(review_id)))


def _unpin(at: Workplace, review_id: str) -> None:
    """A recorded case whose time is over goes with the reviews that were decided long ago."""
    now = at.clock.now()

    def work(tx: Writing) -> None:
        pin = tx.cases.pin(review_id)
        if pin is not None and pin.keep_until <= now:
            tx.cases.let_go(review_id)
            if tx.reviews.get(review_id).state is not ReviewState.WAITING:
                tx.reviews.empty(review_id)

    at.database.commit(work)


def _expire(at: Workplace, review_id: str) -> None:
    now = at.clock.now()

    def work(tx: Writing) -> None:
        review = tx.reviews.get(review_id)
        ended = review.at(now)
        if ended.state is not ReviewState.EXPIRED or review.state is ReviewState.EXPIRED:
            return  # it was decided, or another worker was here
        entry = AuditEntry(
            kind=EntryKind.ATTEMPT,
            action=ACTION,
            at=now,
            actor=ACTION,
            partner=review.sender,
            counterparty=review.recipient,
            purpose=review.purpose,
            resource=review.id,
        )
        attempt = tx.audit.append(entry)
        tx.audit.append(
            replace(
                entry,
                kind=EntryKind.EFFECT,
                outcome="EXPIRED",
                attempt=attempt,
                contracts=review.contracts,
                payload_out=review.seen,
            )
        )
        tx.reviews.move(ended)
        tx.reviews.empty(review.id)

    at.database.commit(work)


JOB = Job(
    name="close-reviews",
    says="Refuses for good what nobody decided in time; forgets old reviews and recorded cases.",
    cron="* * * * *",
    waiting=_waiting,
    work=_work,
)
