"""Values that stand for no value: blanks in forms, variables in templates, masks."""

from __future__ import annotations

import re
from typing import Final

from privacy_service.detection.gazetteer import word_list

_WORDS: Final = word_list("placeholders")
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
