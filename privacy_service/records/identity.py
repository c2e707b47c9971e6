"""When two spellings of an identifier name the same person.

Only what is written here is evened out. Look-alike letters stay apart: folding them would merge
people. docs/sealed-format.md, "Subjects", tells partners the same.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from typing import Final

_EMAIL: Final = "email"
_PHONE: Final = "phone"
_KINDS: Final[Mapping[str, str]] = {
    "e-mail": _EMAIL,
    "email_address": _EMAIL,
    "phone_number": _PHONE,
    "telephone": _PHONE,
}


def canonical_kind(kind: str) -> str:
    """The one name of an identifier's kind: lower case; `email` and `phone` have other names."""
    plain = kind.strip().lower()
    return _KINDS.get(plain, plain)


def canonical_identifier(kind: str, value: str) -> str:
    """The value as it identifies: e-mail trimmed and case-folded, phone its digits, else NFKC
    and trimmed. Empty if nothing of it identifies. `kind` is canonical.
    """
    return _RULES.get(kind, _other)(value)


def _email(value: str) -> str:
    return value.strip().casefold()


def _phone(value: str) -> str:
    return "".join(str(unicodedata.decimal(c)) for c in value if c.isdecimal())


def _other(value: str) -> str:
    return unicodedata.normalize("NFKC", value).strip()


_RULES: Final[Mapping[str, Callable[[str], str]]] = {_EMAIL: _email, _PHONE: _phone}
