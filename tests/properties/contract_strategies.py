"""Contracts, drawn at random: small alphabets, so that patterns meet and treatments clash."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from privacy_service.contracts.model import (
    ConsentProof,
    ConsentTerm,
    ContractVersion,
    Direction,
    EntityTerm,
    ErasedSubjects,
    Example,
    FieldTerm,
    FreeText,
    Generalization,
    OnWithdrawal,
    Party,
    PartyRole,
    Quota,
    Retention,
    ReviewTerm,
    SharingContract,
    Status,
    Storage,
    SubjectField,
    Treatment,
    TreatmentKind,
    UnknownFields,
)

NAMES = ("a", "b", "c")
ENTITIES = ("EMAIL_ADDRESS", "PERSON", "DATE_OF_BIRTH", "CREDIT_CARD")
TYPES = (None, "text", "identifier", "code", "number", "date", "EMAIL_ADDRESS", "PERSON")
KEYS = (
    "hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo=",
    "3p7bfXt9wbTTW2HC7OQ1Nz+DQ8hbeGdNrfx+FG+IK08=",
)
SPRING = datetime(2026, 3, 1, tzinfo=UTC)

steps = st.sampled_from(
    [*(f".{name}" for name in NAMES), "[0]", "[*]", "..a", "..*"],
)
jsonpaths = st.lists(steps, max_size=3).map(lambda parts: "$" + "".join(parts))
pointers = st.lists(st.sampled_from([*NAMES, "*", "0"]), max_size=3).map(
    lambda parts: "".join(f"/{part}" for part in parts)
)
patterns = st.one_of(jsonpaths, jsonpaths, pointers)
paths = st.lists(st.sampled_from([*NAMES, "x", "0", 0, 7]), max_size=4).map(tuple)


def _generalized() -> st.SearchStrategy[Treatment]:
    plain = st.sampled_from([to for to in Generalization if to is not Generalization.BUCKET])
    return st.one_of(
        plain.map(lambda to: Treatment(kind=TreatmentKind.GENERALIZE, to=to)),
        st.sampled_from([2, 5, 10, 20]).map(
            lambda size: Treatment(
                kind=TreatmentKind.GENERALIZE, to=Generalization.BUCKET, size=size
            )
        ),
    )


_PARAMETRIC = (TreatmentKind.MASK, TreatmentKind.SHIFT_DATE, TreatmentKind.GENERALIZE)
treatments = st.one_of(
    st.sampled_from([kind for kind in TreatmentKind if kind not in _PARAMETRIC]).map(
        lambda kind: Treatment(kind=kind)
    ),
    st.integers(0, 8).map(lambda keep: Treatment(kind=TreatmentKind.MASK, keep_last=keep)),
    st.integers(1, 60).map(lambda days: Treatment(kind=TreatmentKind.SHIFT_DATE, days=days)),
    _generalized(),
)
field_terms = st.builds(
    FieldTerm,
    path=patterns,
    permit=st.sampled_from([True, True, True, False]),
    treatment=st.one_of(st.none(), treatments),
    type=st.sampled_from(TYPES),
    keep_type=st.booleans(),
    reveal=st.booleans(),
)
entity_terms = st.builds(
    EntityTerm,
    treatment=treatments,
    threshold=st.sampled_from([0.1, 0.4, 0.85]),
    reveal=st.booleans(),
)
entities = st.dictionaries(st.sampled_from(ENTITIES), entity_terms, max_size=3).map(
    lambda terms: tuple(sorted(terms.items()))
)
durations = st.integers(1, 2_000_000).map(lambda seconds: timedelta(seconds=seconds))
instants = st.integers(0, 100_000).map(lambda minutes: SPRING + timedelta(minutes=minutes))
quotas = st.one_of(
    st.none(),
    st.builds(
        Quota,
        transfers=st.integers(1, 50),
        period=st.sampled_from([timedelta(hours=1), timedelta(days=1), timedelta(days=7)]),
    ),
)
reviews = st.builds(
    ReviewTerm,
    entities=st.lists(st.sampled_from(["EMAIL_ADDRESS", "PERSON", "US_SSN"]), unique=True).map(
        lambda names: tuple(sorted(names))
    ),
    incomplete=st.booleans(),
    within=st.none() | durations,
    four_eyes=st.booleans(),
)
retentions = st.builds(Retention, ours=st.none() | durations, recipient=st.none() | durations)
words = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12)
texts = st.text(
    st.characters(exclude_categories=["Cs", "Co", "Cn"], exclude_characters="\x00"), max_size=40
)
examples = st.lists(
    st.builds(
        Example,
        name=words,
        content_type=st.sampled_from(["text/plain", "application/json; charset=utf-8"]),
        payload=texts,
        effect=st.sampled_from([None, "ALLOW", "TREATED", "REFUSE"]),
        output=st.none() | texts,
    ),
    max_size=2,
).map(tuple)


@st.composite
def contracts(
    draw: st.DrawFn, direction: Direction = Direction.OUTBOUND, party: str = "acme"
) -> SharingContract:
    """A contract of `party`, between `acme` and `swift`: fields and entities, plain terms plain."""
    return SharingContract(
        id="one",
        title="Orders",
        party=Party(partner=party, role=PartyRole.CONTROLLER),
        counterparty=Party(
            partner="swift" if party == "acme" else "acme", role=PartyRole.PROCESSOR
        ),
        direction=direction,
        purposes=("dpv:ServiceProvision",),
        legal_basis="eu-gdpr:A6-1-b",
        effective_from=SPRING,
        fields=tuple(draw(st.lists(field_terms, max_size=5, unique_by=lambda term: term.path))),
        entities=draw(entities),
        other_entities=draw(entity_terms),
        unknown_fields=draw(st.sampled_from(UnknownFields)),
        erased_subjects=draw(st.sampled_from(ErasedSubjects)),
    )


subject_fields = st.builds(
    SubjectField, path=patterns, type=st.sampled_from(["email", "customer-id"])
)
purposes = st.sampled_from(["dpv:ServiceProvision", "dpv:DeliveryOfGoods"])


@st.composite
def full_contracts(
    draw: st.DrawFn, direction: Direction = Direction.OUTBOUND, party: str = "acme"
) -> SharingContract:
    """The same with every plain term drawn too."""
    begins = draw(instants)
    ends = st.integers(1, 100_000).map(lambda minutes: begins + timedelta(minutes=minutes))
    plain = draw(contracts(direction, party))
    region = st.sampled_from([None, "DE"])
    return replace(
        plain,
        id=draw(st.sampled_from(["one", "two-2"])),
        title=draw(words),
        party=replace(plain.party, region=draw(region)),
        counterparty=replace(plain.counterparty, region=draw(region)),
        purposes=tuple(draw(st.lists(purposes, min_size=1, unique=True))),
        legal_basis=draw(st.sampled_from(["dpv:Consent", "eu-gdpr:A6-1-b"])),
        status=draw(st.sampled_from(Status)),
        consent=draw(st.booleans()),
        consent_proof=draw(
            st.builds(
                ConsentTerm,
                by=st.sampled_from(ConsentProof),
                on_withdrawal=st.sampled_from(OnWithdrawal),
                max_age=st.none() | st.integers(1, 10**6).map(lambda s: timedelta(seconds=s)),
            )
        ),
        effective_from=begins,
        effective_until=draw(st.none() | ends),
        free_text=draw(st.sampled_from(FreeText)),
        subjects=tuple(draw(st.lists(subject_fields, max_size=2))),
        regions=draw(st.sampled_from([(), ("EU",), ("DE", "AT"), ("EEA", "CH")])),
        quota=draw(quotas),
        retention=draw(retentions),
        review=draw(reviews),
        storage=draw(st.sampled_from(Storage)),
        recipient_key=draw(st.sampled_from([None, None, *KEYS])),
        review_by=draw(st.none() | st.dates(date(2026, 1, 1), date(2030, 1, 1))),
        examples=draw(examples),
    )


@st.composite
def revisions(draw: st.DrawFn) -> tuple[SharingContract, SharingContract]:
    """A contract, and the same with one or two terms changed, added or taken out."""
    old = draw(contracts())
    fields, named = list(old.fields), dict(old.entities)
    for _ in range(draw(st.integers(1, 2))):
        if fields and draw(st.booleans()):
            at = draw(st.integers(0, len(fields) - 1))
            changed = draw(field_terms)
            fields[at : at + 1] = draw(
                st.sampled_from([[], [replace(changed, path=fields[at].path)]])
            )
        elif draw(st.booleans()):
            fields.append(draw(field_terms))
        else:
            named[draw(st.sampled_from(ENTITIES))] = draw(entity_terms)
    fields = list({term.path: term for term in fields}.values())
    return old, replace(old, fields=tuple(fields), entities=tuple(sorted(named.items())))


def version(contract: SharingContract, number: int = 1) -> ContractVersion:
    """The contract as it was put."""
    return ContractVersion(
        contract=contract, number=number, digest="sha256:", source="", put_at=SPRING, put_by="test"
    )
