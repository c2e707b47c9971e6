"""Check digits and number plans: arithmetic that a number of its kind fulfils."""

from __future__ import annotations

import hashlib
import ipaddress
import re
from collections.abc import Callable
from typing import Final

_NOT_ALNUM: Final = re.compile(r"[^0-9A-Za-z]")


def digits_of(value: str) -> str:
    """The decimal digits of a value, without what parts them."""
    return "".join(letter for letter in value if letter.isdecimal())


def luhn(value: str) -> bool:
    """ISO/IEC 7812-1 annex B."""
    total = 0
    for place, letter in enumerate(reversed(digits_of(value))):
        digit = int(letter) * (1 + place % 2)
        total += digit - 9 * (digit > 9)
    return total % 10 == 0


_BRANDS: Final = (
    (re.compile(r"4"), (13, 16, 19)),  # Visa
    (re.compile(r"5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720"), (16,)),  # Mastercard
    (re.compile(r"3[47]"), (15,)),  # American Express
    (re.compile(r"6011|64[4-9]|65|622|60"), (16, 19)),  # Discover, RuPay, UnionPay co-brands
    (re.compile(r"62|81"), (16, 17, 18, 19)),  # UnionPay
    (re.compile(r"35"), (16, 17, 18, 19)),  # JCB
    (re.compile(r"1800|2131"), (15,)),  # JCB, older
    (re.compile(r"30[0-5]|3095|36|38|39"), (14, 16, 19)),  # Diners Club
    (re.compile(r"5018|5020|5038|5893|6304|6759|676[1-3]|0604|50|5[6-9]|6"),
     (12, 13, 14, 15, 16, 17, 18, 19)),  # Maestro
)  # fmt: skip


def payment_card(value: str) -> bool:
    """Issuer prefix, the length that the brand issues, and the Luhn digit (ISO/IEC 7812)."""
    number = digits_of(value)
    if len(set(number)) < 2 or not luhn(number):
        return False
    return any(
        len(number) in lengths and prefix.match(number) is not None for prefix, lengths in _BRANDS
    )


_IBAN_LENGTHS: Final = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22,
    "BI": 27, "BR": 29, "BY": 28, "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DJ": 27,
    "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18, "FK": 18, "FO": 18, "FR": 27,
    "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HN": 28, "HR": 21, "HU": 28,
    "IE": 22, "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28,
    "LC": 32, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22,
    "MK": 19, "MN": 20, "MR": 27, "MT": 31, "MU": 30, "NI": 28, "NL": 18, "NO": 15, "OM": 23,
    "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "RU": 33, "SA": 24,
    "SC": 31, "SD": 18, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "SO": 23, "ST": 25, "SV": 28,
    "TL": 23, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20, "YE": 30,
}  # fmt: skip
"""Lengths by country: the IBAN registry of SWIFT, release 99."""


def iban_form(value: str) -> bool:
    """A country of the IBAN registry and its length, whatever the check digits say."""
    plain = _NOT_ALNUM.sub("", value).upper()
    return _IBAN_LENGTHS.get(plain[:2]) == len(plain)


def iban(value: str) -> bool:
    """The country's length and ISO 13616 (mod 97); a key in letters of both cases is none."""
    written = _NOT_ALNUM.sub("", value)
    plain = written.upper()
    if not iban_form(plain) or plain[2:] != written[2:] != plain[2:].lower():
        return False
    return int("".join(str(int(letter, 36)) for letter in plain[4:] + plain[:4])) % 97 == 1


def aba_routing(value: str) -> bool:
    """A US routing number: Federal Reserve prefix and the 3-7-1 sum."""
    number = digits_of(value)
    if len(number) != 9 or not re.match(r"0[0-9]|1[0-2]|2[1-9]|3[0-2]|6[1-9]|7[0-2]|80", number):
        return False
    return sum(w * int(d) for w, d in zip((3, 7, 1) * 3, number, strict=True)) % 10 == 0


_VIN_VALUES: Final = dict(
    zip("ABCDEFGHJKLMNPRSTUVWXYZ0123456789", [1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 7, 9, 2, 3,
    4, 5, 6, 7, 8, 9, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9], strict=True)
)  # fmt: skip
_VIN_WEIGHTS: Final = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


def vin(value: str) -> bool:
    """The check digit in place nine (49 CFR 565.15); vehicles built for Europe may lack it."""
    number = value.upper()
    if len(number) != 17 or any(letter not in _VIN_VALUES for letter in number):
        return False
    rest = sum(_VIN_VALUES[a] * w for a, w in zip(number, _VIN_WEIGHTS, strict=True)) % 11
    return number[8] == ("X" if rest == 10 else str(rest))


def imei(value: str) -> bool:
    """Fifteen digits with their Luhn digit (3GPP TS 23.003)."""
    number = digits_of(value)
    return len(number) == 15 and len(set(number)) > 2 and luhn(number)


def us_ssn(value: str) -> bool:
    """Not an area, group or serial number that is never issued (SSA, POMS RM 10201.035)."""
    number = digits_of(value)
    if len(number) != 9 or len(set(number)) == 1:
        return False
    return number[:3] not in ("000", "666") and number[3:5] != "00" and number[5:] != "0000"


def us_npi(value: str) -> bool:
    """Ten digits with a Luhn digit over the prefix 80840 (45 CFR 162.406)."""
    number = digits_of(value)
    return len(number) == 10 and number[0] in "12" and luhn("80840" + number)


def us_dea(value: str) -> bool:
    """Two letters and seven digits of which the last is the check digit (DEA)."""
    number = digits_of(value)
    if len(number) != 7:
        return False
    odd, even = sum(map(int, number[0:6:2])), sum(map(int, number[1:6:2]))
    return (odd + 2 * even) % 10 == int(number[6])


def ipv4(value: str) -> bool:
    """A dotted quad."""
    return _ip(value, ipaddress.IPv4Address)


def ipv6(value: str) -> bool:
    """RFC 4291 section 2.2, with or without a zone."""
    return _ip(value.split("%", maxsplit=1)[0], ipaddress.IPv6Address) and value.count(":") > 1


def _ip(value: str, kind: Callable[[str], object]) -> bool:
    try:
        kind(value)
    except ValueError:
        return False
    return True


_BASE58: Final = {c: i for i, c in enumerate(
    "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz")}  # fmt: skip


def base58check(value: str) -> bool:
    """Base58 of 25 or more bytes whose last four are the double SHA-256 of the others."""
    number = 0
    for letter in value:
        if letter not in _BASE58:
            return False
        number = number * 58 + _BASE58[letter]
    zeros = len(value) - len(value.lstrip("1"))
    raw = bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")
    if len(raw) < 25:
        return False
    return hashlib.sha256(hashlib.sha256(raw[:-4]).digest()).digest()[:4] == raw[-4:]


_BECH32: Final = {c: i for i, c in enumerate("qpzry9x8gf2tvdw0s3jn54khce6mua7l")}
_BECH32_STEPS: Final = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def bech32(value: str) -> bool:
    """BIP 173 and BIP 350."""
    prefix, mark, rest = value.lower().rpartition("1")
    if not mark or not prefix or any(letter not in _BECH32 for letter in rest):
        return False
    expanded = [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix]
    check = 1
    for number in expanded + [_BECH32[letter] for letter in rest]:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ number
        for bit, step in enumerate(_BECH32_STEPS):
            check ^= step if top >> bit & 1 else 0
    return check in (1, 0x2BC830A3)


def wallet(value: str) -> bool:
    """Base58check or bech32, by how it begins; an Ethereum address has no check of its own."""
    if value.startswith("0x"):
        return len(value) == 42
    return (
        bech32(value) if "1" in value[2:6] and value.lower()[:2] in _HUMAN else base58check(value)
    )


_HUMAN: Final = ("bc", "lt", "tb", "ad", "co")


def coordinates(value: str) -> bool:
    """A latitude within 90 and a longitude within 180 degrees."""
    found = re.findall(r"-?\d{1,3}\.\d+", value)
    return len(found) == 2 and abs(float(found[0])) <= 90 and abs(float(found[1])) <= 180


def uk_nino(value: str) -> bool:
    """The prefixes that HMRC issues (NIM39110)."""
    plain = _NOT_ALNUM.sub("", value).upper()
    return re.fullmatch(
        r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\d{6}[A-D]?", plain
    ) is not None and plain[:2] not in ("BG", "GB", "NK", "KN", "TN", "NT", "ZZ")


def swiss_ahv(value: str) -> bool:
    """Thirteen digits that begin with 756, with their EAN-13 digit."""
    number = digits_of(value)
    if len(number) != 13 or not number.startswith("756"):
        return False
    return sum(int(d) * (1 + 2 * (i % 2)) for i, d in enumerate(number)) % 10 == 0
