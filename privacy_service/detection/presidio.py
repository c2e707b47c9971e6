"""Presidio's own recognizers as ours: called one by one, without its engine.

`AnalyzerEngine` compares every finding with every word around it, which is quadratic on long dense
text; here a recognizer is asked for its spans and its checksum, and our own step adds context.
"""

from __future__ import annotations

import importlib
from typing import Any

import tldextract.tldextract
from presidio_analyzer import EntityRecognizer

from privacy_service.detection.candidates import Candidate

# Some of Presidio's recognizers ask tldextract, whose default extractor fetches the public suffix
# list over the network. Ours reads the snapshot in its package and fetches nothing.
tldextract.tldextract.TLD_EXTRACTOR = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)


class PresidioRecognizer:
    """One of Presidio's recognizers (or of a user's own) that needs no language model."""

    def __init__(self, recognizer: EntityRecognizer) -> None:
        self._recognizer = recognizer
        self.entities = frozenset(recognizer.supported_entities)
        self._asked = sorted(self.entities)
        self._name = f"presidio:{type(recognizer).__name__}"

    def find(self, text: str) -> list[Candidate]:
        """Its findings in `text`; the score is its own."""
        no_artifacts: Any = None
        found = self._recognizer.analyze(text, self._asked, no_artifacts)
        return [
            Candidate(hit.entity_type, hit.start, hit.end, hit.score, self._name) for hit in found
        ]


def recognizer(name: str) -> Any:
    """One of Presidio's recognizers by its class, or a user's as `package.module:Class`.

    Raises KeyError for a name that there is none of.
    """
    module, _, made = name.rpartition(":")
    try:
        found = getattr(
            importlib.import_module(module or "presidio_analyzer.predefined_recognizers"), made
        )
        return found()
    except (ImportError, AttributeError, TypeError, ValueError) as cause:
        raise KeyError(name) from cause
