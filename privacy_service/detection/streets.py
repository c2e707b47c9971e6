"""Street addresses and post boxes, as they are written in ten languages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from privacy_service.detection.candidates import Candidate
from privacy_service.detection.gazetteer import common_words, stop_words
from privacy_service.detection.sight import Sight
from privacy_service.detection.street_words import SUFFIX, any_of, listed
from privacy_service.detection.words import folded

CAPITAL: Final = r"[A-ZÀ-ÖØ-ÞŁŚŻŹĆ][\w'’.\-]{0,30}"
"""A word with a capital, as a pattern."""

_WORD = r"[^\W\d_][\w'’.\-]{0,30}"
_NUMBER = r"\d{1,6}(?:[ -]?[A-Za-z](?!\w))?(?:[-/]\d{1,5}[A-Za-z]?)?"
_UNIT = (
    r"(?:,?\s{1,4}(?:apt|apartment|suite|ste|unit|flat|floor|fl|room|rm|building|bldg|apto|piso|"
    r"etg|whg|bus|lok|m|esc|int|scala|interno|#)\.?\s?#?[\w-]{1,8})"
)
_DIRECTION = r"(?:[NSEW]\.?|[NS][EW]|North|South|East|West)"
_LITTLE = (
    r"(?:de|del|della|delle|dei|degli|du|des|di|da|do|dos|das|la|le|les|los|las|el|lo|l['’]|d['’]|"
    r"y|e|et|san|santa|saint|sainte)"
)
_INSIDE = (
    r"(?:piso|puerta|pta\.?|escalera|esc\.?|bloque|portal|local|int\.?|interno|scala|apt\.?|appt\.?|"
    r"appartement|bât\.?|étage|andar|apto\.?|ap\.?|bloco|dto\.?|esq\.?|"
    r"\d{1,2}[º°ª](?:[ -]?[A-Z](?!\w))?)"
)

_SURE: Final = re.compile(any_of("english_sure"), re.IGNORECASE)

_ENGLISH: Final = re.compile(
    rf"(?<![\w.,:$€£#-])(?:\d{{1,6}}[ ,]{{1,2}})?\d{{1,6}}[A-Za-z]?(?:-\d{{1,5}})?,?\s{{1,2}}"
    rf"(?P<words>(?:{_DIRECTION}[ ])?(?:{_WORD}|\d{{1,3}}(?:st|nd|rd|th))(?:[ ]{_WORD}){{0,4}}?)"
    rf"[ ](?P<suffix>{SUFFIX})(?!\w)\.?(?:[ ]{_DIRECTION}(?!\w))?{_UNIT}{{0,2}}",
    re.IGNORECASE,
)
_UNIT_ALONE: Final = re.compile(
    r"(?<!\w)(?:Apt|Apartment|Suite|Ste|Unit|Flat|Bldg|Building|Studio)\.?\s#?\d{1,5}[A-Za-z]?(?!\w)"
)
_BOX: Final = re.compile(
    rf"(?<!\w)(?:{any_of('boxes')}|BP(?=\s))\s?#?:?\s?\d[\d ]{{0,8}}\d?(?!\w)", re.IGNORECASE
)
_MILITARY: Final = re.compile(
    r"(?<!\w)(?:PSC|Unit|CMR|USS|USNS|USNV|USCGC)\s[\w ]{1,20}?(?:,?\s?Box \d{1,6})?[,\s]{1,3}"
    r"(?:APO|FPO|DPO),?\s(?:AA|AE|AP)\s\d{5}(?:-\d{4})?"
)
_GERMAN: Final = re.compile(
    rf"(?<!\w)(?:(?:{CAPITAL}[ ]){{0,2}}[A-ZÄÖÜ][\w.\-]{{1,30}}?{any_of('german_endings')}\.?|"
    rf"(?i:{any_of('german_heads')})[ ]{CAPITAL}(?:[ ]{CAPITAL})?|"
    rf"(?:{CAPITAL}[ -]){{1,3}}(?i:{any_of('german_words')})\.?)[ ]{{1,2}}{_NUMBER}{_UNIT}?(?!\w)"
)
_DUTCH: Final = re.compile(
    rf"(?<!\w)(?:{CAPITAL}[ ]){{0,3}}[A-Z][\w'’.\-]{{1,30}}?{any_of('dutch_endings')}"
    rf"[ ]{{1,2}}\d{{1,5}}"
    r"(?:[ -]?[A-Za-z]{1,2}(?!\w)|[-/ ]\d{1,4}(?!\d)|[ ]?(?:bus|hs|huis|bis)[ ]?\w{0,4})?(?!\w)"
)
_FRENCH: Final = re.compile(
    rf"(?<!\w)\d{{1,5}}(?:[ ]?(?:bis|ter|quater|[A-Z](?!\w)))?,?"
    rf"[ ]{{1,2}}{any_of('romance_heads')}\.?"
    rf"(?:[ ]{_LITTLE}){{0,3}}[ ]?(?<=[ '’]){_WORD}(?:[ -](?:de|du|des|la|le|{CAPITAL})){{0,4}}"
)
_ROMANCE: Final = re.compile(
    rf"(?<!\w)(?:(?P<no>\d{{1,5}}(?:[ ]?(?:bis|ter|quater|[A-Za-z](?!\w)))?,?[ ]{{1,2}})?"
    rf"(?:(?:{any_of('romance_heads')}|V\.le|P\.za|P\.le|C\.so|R|Pç)\.?|C/|Pº)"
    rf"(?:(?:[ ]{_LITTLE})*[ ]?[ ](?:{CAPITAL}|\d{{1,3}}(?!\w)|[dl]['’]\w+)){{1,5}}"
    r"(?P<after>,?[ ]?(?:n[º°.o]{0,2}[ ]?|núm\.?[ ]?|num\.?[ ]?|s/n|#)?"
    r"(?:\d{1,5}[A-Za-z]?(?!\w)(?:[ -]?(?:bis|ter|[A-Z](?!\w)))?(?:[/-]\d{1,4}[A-Za-z]?)?)?"
    rf"(?:,? {_INSIDE}(?: ?\w{{1,6}})?){{0,3}})?)",
    re.IGNORECASE,
)
_POLISH: Final = re.compile(
    rf"(?<!\w)(?i:{any_of('polish_heads')})\.?[ ]?(?:{_WORD}[ ]){{0,4}}?{_WORD}[ ]{{1,2}}"
    r"\d{1,5}[A-Za-z]?(?:[ ]?/[ ]?\d{1,4}[A-Za-z]?|[ ]m\.?[ ]?\d{1,4}|[ ]lok\.?[ ]?\d{1,4})?(?!\w)"
)


@dataclass(frozen=True, slots=True)
class _Style:
    """One way of writing a street, the words of which one must occur, and how sure a match is."""

    name: str
    pattern: re.Pattern[str]
    words: frozenset[str]
    endings: tuple[str, ...]
    score: Callable[[re.Match[str]], float]

    def occurs(self, vocabulary: frozenset[str]) -> bool:
        """Whether a text of these words can hold such a street."""
        if not self.words.isdisjoint(vocabulary):
            return True
        return bool(self.endings) and any(word.endswith(self.endings) for word in vocabulary)


def find_streets(sight: Sight) -> Iterator[Candidate]:
    """Street addresses. Each has a number."""
    if not sight.digits:
        return
    for style in _STYLES:
        if style.occurs(sight.vocabulary):
            for found in style.pattern.finditer(sight.text):
                score = style.score(found)
                if score:
                    start, end = found.span()
                    detector = f"address:{style.name}"
                    yield Candidate("STREET_ADDRESS", start, end, score, detector, "form")


def _english_score(found: re.Match[str]) -> float:
    """An ordinary word before the suffix makes no street: `3 days on the road`."""
    words = [word for word in found["words"].split() if word[0].isalpha()]
    if any(folded(word) in stop_words() for word in words):
        return 0.0
    capitals = all(word[0].isupper() for word in words)
    if _SURE.fullmatch(found["suffix"]) is not None:
        return 0.85 if capitals else 0.6 * (not any(folded(w) in common_words() for w in words))
    return 0.55 * (capitals and found["suffix"][0].isupper())


def _german_score(found: re.Match[str]) -> float:
    """`During 1971` ends like a street and is none."""
    street = found.group()
    first = folded(street.split()[0])
    alone = " " not in street.rsplit(" ", 1)[0]
    return 0.0 if alone and (first in common_words() or first in stop_words()) else 0.85


def _romance_score(found: re.Match[str]) -> float:
    numbered = found["no"] or any(letter.isdigit() for letter in found["after"] or "")
    return 0.8 if numbered else 0.0


def _fixed(score: float) -> Callable[[re.Match[str]], float]:
    return lambda _found: score


def _words(*names: str) -> frozenset[str]:
    """The words of some lists as a vocabulary has them: folded, the last of several."""
    return frozenset(folded(word.split()[-1]) for name in names for word in listed(name))


_UNITS: Final = frozenset(
    ["apt", "apartment", "suite", "ste", "unit", "flat", "bldg", "building", "studio"]
)
_HEADS: Final = _words("romance_heads") | {"c", "r", "v", "p", "pc"}
_STYLES: Final = (
    _Style("english", _ENGLISH, _words("english_sure", "english"), (), _english_score),
    _Style("unit", _UNIT_ALONE, _UNITS, (), _fixed(0.6)),
    _Style("box", _BOX, _words("boxes") | {"bp", "correos"}, (), _fixed(0.8)),
    _Style("military", _MILITARY, frozenset({"apo", "fpo", "dpo"}), (), _fixed(0.9)),
    _Style("german", _GERMAN, _words("german_heads", "german_words"),
           tuple(_words("german_endings")), _german_score),
    _Style("dutch", _DUTCH, frozenset(), tuple(_words("dutch_endings")), _fixed(0.85)),
    _Style("french", _FRENCH, _words("romance_heads"), (), _fixed(0.85)),
    _Style("romance", _ROMANCE, _HEADS, (), _romance_score),
    _Style("polish", _POLISH, _words("polish_heads"), (), _fixed(0.9)),
)  # fmt: skip
