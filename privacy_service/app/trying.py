"""The examples of contracts, run in the service: by its detector, under keys for examples only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from privacy_service.app.keys import rehearsal_pseudonyms
from privacy_service.behavior.compiled import compiled
from privacy_service.behavior.model import BehaviorContract
from privacy_service.behavior.rehearse import Stage
from privacy_service.behavior.rehearse import rehearse as rehearse_behavior
from privacy_service.contracts.model import ContractVersion, SharingContract
from privacy_service.contracts.proposal import Trials
from privacy_service.desks.either import Either
from privacy_service.enforcement.rehearse import rehearse

Ran = Sequence[tuple[str, bool]]
"""Examples by name, and whether each came out as it states."""


@dataclass(frozen=True, slots=True)
class Trying:
    """Runs examples on one stage. Thread-safe."""

    stage: Stage

    def __call__(self, candidate: Either, base: Either | None) -> Trials:
        """What `TryOut` says."""
        own = self._ran(candidate)
        named = {name for name, _right in own}
        inherited = [] if base is None else self._ran(_with_examples_of(candidate, base, named))
        return Trials(
            ran=len(own) + len(inherited),
            failed=tuple(name for name, right in own if not right),
            regressed=tuple(name for name, right in inherited if not right),
        )

    def _ran(self, candidate: Either) -> Ran:
        contract = candidate.contract
        if isinstance(contract, BehaviorContract):
            rehearsed = rehearse_behavior(compiled(contract), self.stage)
            return [(one.example.name, one.as_expected) for one in rehearsed]
        if not contract.examples:
            return []
        with rehearsal_pseudonyms() as pseudonyms:
            return [
                (one.name, one.as_expected)
                for one in rehearse(
                    _as_if_put(contract, candidate),
                    detector=self.stage.detector,
                    pseudonyms=pseudonyms,
                    decode=self.stage.decode,
                    clock=self.stage.clock,
                    limits=self.stage.limits,
                )
            ]


def _with_examples_of(candidate: Either, base: Either, stated: set[str]) -> Either:
    """The candidate with those examples of the base that it does not state itself."""
    ours, theirs = candidate.contract, base.contract
    if isinstance(ours, SharingContract) and isinstance(theirs, SharingContract):
        left = tuple(one for one in theirs.examples if one.name not in stated)
        return replace(candidate, contract=replace(ours, examples=left))
    if isinstance(ours, BehaviorContract) and isinstance(theirs, BehaviorContract):
        kept = tuple(one for one in theirs.examples if one.name not in stated)
        return replace(candidate, contract=replace(ours, examples=kept))
    raise ValueError("an id belongs to contracts of one kind")


def _as_if_put(contract: SharingContract, candidate: Either) -> ContractVersion:
    return ContractVersion(
        contract=contract,
        number=1,
        digest=candidate.digest,
        source=candidate.source,
        put_at=datetime.now(UTC),
        put_by="",
    )
