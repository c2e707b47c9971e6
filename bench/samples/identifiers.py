"""Numbers of people by kind, with their check digits, and passwords that fit where they stand."""

from __future__ import annotations

import base64
import json
import string
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any, Final

from stdnum import verhoeff
from stdnum.iso7064 import mod_11_10

from bench.samples.values import Values

Maker = Callable[[Values], tuple[str, str | None]]


def _checked(number: str, module: Any) -> str:
    digits = getattr(module, "calc_check_digits", None) or module.calc_check_digit
    return number + str(digits(number))


def _nino(v: Values) -> str:
    letters = v.random.choice("ABCEHJKLMPRSTWXYZ") + v.random.choice("ABCEHJKLMPRSTWXYZ")
    letters = "AB" if letters in ("BG", "GB", "KN", "NK", "NT", "TN", "ZZ") else letters
    return letters + v.digits(6) + v.random.choice("ABCD")


def _born(v: Values) -> date:
    return date(1940, 1, 1) + timedelta(v.random.randrange(23_000))


def _rvnr(v: Values) -> str:
    return f"{v.random.randint(10, 89)}{_born(v):%d%m%y}{v.random.choice('BFKMSW')}{v.digits(3)}"


def _steuer_id(v: Values) -> str:
    """Ten digits of which one occurs twice, and the check digit."""
    some = v.random.sample(string.digits[1:], 9)
    some.insert(v.random.randint(1, 9), some[0])
    return _checked("".join(some), mod_11_10)


def _cpf(v: Values) -> str:
    number = v.digits(9)
    for _ in range(2):
        total = sum((len(number) + 1 - at) * int(digit) for at, digit in enumerate(number))
        number += str(10 * total % 11 % 10)
    return number


def _nhs(v: Values) -> str:
    while True:
        number = v.random.choice("46789") + v.digits(8)
        check = -sum((10 - at) * int(digit) for at, digit in enumerate(number)) % 11
        if check != 10:
            return number + str(check)


def _mbi(v: Values) -> str:
    letter = lambda: v.random.choice("ACDEFGHJKMNPQRTUVWXY")  # noqa: E731
    return f"{v.random.randint(1, 9)}{letter()}{letter()}{v.digits(1)}{letter()}{letter()}{v.digits(1)}{letter()}{letter()}{v.digits(2)}"


def _password(v: Values, signs: str) -> str:
    alphabet = string.ascii_letters + string.digits
    return v.token(alphabet, 5) + v.token(signs, 1) + v.token(alphabet, 5) + v.digits(1)


def _key_body(v: Values) -> str:
    raw = base64.b64encode(v.random.randbytes(280)).decode()
    return "\n".join(raw[at : at + 70] for at in range(0, len(raw), 70))


IDENTIFIERS: Final[Mapping[str, Maker]] = {
    "nino": lambda v: (_nino(v), "GOV_ID"),
    "rvnr": lambda v: (_rvnr(v), "GOV_ID"),
    "steuer_id": lambda v: (_steuer_id(v), "GOV_ID"),
    "cpf_bare": lambda v: (_cpf(v), "GOV_ID"),
    "naf": lambda v: ("28" + v.digits(8) + v.digits(2), "GOV_ID"),
    "aadhaar_bare": lambda v: (_checked("2" + v.digits(10), verhoeff), "GOV_ID"),
    "itin_bare": lambda v: (f"9{v.digits(2)}7{v.digits(5)}", "GOV_ID"),
    "ein": lambda v: (f"{v.digits(2)}-{v.digits(7)}", "GOV_ID"),
    "nhs": lambda v: (_nhs(v), "GOV_ID"),
    "mbi": lambda v: (_mbi(v), "MEDICAL_ID"),
    "password_plain": lambda v: (_password(v, "!#%*+"), "SECRET"),
    "password_url": lambda v: (_password(v, "!*-_"), "SECRET"),
    "password_json": lambda v: (json.dumps(_password(v, "!#$%/"))[1:-1], "SECRET"),
    "hex32": lambda v: (v.token("0123456789abcdef", 32), "SECRET"),
    "key_body": lambda v: (_key_body(v), "SECRET"),
}
"""Makers of values, each with the label that it is scored under."""
