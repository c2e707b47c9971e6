"""Values that stand for no value: blanks in forms, variables in templates, masks."""

from __future__ import annotations

import re
from typing import Final

_WORDS: Final = frozenset(
    [
        "null",
        "none",
        "nil",
        "undefined",
        "nan",
        "n/a",
        "na",
        "n.a.",
        "true",
        "false",
        "yes",
        "no",
        "unknown",
        "unspecified",
        "empty",
        "default",
        "not",
        "provided",
        "not",
        "applicable",
        "not",
        "available",
        "not",
        "set",
        "redacted",
        "masked",
        "hidden",
        "removed",
        "withheld",
        "confidential",
        "anonymous",
        "anon",
        "tbd",
        "tba",
        "todo",
        "xxx",
        "-",
        "--",
        "test",
        "string",
        "object",
        "array",
        "integer",
        "number",
        "boolean",
        "required",
        "optional",
        "value",
        "example",
        "sample",
        "placeholder",
        "string?",
        "any",
        "all",
        "other",
        "various",
        "unbekannt",
        "keine",
        "keiner",
        "nein",
        "inconnu",
        "aucun",
        "non",
        "ninguno",
        "ninguna",
        "nessuno",
        "sconosciuto",
        "desconocido",
        "onbekend",
        "geen",
        "brak",
        "nieznany",
        "nenhum",
        "desconhecido",
        "sin",
        "datos",
        "as",
        "above",
        "same",
        "self",
    ]
) | {"not provided", "not applicable", "not available", "not set", "sin datos", "as above"}
_VARIABLE: Final = re.compile(
    (
        r"[$%#]?\{\{?.*\}?\}|<[\w .:-]+>|\[[\w .:-]+\]|%\(?\w+\)?[sd%]?|\$\w+|\$\(.*\)|"
        r"[*x•.#_\-]{3,}|:\w+\??|@\w+@"
    ),
    re.IGNORECASE,
)


def is_placeholder(value: str) -> bool:
    """Whether `value` is a blank, a mask or a template's variable instead of a value."""
    plain = value.strip().strip("\"'`").lower()
    return not plain or plain in _WORDS or _VARIABLE.fullmatch(plain) is not None
