"""Treatments: what becomes of a value, or of a finding inside a text.

A treatment that does not fit its value (a shift of a date that is not one) never leaves the value
as it is: the value is redacted, and the answer says so (`applied`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from privacy_service import errors
from privacy_service.contracts.model import Treatment, TreatmentKind
from privacy_service.enforcement.dates import read_date, shifted
from privacy_service.enforcement.generalize import generalize
from privacy_service.enforcement.letters import SEPARATORS
from privacy_service.errors import PrivacyError
from privacy_service.payloads.document import NewValue, NodeKind, Path, pointer


class Mint(Protocol):
    """Makes what stands for a value: bound to one transfer's pair of partners and purpose."""

    def token(self, entity: str, value: str, *, path: Path) -> str:
        """A token for the value, deterministic within the pair and purpose; kept for `Reveal`."""
        ...

    def keyed_hash(self, entity: str, value: str) -> str:
        """A keyed digest of the value, the same within the pair and purpose."""
        ...

    def encrypted(self, value: str, *, path: Path) -> str:
        """The value, encrypted to the recipient's public key (RFC 9180)."""
        ...

    def date_offset(self, days: int, *, path: Path) -> int:
        """The shift in days of the subject that is nearest to `path`, stable for the pair.

        Raises SUBJECT_REQUIRED where no subject is known.
        """
        ...


class Gone(Exception):  # noqa: N818 - it is an outcome, caught beside the call
    """The value is to be removed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Treated:
    """What became of a value: the new one, and the kind of treatment that was really applied.

    `value` is meaningless where `removed`. `type_changed` says that the JSON type is another.
    """

    value: NewValue
    applied: TreatmentKind
    type_changed: bool = False
    removed: bool = False


def placeholder(label: str) -> str:
    """What stands where a value was redacted."""
    return f"<{label}>"


def treat_value(
    kind: NodeKind,
    text: str,
    *,
    label: str,
    treatment: Treatment,
    keep_type: bool,
    mint: Mint,
    path: Path,
) -> Treated:
    """The whole value under its treatment.

    With `keep_type` a number stays a number and so on, or TREATMENT_FAILED is raised. Null has
    nothing to treat: it stays, unless it is to be removed.
    """
    if treatment.kind is TreatmentKind.REMOVE:
        return Treated(value=None, applied=TreatmentKind.REMOVE, removed=True)
    if kind is NodeKind.NULL:
        return Treated(value=None, applied=TreatmentKind.KEEP)
    new, applied = _changed(text, label, treatment, mint, path)
    if kind is NodeKind.TEXT:
        return Treated(value=new, applied=applied)
    return _typed(kind, text, new, applied, keep_type=keep_type, path=path)


def treat_part(text: str, *, label: str, treatment: Treatment, mint: Mint, path: Path) -> str:
    """What stands in a text for a finding of it; the empty text where it is removed."""
    if treatment.kind is TreatmentKind.REMOVE:
        return ""
    return _changed(text, label, treatment, mint, path)[0]


def _changed(
    text: str, label: str, treatment: Treatment, mint: Mint, path: Path
) -> tuple[str, TreatmentKind]:
    new = _new_text(text, label, treatment, mint, path)
    if new is None:
        return placeholder(label), TreatmentKind.REDACT
    return new, treatment.kind


def _typed(
    kind: NodeKind,
    text: str,
    new: str,
    applied: TreatmentKind,
    *,
    keep_type: bool,
    path: Path,
) -> Treated:
    """A number's or boolean's new value, as a number where it is one and the type must hold."""
    if not keep_type:
        number = _as_number(new) if applied is TreatmentKind.GENERALIZE else None
        if kind is NodeKind.NUMBER and number is not None:
            return Treated(value=number, applied=applied)
        return Treated(value=new, applied=applied, type_changed=True)
    if kind is NodeKind.NUMBER:
        kept = _number_for(text, new, applied)
        if kept is not None:
            return Treated(value=kept, applied=applied)
    raise PrivacyError(
        errors.TREATMENT_FAILED, path=pointer(path), treatment=applied.value, type=kind.value
    )


def _number_for(text: str, new: str, applied: TreatmentKind) -> int | Decimal | None:
    if applied is TreatmentKind.REDACT:
        return 0
    if applied is TreatmentKind.MASK:
        # "1***" is no number; the digits that a mask hides become zeros.
        return _as_number(re.sub(r"\*", "0", new)) if text.isdigit() else 0
    return _as_number(new)


def _as_number(text: str) -> int | Decimal | None:
    if re.fullmatch(r"-?\d{1,30}", text):
        return int(text)
    if re.fullmatch(r"-?\d{1,30}\.\d{1,30}", text):
        return Decimal(text)
    return None


def _new_text(text: str, label: str, treatment: Treatment, mint: Mint, path: Path) -> str | None:
    """The new text, or None where the treatment does not fit the value."""
    match treatment.kind:
        case TreatmentKind.KEEP:
            return text
        case TreatmentKind.MASK:
            return _masked(text, treatment.keep_last or 0)
        case TreatmentKind.GENERALIZE:
            return generalize(text, treatment)
        case TreatmentKind.SHIFT_DATE:
            return _shifted(text, treatment.days or 30, mint, path)
        case TreatmentKind.HASH:
            return mint.keyed_hash(label, text)
        case TreatmentKind.TOKENIZE:
            return mint.token(label, text, path=path)
        case TreatmentKind.ENCRYPT:
            return mint.encrypted(text, path=path)
        case _:
            return placeholder(label)


def _masked(text: str, keep_last: int) -> str:
    """Everything but separators becomes `*`, except for the last n; separators keep their places.

    A value shorter than twice n keeps less than n: a mask always hides at least half.
    """
    marks = [at for at, char in enumerate(text) if char not in SEPARATORS]
    shown = set(marks[len(marks) - min(keep_last, len(marks) // 2) :])
    return "".join(
        char if char in SEPARATORS or at in shown else "*" for at, char in enumerate(text)
    )


def _shifted(text: str, days: int, mint: Mint, path: Path) -> str | None:
    written = read_date(text)
    return None if written is None else shifted(written, mint.date_offset(days, path=path))
