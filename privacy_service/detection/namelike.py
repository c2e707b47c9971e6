"""How much a string looks like the name of a person or a place."""

from __future__ import annotations

import re
from typing import Final

from privacy_service.detection.gazetteer import (
    common_words,
    given_names,
    places,
    stop_words,
    surnames,
    word_list,
)
from privacy_service.detection.words import folded, folded_case_kept

PARTICLES: Final = word_list("particles")
"""Words inside a name that are written small, and what stands before or after one."""

CAPITALIZED: Final = r"[A-ZÀ-ÖØ-ÞŁŚŻŹĆŠŽČ][^\W\d_]*(?:['’\-][^\W\d_]+)*"
"""A word with a capital, as a pattern."""

INITIAL: Final = r"[A-ZÀ-Þ]\.?"

PARTICLE: Final = (
    r"(?:de|del|della|delle|dei|degli|di|da|do|dos|das|du|des|la|le|las|los|el|al|bin|ibn|ben|abu|"
    r"van|von|vom|zu|zur|zum|der|den|ter|ten|te|op|af|av|y|e|und|d['’]|l['’]|O['’]|St\.?)"
)
FULL_NAME: Final = (
    rf"{CAPITALIZED}(?:[ ](?:{PARTICLE}[ ]){{0,3}}(?:{INITIAL}(?!\w)|{CAPITALIZED})){{0,3}}"
)
"""Up to four words with capitals, particles among them, as a pattern."""

POSTCODE_BEFORE: Final = r"(?:[A-Z]{1,2}-)?\d{4,6}(?:[ ][A-Z]{2})?,?[ ]"
"""A postcode before its town, as on the continent, as a pattern."""

_SPLIT: Final = re.compile(r"[\s,]+")
_ODD_CASE: Final = re.compile(r"[a-z][A-Z]")
_JOINED: Final = re.compile(r"(?:[A-Z][a-z]{2,}){2,4}")
_KEPT_CASE: Final = re.compile(
    r"(?:Mc|Mac|De|Del|Di|Du|La|Le|Lu|Van|Von|O|D|Fitz|St|Ja|Ma)['’]?[A-Z][a-z]+$"
)


def person_fit(value: str) -> float:
    """How well a value of a name field looks like a name: 0 is a word or a sentence."""
    parts = [part for part in _SPLIT.split(value) if part]
    names = [part for part in parts if folded(part.rstrip(".")) not in PARTICLES]
    if not names or len(parts) > 7 or len(value) > 60 or any(map(scrambled, names)):
        return 0.0
    plain = [folded(part.rstrip(".")) for part in names]
    given = given_names()[0]
    if len(plain) == 1 and plain[0] in common_words() and plain[0] not in stop_words():
        return 0.5
    if any(w not in given and (w in stop_words() or w in common_words()) for w in plain):
        # A surname may be a word, behind a forename that is nothing else: `Darin Page`.
        named = len(plain) in (2, 3) and _known(plain[:1]) and all(w[0].isupper() for w in names)
        return 0.8 if named and plain[-1] not in stop_words() else 0.0
    if len(plain) > 1 and all(w in stop_words() or w in common_words() for w in plain):
        return 0.0
    if _known(plain):
        return 1.0
    capitals = sum(part[0].isupper() for part in names)
    if capitals == len(names):
        return 0.9 if len(names) > 1 else 0.8
    return 0.6 if not capitals else 0.3


def _known(plain: list[str]) -> bool:
    given, ambiguous = given_names()
    if len(plain) == 1:
        return plain[0] in given and plain[0] not in ambiguous
    return any(word in given for word in plain) or all(word in surnames() for word in plain)


def joined_names(word: str) -> bool:
    """Capitalized words written as one, as in `NicholasPegg`."""
    return _JOINED.fullmatch(word) is not None


def scrambled(word: str) -> bool:
    """Capitals in the middle of a word, as in a random string and not as in McDonald."""
    odd = _ODD_CASE.search(word)
    return odd is not None and _KEPT_CASE.match(word) is None


def place_fit(value: str) -> float:
    """How well a value of a place field looks like the name of a place, maybe behind a postcode."""
    code = re.match(POSTCODE_BEFORE, value)
    value = value[code.end() :] if code else value
    plain = folded_case_kept(value).lower()
    sure, doubtful = places()
    if plain in sure or plain in doubtful:
        return 1.0
    parts = [part for part in _SPLIT.split(value) if part]
    if any(map(scrambled, parts)) or len(parts) > 6:
        return 0.0
    if all(folded(part) in common_words() for part in parts):
        return 0.0
    return 0.8 if value[0].isupper() else 0.6
