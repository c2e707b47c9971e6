from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest

from privacy_service import errors
from privacy_service.errors import PrivacyError, Reason
from privacy_service.subjects.consent import (
    ConsentEvent,
    ConsentParty,
    ConsentRecord,
    ConsentState,
    ConsentTerms,
    permitting,
    require_next,
)
from privacy_service.subjects.consent_jsonld import PROFILE, as_jsonld
from privacy_service.subjects.opt_out import objects_to

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
S = ConsentState
ACME = ConsentParty(
    id="acme-shop", name="Acme", address="Hamburg", contact="privacy@acme.example", type="company"
)
TERMS = ConsentTerms(
    notice="https://acme.example/notice", language="en", purposes=("dpv:Marketing",),
    legal_basis="eu-gdpr:A6-1-a", recipients=("helpdesk-ai",), personal_data=("pd:EmailAddress",),
    controllers=(ACME,), collection_method="web form", storage_locations=("DE",),
    retention_period="P2Y", jurisdiction="DE", withdrawal_method="one click",
)  # fmt: skip


def event(state: ConsentState, at: datetime = NOW, **more: Any) -> ConsentEvent:
    return ConsentEvent(state=state, at=at, **more)


def record(*events: ConsentEvent, **fields: Any) -> ConsentRecord:
    fields = {
        "partner": "acme-shop", "id": "c1", "subjects": frozenset({"s1", "s2"}), "terms": TERMS,
        **fields,
    }  # fmt: skip
    return ConsentRecord(events=events or (event(S.GIVEN),), **fields)


def refused(reason: Reason, act: Any) -> PrivacyError:
    with pytest.raises(PrivacyError) as caught:
        act()
    assert caught.value.reason is reason
    return caught.value


def permits(one: ConsentRecord, purpose: str = "dpv:Marketing", **more: Any) -> bool:
    return one.permits(purpose, more.pop("recipient", "helpdesk-ai"), at=more.pop("at", NOW))


def test_only_what_was_given_or_renewed_permits() -> None:
    for state in S:
        if state is not S.EXPIRED:
            assert permits(record(event(state))) is (state in {S.GIVEN, S.RENEWED})


def test_a_consent_is_to_its_purposes_and_recipients_and_no_others() -> None:
    assert permits(record(), "dpv:DirectMarketing")
    assert not permits(record(), "dpv:DeliveryOfGoods")
    assert not permits(record(), "dpv:CommercialPurpose")
    assert not permits(record(), recipient="swift-parcel")
    assert not permits(record(), at=NOW - timedelta(seconds=1))


def test_a_consent_for_a_time_runs_out_by_the_calendar() -> None:
    leap = datetime(2024, 2, 29, 9, tzinfo=UTC)
    one = record(event(S.GIVEN, leap, valid_for="P1Y"))
    last = datetime(2025, 2, 28, 9, tzinfo=UTC)
    assert permits(one, at=last - timedelta(microseconds=1))
    assert one.state_at(last) is S.EXPIRED
    assert not permits(one, at=last)
    renewed = one.then(event(S.RENEWED, last, valid_for="P1Y"), now=last)
    assert permits(renewed, at=last)


def test_what_was_refused_does_not_expire() -> None:
    one = record(event(S.REFUSED, valid_for="P1D"))
    assert one.state_at(NOW + timedelta(days=9)) is S.REFUSED


@pytest.mark.parametrize(("last", "said"), list(product(S, S)))
def test_what_may_follow_what_is_a_table(last: ConsentState, said: ConsentState) -> None:
    if said is S.EXPIRED:
        refused(errors.REQUEST_INVALID, lambda: event(said))
        return
    allowed = {
        S.REQUESTED: {S.DEFERRED, S.REFUSED, S.GIVEN},
        S.DEFERRED: {S.REQUESTED, S.REFUSED, S.GIVEN},
        S.REFUSED: {S.REQUESTED, S.GIVEN},
        S.WITHDRAWN: {S.REQUESTED, S.GIVEN},
        S.REVOKED: {S.REQUESTED},
        S.INVALIDATED: {S.REQUESTED},
        S.EXPIRED: {S.REQUESTED, S.GIVEN, S.RENEWED, S.WITHDRAWN, S.REVOKED, S.INVALIDATED},
    }.get(last, {S.RENEWED, S.WITHDRAWN, S.REVOKED, S.INVALIDATED})
    if said in allowed:
        require_next(last, event(said), now=NOW)
    else:
        refused(errors.CONSENT_STATE, lambda: require_next(last, event(said), now=NOW))


def test_time_goes_on() -> None:
    one = record()
    early, late = NOW - timedelta(seconds=1), NOW + timedelta(seconds=1)
    refused(errors.REQUEST_INVALID, lambda: one.then(event(S.WITHDRAWN, early), now=NOW))
    refused(errors.REQUEST_INVALID, lambda: one.then(event(S.WITHDRAWN, late), now=NOW))


def test_every_person_needs_a_consent() -> None:
    one, other = record(), record(id="c2", subjects=frozenset({"s3"}))
    how = {"purpose": "dpv:Marketing", "recipient": "helpdesk-ai", "at": NOW}
    assert permitting([one, other], ["s2", "s3"], **how) == ("c1", "c2")
    refused(errors.CONSENT_NOT_IN_FORCE, lambda: permitting([one], ["s1", "s3"], **how))
    refused(errors.SUBJECT_REQUIRED, lambda: permitting([one], [], **how))
    ended = record(event(S.GIVEN), event(S.WITHDRAWN))
    anew = replace(ended, id="c9", events=(*ended.events, event(S.GIVEN)))
    refused(errors.CONSENT_NOT_IN_FORCE, lambda: permitting([ended], ["s1"], **how))
    assert permitting([ended, anew], ["s1"], **how) == ("c9",)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("purposes", ("dpv:NoSuchPurpose",)),
        ("purposes", ()),
        ("legal_basis", "eu-gdpr:A6-1-b"),
        ("retention_period", "two years"),
        ("recipients", ()),
        ("controllers", ()),
        ("notice", " "),
        ("withdrawal_method", ""),
    ],
)
def test_terms_say_what_the_standard_asks_for(field: str, value: Any) -> None:
    error = refused(errors.REQUEST_INVALID, lambda: replace(TERMS, **{field: value}))
    assert error.details == {"field": f"terms.{field}"}


def test_terms_are_known_by_their_digest_and_come_back() -> None:
    plain = json.loads(json.dumps(TERMS.to_plain()))
    assert ConsentTerms.from_plain(plain) == TERMS
    assert ConsentTerms.from_plain(plain).digest == TERMS.digest
    assert replace(TERMS, language="de").digest != TERMS.digest


def test_the_export_has_what_the_standard_makes_mandatory() -> None:
    one = record(event(S.GIVEN, valid_for="P2Y"), event(S.WITHDRAWN))
    written = as_jsonld(one, now=NOW)
    json.dumps(written)
    assert written["@type"] == "dpv:ConsentRecord"
    assert written["dct:conformsTo"] == PROFILE
    assert written["dct:identifier"] == "c1"
    assert [one["@id"] for one in written["dpv:hasDataSubject"]] == ["subject:s1", "subject:s2"]
    assert written["dpv:hasConsentStatus"] == "dpv:ConsentWithdrawn"
    assert written["dpv:hasActivity"][0]["dpv:hasDuration"] == "P2Y"
    process = written["dpv:hasProcess"]
    assert process["dpv:hasPurpose"] == ["dpv:Marketing"]
    assert process["dpv:hasStorageCondition"][1]["dpv:hasDuration"] == "P2Y"
    for prefix in ("dpv", "eu-gdpr", "pd", "loc", "dct", "schema"):
        assert written["@context"][prefix].startswith("http")


@pytest.mark.parametrize(
    ("purpose", "objected"),
    [
        ("dpv:SellDataToThirdParties", True),
        ("TargetedAdvertising", True),
        ("https://w3id.org/dpv#PersonalisedAdvertising", True),
        ("dpv:DeliveryOfGoods", False),
        ("dpv:Marketing", False),
        ("something else", False),
    ],
)
def test_the_signal_is_about_sale_and_sharing(purpose: str, objected: bool) -> None:
    assert objects_to(purpose) is objected
