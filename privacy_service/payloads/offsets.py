"""Where decoded characters stand in the payload: the marks of an `Origin`.

They are worked out when somebody asks, because nobody asks for most texts: only where something
is found does its place matter.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from typing import overload

from privacy_service.payloads.document import Origin

Points = Iterator[tuple[int, int]]
"""Pairs (decoded, original), rising: from each on, characters stand letter by letter."""


class _Lazy(Sequence[int]):
    """A sequence of marks that is computed item by item."""

    __slots__ = ("_length",)

    def __init__(self, length: int) -> None:
        self._length = length

    def __len__(self) -> int:
        return self._length + 1

    @overload
    def __getitem__(self, index: int) -> int: ...
    @overload
    def __getitem__(self, index: slice) -> list[int]: ...
    def __getitem__(self, index: int | slice) -> int | list[int]:
        if isinstance(index, slice):
            return [self._mark(i) for i in range(*index.indices(len(self)))]
        if not -len(self) <= index < len(self):
            raise IndexError("there is no such mark")
        return self._mark(index if index >= 0 else index + len(self))

    def _mark(self, index: int) -> int:
        raise NotImplementedError


class Marks(_Lazy):
    """Marks of a text of `length` characters. `find` gives the points where a stretch starts in
    which characters stand letter by letter; the first is for character 0.
    """

    __slots__ = ("_decoded", "_find", "_original")

    def __init__(self, length: int, find: Callable[[], Points]) -> None:
        super().__init__(length)
        self._find = find
        self._decoded: tuple[int, ...] = ()
        self._original: tuple[int, ...] = ()

    def _mark(self, index: int) -> int:
        if not self._decoded:
            # The longer-lived tuple last: a second thread sees both or neither.
            decoded, self._original = zip(*self._find(), strict=True)
            self._decoded = decoded
        at = bisect_right(self._decoded, index) - 1
        return self._original[at] + index - self._decoded[at]


def pairs(raw: str, pair: str, start: int) -> Points:
    """The points of a text in which each `pair` of characters of `raw` is one."""
    yield 0, start
    at = raw.find(pair)
    number = 1
    while at >= 0:
        yield at + 2 - number, start + at + 2
        at = raw.find(pair, at + 2)
        number += 1


class _Through(_Lazy):
    """Marks of a text that stands in a text which itself was decoded."""

    __slots__ = ("_inner", "_outer")

    def __init__(self, length: int, outer: Origin, inner: Origin) -> None:
        super().__init__(length)
        self._outer = outer
        self._inner = inner

    def _mark(self, index: int) -> int:
        return mark(self._outer, mark(self._inner, index))


def mark(origin: Origin, index: int) -> int:
    """Where decoded character `index` starts; for the length of the text, where it ends."""
    return origin.start + index if origin.marks is None else origin.marks[index]


def within(outer: Origin, inner: Origin, length: int) -> Origin:
    """The origin of a text of `length` characters that stands at `inner` in a decoded text, where
    that text stands at `outer` in the payload.
    """
    if outer.end is not None:
        return outer
    if inner.end is not None:
        start, end = outer.span(inner.start, inner.end)
        return Origin(start, end=end)
    if outer.marks is None and inner.marks is None:
        return Origin(outer.start + inner.start)
    return Origin(mark(outer, mark(inner, 0)), _Through(length, outer, inner))
