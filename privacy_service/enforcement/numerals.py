"""Numbers that are written in another way than the digits that they stand for."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from privacy_service.payloads.canonical import View
from privacy_service.payloads.trace import Piece, rewritten

_other: Final = re.compile(
    r"[+-]?\d{1,40}(?:\.\d{0,40}(?:[eE][+-]?\d{1,2})?|[eE][+-]?\d{1,2})", re.ASCII
).fullmatch
_SHORTEST: Final = 9
_LONGEST: Final = 40


def in_digits(text: str) -> View | None:
    """A whole number that is written with a fraction or an exponent (`4.1E3`), as its digits.

    None where it is none, or has too few digits to be anybody's number. What is found in it is
    the whole text.
    """
    if _other(text) is None:
        return None
    value = abs(Decimal(text))
    if value != value.to_integral_value() or value.adjusted() >= _LONGEST:
        return None
    digits = str(int(value))
    if len(digits) < _SHORTEST:
        return None
    done = rewritten(text, [Piece(0, len(text), digits)])
    return None if done is None else View(done[0], ("number",), (done[1],))
