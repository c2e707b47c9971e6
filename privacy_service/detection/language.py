"""In which language a text is written, as far as it decides who can read it.

Function words decide where there are enough of them; they are quick, and a name in another language
does not mislead them. Shorter or mixed texts are left to py3langid, whose model comes in its
package: nothing is fetched. A text in a language that nobody reads is known as one, by its script
or by its function words.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import Any, Final

from privacy_service.detection.gazetteer import stop_words_of, words_elsewhere
from privacy_service.detection.words import folded, mostly_other_script

UNKNOWN: Final = "und"
"""BCP 47's tag of a language that is some other than ours, whichever it is."""

_PLACEHOLDER: Final = re.compile(r"<[A-Z][A-Z0-9_]*>")
_WORD: Final = re.compile(r"(?<!\w)[^\W\d_]+(?:['’][^\W\d_]+)*(?!\w)")
_READ: Final = 1_000
"""Code points that decide: a text is in one language, or its beginning is enough to act on."""

_ENOUGH: Final = 2
_SPARSE: Final = 8
"""Prose has a function word in so many words or fewer, a log or a list of names need not."""

_CERTAIN: Final = 0.9
_VERY_CERTAIN: Final = 0.99
_A_FEW: Final = 6
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
        ours = frozenset().union(*self._stop_words.values())
        self._elsewhere = words_elsewhere() - ours
        self._owners = {
            word: [name for name, known in self._stop_words.items() if word in known]
            for word in ours
        }

    def of(self, text: str) -> str | None:
        """The language of `text`, which may be none of ours; None if it says too little to tell."""
        if len(self._names) < 2:
            return self._names[0] if self._names else None
        start = text[:_READ]
        if mostly_other_script(start):
            return str(self._any_identifier.classify(start)[0])
        found = _words(start)
        plain = [folded(word) for word in found]
        counts = self._counts(plain)
        best = max(counts, key=lambda name: counts[name])
        others = max((n for name, n in counts.items() if name != best), default=0.0)
        elsewhere = sum(word in self._elsewhere for word in plain)
        if elsewhere > counts[best] and elsewhere >= max(_ENOUGH, len(found) / _SPARSE):
            return UNKNOWN
        if counts[best] >= _ENOUGH and counts[best] > 1.5 * others:
            return best
        if sum(map(len, found)) < _LETTERS:
            return None
        return self._guessed(" ".join(found), len(found))

    def _guessed(self, text: str, words: int) -> str | None:
        """What py3langid says, if it is certain; of another language, if it has a few words."""
        if words >= _A_FEW:
            name, probability = self._any_identifier.classify(text)
            if probability >= _VERY_CERTAIN and name not in self._names:
                return str(name)
        name, probability = self._identifier.classify(text)
        return str(name) if probability >= _CERTAIN else None

    def _counts(self, found: list[str]) -> dict[str, float]:
        """Function words of each language; one that several share counts for each in part."""
        counts = dict.fromkeys(self._names, 0.0)
        for word in found:
            owners = self._owners.get(word, ())
            for name in owners:
                counts[name] += 1 / len(owners)
        return counts

    @cached_property
    def _identifier(self) -> Any:
        identifier = _identifier()
        identifier.set_languages(list(self._names))
        return identifier

    @cached_property
    def _any_identifier(self) -> Any:
        return _identifier()


def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
