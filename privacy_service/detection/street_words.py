"""The words that streets are named with, from `lexicon/streets.yaml`."""

from __future__ import annotations

import re
from typing import Any, Final

from privacy_service.detection.gazetteer import read_yaml
from privacy_service.detection.words import folded_case_kept

_READ: Final[Any] = read_yaml("streets.yaml")


def listed(name: str) -> list[str]:
    """The words of one list, with and without their accents, the longest first."""
    words = [word.strip() for word in _READ[name].split(",")]
    both = {*words, *(folded_case_kept(word) for word in words)}
    return sorted(both, key=lambda word: (-len(word), word))


def any_of(name: str) -> str:
    """A pattern of the words of one list."""
    return f"(?:{'|'.join(re.escape(word) for word in listed(name))})"


SUFFIX: Final = f"(?:{any_of('english_sure')}|{any_of('english')})"
"""What an English street's name ends with, as a pattern."""

STREET_WORD: Final = re.compile(SUFFIX, re.IGNORECASE)
"""A word that an English street's name ends with."""
