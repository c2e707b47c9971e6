"""Which way a field's term went: from what held at a place to what holds there now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import IntEnum

from privacy_service.contracts.change import Way, compared, overall
from privacy_service.contracts.model import (
    FieldTerm,
    SharingContract,
    Treatment,
    TreatmentKind,
    UnknownFields,
)
from privacy_service.contracts.paths import Pattern, StepKind
from privacy_service.contracts.strictness import (
    at_least_as_strict,
    declares,
    declares_entity,
    stricter_type,
)
from privacy_service.payloads.document import Path


class _Passing(IntEnum):
    """What becomes of a field, from the weakest to the strictest."""

    PASSES = 0
    ABSENT = 1
    REFUSED = 2


def field_way(
    old: SharingContract, was: FieldTerm | None, new: SharingContract, holds: FieldTerm | None
) -> Way:
    """The way from the old contract's term at a place to the new one's."""
    before, after = _passing(old, was), _passing(new, holds)
    if was is None or holds is None or before is not after or before is not _Passing.PASSES:
        return compared(tighter=after >= before, looser=before >= after)
    return overall(
        (
            _treatment_way(old, was, holds),
            reveal_way(was.reveal, holds.reveal),
            compared(
                tighter=holds.keep_type >= was.keep_type, looser=was.keep_type >= holds.keep_type
            ),
        )
    )


def reveal_way(before: bool, after: bool) -> Way:  # noqa: FBT001
    """Permitting to reveal weakens."""
    return compared(tighter=before >= after, looser=after >= before)


def places(pattern: Pattern, patterns: Iterable[Pattern]) -> Iterator[Path]:
    """Places where a term at `pattern` may decide: its own, and where it meets other patterns.

    Where a pattern of names meets another of names it is a place of one of them, or none.
    """
    yield pattern.sample
    for other in patterns:
        if not (_is_open(pattern) or _is_open(other)):
            continue
        met = _meeting(pattern, other)
        if met is not None:
            yield met
        if other.deep:
            yield pattern.sample + other.sample
        if pattern.deep:
            yield other.sample + pattern.sample


def _is_open(pattern: Pattern) -> bool:
    return pattern.deep or any(step.kind is StepKind.ANY for step in pattern.selectors)


def _meeting(one: Pattern, other: Pattern) -> Path | None:
    """The most general place that is at or below both, if neither has a descent."""
    if one.deep or other.deep:
        return None
    shorter, longer = sorted((one.selectors, other.selectors), key=len)
    met = list(one.sample if longer is one.selectors else other.sample)
    for at, (first, second) in enumerate(zip(shorter, longer, strict=False)):
        if second.kind is StepKind.ANY and first.kind is not StepKind.ANY:
            met[at] = first.step
        elif StepKind.ANY not in (first.kind, second.kind) and first.step != second.step:
            return None
    return tuple(met)


def _passing(contract: SharingContract, term: FieldTerm | None) -> _Passing:
    if term is None:
        refuses = contract.unknown_fields is UnknownFields.REFUSE
        return _Passing.REFUSED if refuses else _Passing.ABSENT
    kind = term.treatment.kind if term.treatment else None
    if term.permit and kind is TreatmentKind.REFUSE:
        return _Passing.REFUSED
    return _Passing.PASSES if term.permit and kind is not TreatmentKind.REMOVE else _Passing.ABSENT


def _treatment_way(old: SharingContract, was: FieldTerm, holds: FieldTerm) -> Way:
    """Where one of them leaves the value to the entity terms, whole text stands against what is
    found in it: only a treatment that no entity term exceeds is known to be as strict.
    """
    before, after = _own(was), _own(holds)
    if before is None and after is None:
        return _type_way(was.type, holds.type)
    if before is None:
        return compared(tighter=_covers_all(old, after), looser=False)
    if after is None:
        return compared(tighter=before.kind is TreatmentKind.KEEP, looser=False)
    if TreatmentKind.KEEP is before.kind is after.kind and was.type != holds.type:
        return Way.WEAKENS
    return compared(
        tighter=at_least_as_strict(after, before), looser=at_least_as_strict(before, after)
    )


def _own(term: FieldTerm) -> Treatment | None:
    """The field's own treatment; keep counts only where the field declares what it keeps."""
    treatment = term.treatment
    if treatment is None or treatment.kind is not TreatmentKind.KEEP:
        return treatment
    return treatment if declares_entity(term.type) or declares(term.type, "DATE_TIME") else None


def _covers_all(contract: SharingContract, treatment: Treatment | None) -> bool:
    """Whether the treatment is at least as strict as every entity term of the contract."""
    said = [*(term for _, term in contract.entities), contract.other_entities]
    return treatment is not None and all(
        at_least_as_strict(treatment, term.treatment) for term in said
    )


def _type_way(before: str | None, after: str | None) -> Way:
    stricter = stricter_type(before, after)
    return compared(tighter=stricter == after, looser=stricter == before)
