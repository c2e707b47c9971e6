"""What judging one expectation comes to. It holds counts and places, and never a value."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from privacy_service.behavior.subject import TextSpan


class Verdict(StrEnum):
    """Whether an expectation is kept. What could not be judged is treated as broken."""

    KEPT = "KEPT"
    BROKEN = "BROKEN"
    UNDETERMINED = "UNDETERMINED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The verdict, why, and where.

    `why` is one fixed sentence, empty where the expectation is kept; `count` is what was counted,
    `bound` what it was held against, and `name` the contract's own word for it (a topic, a tool).
    `path` is a JSON Pointer into the payload, for what is wrong at one place of its form. `spans`
    are what a redaction takes out.
    """

    verdict: Verdict
    why: str = ""
    count: float | None = None
    bound: float | None = None
    name: str | None = None
    path: str | None = None
    spans: tuple[TextSpan, ...] = ()


@lru_cache(maxsize=1024, typed=True)
def kept(count: float | None = None, bound: float | None = None) -> Judgement:
    """It is as expected."""
    return Judgement(verdict=Verdict.KEPT, count=count, bound=bound)


def broken(
    why: str,
    *,
    count: float | None = None,
    bound: float | None = None,
    name: str | None = None,
    path: str | None = None,
    spans: tuple[TextSpan, ...] = (),
) -> Judgement:
    """It is not as expected."""
    return Judgement(
        verdict=Verdict.BROKEN,
        why=why,
        count=count,
        bound=bound,
        name=name,
        path=path,
        spans=spans,
    )


def undetermined(why: str) -> Judgement:
    """It could not be judged."""
    return Judgement(verdict=Verdict.UNDETERMINED, why=why)
