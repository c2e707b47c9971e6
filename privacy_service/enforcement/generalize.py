"""Coarser values: the year of a date, the band of an age, the first digits of a ZIP code."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from decimal import ROUND_FLOOR, Decimal, InvalidOperation, localcontext

from privacy_service.contracts.model import Generalization, Treatment
from privacy_service.enforcement.dates import read_date, year_in

# Three-digit ZIP areas of 20,000 people or fewer: 45 CFR 164.514(b)(2)(i)(B). HHS's guidance lists
# those of the 2000 census; those of the 2010 census are added, so that neither reading is broken.
SPARSE_ZIP3 = frozenset(
    (
        "036", "059", "063", "102", "203", "205", "369", "556", "692", "753", "772", "790", "821",
        "823", "830", "831", "878", "879", "884", "890", "893",
    )
)  # fmt: skip
_ZIP = re.compile(r"(?P<zip3>\d{3})\d{2}(?:[- ]?\d{4})?", re.ASCII)
_DIGITS = re.compile(r"\d+")


def generalize(text: str, treatment: Treatment) -> str | None:
    """The coarser form of the whole text; None where the text is not of the kind asked for."""
    if treatment.to is None:
        return None
    if treatment.to is Generalization.BUCKET:
        return _bucket(text, treatment.size or 10)
    return _COARSER[treatment.to](text.strip())


def _year(text: str) -> str | None:
    written = read_date(text)
    year = written.year if written else year_in(text)
    return None if year is None else f"{year:04}"


def _month(text: str) -> str | None:
    written = read_date(text)
    if written is None or written.month is None:
        return None
    return f"{written.year:04}-{written.month:02}"


def _age_band(text: str) -> str | None:
    """Ten-year bands; 90 and over is one band: 45 CFR 164.514(b)(2)(i)(C)."""
    found = _DIGITS.search(text)
    if found is None or len(found[0]) > 3:
        return None
    age = int(found[0])
    return "90+" if age >= 90 else f"{age // 10 * 10}-{age // 10 * 10 + 9}"


def _zip3(text: str) -> str | None:
    found = _ZIP.fullmatch(text)
    if found is None:
        return None
    return "000" if found["zip3"] in SPARSE_ZIP3 else found["zip3"]


def _network(text: str) -> str | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    bits = 24 if address.version == 4 else 48
    return str(ipaddress.ip_network(f"{address}/{bits}", strict=False))


def _bucket(text: str, size: int) -> str | None:
    """The lower edge of the value's bucket: 47.90 in buckets of 10 is 40."""
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        return None
    if not value.is_finite() or abs(value) > Decimal(10) ** 30:
        return None
    with localcontext(prec=60):
        return str(int((value / size).to_integral_value(ROUND_FLOOR)) * size)


_COARSER: dict[Generalization, Callable[[str], str | None]] = {
    Generalization.YEAR: _year,
    Generalization.MONTH: _month,
    Generalization.AGE_BAND: _age_band,
    Generalization.ZIP3: _zip3,
    Generalization.NETWORK: _network,
}
