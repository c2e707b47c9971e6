"""How a message leaves: one port, an adapter for each way (`mail.py`, `webhook.py`, `AskedFor`).

A parcel has the same id at every attempt, and carries it to the recipient (Message-ID, webhook-id),
who can tell by it that it has it already. No adapter raises for what becomes of a parcel.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class Word(StrEnum):
    """What became of a parcel."""

    SENT = "sent"
    """The recipient's server has taken it."""
    LATER = "later"
    """It was not taken, and may be another time."""
    REFUSED = "refused"
    """It will not be taken, however often."""
    IN_DOUBT = "in_doubt"
    """It was being handed over when the line died: nobody knows."""
    ASKED_FOR = "asked_for"
    """Nothing leaves: the recipient asks for it over the API."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of it; and the server's code, without its words, which may name the recipient."""

    word: Word
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """What is delivered: `subject` and `text` to people, `facts` to machines."""

    id: str
    to: str = field(repr=False)
    subject: str = field(default="", repr=False)
    text: str = field(default="", repr=False)
    facts: Mapping[str, str] = field(default_factory=dict, repr=False)


class Carrier(Protocol):
    """One way to deliver."""

    def deliver(self, parcel: Parcel) -> Outcome:
        """Hands the parcel over, within a bounded time. Where this way is not set up (any more)
        that is `later`: an operator can mend it.
        """
        ...


class AskedFor(Carrier):
    """For recipients that ask by themselves: what waits for them is in the database."""

    def deliver(self, parcel: Parcel) -> Outcome:
        del parcel
        return Outcome(Word.ASKED_FOR, "")
