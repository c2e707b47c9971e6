"""Rampart as we run it: what the published network finds, whoever lies in the same row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnxruntime
import pytest

from privacy_service.detection import rampart
from privacy_service.detection.rampart import Rampart

TEXTS = (
    "Please ask Chukwuemeka Obi.",
    "Her address is 12 Mill Lane, Leeds LS1 4DY, and she is called Agnieszka Wójcik.",
    "Nothing was said of it.",
    "Kind regards,\nSiobhán O'Brien\nGalway",
    "",
    "Ich heiße Jürgen Müller und wohne in der Lindenstraße 4 in Köln.",
    30 * "It has not come, and nobody says why. " + "Yours, Chinwe Okafor.",  # two windows
)


@pytest.fixture(scope="module")
def reader() -> Rampart:
    return Rampart()


class Published(Rampart):
    """The network as it is published, one window at a time."""

    def __init__(self) -> None:
        super().__init__()
        path = rampart._folder() / "onnx" / "model_q4.onnx"
        self._published = onnxruntime.InferenceSession(str(path))

    def _scores(self, rows: Sequence[Any]) -> Any:
        return [np.concatenate([self._read(one.ids) for one in row]) for row in rows]

    def _read(self, tokens: list[int]) -> Any:
        ids = np.array([[self._ends[0], *tokens, self._ends[1]]])
        fed = {"input_ids": ids, "attention_mask": ids * 0 + 1, "token_type_ids": ids * 0}
        powers = np.exp(self._published.run(None, fed)[0][0])
        return powers / powers.sum(axis=-1, keepdims=True)


def test_it_finds_what_the_published_network_finds(reader: Rampart) -> None:
    for ours, theirs in zip(reader.read(TEXTS), Published().read(TEXTS), strict=True):
        assert [(c.entity, c.start, c.end) for c in ours] == [
            (c.entity, c.start, c.end) for c in theirs
        ]
        assert [c.score for c in ours] == pytest.approx([c.score for c in theirs], abs=0.1)


def test_a_text_is_read_as_if_it_were_alone(reader: Rampart) -> None:
    together = reader.read(TEXTS)
    for text, beside in zip(TEXTS, together, strict=True):
        (alone,) = reader.read([text])
        assert [(c.entity, c.start, c.end) for c in alone] == [
            (c.entity, c.start, c.end) for c in beside
        ]


def test_every_text_is_answered_and_rows_are_filled() -> None:
    windows = [rampart._Window(at, [1] * (5 + 7 * at % 90), []) for at in range(200)]
    batches = list(rampart._batches(windows))
    read = [one for rows in batches for row in rows for one in row]
    assert sorted(one.text for one in read) == list(range(200))
    computed = sum(
        len(rows) * max(sum(one.size for one in row) for row in rows) for rows in batches
    )
    assert computed < 1.1 * sum(one.size for one in windows)
