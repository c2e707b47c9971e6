"""Phrases, patterns and topics: what must, or must not, be said.

Phrases are looked for as whole words, in any case, in every form in which the text could be read
(`payloads/canonical.py`), and land on the characters of the text as it stands. RE2 matches in time
linear in the text, whatever the contract's author wrote.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import re2

from privacy_service.behavior.judgement import Judgement, broken, kept
from privacy_service.behavior.subject import Subject, TextSpan

_MEMORY: Final = 16 * 1024 * 1024
"""Bytes that one compiled pattern may take."""
_MOST_SPANS: Final = 1_000
"""So many places of one pattern are marked in one value; a value with more is marked whole."""


_MOST_TOGETHER: Final = 12
"""So many patterns are put into one: of a hundred, RE2 can no longer keep in mind where it is in
each, and goes on at a hundredth of its speed.
"""


@dataclass(frozen=True, slots=True)
class Sought:
    """A compiled pattern, and which of its groups is what was sought."""

    pattern: re2._Regexp
    group: int = 0

    def places(self, text: str) -> Iterator[tuple[int, int]]:
        """Where it is found, in code points, in order and without overlap."""
        return self.places_in(text.encode("utf-8", "replace"))  # a lone surrogate becomes one `?`

    def places_in(self, data: bytes) -> Iterator[tuple[int, int]]:
        """What `places` says, of a text in UTF-8."""
        known_bytes = known_points = at = 0
        while at <= len(data):
            match = self.pattern.search(data, at)
            if match is None:
                return
            start, end = match.span(self.group)
            ends = []
            for place in (start, end):
                known_points += len(data[known_bytes:place].decode())
                known_bytes = place
                ends.append(known_points)
            yield ends[0], ends[1]
            # What follows a phrase may be what comes before the next one.
            at = end if end > start else end + 1


def sought(pattern: str) -> Sought:
    """A pattern of the contract's. Raises `re2.error`."""
    return Sought(_compiled(pattern))


def phrases(listed: Sequence[str]) -> tuple[Sought, ...]:
    """One pattern for whole-word phrases, in any case and with any blanks between their words."""
    if not listed:
        return ()
    words = ("\\s+".join(map(re2.escape, phrase.split())) for phrase in listed)
    pattern = rf"(?i)(?:^|[^\pL\pN_])({'|'.join(words)})(?:$|[^\pL\pN_])"
    return (Sought(_compiled(pattern), group=1),)


def any_of(listed: Sequence[Sought]) -> Sought | None:
    """One pattern, to be found where any of these is, so that a text is walked through once for all
    of them. None where they are not worth it, or cannot be put into one.
    """
    written = [one.pattern.pattern for one in listed]
    if not 1 < len(written) <= _MOST_TOGETHER or any(
        "\\Q" in pattern for pattern in written
    ):  # it would quote what follows
        return None
    try:
        return Sought(_compiled("|".join(f"(?:{pattern})" for pattern in written), places=False))
    except re2.error:
        return None


def forbidden(subject: Subject, patterns: Iterable[Sought], *, why: str) -> Judgement:
    """Broken where any of the patterns is found."""
    spans = tuple([span for pattern in patterns for span in found(subject, pattern)])
    return broken(why, count=len(spans), bound=0, spans=spans) if spans else kept(0, 0)


def required(subject: Subject, patterns: Sequence[Sought], *, why: str) -> Judgement:
    """Broken unless each of the patterns is found in the text as it stands."""
    met = sum(1 for one in patterns if one.pattern.search(subject.text))
    if met == len(patterns):
        return kept(met, len(patterns))
    return broken(why, count=met, bound=len(patterns))


def topics(subject: Subject, listed: Sequence[tuple[str, Sequence[Sought]]]) -> Judgement:
    """Broken where a topic is touched; the first of them is named."""
    met = [
        (name, spans)
        for name, patterns in listed
        if (spans := [span for one in patterns for span in found(subject, one)])
    ]
    if not met:
        return kept(0, 0)
    return broken(
        "A topic that the contract forbids is touched.",
        count=len(met),
        bound=0,
        name=met[0][0],
        spans=tuple(span for _name, spans in met for span in spans),
    )


def found(subject: Subject, one: Sought) -> tuple[TextSpan, ...]:
    """Where it is found, in any form of any value, each place once and in order."""
    spans: dict[TextSpan, None] = {}
    for node, view, data in subject.encoded:
        if one.pattern.search(data) is None:  # nearly always, and all that it should cost
            continue
        for count, (start, end) in enumerate(one.places_in(data)):
            if count == _MOST_SPANS:
                spans[TextSpan(node.index, 0, len(node.text))] = None
                break
            spans[TextSpan(node.index, *view.span(start, end))] = None
    return tuple(sorted(spans)) if spans else ()


def _compiled(pattern: str, *, places: bool = True) -> re2._Regexp:
    """`places`: whether anybody asks where its groups are."""
    options = re2.Options()
    options.never_capture = not places
    options.max_mem = _MEMORY
    options.log_errors = False
    return re2.compile(pattern, options)
