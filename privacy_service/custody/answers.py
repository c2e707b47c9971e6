"""An answer as bytes, to be sealed: a JSON head with its length in front, then the payload."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from privacy_service.contracts.dates import DateKind, DateWarning
from privacy_service.contracts.model import TermSource, TreatmentKind
from privacy_service.enforcement.answer import (
    Answer,
    AppliedTreatment,
    ContractStamp,
    Coverage,
    CoverageGap,
    Decision,
    DecisionReason,
    Effect,
)
from privacy_service.enforcement.findings import Gap

_LENGTH: Final = 4


def to_bytes(answer: Answer) -> bytes:
    """The answer without its audit stamp, which is known only once it is committed."""
    head = json.dumps(_head(answer), ensure_ascii=False, separators=(",", ":")).encode()
    return len(head).to_bytes(_LENGTH, "big") + head + (answer.payload or b"")


def from_bytes(written: bytes) -> Answer:
    """The answer that `to_bytes` wrote."""
    end = _LENGTH + int.from_bytes(written[:_LENGTH], "big")
    head = json.loads(written[_LENGTH:end])
    decision, coverage = head["decision"], head["coverage"]
    return Answer(
        decision=Decision(
            effect=Effect(decision["effect"]),
            reasons=tuple(DecisionReason(**reason) for reason in decision["reasons"]),
        ),
        coverage=Coverage(**{**coverage, "gaps": tuple(_gap(gap) for gap in coverage["gaps"])}),
        content_type=head["content_type"],
        payload=written[end:] if head["released"] else None,
        treatments=tuple(_treatment(line) for line in head["treatments"]),
        contracts=tuple(ContractStamp(**stamp) for stamp in head["contracts"]),
        decided_by={term: TermSource(source) for term, source in head["decided_by"].items()},
        disclosure_id=head["disclosure_id"],
        record_id=head["record_id"],
        review_id=head.get("review_id"),
        warnings=read_warnings(head),
    )


def read_warnings(head: Mapping[str, Any]) -> tuple[DateWarning, ...]:
    """The warnings of an answer's head; what an older release wrote has none."""
    return tuple(
        DateWarning(
            contract_id=contract_id,
            kind=DateKind(kind),
            due=datetime.fromisoformat(due),
            refused_from=None if refused is None else datetime.fromisoformat(refused),
        )
        for contract_id, kind, due, refused in head.get("warnings", ())
    )


def warnings_written(warnings: tuple[DateWarning, ...]) -> dict[str, Any]:
    """What an answer's head has of its warnings."""
    if not warnings:
        return {}
    return {
        "warnings": [
            [
                one.contract_id, one.kind.value, one.due.isoformat(),
                None if one.refused_from is None else one.refused_from.isoformat(),
            ]
            for one in warnings
        ]
    }  # fmt: skip


def _head(answer: Answer) -> dict[str, Any]:
    coverage = answer.coverage
    return {
        "decision": {
            "effect": answer.decision.effect.value,
            "reasons": [
                {"code": r.code, "message": r.message, "path": r.path, "entity": r.entity}
                for r in answer.decision.reasons
            ],
        },
        "coverage": {
            "values_total": coverage.values_total,
            "values_inspected": coverage.values_inspected,
            "keys_inspected": coverage.keys_inspected,
            "values_by_model": coverage.values_by_model,
            "gaps": [[gap.kind.value, gap.path, gap.count] for gap in coverage.gaps],
            "rounds": coverage.rounds,
        },
        "content_type": answer.content_type,
        "released": answer.payload is not None,
        "treatments": [
            [t.path, t.treatment.value, t.source.value, t.entity, t.count, t.type_changed]
            for t in answer.treatments
        ],
        "contracts": [
            {"id": c.id, "version": c.version, "digest": c.digest, "party": c.party}
            for c in answer.contracts
        ],
        "decided_by": {term: source.value for term, source in answer.decided_by.items()},
        "disclosure_id": answer.disclosure_id,
        "record_id": answer.record_id,
        "review_id": answer.review_id,
        **warnings_written(answer.warnings),
    }


def _gap(written: list[Any]) -> CoverageGap:
    kind, path, count = written
    return CoverageGap(kind=Gap(kind), path=path, count=count)


def _treatment(written: list[Any]) -> AppliedTreatment:
    path, treatment, source, entity, count, type_changed = written
    return AppliedTreatment(
        path=path,
        treatment=TreatmentKind(treatment),
        source=TermSource(source),
        entity=entity,
        count=count,
        type_changed=type_changed,
    )
