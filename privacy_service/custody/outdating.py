"""What was made of a person's data before it was corrected, and is not given out as it was.

A correction changes what is kept. What was made of it earlier lies elsewhere: payloads, prompts and
outputs that wait for a reviewer, and answers that are kept for retries. A reviewer is told that the
data was corrected since, and what waits is not released before somebody has looked at it again. An
answer is deleted: a retry is a new request, and passes as the payload is then.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from privacy_service.custody.acts import log_own_act
from privacy_service.custody.burials import note_deleted
from privacy_service.custody.kept import kept_answer
from privacy_service.custody.protections import FREE, RESTRICTED, Protections
from privacy_service.reviews.review import ReviewState
from privacy_service.store.erasures import KeptAnswer
from privacy_service.store.views import Writing
from privacy_service.subjects.erasures import Count, Thing, summed
from privacy_service.subjects.requests import Identifier, SubjectRequest

ACTION: Final = "SubjectRequestService/Outdate"
_PAGE: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """Answers that were deleted, those that something protects, and where the next page begins;
    None: there is none.
    """

    deleted: tuple[Count, ...]
    kept: tuple[Count, ...]
    after: int | None


def outdate_reviews(
    tx: Writing, request: SubjectRequest, partners: Collection[str], *, at: datetime
) -> int:
    """Has everything about the person that waits, and that one of the partners is a side of, looked
    at again before it is released. How many. They are few: what waits ends within days.
    """
    found = 0
    for of in request.identifiers:
        after = ""
        while rows := tx.erasures.reviews(of, after=after, limit=_PAGE):
            after = rows[-1].id
            for row in rows:
                review = tx.reviews.get(row.id)
                concerned = not {review.sender, review.recipient}.isdisjoint(partners)
                if not concerned or review.at(at).state is not ReviewState.WAITING:
                    continue
                outdated = review.outdated()
                if outdated != review:
                    tx.reviews.outdate(outdated)
                    found += 1
    if found:
        log_own_act(
            tx,
            ACTION,
            at=at,
            resource=request.id,
            outcome="OUTDATED",
            subjects=request.digests,
            reason=f"{found} waiting",
        )
    return found


def forget_answers(
    tx: Writing,
    request: SubjectRequest,
    of: Identifier,
    partners: Collection[str],
    protections: Protections,
    *,
    given_before: datetime,
    after: int,
    at: datetime,
) -> Forgotten:
    """Deletes the next answers that the partners were given about the person before an instant,
    where nothing protects them.
    """
    page = tx.erasures.answers(of, after=after, limit=_PAGE, given_before=given_before)
    rows = [answer for _, answer in page if answer.sender in partners]
    verdicts = protections(tx, [kept_answer(row) for row in rows], request_id=request.id)
    # As with records: a restriction does not stop what serves the person.
    free = [row for row, why in zip(rows, verdicts, strict=True) if why in (FREE, RESTRICTED)]
    kept = [
        _count(row, why)
        for row, why in zip(rows, verdicts, strict=True)
        if why not in (FREE, RESTRICTED)
    ]
    tx.erasures.delete_answers(free)
    note_deleted(tx, free, at=at)
    return Forgotten(
        deleted=summed(_count(row) for row in free),
        kept=summed(kept),
        after=page[-1][0] if len(page) == _PAGE else None,
    )


def _count(row: KeptAnswer, reason: str = "") -> Count:
    return Count(partner=row.sender, thing=Thing.ANSWER, reason=reason, count=1)
