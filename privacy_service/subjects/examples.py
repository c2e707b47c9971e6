"""Which examples of contracts hold an identifier of a person, as a request keeps it.

An example is known by a keyed mark of its text, in whatever versions of its contract it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Self

_WRITTEN: Final = re.compile(r"(?P<contract>\S+) example (?P<mark>[0-9a-f]{32})")
_LENGTH: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedExample:
    """One example of a contract."""

    contract: str
    mark: str

    def __str__(self) -> str:
        return f"{self.contract} example {self.mark}"

    @classmethod
    def parse(cls, written: str) -> Self | None:
        """None for what is no example: the version of a contract with an identifier elsewhere."""
        found = _WRITTEN.fullmatch(written)
        return None if found is None else cls(**found.groupdict())

    def is_one_of(self, digests: Iterable[str]) -> bool:
        """Whether one of these keyed digests is that of its text."""
        return self.mark in map(mark_of, digests)


def mark_of(digest: str) -> str:
    """The mark of an example, by a keyed digest of its text."""
    return digest[:_LENGTH]
