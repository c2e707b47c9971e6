"""The values of a contract that are written as text: dates, durations, keys, names, paths.

Each function takes what stands in the YAML and gives what the model holds, or raises
PydanticCustomError with `says` and `fix` (and `offset`, where the fault is inside the text).
"""

from __future__ import annotations

import base64
import binascii
import re
from datetime import UTC, date, datetime, timedelta
from typing import Final

from pydantic_core import PydanticCustomError

from privacy_service.contracts import dpv, regions
from privacy_service.contracts.entities import canonical, catalogue
from privacy_service.contracts.faults import did_you_mean, shown
from privacy_service.contracts.model import FieldType
from privacy_service.contracts.paths import PathError, parse

OTHER_ENTITIES: Final = "default"
"""How a contract calls the entities that it does not name."""

_PARTS: Final = ("years", "months", "weeks", "days", "hours", "minutes", "seconds")
_DURATION: Final = re.compile(
    r"P(?=.)(?:(\d{1,3})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,5})D)?"
    r"(?:T(?=.)(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,8})S)?)?",
    re.ASCII,
)
_DAYS: Final = {"years": 365, "months": 30, "weeks": 7, "days": 1}
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_INSTANT: Final = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)", re.ASCII
)

_P: Final = 2**255 - 19
_SMALL_ORDER: Final = frozenset(
    {
        0,
        1,
        _P - 1,
        325606250916557431795983626356110631294008115727848805560023387167927233504,
        39382357235489614581723060781553021112529911719440698176882885853963445705823,
    }
)
"""Points of X25519 with which every exchange gives zero (RFC 7748, section 7)."""


def wrong(says: str, fix: str, offset: int = 0) -> PydanticCustomError:
    """A fault to raise in a validator."""
    return PydanticCustomError("contract", "{says}", {"says": says, "fix": fix, "offset": offset})


def duration(text: object) -> timedelta:
    """An ISO 8601 duration. A year is 365 days and a month 30, so that it is a fixed length."""
    found = _DURATION.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise wrong("this is not a duration (ISO 8601)", "write P30D, P1Y, PT12H or the like")
    amounts = {part: int(digits or 0) for part, digits in zip(_PARTS, found.groups(), strict=True)}
    days = sum(amounts.pop(part) * length for part, length in _DAYS.items())
    length = timedelta(days=days, **amounts)
    if not length:
        raise wrong("the duration is nothing", "write how long, or leave the key out")
    return length


def fixed_duration(text: object) -> timedelta:
    """A duration without years and months: the length of a quota's period."""
    if isinstance(text, str) and re.match(r"P\d*Y|P\d*M|P\d*Y\d*M", text):
        raise wrong("a quota's period has a fixed length", "write it in days, hours or weeks: P30D")
    return duration(text)


def instant(text: object) -> datetime:
    """A date-time with its offset, in UTC; a date alone is its first instant in UTC."""
    try:
        if isinstance(text, str) and _DATE.fullmatch(text):
            return datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)
        if isinstance(text, str) and _INSTANT.fullmatch(text):
            return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise wrong("there is no such date", "check the day, month and time") from None
    raise wrong("this is not an instant", "write 2026-01-31, or 2026-01-31T09:00:00+01:00")


def day(text: object) -> date:
    """A date."""
    if not isinstance(text, str) or not _DATE.fullmatch(text):
        raise wrong("this is not a date", "write 2026-01-31")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise wrong("there is no such date", "check the day and month") from None


def public_key(text: str) -> str:
    """A public X25519 key in base64."""
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise wrong("this is not base64", "write the 32 bytes of the key in base64") from None
    if len(key) != 32:
        raise wrong("an X25519 key has 32 bytes", "write the raw public key, without a header")
    if int.from_bytes(key, "little") % 2**255 % _P in _SMALL_ORDER:
        raise wrong("anybody could open what is sealed to this key", "ask for a fresh key")
    return text


def field_path(text: str) -> str:
    """A pattern of paths (`paths.py`)."""
    try:
        parse(text)
    except PathError as error:
        raise wrong(error.says, error.fix, error.offset) from None
    return text


def entity_name(text: str) -> str:
    """An entity of the catalogue, by the catalogue's own name."""
    if text not in catalogue():
        raise wrong(f"there is no entity {shown(text)}", did_you_mean(text, catalogue()))
    return canonical(text)


def entity_key(text: str) -> str:
    """An entity, or the word for all others."""
    return text if text == OTHER_ENTITIES else entity_name(text)


def field_type(text: str) -> str:
    """A field type, or an entity of the catalogue."""
    if text in frozenset(FieldType):
        return text
    if text not in catalogue():
        raise wrong(
            f"there is no type {shown(text)}", did_you_mean(text, {*FieldType, *catalogue()})
        )
    return canonical(text)


def purpose(text: str) -> str:
    """A DPV purpose, with its prefix."""
    term = dpv.normalise(text)
    if term not in dpv.purposes():
        raise wrong(f"DPV has no purpose {shown(text)}", did_you_mean(term, dpv.purposes()))
    return term


def legal_basis(text: str) -> str:
    """A legal basis of DPV or of its GDPR extension, with its prefix."""
    term = dpv.normalise(text)
    if term not in dpv.legal_bases():
        raise wrong(f"DPV has no legal basis {shown(text)}", did_you_mean(term, dpv.legal_bases()))
    return term


def region(text: str) -> str:
    """A country's code, `EU` or `EEA`."""
    if not regions.known(text):
        raise wrong(f"there is no region {shown(text)}", "write an ISO 3166-1 code (DE), EU or EEA")
    return text
