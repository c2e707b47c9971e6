"""What leaves, for any payload under any contract: nothing that is not permitted, and nothing else
changed.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta

from hypothesis import event, given, settings
from hypothesis import strategies as st

from privacy_service.contracts.compile import compile_terms
from privacy_service.contracts.merge import stricter
from privacy_service.contracts.model import (
    Direction,
    EntityTerm,
    FieldTerm,
    Generalization,
    SharingContract,
    Treatment,
    TreatmentKind,
    UnknownFields,
)
from privacy_service.contracts.strictness import declares_entity
from privacy_service.contracts.terms import Terms
from privacy_service.enforcement.answer import Effect
from privacy_service.enforcement.examine import Examined
from privacy_service.errors import PrivacyError
from privacy_service.payloads.document import Document, Node, NodeKind
from tests.properties.contract_strategies import contracts, version
from tests.properties.tagged_payloads import FOUND, OFFSET, Payload, Written, payloads
from tests.unit.enforcement.stage import EVERYTHING, PatternDetector, PlainMint, decoded, examined

KEEP, SHIFT, REMOVE = TreatmentKind.KEEP, TreatmentKind.SHIFT_DATE, TreatmentKind.REMOVE
DETECTOR = PatternDetector(FOUND)
EXAMPLES = settings(max_examples=100, deadline=None)


Change = Callable[[SharingContract], SharingContract]


@st.composite
def agreed_terms(draw: st.DrawFn, change: Change = lambda contract: contract) -> Terms:
    """The terms of one contract, or of one on each side, each changed before."""
    ours = compile_terms(version(change(draw(_lenient(contracts())))))
    if draw(st.booleans()):
        return ours
    theirs = draw(_lenient(contracts(Direction.INBOUND, "swift")))
    return stricter(ours, compile_terms(version(change(theirs))))


@st.composite
def _lenient(draw: st.DrawFn, drawn: st.SearchStrategy[SharingContract]) -> SharingContract:
    """A contract that more often permits than it does not: else hardly anything would leave."""
    contract = draw(drawn)
    if draw(st.integers(0, 3)):
        rest = (term for term in contract.fields if term.path not in ("$", ""))
        contract = replace(contract, fields=(FieldTerm(path="$"), *rest))
    if draw(st.integers(0, 3)):
        contract = replace(
            contract,
            fields=tuple(term for term in contract.fields if not _refuses(term.treatment)),
            entities=tuple(one for one in contract.entities if not _refuses(one[1].treatment)),
        )
    return contract


def _refuses(treatment: Treatment | None) -> bool:
    return treatment is not None and treatment.kind is TreatmentKind.REFUSE


def released(payload: Payload, terms: Terms) -> tuple[Examined, Document] | None:
    """What leaves, read again; None where nothing does."""
    try:
        done = enforced(payload.content.encode(), payload.content_type, terms)
    except PrivacyError as error:
        event(error.reason.code)
        return None
    event(f"{payload.content_type} {done.decision.effect}")
    if done.payload is None:
        return None
    assert done.coverage.complete
    return done, decoded(payload.content_type, done.payload)


def enforced(content: bytes, content_type: str, terms: Terms) -> Examined:
    return examined(
        content, terms, content_type=content_type, detector=DETECTOR, mint=PlainMint(OFFSET)
    )


def said(document: Document) -> str:
    """All that a reader of the document reads."""
    names = (node.key.text for node in document.nodes if node.key is not None)
    return "\n".join([*(node.text for node in document.nodes), *names])


def whole(terms: Terms, value: Written) -> Treatment | None:
    """The treatment of the value as a whole, None where it may stay as it is."""
    term = terms.field(value.path)
    assert term is not None
    treatment = term.treatment
    if treatment is None and declares_entity(term.type):
        treatment = terms.entity(term.type or "").treatment
    return None if treatment is None or treatment.kind is KEEP else treatment


def passes(terms: Terms, value: Written) -> bool:
    """Whether the contract lets anything of the value pass."""
    term = terms.field(value.path)
    if term is None or not term.permit:
        return False
    return term.treatment is None or term.treatment.kind is not REMOVE


def may_look_the_same(treatment: Treatment) -> bool:
    """Whether what the treatment writes can equal what it was written for."""
    return treatment.kind is KEEP or treatment.to is Generalization.BUCKET


@EXAMPLES
@given(payloads, agreed_terms())
def test_only_what_is_permitted_leaves(payload: Payload, terms: Terms) -> None:
    if (out := released(payload, terms)) is None:
        return
    read = said(out[1])
    for value in payload.values:
        if not value.tag:
            continue
        treatment = whole(terms, value) if passes(terms, value) else None
        gone = not passes(terms, value) or (treatment and not may_look_the_same(treatment))
        assert not (gone and re.search(rf"(?<!\d){re.escape(value.tag)}(?!\d)", read)), value


@EXAMPLES
@given(payloads, agreed_terms())
def test_nothing_personal_leaves_that_a_contract_does_not_keep(
    payload: Payload, terms: Terms
) -> None:
    if (out := released(payload, terms)) is None:
        return
    read = said(out[1])
    for value in payload.values:
        for entity, one in value.personal:
            term = terms.finding(value.path, entity)
            seen = term.threshold <= DETECTOR.score and not may_look_the_same(term.treatment)
            assert not (seen and one in read), value
    for _path, entity, name in payload.names:
        term = terms.entity(entity)
        seen = term.threshold <= DETECTOR.score and not may_look_the_same(term.treatment)
        assert not (seen and name in read), name


def untouched(payload: Payload, terms: Terms) -> Iterator[tuple[NodeKind, str]]:
    """The values that have to come through as they are."""
    dropped = [path for path, entity, _name in payload.names if _removes_a_name(terms, entity)]
    for value in payload.values:
        if not passes(terms, value) or any(value.path[: len(path)] == path for path in dropped):
            continue
        if value.kind is NodeKind.NULL or not (whole(terms, value) or value.personal):
            yield value.kind, value.text


def _removes_a_name(terms: Terms, entity: str) -> bool:
    """Whether a member goes because of its name. In a table the whole column does."""
    return terms.entity(entity).treatment.kind is REMOVE


@EXAMPLES
@given(payloads, agreed_terms())
def test_what_needs_no_treatment_comes_through_letter_by_letter(
    payload: Payload, terms: Terms
) -> None:
    if (out := released(payload, terms)) is None:
        return
    left = Counter((node.kind, node.text) for node in out[1].nodes)
    if payload.content_type == "application/xml":
        return  # texts that an element parted become one where it is removed
    missing = Counter(untouched(payload, terms)) - left
    assert not missing


@EXAMPLES
@given(payloads, agreed_terms())
def test_where_nothing_was_changed_the_bytes_are_the_same(payload: Payload, terms: Terms) -> None:
    if (out := released(payload, terms)) is None:
        return
    done, _ = out
    assert (done.decision.effect is Effect.ALLOW) == (not done.treatments)
    if done.decision.effect is Effect.ALLOW:
        assert done.payload == payload.content.encode()


def repeatable(contract: SharingContract) -> SharingContract:
    """The contract, so that a second transfer would treat nothing anew: no field is treated whole,
    no date is shifted, and no term names the elements of a list by number.
    """
    fields = [
        replace(term, treatment=None, type=None)
        for term in contract.fields
        if not re.search(r"\[0]|/0", term.path)
    ]
    return replace(
        contract,
        fields=tuple(fields),
        entities=tuple((name, _unshifted(term)) for name, term in contract.entities),
        other_entities=_unshifted(contract.other_entities),
    )


def _unshifted(term: EntityTerm) -> EntityTerm:
    shifts = term.treatment.kind is SHIFT
    return replace(term, treatment=Treatment(kind=TreatmentKind.REDACT)) if shifts else term


@EXAMPLES
@given(payloads, agreed_terms(repeatable))
def test_what_left_may_leave_again_as_it_is(payload: Payload, terms: Terms) -> None:
    if (out := released(payload, terms)) is None:
        return
    done, _ = out
    assert done.payload is not None
    again = enforced(done.payload, payload.content_type, terms)
    assert again.payload == done.payload, again.decision


def value(root: Node) -> bool:
    """Whether a payload that is one value holds anything."""
    return root.kind is not NodeKind.NULL and root.text != ""


@settings(max_examples=50, deadline=None)
@given(payloads, agreed_terms())
def test_a_payload_of_which_every_field_is_known_is_never_refused_for_one(
    payload: Payload, terms: Terms
) -> None:
    # Of what was read, and not of the values: a table of a header alone still names its columns.
    nodes = decoded(payload.content_type, payload.content.encode()).nodes
    named = (
        node for node in nodes if node.kind.scalar and (node.parent is not None or value(node))
    )
    unknown = any(terms.field(node.path) is None for node in named)
    try:
        done = enforced(payload.content.encode(), payload.content_type, terms)
    except PrivacyError:
        return
    refused = "UNKNOWN_FIELD" in {reason.code for reason in done.decision.reasons}
    assert refused == (unknown and terms.unknown_fields is UnknownFields.REFUSE)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 5), max_size=8), st.sampled_from(["{}", "on {}, or so", "{} {}"]))
def test_dates_that_become_each_other_are_each_shifted_once(days: list[int], form: str) -> None:
    # Every date is a shift away from the next one: what is written for one is what another was.
    contract = EVERYTHING + "entities: {DATE_OF_BIRTH: {shift_date: {days: 30}}}\n"
    was = [date(1985, 1, 1) + timedelta(days=OFFSET * day) for day in days]
    payload = json.dumps([form.format(day, day) for day in was])
    done = examined(payload, contract, detector=DETECTOR, mint=PlainMint(OFFSET))
    now = [day + timedelta(days=OFFSET) for day in was]
    assert json.loads(done.payload or b"") == [form.format(day, day) for day in now]
