"""A candidate: what one recognizer believes, before the overlaps are settled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from privacy_service.enforcement.findings import Span

NOTHING: Final = "none"
"""The entity of a claim that a value is nobody's, and the topic of the phrases that say so."""

MEMBER: Final = "member"
"""The detector of claims that a span is the name of a member, where a guess at a name is not
enough. They score nothing.
"""

VALUE: Final = "value"
"""The detector of claims that a span is the bare value of a member, where a model's word alone is
not enough. They score nothing.
"""

OTHER_COLUMN: Final = "another column"
"""Why the words of its neighbours say nothing of a cell."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One recognizer's claim on code points `start` to `end`.

    `because` says what spoke for it (a checksum, a context word, a field name) in words that
    hold nothing of the text but words of our own lexicon.
    """

    entity: str
    start: int
    end: int
    score: float
    detector: str
    because: str = ""

    def span(self) -> Span:
        """The candidate as the port's answer."""
        return Span(
            entity=self.entity,
            start=self.start,
            end=self.end,
            score=self.score,
            detector=self.detector,
        )
