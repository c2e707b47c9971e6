"""A review: a payload that waits for a person, and the moves that it can make.

    (held) ──▶ waiting ──approve──▶ approved          (with four eyes: waiting until the second)
                  │  ├──edit──▶ waiting, for other eyes: approvals so far count no more
                  │  └──correction of somebody's data──▶ waiting, to be edited or rejected
                  ├──reject──▶ rejected
                  ├──time──▶ expired
                  └──judge──▶ judged          (a sample only, which none of the others moves)

A decision is bound to the digest of what was seen: whoever has seen something else decides nothing.
While it is given to somebody, nobody else decides: who wants to, takes it over first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Final

from privacy_service import errors
from privacy_service.errors import PrivacyError
from privacy_service.evidence.entries import ContractRef

SUBJECT_CORRECTED: Final = "SUBJECT_CORRECTED"
"""The reason of a review whose people had data corrected since: it is not released as it is."""


class ReviewKind(StrEnum):
    """What waits."""

    TRANSFER = "transfer"
    """A payload, held by a sharing contract."""
    PROMPT = "prompt"
    """What is to go to a model, held by a behavior contract."""
    OUTPUT = "output"
    """What came from a model, held by a behavior contract."""
    SAMPLE = "sample"
    """What came from a model and was released: people judge it, and nothing is released by that."""
    CASE = "case"
    """What came up in a validation, kept to be replayed: it is decided from the beginning, and
    nobody can collect it.
    """

    @property
    def is_check(self) -> bool:
        """Whether a behavior contract holds it."""
        return self in (ReviewKind.PROMPT, ReviewKind.OUTPUT)


class Priority(IntEnum):
    """How soon it should be looked at: the more, the sooner."""

    LOW = 0
    MEDIUM = 1
    HIGH = 2
    CRITICAL = 3


class ReviewState(StrEnum):
    """Where a review stands."""

    WAITING = "waiting"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"
    JUDGED = "judged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What is known of a review without opening it. It holds no payload and no value.

    `reasons` are why it waits (`ENTITY_HELD:HEALTH_CONDITION`). `seen` is the keyed digest of the
    payload as it waits. `approvals` are the names of those who approved it so far. `position` is
    the audit position of the release, once there was one. `party` is whose check it is, None for a
    transfer. It should be decided by `due_at` (None: by the end). `reason_code` is the contract's
    own word for why it was decided so. `escalated` counts the steps of the contract's escalation.
    What was approved is kept until `forget_at` at most, where its contract says how long.
    """

    id: str
    sender: str
    recipient: str
    purpose: str
    content_type: str
    contracts: tuple[ContractRef, ...]
    reasons: tuple[str, ...]
    seen: str
    held_at: datetime
    expires_at: datetime
    four_eyes: bool
    kind: ReviewKind = ReviewKind.TRANSFER
    party: str | None = None
    priority: Priority = Priority.MEDIUM
    due_at: datetime | None = None
    state: ReviewState = ReviewState.WAITING
    assigned_to: str | None = None
    approvals: tuple[str, ...] = ()
    decided_by: str | None = None
    decided_at: datetime | None = None
    note: str | None = None
    position: int | None = None
    reason_code: str | None = None
    escalated: int = 0
    forget_at: datetime | None = None

    @property
    def due(self) -> datetime:
        """By when somebody should have decided."""
        return self.due_at or self.expires_at

    def concerns(self, partner: str | None) -> bool:
        """Whether a partner may know of it: either side of a transfer, the party of a check."""
        sides = (self.sender, self.recipient) if self.party is None else (self.party,)
        return partner in sides

    def at(self, now: datetime) -> Review:
        """The review as it stands at an instant: what nobody decided in time is expired."""
        if self.state is ReviewState.WAITING and now >= self.expires_at:
            return replace(self, state=ReviewState.EXPIRED, decided_at=self.expires_at)
        return self

    def assigned(self, to: str, *, now: datetime) -> Review:
        """To be decided by `to`; empty: by anybody. Raises REVIEW_DECIDED."""
        return replace(self._waiting(now), assigned_to=to or None)

    def approved(
        self, *, by: str, seen: str, note: str, now: datetime, code: str | None = None
    ) -> Review:
        """Approved by one more person; released where that is enough (`state` says so). Where it
        is not, it is then anybody's: the second person is another one.

        Raises REVIEW_DECIDED, REVIEW_SEEN_DIFFERS, REVIEW_ASSIGNED, REVIEW_OUTDATED, and
        REVIEW_SAME_PERSON for who has approved it.
        """
        waiting = self._seen(seen, now, by)
        if SUBJECT_CORRECTED in self.reasons:
            raise PrivacyError(errors.REVIEW_OUTDATED, review=self.id)
        if by in waiting.approvals:
            raise PrivacyError(errors.REVIEW_SAME_PERSON, review=self.id)
        approvals = (*waiting.approvals, by)
        if self.four_eyes and len(approvals) < 2:
            return replace(
                waiting, approvals=approvals, note=note, reason_code=code, assigned_to=None
            )
        return replace(
            waiting,
            state=ReviewState.APPROVED,
            approvals=approvals,
            decided_by=by,
            decided_at=now,
            note=note,
            reason_code=code,
        )

    def rejected(
        self, *, by: str, seen: str, note: str, now: datetime, code: str | None = None
    ) -> Review:
        """Refused for good. Raises REVIEW_DECIDED, REVIEW_SEEN_DIFFERS, REVIEW_ASSIGNED."""
        return replace(
            self._seen(seen, now, by),
            state=ReviewState.REJECTED,
            decided_by=by,
            decided_at=now,
            note=note,
            reason_code=code,
        )

    def judged(self, *, by: str, seen: str, now: datetime) -> Review:
        """A sample, judged by one more person; done where that is enough.

        Raises REVIEW_OTHER_KIND, REVIEW_DECIDED, REVIEW_SEEN_DIFFERS, REVIEW_ASSIGNED,
        REVIEW_SAME_PERSON.
        """
        if self.kind is not ReviewKind.SAMPLE:
            raise PrivacyError(errors.REVIEW_OTHER_KIND, review=self.id, kind=self.kind)
        waiting = self._waiting(now)
        if seen != self.seen:
            raise PrivacyError(errors.REVIEW_SEEN_DIFFERS, review=self.id)
        self._require_theirs(by)
        if by in waiting.approvals:
            raise PrivacyError(errors.REVIEW_SAME_PERSON, review=self.id)
        judges = (*waiting.approvals, by)
        if self.four_eyes and len(judges) < 2:
            return replace(waiting, approvals=judges, assigned_to=None)
        return replace(
            waiting, state=ReviewState.JUDGED, approvals=judges, decided_by=by, decided_at=now
        )

    def edited(self, *, by: str, seen: str, now_seen: str, now: datetime) -> Review:
        """What waits is another payload: approvals of the one before count no more. Whoever edits
        it has looked at it as it is now, also where nothing had to change.

        Raises REVIEW_DECIDED, REVIEW_SEEN_DIFFERS, REVIEW_ASSIGNED.
        """
        waiting = self._seen(seen, now, by)
        return replace(waiting, seen=now_seen, approvals=(), reasons=self._own_reasons)

    def outdated(self) -> Review:
        """With data of a person in it corrected since: it is edited or rejected, and approvals so
        far count no more. A sample was released already, and stays as it is.
        """
        if self.kind is ReviewKind.SAMPLE or SUBJECT_CORRECTED in self.reasons:
            return self
        return replace(self, reasons=(*self.reasons, SUBJECT_CORRECTED), approvals=())

    @property
    def _own_reasons(self) -> tuple[str, ...]:
        return tuple(one for one in self.reasons if one != SUBJECT_CORRECTED)

    def _waiting(self, now: datetime) -> Review:
        if self.at(now).state is not ReviewState.WAITING:
            raise PrivacyError(errors.REVIEW_DECIDED, review=self.id, state=self.at(now).state)
        return self

    def _seen(self, seen: str, now: datetime, by: str) -> Review:
        if self.kind is ReviewKind.SAMPLE:
            raise PrivacyError(errors.REVIEW_OTHER_KIND, review=self.id, kind=self.kind)
        waiting = self._waiting(now)
        if seen != self.seen:
            raise PrivacyError(errors.REVIEW_SEEN_DIFFERS, review=self.id)
        self._require_theirs(by)
        return waiting

    def _require_theirs(self, by: str) -> None:
        if self.assigned_to not in (None, by):
            raise PrivacyError(
                errors.REVIEW_ASSIGNED, review=self.id, assigned_to=str(self.assigned_to)
            )
