"""What was concerned, counted: by the database where it can, record by record where a record query
is asked; and what of it is sealed under keys that are exposed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from heapq import nsmallest
from typing import Final

from privacy_service.breaches.breach import BreachState
from privacy_service.breaches.incidents import Cause
from privacy_service.breaches.scope import ScopeCounts, ScopeQuestion, scoped
from privacy_service.breaches.statements import Scoped
from privacy_service.contracts.model import Direction
from privacy_service.custody.kept import kept_record
from privacy_service.desks.versions import as_version
from privacy_service.store.rows import RecordSummary
from privacy_service.store.views import View
from privacy_service.subjects.record_query import RecordQuery

_PAGE: Final = 1000
_ENOUGH: Final = 16
"""Bytes of a digest that tell people apart."""


def scope_of(view: View, question: ScopeQuestion) -> Scoped:
    """The answer as a breach keeps it. Raises RECORD_QUERY_INVALID."""
    people = _people(view, question) if question.records is not None else None
    counts = view.scope.counts(question) if people is None else people.counts()
    by_region: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for contract in counts.by_contract:
        region = _region(view, contract)
        if region is not None:
            by_region[region].append(contract)
    regions = {
        region: view.scope.people_under(question, contracts)
        if people is None
        else people.under(contracts)
        for region, contracts in by_region.items()
    }
    return scoped(question, counts, regions=regions, exposed=_exposed(view, question))


@dataclass(slots=True)
class _People:
    """Who is in records that were gone through one by one: digests, cut short."""

    records: int = 0
    several: int = 0
    everyone: set[bytes] = field(default_factory=set)
    by_contract: dict[tuple[str, int], set[bytes]] = field(default_factory=lambda: defaultdict(set))

    def add(self, record: RecordSummary) -> None:
        about = {bytes.fromhex(subject)[:_ENOUGH] for subject in record.subjects}
        self.records += 1
        self.several += len(about) > 1
        self.everyone |= about
        for ref in record.contracts:
            self.by_contract[ref.id, ref.number] |= about

    def under(self, contracts: Sequence[tuple[str, int]]) -> int:
        return len(set[bytes]().union(*(self.by_contract[contract] for contract in contracts)))

    def counts(self) -> ScopeCounts:
        return ScopeCounts(
            subjects=len(self.everyone),
            disclosures=0,
            unnamed=0,
            several=self.several,
            records=self.records,
            tokens=0,
            categories={},
            recipients={},
            by_contract={one: len(about) for one, about in sorted(self.by_contract.items())},
        )


def _people(view: View, question: ScopeQuestion) -> _People:
    found = _People()
    for record in _meant(view, question):
        found.add(record)
    return found


def _region(view: View, contract: tuple[str, int]) -> str | None:
    """Where the party keeps data whose data it was: the one that sends."""
    agreed = as_version(view.contracts.version(*contract)).contract
    inbound = agreed.direction is Direction.INBOUND
    return agreed.counterparty.region if inbound else agreed.party.region


def how_many(view: View, question: ScopeQuestion) -> int:
    """How many people were concerned. Raises RECORD_QUERY_INVALID."""
    if question.records is None:
        return view.scope.counts(question).subjects
    return len(_people(view, question).everyone)


def concerned(view: View, question: ScopeQuestion, *, after: str, limit: int) -> tuple[str, ...]:
    """Who was concerned, by digest, from the one after `after` on. Where a record query is asked,
    each call reads the records that may be meant. Raises RECORD_QUERY_INVALID.
    """
    if question.records is None:
        return view.scope.people(question, after=after, limit=limit)
    found: set[str] = set()
    for record in _meant(view, question):
        found.update(subject for subject in record.subjects if subject > after)
        if len(found) > 4 * limit:
            found = set(nsmallest(limit, found))
    return tuple(nsmallest(limit, found))


def _meant(view: View, question: ScopeQuestion) -> Iterator[RecordSummary]:
    """The records that the question, with its query, is about."""
    query = RecordQuery.parse(question.records or "")
    after: tuple[str, str] | None = None
    while True:
        page = view.scope.records(question, after=after, limit=_PAGE)
        for record in page:
            facts = kept_record(record).record
            if facts is not None and query.matches(facts):
                yield record
        if len(page) < _PAGE:
            return
        after = (page[-1].partner, page[-1].id)


def _exposed(view: View, question: ScopeQuestion) -> dict[str, int]:
    """Of the records that the question is about, those sealed under each key that was reported as
    exposed, and is not known not to be.
    """
    if question.key is not None:
        return {}
    keys = sorted(exposed_keys(view))
    found = {key: _records(view, replace(question, key=key)) for key in keys}
    return {key: many for key, many in found.items() if many}


def exposed_keys(view: View) -> dict[str, str]:
    """The keys that were reported as exposed, and are not known not to be, each with its breach."""
    return {
        one.about: one.breach
        for one in view.incidents.all_of(Cause.KEY_EXPOSED)
        if view.breaches.get(one.breach).state is not BreachState.NO_BREACH
    }


def _records(view: View, question: ScopeQuestion) -> int:
    if question.records is None:
        return view.scope.counts(question).records
    return sum(1 for _ in _meant(view, question))
