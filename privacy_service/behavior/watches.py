"""What of a text is watched for while it streams: each rule that can be judged part by part.

A watch looks at a part of the text that starts behind what has gone out, and says up to where
nothing that comes later can change its mind, where its rule is broken, and where it must not be
cut. What it finds is what judging the whole text would find there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, Protocol

from privacy_service.behavior import attacks, grounds, wording
from privacy_service.behavior.measures import Measures
from privacy_service.behavior.model import (
    Citations,
    Grounding,
    Length,
    Must,
    NoInjection,
    NoPromptLeak,
    Patterns,
    Quotes,
    Topics,
    Unit,
    Wording,
)
from privacy_service.behavior.reach import Reach, of_pattern, of_phrases, settled
from privacy_service.behavior.subject import Subject, TextSpan
from privacy_service.payloads.canonical import View

Spans = tuple[tuple[int, int], ...]

# What may be going on at the end of a text, so that what follows decides what it is: a word; a tag;
# lines of base64; pairs of hexadecimal digits; a number in groups; a soft line break.
_GOING_ON: Final = tuple(
    re.compile(pattern)
    for pattern in (
        r"[^\s]*(?:=[ \t]*\r?)?\Z",
        r"<(?:[A-Za-z/!?][^<>]*)?\Z",
        r"(?:[0-9A-Za-z+/]{56,80}\r?\n)+[0-9A-Za-z+/=]*\r?\Z",
        r"(?:[0-9A-Fa-f]{2}[ :-])+[0-9A-Fa-f]?\Z",
        r"[0-9][0-9\s-]*\Z",
    )
)
_TAIL: Final = 16_384
"""So far back from the end it is looked for what is going on there; held texts are no longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a watch sees in a part.

    What begins before `until` is settled. `spans` are where the rule is broken, `joined` what must
    stay together besides. `broken`: the rule is broken as a whole, whatever follows.
    """

    until: int
    spans: Spans = ()
    joined: Spans = ()
    broken: bool = False


class Part:
    """A part of a text, from what has gone out to where the text ends for now.

    `first` is where it starts: what stands before is there for its looks alone. `words` and
    `characters` are what has gone out.
    """

    def __init__(
        self, subject: Subject, first: int, *, words: int = 0, characters: int = 0
    ) -> None:
        self.subject = subject
        self.first = first
        self.words = words
        self.characters = characters
        self._ends: list[tuple[View, int]] | None = None
        self._until: dict[Reach, int] = {}

    @property
    def text(self) -> str:
        """The part, in the way that it was written."""
        return self.subject.text

    def count_words(self) -> int:
        """The words from `first` on."""
        return Measures(self.text[self.first :]).words

    def until(self, reach: Reach) -> int:
        """Up to where a rule of this reach is settled, in every form of the text."""
        known = self._until.get(reach)
        if known is None:
            places = (
                _source(view, settled(view.text, end, reach), len(self.text))
                for view, end in self._views()
            )
            known = self._until[reach] = min(places, default=0)
        return known

    def _views(self) -> list[tuple[View, int]]:
        if self._ends is None:
            views = [view for _node, view in self.subject.views]
            self._ends = [(view, _going_on(view.text)) for view in views]
        return self._ends

    def inside(self, spans: Sequence[TextSpan]) -> Spans:
        """Those that begin in the part itself."""
        return tuple((one.start, one.end) for one in spans if one.start >= self.first)


def _going_on(text: str) -> int:
    """Where what is going on at the end of the text begins."""
    least = max(0, len(text) - _TAIL)
    starts = (found.start() for one in _GOING_ON if (found := one.search(text, least)))
    return min(starts, default=len(text))


def _source(view: View, at: int, end: int) -> int:
    """Where the character `at` of a view stands in the text itself."""
    return view.span(at, at + 1)[0] if at < len(view.text) else end


class Watch(Protocol):
    """Looks at one part after the other of one text."""

    def __call__(self, part: Part) -> Seen: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """How much of a text is held back at most: so many characters, so many words, so many lines,
    whichever is the most.
    """

    characters: int = 0
    words: int = 0
    lines: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """How a rule is watched: how far what it looks for reaches, and a new watch for each text."""

    reaches: tuple[Reach, ...]
    watch: Callable[[], Watch]

    @property
    def bound(self) -> Bound:
        """How much it holds back, each reach in the first measure that bounds it."""
        characters = words = lines = 0
        for reach in self.reaches:
            if reach.characters is not None:
                characters = max(characters, reach.characters)
            elif reach.blanks is not None:
                words = max(words, reach.blanks + 1)
            else:
                lines = max(lines, (reach.lines or 0) + 1)
        return Bound(characters=characters, words=words, lines=lines)


def watched(must: Must) -> Watched | None:
    """How this is watched while it streams; None for what only the whole text can tell."""
    make = _WATCHED.get(type(must))
    found = None if make is None else make(must)
    if found is None or any(reach.whole for reach in found.reaches):
        return None
    return found


# -- Phrases, patterns, topics ------------------------------------------------------------------

_Sought = tuple[tuple[wording.Sought, Reach], ...]


def _look_for(sought: _Sought, part: Part) -> Seen:
    spans = tuple(
        span for one, _reach in sought for span in part.inside(wording.found(part.subject, one))
    )
    return Seen(until=min(part.until(reach) for _one, reach in sought), spans=spans)


def _looked_for(sought: Sequence[tuple[wording.Sought, Reach]]) -> Watched:
    look = partial(_look_for, tuple(sought))
    return Watched(reaches=tuple({reach for _one, reach in sought}), watch=lambda: look)


def _phrases(listed: Sequence[str]) -> Iterator[tuple[wording.Sought, Reach]]:
    for one in wording.phrases(listed):
        yield one, of_phrases(listed)


def _patterns(listed: Sequence[str]) -> Iterator[tuple[wording.Sought, Reach]]:
    for pattern in listed:
        yield wording.sought(pattern), of_pattern(pattern)


def _wording(must: Wording) -> Watched | None:
    return None if must.require else _looked_for([*_phrases(must.forbid)])


def _pattern_rule(must: Patterns) -> Watched | None:
    return None if must.require else _looked_for([*_patterns(must.forbid)])


def _topics(must: Topics) -> Watched:
    return _looked_for(
        [
            one
            for topic in must.forbid
            for one in (*_phrases(topic.words), *_patterns(topic.patterns))
        ]
    )


# -- What rests on something --------------------------------------------------------------------

_WORD: Final = Reach(blanks=0)
_QUOTE_MARK: Final = re.compile('["“„«»]')


def _citations(must: Citations) -> Watched | None:
    def look(part: Part) -> Seen:
        spans = grounds.citations(part.subject, Citations()).spans
        return Seen(until=part.until(_WORD), spans=part.inside(spans))

    return None if must.least else Watched(reaches=(_WORD,), watch=lambda: look)


def _quotes(must: Quotes) -> Watched:
    def look(part: Part) -> Seen:
        spans = grounds.quotes(part.subject, must).spans
        quoted = grounds.quoted_in(part.text)
        return Seen(
            until=min(part.until(_WORD), _open_quote(part.text, quoted)),
            spans=part.inside(spans),
            joined=quoted,
        )

    return Watched(reaches=(_WORD, Reach(lines=0)), watch=lambda: look)


def _open_quote(text: str, quoted: Spans) -> int:
    """Where a quotation begins that the last line does not end; the end where there is none."""
    at = text.rfind("\n") + 1
    for mark in _QUOTE_MARK.finditer(text, at):
        if not any(start <= mark.start() < end for start, end in quoted):
            return mark.start()
    return len(text)


def _grounding(must: Grounding) -> Watched | None:
    def look(part: Part) -> Seen:
        spans = grounds.unsupported_numbers(part.subject)
        return Seen(until=part.until(_WORD), spans=part.inside(spans))

    only_numbers = must.numbers and not must.names and must.share is None
    return Watched(reaches=(_WORD,), watch=lambda: look) if only_numbers else None


# -- Attacks ------------------------------------------------------------------------------------

_TWO_WORDS: Final = Reach(blanks=1)


def _prompt_leak(must: NoPromptLeak) -> Watched:
    def look(part: Part) -> Seen:
        runs = attacks.leaked_runs(part.subject)
        return Seen(
            until=part.until(_TWO_WORDS),
            spans=part.inside([span for length, span in runs if length >= must.words]),
            joined=part.inside([span for _length, span in runs]),
        )

    return Watched(reaches=(Reach(blanks=must.words),), watch=lambda: look)


@dataclass(slots=True)
class _Signs:
    """Signs add up over the whole text, so those that went by are remembered."""

    most: float
    reaches: tuple[Reach, ...]
    met: dict[str, float] = field(default_factory=dict)

    def __call__(self, part: Part) -> Seen:
        until = min(map(part.until, self.reaches))
        here: dict[str, float] = {}
        joined: list[TextSpan] = []
        for name, weight, spans in attacks.signs_in(part.subject):
            if inside := part.inside(spans):
                joined += spans
                here[name] = weight
                if any(start < until for start, _end in inside):
                    self.met[name] = weight
        sure = attacks.score(self.met.values()) > self.most
        may_be = attacks.score((self.met | here).values()) > self.most
        stand = part.inside(joined)
        return Seen(until=until, spans=stand if may_be else (), joined=stand, broken=sure)


def _injection(must: NoInjection) -> Watched:
    reaches = tuple({of_pattern(pattern) for pattern in attacks.patterns_of_signs()})
    return Watched(reaches=reaches, watch=lambda: _Signs(must.most, reaches))


# -- Length -------------------------------------------------------------------------------------


def _length(must: Length) -> Watched | None:
    def look(part: Part) -> Seen:
        if must.unit is Unit.WORDS:
            count = part.words + part.count_words()
        else:
            count = part.characters + len(part.text) - part.first
        return Seen(until=len(part.text), broken=count > (must.most or 0))

    counts = must.unit in (Unit.WORDS, Unit.CHARACTERS)
    if must.least is not None or not counts:
        return None
    return Watched(reaches=(_WORD,), watch=lambda: look)


_WATCHED: Final[dict[type, Callable[[Any], Watched | None]]] = {
    Wording: _wording,
    Patterns: _pattern_rule,
    Topics: _topics,
    Citations: _citations,
    Quotes: _quotes,
    Grounding: _grounding,
    NoPromptLeak: _prompt_leak,
    NoInjection: _injection,
    Length: _length,
}
