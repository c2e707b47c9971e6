"""How a process that runs until it is told to stop is told."""

from __future__ import annotations

import signal
import threading
from typing import Final

_LOOK_SECONDS: Final = 0.5


def until_told() -> None:
    """Returns after SIGINT or SIGTERM."""
    told = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: told.set())
    # A signal that comes just before a wait without an end would be heard by the next one only.
    while not told.wait(_LOOK_SECONDS):
        pass
