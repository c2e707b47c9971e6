"""Checks by name: what a number must fulfil to be of its kind.

`stdnum:xx.yy` names a module of python-stdnum, whose `is_valid` is asked, `presidio:Class` one of
Presidio's recognizers, whose `validate_result` is. The others stand in VALIDATORS. A check sees the
value as written and says yes or no.
"""

from __future__ import annotations

import base64
import importlib
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from privacy_service.detection.checksums import (
    aba_routing,
    base58check,
    bech32,
    coordinates,
    digits_of,
    iban,
    iban_form,
    imei,
    ipv4,
    ipv6,
    luhn,
    payment_card,
    swiss_ahv,
    uk_nino,
    us_dea,
    us_npi,
    us_ssn,
    vin,
    wallet,
)
from privacy_service.detection.dates import is_date
from privacy_service.detection.gazetteer import (
    common_words,
    english_words,
    ordinary,
    stop_words,
    word_list,
)
from privacy_service.detection.placeholders import is_placeholder
from privacy_service.detection.secretlike import entropy
from privacy_service.detection.words import folded

Validator = Callable[[str], bool]

_NOT_ALNUM: Final = re.compile(r"[^0-9A-Za-z]")


def validator(name: str) -> Validator:
    """The check of this name. Raises KeyError for a name that there is none of."""
    if name.startswith("stdnum:"):
        return _stdnum(name.removeprefix("stdnum:"))
    if name.startswith("presidio:"):
        return _presidio(name.removeprefix("presidio:"))
    return VALIDATORS[name]


def fr_nir(value: str) -> bool:
    """The French social-security number with its key, where the key is written."""
    plain = _NOT_ALNUM.sub("", value)
    return len(plain) == 15 and validator("stdnum:fr.nir")(plain)


def fr_siret(value: str) -> bool:
    """SIREN (nine digits) or SIRET (fourteen), by the Luhn digit."""
    number = digits_of(value)
    return len(number) in (9, 14) and luhn(number)


def es_dni(value: str) -> bool:
    """The letter of the Spanish DNI."""
    return validator("stdnum:es.dni")(_NOT_ALNUM.sub("", value).upper().zfill(9))


def br_cpf(value: str) -> bool:
    """The two check digits; eleven bare digits are a matter for context."""
    return validator("stdnum:br.cpf")(value)


def br_cnpj(value: str) -> bool:
    """The two check digits."""
    return validator("stdnum:br.cnpj")(value)


def kr_rrn_date(value: str) -> bool:
    """A Korean resident number begins with a birth date; since 2020 it has no check digit."""
    number = digits_of(value)
    return "01" <= number[2:4] <= "12" and "01" <= number[4:6] <= "31"


def not_a_version(value: str) -> bool:
    """A dotted quad that is not four small numbers, as versions are (4.18.0.25).

    By chance, one address in five thousand is; private and well-known ones are let through.
    """
    parts = [int(part) for part in value.split("/", 1)[0].split(".")]
    return max(parts) > 31 or parts[0] in (0, 10) or len(set(parts)) == 1


def ipv6_written(value: str) -> bool:
    """An IPv6 address with enough of it written to be no scope operator or clock time."""
    bare = value.split("/", maxsplit=1)[0].split("%", maxsplit=1)[0]
    return ipv6(bare) and len(_NOT_ALNUM.sub("", bare)) >= 3 and not bare.endswith(":::")


def vin_letters(value: str) -> bool:
    """The check digit, and letters and digits both: seventeen digits are an order number."""
    return vin(value) and not value.isdigit() and not value.isalpha()


def plate(value: str) -> bool:
    """Letters and digits both, five to nine of them."""
    plain = _NOT_ALNUM.sub("", value)
    return 5 <= len(plain) <= 9 and not plain.isdigit() and not plain.isalpha()


def account_number(value: str) -> bool:
    """Six to twenty digits that are no date."""
    return 6 <= len(digits_of(value)) <= 20 and not is_date(value)


_PHONE_FORM: Final = re.compile(r"\d{3}([-.])\d{3}\1\d{4}")


def id_number(value: str) -> bool:
    """Three digits or more that are neither a date nor grouped like a telephone number."""
    return has_digits(value) and not is_date(value) and _PHONE_FORM.fullmatch(value) is None


def mixed_case(value: str) -> bool:
    """Letters of both cases mixed as chance mixes them."""
    return value.upper() != value != value.lower() and entropy(value) > 3.6


def letters_and_digits(value: str) -> bool:
    """Both."""
    return any(c.isalpha() for c in value) and any(c.isdigit() for c in value)


def has_digits(value: str) -> bool:
    """Three digits or more."""
    return len(digits_of(value)) >= 3


def mixed(value: str) -> bool:
    """Letters and digits mixed as chance mixes them."""
    return has_digits(value) and any(c.isalpha() for c in value) and entropy(value) > 3.2


def random_looking(value: str) -> bool:
    """A string that chance made: no hyphenated words, no path, no hash of even length in hex."""
    if not mixed(value) or "/" in value[:1] or value.count("-") > 2 or value.count(".") > 1:
        return False
    return entropy(value) > 3.4


def password_like(value: str) -> bool:
    """A digit or a sign among letters, as passwords in prose have and words have not."""
    bare = value.rstrip(".!?)")
    if len(value) < 4 or is_placeholder(value) or re.fullmatch(r"[A-Za-z_-]+=", value):
        return False  # nothing, or the name of an attribute
    if bare.startswith(("http", "<", "$", "{", "/")):
        return False
    letters = any(c.isalpha() for c in bare)
    digits = any(c.isdigit() for c in bare)
    signs = any(not c.isalnum() for c in bare.strip("-'’"))
    return letters and (digits or (signs and not re.fullmatch(r"[\w'’.()-]+", bare)))


def password_of_a_list(value: str) -> bool:
    """A letter and a digit, and a sign or both cases, as many sites ask for."""
    return (
        password_like(value)
        and letters_and_digits(value)
        and (value.upper() != value != value.lower() or not value.isalnum())
    )


def username_like(value: str) -> bool:
    """A digit, a dot or an underscore among letters, and not a file's name."""
    return (
        any(c.isalpha() for c in value)
        and any(c.isdigit() or c in "._" for c in value)
        and re.search(r"\.[a-z]{2,4}$|^v?\d", value) is None
    )


def not_a_word(value: str) -> bool:
    """Not an ordinary word or the name of a role."""
    plain = folded(value)
    return not (plain in common_words() or plain in stop_words() or plain in _ROLES)


def not_an_english_word(value: str) -> bool:
    """Nor any other word of English that is nobody's name."""
    return not_a_word(value) and folded(value) not in english_words()


def domain_user(value: str) -> bool:
    """Nor a word behind the escape of a line's end."""
    escaped = value[0] in "nrt" and ordinary(folded(value[1:]))
    return not_an_english_word(value) and not escaped


def handle(value: str) -> bool:
    """A name on a social network: more than a word that code puts behind an at sign."""
    return (
        not_a_word(value)
        and (
            any(c.isdigit() or c == "_" for c in value)
            or value.islower()
            or value[1:] != value[1:].lower()
        )
        and value not in _ANNOTATIONS
    )


def base64_pair(value: str) -> bool:
    """Base64 of `user:password` (RFC 7617)."""
    try:
        return b":" in base64.b64decode(value + "=" * (-len(value) % 4), validate=True)
    except ValueError:
        return False


def not_a_path(value: str) -> bool:
    """Not a path and not an option."""
    return not value.startswith(("/", "./", "~", "-")) and ":" not in value


_ROLES: Final = word_list("roles")
_ANNOTATIONS: Final = word_list("annotations")


@lru_cache(maxsize=256)
def _stdnum(name: str) -> Validator:
    try:
        module = importlib.import_module(f"stdnum.{name}")
    except ImportError:
        raise KeyError(name) from None

    def check(value: str) -> bool:
        return bool(module.is_valid(value))

    return check


@lru_cache(maxsize=64)
def _presidio(name: str) -> Validator:
    from privacy_service.detection.presidio import recognizer

    made = recognizer(name)

    def check(value: str) -> bool:
        return made.validate_result(value) is not False

    return check


VALIDATORS: Final[dict[str, Validator]] = {
    check.__name__: check
    for check in (
        luhn, payment_card, iban_form, iban, aba_routing, vin, imei, us_ssn, us_npi, us_dea,
        ipv4, ipv6, base58check, bech32, wallet, coordinates, uk_nino, swiss_ahv, fr_nir,
        fr_siret, es_dni, br_cpf, br_cnpj, kr_rrn_date, not_a_version, ipv6_written,
        vin_letters, plate, account_number, id_number, has_digits, mixed, mixed_case,
        random_looking, base64_pair, not_a_word, not_an_english_word, domain_user, handle,
        letters_and_digits,
        password_like, password_of_a_list, username_like, not_a_path,
    )
}  # fmt: skip
