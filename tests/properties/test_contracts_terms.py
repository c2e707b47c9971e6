"""Merged terms permit nothing that either party would not; a diff knows its direction."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from privacy_service.contracts import regions
from privacy_service.contracts.change import Way
from privacy_service.contracts.compile import compile_terms
from privacy_service.contracts.diff import diff, weakens
from privacy_service.contracts.merge import stricter
from privacy_service.contracts.model import (
    ConsentProof,
    Direction,
    ErasedSubjects,
    FieldTerm,
    FreeText,
    SharingContract,
    Storage,
    TermSource,
    Treatment,
    TreatmentKind,
    UnknownFields,
)
from privacy_service.contracts.strictness import at_least_as_strict, stricter_treatment
from privacy_service.contracts.terms import Terms
from privacy_service.errors import PrivacyError
from privacy_service.payloads.document import Path
from tests.properties.contract_strategies import (
    ENTITIES,
    contracts,
    full_contracts,
    paths,
    revisions,
    treatments,
    version,
)

quick = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
some_paths = st.lists(paths, min_size=1, max_size=12)


def passes(term: FieldTerm | None) -> bool:
    """Whether anything of the value may leave."""
    if term is None or not term.permit:
        return False
    gone = (TreatmentKind.REMOVE, TreatmentKind.REFUSE)
    return term.treatment is None or term.treatment.kind not in gone


def whole(term: FieldTerm) -> bool:
    """Whether the value is treated as a whole, whatever is in it."""
    return term.treatment is not None and term.treatment.kind is not TreatmentKind.KEEP


def assert_no_more_permissive(strict: Terms, loose: Terms, path: Path) -> None:
    """What `strict` lets the recipient learn at `path`, `loose` lets it learn too."""
    ours, theirs = strict.field(path), loose.field(path)
    if not passes(ours):
        return
    assert passes(theirs)
    assert ours is not None
    assert theirs is not None
    if whole(theirs):
        assert whole(ours)
        assert theirs.treatment is not None
        assert ours.treatment is not None
        assert at_least_as_strict(ours.treatment, theirs.treatment)
    assert ours.reveal <= theirs.reveal or not whole(ours) or ours.treatment != theirs.treatment
    for entity in ENTITIES:
        mine, yours = strict.finding(path, entity), loose.finding(path, entity)
        assert at_least_as_strict(mine.treatment, yours.treatment)
        if yours.treatment.kind is not TreatmentKind.KEEP and not whole(theirs):
            assert mine.threshold <= yours.threshold


def merged(one: SharingContract, other: SharingContract) -> tuple[Terms, Terms, Terms]:
    """The sender's terms, the recipient's, and both's, if they do not contradict."""
    sender, recipient = compile_terms(version(one)), compile_terms(version(other))
    try:
        return sender, recipient, stricter(sender, recipient)
    except PrivacyError:
        assume(False)
        raise


outbound = contracts()
inbound = contracts(direction=Direction.INBOUND, party="swift")


@quick
@given(outbound, inbound, some_paths)
def test_merged_terms_permit_nothing_that_either_party_would_not(
    one: SharingContract, other: SharingContract, places: list[Path]
) -> None:
    sender, recipient, both = merged(one, other)
    for path in places:
        for alone in (sender, recipient):
            assert_no_more_permissive(both, alone, path)
            assert alone.permits_below(path) or not both.permits_below(path)


@quick
@given(full_contracts(), full_contracts(direction=Direction.INBOUND, party="swift"))
def test_merged_plain_terms_are_the_stricter_of_each(
    one: SharingContract, other: SharingContract
) -> None:
    sender, recipient, both = merged(one, other)
    for alone in (sender, recipient):
        assert both.consent >= alone.consent
        if alone.consent_proof.by is ConsentProof.LEDGER:
            assert both.consent_proof.by is ConsentProof.LEDGER
        if alone.consent_proof.max_age is not None:
            assert both.consent_proof.max_age is not None
            assert both.consent_proof.max_age <= alone.consent_proof.max_age
        assert both.effective_from >= alone.effective_from
        if alone.unknown_fields is UnknownFields.REFUSE:
            assert both.unknown_fields is UnknownFields.REFUSE
        if alone.erased_subjects is ErasedSubjects.REFUSE:
            assert both.erased_subjects is ErasedSubjects.REFUSE
        if alone.free_text is FreeText.MODEL:
            assert both.free_text is FreeText.MODEL
        if alone.storage is Storage.NONE:
            assert both.storage is Storage.NONE
        if alone.effective_until is not None:
            assert both.effective_until is not None
            assert both.effective_until <= alone.effective_until
        if alone.regions:
            assert all(regions.within(region, alone.regions) for region in both.regions)
            assert both.regions
        for length in ("ours", "recipient"):
            if getattr(alone.retention, length) is not None:
                assert getattr(both.retention, length) <= getattr(alone.retention, length)
        for quota in alone.quotas:
            assert any(
                kept == quota or (kept.transfers <= quota.transfers and kept.period >= quota.period)
                for kept in both.quotas
            )
        assert all(alone.covers(purpose) for purpose in both.purposes)
        assert set(alone.subjects) <= set(both.subjects)


@quick
@given(outbound, inbound, some_paths)
def test_merging_is_commutative_in_what_it_permits(
    one: SharingContract, other: SharingContract, places: list[Path]
) -> None:
    _, _, both = merged(one, other)
    turned_one = replace(one, direction=Direction.INBOUND, **_swapped(one))
    turned_other = replace(other, direction=Direction.OUTBOUND, **_swapped(other))
    turned = merged(_between(turned_other), _between(turned_one))[2]
    for path in places:
        assert _said(both, path) == _said(turned, path)


@quick
@given(outbound, some_paths)
def test_merging_terms_with_the_same_terms_changes_nothing(
    contract: SharingContract, places: list[Path]
) -> None:
    mirrored = replace(
        contract,
        direction=Direction.INBOUND,
        party=contract.counterparty,
        counterparty=contract.party,
    )
    alone, _, both = merged(contract, mirrored)
    for path in places:
        assert both.field(path) == alone.field(path)
        assert both.permits_below(path) == alone.permits_below(path)
        assert both.field_source(path) is TermSource.BOTH
        assert both.subject_type(path) == alone.subject_type(path)
        for entity in ENTITIES:
            assert both.finding(path, entity) == alone.finding(path, entity)
    assert set(both.decided.values()) <= {TermSource.BOTH}


@quick
@given(outbound, some_paths)
def test_what_passes_stands_in_containers_that_may_hold_it(
    contract: SharingContract, places: list[Path]
) -> None:
    terms = compile_terms(version(contract))
    for path in places:
        term = terms.field(path)
        if term is not None and term.permit:
            assert all(terms.permits_below(path[:depth]) for depth in range(len(path) + 1))


@quick
@given(outbound, some_paths)
def test_a_remembered_answer_is_the_first_answer(
    contract: SharingContract, places: list[Path]
) -> None:
    warm = compile_terms(version(contract))
    for path in places:
        warm.field(path)
    for path in places:
        assert warm.field(path) == compile_terms(version(contract)).field(path)


@quick
@given(outbound)
def test_a_contract_does_not_differ_from_itself(contract: SharingContract) -> None:
    assert diff(contract, contract) == ()


@quick
@given(revisions(), some_paths)
def test_a_diff_without_a_weakening_permits_nothing_new(
    contracts: tuple[SharingContract, SharingContract], places: list[Path]
) -> None:
    changes = diff(*contracts)
    assume(changes and not weakens(changes))
    before, after = (compile_terms(version(contract)) for contract in contracts)
    for path in places:
        assert_no_more_permissive(after, before, path)


@quick
@given(revisions())
def test_a_tightening_undone_is_a_weakening(
    contracts: tuple[SharingContract, SharingContract],
) -> None:
    old, new = contracts
    forth = {change.path: change.direction for change in diff(old, new)}
    back = {change.path: change.direction for change in diff(new, old)}
    assert forth.keys() == back.keys()
    for path, way in forth.items():
        if way is Way.TIGHTENS:
            assert back[path] is Way.WEAKENS


@quick
@given(treatments, treatments, treatments)
def test_strictness_is_an_upper_bound(one: Treatment, other: Treatment, third: Treatment) -> None:
    both = stricter_treatment(one, other)
    assert both == stricter_treatment(other, one)
    assert stricter_treatment(one, one) == one
    assert at_least_as_strict(both, one)
    assert at_least_as_strict(both, other)
    if at_least_as_strict(one, other) and at_least_as_strict(other, third):
        assert at_least_as_strict(one, third)


def _said(terms: Terms, path: Path) -> object:
    term = terms.field(path)
    found = [terms.finding(path, entity) for entity in ENTITIES]
    return term and replace(term, path=""), terms.permits_below(path), found


def _swapped(contract: SharingContract) -> dict[str, object]:
    return {"party": contract.party, "counterparty": contract.counterparty}


def _between(contract: SharingContract) -> SharingContract:
    """The contract with its party's name changed, so that sender and recipient change places."""
    names = {"acme": "swift", "swift": "acme"}
    return replace(
        contract,
        party=replace(contract.party, partner=names[contract.party.partner]),
        counterparty=replace(contract.counterparty, partner=names[contract.counterparty.partner]),
    )
