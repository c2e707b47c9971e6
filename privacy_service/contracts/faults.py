"""What is wrong with a contract as it was written, and where."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum

from privacy_service import errors
from privacy_service.errors import PrivacyError, Reason


class Severity(StrEnum):
    """Whether the contract may be put. A warning says that it may not mean what it says."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is wrong.

    `line` and `column` count from 1, in code points. `path` says which key (`fields[2].path`).
    `fix` says what to do, and is never empty.
    """

    line: int
    column: int
    path: str
    says: str
    fix: str
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        where = f"{self.path}: " if self.path else ""
        return f"{self.line}:{self.column}: {self.severity}: {where}{self.says} ({self.fix})"


class WrittenFault(PrivacyError):  # noqa: N818 - it names what it carries
    """What somebody wrote does not hold up, with every fault that was found, by position."""

    def __init__(self, name: str, reason: Reason, faults: Iterable[Fault], **details: str) -> None:
        self.faults = tuple(sorted(faults, key=lambda fault: (fault.line, fault.column)))
        first = self.faults[0]
        super().__init__(
            reason,
            **details,
            line=first.line,
            column=first.column,
            faults=len(self.faults),
        )
        self.name = name

    def __str__(self) -> str:
        return "\n".join(f"{self.name}:{fault}" for fault in self.faults)


class ContractFault(WrittenFault):
    """CONTRACT_INVALID."""

    def __init__(self, name: str, faults: Iterable[Fault]) -> None:
        super().__init__(name, errors.CONTRACT_INVALID, faults, contract=name)


def shown(word: str) -> str:
    """A word of the contract in quotes, cut off where it is long."""
    return repr(word if len(word) <= 60 else word[:60] + "…")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A fix that names what is nearest to `word` among what is known."""
    choices = sorted(known)
    near = _nearest(word.casefold()[:80], choices)
    if near:
        return "did you mean " + " or ".join(near) + "?"
    if len(choices) <= 12:
        return "write one of " + ", ".join(choices)
    return f"write one of the {len(choices)} that the JSON Schema lists"


def _nearest(word: str, choices: Iterable[str]) -> list[str]:
    """By the whole word; failing that, by one part of a name (`EMIAL` and `EMAIL_ADDRESS`)."""
    whole = {choice.casefold(): choice for choice in choices}
    near = get_close_matches(word, whole, n=3, cutoff=0.6)
    if near:
        return [whole[match] for match in near]
    parts = {part: choice for folded, choice in whole.items() for part in folded.split("_")}
    return [parts[match] for match in get_close_matches(word, parts, n=1, cutoff=0.75)]
