"""What spaCy's entity recognizer finds, found with matrices instead of one step for each word.

The recognizer reads a text from left to right and gives each word one of some seventy moves: begin
an entity of a kind, go on with it, end it, an entity of one word, or out. While no entity is open,
the scores of a word's moves depend on that word alone, so they are computed for all words at once;
only words inside an entity are looked at one by one. spaCy asks each word about each move. The
answers are the same but for the last digit of a score (`tests/properties/test_greedy.py`), and
come in half the time: docs/decisions/0002-detection-off-the-request-thread.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Named = tuple[str, int, int]
"""A label, and the code points from and to."""

_WORDS_SEEN: Final = 3
"""What a score depends on: the word, the first word of the open entity, and the word before."""

_OUT: Final = "O"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Open:
    """The moves of a kind of entity that is open: weights and biases of going on, and ending."""

    weights: Floats
    biases: Floats
    first_goes_on: bool


class Greedy:
    """The entity recognizer of one pipeline. Not thread-safe, as its model is not."""

    def __init__(self, recognizer: Any) -> None:
        model = recognizer.model
        lower, upper = model.get_ref("lower"), model.get_ref("upper")
        self._tok2vec = model.get_ref("tok2vec")
        # Of the pieces of a state the largest counts: along this axis they are quick to compare.
        self._features = np.ascontiguousarray(lower.get_param("W").swapaxes(1, 2))
        self._padding: Floats = lower.get_param("pad")[0].swapaxes(1, 2)
        self._bias: Floats = lower.get_param("b").T
        weights, biases = upper.get_param("W"), upper.get_param("b")
        moves = [recognizer.moves.get_class_name(at) for at in range(recognizer.moves.n_moves)]
        first = [at for at, move in enumerate(moves) if move[0] in "BUO" and move != "U-"]
        self._first = [moves[at] for at in first]
        self._begins = [at for at, move in enumerate(self._first) if move[0] == "B"]
        self._out = self._first.index(_OUT)
        self._first_weights = np.ascontiguousarray(weights[first].T)
        self._first_biases: Floats = biases[first]
        self._open = {
            move[2:]: _Open(
                weights=weights[sorted(pair)],
                biases=biases[sorted(pair)],
                first_goes_on=at < pair[1],
            )
            for at, move in enumerate(moves)
            if move[0] == "I"
            for pair in [(at, moves.index(f"L-{move[2:]}"))]
        }

    @classmethod
    def of(cls, pipeline: Any) -> Self | None:
        """The recognizer of a pipeline of nothing else, if it is of the kind that is read here:
        greedy, of spaCy's own making, and without classes that it never saw.
        """
        from spacy.pipeline.ner import EntityRecognizer

        recognizer = pipeline.get_pipe("ner")
        model = recognizer.model
        if pipeline.pipe_names != ["ner"] or type(recognizer) is not EntityRecognizer:
            return None
        lower = model.get_ref("lower")
        known = (
            recognizer.cfg["beam_width"] == 1
            and model.attrs["has_upper"]
            and not model.attrs["unseen_classes"]
            and lower.get_dim("nF") == _WORDS_SEEN
            and lower.get_dim("nP") >= 2
        )
        return cls(recognizer) if known else None

    def read(self, documents: Sequence[Any]) -> list[list[Named]]:
        """The entities of each document, in order."""
        if not any(map(len, documents)):
            return [[] for _ in documents]
        vectors = self._tok2vec.predict(documents)
        seen = self._seen(vectors)
        moves = self._first_moves(seen[:, 0], documents)
        answers, offset = [], 0
        for document in documents:
            end = offset + len(document)
            answers.append(
                [
                    (label, document[first].idx, document[last].idx + len(document[last]))
                    for label, first, last in self._spans(seen[offset:end], moves[offset:end])
                ]
            )
            offset = end
        return answers

    def _seen(self, vectors: Floats) -> Floats:
        """For each word what it adds to a state: as the word, as the first, as the one before."""
        count, width = self._features.shape[0], self._features.shape[-1]
        added: Floats = vectors @ self._features.reshape(-1, width).T
        return added.reshape((len(vectors), count, *self._bias.shape))

    def _first_moves(self, seen: Floats, documents: Sequence[Any]) -> NDArray[np.int64]:
        """The best move for each word if no entity is open before it."""
        states = seen + self._padding[1] + self._padding[2] + self._bias
        scores = states.max(axis=-2) @ self._first_weights + self._first_biases
        lengths = [len(document) for document in documents]
        last = np.cumsum(lengths)[np.array(lengths) > 0] - 1
        scores[last[:, None], self._begins] = -np.inf
        moves: NDArray[np.int64] = scores.argmax(axis=1)
        blank = [word.is_space for document in documents for word in document]
        moves[blank] = self._out
        return moves

    def _spans(self, seen: Floats, moves: NDArray[np.int64]) -> Iterator[tuple[str, int, int]]:
        """The entities of one document: labels, first and last words."""
        after = 0
        for first in np.flatnonzero(moves != self._out).tolist():
            if first < after:
                continue
            move, label = self._first[moves[first]].split("-", 1)
            last = first if move == "U" else self._last(seen, first, self._open[label])
            yield label, first, last
            after = last + 1

    def _last(self, seen: Floats, first: int, kind: _Open) -> int:
        """The last word of an entity that begins at `first` and has another word."""
        for at in range(first + 1, len(seen) - 1):
            state = seen[at, 0] + seen[first, 1] + seen[at - 1, 2] + self._bias
            one, other = kind.weights @ state.max(axis=-2) + kind.biases
            goes_on = one >= other if kind.first_goes_on else other > one
            if not goes_on:
                return at
        return len(seen) - 1
