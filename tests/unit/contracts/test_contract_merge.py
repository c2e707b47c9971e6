"""Both parties have terms: the stricter of each wins, and it is known whose."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from privacy_service import errors
from privacy_service.contracts.merge import stricter
from privacy_service.contracts.model import (
    Direction,
    ErasedSubjects,
    FreeText,
    Quota,
    Retention,
    Storage,
    TermSource,
    Treatment,
    UnknownFields,
)
from privacy_service.contracts.strictness import ORDER, stricter_treatment
from privacy_service.errors import PrivacyError
from tests.unit.contracts.contract_texts import (
    KEY,
    contract,
    entity,
    field,
    inbound,
    merged,
    terms,
    treatment,
)

OTHER_KEY = "3p7bfXt9wbTTW2HC7OQ1Nz+DQ8hbeGdNrfx+FG+IK08="
SENDER, RECIPIENT, BOTH = TermSource.SENDER, TermSource.RECIPIENT, TermSource.BOTH


def test_one_party_alone_has_its_own_terms() -> None:
    ours = terms(contract(field("$.a")))
    theirs = terms(inbound(field("$.b")))
    assert stricter(ours, None).field(("a",)) == field("$.a")
    alone = stricter(None, theirs)
    assert alone.field(("b",)) == field("$.b")
    assert (alone.sender, alone.recipient) == ("acme", "swift")
    assert set(alone.decided.values()) == {RECIPIENT}
    with pytest.raises(PrivacyError) as refused:
        stricter(None, None)
    assert refused.value.reason is errors.NO_CONTRACT_IN_FORCE


def test_a_field_passes_if_both_know_it_and_both_permit_it() -> None:
    both = merged(
        contract(field("$.a"), field("$.b"), field("$.c", permit=False), field("$.e.f")),
        inbound(field("$.a"), field("$.c"), field("$.d"), field("$.e")),
    )
    assert both.field(("a",)) == field("$.a")
    assert both.field(("b",)) is None
    assert both.field_source(("b",)) is RECIPIENT
    assert both.field(("d",)) is None
    assert both.field_source(("d",)) is SENDER
    denied = both.field(("c",))
    assert denied is not None
    assert not denied.permit
    assert both.source("fields:$.c") is SENDER
    assert both.permits_below(("e",))
    assert not both.permits_below(("b",))
    assert both.field(("e", "f")) == field("$.e.f")
    assert both.field(("e", "g")) is None


@pytest.mark.parametrize(
    ("one", "other", "winner"),
    [
        (treatment("keep"), treatment("encrypt"), "other"),
        (treatment("encrypt"), treatment("mask", keep_last=4), "other"),
        (treatment("encrypt"), treatment("tokenize"), "other"),
        (treatment("shift_date", days=9), treatment("generalize", to="month"), "other"),
        (treatment("tokenize"), treatment("hash"), "other"),
        (treatment("hash"), treatment("redact"), "other"),
        (treatment("redact"), treatment("remove"), "other"),
        (treatment("remove"), treatment("refuse"), "other"),
        (treatment("mask", keep_last=4), treatment("mask", keep_last=0), "other"),
        (treatment("shift_date", days=9), treatment("shift_date", days=30), "other"),
        (treatment("generalize", to="month"), treatment("generalize", to="year"), "other"),
        (
            treatment("generalize", to="bucket", size=5),
            treatment("generalize", to="bucket", size=10),
            "other",
        ),
        # They leave different parts of the value: neither may, so nothing is left.
        (treatment("mask", keep_last=4), treatment("generalize", to="zip3"), "redact"),
        (treatment("mask", keep_last=4), treatment("shift_date", days=9), "redact"),
        (treatment("generalize", to="year"), treatment("generalize", to="zip3"), "redact"),
        (
            treatment("generalize", to="bucket", size=10),
            treatment("generalize", to="bucket", size=15),
            "redact",
        ),
    ],
)
def test_the_stricter_treatment_wins(one: Treatment, other: Treatment, winner: str) -> None:
    expected = other if winner == "other" else treatment("redact")
    assert stricter_treatment(one, other) == expected
    assert stricter_treatment(other, one) == expected
    both = merged(
        contract(replace(field("$.a"), treatment=one)),
        inbound(replace(field("$.a"), treatment=other)),
    )
    term = both.field(("a",))
    assert term is not None
    assert term.treatment == expected
    assert both.source("fields:$.a") is (RECIPIENT if winner == "other" else BOTH)


def test_every_treatment_has_its_place_in_the_order() -> None:
    assert len(set(ORDER)) == len(ORDER) == len(list(type(ORDER[0])))


def test_encrypting_does_not_open_what_the_sender_hides() -> None:
    """Whoever holds the key reads all of it: that is no stricter than leaving four digits."""
    both = merged(
        contract(replace(field("$.card"), treatment=treatment("mask", keep_last=4))),
        inbound(field("$.card", "encrypt"), recipient_key=KEY),
    )
    term = both.field(("card",))
    assert term is not None
    assert term.treatment == treatment("mask", keep_last=4)
    assert both.source("fields:$.card") is SENDER


def test_a_declared_entity_falls_under_the_entity_term_of_the_party_that_leaves_it_to_those() -> (
    None
):
    mask = field("$.mail", "mask", type="EMAIL_ADDRESS")
    both = merged(
        contract(mask), inbound(field("$"), entities=(("EMAIL_ADDRESS", entity("hash")),))
    )
    term = both.field(("mail",))
    assert term is not None
    assert term.treatment == treatment("hash")
    assert term.type == "EMAIL_ADDRESS"
    assert both.source("fields:$.mail") is RECIPIENT


def test_findings_in_a_treated_field_fall_under_the_other_partys_stricter_terms() -> None:
    both = merged(
        contract(replace(field("$.note"), treatment=treatment("mask", keep_last=4))),
        inbound(field("$.note", type="text"), entities=(("PERSON", entity("keep")),)),
    )
    assert both.inspected(("note",))
    assert both.finding(("note",), "PERSON").treatment == treatment("mask", keep_last=4)
    assert both.finding(("note",), "CREDIT_CARD").treatment == treatment("redact")


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (None, None, None),
        ("code", "code", "code"),
        ("code", "identifier", "code"),
        ("number", "date", "text"),
        ("identifier", None, None),
        ("text", None, "text"),
        ("text", "code", "text"),
        ("EMAIL_ADDRESS", None, "EMAIL_ADDRESS"),
        ("EMAIL_ADDRESS", "identifier", "EMAIL_ADDRESS"),
    ],
)
def test_a_plain_type_holds_where_both_say_so(
    one: str | None, other: str | None, expected: str | None
) -> None:
    for first, second in ((one, other), (other, one)):
        both = merged(contract(field("$.a", type=first)), inbound(field("$.a", type=second)))
        term = both.field(("a",))
        assert term is not None
        assert term.type == expected


def test_entities_take_the_stricter_treatment_the_lower_threshold_and_both_reveals() -> None:
    both = merged(
        contract(
            entities=(
                ("PERSON", entity("tokenize", threshold=0.8, reveal=True)),
                ("LOCATION", entity("keep", threshold=0.1)),
            )
        ),
        inbound(
            entities=(
                ("PERSON", entity("mask", threshold=0.3)),
                ("LOCATION", entity("redact", threshold=0.6)),
            ),
            other_entities=entity("remove"),
        ),
    )
    assert both.entity("PERSON") == entity("tokenize", threshold=0.3)
    # A term that keeps says nothing about when to change.
    assert both.entity("LOCATION") == entity("redact", threshold=0.6)
    assert both.entity("US_SSN") == entity("remove")
    assert both.source("entities:LOCATION") is RECIPIENT
    assert both.source("entities:PERSON") is BOTH
    assert both.source("entities:default") is RECIPIENT


def test_plain_terms_take_the_stricter_of_each() -> None:
    january, july = (datetime(2026, month, 1, tzinfo=UTC) for month in (1, 7))
    both = merged(
        contract(
            purposes=("dpv:ServiceProvision",),
            consent=True,
            effective_from=january,
            effective_until=july + timedelta(days=300),
            free_text=FreeText.PATTERNS,
            erased_subjects=ErasedSubjects.DROP,
            regions=("EU",),
            quota=Quota(transfers=10, period=timedelta(days=1)),
            retention=Retention(ours=timedelta(days=90), recipient=timedelta(days=365)),
            storage=Storage.SEALED_COPY,
        ),
        inbound(
            effective_from=july,
            unknown_fields=UnknownFields.REFUSE,
            regions=("DE", "CH"),
            quota=Quota(transfers=5, period=timedelta(hours=1)),
            retention=Retention(recipient=timedelta(days=30)),
            recipient_key=KEY,
            legal_basis="dpv:Consent",
        ),
    )
    assert both.purposes == ("dpv:DeliveryOfGoods",)
    assert both.consent
    assert both.effective_from == july
    assert both.effective_until == july + timedelta(days=300)
    assert both.free_text is FreeText.MODEL
    assert both.unknown_fields is UnknownFields.REFUSE
    assert both.erased_subjects is ErasedSubjects.REFUSE
    assert both.regions == ("DE",)
    # Neither quota implies the other, and so both hold.
    assert len(both.quotas) == 2
    assert both.retention == Retention(ours=timedelta(days=90), recipient=timedelta(days=30))
    assert both.storage is Storage.NONE
    assert both.recipient_key == KEY
    assert both.legal_basis == "dpv:ContractPerformance"
    sources = {
        "consent": SENDER,
        "purposes": RECIPIENT,
        "effective.from": RECIPIENT,
        "effective.until": SENDER,
        "unknown_fields": RECIPIENT,
        "erased_subjects": RECIPIENT,
        "free_text": RECIPIENT,
        "regions": BOTH,
        "quota": BOTH,
        "retention.ours": SENDER,
        "retention.recipient": RECIPIENT,
        "storage": RECIPIENT,
        "recipient_key": RECIPIENT,
        "legal_basis": SENDER,
        "subjects": BOTH,
    }
    assert {name: both.source(name) for name in sources} == sources
    assert both.decided.items() >= sources.items()


def test_a_quota_that_implies_the_other_stands_alone() -> None:
    tight = Quota(transfers=5, period=timedelta(days=1))
    loose = Quota(transfers=10, period=timedelta(hours=1))
    assert merged(contract(quota=loose), inbound(quota=tight)).quotas == (tight,)
    assert merged(contract(quota=tight), inbound()).quotas == (tight,)
    assert merged(contract(), inbound()).quotas == ()


@pytest.mark.parametrize(
    ("ours", "theirs", "term"),
    [
        ({"purposes": ("dpv:Marketing",)}, {"purposes": ("dpv:LegalCompliance",)}, "purposes"),
        ({"regions": ("US",)}, {"regions": ("EU",)}, "regions"),
        ({"recipient_key": KEY}, {"recipient_key": OTHER_KEY}, "recipient_key"),
        (
            {"effective_until": datetime(2026, 6, 1, tzinfo=UTC)},
            {"effective_from": datetime(2026, 6, 1, tzinfo=UTC)},
            "effective",
        ),
    ],
)
def test_contracts_that_no_transfer_could_satisfy_are_refused(
    ours: dict[str, object], theirs: dict[str, object], term: str
) -> None:
    with pytest.raises(PrivacyError) as refused:
        merged(contract(**ours), inbound(**theirs))
    assert refused.value.reason is errors.CONTRACTS_CONTRADICT
    assert refused.value.details["term"] == term


def test_the_recipient_must_be_where_both_let_it_be() -> None:
    def permitted(region: str | None, *regions: str) -> bool:
        ours = contract(regions=regions)
        swift = replace(ours.counterparty, region=region)
        return terms(replace(ours, counterparty=swift)).region_permitted()

    assert permitted(None)
    assert permitted("US")
    assert permitted("FR", "EU")
    assert permitted("EU", "EEA")
    assert not permitted("EU", "FR")
    assert not permitted("GB", "EU", "CH")
    assert not permitted(None, "EU")
    both = merged(
        replace(contract(), counterparty=replace(contract().counterparty, region="DE")),
        inbound(party=replace(inbound().party, region="US"), regions=("EU", "CH")),
    )
    assert both.recipient_regions == ("DE", "US")
    assert not both.region_permitted()


def test_a_contract_for_both_directions_holds_the_counterpartys_key() -> None:
    ours = terms(contract(direction=Direction.BOTH, recipient_key=KEY))
    assert stricter(ours, None).recipient_key == KEY
    assert stricter(None, ours).recipient_key is None
    assert (stricter(None, ours).sender, stricter(None, ours).recipient) == ("swift", "acme")


def test_contracts_of_other_pairs_and_directions_are_a_programmers_fault() -> None:
    other = inbound(party=replace(inbound().party, partner="someone-else"))
    with pytest.raises(ValueError, match="two pairs"):
        merged(contract(), other)
    with pytest.raises(ValueError, match="direction"):
        merged(inbound(), inbound())
