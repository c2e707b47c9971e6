"""A contract of either kind, as its life cycle sees it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Final

from privacy_service.behavior.canonical import digest as behavior_digest
from privacy_service.behavior.diff import diff as behavior_diff
from privacy_service.behavior.lint import SetUp, check_contract
from privacy_service.behavior.model import BehaviorContract
from privacy_service.contracts.canonical import digest as sharing_digest
from privacy_service.contracts.change import Change
from privacy_service.contracts.course import ContractKind
from privacy_service.contracts.diff import diff as sharing_diff
from privacy_service.contracts.faults import ContractFault
from privacy_service.contracts.governance import Governance
from privacy_service.contracts.lint import check
from privacy_service.contracts.model import SharingContract
from privacy_service.contracts.source import read_source

_NAME: Final = "contract"


@dataclass(frozen=True, slots=True, kw_only=True)
class Either:
    """A sharing contract or a behavior contract, with its source."""

    contract: SharingContract | BehaviorContract
    source: str = field(repr=False)

    @property
    def kind(self) -> ContractKind:
        shared = isinstance(self.contract, SharingContract)
        return ContractKind.SHARING if shared else ContractKind.BEHAVIOR

    @property
    def party(self) -> str:
        """The partner whose terms it holds."""
        one = self.contract
        return one.party.partner if isinstance(one, SharingContract) else one.party

    @property
    def other(self) -> str:
        """The counterparty, or the provider."""
        one = self.contract
        return one.counterparty.partner if isinstance(one, SharingContract) else one.provider

    @property
    def governance(self) -> Governance:
        return self.contract.governance

    @property
    def digest(self) -> str:
        one = self.contract
        return sharing_digest(one) if isinstance(one, SharingContract) else behavior_digest(one)


def read_either(source: str, *, today: date, set_up: SetUp) -> Either:
    """The contract that `source` writes, without an error of `lint`. Raises CONTRACT_INVALID."""
    if says_behavior(source):
        judged = check_contract(source, name=_NAME, today=today, set_up=set_up)
        return Either(contract=judged, source=source)
    return Either(contract=check(source, name=_NAME, today=today), source=source)


def changes(old: Either, new: Either) -> tuple[Change, ...]:
    """Every changed term between two versions of one contract."""
    ours, theirs = old.contract, new.contract
    if isinstance(ours, SharingContract) and isinstance(theirs, SharingContract):
        return sharing_diff(ours, theirs)
    if isinstance(ours, BehaviorContract) and isinstance(theirs, BehaviorContract):
        return behavior_diff(ours, theirs)
    raise ValueError("an id belongs to contracts of one kind")


def says_behavior(source: str) -> bool:
    """Whether it says that it is a behavior contract, whatever else is wrong with it."""
    try:
        written = read_source(source, name=_NAME).plain()
    except ContractFault:
        return False  # who reads it next says what is wrong
    return isinstance(written, dict) and written.get("kind") == "BehaviorContract"
