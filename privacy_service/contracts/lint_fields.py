"""Doubts about which fields a contract lets pass, and which of its terms ever decides."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from privacy_service.contracts.faults import Fault
from privacy_service.contracts.fields import FieldTerms
from privacy_service.contracts.model import FieldTerm, FieldType, FreeText, TreatmentKind
from privacy_service.contracts.paths import Pattern, Selector, StepKind, parse
from privacy_service.contracts.read import Reading


def field_faults(reading: Reading, _today: date) -> Iterator[Fault]:
    """The faults of `fields` as a whole and of each pattern."""
    yield from _whole(reading)
    yield from _patterns(reading)
    yield from _free_text(reading)


def _whole(reading: Reading) -> Iterator[Fault]:
    fields = reading.contract.fields
    if not any(term.permit for term in fields):
        yield reading.warning(("fields",), "no field may pass", "permit the fields that are needed")
    for at, term in enumerate(fields):
        steps = parse(term.path).selectors
        everything = all(step.kind is StepKind.ANY for step in steps) and len(steps) < 2
        if everything and term.permit and term.type is None and term.treatment is None:
            yield reading.warning(
                ("fields", at, "path"),
                "every field may pass, those too that nobody has thought of",
                "name the fields that are needed (GDPR Art. 5(1)(c))",
            )


def _patterns(reading: Reading) -> Iterator[Fault]:
    """Each pattern must decide somewhere: at the very place that it describes."""
    fields = reading.contract.fields
    compiled = FieldTerms(fields)
    met: dict[tuple[Selector, ...], FieldTerm] = {}
    for at, term in enumerate(fields):
        pattern = parse(term.path)
        twin = met.setdefault(pattern.selectors, term)
        if twin is not term:
            yield reading.fault(
                ("fields", at, "path"), f"{twin.path} says the same place", "keep one of the two"
            )
            continue
        held = compiled.at(pattern.sample)
        if held is not None and held.path != term.path and not _is_tie(pattern, held):
            yield reading.fault(
                ("fields", at, "path"),
                f"it never decides: {held.path} holds for all of it",
                "leave it out, or make the other narrower",
            )


def _is_tie(pattern: Pattern, held: FieldTerm) -> bool:
    """Whether the other is as specific, so that the stricter of both holds."""
    return parse(held.path).specificity == pattern.specificity


def _free_text(reading: Reading) -> Iterator[Fault]:
    contract = reading.contract
    texts = [
        at for at, term in enumerate(contract.fields) if term.permit and term.type == FieldType.TEXT
    ]
    for at in texts:
        treatment = contract.fields[at].treatment
        if treatment is not None and treatment.kind is TreatmentKind.KEEP:
            yield reading.warning(
                ("fields", at, "treatment"),
                "keep holds for what a field declares, and free text declares nothing: findings "
                "in it fall under the entity terms",
                "leave it out, or declare what the field holds",
            )
    if texts and contract.free_text is FreeText.PATTERNS:
        yield reading.warning(
            ("free_text",),
            "names and places in free text are not looked for",
            "leave it out, unless the text can hold none",
        )
