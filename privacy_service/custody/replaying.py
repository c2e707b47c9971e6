"""Decisions of the last days, replayed under another version, from what the log has of them.

What is read is bounded: at most so many entries, from the oldest on; the answer says whether there
were more.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Final

from privacy_service.behavior.model import BehaviorContract
from privacy_service.behavior.replayed import BehaviorReplay
from privacy_service.contracts.course import StepKind
from privacy_service.contracts.impact import Impact, Replay
from privacy_service.contracts.model import ContractVersion, SharingContract
from privacy_service.custody.behavior_versions import as_behavior
from privacy_service.desks.either import Either
from privacy_service.desks.replayed import SharingReplay
from privacy_service.desks.versions import as_version
from privacy_service.enforcement.enforce import TRANSFER
from privacy_service.evidence.entries import AuditEntry, EntryKind
from privacy_service.evidence.queries import EntryQuery
from privacy_service.store.courses import Head
from privacy_service.store.views import View, Writing

MOST_READ: Final = 50_000
"""Decisions that one replay reads."""
_PAGE: Final = 1000
_BEGINS: Final = (StepKind.PUT, StepKind.ACTIVATED, StepKind.ROLLED_BACK)


def replayed(
    view: View, head: Head, candidate: Either, *, since: datetime, until: datetime
) -> Impact:
    """What the candidate would have made of the decisions under the contract since then."""
    if isinstance(candidate.contract, SharingContract):
        return _transfers(view, head, candidate.contract, candidate, since=since, until=until)
    return _checks(view, head, candidate.contract, since=since, until=until)


def _transfers(
    view: View,
    head: Head,
    contract: SharingContract,
    candidate: Either,
    *,
    since: datetime,
    until: datetime,
) -> Impact:
    replay = Replay()
    judges: dict[int, SharingReplay] = {}
    others: dict[tuple[str, int], ContractVersion] = {}
    wanted = ContractVersion(
        contract=contract, number=0, digest=candidate.digest, source=candidate.source,
        put_at=until, put_by="",
    )  # fmt: skip
    taken = 0
    for entry in effects_under(view, head, since=since, until=until):
        taken += 1
        for ref in entry.contracts:
            if ref.id == head.contract_id and ref.number not in judges:
                base = as_version(view.contracts.version(ref.id, ref.number))
                judges[ref.number] = SharingReplay(base, wanted, others)
            elif ref.id != head.contract_id and (ref.id, ref.number) not in others:
                others[ref.id, ref.number] = as_version(view.contracts.version(ref.id, ref.number))
        number = next(ref.number for ref in entry.contracts if ref.id == head.contract_id)
        replay.take(entry.outcome, judges[number].fate(entry))
    return replay.impact(since=since, until=until, truncated=taken == MOST_READ)


def effects_under(
    view: View | Writing, head: Head, *, since: datetime, until: datetime
) -> Iterator[AuditEntry]:
    """The effects of transfers under a contract, oldest first, at most `MOST_READ`."""
    query = EntryQuery(partner=head.party, action=TRANSFER, since=since, until=until)
    under = (
        entry
        for entry in entries_of(view, query)
        if entry.kind is EntryKind.EFFECT
        and any(ref.id == head.contract_id for ref in entry.contracts)
    )
    return islice(under, MOST_READ)


def entries_of(view: View | Writing, query: EntryQuery) -> Iterator[AuditEntry]:
    """What the log has for a query, page by page."""
    start = 0
    while page := view.audit.entries(start, _PAGE, query):
        yield from (one.entry for one in page)
        start = page[-1].position + 1


def _checks(
    view: View, head: Head, contract: BehaviorContract, *, since: datetime, until: datetime
) -> Impact:
    """Checks since the version in force began: what came before was judged by another one."""
    begun = (
        step.at
        for _number, step in view.courses.steps(head.contract_id)
        if step.kind in _BEGINS and step.version == head.newest
    )
    since = max(since, next(begun, since))
    base = as_behavior(view.behavior.version(head.contract_id, head.newest)).contract
    judge, replay = BehaviorReplay(base, contract), Replay()
    for tally in view.behavior.tallies(head.contract_id, since=since, until=until):
        replay.take(tally.outcome.value, judge.fate(tally), count=tally.checks)
    return replay.impact(since=since, until=until, truncated=False)
