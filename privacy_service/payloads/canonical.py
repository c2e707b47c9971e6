"""A text in every form that a person or a program downstream could read it in.

For detection only, never for identity: two different values may look alike here. Every form
knows the way back, so that what is found in it lands on the text as it was given.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

import re2

from privacy_service.payloads import encodings, folding, seams
from privacy_service.payloads.trace import Piece, Trace, rewritten

_Step = Callable[[str], Iterable[Piece]]

# In this order within a round: what is least likely to be there by chance comes first.
_STEPS: Final[dict[str, _Step]] = {
    "unseen": encodings.unseen,
    "half-unseen": encodings.half_unseen,
    "unicode": folding.folded,
    "lookalikes": folding.latinized,
    "hex": encodings.hexadecimal,
    "base64": encodings.base64,
    "escapes": encodings.escapes,
    "entities": encodings.entities,
    "percent": encodings.percent,
    "quoted-printable": encodings.quoted_printable,
}
# Not one of the steps that are done one after the other: encoded text may stand inside a tag.
_TAGS: Final = "tags"
# Nor these, which undo nothing: they would spoil what is encoded in digits.
_APART: Final[dict[str, _Step]] = {"lines": seams.lines, "seams": seams.seams}

_LETTERS = r"A-Za-z0-9+/_\-"
# Letters and signs beyond ASCII that stay as they are under NFKC and look like nothing else.
_WESTERN = (
    "\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u0131\u0134-\u013e\u0141-\u0148\u014a-\u017e"
    "\u00a1-\u00a7\u00a9\u00ab\u00ae\u00b0\u00bb\u00bf\u2018-\u201e\u20ac"
)
# Dates and telephone numbers, short words, and what separates them. Whatever else there is may be
# an encoding: a sign that starts one, or a token that is long enough to be base64.
_plain: Final = re.compile(
    rf"(?:[0-9]{{1,5}}(?:-[0-9]{{1,5}}){{1,4}}(?:T[0-9]{{2}})?(?![{_LETTERS}])"
    rf"|[{_LETTERS}]{{1,11}}+(?![{_LETTERS}])"
    rf"|[ \t\n\r!\"#$'()*,.:;>?@\[\]^`{{|}}~{_WESTERN}]++)*+\Z"
).match
# A text in which this finds nothing is plain by the patterns above and below: it has only what they
# take, no token that is long, and no line break behind a digit. It takes one pass whatever stands
# there, and spares long texts the walk from token to token.
_odd: Final = re2.compile(
    rf"[^{_LETTERS} \t\n\r!\"#$'()*,.:;>?@\[\]^`{{|}}~{_WESTERN}]|[{_LETTERS}]{{12}}"
    r"|[0-9A-Fa-f]{2}(?:[ :][0-9A-Fa-f]{2}){7}|[0-9]-?[ \t]*\r?\n"
).search
_hex_pairs: Final = re.compile(r"[0-9A-Fa-f]{2}(?:[ :][0-9A-Fa-f]{2}){7}").search


_SHORT: Final = 4_096
_LONG: Final = 64
"""From so many characters on it is worth asking first whether a text has anything odd at all."""


class Bounds(NamedTuple):
    """How far canonicalization goes.

    `depth`: encodings inside encodings. `views`: forms of one text. `growth` and `spare`: all
    forms together have at most `growth` times the characters of the text, and `spare` more.
    """

    depth: int = 8
    views: int = 32
    growth: int = 16
    spare: int = 65_536


DEFAULT_BOUNDS: Final = Bounds()


class View(NamedTuple):
    """One form of a text. `how` names the steps that led to it; none for the text itself."""

    text: str
    how: tuple[str, ...] = ()
    traces: tuple[Trace, ...] = ()

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The smallest span of the given text that made the characters `start` to `end`.

        What was decoded as a whole (base64, hexadecimal) has the whole token as its span.
        """
        for trace in reversed(self.traces):
            start, end = trace.span(start, end)
        return start, end


class Views(NamedTuple):
    """The forms of a text. `bounded`: there may be more of them, beyond the bounds."""

    views: tuple[View, ...]
    bounded: bool = False


def views(text: str, *, bounds: Bounds = DEFAULT_BOUNDS) -> Views:
    """The text, and what it is when its encodings are undone: each alone, and one after the other,
    until nothing is left to undo.

    The first is the text itself, but for odd blanks in it, which are written as plain ones.
    """
    if _is_plain(text):
        return Views((View(text),))
    return _Unfolding(text, bounds).run(text)


def _is_plain(text: str) -> bool:
    """Whether there is nothing to undo in it."""
    if len(text) >= _LONG and _is_plain_by_its_letters(text):
        return True
    return _plain(text) is not None and not _hex_pairs(text) and not seams.breaks_number(text)


def _is_plain_by_its_letters(text: str) -> bool:
    try:
        return _odd(text.encode()) is None
    except UnicodeEncodeError:  # a lone surrogate, which is not plain
        return False


class _Unfolding:
    """The forms of one text, as they are found."""

    __slots__ = ("_bounds", "_left", "_texts", "_views")

    def __init__(self, text: str, bounds: Bounds) -> None:
        self._bounds = bounds
        self._left = bounds.growth * len(text) + bounds.spare
        self._texts: set[str] = set()
        self._views: list[View] = []

    def run(self, text: str) -> Views:
        bases = [_without_odd_blanks(View(text))]
        room = self._keep(bases[0])
        unordered: list[View] = []
        for _ in range(self._bounds.depth):
            following: dict[str, View] = {}
            for undone in map(_undone, bases):
                then = undone.chained or undone.stripped
                following.update((view.text, view) for view in then if view.text not in self._texts)
                unordered += undone.unordered
                room = room and all(map(self._keep, undone.views))
            bases = list(following.values()) if room else []
        if room and len(text) <= _SHORT:
            self._reorder(unordered)
        return Views(tuple(self._views), not room or any(map(_encoded, bases)))

    def _reorder(self, bases: list[View]) -> None:
        """Goes on from single steps behind which several others follow, in every order: the one
        order that all views were made in may spoil what another would show.

        This is more than is promised: it ends without a word at a third of the views that there
        may be, and a long text is not worth it.
        """
        waiting = {view.text: view for view in bases}
        gone_on_from: set[str] = set()
        while waiting:
            text, base = waiting.popitem()
            gone_on_from.add(text)
            undone = _undone(base)
            for view in (*undone.alone, *undone.chained):
                if len(self._views) * 3 >= self._bounds.views or not self._keep(view):
                    return
            waiting.update(
                (view.text, view) for view in undone.unordered if view.text not in gone_on_from
            )

    def _keep(self, view: View) -> bool:
        """Whether the view is kept, or known: False where there is no room for it."""
        if view.text in self._texts:
            return True
        self._left -= len(view.text)
        if self._left < 0 or len(self._views) >= self._bounds.views:
            return False
        self._texts.add(view.text)
        self._views.append(view)
        return True


class _Undone(NamedTuple):
    """The views that undoing what is encoded in one gives.

    `alone`: each step alone, because a step may take for an encoding what is none, and spoil it
    for the next (`100%41` is a price, or `100A`). `chained`: behind each of them all steps, one
    after the other, because what is written in two ways is whole only then. `stripped` and `apart`
    are without tags, and with numbers taken apart; what is only taken apart is not gone on from.
    """

    alone: list[View]
    stripped: list[View]
    apart: list[View]
    chained: list[View]

    @property
    def views(self) -> list[View]:
        return [*self.alone, *self.stripped, *self.apart, *self.chained]

    @property
    def unordered(self) -> list[View]:
        """The single steps behind which several others followed."""
        return [
            view
            for view, chained in zip(self.alone, self.chained, strict=True)
            if len(chained.how) > len(view.how) + 1
        ]


def _undone(base: View) -> _Undone:
    alone = [view for name in _STEPS if (view := _after(base, name))]
    return _Undone(
        alone=alone,
        stripped=[view] if (view := _after(base, _TAGS)) else [],
        apart=[view for name in _APART if (view := _after(base, name))],
        chained=[_chained(view) for view in alone],
    )


def _chained(view: View) -> View:
    for name in _STEPS:
        view = _after(view, name) or view
    return view


def _after(view: View, name: str) -> View | None:
    """What a step makes of a view; None where it finds nothing to undo."""
    done = rewritten(view.text, _step(name)(view.text))
    if done is None:
        return None
    text, trace = done
    return View(text, (*view.how, name), (*view.traces, trace))


def _step(name: str) -> _Step:
    return encodings.tags if name == _TAGS else _STEPS.get(name) or _APART[name]


def _encoded(view: View) -> bool:
    """Whether there is anything to undo in a view."""
    return any(_after(view, name) for name in (*_STEPS, _TAGS))


def _without_odd_blanks(view: View) -> View:
    """The view with plain blanks, where nothing else in it is written in an odd way.

    A blank is a blank to every detector, so the text itself need not be looked at as well.
    """
    pieces = list(folding.folded(view.text))
    if pieces and folding.only_blanks(view.text, pieces):
        return _after(view, "unicode") or view
    return view
