"""Postcodes, with the towns and states beside them."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Final

from privacy_service.detection.candidates import Candidate
from privacy_service.detection.sight import Sight

_CAPITAL: Final = r"[A-ZÀ-ÖØ-ÞŁŚŻŹĆ](?:[a-z]{0,2}\.|[\w'’\-]{0,30})"
"""A word of a town's name, as a pattern: a full stop ends an abbreviation, or else a sentence."""

_STATE: Final = (
    r"(?:A[LKZRAEPS]|C[AOT]|D[CE]|F[LM]|G[AU]|HI|I[DLNA]|K[SY]|LA|M[EDAINSOTHP]|N[EVHJMYCD]|O[HKR]|"
    r"P[ARW]|RI|S[CD]|T[NX]|UT|V[TAI]|W[AVIY])"
)
_CITY_STATE: Final = re.compile(
    rf"(?<!\w)(?P<city>{_CAPITAL}(?:[ ]{_CAPITAL}){{0,3}})(?:,\s{{1,3}}|\s{{1,3}}"
    rf"(?={_STATE}\s{{1,3}}\d{{5}}))"
    rf"(?P<state>{_STATE})(?:\s{{1,3}}(?P<zip>\d{{5}}(?:-\d{{4}})?)(?!\w)|(?![\w']))"
)
_TWO_CAPITALS: Final = re.compile(r"[,\s][ \n][A-Z]{2}(?!\w)")

_FORMS: Final = (
    # entity, score (0: only where a word says so), pattern; the group `value` is the postcode,
    # `place` the town beside it
    ("UK_POSTCODE", 0.6, re.compile(
        r"(?<![\w-])(?P<value>(?:GIR ?0AA|[A-PR-UWYZ](?:\d{1,2}|[A-HK-Y]\d(?:\d|[ABEHMNPRV-Y])?|"
        r"\d[A-HJKPS-UW])) ?\d[ABD-HJLNP-UW-Z]{2})(?![\w-])")),
    ("POSTCODE", 0.55, re.compile(
        r"(?<![\w-])(?P<value>[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z][ -]?\d[ABCEGHJ-NPRSTV-Z]\d)"
        r"(?![\w-])")),
    ("POSTCODE", 0.75, re.compile(
        r"(?<![\w.,-])(?P<value>(?:[DFABIP]|CH|FL|AT|DE|L)-\d{4,5})"
        rf"(?: {{1,2}}(?P<place>{_CAPITAL}(?:[ -](?:am|an der|im|bei|{_CAPITAL})){{0,3}}))?"
        r"(?!\w)")),
    ("POSTCODE", 0.7, re.compile(
        rf"(?<![\w.,/-])(?P<value>\d{{4}} ?[A-Z]{{2}}) {{1,2}}"
        rf"(?P<place>{_CAPITAL}(?:[ -]{_CAPITAL}){{0,3}})")),
    ("POSTCODE", 0.75, re.compile(
        rf"(?<![\w.,/-])(?P<value>\d{{2}}-\d{{3}}) {{1,2}}"
        rf"(?P<place>{_CAPITAL}(?:[ -]{_CAPITAL}){{0,3}})")),
    ("POSTCODE", 0.5, re.compile(
        rf"(?<![\w.,/-])(?P<value>\d{{4}}-\d{{3}})"
        rf"(?: {{1,2}}(?P<place>{_CAPITAL}(?:[ -](?:de|do|da|dos|{_CAPITAL})){{0,3}}))?(?![\w-])")),
    ("POSTCODE", 0.5, re.compile(r"(?<![\w.,/-])(?P<value>\d{5}-\d{3})(?![\w-])")),
    ("POSTCODE", 0.5, re.compile(
        r"(?<![\w-])(?P<value>(?:[AC-FHKNPRTV-Y]\d{2}|D6W) "
        r"(?=\d*[A-Z])(?=[A-Z]*\d)[\dAC-FHKNPRTV-Y]{4})(?![\w-])")),
    ("UK_POSTCODE", 0.0, re.compile(
        r"(?<![\w-])(?P<value>[a-z]{1,2}\d[\da-z]? \d[a-z]{2})(?![\w-])")),
)  # fmt: skip
_TOWN: Final = re.compile(
    r"(?<![\w.,/€$£#-])(?P<value>\d{4,5}|\d{3} \d{2})[ ]{1,2}"
    rf"(?P<place>{_CAPITAL}(?:(?:[ ](?:am|an|der|im|bei|de|del|la|le|les|sur|en|di|da)|-)?[ -]?"
    rf"[ -]{_CAPITAL}){{0,3}})"
)
_ZIP: Final = re.compile(r"(?<![\w.,/$€£#-])(?P<value>\d{5}(?:-\d{4})?)(?![\w,.-]*\d)(?!\w)")
_TOPICS: Final = frozenset({"POSTCODE"})
_TOLD: Final = 0.85
_NEAR: Final = 60
"""Code points between a street and the postcode of one address."""


def find_postcodes(sight: Sight, streets: Sequence[Candidate]) -> Iterator[Candidate]:
    """Postcodes; bare digits only beside one of `streets` or a word that says so."""
    if not sight.digits and _TWO_CAPITALS.search(sight.text) is None:
        return
    yield from _cities(sight.text)
    if not sight.digits:
        return
    for entity, score, pattern in _FORMS:
        for found in pattern.finditer(sight.text):
            told = sight.told(_TOPICS, *found.span("value"))
            if score or told is not None:
                yield from _parts(entity, found, score if told is None else _TOLD, score)
    edges = sorted(place for street in streets for place in (street.start, street.end))
    for pattern in (_TOWN, _ZIP):
        for found in pattern.finditer(sight.text):
            beside = _near(edges, found.start(), found.end())
            if beside or sight.told(_TOPICS, *found.span("value")) is not None:
                yield from _parts("POSTCODE", found, 0.65, 0.6)


def _cities(text: str) -> Iterator[Candidate]:
    """`Flint, MI 48502`, and `Gary, IN` where no postcode follows."""
    if _TWO_CAPITALS.search(text) is None:
        return
    for found in _CITY_STATE.finditer(text):
        score = 0.75 if found["zip"] else 0.6
        yield _part("LOCATION", found, "city", score)
        yield _part("LOCATION", found, "state", score)
        if found["zip"]:
            yield _part("POSTCODE", found, "zip", _TOLD)


def _near(edges: Sequence[int], start: int, end: int) -> bool:
    """Whether a street begins or ends close by."""
    at = bisect_left(edges, start - _NEAR)
    return at < len(edges) and edges[at] < end + _NEAR


def _parts(entity: str, found: re.Match[str], score: float, of_place: float) -> Iterator[Candidate]:
    yield _part(entity, found, "value", score)
    if found.groupdict().get("place"):
        yield _part("LOCATION", found, "place", of_place)


def _part(entity: str, found: re.Match[str], group: str, score: float) -> Candidate:
    return Candidate(entity, *found.span(group), score, "address:postcode", "form")
