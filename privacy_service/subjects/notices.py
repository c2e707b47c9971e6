"""Notices to recipients of what became of data that they were given (GDPR Art. 19).

    waiting ──told──▶ told ──confirmed──▶ confirmed
       │  ▲             │
       │  └─ tried again, with longer and longer pauses, until the deadline
       └───────▶ escalated (the deadline passed)    excused (impossible or disproportionate)

A notice names no one: it carries ids of disclosures that the recipient knows, and the tokens that
it holds for this person.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from privacy_service import errors
from privacy_service.errors import PrivacyError
from privacy_service.subjects.reasons import Serves, justified

MOST_NAMED: Final = 1000
"""Disclosures, and tokens, that one notice names; where there are more it says so."""
_FIRST_PAUSE: Final = timedelta(minutes=1)
_LONGEST_PAUSE: Final = timedelta(hours=6)
_REMIND_AFTER: Final = timedelta(days=3)


class NoticeKind(StrEnum):
    """What the recipient has to do."""

    ERASURE = "erasure"
    RESTRICTION = "restriction"
    """Store what was given, and use it for nothing else."""
    OBJECTION = "objection"
    """The person objects to the purpose that it was given for."""
    RECTIFICATION = "rectification"
    """Correct what was given: what the fields named hold is wrong."""
    RESTRICTION_LIFTED = "restriction_lifted"
    """What the recipient was told to store only may be used again."""
    OBJECTION_LIFTED = "objection_lifted"
    """The person has taken the objection back."""
    RETENTION_ENDED = "retention_ended"
    """What the recipient may keep is over."""
    CONTRACT_ENDED = "contract_ended"
    """The contract that it was given under is at its end: what was given comes back, and goes."""
    CONSENT_WITHDRAWN = "consent_withdrawn"
    """The person has withdrawn the consent on which it was given."""


class NoticeState(StrEnum):
    """How far a notice is."""

    WAITING = "waiting"
    TOLD = "told"
    CONFIRMED = "confirmed"
    ESCALATED = "escalated"
    EXCUSED = "excused"


UNSETTLED: Final = frozenset({NoticeState.WAITING, NoticeState.TOLD})
UNCONFIRMED: Final = UNSETTLED | {NoticeState.ESCALATED}
"""What a recipient has still to answer for, also after its deadline."""


class Channel(StrEnum):
    """How a recipient is told."""

    PULL = "pull"
    """It asks: `NoticeService.ListNotices`."""
    WEBHOOK = "webhook"
    """Its address is called, as Standard Webhooks say."""
    EMAIL = "email"
    """It is written to, and confirms by a link or over the API."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectedField:
    """A field that was corrected, and what became of it before the recipient was given it: a
    treatment, or empty where none is known.

    `old_words` are the tokens or hashes by which the recipient knows the wrong value, `new_word`
    the one that stands for the right one; empty where there are none.
    """

    field: str
    treatment: str = ""
    old_words: tuple[str, ...] = ()
    new_word: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Concerns:
    """What a notice is about. `more`: there are more than are named."""

    disclosures: tuple[str, ...] = ()
    tokens: tuple[str, ...] = ()
    more: bool = False
    corrected: tuple[CorrectedField, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One notice to one recipient. It is tried again, or reminded of, at `next_at`.

    `request_id` is the subject request that it comes from; empty: it comes from none.
    """

    id: str
    request_id: str
    recipient: str
    kind: NoticeKind
    concerns: Concerns
    state: NoticeState
    channel: Channel
    attempts: int = 0
    next_at: datetime
    deadline: datetime
    made_at: datetime
    told_at: datetime | None = None
    confirmed_at: datetime | None = None
    confirmed_by: str | None = None
    reason: str | None = None

    @property
    def settled(self) -> bool:
        """Whether nothing more will come of it by itself."""
        return self.state not in UNSETTLED

    def told(self, at: datetime) -> Notice:
        """It reached the recipient, which is reminded if it does not confirm."""
        if self.settled:
            return self
        return replace(
            self,
            state=NoticeState.TOLD,
            attempts=self.attempts + 1,
            told_at=self.told_at or at,
            next_at=at + _REMIND_AFTER,
        )

    def unheard(self, at: datetime) -> Notice:
        """It did not reach the recipient: tried again after a pause, which doubles."""
        if self.settled:
            return self
        pause = min(_FIRST_PAUSE * 2 ** min(self.attempts, 16), _LONGEST_PAUSE)
        return replace(self, attempts=self.attempts + 1, next_at=at + pause)

    def reminder(self, at: datetime) -> int:
        """Which reminder it is that goes out now: 0 for the first time that it is told."""
        return 0 if self.told_at is None else max(1, (at - self.told_at) // _REMIND_AFTER)

    def by_deadline(self) -> Notice:
        """With nothing due after its deadline."""
        return replace(self, next_at=min(self.next_at, self.deadline))

    def at_deadline(self) -> Notice:
        """With nothing due before its deadline: the recipient asks by itself."""
        return replace(self, next_at=self.deadline)

    def confirmed(self, *, by: str, at: datetime) -> Notice:
        """The recipient has done what it had to; also after the deadline. Twice is once."""
        if self.state is NoticeState.CONFIRMED:
            return self
        return replace(
            self,
            state=NoticeState.CONFIRMED,
            told_at=self.told_at or at,
            confirmed_at=at,
            confirmed_by=by,
            concerns=Concerns(),
        )

    def escalated(self) -> Notice:
        """The deadline passed before the recipient confirmed."""
        return self if self.settled else replace(self, state=NoticeState.ESCALATED)

    def excused(self, *, reason: str) -> Notice:
        """The recipient need not be told, for a coded reason. Raises JUSTIFICATION_UNKNOWN, and
        REQUEST_STATE for one that has confirmed.
        """
        justified(reason, Serves.KEEPING)
        if self.state is NoticeState.CONFIRMED:
            raise PrivacyError(errors.REQUEST_STATE, notice=self.id, state=self.state.value)
        return replace(self, state=NoticeState.EXCUSED, reason=reason, concerns=Concerns())
