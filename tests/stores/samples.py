"""Rows as the tests put them, one keyword away from what a test is about."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from privacy_service.contracts.model import Direction, Status
from privacy_service.evidence.disclosures import Disclosure
from privacy_service.evidence.entries import AuditEntry, CategoryCount, ContractRef, EntryKind
from privacy_service.store.rows import (
    Replay,
    StoredDataKey,
    StoredRecord,
    StoredToken,
    UnnumberedContract,
)
from tests.stores.databases import NOW, later

REF = ContractRef(id="acme-to-globex", number=1, digest="sha256:" + "0" * 64)
SUBJECT = "ab" * 32
COUNTS = (CategoryCount(entity="EMAIL_ADDRESS", treatment="tokenize", count=2),)


def entry(**fields: Any) -> AuditEntry:
    fields = {
        "kind": EntryKind.EFFECT,
        "action": "EnforcementService/Transfer",
        "at": NOW,
        "actor": "spiffe://acme.example/orders",
        "partner": "acme",
        "counterparty": "globex",
        "outcome": "TREATED",
        "contracts": (REF,),
        **fields,
    }
    return AuditEntry(**fields)


def disclosure(position: int | None, **fields: Any) -> Disclosure:
    fields = {
        "id": f"disclosure-{position}",
        "at": NOW,
        "sender": "acme",
        "recipient": "globex",
        "purpose": "dpv:FulfilmentOfObligation",
        "contracts": (REF,),
        "subjects": (SUBJECT,),
        "categories": COUNTS,
        "consent": "consent-1",
        "record": "record-1",
        "recipient_keeps_until": later(days=30),
        **fields,
    }
    return Disclosure(position=position, **fields)


def contract(**fields: Any) -> UnnumberedContract:
    fields = {
        "id": "acme-to-globex",
        "digest": "sha256:" + "1" * 64,
        "party": "acme",
        "counterparty": "globex",
        "direction": Direction.OUTBOUND,
        "status": Status.ACTIVE,
        "effective_from": NOW,
        "effective_until": later(days=365),
        "source": "id: acme-to-globex\n",
        "put_at": NOW,
        "put_by": "spiffe://acme.example/legal",
        **fields,
    }
    return UnnumberedContract(**fields)


def record(**fields: Any) -> StoredRecord:
    fields = {
        "id": "record-1",
        "partner": "acme",
        "content_type": "application/json",
        "size": 7,
        "data_keys": ("key-1",),
        "subjects": (SUBJECT,),
        "contracts": (REF,),
        "created_at": NOW,
        "keep_until": later(days=30),
        "sealed": b"\x00sealed\xff",
        **fields,
    }
    return StoredRecord(**fields)


def data_key(**fields: Any) -> StoredDataKey:
    fields = {
        "id": "key-1",
        "partner": "acme",
        "subject": SUBJECT,
        "wrapping_key": "partner/acme#1",
        "wrapped": b"wrapped",
        "created_at": NOW,
        **fields,
    }
    return StoredDataKey(**fields)


def token(word: str, **fields: Any) -> StoredToken:
    fields = {
        "sender": "acme",
        "recipient": "globex",
        "purpose": "dpv:FulfilmentOfObligation",
        "entity": "EMAIL_ADDRESS",
        "subject": SUBJECT,
        "data_key": "key-1",
        "sealed": b"sealed value",
        "minted_at": NOW,
        **fields,
    }
    return StoredToken(token=word, **fields)


def replay(request_id: str, **fields: Any) -> Replay:
    expires_at: datetime = fields.pop("expires_at", later(days=1))
    fields = {
        "partner": "acme",
        "request_digest": "cd" * 32,
        "sealed_answer": b"sealed answer",
        "position": 0,
        **fields,
    }
    return Replay(request_id=request_id, expires_at=expires_at, **fields)
