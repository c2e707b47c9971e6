"""Which field term of one contract holds at a path.

A term holds at the places that its pattern matches and at everything below them. Where several
hold, the one whose pattern matches the deepest place decides; at one place, the most specific
pattern; and among equally specific ones, the stricter of each of their terms. One exception keeps
closed places closed: a term with a descent (`..`) never permits what a term without one denies.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import reduce

from privacy_service.contracts.model import FieldTerm
from privacy_service.contracts.paths import parse
from privacy_service.contracts.strictness import stricter_field
from privacy_service.contracts.trie import Entry, Trie
from privacy_service.payloads.document import Path, Step


class FieldTerms:
    """The field terms of one contract, compiled. Raises PathError for a pattern that is none."""

    __slots__ = ("_trie",)

    def __init__(self, terms: Iterable[FieldTerm]) -> None:
        self._trie = Trie((parse(term.path), term) for term in terms)

    @property
    def vocabulary(self) -> Mapping[Step, Step]:
        """The steps that some pattern names."""
        return self._trie.vocabulary

    def at(self, path: Path) -> FieldTerm | None:
        """The term that holds at `path`, permitting or not; None where no term does."""
        nearest, anchored = self._nearest(path)
        return anchored if _denies(anchored) else nearest

    def permits_below(self, path: Path) -> bool:
        """Whether something at or below `path` could be permitted."""
        nearest, anchored = self._nearest(path)
        closed = _denies(anchored)
        if nearest is not None and nearest.permit and not closed:
            return True
        return any(
            entry.value.permit and not (closed and entry.pattern.deep)
            for entry in self._trie.below(path)
        )

    def _nearest(self, path: Path) -> tuple[FieldTerm | None, FieldTerm | None]:
        """The nearest term of all, and the nearest of those without a descent."""
        nearest: list[Entry[FieldTerm]] = []
        anchored: list[Entry[FieldTerm]] = []
        for matching in self._trie.places(path):
            nearest = matching or nearest
            anchored = [entry for entry in matching if not entry.pattern.deep] or anchored
        return _winner(nearest), _winner(anchored)


def _denies(term: FieldTerm | None) -> bool:
    return term is not None and not term.permit


def _winner(entries: list[Entry[FieldTerm]]) -> FieldTerm | None:
    if not entries:
        return None
    most = max(entry.pattern.specificity for entry in entries)
    return reduce(
        stricter_field, (entry.value for entry in entries if entry.pattern.specificity == most)
    )
