"""Which behavior contract judges, at an instant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Final

from privacy_service import errors
from privacy_service.behavior.model import BehaviorContract, Status
from privacy_service.contracts.course import Course
from privacy_service.contracts.dates import Dated
from privacy_service.contracts.in_force import NO_COURSES
from privacy_service.errors import PrivacyError


@dataclass(frozen=True, slots=True, kw_only=True)
class BehaviorVersion:
    """An immutable version of a behavior contract, as it was put. `number` counts from 1."""

    contract: BehaviorContract
    number: int
    digest: str
    source: str
    put_at: datetime
    put_by: str


def dated(version: BehaviorVersion) -> Dated:
    """The dates of a version."""
    contract = version.contract
    return Dated(
        contract_id=contract.id,
        governance=contract.governance,
        put_at=version.put_at,
        effective_until=contract.effective_until,
        review_by=contract.review_by,
    )


class _Standing(IntEnum):
    """How near a contract is to judging; the larger is the more helpful to say."""

    OTHER_USE = 0
    RETIRED = 1
    LAPSED = 2
    NOT_YET = 3
    NOT_RECERTIFIED = 4
    SUSPENDED = 5
    IN_FORCE = 6


_REASONS: Final = {
    _Standing.OTHER_USE: errors.USE_CASE_NOT_COVERED,
    _Standing.RETIRED: errors.CONTRACT_RETIRED,
    _Standing.LAPSED: errors.CONTRACT_LAPSED,
    _Standing.NOT_YET: errors.CONTRACT_NOT_YET_IN_FORCE,
    _Standing.NOT_RECERTIFIED: errors.CONTRACT_NOT_RECERTIFIED,
    _Standing.SUSPENDED: errors.CONTRACT_SUSPENDED,
}


def judging(
    versions: Sequence[BehaviorVersion],
    *,
    party: str,
    provider: str,
    use_case: str | None,
    at: datetime,
    courses: Mapping[str, Course] = NO_COURSES,
    draw: str | None = None,
) -> BehaviorVersion:
    """The one version in force, of those of the contracts of the two that may be. `courses` say
    how they stand, by id, and `draw` is the keyed word that decides whether a canary takes it.

    Raises NO_BEHAVIOR_CONTRACT if they have none, CONTRACT_AMBIGUOUS if several would judge, and
    for the one that is nearest to judging USE_CASE_NOT_COVERED, CONTRACT_LAPSED,
    CONTRACT_NOT_YET_IN_FORCE or CONTRACT_SUSPENDED.
    """
    pair = {"party": party, "provider": provider}
    newest = [
        one
        for one in versions
        if (course := courses.get(one.contract.id)) is None
        or one.number == course.deciding(at, draw)
    ]
    if not newest:
        raise PrivacyError(errors.NO_BEHAVIOR_CONTRACT, **pair)
    stands = [(_standing(one, use_case, at, courses.get(one.contract.id)), one) for one in newest]
    best, version = max(stands, key=lambda stand: stand[0])
    if best is not _Standing.IN_FORCE:
        raise PrivacyError(
            _REASONS[best], **pair, contract=version.contract.id, **_covered(best, newest)
        )
    if sum(standing is best for standing, _version in stands) > 1:
        raise PrivacyError(errors.CONTRACT_AMBIGUOUS, **pair, contract=version.contract.id)
    return version


def _covered(standing: _Standing, versions: Sequence[BehaviorVersion]) -> dict[str, str]:
    """Which use cases there are, for whoever names none or another."""
    if standing is not _Standing.OTHER_USE:
        return {}
    known = {use for one in versions for use in one.contract.scope.use_cases or ("(none)",)}
    return {"use_cases": ", ".join(sorted(known)[:20])}


def _standing(
    version: BehaviorVersion, use_case: str | None, at: datetime, course: Course | None
) -> _Standing:
    contract = version.contract
    listed = contract.scope.use_cases
    if (use_case not in listed) if listed else (use_case is not None):
        return _Standing.OTHER_USE
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
