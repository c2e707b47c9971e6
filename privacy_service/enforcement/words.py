"""What treatments wrote, so that the next look does not take it for what it replaced.

It is known by its place, never by how it reads: a date that equals a shifted one is still
somebody's.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from privacy_service.enforcement.findings import Place, Span
from privacy_service.enforcement.inspect import Look
from privacy_service.enforcement.letters import tells
from privacy_service.payloads.document import Node


class Part(NamedTuple):
    """`new` stands for what a text has from `start` to `end`."""

    start: int
    end: int
    new: str


class Written(NamedTuple):
    """A text, and which of its characters are ours: spans that rise and do not overlap."""

    text: str
    ours: Sequence[tuple[int, int]]


@dataclass(slots=True)
class Words:
    """What treatments wrote in one document, by node and place."""

    _known: dict[tuple[int, Place], Written] = field(default_factory=dict)

    def wrote(self, node: Node, text: str) -> None:
        """Remembers that a whole value is ours."""
        self._known[node.index, Place.VALUE] = Written(text, [(0, len(text))])

    def rewritten(self, look: Look, parts: Sequence[Part]) -> str:
        """The text with the parts, which rise and do not overlap; they are ours from now on, and
        what was ours before stays so.
        """
        written = _with_parts(look.text, parts, self._ours(look))
        self._known[look.node.index, look.place] = written
        return written.text

    def all_ours(self, node: Node) -> bool:
        """Whether a treatment wrote the whole value."""
        known = self._known.get((node.index, Place.VALUE))
        return not node.text or known == Written(node.text, [(0, len(node.text))])

    def not_ours(self, look: Look, span: Span) -> Iterator[Span]:
        """What of a span is left when our own characters are taken out, if it says anything."""
        ours = list(_between(self._ours(look), span.start, span.end))
        if not ours:
            yield span
            return
        at = span.start
        for start, end in (*ours, (span.end, span.end)):
            if any(map(tells, look.text[at:start])):
                yield Span(
                    entity=span.entity,
                    start=at,
                    end=start,
                    score=span.score,
                    detector=span.detector,
                )
            at = max(at, end)

    def carried(self, origins: Sequence[int | None]) -> Words:
        """The same for the document that was read again; `origins` says which node was which."""
        if not self._known:
            return self
        now = {origin: index for index, origin in enumerate(origins) if origin is not None}
        return Words(
            {
                (now[was], place): written
                for (was, place), written in self._known.items()
                if was in now
            }
        )

    def _ours(self, look: Look) -> Sequence[tuple[int, int]]:
        known = self._known.get((look.node.index, look.place))
        if known is None:
            return ()
        # A name that was taken already was given a number behind it.
        numbered = look.place is Place.KEY and look.text.startswith(known.text + "_")
        return known.ours if look.text == known.text or numbered else ()


def _between(ours: Sequence[tuple[int, int]], start: int, end: int) -> Iterator[tuple[int, int]]:
    """Which of the spans reach into `start` to `end`."""
    for at in range(bisect_right(ours, start, key=lambda span: span[1]), len(ours)):
        if ours[at][0] >= end:
            return
        yield ours[at]


def _with_parts(text: str, parts: Sequence[Part], ours: Sequence[tuple[int, int]]) -> Written:
    pieces: list[str] = []
    spans: list[tuple[int, int]] = []
    at = length = known = 0
    for start, end, new in (*parts, Part(len(text), len(text), "")):
        while known < len(ours) and ours[known][1] <= start:
            spans.append((ours[known][0] - at + length, ours[known][1] - at + length))
            known += 1
        pieces += (text[at:start], new)
        length += start - at
        if new:
            spans.append((length, length + len(new)))
        length += len(new)
        at = end
    return Written("".join(pieces), spans)
