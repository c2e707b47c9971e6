"""What enforcement answered, as messages. Shared by the servicers."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import Enum
from typing import Any, Final

from google.protobuf.timestamp_pb2 import Timestamp

from privacy_service.contracts.dates import DateKind, DateWarning
from privacy_service.contracts.model import TermSource, TreatmentKind
from privacy_service.enforcement.answer import (
    Answer,
    AppliedTreatment,
    AuditStamp,
    ContractStamp,
    Coverage,
    Decision,
    Effect,
    InspectAnswer,
)
from privacy_service.enforcement.findings import Gap, Place
from privacy_service.v1 import answer_pb2 as pb
from privacy_service.v1 import enforcement_pb2 as enforcement


def numbers(ours: type[Enum], theirs: Any) -> dict[Any, Any]:
    """Each member of our enumeration to the number of its namesake (`HOLD`, `EFFECT_HOLD`).

    Raises ValueError at import where the .proto file lacks one.
    """
    prefix = "".join(
        f"_{letter}" if letter.isupper() else letter.upper() for letter in theirs.DESCRIPTOR.name
    ).lstrip("_")
    return {member: theirs.Value(f"{prefix}_{member.name}") for member in ours}


EFFECTS: Final = numbers(Effect, pb.Effect)
TREATMENTS: Final = numbers(TreatmentKind, pb.TreatmentKind)
SOURCES: Final = numbers(TermSource, pb.TermSource)
GAPS: Final = numbers(Gap, pb.GapKind)
PLACES: Final = numbers(Place, pb.Place)
DATES: Final = numbers(DateKind, pb.ContractDateKind)


def render_result(answer: Answer) -> pb.TransferResult:
    """The answer to Transfer and Preview."""
    return pb.TransferResult(
        decision=_decision(answer.decision),
        payload=answer.payload,
        content_type=answer.content_type,
        coverage=render_coverage(answer.coverage),
        treatments=[render_treatment(applied) for applied in answer.treatments],
        contracts=[_contract(stamp) for stamp in answer.contracts],
        decided_by={term: SOURCES[source] for term, source in answer.decided_by.items()},
        audit=None if answer.audit is None else render_audit(answer.audit),
        disclosure_id=answer.disclosure_id or "",
        record_id=answer.record_id or "",
        review_id=answer.review_id or "",
        warnings=[render_date(one) for one in answer.warnings],
    )


def render_date(one: DateWarning) -> pb.ContractDate:
    """A date of a contract that comes near or is past."""
    return pb.ContractDate(
        contract_id=one.contract_id,
        kind=DATES[one.kind],
        due_time=render_instant(one.due),
        refuse_time=render_instant(one.refused_from),
    )


def render_inspection(answer: InspectAnswer) -> enforcement.InspectResponse:
    """The answer to Inspect."""
    return enforcement.InspectResponse(
        findings=[
            enforcement.LocatedFinding(
                entity=finding.entity,
                path=finding.path,
                place=PLACES[finding.place],
                start=finding.start,
                end=finding.end,
                original_start=finding.original_start,
                original_end=finding.original_end,
                score=finding.score,
                detector=finding.detector,
            )
            for finding in answer.findings
        ],
        coverage=render_coverage(answer.coverage),
    )


def render_coverage(coverage: Coverage) -> pb.Coverage:
    """What was looked at."""
    return pb.Coverage(
        complete=coverage.complete,
        values_total=coverage.values_total,
        values_inspected=coverage.values_inspected,
        keys_inspected=coverage.keys_inspected,
        values_by_model=coverage.values_by_model,
        gaps=[
            pb.CoverageGap(kind=GAPS[gap.kind], path=gap.path, count=gap.count)
            for gap in coverage.gaps
        ],
        rounds=coverage.rounds,
    )


def render_audit(stamp: AuditStamp) -> pb.AuditStamp:
    """Where the proof stands."""
    return pb.AuditStamp(
        position=stamp.position,
        attempt_position=stamp.attempt,
        tree_size=stamp.tree_size,
        log_origin=stamp.origin,
    )


def render_instant(at: datetime | None) -> Timestamp | None:
    """An aware instant."""
    if at is None:
        return None
    stamp = Timestamp()
    stamp.FromDatetime(at)
    return stamp


def parse_instant(stamp: Timestamp) -> datetime:
    """In UTC, to the microsecond."""
    return stamp.ToDatetime(tzinfo=UTC)


def _decision(decision: Decision) -> pb.Decision:
    return pb.Decision(
        effect=EFFECTS[decision.effect],
        reasons=[
            pb.DecisionReason(
                code=reason.code, message=reason.message, path=reason.path, entity=reason.entity
            )
            for reason in decision.reasons
        ],
    )


def render_treatment(applied: AppliedTreatment) -> pb.AppliedTreatment:
    """What was changed at one place."""
    return pb.AppliedTreatment(
        path=applied.path,
        entity=applied.entity,
        treatment=TREATMENTS[applied.treatment],
        count=applied.count,
        type_changed=applied.type_changed,
        source=SOURCES[applied.source],
    )


def _contract(stamp: ContractStamp) -> pb.ContractStamp:
    ref = pb.ContractRef(contract_id=stamp.id, version=stamp.version, digest=stamp.digest)
    return pb.ContractStamp(contract=ref, party=stamp.party)
