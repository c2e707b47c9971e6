"""How a process that runs until it is told to stop is told."""

from __future__ import annotations

import signal
import threading


def until_told() -> None:
    """Returns after SIGINT or SIGTERM."""
    told = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: told.set())
    told.wait()
