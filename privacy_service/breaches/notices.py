"""A notice about a breach, from its draft to its receipt.

    draft → reviewed → approved → queued → sending → sent → received | bounced
                                    ▲  │      │ └──▶ in doubt (the machine died while it was sent)
                                    │  └──────┼────▶ sent (the partner asked for it)
                                    └─────────┘ (the recipient's server said: later)

What is approved is bound to its digest: of the text, to whom, and how. Whoever changes a notice
drafts a new one. A notice in doubt is never sent again by itself: a person looks
whether it arrived.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from privacy_service import errors
from privacy_service.errors import PrivacyError


class NoticeState(StrEnum):
    """Where a notice stands."""

    DRAFT = "draft"
    REVIEWED = "reviewed"
    APPROVED = "approved"
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    IN_DOUBT = "in_doubt"
    REFUSED = "refused"
    RECEIVED = "received"
    BOUNCED = "bounced"
    WITHDRAWN = "withdrawn"


class Phase(StrEnum):
    """Which notice of several under one rule."""

    INITIAL = "initial"
    FOLLOW_UP = "follow_up"
    FINAL = "final"


class Decision(StrEnum):
    """What a person says of a notice."""

    REVIEWED = "reviewed"
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"
    RECEIVED = "received"
    BOUNCED = "bounced"
    NOT_SENT = "not_sent"
    """Of one in doubt: it did not arrive, and may be sent again."""


_MAY_FOLLOW: Final[Mapping[Decision, frozenset[NoticeState]]] = {
    Decision.REVIEWED: frozenset({NoticeState.DRAFT}),
    Decision.APPROVED: frozenset({NoticeState.DRAFT, NoticeState.REVIEWED}),
    Decision.WITHDRAWN: frozenset(
        {
            NoticeState.DRAFT, NoticeState.REVIEWED, NoticeState.APPROVED, NoticeState.QUEUED,
            NoticeState.REFUSED,
        }
    ),
    Decision.RECEIVED: frozenset({NoticeState.SENT, NoticeState.IN_DOUBT}),
    Decision.BOUNCED: frozenset({NoticeState.SENT, NoticeState.IN_DOUBT}),
    Decision.NOT_SENT: frozenset({NoticeState.IN_DOUBT}),
}  # fmt: skip
_BECOMES: Final[Mapping[Decision, NoticeState]] = {
    Decision.REVIEWED: NoticeState.REVIEWED,
    Decision.APPROVED: NoticeState.APPROVED,
    Decision.WITHDRAWN: NoticeState.WITHDRAWN,
    Decision.RECEIVED: NoticeState.RECEIVED,
    Decision.BOUNCED: NoticeState.BOUNCED,
    Decision.NOT_SENT: NoticeState.APPROVED,
}


FOR_PARTNER: Final = frozenset(
    {
        NoticeState.QUEUED, NoticeState.SENDING, NoticeState.SENT, NoticeState.IN_DOUBT,
        NoticeState.RECEIVED,
    }
)  # fmt: skip
"""The states in which a partner sees the notices that are for it."""
PAUSES: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 10, 15))
"""After which a server that said "later" is asked again; the last one goes on."""
_ALARMED: Final = frozenset({3, 10, 30, 100, 300, 1000})
_ATTEMPTS_LEFT: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class BreachNotice:
    """One notice under one rule to one recipient.

    `missing` are the contents that the law asks for and that are not known yet. `to` is an e-mail
    address, `partner` one that is told as it wants to be; both empty for one that is printed and
    handed in.
    """

    id: str
    breach: str
    rule: str
    place: str
    phase: Phase
    language: str
    subject: str = field(repr=False)
    text: str = field(repr=False)
    missing: tuple[str, ...]
    to: str = field(default="", repr=False)
    partner: str = ""
    drill: bool = False
    state: NoticeState = NoticeState.DRAFT
    drafted_by: str
    drafted_at: datetime
    approved_by: str | None = None
    approved_at: datetime | None = None
    approved_digest: str | None = None
    attempts: int = 0
    not_before: datetime | None = None
    sent_at: datetime | None = None
    reference: str = ""
    said: str = field(default="", repr=False)
    """What the recipient's server or a person said last."""

    @property
    def digest(self) -> str:
        """Of what is approved and sent."""
        whole = [self.breach, self.rule, self.place, self.phase.value, self.language]
        whole += [self.subject, self.text, self.to]
        whole += [self.partner] if self.partner else []
        return "sha256:" + hashlib.sha256(json.dumps(whole).encode()).hexdigest()

    def decided(
        self, decision: Decision, *, digest: str, by: str, at: datetime, says: str
    ) -> BreachNotice:
        """With what a person says of it. `digest` is that of what the person saw.

        Raises NOTICE_CHANGED for another digest, NOTICE_NOT_READY where it cannot follow.
        """
        self._require_seen(digest)
        if self.state not in _MAY_FOLLOW[decision]:
            raise PrivacyError(errors.NOTICE_NOT_READY, notice=self.id, state=self.state.value)
        if decision is Decision.APPROVED and self.phase is Phase.FINAL and self.missing:
            missing = ", ".join(self.missing)
            raise PrivacyError(errors.NOTICE_INCOMPLETE, notice=self.id, missing=missing)
        moved = replace(self, state=_BECOMES[decision], said=says)
        if decision is Decision.APPROVED:
            return replace(moved, approved_by=by, approved_at=at, approved_digest=digest)
        return moved

    def queued(self, *, digest: str, at: datetime) -> BreachNotice:
        """To be sent. Raises NOTICE_CHANGED, NOTICE_NOT_READY unless it was approved as it is."""
        self._require_seen(digest)
        if self.state not in (NoticeState.APPROVED, NoticeState.REFUSED):
            raise PrivacyError(errors.NOTICE_NOT_READY, notice=self.id, state=self.state.value)
        if self.approved_digest != self.digest or not (self.to or self.partner):
            raise PrivacyError(errors.NOTICE_NOT_READY, notice=self.id, state=self.state.value)
        return replace(self, state=NoticeState.QUEUED, not_before=at)

    def fetched(self, at: datetime) -> BreachNotice:
        """The partner that it is for has asked for it, and so has it."""
        waited = self.state in (NoticeState.QUEUED, NoticeState.IN_DOUBT)
        return replace(self, state=NoticeState.SENT, sent_at=at) if waited else self

    def _require_seen(self, digest: str) -> None:
        if digest != self.digest:
            raise PrivacyError(errors.NOTICE_CHANGED, notice=self.id)


def next_attempt(attempts: int, *, now: datetime, due: datetime | None) -> datetime:
    """When a server that said "later" is asked again: after a pause that grows with the attempts,
    and is never more than a tenth of the time that is left until it is due.
    """
    pause = PAUSES[min(max(attempts, 1), len(PAUSES)) - 1]
    if due is not None and due > now:
        pause = min(pause, max(PAUSES[0], (due - now) / _ATTEMPTS_LEFT))
    return now + pause


def alarms(notice: BreachNotice) -> bool:
    """Whether somebody has to hear of what became of its sending: at once where only a person can
    go on, and now and then where it just does not go out.
    """
    if notice.state in (NoticeState.REFUSED, NoticeState.IN_DOUBT):
        return True
    return notice.state is NoticeState.QUEUED and notice.attempts in _ALARMED
