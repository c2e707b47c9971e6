"""From the reading models to the model that everyone else uses."""

from __future__ import annotations

from privacy_service.contracts import shape, shape_treatments
from privacy_service.contracts.governance import Governance
from privacy_service.contracts.model import (
    ConsentTerm,
    EntityTerm,
    Example,
    FieldTerm,
    Party,
    Quota,
    Retention,
    ReviewTerm,
    SharingContract,
    SubjectField,
    Treatment,
    TreatmentKind,
)
from privacy_service.contracts.values import OTHER_ENTITIES

REDACTED = EntityTerm(treatment=Treatment(kind=TreatmentKind.REDACT))
"""What happens to an entity that a contract does not name, unless it says otherwise."""


def as_contract(written: shape.ContractShape) -> SharingContract:
    """The contract; its entities sorted by name, everything else as it was written."""
    entities = {name: _entity_term(term) for name, term in written.entities.items()}
    other = entities.pop(OTHER_ENTITIES, REDACTED)
    return SharingContract(
        id=written.id,
        title=written.title,
        party=_party(written.party),
        counterparty=_party(written.counterparty),
        direction=written.direction,
        purposes=tuple(written.purposes),
        legal_basis=written.legal_basis,
        status=written.status,
        consent=written.consent,
        consent_proof=ConsentTerm(
            by=written.consent_proof.by,
            max_age=written.consent_proof.max_age,
            on_withdrawal=written.consent_proof.on_withdrawal,
        ),
        effective_from=written.effective.start,
        effective_until=written.effective.until,
        fields=tuple(map(_field_term, written.fields)),
        entities=tuple(sorted(entities.items())),
        other_entities=other,
        unknown_fields=written.unknown_fields,
        erased_subjects=written.erased_subjects,
        free_text=written.free_text,
        subjects=tuple(SubjectField(path=s.path, type=s.type) for s in written.subjects),
        regions=tuple(written.regions),
        quota=_quota(written.quota),
        retention=Retention(
            ours=written.retention.ours,
            recipient=written.retention.recipient,
            at_end=written.retention.at_end,
        ),
        storage=written.storage,
        review=ReviewTerm(
            entities=tuple(sorted(set(written.review.entities))),
            incomplete=written.review.incomplete,
            within=written.review.within,
            four_eyes=written.review.four_eyes,
        ),
        recipient_key=written.recipient_key,
        review_by=written.review_by,
        governance=as_governance(written.governance),
        examples=tuple(map(_example, written.examples)),
    )


def as_governance(written: shape.GovernanceShape) -> Governance:
    """How a contract of either kind may be changed."""
    return Governance(
        approval=written.approval,
        approvers=written.approvers,
        notice=written.notice,
        recertify=written.recertify,
        grace=written.grace,
    )


def _party(written: shape.PartyShape) -> Party:
    return Party(partner=written.partner, role=written.role, region=written.region)


def _field_term(written: shape.FieldShape) -> FieldTerm:
    return FieldTerm(
        path=written.path,
        permit=written.permit,
        treatment=None if written.treatment is None else treatment_of(written.treatment),
        type=written.type,
        keep_type=written.keep_type,
        reveal=written.reveal,
    )


def _entity_term(
    written: str | shape_treatments.TreatmentMapping | shape_treatments.Entity,
) -> EntityTerm:
    if isinstance(written, shape_treatments.Entity):
        return EntityTerm(
            treatment=treatment_of(written.treatment),
            threshold=float(written.threshold),
            reveal=written.reveal,
        )
    return EntityTerm(treatment=treatment_of(written))


def treatment_of(written: str | shape_treatments.TreatmentMapping) -> Treatment:
    """The treatment that a contract, or a schedule, writes."""
    if isinstance(written, str):
        masks = written == TreatmentKind.MASK
        return Treatment(kind=TreatmentKind(written), keep_last=0 if masks else None)
    if written.mask is not None:
        return Treatment(kind=TreatmentKind.MASK, keep_last=written.mask.keep_last)
    if written.generalize is not None:
        coarser = written.generalize
        return Treatment(kind=TreatmentKind.GENERALIZE, to=coarser.to, size=coarser.size)
    assert written.shift_date is not None
    return Treatment(kind=TreatmentKind.SHIFT_DATE, days=written.shift_date.days)


def _quota(written: shape.QuotaShape | None) -> Quota | None:
    return None if written is None else Quota(transfers=written.transfers, period=written.per)


def _example(written: shape.ExampleShape) -> Example:
    return Example(
        name=written.name,
        content_type=written.content_type,
        payload=written.payload,
        effect=written.effect,
        output=written.output,
    )
