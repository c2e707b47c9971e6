"""The gate: what has to hold before a payload is even read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from privacy_service import errors
from privacy_service.contracts import regions
from privacy_service.contracts.model import ConsentProof
from privacy_service.contracts.terms import Terms
from privacy_service.enforcement.ports import QuotaUse
from privacy_service.enforcement.request import PreviewRequest
from privacy_service.errors import PrivacyError
from privacy_service.subjects.opt_out import objects_to

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_CLOCKS_DIFFER: Final = timedelta(seconds=60)
"""How far the sender's clock may be ahead of ours."""


def admit(request: PreviewRequest, terms: Terms, *, now: datetime) -> None:
    """Raises REGION_NOT_PERMITTED, PURPOSE_OBJECTED, CONSENT_MISSING or CONSENT_STALE unless the
    terms admit the request.

    The region that the request states is asked beside those that the contracts state. Where our
    consent ledger is asked, that is done when the transfer is released.
    """
    asked = request.recipient_region
    if not _region_permitted(asked, terms):
        raise PrivacyError(errors.REGION_NOT_PERMITTED, region=asked or "not stated")
    if request.opted_out and objects_to(request.purpose):
        raise PrivacyError(errors.PURPOSE_OBJECTED)
    if terms.consent and terms.consent_proof.by is ConsentProof.SENDER:
        _require_word(request, terms, now)


def _require_word(request: PreviewRequest, terms: Terms, now: datetime) -> None:
    """The sender's word for a consent, as fresh as the contract asks."""
    if request.consent is None:
        raise PrivacyError(errors.CONSENT_MISSING)
    longest = terms.consent_proof.max_age
    if longest is None:
        return
    checked = request.consent.checked_at
    if checked is None or not now - longest <= checked <= now + _CLOCKS_DIFFER:
        raise PrivacyError(errors.CONSENT_STALE)


def _region_permitted(asked: str | None, terms: Terms) -> bool:
    if not terms.regions:
        return True
    stated = terms.recipient_regions + ((asked,) if asked else ())
    return bool(stated) and all(regions.within(one, terms.regions) for one in stated)


def quotas_again(uses: Iterable[QuotaUse], now: datetime) -> tuple[QuotaUse, ...]:
    """The same quotas in the periods of another instant."""
    return tuple(
        replace(
            use,
            period_start=(start := now - (now - _EPOCH) % (use.period_end - use.period_start)),
            period_end=start + (use.period_end - use.period_start),
        )
        for use in uses
    )


def quotas_at(terms: Terms, now: datetime) -> tuple[QuotaUse, ...]:
    """The quotas that a release at this instant uses, one per contract that has one.

    Periods are counted from 1970-01-01T00:00Z, so that a day is a UTC day on every replica.
    """
    return tuple(
        QuotaUse(
            contract=ref.contract.id,
            limit=quota.transfers,
            period_start=(start := now - (now - _EPOCH) % quota.period),
            period_end=start + quota.period,
        )
        for ref in terms.refs
        if (quota := ref.contract.quota) is not None
    )
