r"""How far a rule reaches: how much of a text it could still see differently once more text comes.

A pattern that matches at most five characters cannot begin further back than five characters before
the end and still be going on. Texts are counted in three measures, because patterns are bounded in
one and not in the other: `[A-Z]{5}` by its characters, `\w+@\w+` by the blanks in it (none),
`from .* to` by the lines that it stays in. What is bounded in none of them needs the whole text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any, Final

_BLANKS: Final = " \t\r\f\v\x1c\x85\xa0\u2003\u2028\n"
_LETTERS: Final = re.compile(r"\\p(?:\{[LNM][a-z]?\}|\{[A-Z][a-z]{2,}\}|[LNM])")
"""Classes without blanks: letters, digits, marks, and scripts by their names."""
_UNREADABLE: Final = re.compile(r"\[\[?:|\\[QCXpP]|\(\?[a-zA-Z]*U")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """The most characters, runs of blanks and line ends that a match may hold; None: no bound.

    `opens`: what every match starts with, in any case; empty where that is not known.
    """

    characters: int | None = None
    blanks: int | None = None
    lines: int | None = None
    opens: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether there is no bound, so that the whole text is needed."""
        return self.characters is None and self.blanks is None and self.lines is None


WHOLE: Final = Reach()


def of_pattern(pattern: str) -> Reach:
    """What the matches of an RE2 pattern reach over; WHOLE for one that cannot be told."""
    readable = _LETTERS.sub(r"\\w", pattern).replace(r"\z", r"\Z")
    if _UNREADABLE.search(readable):
        return WHOLE
    try:
        parsed = _parser.parse(readable)
    except (re.error, OverflowError, RecursionError):
        return WHOLE
    if _is_anchored(parsed):
        return WHOLE
    reach = _sum(map(_of, _items(parsed, dotall=bool(parsed.state.flags & re.DOTALL))))
    return replace(reach, opens=_usable(_openings(parsed)[0]))


def of_phrases(phrases: Sequence[str]) -> Reach:
    """What whole-word phrases reach over: the blanks between their words."""
    blanks = max((len(phrase.split()) - 1 for phrase in phrases), default=0)
    return Reach(blanks=blanks, opens=_usable([phrase.lstrip() for phrase in phrases]))


def settled(text: str, end: int, reach: Reach) -> int:
    """Where the part of `text` ends in which nothing that begins there can go on past `end`."""
    if reach.whole:
        return 0
    found = [0]
    if reach.characters is not None:
        found.append(end - reach.characters)
    if reach.blanks is not None:
        found.append(_behind_blank(text, end, reach.blanks + 1))
    if reach.lines is not None:
        found.append(_behind_line(text, end, reach.lines + 1))
    bound = max(found)
    return _opening(text, bound, end, reach.opens) if reach.opens else bound


def _opening(text: str, start: int, end: int, opens: tuple[str, ...]) -> int:
    """Where something begins between `start` and `end` that starts as a match does; else the end,
    or the word that goes on there.
    """
    word = end
    while word > start and not text[word - 1].isspace():
        word -= 1
    found = _any_of(opens).search(text, start, end)
    return min(word, found.start()) if found else word


@lru_cache(maxsize=4096)
def _any_of(opens: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, opens)), re.IGNORECASE)


def _behind_blank(text: str, end: int, count: int) -> int:
    """Behind the `count`-th run of blanks from the end; 0 where there are not so many."""
    at = end
    while at > 0 and count > 0:
        while at > 0 and not text[at - 1].isspace():
            at -= 1
        run = at
        while at > 0 and text[at - 1].isspace():
            at -= 1
        count -= at < run
        if count == 0:
            return run
    return 0


def _behind_line(text: str, end: int, count: int) -> int:
    at = end
    for _ in range(count):
        at = text.rfind("\n", 0, at)
        if at < 0:
            return 0
    return at + 1


# -- How a match starts -----------------------------------------------------------------------

_MOST_OPENINGS: Final = 400


def _usable(starts: Sequence[str]) -> tuple[str, ...]:
    """The first words of these; nothing where one of them is not known, or where they are many."""
    words = {start.split(maxsplit=1)[0] if start.split() else "" for start in starts}
    usable = "" not in words and len(words) <= _MOST_OPENINGS
    return tuple(sorted(words)) if usable and not any(s[:1].isspace() for s in starts) else ()


def _openings(parsed: Iterable[tuple[Any, Any]]) -> tuple[list[str], bool]:
    """What a match may start with, and whether that is all of the pattern."""
    starts = [""]
    for kind, argument in parsed:
        more, whole = _opening_of(kind, argument)
        if len(starts) * len(more) > _MOST_OPENINGS:
            return starts, False
        starts = [start + one for start in starts for one in more]
        if not whole:
            return starts, False
    return starts, True


def _opening_of(kind: Any, argument: Any) -> tuple[list[str], bool]:
    if kind is op.AT:
        return [""], True
    if kind is op.LITERAL:
        return [chr(argument)], True
    if kind is op.SUBPATTERN:
        return _openings(argument[3])
    if kind is op.BRANCH:
        parts = [_openings(one) for one in argument[1]]
        return [one for starts, _whole in parts for one in starts], all(w for _s, w in parts)
    return [""], False


# -- Reading a pattern ------------------------------------------------------------------------

_WITH_BLANKS: Final = (op.CATEGORY_SPACE, op.CATEGORY_NOT_WORD, op.CATEGORY_NOT_DIGIT)
_RE2_BLANKS: Final = " \t\n\f\r"
"""What `\\s` is to RE2: to it, every other blank is `\\S`."""
_Item = tuple[Any, Any, bool]
"""An operation, its argument, and whether a dot takes a line end."""


def _is_anchored(parsed: Any) -> bool:
    """Whether it asks for the start of the whole text, which a part of one would have too."""
    multiline = bool(parsed.state.flags & re.MULTILINE)
    starts = (op.AT_BEGINNING_STRING,) if multiline else (op.AT_BEGINNING_STRING, op.AT_BEGINNING)
    return any(kind is op.AT and at in starts for kind, at in _flat(parsed))


def _flat(parsed: Any) -> Iterable[tuple[Any, Any]]:
    for kind, argument in parsed:
        yield kind, argument
        for inner in _inner(kind, argument):
            yield from _flat(inner)


def _inner(kind: Any, argument: Any) -> Sequence[Any]:
    if kind is op.BRANCH:
        return list(argument[1])
    if kind in (op.MAX_REPEAT, op.MIN_REPEAT):
        return [argument[2]]
    return [argument[3]] if kind is op.SUBPATTERN else []


def _items(parsed: Any, *, dotall: bool) -> Iterable[_Item]:
    return [(kind, argument, dotall) for kind, argument in parsed]


def _of(item: _Item) -> Reach:
    kind, argument, dotall = item
    if kind is op.AT:
        return Reach(characters=0, blanks=0, lines=0)
    if kind is op.SUBPATTERN:
        dotall = (dotall or bool(argument[1] & re.DOTALL)) and not argument[2] & re.DOTALL
        return _sum(map(_of, _items(argument[3], dotall=dotall)))
    if kind is op.BRANCH:
        return _most([_sum(map(_of, _items(one, dotall=dotall))) for one in argument[1]])
    if kind in (op.MAX_REPEAT, op.MIN_REPEAT):
        _least, most, inner = argument
        return _repeated(_items(inner, dotall=dotall), most)
    taken = _blanks_taken(kind, argument, dotall=dotall)
    return Reach(characters=1, blanks=int(bool(taken)), lines=int("\n" in taken))


def _repeated(inner: Iterable[_Item], most: Any) -> Reach:
    items = list(inner)
    once = _sum(map(_of, items))
    if most is not op.MAXREPEAT:
        return Reach(
            characters=_times(once.characters, most),
            blanks=1 if _only_blanks(items) and most else _times(once.blanks, most),
            lines=_times(once.lines, most),
        )
    return Reach(
        characters=None,
        blanks=1 if _only_blanks(items) else (0 if once.blanks == 0 else None),
        lines=0 if once.lines == 0 else None,
    )


def _times(once: int | None, most: int) -> int | None:
    return None if once is None else once * most


def _sum(parts: Iterable[Reach]) -> Reach:
    characters: int | None = 0
    blanks: int | None = 0
    lines: int | None = 0
    for part in parts:
        characters = _plus(characters, part.characters)
        blanks = _plus(blanks, part.blanks)
        lines = _plus(lines, part.lines)
    return Reach(characters=characters, blanks=blanks, lines=lines)


def _plus(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one + other


def _most(parts: Sequence[Reach]) -> Reach:
    def largest(values: list[int | None]) -> int | None:
        known = [value for value in values if value is not None]
        return max(known) if len(known) == len(values) else None

    return Reach(
        characters=largest([one.characters for one in parts]),
        blanks=largest([one.blanks for one in parts]),
        lines=largest([one.lines for one in parts]),
    )


def _only_blanks(items: Sequence[_Item]) -> bool:
    """Whether it is one character that is always a blank: a run of them is one run."""
    if len(items) != 1:
        return False
    kind, argument, _dotall = items[0]
    if kind is op.LITERAL:
        return chr(argument).isspace()
    return kind is op.IN and all(
        part == (op.CATEGORY, op.CATEGORY_SPACE)
        or (part[0] is op.LITERAL and chr(part[1]).isspace())
        for part in argument
    )


def _blanks_taken(kind: Any, argument: Any, *, dotall: bool) -> str:
    """The blanks that one character of the pattern may be."""
    if kind is op.LITERAL:
        return chr(argument) if chr(argument).isspace() else ""
    if kind is op.ANY:
        return _BLANKS if dotall else _BLANKS[:-1]
    if kind is op.IN:
        negated = bool(argument) and argument[0][0] is op.NEGATE
        parts = argument[1:] if negated else argument
        return "".join(c for c in _BLANKS if _in(c, parts) != negated)
    return _BLANKS  # NOT_LITERAL, and whatever else there may be


def _in(char: str, parts: Any) -> bool:
    for kind, argument in parts:
        if kind is op.LITERAL and chr(argument) == char:
            return True
        if kind is op.RANGE and argument[0] <= ord(char) <= argument[1]:
            return True
        if kind is op.CATEGORY and argument in _WITH_BLANKS:
            return True
        if kind is op.CATEGORY and argument is op.CATEGORY_NOT_SPACE and char not in _RE2_BLANKS:
            return True
    return False
