"""What was concerned, counted: by the database where it can, record by record where a record query
is asked; and what of it is sealed under keys that are exposed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from privacy_service.breaches.breach import BreachState
from privacy_service.breaches.incidents import Cause
from privacy_service.breaches.scope import ScopeCounts, ScopeQuestion, scoped
from privacy_service.breaches.statements import Scoped
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
    counts = counted(view, question)
    regions = {
        (contract, number): as_version(
            view.contracts.version(contract, number)
        ).contract.party.region
        for contract, number in counts.by_contract
    }
    return scoped(question, counts, regions, exposed=_exposed(view, question))


def counted(view: View, question: ScopeQuestion) -> ScopeCounts:
    """How many people, disclosures, records and tokens. Raises RECORD_QUERY_INVALID."""
    if question.records is None:
        return view.scope.counts(question)
    people: set[bytes] = set()
    under: dict[tuple[str, int], set[bytes]] = defaultdict(set)
    many = 0
    for record in _meant(view, question):
        many += 1
        about = {bytes.fromhex(subject)[:_ENOUGH] for subject in record.subjects}
        people |= about
        for ref in record.contracts:
            under[ref.id, ref.number] |= about
    return ScopeCounts(
        subjects=len(people),
        disclosures=0,
        unnamed=0,
        records=many,
        tokens=0,
        categories={},
        recipients={},
        by_contract={contract: len(about) for contract, about in sorted(under.items())},
    )


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
    keys = [
        one.about
        for one in view.incidents.all_of(Cause.KEY_EXPOSED)
        if view.breaches.get(one.breach).state is not BreachState.NO_BREACH
    ]
    found = {key: counted(view, replace(question, key=key)).records for key in sorted(keys)}
    return {key: many for key, many in found.items() if many}
