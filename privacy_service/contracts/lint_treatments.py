"""Doubts about treatments: does each fit what it is to treat, and can it be done at all?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from privacy_service.contracts.entities import catalogue
from privacy_service.contracts.faults import Fault
from privacy_service.contracts.model import (
    LEAST_SCORE,
    Direction,
    EntityTerm,
    FieldTerm,
    FieldType,
    Generalization,
    SharingContract,
    Treatment,
    TreatmentKind,
)
from privacy_service.contracts.read import Reading
from privacy_service.contracts.telling import Place
from privacy_service.contracts.values import OTHER_ENTITIES

_DATES: Final = {FieldType.TEXT, FieldType.DATE, "DATE_TIME", "DATE_OF_BIRTH", "CARD_EXPIRY"}
_FITS: Final[dict[Generalization, set[str]]] = {
    Generalization.YEAR: {*_DATES, FieldType.NUMBER},
    Generalization.MONTH: _DATES,
    Generalization.AGE_BAND: {FieldType.TEXT, FieldType.NUMBER, "AGE"},
    Generalization.ZIP3: {
        FieldType.TEXT, FieldType.IDENTIFIER, FieldType.CODE, "POSTCODE", "US_ZIP_CODE",
    },
    Generalization.BUCKET: {FieldType.TEXT, FieldType.NUMBER, "AGE", "INCOME"},
    Generalization.NETWORK: {FieldType.TEXT, FieldType.IDENTIFIER, "IP_ADDRESS"},
}  # fmt: skip
"""The declared types whose values each generalization can make coarser."""

_MAKES_TEXT: Final = {TreatmentKind.HASH, TreatmentKind.TOKENIZE, TreatmentKind.ENCRYPT}
_HAS_NO_VALUE: Final = {TreatmentKind.KEEP, TreatmentKind.REMOVE, TreatmentKind.REFUSE}
_SECRETS: Final = {
    "API_KEY", "CARD_SECURITY_CODE", "CREDIT_CARD", "PASSWORD", "PIN", "PRIVATE_KEY", "SECRET",
    "TOKEN",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class _Use:
    """One treatment as the contract uses it. `of` is the declared type or entity, if there is one;
    `place` is where the treatment stands.
    """

    place: Place
    treatment: Treatment
    of: str | None
    field: FieldTerm | None = None


def treatment_faults(reading: Reading, _today: date) -> Iterator[Fault]:
    """The faults of each field's and each entity's treatment."""
    for use in _uses(reading):
        yield from _fit(reading, use)
        yield from _needs(reading, use)
    for at, term in enumerate(reading.contract.fields):
        yield from _field(reading, ("fields", at), term)
    for name, said in _entity_terms(reading.contract):
        yield from _entity(reading, reading.entity_place(name), name, said)


def _uses(reading: Reading) -> Iterator[_Use]:
    for at, term in enumerate(reading.contract.fields):
        if term.treatment is not None:
            here: Place = ("fields", at, "treatment")
            yield _Use(place=here, treatment=term.treatment, of=term.type, field=term)
    for name, said in _entity_terms(reading.contract):
        of = None if name == OTHER_ENTITIES else name
        place = (*reading.entity_place(name), "treatment")
        yield _Use(place=place, treatment=said.treatment, of=of)


def _entity_terms(contract: SharingContract) -> Iterator[tuple[str, EntityTerm]]:
    yield from contract.entities
    yield OTHER_ENTITIES, contract.other_entities


def _fit(reading: Reading, use: _Use) -> Iterator[Fault]:
    """What does not fit its value is redacted, which the author did not mean."""
    fits, what = _fitting(use.treatment)
    if fits is None:
        return
    if use.of is not None and use.of not in fits:
        known = ", ".join(sorted(fits))
        yield reading.fault(
            use.place, f"{what} cannot be made of {use.of}", f"it fits {known}; or choose another"
        )
    elif use.field is None and use.of is None:
        yield reading.warning(
            use.place, f"{what} fits few entities; all others are redacted", "write redact"
        )


def _fitting(treatment: Treatment) -> tuple[set[str] | None, str]:
    if treatment.kind is TreatmentKind.SHIFT_DATE:
        return _DATES, "a shifted date"
    if treatment.kind is TreatmentKind.GENERALIZE and treatment.to is not None:
        return _FITS[treatment.to], f"`{treatment.to}`"
    return None, ""


def _needs(reading: Reading, use: _Use) -> Iterator[Fault]:
    contract, kind = reading.contract, use.treatment.kind
    if kind is TreatmentKind.SHIFT_DATE and not contract.subjects:
        yield reading.warning(
            use.place,
            "a date is shifted per subject, and `subjects` names none: each request must",
            "add `subjects: [{path: …, type: …}]`",
        )
    if kind is TreatmentKind.ENCRYPT and contract.recipient_key is None:
        yield reading.fault(
            use.place, "there is no key to encrypt to", "add the recipient's `recipient_key`"
        )
    if kind is TreatmentKind.ENCRYPT and contract.direction is Direction.BOTH:
        yield reading.warning(
            use.place,
            "`recipient_key` is the counterparty's, and cannot encrypt what it sends",
            "write a contract for each direction",
        )
    if (use.treatment.keep_last or 0) > 4:
        yield reading.warning(
            use.place, "a mask that leaves more than 4 may leave too much", "leave 4 or fewer"
        )


def _field(reading: Reading, place: Place, term: FieldTerm) -> Iterator[Fault]:
    treatment = term.treatment
    if treatment is not None and not term.permit:
        yield reading.warning(
            (*place, "treatment"),
            "the field may not pass, so that this says nothing",
            "leave it out, or permit the field",
        )
    if term.keep_type and treatment is not None and _loses_type(term, treatment):
        yield reading.fault(
            (*place, "keep_type"),
            f"{treatment.kind} of a {term.type} is no {term.type}",
            "leave keep_type out, or choose another treatment",
        )
    if term.reveal and not _is_tokenized(reading.contract, term):
        yield reading.fault(
            (*place, "reveal"), "only a token can be revealed", "tokenize the field"
        )


def _loses_type(term: FieldTerm, treatment: Treatment) -> bool:
    if treatment.kind in _HAS_NO_VALUE:
        return False
    if term.type == FieldType.BOOLEAN:
        return True
    return term.type == FieldType.NUMBER and treatment.kind in _MAKES_TEXT


def _is_tokenized(contract: SharingContract, term: FieldTerm) -> bool:
    treatment = term.treatment
    if treatment is None:
        said = dict(contract.entities).get(term.type or "", contract.other_entities)
        treatment = said.treatment
    return treatment.kind is TreatmentKind.TOKENIZE


def _entity(reading: Reading, place: Place, name: str, term: EntityTerm) -> Iterator[Fault]:
    kind = term.treatment.kind
    if term.reveal and kind is not TreatmentKind.TOKENIZE:
        yield reading.fault(
            (*place, "reveal"), "only a token can be revealed", "tokenize the entity"
        )
    if kind is not TreatmentKind.KEEP:
        if term.threshold > 0.8:
            yield reading.warning(
                (*place, "threshold"), "few findings score so high", "lower it to find more"
            )
        elif term.threshold < LEAST_SCORE:
            yield reading.warning(
                (*place, "threshold"),
                f"no finding scores lower than {LEAST_SCORE}",
                f"write {LEAST_SCORE}",
            )
        return
    if name == OTHER_ENTITIES:
        yield reading.warning(
            place,
            "all personal data that no term names leaves as it is",
            "write redact, and name the entities that may be kept",
        )
    elif catalogue()[name].special:
        yield reading.warning(
            place,
            "a special category of personal data leaves as it is",
            "be sure of the condition in GDPR Art. 9(2)",
        )
    elif name in _SECRETS:
        yield reading.warning(place, "a secret leaves as it is", "redact it, or refuse")
