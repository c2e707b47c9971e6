"""A contract as its author would write it: keys in their order, defaults left out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta

from privacy_service.contracts.governance import UNGOVERNED, Governance
from privacy_service.contracts.model import (
    AtEnd,
    ConsentProof,
    EntityTerm,
    ErasedSubjects,
    Example,
    FieldTerm,
    FreeText,
    OnWithdrawal,
    Party,
    ReviewTerm,
    SharingContract,
    Status,
    Storage,
    Treatment,
    TreatmentKind,
    UnknownFields,
)
from privacy_service.contracts.shaped import REDACTED
from privacy_service.contracts.values import OTHER_ENTITIES

Written = str | int | float | bool | list["Written"] | dict[str, "Written"]

_THRESHOLD = EntityTerm(treatment=REDACTED.treatment).threshold


def as_written(contract: SharingContract) -> Mapping[str, Written]:
    """What the contract's YAML holds. Reading it back gives an equal contract."""
    return _without_nothing(
        {
            "apiVersion": "privacy-service/v1",
            "kind": "SharingContract",
            "id": contract.id,
            "title": contract.title,
            "party": _party(contract.party),
            "counterparty": _party(contract.counterparty),
            "direction": contract.direction.value,
            "purposes": list(contract.purposes),
            "legal_basis": contract.legal_basis,
            "status": _unless(contract.status.value, Status.ACTIVE.value),
            "consent": _unless(contract.consent, False),
            "consent_proof": _consent_proof(contract),
            "effective": _effective(contract),
            "fields": [written_field(term) for term in contract.fields],
            "entities": _entities(contract),
            "unknown_fields": _unless(contract.unknown_fields.value, UnknownFields.DROP.value),
            "erased_subjects": _unless(contract.erased_subjects.value, ErasedSubjects.REFUSE.value),
            "free_text": _unless(contract.free_text.value, FreeText.MODEL.value),
            "subjects": [{"path": s.path, "type": s.type} for s in contract.subjects],
            "regions": list(contract.regions),
            "quota": _quota(contract),
            "retention": _retention(contract),
            "storage": _unless(contract.storage.value, Storage.NONE.value),
            "review": _review(contract.review),
            "recipient_key": contract.recipient_key,
            "review_by": contract.review_by.isoformat() if contract.review_by else None,
            "governance": _governance(contract.governance),
            "examples": [_example(example) for example in contract.examples],
        }
    )


def written_duration(length: timedelta) -> str:
    """The length in days, hours, minutes and seconds, as ISO 8601 writes it."""
    minutes, seconds = divmod(length.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    clock = "".join(
        f"{amount}{unit}"
        for amount, unit in ((hours, "H"), (minutes, "M"), (seconds, "S"))
        if amount
    )
    return "P" + (f"{length.days}D" if length.days else "") + (f"T{clock}" if clock else "")


def written_instant(instant: datetime) -> str:
    """A date if the instant is midnight in UTC, else a date-time in UTC."""
    utc = instant.astimezone(UTC)
    if utc.timetz() == time(tzinfo=UTC):
        return utc.date().isoformat()
    return utc.isoformat().replace("+00:00", "Z")


def written_treatment(treatment: Treatment) -> Written:
    """The word, or the mapping with its parameters."""
    match treatment.kind:
        case TreatmentKind.MASK if treatment.keep_last:
            return {"mask": {"keep_last": treatment.keep_last}}
        case TreatmentKind.GENERALIZE if treatment.to is not None:
            size: dict[str, Written] = {"size": treatment.size} if treatment.size else {}
            return {"generalize": {"to": treatment.to.value, **size}}
        case TreatmentKind.SHIFT_DATE if treatment.days is not None:
            return {"shift_date": {"days": treatment.days}}
    return treatment.kind.value


def _party(party: Party) -> Written:
    return _without_nothing(
        {"partner": party.partner, "role": party.role.value, "region": party.region}
    )


def _effective(contract: SharingContract) -> Written:
    until = contract.effective_until
    return _without_nothing(
        {
            "from": written_instant(contract.effective_from),
            "until": written_instant(until) if until else None,
        }
    )


def written_field(term: FieldTerm) -> Written:
    """The field term, defaults left out."""
    return _without_nothing(
        {
            "path": term.path,
            "permit": _unless(term.permit, True),
            "treatment": written_treatment(term.treatment) if term.treatment else None,
            "type": term.type,
            "keep_type": _unless(term.keep_type, False),
            "reveal": _unless(term.reveal, False),
        }
    )


def _entities(contract: SharingContract) -> Written:
    terms = {name: written_entity(term) for name, term in contract.entities}
    if contract.other_entities != REDACTED:
        terms[OTHER_ENTITIES] = written_entity(contract.other_entities)
    return terms


def written_entity(term: EntityTerm) -> Written:
    """The treatment alone where nothing else is said, else the term in full."""
    treatment = written_treatment(term.treatment)
    if term.threshold == _THRESHOLD and not term.reveal:
        return treatment
    return _without_nothing(
        {
            "treatment": treatment,
            "threshold": _unless(term.threshold, _THRESHOLD),
            "reveal": _unless(term.reveal, False),
        }
    )


def _consent_proof(contract: SharingContract) -> Written:
    proof = contract.consent_proof
    return _without_nothing(
        {
            "by": _unless(proof.by.value, ConsentProof.SENDER.value),
            "max_age": written_duration(proof.max_age) if proof.max_age else None,
            "on_withdrawal": _unless(proof.on_withdrawal.value, OnWithdrawal.KEEP.value),
        }
    )


def _quota(contract: SharingContract) -> Written | None:
    if contract.quota is None:
        return None
    return {"transfers": contract.quota.transfers, "per": written_duration(contract.quota.period)}


def _retention(contract: SharingContract) -> Written:
    kept = contract.retention
    return _without_nothing(
        {
            "ours": written_duration(kept.ours) if kept.ours else None,
            "recipient": written_duration(kept.recipient) if kept.recipient else None,
            "at_end": _unless(kept.at_end, AtEnd.DELETE),
        }
    )


def _review(term: ReviewTerm) -> Written:
    return _without_nothing(
        {
            "entities": list(term.entities),
            "incomplete": _unless(term.incomplete, False),
            "within": written_duration(term.within) if term.within else None,
            "four_eyes": _unless(term.four_eyes, False),
        }
    )


def _governance(governance: Governance) -> Written:
    return _without_nothing(
        {
            "approval": _unless(governance.approval.value, UNGOVERNED.approval.value),
            "approvers": _unless(governance.approvers.value, UNGOVERNED.approvers.value),
            **{
                name: written_duration(length)
                for name in ("notice", "recertify", "grace")
                if (length := getattr(governance, name)) is not None
            },
        }
    )


def _example(example: Example) -> Written:
    return _without_nothing(
        {
            "name": example.name,
            "content_type": example.content_type,
            "payload": example.payload,
            "effect": example.effect,
            "output": example.output,
        }
    )


def _unless(value: str | float | bool, default: object) -> Written | None:  # noqa: FBT001
    return None if value == default else value


def _without_nothing(written: Mapping[str, Written | None]) -> dict[str, Written]:
    """The keys that say something; empty text does, an empty list or mapping does not."""
    return {
        name: value
        for name, value in written.items()
        if value is not None and value not in ([], {})
    }
