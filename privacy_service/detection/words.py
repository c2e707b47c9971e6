"""Text as words: folded for comparison, and names of fields taken apart."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

WORD: Final = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|\d+")

_CAMEL: Final = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+|[^\W\dA-Za-z_]+")
_APOSTROPHES: Final = str.maketrans({"'": "", "’": ""})


def folded(word: str) -> str:
    """The word in lower case without accents and apostrophes, for comparison with the lexicon."""
    if word.isascii():
        return word.lower().replace("'", "")
    decomposed = unicodedata.normalize("NFKD", word.casefold().translate(_APOSTROPHES))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter)).replace(
        "ł", "l"
    )


def words(text: str) -> Iterator[tuple[int, int, str]]:
    """The words and numbers of running text: start, end, folded."""
    for found in WORD.finditer(text):
        yield found.start(), found.end(), folded(found.group())


def name_words(name: str) -> tuple[str, ...]:
    """The words of a field's name: `dateOfBirth`, `date_of_birth` and `Date of birth` are one."""
    plain = folded_case_kept(name)
    return tuple(part.lower() for part in _CAMEL.findall(plain))


def folded_case_kept(name: str) -> str:
    """Without accents and apostrophes, in the case it was written in."""
    name = name.translate(_APOSTROPHES)
    if name.isascii():
        return name
    decomposed = unicodedata.normalize("NFKD", name.replace("ß", "ss").replace("ł", "l"))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))
