"""Which contract versions govern a transfer, at an instant.

Only one version of each contract counts: the one that is in force by the contract's course, else
the newest. A party that has a contract for the pair and
direction must have exactly one in force for the purpose: that its partner has one does not make up
for a party's own that is suspended, lapsed, not begun, or for other purposes. A party that has
none at all leaves the terms to its partner.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import IntEnum
from types import MappingProxyType
from typing import Final

from privacy_service import errors
from privacy_service.contracts import dpv
from privacy_service.contracts.course import Course
from privacy_service.contracts.model import (
    ContractVersion,
    Direction,
    Status,
)
from privacy_service.errors import PrivacyError


class _Standing(IntEnum):
    """How near a contract is to governing the transfer; the larger is the more helpful to say."""

    OTHER_PURPOSE = 0
    RETIRED = 1
    LAPSED = 2
    NOT_YET = 3
    NOT_RECERTIFIED = 4
    SUSPENDED = 5
    AMBIGUOUS = 6
    IN_FORCE = 7


NO_COURSES: Final[Mapping[str, Course]] = MappingProxyType({})
"""No contract of which anything but its versions is said."""

_REASONS = {
    _Standing.OTHER_PURPOSE: errors.PURPOSE_NOT_COVERED,
    _Standing.RETIRED: errors.CONTRACT_RETIRED,
    _Standing.LAPSED: errors.CONTRACT_LAPSED,
    _Standing.NOT_YET: errors.CONTRACT_NOT_YET_IN_FORCE,
    _Standing.NOT_RECERTIFIED: errors.CONTRACT_NOT_RECERTIFIED,
    _Standing.SUSPENDED: errors.CONTRACT_SUSPENDED,
    _Standing.AMBIGUOUS: errors.CONTRACT_AMBIGUOUS,
}


def choose(
    versions: Sequence[ContractVersion],
    *,
    sender: str,
    recipient: str,
    purpose: str,
    at: datetime,
    courses: Mapping[str, Course] = NO_COURSES,
    draw: str | None = None,
) -> tuple[ContractVersion | None, ContractVersion | None]:
    """The sender's and the recipient's contract version in force; one of them may be None.

    `versions` may hold any versions of any contracts; `courses` say how they stand, by id, and
    `draw` is the keyed word that decides whether a canary takes the request.
    `effective until` is exclusive.

    Raises PrivacyError: NO_CONTRACT_IN_FORCE if neither party has a contract for the pair and
    direction; else, for the party that is nearest to having one in force, CONTRACT_AMBIGUOUS,
    CONTRACT_SUSPENDED, CONTRACT_NOT_RECERTIFIED, CONTRACT_NOT_YET_IN_FORCE, CONTRACT_LAPSED,
    CONTRACT_RETIRED or PURPOSE_NOT_COVERED.
    """
    newest = _deciding(versions, courses, at, draw)
    found = [
        _standing(_of(newest, sender, recipient, Direction.OUTBOUND), purpose, at, courses),
        _standing(_of(newest, recipient, sender, Direction.INBOUND), purpose, at, courses),
    ]
    pair = {"sender": sender, "recipient": recipient, "purpose": purpose}
    failed = [one for one in found if one and one[0] is not _Standing.IN_FORCE]
    if failed:
        standing, version = max(failed, key=lambda one: one[0])
        raise PrivacyError(_REASONS[standing], **pair, contract=version.contract.id)
    ours, theirs = (one[1] if one else None for one in found)
    if ours is None and theirs is None:
        raise PrivacyError(errors.NO_CONTRACT_IN_FORCE, **pair)
    return ours, theirs


def _deciding(
    versions: Iterable[ContractVersion],
    courses: Mapping[str, Course],
    at: datetime,
    draw: str | None,
) -> list[ContractVersion]:
    """The version of each contract that its course says; the newest where it has none."""
    newest: dict[tuple[str, str], ContractVersion] = {}
    for version in versions:
        course = courses.get(version.contract.id)
        if course is not None and version.number != course.deciding(at, draw):
            continue
        key = (version.contract.party.partner, version.contract.id)
        if key not in newest or version.number > newest[key].number:
            newest[key] = version
    return list(newest.values())


def _of(
    versions: Iterable[ContractVersion], party: str, counterparty: str, direction: Direction
) -> list[ContractVersion]:
    return [
        version
        for version in versions
        if version.contract.party.partner == party
        and version.contract.counterparty.partner == counterparty
        and version.contract.direction in (direction, Direction.BOTH)
    ]


def _standing(
    versions: Sequence[ContractVersion],
    purpose: str,
    at: datetime,
    courses: Mapping[str, Course],
) -> tuple[_Standing, ContractVersion] | None:
    """The best standing among one party's contracts, and the contract that has it."""
    if not versions:
        return None
    stands = [
        (_stand(version, purpose, at, courses.get(version.contract.id)), version)
        for version in versions
    ]
    if sum(standing is _Standing.IN_FORCE for standing, _ in stands) > 1:
        return _Standing.AMBIGUOUS, max(stands, key=lambda stand: stand[0])[1]
    return max(stands, key=lambda stand: stand[0])


def _stand(
    version: ContractVersion, purpose: str, at: datetime, course: Course | None
) -> _Standing:
    contract = version.contract
    if not any(dpv.covers(one, purpose) for one in contract.purposes):
        return _Standing.OTHER_PURPOSE
    if contract.effective_until is not None and contract.effective_until <= at:
        return _Standing.LAPSED
    halted = (course or Course(contract_id=contract.id)).halt(
        contract.governance, version.put_at, at
    )
    if halted is not None:
        return _Standing[halted.name]
    if contract.status is Status.SUSPENDED:
        return _Standing.SUSPENDED
    return _Standing.NOT_YET if at < contract.effective_from else _Standing.IN_FORCE
