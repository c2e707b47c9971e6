"""What crosses the pipe between the server and a worker: JSON, and nothing that can run.

A worker reads hostile text with a great deal of native code. Were one taken over, an answer in
pickle could run code in the process that holds the keys; an answer in JSON can only be wrong.
Passages are rows of plain values, answers too. JSON carries lone surrogates and exact floats.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from privacy_service import errors
from privacy_service.enforcement.findings import Gap, Inspected, Passage, Place, Span
from privacy_service.errors import REASONS, PrivacyError


def write(message: object) -> bytes:
    """A message as bytes."""
    text = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")


def read(message: bytes) -> Any:
    """A message from bytes. Raises ValueError for what `write` did not write."""
    return json.loads(message.decode("utf-8", "surrogatepass"))


def passage_row(passage: Passage) -> list[object]:
    return [
        passage.text,
        passage.path,
        passage.place.value,
        passage.expected,
        passage.prose,
        passage.language,
        passage.named,
        None if passage.only is None else sorted(passage.only),
    ]


def passage(row: Sequence[Any]) -> Passage:
    text, path, place, expected, prose, language, named, only = row
    return Passage(
        text=text,
        path=tuple(path),
        place=Place(place),
        expected=expected,
        prose=prose,
        language=language,
        named=named,
        only=None if only is None else frozenset(only),
    )


def answer_row(answer: Inspected) -> list[object]:
    return [
        [[span.entity, span.start, span.end, span.score, span.detector] for span in answer.spans],
        [gap.value for gap in answer.gaps],
        answer.by_model,
    ]


def answer(row: Sequence[Any]) -> Inspected:
    spans, gaps, by_model = row
    return Inspected(
        spans=tuple(
            Span(entity=entity, start=start, end=end, score=score, detector=detector)
            for entity, start, end, score, detector in spans
        ),
        gaps=tuple(Gap(gap) for gap in gaps),
        by_model=by_model,
    )


def failure_row(failure: BaseException) -> list[object]:
    """A failure without its message, which may quote the payload.

    A refusal of ours crosses with its code and details, which hold identifiers only; anything
    else as the name of its type.
    """
    if isinstance(failure, PrivacyError):
        return [failure.reason.code, failure.details]
    return [errors.DETECTOR_UNAVAILABLE.code, {"cause": type(failure).__name__}]


def failure(row: Sequence[Any]) -> PrivacyError:
    code, details = row
    return PrivacyError(REASONS[code], **details)
