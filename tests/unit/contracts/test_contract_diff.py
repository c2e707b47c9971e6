"""A diff names each changed term, and knows its direction."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from privacy_service.contracts.change import Way
from privacy_service.contracts.diff import diff, weakens
from privacy_service.contracts.model import (
    ConsentProof,
    ConsentTerm,
    Direction,
    ErasedSubjects,
    Example,
    FieldTerm,
    FreeText,
    OnWithdrawal,
    PartyRole,
    Quota,
    Retention,
    SharingContract,
    Status,
    Storage,
    SubjectField,
    UnknownFields,
)
from tests.unit.contracts.contract_texts import KEY, contract, entity, field, treatment

T, W, N = Way.TIGHTENS, Way.WEAKENS, Way.NEUTRAL
DAY = timedelta(days=1)
JULY = datetime(2026, 7, 1, tzinfo=UTC)


def ways(old: SharingContract, new: SharingContract) -> dict[str, Way]:
    """Each change's direction, by its path."""
    return {change.path: change.direction for change in diff(old, new)}


@pytest.mark.parametrize(
    ("name", "strict", "loose", "path"),
    [
        ("status", Status.SUSPENDED, Status.ACTIVE, "status"),
        ("consent", True, False, "consent"),
        (
            "consent_proof",
            ConsentTerm(by=ConsentProof.LEDGER),
            ConsentTerm(),
            "consent_proof.by",
        ),
        ("consent_proof", ConsentTerm(max_age=DAY), ConsentTerm(), "consent_proof.max_age"),
        (
            "consent_proof",
            ConsentTerm(on_withdrawal=OnWithdrawal.ERASE),
            ConsentTerm(),
            "consent_proof.on_withdrawal",
        ),
        ("effective_from", JULY + DAY, JULY, "effective.from"),
        ("effective_until", JULY, JULY + DAY, "effective.until"),
        ("effective_until", JULY, None, "effective.until"),
        ("unknown_fields", UnknownFields.REFUSE, UnknownFields.DROP, "unknown_fields"),
        ("erased_subjects", ErasedSubjects.REFUSE, ErasedSubjects.DROP, "erased_subjects"),
        ("free_text", FreeText.MODEL, FreeText.PATTERNS, "free_text"),
        ("storage", Storage.NONE, Storage.SEALED_COPY, "storage"),
        ("retention", Retention(ours=DAY), Retention(ours=2 * DAY), "retention.ours"),
        ("retention", Retention(recipient=DAY), Retention(), "retention.recipient"),
        ("regions", ("DE",), ("EU",), "regions"),
        ("regions", ("EU",), (), "regions"),
        ("quota", Quota(transfers=1, period=DAY), Quota(transfers=2, period=DAY), "quota"),
        ("quota", Quota(transfers=1, period=DAY), None, "quota"),
        ("recipient_key", None, KEY, "recipient_key"),
        ("direction", Direction.OUTBOUND, Direction.BOTH, "direction"),
        (
            "purposes",
            ("dpv:DeliveryOfGoods",),
            ("dpv:DeliveryOfGoods", "dpv:Marketing"),
            "purposes",
        ),
    ],
)
def test_plain_terms_know_their_direction(
    name: str, strict: object, loose: object, path: str
) -> None:
    tight, wide = (contract(**{name: value}) for value in (strict, loose))
    assert ways(wide, tight) == {path: T}
    assert ways(tight, wide) == {path: W}


@pytest.mark.parametrize(
    "changed",
    [
        {"id": "other"},
        {"legal_basis": "dpv:Consent"},
        {"direction": Direction.INBOUND},
        {"regions": ("US",)},
        {"quota": Quota(transfers=5, period=timedelta(hours=1))},
        {"recipient_key": "3p7bfXt9wbTTW2HC7OQ1Nz+DQ8hbeGdNrfx+FG+IK08="},
        {"party": replace(contract().party, partner="other")},
        {"counterparty": replace(contract().counterparty, role=PartyRole.CONTROLLER)},
        {"counterparty": replace(contract().counterparty, region="US")},
    ],
)
def test_what_is_not_known_to_tighten_weakens(changed: dict[str, Any]) -> None:
    old = contract(regions=("DE",), quota=Quota(transfers=10, period=DAY), recipient_key=KEY)
    new = replace(old, **changed)
    assert set(ways(old, new).values()) == {W}
    assert set(ways(new, old).values()) == {W}


def test_what_says_nothing_about_the_data_is_neutral() -> None:
    new = contract(
        title="Other",
        review_by=date(2027, 1, 1),
        examples=(Example(name="x", content_type="text/plain", payload="hello"),),
    )
    assert ways(contract(), new) == {"title": N, "review_by": N, "examples": N}
    assert not weakens(diff(contract(), new))


def test_a_purpose_that_a_broader_one_covers_is_neutral() -> None:
    broad = contract(purposes=("dpv:ServiceProvision",))
    both = contract(purposes=("dpv:ServiceProvision", "dpv:DeliveryOfGoods"))
    assert ways(broad, both) == {"purposes": N}
    assert ways(both, broad) == {"purposes": N}
    changes = diff(contract(), broad)
    assert [(one.before, one.after, one.direction) for one in changes] == [
        (None, "dpv:ServiceProvision", W),
        ("dpv:DeliveryOfGoods", None, N),
    ]


def test_subjects_that_are_no_longer_recorded_weaken() -> None:
    named = contract(subjects=(SubjectField(path="$.id", type="customer-id"),))
    assert ways(named, contract()) == {"subjects:$.id": W}
    assert ways(contract(), named) == {"subjects:$.id": N}


@pytest.mark.parametrize(
    ("old", "new", "way"),
    [
        (None, field("$.a"), W),
        (field("$.a"), None, T),
        (field("$.a", permit=False), None, N),
        (field("$.a"), field("$.a", permit=False), T),
        (field("$.a", "refuse"), field("$.a", permit=False), W),
        (field("$.a", "redact"), field("$.a", "refuse"), T),
        (field("$.a", "hash"), field("$.a", "tokenize"), W),
        (field("$.a", "remove"), field("$.a", permit=False), N),
        (field("$.a", "tokenize"), field("$.a", "tokenize", reveal=True), W),
        (field("$.a", "mask", keep_type=True), field("$.a", "mask"), W),
        (field("$.a"), field("$.a", "redact"), T),
        # What is found in the field was redacted; a mask would leave its end.
        (
            field("$.a"),
            replace(field("$.a"), treatment=treatment("mask", keep_last=4)),
            W,
        ),
        (field("$.a", "mask"), field("$.a"), W),
        (field("$.a", "keep", type="PERSON"), field("$.a"), T),
        (field("$.a", "keep", type="PERSON"), field("$.a", "keep", type="CREDIT_CARD"), W),
        (field("$.a"), field("$.a", type="code"), W),
        (field("$.a", type="code"), field("$.a", type="text"), T),
        (field("$.a"), field("$.a", type="PERSON"), T),
    ],
)
def test_fields_know_their_direction(
    old: FieldTerm | None, new: FieldTerm | None, way: Way
) -> None:
    before, after = (contract(*([one] if one else [])) for one in (old, new))
    assert ways(before, after) == {"fields:$.a": way}


def test_a_field_is_judged_by_what_holds_where_it_counts() -> None:
    # The exception goes, and what it took out falls under the container's term.
    open_but_one = contract(field("$"), field("$.secret", permit=False))
    assert ways(open_but_one, contract(field("$"))) == {"fields:$.secret": W}
    # A closed container goes, and what a descent names comes out of it.
    closed = contract(field("$.a", permit=False), field("$..id"))
    assert ways(closed, contract(field("$..id"))) == {"fields:$.a": W}
    # Two patterns meet at $.a.b, where the stricter one no longer holds.
    meeting = contract(field("$.a.*", "redact"), field("$.*.b"))
    assert ways(meeting, contract(field("$.*.b"))) == {"fields:$.a.*": W}
    # Unknown fields are refused, and so naming one to drop it lets the payload pass.
    strict = contract(unknown_fields=UnknownFields.REFUSE)
    naming = contract(field("$.a", permit=False), unknown_fields=UnknownFields.REFUSE)
    assert ways(strict, naming) == {"fields:$.a": W}


def test_entities_know_their_direction() -> None:
    old = contract(entities=(("PERSON", entity("mask")), ("LOCATION", entity("redact"))))
    new = contract(
        entities=(("PERSON", entity("mask", threshold=0.9)), ("US_SSN", entity("remove"))),
        other_entities=entity("keep"),
    )
    assert ways(old, new) == {
        "entities:PERSON": W,
        "entities:LOCATION": W,
        "entities:US_SSN": T,
        "entities:default": W,
    }
    same = contract(entities=(("PERSON", entity("redact")),))
    assert ways(contract(), same) == {"entities:PERSON": N}
    reveals = contract(other_entities=entity("redact", reveal=True))
    assert ways(contract(), reveals) == {"entities:default": W}


def test_a_change_says_what_was_what_is_and_why() -> None:
    (change,) = diff(
        contract(field("$.a", "redact")), contract(field("$.a", "mask", type="PERSON"))
    )
    assert change.path == "fields:$.a"
    assert change.before == {"path": "$.a", "treatment": "redact"}
    assert change.after == {"path": "$.a", "treatment": "mask", "type": "PERSON"}
    assert change.direction is W
    assert change.why.endswith(".")
    assert weakens([change])
