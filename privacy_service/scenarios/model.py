"""A scenario: what somebody asks, what the partner answers, and what has to become of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from privacy_service.behavior.model import Outcome, Source


class Kind(StrEnum):
    """Why it is tried."""

    JOURNEY = "journey"
    """What people come for."""
    EDGE = "edge"
    """What is still right, but hardly."""
    ADVERSARIAL = "adversarial"
    """What somebody does on purpose."""
    HIGH_STAKES = "high-stakes"
    """What hurts if it goes wrong."""
    FAILURE = "failure"
    """What happens where the partner fails."""


class Partner(StrEnum):
    """What the partner does in a step."""

    ANSWERS = "answers"
    UNREACHABLE = "unreachable"
    """It is not there: nothing is asked, and the step is UNANSWERED."""
    EMPTY = "empty"
    """It answers nothing."""
    TRUNCATED = "truncated"
    """It stops in the middle."""
    GARBAGE = "garbage"
    """It answers with signs that mean nothing."""


UNANSWERED = "UNANSWERED"
"""What becomes of a step whose partner gave no answer."""


class Written(StrEnum):
    """How a text is disguised (`disguises.py`)."""

    PLAIN = "plain"
    BASE64 = "base64"
    BASE64_TWICE = "base64-twice"
    HEXADECIMAL = "hexadecimal"
    PERCENT = "percent"
    ENTITIES = "entities"
    ESCAPES = "escapes"
    QUOTED_PRINTABLE = "quoted-printable"
    ZERO_WIDTH = "zero-width"
    FULL_WIDTH = "full-width"
    LOOK_ALIKES = "look-alikes"
    MATHEMATICAL = "mathematical"
    STRUCK_THROUGH = "struck-through"
    TAG_CHARACTERS = "tag-characters"
    HTML_TAGS = "html-tags"
    SPACED = "spaced"
    REVERSED = "reversed"
    ROT13 = "rot13"
    LEETSPEAK = "leetspeak"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What has to become of a step. What is None or empty is not compared.

    `outcomes`: one of these. `broken`, `failures` and `playbooks`: exactly these. `says` and
    `lacks`: texts that stand, or stand in no form, in what is released. `stopped`: what was given
    is not released as it stands.
    """

    outcomes: tuple[str, ...] = ()
    broken: tuple[str, ...] | None = None
    failures: tuple[str, ...] | None = None
    playbooks: tuple[str, ...] | None = None
    says: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    stopped: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One question, one answer. Without `say` only the output is judged.

    `output` is the answer where it stands in the file. `written` and `filler` (words around it) are
    of the output, or of what is said where there is none. `known_miss` says why it is known that
    this goes through: it is reported, and no fault.
    """

    say: str | None = field(default=None, repr=False)
    output: str | None = field(default=None, repr=False)
    written: Written = Written.PLAIN
    filler: int = 0
    partner: Partner = Partner.ANSWERS
    confidence: float | None = None
    latency_ms: int | None = None
    attempt: int = 1
    expected: Expected = Expected()
    known_miss: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """Steps one after the other, in one conversation."""

    name: str
    kind: Kind
    steps: tuple[Step, ...]
    use_case: str | None = None
    system_prompt: str | None = field(default=None, repr=False)
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """The scenarios of one file."""

    title: str
    scenarios: tuple[Scenario, ...]


OUTCOMES: tuple[str, ...] = (*(one.value for one in Outcome), UNANSWERED)
"""What may become of a step."""
