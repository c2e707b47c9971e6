"""The contract book: terms in force, compiled once and looked at again when something was put."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from privacy_service.clock import Clock
from privacy_service.contracts.compile import compile_terms
from privacy_service.contracts.course import Course
from privacy_service.contracts.dates import DateWarning, warnings_of
from privacy_service.contracts.in_force import choose
from privacy_service.contracts.merge import stricter
from privacy_service.contracts.model import ContractVersion
from privacy_service.contracts.terms import Terms
from privacy_service.desks.versions import StoredVersion, as_version, dated

_MOST_PAIRS: Final = 4096
_MOST_TERMS: Final = 4096


class ContractRows(Protocol):
    """The stored contracts, in one read transaction."""

    def generation(self) -> int:
        """A number that changes with every put, and with every step in a contract's course."""
        ...

    def version(self, contract_id: str, number: int) -> StoredVersion:
        """A version of a contract. Raises CONTRACT_NOT_FOUND."""
        ...

    def for_pair(self, a: str, b: str) -> tuple[StoredVersion, ...]:
        """The newest version of each contract between two partners, either direction."""
        ...

    def courses(self, a: str, b: str) -> Mapping[str, Course]:
        """How the contracts between two partners stand, by id."""
        ...


@dataclass(frozen=True, slots=True)
class _Known:
    versions: tuple[ContractVersion, ...]
    courses: Mapping[str, Course]


class Book:
    """Terms in force, from memory while nothing was put.

    Another replica's put is seen at most `staleness` seconds after it was committed, and an older
    version never after that. What time does (a contract that starts or lapses) is seen at once:
    the choice is made anew at every call.
    """

    def __init__(
        self,
        reading: Callable[[], AbstractContextManager[ContractRows]],
        clock: Clock,
        *,
        staleness: float,
    ) -> None:
        self._reading = reading
        self._clock = clock
        self._staleness = staleness
        self._lock = threading.Lock()
        self._generation = -1
        self._checked = float("-inf")
        self._pairs: OrderedDict[tuple[str, str], _Known] = OrderedDict()
        self._terms: OrderedDict[tuple[object, ...], Terms] = OrderedDict()

    def in_force(
        self, sender: str, recipient: str, purpose: str, *, at: datetime, draw: str | None = None
    ) -> Terms:
        """What `ContractBook` says."""
        known = self._known(sender, recipient)
        chosen = choose(
            known.versions,
            sender=sender,
            recipient=recipient,
            purpose=purpose,
            at=at,
            courses=known.courses,
            draw=draw,
        )
        return self._compiled(*chosen)

    def warnings(self, terms: Terms, *, at: datetime) -> tuple[DateWarning, ...]:
        """What `ContractBook` says."""
        courses = self._known(terms.sender, terms.recipient).courses
        return tuple(
            one
            for ref in terms.refs
            for one in warnings_of(dated(ref), courses.get(ref.contract.id), now=at)
        )

    def as_if(
        self, terms: Terms, contract_id: str, number: int, *, purpose: str, at: datetime
    ) -> Terms:
        """What `ContractBook` says."""
        with self._reading() as rows:
            candidate = as_version(rows.version(contract_id, number))
        ours, theirs = choose(
            (candidate,),
            sender=terms.sender,
            recipient=terms.recipient,
            purpose=purpose,
            at=max(at, candidate.contract.effective_from),
        )
        others = (one for one in terms.refs if one.contract.id != contract_id)
        other = next(others, None)
        return self._compiled(ours or other, theirs or other)

    def forget(self) -> None:
        """Looks at the store again before the next answer: after a put on this replica."""
        with self._lock:
            self._checked = float("-inf")

    def _known(self, sender: str, recipient: str) -> _Known:
        pair = (min(sender, recipient), max(sender, recipient))
        with self._lock:
            fresh = self._clock.monotonic() - self._checked < self._staleness
            if fresh and (known := self._pairs.get(pair)) is not None:
                self._pairs.move_to_end(pair)
                return known
        asked = self._clock.monotonic()
        with self._reading() as rows:
            generation = rows.generation()
            with self._lock:
                if generation == self._generation and (known := self._pairs.get(pair)) is not None:
                    self._checked = max(self._checked, asked)
                    return known
            found = _Known(
                versions=tuple(as_version(row) for row in rows.for_pair(*pair)),
                courses=rows.courses(*pair),
            )
        self._remember(pair, found, generation, asked)
        return found

    def _remember(
        self,
        pair: tuple[str, str],
        found: _Known,
        generation: int,
        asked: float,
    ) -> None:
        with self._lock:
            if generation < self._generation:
                return  # a slower reader: what is known is newer
            if generation != self._generation:
                self._pairs.clear()
                self._generation = generation
            self._checked = max(self._checked, asked)
            self._pairs[pair] = found
            while len(self._pairs) > _MOST_PAIRS:
                self._pairs.popitem(last=False)

    def _compiled(self, sender: ContractVersion | None, recipient: ContractVersion | None) -> Terms:
        key = (_identity(sender), _identity(recipient))
        with self._lock:
            if (known := self._terms.get(key)) is not None:
                self._terms.move_to_end(key)
                return known
        terms = stricter(
            compile_terms(sender) if sender else None,
            compile_terms(recipient) if recipient else None,
        )
        with self._lock:
            self._terms[key] = terms
            while len(self._terms) > _MOST_TERMS:
                self._terms.popitem(last=False)
        return terms


def _identity(version: ContractVersion | None) -> tuple[str, int, str] | None:
    return None if version is None else (version.contract.id, version.number, version.digest)
