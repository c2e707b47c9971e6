"""What playing a scenario asks of the world: a partner that answers, and a judge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from privacy_service.behavior.subject import Company


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message of a conversation."""

    role: Literal["system", "user", "assistant"]
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Which answer is asked for: the scenario's name, the step and the try, from 1."""

    scenario: str
    step: int
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a partner answered."""

    text: str = field(repr=False)
    confidence: float | None = None
    latency_ms: int | None = None


class PartnerFailed(Exception):  # noqa: N818 - it says what is so
    """A partner that gave no answer; `why` is one word or two, and nothing that it said."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class AnsweringPartner(Protocol):
    """Whose answers are judged."""

    def answer(self, turn: Turn, conversation: Sequence[Message]) -> Said:
        """Raises PartnerFailed."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What became of a prompt or an output. `content` is what is released, None for nothing."""

    outcome: str
    content: str | None = field(repr=False)
    broken: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()
    playbooks: tuple[str, ...] = ()
    ask: tuple[str, ...] = ()


class Judge(Protocol):
    """What a behavior contract makes of a text. Raises PrivacyError where it cannot judge."""

    def prompt(self, text: str, company: Company) -> Judged: ...

    def output(self, text: str, company: Company) -> Judged: ...
