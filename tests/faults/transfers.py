"""The work that the fault tests do, and what must hold of a store after every fault."""

from __future__ import annotations

from privacy_service.evidence.merkle import Frontier, inclusion_proof, leaf_hash, verify_inclusion
from privacy_service.evidence.queries import DisclosureQuery
from privacy_service.store.database import Database
from privacy_service.store.rows import ReplayConflict
from privacy_service.store.views import View, Writing
from tests.stores.databases import NOW
from tests.stores.samples import disclosure, entry, record, replay, token

QUOTA = "quota-of-all"


def transfer(
    database: Database, request_id: str, *, by: str = "", limit: int = 10**9
) -> int | None:
    """One transfer with everything that it leaves behind; its position. A retry has no effect.

    None where the quota is used up, or the request was answered before.
    """

    def release(writing: Writing) -> int | None:
        if not writing.quotas.take(QUOTA, NOW, limit):
            return None
        position = writing.audit.append(entry(request=request_id, reason=by))
        writing.replays.put(replay(request_id, position=position))
        writing.disclosures.add(disclosure(position, id=request_id))
        writing.records.put(record(id=request_id))
        writing.tokens.put_many([token(f"{request_id}-1"), token(f"{request_id}-2")])
        return position

    try:
        return database.commit(release)
    except ReplayConflict:
        return None


def answered(database: Database, request_id: str) -> int | None:
    """The position of the effect that this request id had."""
    with database.reading() as view:
        found = view.replays.find("acme", request_id)
    return None if found is None else found.position


def check(database: Database) -> list[str]:
    """Holds the log and all ledgers against each other. The request ids in the log's order."""
    with database.reading() as view:
        entries = [each for page in _pages(view) for each in page]
        assert [each.position for each in entries] == list(range(view.audit.size()))
        frontier, _ = Frontier().append_many(leaf_hash(each.leaf) for each in entries)
        assert view.audit.frontier() == frontier
        _check_proofs(view, [each.leaf for each in entries], frontier.root())
        effects = {each.position: str(each.entry.request) for each in entries}
        assert len(set(effects.values())) == len(effects), "a request had two effects"
        _check_ledgers(view, effects)
    return list(effects.values())


def _pages(view: View):
    start = 0
    while page := view.audit.entries(start, 500):
        yield page
        start = page[-1].position + 1


def _check_proofs(view: View, leaves: list[bytes], root: bytes) -> None:
    size = len(leaves)
    for index in {0, size // 3, size // 2, size - 1} if size else ():
        proof = inclusion_proof(index, size, view.audit.node)
        verify_inclusion(leaf_hash(leaves[index]), index=index, size=size, proof=proof, root=root)


def _check_ledgers(view: View, effects: dict[int, str]) -> None:
    disclosed = view.disclosures.list(DisclosureQuery(), limit=10**6)
    assert {each.position: each.id for each in disclosed} == effects
    kept = {each.id for each in view.records.list("acme", limit=10**6)}
    assert kept == set(effects.values())
    for position, request_id in effects.items():
        answer = view.replays.find("acme", request_id)
        assert answer is not None
        assert answer.position == position
        assert view.tokens.get(f"{request_id}-2")
    assert view.quotas.used(QUOTA, NOW) == len(effects)
