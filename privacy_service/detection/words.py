"""Text as words: folded for comparison, and names of fields taken apart."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

WORD: Final = re.compile(r"[^\W\d_]+(?:['’]s(?![^\W\d_]))?|\d+")
"""A word, with its English "'s" (driver's); other apostrophes part words (d'identité)."""

_PLAIN: Final = re.compile(r"[a-z]+(?:'s(?![a-z]))?|\d+")
"""The same in lower-case ASCII."""

_CAMEL: Final = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+|[^\W\dA-Za-z_]+")
_LETTERS: Final = str.maketrans(
    {"'": "", "’": "", "ß": "ss", "ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "æ": "ae", "Æ": "AE",
     "œ": "oe", "Œ": "OE", "đ": "d", "Đ": "D", "ı": "i"}
)  # fmt: skip
"""Letters that Unicode does not take apart, as people write them where they lack them."""

_APOSTROPHE_S: Final = re.compile(r"['’](?=s)")


_OTHER_SCRIPT: Final = re.compile("[\u0370-\u1cff\u1f00-\u1fff\u2e80-\u9fff\uac00-\ud7af]")
_LATIN: Final = re.compile("[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")
_FEWEST: Final = 8
"""Letters of another script that make a text one in it."""


def mostly_other_script(text: str) -> bool:
    """Whether the text is in another script than Latin, and not Latin with some other letters."""
    if text.isascii():
        return False
    others = len(_OTHER_SCRIPT.findall(text))
    return others >= _FEWEST and others > 2 * len(_LATIN.findall(text))


def folded(word: str) -> str:
    """The word in lower case without accents and apostrophes, for comparison with the lexicon."""
    if word.isascii():
        return word.lower().replace("'", "")
    return _unaccented(word).lower()


Words = Sequence[tuple[int, int, str]]
"""Words and numbers of a text: start, end, folded."""


def words(text: str) -> Words:
    """The words and numbers of running text."""
    if text.isascii():
        return [
            (m.start(), m.end(), m.group().replace("'", "")) for m in _PLAIN.finditer(text.lower())
        ]
    return [(m.start(), m.end(), folded(m.group())) for m in WORD.finditer(text)]


def name_words(name: str) -> tuple[str, ...]:
    """The words of a field's name: `dateOfBirth`, `date_of_birth` and `Date of birth` are one."""
    return tuple(part.lower() for part in _CAMEL.findall(folded_case_kept(name)))


def folded_case_kept(name: str) -> str:
    """Without accents, in the case it was written in; "driver's" becomes "drivers"."""
    name = _APOSTROPHE_S.sub("", name)
    if name.isascii():
        return name
    kept = name.replace("'", " ").replace("’", " ")
    return _unaccented(kept)


def _unaccented(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))
