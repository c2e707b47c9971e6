"""The engine's own log lines, in our log: that something was said, where and how grave it is.

What it says is left out: it may quote what went into a piece of work.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from structlog.typing import FilteringBoundLogger

_ENGINE: Final = "dbos"


class _Told(logging.Handler):
    def __init__(self, log: FilteringBoundLogger) -> None:
        super().__init__(level=logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        raised = record.exc_info[0] if record.exc_info else None
        say = self._log.error if record.levelno >= logging.ERROR else self._log.warning
        say(
            "engine_says",
            where=f"{record.filename}:{record.lineno}",
            exception=raised.__name__ if raised else None,
        )


@contextmanager
def engine_log(log: FilteringBoundLogger) -> Iterator[None]:
    """The engine's warnings and errors go to our log, and nowhere else, until the block ends."""
    theirs = logging.getLogger(_ENGINE)
    before, propagates, level = theirs.handlers[:], theirs.propagate, theirs.level
    # With a handler in place it adds none of its own.
    theirs.handlers[:] = [_Told(log)]
    theirs.propagate = False
    theirs.setLevel(logging.WARNING)
    try:
        yield
    finally:
        theirs.handlers[:] = before
        theirs.propagate = propagates
        theirs.setLevel(level)
