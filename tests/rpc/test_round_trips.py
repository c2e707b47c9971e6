"""Values to messages to bytes to messages to values: nothing is lost and nothing is added."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any, TypeVar

from google.protobuf.message import Message
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy_service.contracts.model import (
    ContractVersion,
    EntityTerm,
    Party,
    SharingContract,
    Status,
    TermSource,
    Treatment,
    TreatmentKind,
)
from privacy_service.desks.ports.audit import LogEntry
from privacy_service.desks.ports.contracts import GetContract, GetContractInForce, PutContract
from privacy_service.desks.ports.records import PutRecord, Record
from privacy_service.enforcement.answer import (
    Answer,
    AppliedTreatment,
    AuditStamp,
    ContractStamp,
    Coverage,
    CoverageGap,
    Decision,
    DecisionReason,
    Effect,
    InspectAnswer,
    LocatedFinding,
)
from privacy_service.enforcement.request import (
    Consent,
    InspectRequest,
    PreviewRequest,
    RevealRequest,
    SubjectRef,
    TransferRequest,
)
from privacy_service.evidence.disclosures import Disclosure
from privacy_service.evidence.entries import CategoryCount, ContractRef
from privacy_service.rpc import answers, audit, contracts, enforcement, records
from privacy_service.v1 import enforcement_pb2 as pb
from tests.rpc import inverse

T = TypeVar("T")

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
word = text.filter(bool)
partners = st.from_regex(r"[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?", fullmatch=True)
pairs = st.lists(partners, min_size=2, max_size=2, unique=True)
counts = st.integers(0, 2**53)
some = st.integers(1, 2**53)
instants = st.datetimes(datetime(1970, 1, 1), datetime(9999, 12, 31), timezones=st.just(UTC))
uuids = st.uuids().map(str)
refs = st.builds(SubjectRef, type=word, value=word)


def maybe(of: st.SearchStrategy[T]) -> st.SearchStrategy[T | None]:
    return st.none() | of


def few(of: st.SearchStrategy[T]) -> st.SearchStrategy[tuple[T, ...]]:
    return st.lists(of, max_size=3).map(tuple)


@st.composite
def shipments(draw: st.DrawFn, kind: type[T], **more: st.SearchStrategy[Any]) -> T:
    sender, recipient = draw(pairs)
    given_ = {
        "purpose": draw(word),
        "content_type": draw(word),
        "payload": draw(st.binary(max_size=40)),
        "subjects": draw(few(refs)),
        "consent": draw(
            maybe(
                st.builds(
                    Consent,
                    record_id=st.from_regex("[A-Za-z0-9][A-Za-z0-9._:/#+=-]{0,20}", fullmatch=True),
                    checked_at=maybe(instants),
                )
            )
        ),
        "opted_out": draw(st.booleans()),
        "recipient_region": draw(maybe(st.from_regex("[A-Z]{2}", fullmatch=True))),
    }
    return kind(
        sender=sender,
        recipient=recipient,
        **given_,
        **{name: draw(strategy) for name, strategy in more.items()},
    )


@st.composite
def reveals(draw: st.DrawFn) -> RevealRequest:
    sender, recipient = draw(pairs)
    reason = draw(word.filter(str.strip))
    return RevealRequest(
        sender=sender, recipient=recipient, purpose=draw(word), token=draw(word), reason=reason
    )


@st.composite
def coverages(draw: st.DrawFn) -> Coverage:
    total = draw(counts)
    gaps = few(st.builds(CoverageGap, path=text, count=some))
    return Coverage(
        values_total=total,
        values_inspected=draw(st.integers(0, total)),
        keys_inspected=draw(counts),
        values_by_model=draw(counts),
        gaps=draw(gaps),
        rounds=draw(st.integers(0, 9)),
    )


@st.composite
def stamps(draw: st.DrawFn) -> AuditStamp:
    attempt = draw(st.integers(0, 2**40))
    position = attempt + draw(st.integers(1, 2**40))
    size = draw(maybe(st.integers(position + 1, 2**42)))
    return AuditStamp(position=position, attempt=attempt, origin=draw(text), tree_size=size)


@st.composite
def answers_given(draw: st.DrawFn) -> Answer:
    reason = st.builds(
        DecisionReason, path=maybe(text), entity=maybe(text), code=text, message=text
    )
    effect = draw(st.sampled_from(Effect))
    reasons = draw(st.lists(reason, min_size=0 if effect.releases else 1, max_size=3))
    built = st.builds(
        Answer,
        decision=st.just(Decision(effect=effect, reasons=tuple(reasons))),
        coverage=coverages(),
        content_type=text,
        payload=st.binary(max_size=40) if effect.releases else st.none(),
        treatments=few(
            st.builds(AppliedTreatment, path=text, entity=maybe(text), count=some)
        ),
        contracts=few(
            st.builds(
                ContractStamp, id=text, version=st.integers(1, 2**31 - 1), digest=text,
                party=text,
            )
        ),
        decided_by=st.dictionaries(text, st.sampled_from(TermSource), max_size=3),
        audit=maybe(stamps()),
        disclosure_id=maybe(word),
        record_id=maybe(word),
    )  # fmt: skip
    return draw(built)


findings = st.builds(
    LocatedFinding,
    entity=text, path=text, start=counts, end=counts, original_start=counts, original_end=counts,
    score=st.floats(0, 1), detector=text,
)  # fmt: skip

versions = st.integers(1, 2**31 - 1)
disclosures = st.builds(
    Disclosure,
    id=text, at=instants, sender=text, recipient=text, purpose=text,
    contracts=few(st.builds(ContractRef, id=text, number=versions, digest=text)),
    subjects=few(text),
    categories=few(st.builds(CategoryCount, entity=text, treatment=text, count=counts)),
    position=maybe(counts), consent=maybe(text), ledger_consents=few(word), record=maybe(text),
    recipient_keeps_until=maybe(instants),
)  # fmt: skip

records_kept = st.builds(
    Record,
    partner=partners, id=text, content_type=text, size=counts, created_at=instants,
    content=maybe(st.binary(max_size=40)),
)  # fmt: skip

contract_versions = st.builds(
    ContractVersion,
    contract=st.builds(
        SharingContract,
        id=text, title=text, party=st.builds(Party, partner=partners),
        counterparty=st.builds(Party, partner=partners), purposes=few(text), legal_basis=text,
        status=st.sampled_from(Status), effective_from=instants, effective_until=maybe(instants),
        other_entities=st.just(EntityTerm(treatment=Treatment(kind=TreatmentKind.REDACT))),
    ),
    number=versions, digest=text, source=text, put_at=instants, put_by=text,
)  # fmt: skip


def sent(message: Message) -> Any:
    """The message after a journey over the wire."""
    return type(message).FromString(message.SerializeToString())


# -- Requests ---------------------------------------------------------------------------------


@settings(deadline=None, max_examples=60)
@given(shipments(TransferRequest, request_id=uuids))
def test_a_transfer_is_read_as_it_was_meant(request: TransferRequest) -> None:
    assert enforcement.parse_transfer(sent(inverse.transfer(request))) == request


@settings(deadline=None, max_examples=60)
@given(shipments(PreviewRequest))
def test_a_preview_is_read_as_it_was_meant(request: PreviewRequest) -> None:
    assert enforcement.parse_preview(sent(inverse.preview(request))) == request


@settings(deadline=None, max_examples=60)
@given(
    st.builds(InspectRequest, content_type=word, payload=st.binary(), threshold=st.floats(0.0, 1.0))
)
def test_an_inspection_is_read_as_it_was_meant(request: InspectRequest) -> None:
    assert enforcement.parse_inspect(sent(inverse.inspect(request))) == request


def test_a_threshold_that_is_not_named_is_that_of_contracts() -> None:
    parsed = enforcement.parse_inspect(pb.InspectRequest(content_type="text/plain"))
    assert parsed == InspectRequest(content_type="text/plain", payload=b"")


@settings(deadline=None, max_examples=60)
@given(reveals())
def test_a_reveal_is_read_as_it_was_meant(request: RevealRequest) -> None:
    assert enforcement.parse_reveal(sent(inverse.reveal(request))) == request


@settings(deadline=None, max_examples=60)
@given(
    st.builds(
        PutContract,
        source=text, expected_version=maybe(st.integers(0, 2**31 - 1)), request_id=uuids,
    )
)  # fmt: skip
def test_a_contract_put_is_read_as_it_was_meant(request: PutContract) -> None:
    assert contracts.parse_put(sent(inverse.put_contract(request))) == request


@settings(deadline=None, max_examples=60)
@given(st.builds(GetContract, contract_id=text, version=maybe(versions)))
def test_a_contract_asked_for_is_read_as_it_was_meant(request: GetContract) -> None:
    assert contracts.parse_get(sent(inverse.get_contract(request))) == request


@settings(deadline=None, max_examples=60)
@given(
    st.builds(
        GetContractInForce,
        sender=partners, recipient=partners, purpose=text, at=maybe(instants),
    )
)  # fmt: skip
def test_an_instant_is_read_as_it_was_meant(request: GetContractInForce) -> None:
    assert contracts.parse_in_force(sent(inverse.in_force(request))) == request


@settings(deadline=None, max_examples=60)
@given(
    st.builds(
        PutRecord,
        partner=partners, record_id=text, content_type=text, content=st.binary(),
        subjects=few(refs), request_id=uuids,
    )
)  # fmt: skip
def test_a_record_put_is_read_as_it_was_meant(request: PutRecord) -> None:
    assert records.parse_put(sent(inverse.put_record(request))) == request


# -- Answers ----------------------------------------------------------------------------------


@settings(deadline=None, max_examples=60)
@given(answers_given())
def test_an_answer_is_told_whole(answer: Answer) -> None:
    assert inverse.result(sent(answers.render_result(answer))) == answer


@settings(deadline=None, max_examples=60)
@given(st.lists(findings, max_size=3).map(tuple), coverages())
def test_an_inspection_is_told_whole(found: tuple[LocatedFinding, ...], coverage: Coverage) -> None:
    answer = InspectAnswer(findings=found, coverage=coverage)
    assert inverse.inspection(sent(answers.render_inspection(answer))) == answer


@settings(deadline=None, max_examples=60)
@given(records_kept)
def test_a_record_is_told_whole(record: Record) -> None:
    assert inverse.record(sent(records.render_record(record))) == record


@settings(deadline=None, max_examples=60)
@given(disclosures)
def test_a_disclosure_is_told_whole(disclosure: Disclosure) -> None:
    assert inverse.disclosure(sent(audit.render_disclosure(disclosure))) == disclosure


@settings(deadline=None, max_examples=60)
@given(contract_versions)
def test_a_contract_is_told_as_far_as_its_message_goes(version: ContractVersion) -> None:
    said = inverse.summary(sent(contracts.render_version(version, whole=True)))
    contract = version.contract
    assert said == {
        "id": contract.id, "number": version.number, "digest": version.digest,
        "title": contract.title, "party": contract.party.partner,
        "counterparty": contract.counterparty.partner, "direction": contract.direction,
        "purposes": contract.purposes, "status": contract.status,
        "effective_from": contract.effective_from, "effective_until": contract.effective_until,
        "put_at": version.put_at, "put_by": version.put_by, "source": version.source,
    }  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=60).map(lambda raw: raw.decode("utf-8", "ignore").encode()), counts)
def test_a_leaf_keeps_its_bytes(leaf: bytes, position: int) -> None:
    digest = hashlib.sha256(b"\x00" + leaf).digest()
    entry = LogEntry(position=position, leaf=leaf, digest=digest)
    message = sent(audit.render_entry(entry))
    assert (message.position, message.leaf.encode()) == (position, leaf)
    assert message.leaf_hash == digest
