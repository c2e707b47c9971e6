"""Tokenizers of models, from the files that come with these (`tokenizer.json`). None is fetched."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from privacy_service import errors
from privacy_service.behavior.tokens import TokenizerFault
from privacy_service.errors import PrivacyError

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_SURROGATE: Final = re.compile("[\ud800-\udfff]")


class FileTokenizers:
    """Tokenizers by name. Thread-safe."""

    def __init__(self, files: Mapping[str, Path]) -> None:
        """Raises SETTINGS_INVALID for a file that holds none."""
        self._tokenizers = {name: _read(name, file) for name, file in files.items()}

    def __call__(self, name: str, text: str) -> int:
        """What `CountTokens` says."""
        tokenizer = self._tokenizers.get(name)
        if tokenizer is None:
            raise TokenizerFault(name)
        whole = _SURROGATE.sub("\ufffd", text)
        try:
            return len(tokenizer.encode(whole, add_special_tokens=False).ids)
        except Exception:  # noqa: BLE001 -- it raises Exception itself, and its words may hold the text
            raise TokenizerFault(name) from None


def _read(name: str, file: Path) -> Tokenizer:
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(file))
    except Exception as unusable:  # noqa: BLE001 -- as above
        cause = type(unusable).__name__
        raise PrivacyError(
            errors.SETTINGS_INVALID, setting="detection.tokenizers", tokenizer=name, cause=cause
        ) from None
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer
