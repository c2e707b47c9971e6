"""Rows as what holds and schedules ask about."""

from __future__ import annotations

from privacy_service.store.erasures import KeptAnswer
from privacy_service.store.rows import RecordSummary, StoredToken
from privacy_service.subjects.kept import KeptThing, RecordFacts


def kept_record(record: RecordSummary) -> KeptThing:
    """A sealed record."""
    contracts = tuple(ref.id for ref in record.contracts)
    return KeptThing(
        partners=(record.partner,),
        subjects=record.subjects,
        contracts=contracts,
        record=RecordFacts(
            partner=record.partner,
            id=record.id,
            content_type=record.content_type,
            size=record.size,
            contracts=contracts,
            created_at=record.created_at,
            keep_until=record.keep_until,
        ),
        restricted=record.restricted_at is not None,
        anonymous=record.anonymised_at is not None,
    )


def kept_token(token: StoredToken) -> KeptThing:
    """A token, with the value that it stands for."""
    return KeptThing(
        partners=(token.sender, token.recipient),
        subjects=() if token.subject is None else (token.subject,),
    )


def kept_answer(answer: KeptAnswer) -> KeptThing:
    """A sealed answer that is kept for retries."""
    return KeptThing(
        partners=(answer.sender, answer.recipient),
        subjects=answer.subjects,
        contracts=answer.contracts,
    )
