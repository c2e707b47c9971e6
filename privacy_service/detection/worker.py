"""The server's side of one worker: its process, and the pipe to it."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Pipe
from typing import Any

from privacy_service.detection import crossing
from privacy_service.detection.worker_program import PROGRAM
from privacy_service.enforcement.findings import Inspected, Passage


class WorkerLostError(Exception):
    """The process ended, or did not answer in time, or not as a worker does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """How long a worker stays: passages that it answers, and bytes that it may grow by."""

    passages: int
    growth: int


class Worker:
    """The server's side of one worker process. One thread owns it; any thread may `kill` it."""

    def __init__(self, load: bytes) -> None:
        """Starts the process, which loads the pickled `Load` while the caller does other things.

        Raises OSError when the machine cannot start one.
        """
        self._pipe, theirs = Pipe()
        self._process = subprocess.Popen(  # noqa: S603 - this interpreter, our own program
            [sys.executable, "-c", PROGRAM, str(theirs.fileno()), str(os.getpid()), *sys.path],
            stdin=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
        )
        theirs.close()
        with contextlib.suppress(BrokenPipeError):  # its end is heard where it should greet
            self._pipe.send_bytes(load)
        self._answered = 0
        self._grown_from = 0
        self._resident = 0

    def greeting(self, seconds: float) -> frozenset[str] | None:
        """The detector's entities, once it is warm; None if it is not within `seconds`.

        Raises WorkerLostError, or the PrivacyError with which the detector did not load.
        """
        if not self._pipe.poll(seconds):
            return None
        entities = frozenset(self._hear())
        self._grown_from = self._resident
        return entities

    def ask(
        self, passages: Sequence[Passage], *, seconds: float, patience: float
    ) -> list[Inspected]:
        """The detector's answers. It is told to stop after `seconds`, given up after `patience`.

        Raises WorkerLostError, or the PrivacyError that the detector raised.
        """
        rows = [crossing.passage_row(passage) for passage in passages]
        try:
            self._pipe.send_bytes(crossing.write([seconds, rows]))
            if not self._pipe.poll(patience):
                raise WorkerLostError
            answers = [crossing.answer(row) for row in self._hear()]
        except (OSError, ValueError, TypeError, LookupError) as cause:
            raise WorkerLostError from cause
        if len(answers) != len(passages):
            raise WorkerLostError
        self._answered += len(answers)
        return answers

    @property
    def gone(self) -> bool:
        """Whether an idle worker has ended: it has nothing to say, so only its end is heard."""
        return self._pipe.poll(0)

    def done(self, term: Term) -> bool:
        """Whether it has served its term."""
        grown = self._resident - self._grown_from
        return self._answered >= term.passages or grown > term.growth

    def kill(self) -> None:
        """Ends the process now. It holds nothing that would be lost."""
        self._process.kill()

    def end(self) -> None:
        """Ends the process and waits until it is gone."""
        self._process.kill()
        self._process.wait()
        self._pipe.close()

    def _hear(self) -> Any:
        try:
            failure, said, self._resident = crossing.read(self._pipe.recv_bytes())
        except (EOFError, OSError, ValueError) as cause:
            raise WorkerLostError from cause
        if failure is not None:
            raise crossing.failure(failure)
        return said
