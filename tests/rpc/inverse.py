"""The other way round: requests to messages, messages to answers, as a client would."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

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
    InspectAnswer,
    LocatedFinding,
)
from privacy_service.enforcement.request import (
    InspectRequest,
    PreviewRequest,
    RevealRequest,
    SubjectRef,
    TransferRequest,
)
from privacy_service.evidence.disclosures import Disclosure
from privacy_service.evidence.entries import CategoryCount, ContractRef
from privacy_service.rpc import answers
from privacy_service.rpc.contracts import DIRECTIONS, STATUSES
from privacy_service.v1 import answer_pb2, audit_pb2, contracts_pb2, enforcement_pb2, records_pb2

_EFFECTS = {number: effect for effect, number in answers.EFFECTS.items()}
_TREATMENTS = {number: kind for kind, number in answers.TREATMENTS.items()}
_SOURCES = {number: source for source, number in answers.SOURCES.items()}
_GAPS = {number: gap for gap, number in answers.GAPS.items()}
_PLACES = {number: place for place, number in answers.PLACES.items()}
_DIRECTIONS = {number: direction for direction, number in DIRECTIONS.items()}
_STATUSES = {number: status for status, number in STATUSES.items()}


def optional(message: Any, name: str) -> Any:
    return getattr(message, name) if message.HasField(name) else None


def instant(message: Any, name: str) -> datetime | None:
    stamp = optional(message, name)
    return None if stamp is None else answers.parse_instant(stamp)


def stamp(at: datetime | None) -> Timestamp | None:
    return answers.render_instant(at)


# -- Requests to messages ---------------------------------------------------------------------


def subjects(refs: tuple[SubjectRef, ...]) -> list[enforcement_pb2.SubjectRef]:
    return [enforcement_pb2.SubjectRef(type=ref.type, value=ref.value) for ref in refs]


def shipment(request: PreviewRequest) -> dict[str, Any]:
    consent = request.consent
    return {
        "sender": request.sender,
        "recipient": request.recipient,
        "purpose": request.purpose,
        "content_type": request.content_type,
        "payload": request.payload,
        "subjects": subjects(request.subjects),
        "consent": None
        if consent is None
        else enforcement_pb2.Consent(
            record_id=consent.record_id, check_time=stamp(consent.checked_at)
        ),
        "recipient_region": request.recipient_region or "",
        "opted_out": request.opted_out,
    }


def transfer(request: TransferRequest) -> enforcement_pb2.TransferRequest:
    return enforcement_pb2.TransferRequest(**shipment(request), request_id=request.request_id)


def preview(request: PreviewRequest) -> enforcement_pb2.PreviewRequest:
    return enforcement_pb2.PreviewRequest(**shipment(request))


def inspect(request: InspectRequest) -> enforcement_pb2.InspectRequest:
    return enforcement_pb2.InspectRequest(
        content_type=request.content_type, payload=request.payload, threshold=request.threshold
    )


def reveal(request: RevealRequest) -> enforcement_pb2.RevealRequest:
    return enforcement_pb2.RevealRequest(
        sender=request.sender, recipient=request.recipient, purpose=request.purpose,
        token=request.token, reason=request.reason,
    )  # fmt: skip


def put_contract(request: PutContract) -> contracts_pb2.PutContractRequest:
    return contracts_pb2.PutContractRequest(
        source=request.source, expected_version=request.expected_version,
        request_id=request.request_id,
    )  # fmt: skip


def get_contract(request: GetContract) -> contracts_pb2.GetContractRequest:
    return contracts_pb2.GetContractRequest(
        contract_id=request.contract_id, version=request.version
    )


def in_force(request: GetContractInForce) -> contracts_pb2.GetContractInForceRequest:
    return contracts_pb2.GetContractInForceRequest(
        sender=request.sender, recipient=request.recipient, purpose=request.purpose,
        at=stamp(request.at),
    )  # fmt: skip


def put_record(request: PutRecord) -> records_pb2.PutRecordRequest:
    return records_pb2.PutRecordRequest(
        partner=request.partner, record_id=request.record_id, content_type=request.content_type,
        content=request.content, subjects=subjects(request.subjects),
        request_id=request.request_id,
    )  # fmt: skip


# -- Messages to answers ----------------------------------------------------------------------


def coverage(message: answer_pb2.Coverage) -> Coverage:
    found = Coverage(
        values_total=message.values_total,
        values_inspected=message.values_inspected,
        keys_inspected=message.keys_inspected,
        values_by_model=message.values_by_model,
        gaps=tuple(
            CoverageGap(kind=_GAPS[gap.kind], path=gap.path, count=gap.count)
            for gap in message.gaps
        ),
        rounds=message.rounds,
    )
    assert found.complete is message.complete
    return found


def audit(message: answer_pb2.AuditStamp) -> AuditStamp:
    return AuditStamp(
        position=message.position,
        attempt=message.attempt_position,
        origin=message.log_origin,
        tree_size=optional(message, "tree_size"),
    )


def decision(message: answer_pb2.Decision) -> Decision:
    return Decision(
        effect=_EFFECTS[message.effect],
        reasons=tuple(
            DecisionReason(
                code=one.code, message=one.message, path=optional(one, "path"),
                entity=optional(one, "entity"),
            )
            for one in message.reasons
        ),
    )  # fmt: skip


def treatment(message: answer_pb2.AppliedTreatment) -> AppliedTreatment:
    return AppliedTreatment(
        path=message.path,
        treatment=_TREATMENTS[message.treatment],
        source=_SOURCES[message.source],
        entity=optional(message, "entity"),
        count=message.count,
        type_changed=message.type_changed,
    )


def contract(message: answer_pb2.ContractStamp) -> ContractStamp:
    ref = message.contract
    return ContractStamp(
        id=ref.contract_id, version=ref.version, digest=ref.digest, party=message.party
    )


def result(message: answer_pb2.TransferResult) -> Answer:
    return Answer(
        decision=decision(message.decision),
        coverage=coverage(message.coverage),
        content_type=message.content_type,
        payload=optional(message, "payload"),
        treatments=tuple(treatment(one) for one in message.treatments),
        contracts=tuple(contract(one) for one in message.contracts),
        decided_by={term: _SOURCES[source] for term, source in message.decided_by.items()},
        audit=audit(message.audit) if message.HasField("audit") else None,
        disclosure_id=message.disclosure_id or None,
        record_id=message.record_id or None,
    )


def inspection(message: enforcement_pb2.InspectResponse) -> InspectAnswer:
    return InspectAnswer(
        findings=tuple(
            LocatedFinding(
                entity=one.entity, path=one.path, place=_PLACES[one.place], start=one.start,
                end=one.end, original_start=one.original_start, original_end=one.original_end,
                score=one.score, detector=one.detector,
            )
            for one in message.findings
        ),
        coverage=coverage(message.coverage),
    )  # fmt: skip


def record(message: records_pb2.Record) -> Record:
    return Record(
        partner=message.partner,
        id=message.record_id,
        content_type=message.content_type,
        size=message.size,
        created_at=answers.parse_instant(message.create_time),
        content=optional(message, "content"),
    )


def disclosure(message: audit_pb2.Disclosure) -> Disclosure:
    return Disclosure(
        id=message.disclosure_id,
        at=answers.parse_instant(message.disclose_time),
        sender=message.sender,
        recipient=message.recipient,
        purpose=message.purpose,
        contracts=tuple(
            ContractRef(id=ref.contract_id, number=ref.version, digest=ref.digest)
            for ref in message.contracts
        ),
        subjects=tuple(message.subjects),
        categories=tuple(
            CategoryCount(entity=one.entity, treatment=one.treatment, count=one.count)
            for one in message.categories
        ),
        position=optional(message, "position"),
        consent=optional(message, "consent_record_id"),
        ledger_consents=tuple(message.ledger_consent_ids),
        record=optional(message, "record_id"),
        recipient_keeps_until=instant(message, "recipient_keeps_until"),
    )


def summary(message: contracts_pb2.SharingContract) -> dict[str, Any]:
    """What a contract's message says beside its source, by the names of the model."""
    return {
        "id": message.contract_id,
        "number": message.version,
        "digest": message.digest,
        "title": message.title,
        "party": message.party,
        "counterparty": message.counterparty,
        "direction": _DIRECTIONS[message.direction],
        "purposes": tuple(message.purposes),
        "status": _STATUSES[message.status],
        "effective_from": instant(message, "effective_from"),
        "effective_until": instant(message, "effective_until"),
        "put_at": instant(message, "put_time"),
        "put_by": message.put_by,
        "source": message.source,
    }
