"""Patterns of paths, gathered so that one walk down a path meets all that match it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from privacy_service.contracts.paths import Pattern, Selector, StepKind
from privacy_service.payloads.document import Path, Step

T = TypeVar("T")
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Entry(Generic[T]):
    """A pattern and what the contract says of the places that it matches."""

    pattern: Pattern
    value: T


@dataclass(slots=True, eq=False)
class _Knot(Generic[T]):
    """Where patterns part. A loop stays where it is on every step: the `..` before a selector."""

    loops: bool = False
    steps: dict[Step, _Knot[T]] = field(default_factory=dict)
    either: dict[str, _Knot[T]] = field(default_factory=dict)
    wildcard: _Knot[T] | None = None
    descent: _Knot[T] | None = None
    entries: list[Entry[T]] = field(default_factory=list)

    def grow(self, selector: Selector) -> _Knot[T]:
        """The knot behind `selector`, made if it is new."""
        if selector.deep:
            self.descent = self.descent or _Knot(loops=True)
            return self.descent.grow(Selector(selector.kind, selector.step))
        if selector.kind is StepKind.ANY:
            self.wildcard = self.wildcard or _Knot()
            return self.wildcard
        if selector.kind is StepKind.EITHER:
            return self.either.setdefault(str(selector.step), _Knot())
        return self.steps.setdefault(selector.step, _Knot())

    def after(self, step: Step) -> Iterator[_Knot[T]]:
        """The knots that `step` leads to."""
        if self.loops:
            yield self
        for found in (
            self.steps.get(step),
            self.either.get(str(step)) if self.either else None,
            self.wildcard,
        ):
            if found is not None:
                yield found

    def below(self) -> Iterator[_Knot[T]]:
        """The knots that at least one step leads to, loops apart."""
        children = [*self.steps.values(), *self.either.values()]
        children += [knot for knot in (self.wildcard, self.descent) if knot is not None]
        for child in children:
            if not child.loops:
                yield child
            yield from child.below()


class Trie(Generic[T]):
    """Matches paths against many patterns; the cost of a walk does not grow with their number."""

    __slots__ = ("_root", "vocabulary")

    def __init__(self, entries: Iterable[tuple[Pattern, T]]) -> None:
        self._root: _Knot[T] = _Knot()
        self.vocabulary: dict[Step, Step] = {}
        """The steps that some pattern names: all others are alike to it."""
        for pattern, value in entries:
            self._add(pattern, value)

    def places(self, path: Path) -> Iterator[list[Entry[T]]]:
        """What matches the root, then what matches each longer start of `path`, then it whole."""
        knots = _with_descents([self._root])
        yield [entry for knot in knots for entry in knot.entries]
        for step in path:
            knots = _with_descents(found for knot in knots for found in knot.after(step))
            yield [entry for knot in knots for entry in knot.entries]

    def below(self, path: Path) -> Iterator[Entry[T]]:
        """What could match somewhere below `path`. An entry may come twice."""
        knots = _with_descents([self._root])
        for step in path:
            knots = _with_descents(found for knot in knots for found in knot.after(step))
        for knot in knots:
            for deeper in knot.below():
                yield from deeper.entries

    def _add(self, pattern: Pattern, value: T) -> None:
        knot = self._root
        for selector in pattern.selectors:
            knot = knot.grow(selector)
            if selector.kind is not StepKind.ANY:
                self.vocabulary[selector.step] = selector.step
            if selector.kind is StepKind.EITHER:
                self.vocabulary[int(selector.step)] = int(selector.step)
        knot.entries.append(Entry(pattern, value))


def _with_descents(knots: Iterable[_Knot[T]]) -> list[_Knot[T]]:
    met: dict[_Knot[T], None] = {}
    for knot in knots:
        met[knot] = None
        if knot.descent is not None:
            met[knot.descent] = None
    return list(met)


class PathMemo(Generic[V]):
    """Remembers an answer per path, where paths that no pattern tells apart are one.

    So it holds no name that a payload brought, list indexes are one unless a pattern names them,
    and it is bounded: when it is full it starts again.
    """

    __slots__ = ("_answers", "_known", "_of", "_room")

    def __init__(
        self, of: Callable[[Path], V], vocabulary: Mapping[Step, Step], room: int = 16_384
    ) -> None:
        self._of = of
        self._known = dict(vocabulary).get
        self._room = room
        self._answers: dict[tuple[Step | None, ...], V] = {}

    def __call__(self, path: Path) -> V:
        key = tuple(map(self._known, path))
        try:
            return self._answers[key]
        except KeyError:
            return self._answer(key, path)

    def _answer(self, key: tuple[Step | None, ...], path: Path) -> V:
        if len(self._answers) >= self._room:
            self._answers.clear()
        answer = self._answers[key] = self._of(path)
        return answer
