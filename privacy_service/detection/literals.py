"""Which of many strings occur in a text: one scan for all of them, by RE2."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import re2

_MEMORY: Final = 64 << 20


class Literals:
    """A set of strings to look for. One thread at a time may use it."""

    def __init__(self, words: Sequence[str]) -> None:
        options = re2.Options()
        options.max_mem = _MEMORY
        options.log_errors = False
        self._words = words
        self._set = re2.Set.SearchSet(options)
        for word in words:
            self._set.Add(re2.escape(word))
        # It matches whatever the text is, unless the scan itself fails.
        self._always = self._set.Add("")
        self._set.Compile()

    def met(self, text: str) -> list[str]:
        """The strings that occur in `text`, in their order."""
        found = self._set.Match(text.encode("utf-8", "replace"))
        if self._always not in found:
            return [word for word in self._words if word in text]
        return [self._words[at] for at in sorted(found) if at != self._always]
