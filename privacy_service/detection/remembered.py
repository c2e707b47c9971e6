"""Answers that outlive their request, known by a keyed digest of the passage."""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Hashable

from privacy_service.clock import Clock
from privacy_service.enforcement.findings import Inspected, Passage


def likeness(passage: Passage) -> tuple[Hashable, ...]:
    """What an answer depends on. Passages of one likeness have one answer.

    Positions in lists are not part of it: they say nothing about the text.
    """
    keys = tuple(step for step in passage.path if isinstance(step, str))
    return (
        passage.text,
        keys,
        passage.place.value,
        passage.expected,
        passage.prose,
        passage.language,
        passage.named,
        None if passage.only is None else tuple(sorted(passage.only)),
    )


class Remembered:
    """A bounded memory of answers: at most `entries`, each for at most `seconds`. Thread-safe.

    It holds no text: the key is a BLAKE2b digest under `key` (random, 16 to 64 bytes, of this
    process only), so that whoever reads the memory cannot try values against it without the key.
    """

    def __init__(self, *, key: bytes, entries: int, seconds: float, clock: Clock) -> None:
        if len(key) < 16:
            raise ValueError("the key has 16 bytes or more")
        self._key = key
        self._entries = entries
        self._seconds = seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._answers: OrderedDict[bytes, tuple[float, Inspected]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._answers)

    def get(self, passage: Passage) -> Inspected | None:
        """The answer of an equal passage, if one is remembered."""
        name = self._name(passage)
        with self._lock:
            known = self._answers.get(name)
            if known is None:
                return None
            if known[0] <= self._clock.monotonic():
                del self._answers[name]
                return None
            self._answers.move_to_end(name)
            return known[1]

    def put(self, passage: Passage, answer: Inspected) -> None:
        """Remembers an answer without gaps; one with gaps may be better next time."""
        if answer.gaps:
            return
        name = self._name(passage)
        with self._lock:
            self._answers[name] = (self._clock.monotonic() + self._seconds, answer)
            self._answers.move_to_end(name)
            while len(self._answers) > self._entries:
                self._answers.popitem(last=False)

    def _name(self, passage: Passage) -> bytes:
        # JSON of the parts is injective: no two likenesses write the same letters.
        letters = json.dumps(likeness(passage))
        return hashlib.blake2b(letters.encode("ascii"), key=self._key, digest_size=32).digest()
