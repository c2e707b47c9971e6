"""A payload that waits for a person, as it is kept: under the keys of the people it is about.

The sealed bytes are a JSON head with its length in front, then the answer that approval would give
(`answers.py`). The head has what else becomes true with it: the disclosure, the tokens and their
values, quotas, how long copies are kept.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, Final

from privacy_service.custody import answers
from privacy_service.enforcement.answer import DecisionReason
from privacy_service.enforcement.ports import Minted, Pair, QuotaUse, Release
from privacy_service.evidence.disclosures import Disclosure
from privacy_service.evidence.entries import AuditEntry, CategoryCount, ContractRef
from privacy_service.records.seal import Sealer, Slot
from privacy_service.reviews.review import Review
from privacy_service.store.reviews import HeldContent
from privacy_service.store.rows import StoredDataKey

_FIELD: Final = "review"
_LENGTH: Final = 4
_HELD: Final = frozenset({"ENTITY_HELD", "COVERAGE_HELD"})


def slot_of(review_id: str, sender: str) -> Slot:
    """Where the content of a review is sealed to."""
    return Slot(partner=sender, record=review_id, field=_FIELD)


def sealed_review(
    release: Release, sealer: Sealer, keys: Sequence[StoredDataKey]
) -> tuple[Review, HeldContent]:
    """The review of a release that holds something, and its content."""
    held = release.held
    assert held is not None
    review = Review(
        id=held.review_id,
        sender=release.pair.sender,
        recipient=release.pair.recipient,
        purpose=release.pair.purpose,
        content_type=release.answer.content_type,
        contracts=release.entry.contracts,
        reasons=why_held(release.answer.decision.reasons),
        seen=held.release.entry.payload_out or "",
        held_at=release.entry.at,
        expires_at=held.expires_at,
        four_eyes=held.four_eyes,
    )
    return review, sealed_content(held.review_id, held.release, sealer, keys)


def why_held(reasons: Sequence[DecisionReason]) -> tuple[str, ...]:
    """The reasons to look at it, as words: `ENTITY_HELD:HEALTH_CONDITION`."""
    return tuple(
        one.code if one.entity is None else f"{one.code}:{one.entity}"
        for one in reasons
        if one.code in _HELD
    )


def sealed_content(
    review_id: str, release: Release, sealer: Sealer, keys: Sequence[StoredDataKey]
) -> HeldContent:
    """What approval would make true, sealed."""
    slot = slot_of(review_id, release.pair.sender)
    return HeldContent(
        subjects=release.subjects,
        data_keys=tuple(key.id for key in keys),
        sealed=sealer.seal(to_bytes(release), slot=slot, keys=keys),
    )


def as_of(release: Release, now: datetime) -> Release:
    """The release as it would be at another instant: times are counted from then."""
    late = now - release.entry.at
    disclosure = release.disclosure
    return replace(
        release,
        entry=replace(release.entry, at=now),
        disclosure=None
        if disclosure is None
        else replace(
            disclosure,
            at=now,
            recipient_keeps_until=disclosure.recipient_keeps_until
            and disclosure.recipient_keeps_until + late,
        ),
        copy_until=release.copy_until and release.copy_until + late,
    )


def from_bytes(opened: bytes) -> Release:
    """The release that `sealed_content` sealed."""
    end = _LENGTH + int.from_bytes(opened[:_LENGTH], "big")
    head: dict[str, Any] = json.loads(opened[_LENGTH:end])
    return Release(
        request_id=head["request_id"],
        request=head["request"],
        entry=AuditEntry.from_bytes(head["entry"].encode()),
        answer=answers.from_bytes(opened[end:]),
        disclosure=_disclosure(head["disclosure"]),
        minted=tuple(Minted(**one) for one in head["minted"]),
        pair=Pair(**head["pair"]),
        subjects=tuple(head["subjects"]),
        quotas=tuple(_quota(one) for one in head["quotas"]),
        keep_copy=head["keep_copy"],
        copy_until=_instant(head["copy_until"]),
        claim=head["claim"],
        ask_consent_ledger=head["ask_consent_ledger"],
        draw=head.get("draw"),  # what an older release held has none
    )


def to_bytes(release: Release) -> bytes:
    """What approval would make true, as bytes to be sealed."""
    disclosure = release.disclosure
    head = {
        "request_id": release.request_id,
        "request": release.request,
        "entry": release.entry.to_bytes().decode(),
        "disclosure": None if disclosure is None else asdict(disclosure),
        "minted": [asdict(one) for one in release.minted],
        "pair": asdict(release.pair),
        "subjects": list(release.subjects),
        "quotas": [asdict(one) for one in release.quotas],
        "keep_copy": release.keep_copy,
        "copy_until": release.copy_until,
        "claim": release.claim,
        "ask_consent_ledger": release.ask_consent_ledger,
        "draw": release.draw,
    }
    written = json.dumps(
        head, ensure_ascii=False, separators=(",", ":"), default=lambda at: at.isoformat()
    ).encode()
    return len(written).to_bytes(_LENGTH, "big") + written + answers.to_bytes(release.answer)


def _disclosure(written: dict[str, Any] | None) -> Disclosure | None:
    if written is None:
        return None
    return Disclosure(
        **{
            **written,
            "at": _instant(written["at"]),
            "contracts": tuple(ContractRef(**one) for one in written["contracts"]),
            "subjects": tuple(written["subjects"]),
            "categories": tuple(CategoryCount(**one) for one in written["categories"]),
            "ledger_consents": tuple(written["ledger_consents"]),
            "recipient_keeps_until": _instant(written["recipient_keeps_until"]),
        }
    )


def _quota(written: dict[str, Any]) -> QuotaUse:
    return QuotaUse(
        contract=written["contract"],
        limit=written["limit"],
        period_start=datetime.fromisoformat(written["period_start"]),
        period_end=datetime.fromisoformat(written["period_end"]),
    )


def _instant(written: str | None) -> datetime | None:
    return None if written is None else datetime.fromisoformat(written)
