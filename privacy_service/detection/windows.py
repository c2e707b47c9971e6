"""Long text in windows, so that no one text holds a process for long.

A window is longer than the stretch it answers for: it starts early enough to see the words before
a value, and ends late enough that a value which begins in its stretch is seen whole. What is longer
than `AFTER` (a private key of 4,096 bits is 3,300 characters) may be found in parts, never missed
between two windows: a span belongs to every window whose stretch it touches, and spans that two
windows disagree about are joined into one that covers both.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from privacy_service.enforcement.findings import Inspected, Passage, Span

STRETCH: Final = 24_000
"""Code points that one window answers for."""

BEFORE: Final = 512
"""Code points of context before the stretch: more than context words reach."""

AFTER: Final = 4_096
"""Code points after the stretch: the longest value that is sure to be seen whole."""


@dataclass(frozen=True, slots=True)
class Window:
    """Text from `start` to `stop`, answering for what touches `own_start` to `own_stop`."""

    start: int
    stop: int
    own_start: int
    own_stop: int


def windows(length: int, *, stretch: int = STRETCH) -> Iterator[Window]:
    """The windows over a text of `length` code points, in order. One if it is short enough."""
    own_start = 0
    while True:
        own_stop = own_start + stretch
        start = max(0, own_start - BEFORE)
        if own_stop + AFTER >= length:
            yield Window(start, length, own_start, length)
            return
        yield Window(start, own_stop + AFTER, own_start, own_stop)
        own_start = own_stop


def split(passage: Passage, *, stretch: int = STRETCH) -> list[Passage]:
    """The passage as one passage per window; itself if it is short enough."""
    if len(passage.text) <= stretch + AFTER:
        return [passage]
    return [
        replace(passage, text=passage.text[window.start : window.stop])
        for window in windows(len(passage.text), stretch=stretch)
    ]


def joined(length: int, answers: Sequence[Inspected], *, stretch: int = STRETCH) -> Inspected:
    """One answer for a text of `length` from the answers for what `split` made of it."""
    if len(answers) == 1:
        return answers[0]
    spans: list[Span] = []
    for window, answer in zip(windows(length, stretch=stretch), answers, strict=True):
        for span in _own(window, answer.spans):
            if spans and span.start < spans[-1].end:
                spans[-1] = _both(spans[-1], span)
            else:
                spans.append(span)
    return Inspected(
        spans=tuple(spans),
        gaps=tuple(dict.fromkeys(gap for answer in answers for gap in answer.gaps)),
        by_model=any(answer.by_model for answer in answers),
    )


def _own(window: Window, spans: Sequence[Span]) -> Iterator[Span]:
    for span in spans:
        start, end = span.start + window.start, span.end + window.start
        if start < window.own_stop and end > window.own_start:
            yield replace(span, start=start, end=end)


def _both(left: Span, right: Span) -> Span:
    """One span over two that overlap, named by the longer of them."""
    longer = left if left.end - left.start >= right.end - right.start else right
    return replace(longer, start=min(left.start, right.start), end=max(left.end, right.end))
