"""Whether the contracts that a transfer was decided under are in force when it is released.

A payload may take seconds to inspect, and a replica may be a moment late to see what was put on
another. So the choice of contracts is made again in the transaction that releases: from the
instant a put or a suspension is committed, nothing more leaves under what it replaced.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from privacy_service import errors
from privacy_service.contracts.course import Course
from privacy_service.contracts.in_force import choose
from privacy_service.contracts.model import ContractVersion
from privacy_service.desks.versions import as_version
from privacy_service.enforcement.ports import Release
from privacy_service.errors import PrivacyError
from privacy_service.store.views import Writing

_MOST_CONFIRMED: Final = 4096

_Decided = tuple[tuple[str, int, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Confirmed:
    generation: int
    until: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """Confirms the contracts of releases. Thread-safe.

    What was confirmed is remembered with the generation of the contracts that it was true at, and
    until when it is true by itself.
    `superseded` is told when it was not, so that the terms are looked for again.
    """

    superseded: Callable[[], None]
    _confirmed: OrderedDict[tuple[str, str, str, _Decided], _Confirmed] = field(
        default_factory=OrderedDict
    )
    _mutex: threading.Lock = field(default_factory=threading.Lock)

    def require(self, tx: Writing, release: Release) -> None:
        """Raises CONTRACT_SUPERSEDED where others are in force in this transaction by now, and
        NO_CONTRACT_IN_FORCE or a finer reason where none is.
        """
        pair = release.pair
        decided = tuple((ref.id, ref.number, ref.digest) for ref in release.entry.contracts)
        key = (pair.sender, pair.recipient, pair.purpose, decided)
        generation = tx.contracts.settled_generation()
        with self._mutex:
            known = self._confirmed.get(key)
        if known is not None and known.generation == generation and release.entry.at < known.until:
            return
        until = self._choose_again(tx, release, decided)
        if generation is not None and until is not None:
            self._remember(key, _Confirmed(generation=generation, until=until))

    def _choose_again(self, tx: Writing, release: Release, decided: _Decided) -> datetime | None:
        """Until when the same holds for every other release of the pair, while no contract moves;
        None where it may not hold for the next one.
        """
        pair = release.pair
        courses = tx.contracts.courses(pair.sender, pair.recipient)
        try:
            chosen = choose(
                [as_version(row) for row in tx.contracts.for_pair(pair.sender, pair.recipient)],
                sender=pair.sender,
                recipient=pair.recipient,
                purpose=pair.purpose,
                at=release.entry.at,
                courses=courses,
                draw=release.draw,
            )
        except PrivacyError:
            self.superseded()
            raise
        found = tuple(
            (version.contract.id, version.number, version.digest) for version in chosen if version
        )
        if found != decided:
            self.superseded()
            raise PrivacyError(errors.CONTRACT_SUPERSEDED)
        if any(course.moves_by_itself for course in courses.values()):
            return None
        return min((_until(version, courses) for version in chosen if version), default=None)

    def _remember(self, key: tuple[str, str, str, _Decided], confirmed: _Confirmed) -> None:
        with self._mutex:
            self._confirmed[key] = confirmed
            self._confirmed.move_to_end(key)
            while len(self._confirmed) > _MOST_CONFIRMED:
                self._confirmed.popitem(last=False)


def _until(version: ContractVersion, courses: Mapping[str, Course]) -> datetime:
    """The instant at which a version is not in force any more by what it says itself."""
    contract = version.contract
    course = courses.get(contract.id)
    certified = course.certified_at if course is not None else None
    ends = (contract.effective_until, contract.governance.lapses(certified or version.put_at))
    return min((end for end in ends if end is not None), default=datetime.max.replace(tzinfo=UTC))
