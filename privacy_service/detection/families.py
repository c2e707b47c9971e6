"""Which entities and labels mean the same, for scoring one vocabulary against another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from privacy_service.detection.gazetteer import read_yaml


@dataclass(frozen=True, slots=True, kw_only=True)
class Families:
    """Labels by family.

    `ignored` labels are neither wanted nor false alarms; `nobody` labels mark plain text.
    `accepted`: a found DATE satisfies a wanted BIRTH. `indirect` families do not identify by
    themselves and stay out of the leak. `own` are a user's words: label to family, or to None to
    ignore the label.
    """

    names: Mapping[str, str]
    prefixes: tuple[tuple[str, str], ...]
    ignored: frozenset[str]
    nobody: frozenset[str]
    accepted: Mapping[str, str]
    indirect: frozenset[str]
    own: Mapping[str, str | None] = field(default_factory=dict)

    def of(self, label: str) -> str | None:
        """The family of a label or entity; itself if nothing is known of it; None if ignored."""
        if label in self.own:
            return self.own[label]
        name = label.upper().replace("-", "_")
        if name in self.names:
            return self.names[name]
        if name in self.ignored or name in self.nobody:
            return None
        for prefix, family in self.prefixes:
            if name.startswith(prefix):
                return family
        return name

    def knows(self, label: str) -> bool:
        """Whether the label is one of those that the table, or the user, says something of."""
        name = label.upper().replace("-", "_")
        return (
            label in self.own
            or name in self.names.keys() | self.ignored | self.nobody
            or any(name.startswith(prefix) for prefix, _family in self.prefixes)
        )

    def is_text(self, label: str) -> bool:
        """Whether the label marks what is nobody's, so that a finding there is a false alarm."""
        return label not in self.own and label.upper() in self.nobody

    def satisfying(self, family: str) -> frozenset[str]:
        """The families of findings that satisfy a wanted `family`."""
        other = self.accepted.get(family)
        return frozenset((family, other)) if other else frozenset((family,))


@cache
def families() -> Families:
    """Our own table (lexicon/families.yaml)."""
    read: Any = read_yaml("families.yaml")
    listed = {name: _words(words) for name, words in read["families"].items()}
    return Families(
        names={word: name for name, words in listed.items() for word in words},
        prefixes=tuple(
            (word, name) for name, words in listed.items() for word in words if word.endswith("_")
        ),
        ignored=frozenset(_words(read["ignored"])),
        nobody=frozenset(_words(read["nobody"])),
        accepted=read["accepted"],
        indirect=frozenset(_words(read["indirect"])),
    )


def _words(listed: str) -> list[str]:
    return [word.strip().upper() for word in listed.split(",")]
