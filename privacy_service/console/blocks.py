"""What a page is made of: tables, facts, text and acts. Pages say what; one template says how."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Tone(StrEnum):
    """How a word is to be read at a glance; it is always said in the word as well."""

    PLAIN = "plain"
    GOOD = "good"
    SOON = "soon"
    BAD = "bad"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One thing on a page. `href` is a path of the console."""

    text: str = field(repr=False)
    href: str = ""
    tone: Tone = Tone.PLAIN
    more: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows under headings; `empty` is said where there are none."""

    title: str
    heads: tuple[str, ...]
    rows: Sequence[Sequence[Cell]]
    empty: str
    next_href: str = ""
    next_says: str = "More"
    kind: str = "table"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Names with what they are."""

    title: str
    facts: Sequence[tuple[str, Cell]]
    kind: str = "facts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """Where else one may look from here; the one without an address is where one is."""

    title: str
    links: Sequence[Cell]
    kind: str = "links"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prose:
    """A text as it stands; nothing in it is mark-up."""

    title: str
    text: str = field(repr=False)
    kind: str = "prose"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """That a part of the page could not be had, and what to do next."""

    title: str
    reason: str
    message: str
    remedy: str = ""
    details: Mapping[str, str] = field(default_factory=dict)
    kind: str = "trouble"


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One field of a form. `options` make it a choice, `area` a text of several lines. Of a `file`
    only its SHA-256 is taken.
    """

    name: str
    label: str
    help: str = ""
    options: tuple[tuple[str, str], ...] = ()
    value: str = field(default="", repr=False)
    required: bool = True
    area: bool = False
    rows: int = 4
    file: bool = False
    check: bool = False
    most: int = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """An act that is offered: what it does, in words, what is asked for, and what is sent along.

    `grave` acts cannot be taken back by who does them. A `folded` form shows its title alone until
    it is asked for. `also` are other acts that what is written may be sent to, each with its
    button.
    """

    act: str
    title: str
    button: str
    explains: str = ""
    inputs: tuple[Input, ...] = ()
    hidden: Mapping[str, str] = field(default_factory=dict)
    grave: bool = False
    folded: bool = False
    also: tuple[tuple[str, str], ...] = ()
    kind: str = "form"


Block = Table | Facts | Links | Prose | Trouble | Form


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page: its title, the room it belongs to, and its parts in order. `lead` answers at first
    sight what whoever opens it wants to know.
    """

    title: str
    room: str
    blocks: Sequence[Block]
    says: str = ""
    lead: Cell | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """What an act gives to be kept as a file."""

    name: str
    content_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """That an act was done: what is said of it, and where to go on. `page` is shown at once where
    what it shows must not be asked for again.
    """

    says: str
    href: str
    page: Page | None = None
    saved: Saved | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What a form's button does. `href` says where it belongs, for going back after a refusal."""

    name: str
    does: Callable[..., Done]
    href: Callable[[Mapping[str, str]], str]


def word(text: object, tone: Tone = Tone.PLAIN) -> Cell:
    """A cell of plain text; a dash for nothing."""
    said = str(text)
    return Cell(text=said or "–", tone=tone)


def link(text: str, href: str) -> Cell:
    """A cell that leads to a page."""
    return Cell(text=text, href=href)


def options(*names: str) -> tuple[tuple[str, str], ...]:
    """Choices that are called as they are sent, but for underscores."""
    return tuple((name, name.replace("_", " ")) for name in names)


def spoken(enum: Any, number: int) -> str:
    """A value of a protobuf enum as words: `REVIEW_STATE_WAITING` is `waiting`."""
    name: str = enum.Name(number)
    return _without_type(enum, name).lower().replace("_", " ")


def chosen(enum: Any, text: str) -> int:
    """The number of a value that `spoken`, with underscores, named. Raises ValueError."""
    for name, number in enum.items():
        if number and _without_type(enum, name).lower() == text:
            return int(number)
    raise ValueError(text)


def _without_type(enum: Any, name: str) -> str:
    nothing: str = enum.Name(0)
    return name.removeprefix(nothing.removesuffix("UNSPECIFIED"))
