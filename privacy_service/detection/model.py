"""Names and places by a spaCy model, of which only the entity recognizer runs."""

from __future__ import annotations

import importlib
import re
import warnings
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

from privacy_service.detection.candidates import Candidate
from privacy_service.detection.greedy import Greedy, Named
from privacy_service.detection.not_loaded import not_loaded

ENTITIES: Final = {
    "PERSON": "PERSON",
    "PER": "PERSON",
    "GPE": "LOCATION",
    "LOC": "LOCATION",
    "FAC": "LOCATION",
    "NORP": "NRP",
}
"""What the models call things (OntoNotes, and the PER/LOC of the other languages)."""

NEITHER: Final = "NEITHER"
"""What is named but neither a person nor a place: a company, a work, a product. Not a finding."""

_NAMED: Final = frozenset({"ORG", "PRODUCT", "EVENT", "WORK_OF_ART", "LAW", "LANGUAGE", "MISC"})

_OVERLAP: Final = 120
"""Code points that two windows share, so that a name on the border is whole in one of them."""

SURROGATE: Final = re.compile("[\ud800-\udfff]")
"""Half a character, which no UTF-8 has and the model cannot read; offsets stay as they are."""

_BATCH_CHARS: Final = 20_000
"""Texts go through the model in batches of about so much text: by size, not by count."""

_NOT_FOR_NAMES: Final = (
    "attribute_ruler", "lemmatizer", "morphologizer", "parser", "senter", "tagger",
)  # fmt: skip
"""Parts of spaCy's pipelines that are not even read from the disk."""

_PRESIDIO: Final = "presidio_analyzer"


class Model:
    """One loaded language model. Not thread-safe: one thread asks it at a time."""

    def __init__(self, name: str, *, window: int) -> None:
        self.name = name
        self._window = window
        self._pipeline = _load(name)
        self._greedy = Greedy.of(self._pipeline)

    def read(self, texts: Sequence[str]) -> list[list[Candidate]]:
        """What the model finds in each text, in order, however long the text is."""
        answers: list[list[Candidate]] = [[] for _ in texts]
        windows = [
            (start, index, SURROGATE.sub("\ufffd", texts[index][start:end]))
            for index in range(len(texts))
            for start, end in _windows(texts[index], self._window)
        ]
        for batch in _batches(windows):
            named = self._named([text for _, _, text in batch])
            for (offset, index, _), found in zip(batch, named, strict=True):
                answers[index].extend(self._candidates(found, offset))
        return [list(dict.fromkeys(answer)) for answer in answers]

    def _named(self, texts: Sequence[str]) -> Iterable[list[Named]]:
        """Everything that the model names in each text."""
        if self._greedy is not None:
            return self._greedy.read([self._pipeline.make_doc(text) for text in texts])
        documents = self._pipeline.pipe(texts, batch_size=len(texts))
        return (
            [(found.label_, found.start_char, found.end_char) for found in document.ents]
            for document in documents
        )

    def _candidates(self, named: Sequence[Named], offset: int) -> Iterator[Candidate]:
        for label, start, end in named:
            entity = ENTITIES.get(label) or (NEITHER if label in _NAMED else None)
            if entity is not None:
                yield Candidate(entity, offset + start, offset + end, 0.6, f"model:{self.name}")


def _load(name: str) -> Any:
    """The pipeline without the parts that names do not need. Raises MODEL_NOT_LOADED."""
    import spacy
    from thinc.api import use_ops

    _leave_presidio_out()
    try:
        # numpy multiplies matrices two to three times as fast as what thinc would take by itself.
        with warnings.catch_warnings(), use_ops("numpy", use_blis=False):
            # W095: trained with an older minor version. What we rely on of a model is measured.
            warnings.filterwarnings("ignore", message=r"\[W095\]", category=UserWarning)
            found = Path(name).is_dir()
            load = partial(spacy.load, name) if found else importlib.import_module(name).load
            pipeline = load(exclude=_NOT_FOR_NAMES)
    except Exception as cause:  # whatever a package that is no pipeline, or half of one, raises
        raise not_loaded(name, cause) from cause
    if "ner" not in pipeline.pipe_names:
        raise not_loaded(name)
    for pipe in pipeline.pipe_names:
        if pipe != "ner" and "ner" not in getattr(
            pipeline.get_pipe(pipe), "listening_components", ()
        ):
            pipeline.remove_pipe(pipe)
    return pipeline


@cache
def _leave_presidio_out() -> None:
    """Keeps Presidio from being imported with the first pipeline that spaCy loads, to which it
    offers a pipe that no model of ours uses: that is a third of the time that a worker takes to
    start.
    """
    catalogue: Any = importlib.import_module("catalogue")  # spaCy's registry of what it is offered
    offered = catalogue.AVAILABLE_ENTRY_POINTS
    catalogue.AVAILABLE_ENTRY_POINTS = {
        group: [one for one in offered.select(group=group) if one.module.split(".")[0] != _PRESIDIO]
        for group in offered.groups
    }


def _windows(text: str, size: int) -> Iterator[tuple[int, int]]:
    """Overlapping windows that cover `text`, cut at blanks where there is one."""
    start = 0
    while True:
        end = start + size
        if end >= len(text):
            yield start, len(text)
            return
        blank = text.rfind(" ", start + size // 2, end)
        end = blank if blank > 0 else end
        yield start, end
        start = end - _OVERLAP


def _batches(
    windows: Sequence[tuple[int, int, str]],
) -> Iterator[list[tuple[int, int, str]]]:
    """The windows in order, in runs of about `_BATCH_CHARS`."""
    batch: list[tuple[int, int, str]] = []
    size = 0
    for window in windows:
        if batch and size + len(window[2]) > _BATCH_CHARS:
            yield batch
            batch, size = [], 0
        batch.append(window)
        size += len(window[2])
    if batch:
        yield batch
