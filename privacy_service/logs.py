"""What the operator reads: one JSON object per event, of allow-listed fields only.

A field that is not on the list is written as `[unlisted]`, so that a careless line can leak its
name and no more. Tracebacks carry places, never local variables or messages: an exception's text
may quote a payload.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import Any, Final, TextIO

import structlog
from structlog.typing import EventDict, FilteringBoundLogger, Processor, WrappedLogger

FIELDS: Final = frozenset(
    {
        "event", "level", "timestamp", "version",
        # A call.
        "call_id", "method", "partner", "caller", "code", "reason", "effect", "duration_ms",
        "exception", "where",
        # The service itself.
        "address", "setting", "state", "origin", "database", "model", "processes", "cause",
        "metrics_address", "contract", "number",
        # Jobs.
        "job", "work", "step", "attempt", "count", "executor",
        # Breaches.
        "breach", "rule", "stage", "severity", "notice", "outcome",
        # Playbooks: ids of the contract's.
        "run", "failure", "playbook",
    }
)  # fmt: skip
"""Every field that may be written."""

_LEVELS: Final = {"debug": 10, "info": 20, "warning": 30, "error": 40}


def logger(
    *,
    level: str = "info",
    as_json: bool = True,
    stream: TextIO | None = None,
    observe: Callable[[EventDict], None] | None = None,
) -> FilteringBoundLogger:
    """A logger to the standard error, from `level` on. `observe` sees every event that is worth an
    `info`, whether it is written or not.
    """
    least = _LEVELS[level]
    seen = least if observe is None else min(least, _LEVELS["info"])

    def observed(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
        if observe is not None:
            observe(event)
        if _LEVELS.get(event["level"], least) < least:
            raise structlog.DropEvent
        return event

    rendering: Processor = (
        structlog.processors.JSONRenderer(sort_keys=True)
        if as_json
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    made: FilteringBoundLogger = structlog.wrap_logger(
        structlog.PrintLogger(stream or sys.stderr),
        processors=[
            structlog.processors.add_log_level,
            allow_listed,
            observed,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            rendering,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(seen),
        cache_logger_on_first_use=False,
    )
    return made


def allow_listed(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """The event with every unlisted field's value replaced."""
    return {name: value if name in FIELDS else "[unlisted]" for name, value in event.items()}


def silence_libraries() -> None:
    """Libraries may log a call's arguments. Nothing of theirs is written, but that they failed."""
    logging.basicConfig(handlers=[logging.NullHandler()], level=logging.CRITICAL, force=True)
    logging.raiseExceptions = False


def hide_tracebacks() -> None:
    """An exception that nobody caught ends with its type and place, without its message."""

    def shown(kind: type[BaseException], error: BaseException, at: TracebackType | None) -> None:
        del error
        frames = traceback.extract_tb(at)
        places: list[Any] = [f"{frame.filename}:{frame.lineno}" for frame in frames[-5:]]
        sys.stderr.write(f"{kind.__name__} at {', '.join(places)}\n")

    sys.excepthook = shown
