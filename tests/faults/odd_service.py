"""A service with a detector that misbehaves when a text asks for it.

`python -m tests.faults.odd_service inline|pooled`, with the settings in the environment.
"""

from __future__ import annotations

import os
import re
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from privacy_service import logs
from privacy_service.app.running import running
from privacy_service.commands.stopping import until_told
from privacy_service.detection.pool import Pooling, pooled
from privacy_service.enforcement.findings import Detector, Inspected, Passage, Span
from privacy_service.settings import load


class Odd:
    """Finds e-mail addresses, and does what texts say."""

    entities = frozenset({"EMAIL_ADDRESS"})

    def detect(
        self, passages: Sequence[Passage], *, seconds: float | None = None
    ) -> Sequence[Inspected]:
        for passage in passages:
            _obey(passage.text)
        return [Inspected(spans=_addresses(passage.text)) for passage in passages]


def _obey(text: str) -> None:
    if "please-crash" in text:
        raise ValueError(f"cannot read {text!r}")
    if "please-wait" in text:
        time.sleep(1.5)
    if "please-hang" in text:
        time.sleep(600)
    if "please-die" in text:
        os.kill(os.getpid(), signal.SIGKILL)


def _addresses(text: str) -> tuple[Span, ...]:
    return tuple(
        Span(entity="EMAIL_ADDRESS", start=m.start(), end=m.end(), score=1.0, detector="odd")
        for m in re.finditer(r"[\w.]+@[\w.]+", text)
    )


@contextmanager
def odd_detector(kind: str) -> Iterator[Detector]:
    """`inline`: in the server's process. `pooled`: in one worker, with a queue of one."""
    if kind == "inline":
        yield Odd()
        return
    with pooled(Odd, inline=Odd, pooling=Pooling(processes=1, queue=1)) as pool:
        pool.wait_until_ready(60)
        yield pool


def main(kind: str) -> None:
    """Serves as `privacy-service serve` does."""
    logs.silence_libraries()
    logs.hide_tracebacks()
    with odd_detector(kind) as detector, running(load(), detector=detector):
        until_told()


if __name__ == "__main__":
    from tests.faults import odd_service  # so that a worker finds the detector by its module

    odd_service.main(sys.argv[1])
