"""The mailing of one approved notice to the people that a breach concerns, person by person.

    running ⇄ paused          running ──everybody was looked at──▶ ended
       └──────┴──▶ cancelled ──started again──▶ running

Who is concerned is what the breach's scope says; each is known by a keyed digest. A letter is known
by the keyed digest of the address that it goes to, and no address is kept. There is at most one
letter to an address, whatever dies, and however often the mailing is paused, cancelled or
started:

    sending ──▶ sent ──▶ bounced
       │ ├────▶ refused (by the recipient's server, or after many attempts)
       │ └────▶ waiting (the server said: later) ──▶ sending
       └──────▶ in doubt (the line or the machine died while it was handed over): not sent again
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from privacy_service import errors
from privacy_service.breaches.scope import ScopeQuestion
from privacy_service.errors import PrivacyError
from privacy_service.payloads.document import Document

DEFAULT_BATCH: Final = 50
MOST_BATCH: Final = 500
MOST_ATTEMPTS: Final = 8
"""After which a server that says "later" about one address has refused it."""
SENDING_TAKES: Final = timedelta(minutes=5)
"""Whoever has begun to send a letter and has not written down the end by then has died."""
_ADDRESS: Final = re.compile(r"[^\s<>()\[\],;:\\\"@\x00-\x1f\x7f]{1,64}@[\w.-]{1,190}")
_REFERENCE: Final = re.compile(
    r"<?(?P<notice>notice-[0-9a-f]+)\.(?P<letter>[0-9a-f]{32})@[^>\s]*>?"
)


class MailingState(StrEnum):
    """Where a mailing stands."""

    RUNNING = "running"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    ENDED = "ended"


class MailingAct(StrEnum):
    """What somebody does with a mailing."""

    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"


class Reach(StrEnum):
    """Whether a person can be written to."""

    WRITTEN = "written"
    """There is an address, and a letter to it."""
    BESIDE = "beside"
    """It is an identifier that stands in one record with an address of somebody who is written to:
    of the same person, most of the time.
    """
    WITHOUT = "without"
    """There is no address here: another notice is needed."""


class LetterState(StrEnum):
    """What became of one letter."""

    SENDING = "sending"
    WAITING = "waiting"
    SENT = "sent"
    REFUSED = "refused"
    IN_DOUBT = "in_doubt"
    BOUNCED = "bounced"
    DRILL = "drill"
    """It would have been sent, if it were not a drill."""


_FROM: Final[Mapping[MailingAct, frozenset[MailingState]]] = {
    MailingAct.PAUSE: frozenset({MailingState.RUNNING}),
    MailingAct.RESUME: frozenset({MailingState.PAUSED}),
    MailingAct.CANCEL: frozenset({MailingState.RUNNING, MailingState.PAUSED}),
}
_TO: Final[Mapping[MailingAct, MailingState]] = {
    MailingAct.PAUSE: MailingState.PAUSED,
    MailingAct.RESUME: MailingState.RUNNING,
    MailingAct.CANCEL: MailingState.CANCELLED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Contacts:
    """Where addresses are: in the records kept for `partner`; only below a field of one of these
    names, where there are any.
    """

    partner: str
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailing:
    """One mailing; it is named like its notice. `people` is how many were concerned as it began,
    `place` the last one that was looked at, `batches` how many batches were done.
    """

    notice: str
    state: MailingState
    question: ScopeQuestion = field(repr=False)
    contacts: Contacts
    batch: int
    people: int
    place: str = ""
    walked: bool = False
    batches: int = 0
    attempts: int = 0
    """How often in a row the mail server was away."""
    not_before: datetime
    begun_by: str
    begun_at: datetime
    ended_at: datetime | None = None

    def done(self, act: MailingAct, *, now: datetime) -> Mailing:
        """With what somebody does. Raises MAILING_STATE where it cannot follow."""
        if self.state not in _FROM[act]:
            raise PrivacyError(errors.MAILING_STATE, notice=self.notice, state=self.state.value)
        return replace(self, state=_TO[act], not_before=now, attempts=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One letter, by the keyed digest of its address."""

    notice: str
    recipient: str
    state: LetterState
    attempts: int
    at: datetime
    said: str = ""

    @property
    def id(self) -> str:
        """By what its recipient knows it: the same at every attempt."""
        return f"{self.notice}.{self.recipient[:32]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a mailing is: people by whether they can be written to, letters by what became of
    them.
    """

    reached: Mapping[Reach, int]
    letters: Mapping[LetterState, int]
    refused: Mapping[str, int] = field(default_factory=dict)
    """Letters that were refused, by what was said: the mail server's code, or why we refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailingPlan:
    """What would be sent. `sampled`: only so many people were looked at, and the rest is counted
    in proportion.
    """

    people: int
    reached: Mapping[Reach, int]
    batches: int
    sampled: int


def planned(people: int, seen: Mapping[Reach, int], batch: int) -> MailingPlan:
    """The plan, from what some of the people are like. Digests come in no order, so that the first
    of them are as good a sample as any.
    """
    looked = sum(seen.values())
    reached = {
        reach: round(seen.get(reach, 0) * people / looked) if looked else 0 for reach in Reach
    }
    return MailingPlan(people=people, reached=reached, batches=-(-people // batch), sampled=looked)


def letter_named(reference: str) -> tuple[str, str]:
    """The notice, and the beginning of the recipient's digest, of a letter's Message-ID. Raises
    MAILING_NOT_FOUND.
    """
    found = _REFERENCE.fullmatch(reference.strip())
    if found is None:
        raise PrivacyError(errors.MAILING_NOT_FOUND)
    return found["notice"], found["letter"]


def addresses(document: Document, fields: Iterable[str]) -> tuple[str, ...]:
    """The e-mail addresses that are whole values of a record (below fields of these names)."""
    wanted = {name.casefold() for name in fields}
    found: dict[str, None] = {}
    for node in document.nodes:
        text = node.text.strip() if node.kind.scalar else ""
        if _ADDRESS.fullmatch(text) is None:
            continue
        names = [step.casefold() for step in node.path if isinstance(step, str)]
        if not wanted or (names and names[-1] in wanted):
            found[text] = None
    return tuple(found)


def address_of(
    person: str,
    subjects: Iterable[str],
    candidates: Iterable[str],
    digests: Callable[[str], tuple[str, ...]],
) -> tuple[Reach, str | None]:
    """Whether a record tells where to write to a person, and where. `digests` gives the keyed
    digests of an address, under every version of the key.

    Sure is an address that the person is known by. Else a record that is about nobody else and has
    one address alone is taken at its word.
    """
    found = tuple(dict.fromkeys(candidates))
    known = {address: digests(address) for address in found}
    own = [address for address in found if person in known[address]]
    if own:
        return Reach.WRITTEN, own[0]
    others = set(subjects) - {person}
    if any(not others.isdisjoint(digested) for digested in known.values()):
        return Reach.BESIDE, None
    if not others and len(found) == 1:
        return Reach.WRITTEN, found[0]
    return Reach.WITHOUT, None
