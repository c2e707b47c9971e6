"""A small case of a small log, and the archive of it."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import Any

from privacy_service.evidence.archive import (
    Anchor,
    Case,
    ContractText,
    ProvenEntry,
    sealed_archive,
)
from privacy_service.evidence.archive_index import index_files
from privacy_service.evidence.archive_span import Span
from privacy_service.evidence.disclosures import Disclosure
from privacy_service.evidence.entries import AuditEntry, CategoryCount, ContractRef
from privacy_service.evidence.merkle import (
    Frontier,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    range_proof,
)
from privacy_service.evidence.queries import EntryQuery
from tests.unit.evidence.audit_logs import AT, ORIGIN, SIGNER, attempt, effect, note

CANONICAL = b'{"id":"shop-to-carrier"}'
REF = ContractRef(
    id="shop-to-carrier", number=3, digest="sha256:" + hashlib.sha256(CANONICAL).hexdigest()
)
SUBJECTS = ("ab" * 32,)
COUNTS = (CategoryCount(entity="EMAIL_ADDRESS", treatment="mask", count=1),)


def released(number: int, of: int) -> AuditEntry:
    """The effect of a transfer that released something."""
    return replace(
        effect(number, of),
        partner="shop",
        counterparty="carrier",
        purpose="dpv:DeliveryOfGoods",
        contracts=(REF,),
        subjects=SUBJECTS,
        categories=COUNTS,
        resource="ü/<script>alert(1)</script>",
    )


def leaves(pairs: int) -> list[bytes]:
    told: list[AuditEntry] = []
    for position in range(0, 2 * pairs, 2):
        told += [attempt(position), released(position + 1, position)]
    return [entry.to_bytes() for entry in told]


def disclosed(position: int) -> Disclosure:
    return Disclosure(
        id=f"d-{position}", at=AT, sender="shop", recipient="carrier",
        purpose="dpv:DeliveryOfGoods", contracts=(REF,), subjects=SUBJECTS, categories=COUNTS,
        position=position,
    )  # fmt: skip


def case(pairs: int = 5, chosen: tuple[int, ...] = (2, 3, 8, 9), published: int = 4) -> Case:
    """The entries `chosen` out of a log, with their disclosures."""
    log = leaves(pairs)
    _, nodes = Frontier().append_many(map(leaf_hash, log))
    read = {(node.level, node.index): node.digest for node in nodes}

    def node(level: int, index: int) -> bytes:
        return read[level, index]

    return Case(
        origin=ORIGIN,
        asked=EntryQuery(partner="shop"),
        checkpoint=note(log),
        entries=tuple(
            ProvenEntry(position=n, leaf=log[n], hashes=inclusion_proof(n, len(log), node))
            for n in chosen
        ),
        disclosures=tuple(disclosed(n) for n in chosen if n % 2),
        contracts=(
            ContractText(
                id=REF.id, number=REF.number, digest=REF.digest, source="id: shop-to-carrier\n",
                canonical=CANONICAL,
            ),
        ),
        anchor=Anchor(
            note=note(log[:published]), hashes=consistency_proof(published, len(log), node),
            stamp=b"stamp",
        ),
        attached={"receipt.json": b"{}"},
    )  # fmt: skip


def span_case(pairs: int, chosen: tuple[int, ...], places: range, **asked: Any) -> Case:
    """As `case`, of a period that takes up these places of the log."""
    log = [leaf_hash(leaf) for leaf in leaves(pairs)]
    _, nodes = Frontier().append_many(log)
    read = {(node.level, node.index): node.digest for node in nodes}
    proof = range_proof(
        places.start, places.stop, len(log), lambda level, index: read[level, index]
    )
    span = Span(first=places.start, leaves=tuple(log[places.start : places.stop]), proof=proof)
    period = EntryQuery(
        since=AT + timedelta(seconds=places.start),
        until=AT + timedelta(seconds=places.stop),
        **asked,
    )
    return replace(case(pairs, chosen, 0), asked=period, span=span)


def archive(of: Case | None = None) -> bytes:
    of = of or case()
    return sealed_archive(of, index_files(of), SIGNER)
