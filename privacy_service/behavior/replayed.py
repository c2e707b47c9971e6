"""The fate of checks under another version of a behavior contract, from what is kept of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from privacy_service.behavior.diff import diff
from privacy_service.behavior.model import (
    BehaviorContract,
    Expectation,
    FailureMode,
    Outcome,
    Remedy,
    RemedyKind,
    Side,
)
from privacy_service.behavior.report import Tally
from privacy_service.contracts.impact import Fate

_COMES_TO: Final[Mapping[RemedyKind, Outcome]] = {
    RemedyKind.NOTE: Outcome.ACCEPTED,
    RemedyKind.REDACT: Outcome.TREATED,
    RemedyKind.ASK_AGAIN: Outcome.ASK_AGAIN,
    RemedyKind.REPLACE: Outcome.TREATED,
    RemedyKind.ABSTAIN: Outcome.ABSTAINED,
    RemedyKind.REFUSE: Outcome.REFUSED,
}
_JUDGES: Final = (
    "expectations",
    "confidence",
    "failure_modes",
    "personal_data_purpose",
    "scope.use",
    "review",
)


@dataclass(frozen=True, slots=True)
class BehaviorReplay:
    """Judges checks under `base` as if `candidate` had been in force."""

    base: BehaviorContract
    candidate: BehaviorContract

    def fate(self, tally: Tally) -> Fate:
        """What the checks of a tally would come to."""
        changes = [
            one
            for one in diff(self.base, self.candidate)
            if one.path.startswith(_JUDGES) and not one.path.endswith((".severity", ".owner"))
        ]
        if not changes:
            return Fate(outcome=tally.outcome.value)
        new = self._remedies(self.candidate, tally)
        if RemedyKind.REFUSE in new:
            return Fate(outcome=Outcome.REFUSED.value)
        because = self._unknown(tally)
        if because is not None:
            return Fate(why=because)
        old = self._remedies(self.base, tally)
        if old == new:
            return Fate(outcome=tally.outcome.value)
        if _outcome(old) is not tally.outcome:
            return Fate(why="something else than its remedies decided it, which is not kept apart")
        return Fate(outcome=_outcome(new).value)

    def _remedies(self, contract: BehaviorContract, tally: Tally) -> frozenset[RemedyKind]:
        """What is known to have been due: of what was broken and what fired, as far as it is
        still the same.
        """
        due: list[Remedy] = [
            one.otherwise
            for one in _of(contract, tally.side)
            if one.id in tally.broken and self._same_must(one.id)
        ]
        due += [
            mode.remedy
            for mode in contract.failure_modes
            if mode.id in tally.failures and self._same_when(mode.id)
        ]
        return frozenset(one.kind for one in due)

    def _unknown(self, tally: Tally) -> str | None:
        if self.base.personal_data_purpose != self.candidate.personal_data_purpose:
            return "what personal data there was is not kept (personal_data_purpose)"
        if self.base.scope.use_cases != self.candidate.scope.use_cases:
            return "which use case it was is not kept apart (scope.use_cases)"
        if self.base.confidence != self.candidate.confidence:
            return "the confidence of each check is not kept apart (confidence)"
        for one in _of(self.candidate, tally.side):
            if not self._same_must(one.id):
                return f"the text is not kept (expectations:{one.id})"
        for mode in self.candidate.failure_modes:
            if not self._same_when(mode.id) or not self._same_expectations(tally.side):
                return f"the signals are not kept (failure_modes:{mode.id})"
        return None

    def _same_must(self, name: str) -> bool:
        old, new = _named(self.base.expectations, name), _named(self.candidate.expectations, name)
        return old is not None and new is not None and (old.must, old.side) == (new.must, new.side)

    def _same_when(self, name: str) -> bool:
        old, new = (_mode(one.failure_modes, name) for one in (self.base, self.candidate))
        return old is not None and new is not None and old.when == new.when

    def _same_expectations(self, side: Side) -> bool:
        """Conditions look at which expectations were broken: so these are to be the same ones."""
        old, new = ({one.id for one in _of(each, side)} for each in (self.base, self.candidate))
        return old == new


def _of(contract: BehaviorContract, side: Side) -> list[Expectation]:
    return [one for one in contract.expectations if one.side is side]


def _named(many: Iterable[Expectation], name: str) -> Expectation | None:
    return next((one for one in many if one.id == name), None)


def _mode(many: Iterable[FailureMode], name: str) -> FailureMode | None:
    return next((one for one in many if one.id == name), None)


def _outcome(due: frozenset[RemedyKind]) -> Outcome:
    strictest = max(due, key=lambda kind: kind.strictness, default=RemedyKind.NOTE)
    return _COMES_TO.get(strictest, Outcome.REFUSED)
