"""What a value must look like to be what its field's name says.

A shape reads a value from its beginning and says how far it goes and how well it fits, from 0 (not
at all) to 1 (nothing else looks like this). A field that is named `phone` and holds `iPhone 12` is
no phone number; one that is named `lname` and holds a word is a name.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from privacy_service.detection import checksums
from privacy_service.detection.dates import is_date, partial_dates
from privacy_service.detection.gazetteer import ordinary
from privacy_service.detection.namelike import POSTCODE_BEFORE, person_fit, place_fit
from privacy_service.detection.placeholders import is_placeholder
from privacy_service.detection.secretlike import secret_fit, token_fit
from privacy_service.detection.street_words import STREET_WORD
from privacy_service.detection.words import folded


@dataclass(frozen=True, slots=True)
class Shape:
    """`head` finds the value at the beginning of a text; `fit` says how well it looks the part."""

    head: re.Pattern[str]
    fit: Callable[[str], float]

    def read(self, text: str) -> tuple[int, int, float] | None:
        """Start, end and fit of the value at the beginning of `text`, or None."""
        found = self.head.match(text)
        if found is None:
            return None
        start, end = found.span("value")
        value = text[start:end]
        if not value or is_placeholder(value):
            return None
        fit = self.fit(value)
        return (start, end, fit) if fit > 0 else None


_DIGIT = re.compile(r"\d")
_LETTER = re.compile(r"[^\W\d_]")


def _digits(value: str) -> int:
    return len(_DIGIT.findall(value))


def _between(low: int, high: int) -> Callable[[str], float]:
    """A fit for so many digits."""
    return lambda value: 1.0 if low <= _digits(value) <= high else 0.0


def _checked(check: Callable[[str], bool], otherwise: float) -> Callable[[str], float]:
    """A fit of 1 if the check digit is right, and `otherwise` if not."""
    return lambda value: 1.0 if check(value) else otherwise


def _phone_fit(value: str) -> float:
    count = _digits(value)
    if not 5 <= count <= 16 or is_date(value):
        return 0.0
    return 1.0 if 7 <= count <= 15 else 0.5


def _identifier_fit(value: str) -> float:
    count = _digits(value)
    if count >= 4 or (count >= 2 and len(value) >= 5):
        return 1.0
    return 0.4 if count else 0.0


_UUID = re.compile(r"[0-9A-Fa-f]{8}(?:-?[0-9A-Fa-f]{4}){3}-?[0-9A-Fa-f]{12}")


def _username_fit(value: str) -> float:
    """A name that somebody chose: not what a program gives, nor a short number."""
    if _UUID.fullmatch(value):
        return 0.0
    return 1.0 if not value.isdigit() or len(value) > 3 else 0.3


def _street_fit(value: str) -> float:
    has_digit = _DIGIT.search(value) is not None
    if not _LETTER.search(value):
        return 0.6 if has_digit and len(value) <= 8 else 0.0
    if has_digit:
        return 1.0
    words = value.split()
    if value.islower() and all(ordinary(folded(word)) for word in words):
        return 0.0
    return 0.9 if STREET_WORD.fullmatch(words[-1]) and len(words) > 1 else 0.7 * (len(value) >= 3)


def _street_name_fit(value: str) -> float:
    """A street's name needs letters, and more than one word of them or a number."""
    if not _LETTER.search(value) or len(value) < 4:
        return 0.0
    return _street_fit(value) if len(value.split()) > 1 else 0.4


def _secret(fit: Callable[[str], float]) -> Shape:
    return _shape(r"\S(?:.{0,4094}\S)?", fit)


def _card_fit(value: str) -> float:
    if checksums.payment_card(value):
        return 1.0
    return 0.7 if 12 <= _digits(value) <= 19 else 0.0


_DATE_HEAD = re.compile(
    r"\s*(?P<value>\d{4}-\d{2}-\d{2}[T ]\d{1,2}:[\d:.]{2,15}(?: ?(?:Z|[+-]\d{2}:?\d{2}))?"
    r"|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:,? \d{1,2}:\d{2}(?::\d{2})?(?: ?[AaPp]\.?"
    r"[Mm]\b\.?)?)?(?![\w])"
    r"|[^\W_]{1,13}[., ]{1,2}(?:de |of |del )?[^\W_]{1,13}(?:[., ]{1,2}(?:de |del "
    r"|of )?\d{2,4})?(?!\w)"
    r"|[^\W_]{3,13}[-/ ][^\W_]{2,9}(?:[-/ ][^\W_]{2,4})?(?!\w)|\d{8}(?!\d)|(?:19|20)\d{2}(?!\w))"
)


def _date_fit(value: str) -> float:
    """A date; less without its year, or for a year alone."""
    if is_date(value):
        return 1.0
    if re.fullmatch(r"(?:19|20)\d{2}", value):
        return 0.6
    return 0.8 if any(span == (0, len(value)) for span in partial_dates(value)) else 0.0


def _shape(head: str, fit: Callable[[str], float]) -> Shape:
    return Shape(re.compile(rf"\s*(?P<value>{head})"), fit)


def _yes(_value: str) -> float:
    return 1.0


_WORD = r"[^\W\d_](?:[^\W\d_]|['’‘.\-](?=[^\W\d_]))*\.?"
_NAME = rf"{_WORD}(?:(?:, ?|[ ]){_WORD}){{0,5}}"
_GROUP = (
    r"(?:[-./_][0-9A-Za-z]+|[ ]\d{1,6}(?![\w:/-])|[ ][A-Z]{1,2}(?!\w)|[ ][A-Z]{0,3}\d+"
    r"[A-Z]{0,3}(?!\w))"
)

SHAPES: Final[dict[str, Shape]] = {
    "person": _shape(_NAME, person_fit),
    "title_person": _shape(_NAME, person_fit),
    "place": _shape(
        rf"(?:{POSTCODE_BEFORE})?{_WORD}(?:(?:, ?| & |[ /]|[ ]\()[^\W\d_]\)?(?:[\w'’.\-]*)){{0,6}}",
        place_fit,
    ),
    "street": _shape(r"[\w#][^\n;|<>{}\[\]\"=]{0,120}", _street_fit),
    "house_number": _shape(
        (
            r"(?:[^\W\d_]{2,10}\.? ?)?#?\d{1,6}[A-Za-z]?(?:[-/]\d{1,4})?(?!\w)(?:[ ]"
            r"[^\n;|<>{}\[\]\"=]{1,60})?"
        ),
        _yes,
    ),
    "street_name": _shape(r"[\w#][^\n;|<>{}\[\]\"=]{0,80}", _street_name_fit),
    "postcode": _shape(
        (
            r"(?:[A-Z]{1,2}[- ]?)?\d[\dA-Z]{2,6}(?:[ -]?[\dA-Z]{2,4})?(?![\w])|[A-Z]{1,2}\d"
            r"[\dA-Z]? ?\d[A-Z]{2}|[A-Z]\d[\dW] ?[\dA-Z]{4}(?!\w)"
        ),
        _yes,
    ),
    "phone": _shape(
        (
            r"(?:tel:)?\+?[(\d][\d ().\-/\u2010-\u2013]{3,24}\d\)?(?:[ ,]{0,2}(?:x|ext\.?|#)"
            r"[ .]?\d{1,6})?"
        ),
        _phone_fit,
    ),
    "email": _shape(r"[^\s@<>\"',;()]{1,64}@[^\s@<>\"',;()]{1,255}", _yes),
    "date": Shape(_DATE_HEAD, _date_fit),
    "identifier": _shape(rf"#?(?:[A-Z]{{1,4}}[ -])?[0-9A-Za-z]+{_GROUP}{{0,6}}", _identifier_fit),
    "user_id": _shape(r"@?[\w][\w.@+\-\\$|]{1,63}", lambda v: _identifier_fit(v) or 0.7),
    "account": _shape(
        rf"#?[*xX0-9A-Za-z]+{_GROUP}{{0,6}}", lambda v: 1.0 if _digits(v) >= 4 else 0.0
    ),
    "ssn": _shape(
        r"\d{3}[- ]?\d{2}[- ]?\d{4}(?!\w)|\*{3}-\*{2}-\d{4}", _checked(checksums.us_ssn, 0.6)
    ),
    "card": _shape(r"\d(?:[ \-.]?\d){11,18}(?!\d)", _card_fit),
    "pin": _shape(r"\d{3,8}(?!\w)", _yes),
    "expiry": _shape(r"(?:0?[1-9]|1[0-2])\s?[/-]\s?(?:\d{4}|\d{2})(?!\w)", _yes),
    "iban": _shape(r"[A-Z]{2}\d{2}(?:[ -]?[0-9A-Z]{1,6}){3,10}", _checked(checksums.iban, 0.6)),
    "routing": _shape(r"[A-Z]{0,4}\d[\d\- ]{4,10}\d", _between(5, 11)),
    "sort_code": _shape(r"\d{2}[- ]?\d{2}[- ]?\d{2}(?!\w)", _yes),
    # An account is written where its bank is asked for, too.
    "swift": _shape(
        r"[A-Z]{6}[0-9A-Z]{2}(?:[0-9A-Z]{3})?(?!\w)|[A-Z]{2,4}\d{8,24}(?!\w)",
        lambda v: 1.0 if len(v) in (8, 11) else 0.7,
    ),
    "wallet": _shape(r"[0-9A-Za-z]{26,110}(?!\w)", _yes),
    "ip": _shape(
        r"[0-9A-Fa-f:.]{3,45}(?:/\d{1,3})?(?!\w)",
        lambda v: float(checksums.ipv4(v.split("/")[0]) or checksums.ipv6(v.split("/")[0])),
    ),
    "mac": _shape(
        r"[0-9A-Fa-f]{2}(?:[:\-. ]?[0-9A-Fa-f]{2}){5}(?:[:\-. ]?[0-9A-Fa-f]{2}){0,2}(?!\w)", _yes
    ),
    "imei": _shape(r"\d(?:[ \-/]?\d){13,16}(?!\w)", _between(14, 17)),
    "device": _shape(
        r"[0-9A-Za-z][0-9A-Za-z:._\-]{5,80}", lambda v: 1.0 if _digits(v) >= 2 else 0.0
    ),
    "vin": _shape(r"[A-HJ-NPR-Za-hj-npr-z0-9]{11,17}(?!\w)", _checked(checksums.vin, 0.7)),
    "plate": _shape(
        r"[A-Z0-9ÄÖÜ]{1,9}(?:[ \-·][A-Z0-9]{1,5}){0,3}(?![a-z])",
        lambda v: 1.0 if 4 <= len(v) <= 12 and _DIGIT.search(v) else 0.0,
    ),
    "username": _shape(r"@?[\w][\w.@+\-\\$]{1,63}", _username_fit),
    "secret": _secret(secret_fit),
    "token": _secret(token_fit),
    "group": _shape(rf"{_WORD}(?:[ /\-]{_WORD}){{0,3}}", lambda v: 1.0 if len(v) <= 40 else 0.0),
    "phrase": _shape(r"[\w][^\n;|<>{}\[\]\"]{1,118}", _yes),
    "coordinate": _shape(
        r"[-+]?\d{1,3}\.\d{2,}[°NSEW ]{0,3}(?:[,;/ ]{1,2}[-+]?\d{1,3}\.\d{2,}[°NSEW ]{0,3})?", _yes
    ),
    "site": _shape(
        r"(?:https?://|www\.)[^\s<>\"'(),;]+|[\w-]{2,63}(?:\.(?:co|com|org|ac|gov|net))?\."
        r"(?!local|internal|lan|corp|svc|home|intra|test|example)[a-z]{2,24}(?![\w.:-])",
        _yes,
    ),
    "url": _shape(r"(?:https?://)?[^\s<>\"'(),;]+\.[^\s<>\"'(),;]+", _yes),
}
