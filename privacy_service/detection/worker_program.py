"""What runs in a worker: a fresh process that holds one detector and answers through a pipe.

It says nothing on standard output or error once its detector is loaded (a native library's
complaint may quote the text), leaves no core file, and ends with the thread that started it,
however that thread ends.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import logging
import os
import pickle
import resource
import signal
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

from privacy_service.detection import crossing
from privacy_service.enforcement.findings import Detector, Passage

Load = Callable[[], Detector]
"""How a process comes by its detector. Called in the worker, so it must pickle."""

_WARM_UP: Final = (
    "Anna Kowalska of 12 Mill Lane, Leeds LS1 4DY, was born on 4 May 1971; write to "
    "anna@example.org or call +44 113 496 0000 about card 4111 1111 1111 1111."
)
_PR_SET_PDEATHSIG: Final = 1
_M_TRIM_THRESHOLD: Final = -1
_M_MMAP_THRESHOLD: Final = -3
_THREADS: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
"""What numerical libraries read when they are loaded. The processes are the parallelism."""


PROGRAM: Final = (
    "import sys; sys.path[:] = sys.argv[3:]; "
    "from privacy_service.detection.worker_program import main; "
    "main(int(sys.argv[1]), int(sys.argv[2]))"
)
"""What a worker is started with: `python -c PROGRAM PIPE PARENT PATH...`."""


def main(pipe: int, parent: int) -> None:
    """The way in: the pipe's descriptor, of which the first message is the pickled `Load`."""
    _set_up(parent)
    with contextlib.suppress(EOFError, OSError):
        work(Connection(pipe))


def work(pipe: Connection) -> None:
    """The life of a worker: load, greet, answer until the pipe closes.

    Every message it sends is `[failure, said, resident bytes]`. The first is the greeting, which
    says the detector's entities, or why it did not load.
    """
    load = pipe.recv_bytes()
    try:
        detector: Detector = pickle.loads(load)()  # noqa: S301 - from the server that started it
        warm(detector)
        greeting = crossing.write([None, sorted(detector.entities), resident_bytes()])
    except BaseException as failure:  # noqa: BLE001 - it crosses, and the process ends
        pipe.send_bytes(crossing.write([crossing.failure_row(failure), None, 0]))
        return
    _settle()
    pipe.send_bytes(greeting)
    while True:
        pipe.send_bytes(_answer(detector, pipe.recv_bytes()))


def _answer(detector: Detector, question: bytes) -> bytes:
    try:
        seconds, rows = crossing.read(question)
        passages = [crossing.passage(row) for row in rows]
        said = [crossing.answer_row(one) for one in detector.detect(passages, seconds=seconds)]
        return crossing.write([None, said, resident_bytes()])
    except Exception as failure:  # noqa: BLE001 - it crosses as a code or a type's name
        return crossing.write([crossing.failure_row(failure), None, resident_bytes()])


def warm(detector: Detector) -> None:
    """Has the detector build what it builds on its first answers."""
    detector.detect([Passage(text=_WARM_UP), Passage(text=_WARM_UP, prose=False)])


def _set_up(parent: int) -> None:
    """Keeps to one core, and lets the kernel end this process with its parent, even
    from inside a runaway match.
    """
    os.environ.update(dict.fromkeys(_THREADS, "1"))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    keep_freed_memory()
    if os.getppid() != parent:
        os._exit(1)


def keep_freed_memory() -> None:
    """Lets the matrices of one batch lie where those of the last one lay, up to what a batch takes.
    Else each is a new piece of memory from the kernel, which is a tenth of the time of detection.
    """
    with contextlib.suppress(AttributeError, OSError):  # another C library than GNU's
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_M_MMAP_THRESHOLD, 32 * 1024 * 1024)  # the most that it takes
        mallopt(_M_TRIM_THRESHOLD, 256 * 1024 * 1024)


def keep_what_is_loaded() -> None:
    """Has the collector of garbage not look again through what is there now."""
    gc.collect()
    gc.freeze()


def _settle() -> None:
    """Is silent from now on, and does not look again through what was loaded."""
    keep_what_is_loaded()
    logging.disable()
    sink = os.open(os.devnull, os.O_WRONLY)
    os.dup2(sink, 1)
    os.dup2(sink, 2)
    os.close(sink)


def resident_bytes() -> int:
    """The memory that this process holds now; where that is not known, its peak."""
    try:
        pages = int(Path("/proc/self/statm").read_bytes().split()[1])
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024
    return pages * resource.getpagesize()
