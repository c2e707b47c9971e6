"""Where a payload names the person it is about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from privacy_service.contracts.model import SubjectField
from privacy_service.contracts.paths import parse
from privacy_service.contracts.trie import Trie
from privacy_service.payloads.document import Path, Step


class SubjectFields:
    """The subject fields of one contract, compiled. Raises PathError for a pattern that is none."""

    __slots__ = ("_trie",)

    def __init__(self, subjects: Iterable[SubjectField]) -> None:
        self._trie = Trie((parse(subject.path), subject.type) for subject in subjects)

    @property
    def vocabulary(self) -> Mapping[Step, Step]:
        """The steps that some pattern names."""
        return self._trie.vocabulary

    def type_at(self, path: Path) -> str | None:
        """The kind of identifier at exactly this path, by the most specific pattern, or None."""
        *_, matching = self._trie.places(path)
        if not matching:
            return None
        return max(matching, key=lambda entry: entry.pattern.specificity).value
