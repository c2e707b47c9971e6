"""Which of two terms is stricter, and the weakest that is at least as strict as both.

The order and its reasons are decision 0004 (docs/decisions/0004-strictness-of-treatments.md). It
orders treatments by what the recipient can still learn of the value.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from privacy_service.contracts.entities import canonical
from privacy_service.contracts.model import (
    AtEnd,
    ConsentProof,
    EntityTerm,
    ErasedSubjects,
    FieldTerm,
    FieldType,
    FreeText,
    Generalization,
    OnWithdrawal,
    Quota,
    ReviewTerm,
    Storage,
    Treatment,
    TreatmentKind,
    UnknownFields,
)

ORDER = (
    TreatmentKind.KEEP,
    TreatmentKind.ENCRYPT,
    TreatmentKind.SHIFT_DATE,
    TreatmentKind.GENERALIZE,
    TreatmentKind.MASK,
    TreatmentKind.TOKENIZE,
    TreatmentKind.HASH,
    TreatmentKind.REDACT,
    TreatmentKind.REMOVE,
    TreatmentKind.REFUSE,
)
"""From the treatment that tells the recipient most to the one that tells nothing."""

_LEAVES_ANOTHER_PART = (TreatmentKind.SHIFT_DATE, TreatmentKind.GENERALIZE)
_REDACT = Treatment(kind=TreatmentKind.REDACT)
_PLAIN_TYPES = frozenset(FieldType)
_DATES = frozenset({"DATE_TIME", "DATE_OF_BIRTH"})


def declares_entity(field_type: str | None) -> bool:
    """Whether a declared type is the name of an entity, and not one of `FieldType`."""
    return field_type is not None and field_type not in _PLAIN_TYPES


def declares(field_type: str | None, entity: str) -> bool:
    """Whether a field of this declared type is said to hold this entity.

    A field declared as a date is said to hold dates, a person's birth among them.
    """
    meant = canonical(entity)
    if field_type == FieldType.DATE:
        return meant in _DATES
    return field_type is not None and canonical(field_type) == meant


def stricter_treatment(one: Treatment, other: Treatment) -> Treatment:
    """The weakest treatment that is at least as strict as both.

    Usually one of the two. Where they leave different parts of a value and neither part holds the
    other (the end of a postcode, its beginning), it is redact.
    """
    if one == other:
        return one
    kinds = {one.kind, other.kind}
    if TreatmentKind.MASK in kinds and kinds & set(_LEAVES_ANOTHER_PART):
        return _REDACT
    if one.kind is other.kind:
        return _stricter_parameters(one, other)
    return max(one, other, key=lambda treatment: ORDER.index(treatment.kind))


def at_least_as_strict(one: Treatment, other: Treatment) -> bool:
    """Whether `one` tells the recipient nothing that `other` would not."""
    return stricter_treatment(one, other) == one


def stricter_entity(one: EntityTerm, other: EntityTerm) -> EntityTerm:
    """What both parties' terms for one entity come to.

    The threshold is the lower one of those that change something: a term that keeps an entity
    says nothing about when to change it.
    """
    changing = [term for term in (one, other) if term.treatment.kind is not TreatmentKind.KEEP]
    return EntityTerm(
        treatment=stricter_treatment(one.treatment, other.treatment),
        threshold=min(term.threshold for term in changing or (one, other)),
        reveal=one.reveal and other.reveal,
    )


def stricter_field(one: FieldTerm, other: FieldTerm) -> FieldTerm:
    """What both parties' terms for one field come to; its path is the one of the stricter."""
    merged = replace(
        one,
        permit=one.permit and other.permit,
        treatment=_stricter_field_treatment(one.treatment, other.treatment),
        type=stricter_type(one.type, other.type),
        keep_type=one.keep_type or other.keep_type,
        reveal=one.reveal and other.reveal,
    )
    if merged != one and merged == replace(other, path=one.path):
        return other
    return merged


def _stricter_field_treatment(one: Treatment | None, other: Treatment | None) -> Treatment | None:
    """None leaves the findings in the field to the entity terms: stricter than keep, only."""
    if one is None or other is None:
        named = one or other
        return None if named is None or named.kind is TreatmentKind.KEEP else named
    return stricter_treatment(one, other)


def stricter_type(one: str | None, other: str | None) -> str | None:
    """The claim that lets the fewest values pass uninspected.

    An entity name says that the value is personal data, and so comes first; a plain type says
    that values of that look are not, and holds only where both parties say so.
    """
    if one == other:
        return one
    entities = sorted(name for name in (one, other) if name and declares_entity(name))
    if entities:
        return entities[0]
    if one is None or other is None:
        return FieldType.TEXT if FieldType.TEXT in (one, other) else None
    words = {FieldType.CODE, FieldType.IDENTIFIER}
    return FieldType.CODE if {one, other} == words else FieldType.TEXT


def stricter_unknown_fields(one: UnknownFields, other: UnknownFields) -> UnknownFields:
    """Refuse before drop."""
    return UnknownFields.REFUSE if UnknownFields.REFUSE in (one, other) else one


def stricter_erased_subjects(one: ErasedSubjects, other: ErasedSubjects) -> ErasedSubjects:
    """Refuse before drop."""
    return ErasedSubjects.REFUSE if ErasedSubjects.REFUSE in (one, other) else one


def stricter_free_text(one: FreeText, other: FreeText) -> FreeText:
    """The language model before patterns alone."""
    return FreeText.MODEL if FreeText.MODEL in (one, other) else one


def stricter_proof(one: ConsentProof, other: ConsentProof) -> ConsentProof:
    """Our ledger before the sender's word."""
    return ConsentProof.LEDGER if ConsentProof.LEDGER in (one, other) else one


def stricter_on_withdrawal(one: OnWithdrawal, other: OnWithdrawal) -> OnWithdrawal:
    """Asking recipients to delete before letting them keep."""
    return OnWithdrawal.ERASE if OnWithdrawal.ERASE in (one, other) else one


def stricter_storage(one: Storage, other: Storage) -> Storage:
    """Keeping nothing before keeping a copy."""
    return Storage.NONE if Storage.NONE in (one, other) else one


def stricter_review(one: ReviewTerm, other: ReviewTerm) -> ReviewTerm:
    """All that either lets wait, for the shorter time, before two people if either asks for it.

    What could not be inspected waits only where both say so: to refuse it is stricter.
    """
    return ReviewTerm(
        entities=tuple(sorted({*one.entities, *other.entities})),
        incomplete=one.incomplete and other.incomplete,
        within=shorter(one.within, other.within),
        four_eyes=one.four_eyes or other.four_eyes,
    )


def shorter(one: timedelta | None, other: timedelta | None) -> timedelta | None:
    """The shorter time; None sets no limit."""
    limits = [limit for limit in (one, other) if limit is not None]
    return min(limits, default=None)


def earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    """The earlier end; None is no end."""
    return min((end for end in (one, other) if end is not None), default=None)


def tighter_quotas(one: Quota | None, other: Quota | None) -> tuple[Quota, ...]:
    """The quotas that both parties' come to: one where it implies the other, else both."""
    quotas = [quota for quota in (one, other) if quota is not None]
    if one is None or other is None or one == other:
        return tuple(quotas[:1])
    if _implies(one, other):
        return (one,)
    return (other,) if _implies(other, one) else (one, other)


def _implies(tight: Quota, loose: Quota) -> bool:
    """Fewer transfers in a period that whole periods of the looser one make up."""
    return tight.transfers <= loose.transfers and tight.period % loose.period == timedelta(0)


def _stricter_parameters(one: Treatment, other: Treatment) -> Treatment:
    match one.kind:
        case TreatmentKind.MASK:
            return min(one, other, key=lambda treatment: treatment.keep_last or 0)
        case TreatmentKind.SHIFT_DATE:
            return max(one, other, key=lambda treatment: treatment.days or 0)
        case TreatmentKind.GENERALIZE:
            return _coarser(one, other)
        case _:
            return one


def _coarser(one: Treatment, other: Treatment) -> Treatment:
    if one.to is other.to is Generalization.BUCKET:
        sizes = sorted((one, other), key=lambda treatment: treatment.size or 0)
        nested = (sizes[1].size or 0) % (sizes[0].size or 1) == 0
        return sizes[1] if nested else _REDACT
    if {one.to, other.to} == {Generalization.YEAR, Generalization.MONTH}:
        return one if one.to is Generalization.YEAR else other
    return _REDACT


def returned(a: AtEnd, b: AtEnd) -> AtEnd:
    """What either asks to have returned comes back."""
    return AtEnd.RETURN if AtEnd.RETURN in (a, b) else AtEnd.DELETE
