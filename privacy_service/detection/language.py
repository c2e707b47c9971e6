"""In which of the languages that we read a text is written.

Function words decide where there are enough of them; they are quick, and a name in another language
does not mislead them. Shorter or mixed texts are left to py3langid, whose model comes in its
package: nothing is fetched.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import Any, Final

from privacy_service.detection.gazetteer import stop_words_of
from privacy_service.detection.words import folded

_PLACEHOLDER: Final = re.compile(r"<[A-Z][A-Z0-9_]*>")
_WORD: Final = re.compile(r"(?<!\w)[^\W\d_]+(?:['’][^\W\d_]+)*(?!\w)")
_READ: Final = 1_000
"""Code points that decide: a text is in one language, or its beginning is enough to act on."""

_ENOUGH: Final = 2
_CERTAIN: Final = 0.9
_LETTERS: Final = 24


_LONGEST_WORD: Final = 20


def _words(text: str) -> list[str]:
    """The words of a text. Letters one by one, with digits among them, or very many in a row are
    none: an identifier or a key is in no language, nor is a placeholder. Not every script parts its
    words.
    """
    alone = (word[0] for word in _WORD.finditer(_PLACEHOLDER.sub(" ", text)))
    return [word for word in alone if not word.isascii() or 2 <= len(word) <= _LONGEST_WORD]


class Languages:
    """Tells languages apart. `names` are ISO 639-1 codes; the first is assumed when in doubt."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._names = names
        self._stop_words = {name: stop_words_of(name) for name in names}

    def of(self, text: str) -> str | None:
        """The language of `text`, or None if it says too little to tell."""
        if len(self._names) < 2:
            return self._names[0] if self._names else None
        found = _words(text[:_READ])
        counts = self._counts([folded(word) for word in found])
        best = max(counts, key=lambda name: counts[name])
        others = max((n for name, n in counts.items() if name != best), default=0.0)
        if counts[best] >= _ENOUGH and counts[best] > 1.5 * others:
            return best
        if sum(map(len, found)) < _LETTERS:
            return None
        name, probability = self._identifier.classify(" ".join(found))
        return str(name) if probability >= _CERTAIN else None

    def _counts(self, found: list[str]) -> dict[str, float]:
        """Function words of each language; one that several share counts for each in part."""
        counts = dict.fromkeys(self._names, 0.0)
        for word in found:
            owners = [name for name, known in self._stop_words.items() if word in known]
            for name in owners:
                counts[name] += 1 / len(owners)
        return counts

    @cached_property
    def _identifier(self) -> Any:
        from py3langid.langid import MODEL_FILE, LanguageIdentifier

        identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
        identifier.set_languages(list(self._names))
        return identifier
