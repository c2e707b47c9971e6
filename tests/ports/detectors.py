"""Detectors for tests, in a module of their own so that a spawned worker can import them."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from privacy_service import errors
from privacy_service.enforcement.findings import Gap, Inspected, Passage, Span
from privacy_service.errors import PrivacyError

ENTITIES = frozenset({"PERSON", "NUMBER", "WORKER"})


class WordDetector:
    """Numbers everywhere, capitalized words where there is prose. Deterministic and quick.

    The keys above a text change its answer, as with the real detector; positions do not.
    """

    entities = ENTITIES

    def detect(
        self, passages: Sequence[Passage], *, seconds: float | None = None
    ) -> list[Inspected]:
        if seconds is not None and seconds <= 0:
            raise PrivacyError(errors.DEADLINE_PASSED)
        return [self._inspect(passage) for passage in passages]

    def _inspect(self, passage: Passage) -> Inspected:
        keys = sum(isinstance(step, str) for step in passage.path)
        spans = _found(r"\d+", "NUMBER", 0.5 + 0.01 * keys, passage.text)
        if passage.prose and "code" not in passage.path:
            spans += _found(r"\b[A-Z]\w*", "PERSON", 0.85, passage.text)
        gaps = (Gap.NO_MODEL_FOR_LANGUAGE,) if passage.language == "tlh" else ()
        spans.sort(key=lambda span: span.start)
        return Inspected(spans=tuple(spans), gaps=gaps, by_model=passage.prose)


def _found(pattern: str, entity: str, score: float, text: str) -> list[Span]:
    return [
        Span(entity=entity, start=at.start(), end=at.end(), score=score, detector="words")
        for at in re.finditer(pattern, text, re.ASCII)
    ]


class MoodyDetector(WordDetector):
    """A `WordDetector` that does what a text tells it, for the faults.

    `<die>` kills its process; `<die once PATH>` the first time only; `<hang>` runs without end and
    holds the interpreter, as a runaway pattern does; `<rest SECONDS>` sleeps; `<raise>` raises with
    the text in the message; `<refuse>` refuses; `<worker>` answers with the process id.
    """

    def _inspect(self, passage: Passage) -> Inspected:
        order = re.search(r"<(\w+)(?: (once))?(?: ([^>]+))?>", passage.text)
        if order is None:
            return super()._inspect(passage)
        verb, once, operand = order.groups()
        if once is None or not Path(operand).exists():
            if once is not None:
                Path(operand).touch()
            return self._obey(verb, operand, passage)
        return super()._inspect(passage)

    def _obey(self, verb: str, operand: str, passage: Passage) -> Inspected:
        match verb:
            case "die":
                os.kill(os.getpid(), signal.SIGKILL)
            case "hang":
                re.match(r"(a|a|aa)+$", "a" * 64 + "b")
            case "rest":
                time.sleep(float(operand))
            case "raise":
                raise ValueError(passage.text)
            case "refuse":
                raise PrivacyError(errors.CONTRACT_INVALID, rule="names-7")
        pid = os.getpid()
        return Inspected(
            spans=(Span(entity="WORKER", start=0, end=pid, score=1.0, detector="moody"),)
        )


@dataclass(frozen=True)
class Failing:
    """A load that fails: at once, or by ending its process."""

    how: str

    def __call__(self) -> WordDetector:
        if self.how == "exit":
            os._exit(3)
        if self.how == "raise":
            raise RuntimeError("with a text that should not cross")
        raise PrivacyError(errors.SETTINGS_INVALID, setting="detection.model")


@dataclass(frozen=True)
class FailingLater:
    """A load that works once for each file name given, and then not any more."""

    marker: Path

    def __call__(self) -> MoodyDetector:
        if self.marker.exists():
            raise PrivacyError(errors.SETTINGS_INVALID, setting="detection.model")
        self.marker.touch()
        return MoodyDetector()
