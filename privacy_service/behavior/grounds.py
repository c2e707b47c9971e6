"""Whether what is said rests on something: citations, quotations, numbers, names, words.

These are signals by comparison of letters, not of meaning: a sentence that turns a source round
keeps all of its words. What they find is what can be found for certain.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from privacy_service.behavior.judgement import Judgement, Verdict, broken, kept, undetermined
from privacy_service.behavior.measures import placed_words, words_of
from privacy_service.behavior.model import Citations, Grounding, Quotes
from privacy_service.behavior.subject import Subject, TextSpan

_CITED: Final = re.compile(r"\[([A-Za-z0-9][A-Za-z0-9._:-]{0,63})\]")
_QUOTED: Final = re.compile(r"\"([^\"\n]+)\"|“([^”\n]+)”|„([^“”\n]+)[“”]|«([^»\n]+)»|»([^«\n]+)«")
_NUMBER: Final = re.compile(r"(?<![\w.,])[+\-]?\d+(?:[.,'\u202f\u00a0 ]\d{3})*(?:[.,]\d+)?(?!\w)")
_NAMES: Final = frozenset({"PERSON", "LOCATION", "ORGANIZATION", "STREET_ADDRESS", "CITY"})
_SMALL: Final = 10
"""Whole numbers up to this one need no source: they count the points of the answer itself."""
_SHORT_WORD: Final = 4
"""Words of fewer letters say little by themselves, in any language that parts its words."""


def citations(subject: Subject, must: Citations) -> Judgement:
    """Broken where a reference leads nowhere, or there are too few."""
    known = {source.id.casefold() for source in subject.company.sources}
    spans, cited = [], 0
    for node in subject.nodes:
        for match in _CITED.finditer(node.text):
            cited += 1
            if match.group(1).casefold() not in known:
                spans.append(TextSpan(node.index, *match.span()))
    if spans:
        return broken(
            "A citation names a source that was not given.",
            count=len(spans),
            bound=0,
            spans=tuple(spans),
        )
    if cited < must.least:
        return broken("There are too few citations.", count=cited, bound=must.least)
    return kept(cited, must.least)


def quotes(subject: Subject, must: Quotes) -> Judgement:
    """Broken where a quotation stands in no source."""
    sources = [_spaced_source(source.text) for source in subject.company.sources]
    spans, quoted = [], 0
    for node in subject.nodes:
        for match in _QUOTED.finditer(node.text):
            words = _spaced(next(group for group in match.groups() if group is not None))
            if words.count(" ") - 1 < must.words:
                continue
            quoted += 1
            if not any(words in source for source in sources):
                spans.append(TextSpan(node.index, *match.span()))
    if spans:
        return broken(
            "A quotation stands in none of the sources.",
            count=len(spans),
            bound=0,
            spans=tuple(spans),
        )
    return kept(quoted, 0)


def quoted_in(text: str) -> tuple[tuple[int, int], ...]:
    """Where a text stands in quotation marks, they included."""
    return tuple(match.span() for match in _QUOTED.finditer(text))


def grounding(subject: Subject, must: Grounding) -> Judgement:
    """Broken at the first of numbers, names and words that is not grounded."""
    if not subject.company.sources and subject.company.prompt is None:
        return undetermined("There is neither a source nor a prompt to compare with.")
    result = kept()
    if must.numbers:
        result = _numbers(subject)
    if must.names and result.verdict is Verdict.KEPT:
        result = _names(subject)
    if must.share is not None and result.verdict is Verdict.KEPT:
        result = _share(subject, must.share)
    return result


def unsupported_numbers(subject: Subject) -> tuple[TextSpan, ...]:
    """The numbers that neither a source nor the prompt has, however they are written."""
    ground = _known_numbers(_ground(subject))
    return tuple(
        TextSpan(node.index, *span)
        for node in subject.nodes
        for span, number in _numbers_in(_CITED.sub(_blank, node.text))
        if number not in ground and not _needs_none(number)
    )


def share_of_words(subject: Subject) -> float:
    """The share of the words that say something which sources or prompt have; 1 if none do."""
    ground = set(words_of(_ground(subject)))
    said = [word for word in words_of(subject.text) if len(word) >= _SHORT_WORD]
    return sum(word in ground for word in said) / len(said) if said else 1.0


def _numbers(subject: Subject) -> Judgement:
    spans = unsupported_numbers(subject)
    if not spans:
        return kept(0, 0)
    return broken(
        "A number stands neither in a source nor in the prompt.",
        count=len(spans),
        bound=0,
        spans=spans,
    )


def _names(subject: Subject) -> Judgement:
    if subject.gaps:
        return undetermined("The detector could not look at all of it.")
    ground = f" {' '.join(words_of(_ground(subject)))} "
    spans = tuple(
        TextSpan(node.index, span.start, span.end)
        for node, seen in subject.seen
        for span in seen.spans
        if span.entity in _NAMES and not _stands(node.text[span.start : span.end], ground)
    )
    if not spans:
        return kept(0, 0)
    return broken(
        "A name stands neither in a source nor in the prompt.",
        count=len(spans),
        bound=0,
        spans=spans,
    )


def _share(subject: Subject, least: float) -> Judgement:
    share = round(share_of_words(subject), 4)
    if share >= least:
        return kept(share, least)
    return broken("Too little of it stands in the sources or the prompt.", count=share, bound=least)


def _stands(name: str, ground: str) -> bool:
    words = words_of(name)
    return not words or f" {' '.join(words)} " in ground


def _ground(subject: Subject) -> str:
    company = subject.company
    return _joined(tuple(source.text for source in company.sources), company.prompt or "")


@lru_cache(maxsize=8)
def _joined(sources: tuple[str, ...], prompt: str) -> str:
    return "\n".join((*sources, prompt))


@lru_cache(maxsize=8)
def _known_numbers(ground: str) -> frozenset[str]:
    return frozenset(number for _span, number in _numbers_in(ground))


@lru_cache(maxsize=64)
def _spaced_source(text: str) -> str:
    return _spaced(text)


def _spaced(text: str) -> str:
    """The words alone, one blank apart and around: how a text reads, whatever its spacing."""
    return f" {' '.join(word for word, _start, _end in placed_words(_plain(text)))} "


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _numbers_in(text: str) -> Iterator[tuple[tuple[int, int], str]]:
    """Each number with its place, in one form: 1,234.50 and 1 234,5 are one number."""
    for match in _NUMBER.finditer(text):
        yield match.span(), _digits(match.group())


def _digits(written: str) -> str:
    sign = "-" if written.startswith("-") else ""
    bare = re.sub(r"[^\d.,]", "", written)
    head, mark, tail = _last_mark(bare)
    whole = re.sub(r"[.,]", "", head).lstrip("0") or "0"
    if mark and len(tail) == 3 and not (set(",.") <= set(bare)):
        return sign + ((re.sub(r"[.,]", "", bare)).lstrip("0") or "0")  # 1,234 groups its digits
    fraction = tail.rstrip("0")
    return sign + whole + (f".{fraction}" if fraction else "")


def _last_mark(bare: str) -> tuple[str, str, str]:
    at = max(bare.rfind("."), bare.rfind(","))
    return (bare, "", "") if at < 0 else (bare[:at], bare[at], bare[at + 1 :])


def _needs_none(number: str) -> bool:
    return number.isdigit() and int(number) <= _SMALL if len(number) <= 2 else False


def _blank(match: re.Match[str]) -> str:
    return " " * len(match.group())
