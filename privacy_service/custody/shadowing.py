"""Shadows at work in one process: what was decided is judged once more by a candidate, beside.

Whoever decides only puts an offer into a queue that holds few of them; where it is full, the offer
is dropped, and counted. One thread judges, one offer at a time, and rests for as long as it worked,
so that all shadows together take at most half of one core of a replica. A candidate that raises is
counted. One that does not come to an end is left alone with its thread, counted, and another thread
goes on; after a few of these nothing is judged until one of them ends.

What was seen is added to the database once a second. A process that is killed loses what it had not
added yet; one that stops in order adds it.
"""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

from privacy_service import errors
from privacy_service.clock import Clock
from privacy_service.contracts.shadow import Beside, Compared, Offer, Sampled, Shadow, Tally
from privacy_service.errors import PrivacyError
from privacy_service.store.database import Database
from privacy_service.store.views import Writing

MOST_WAITING: Final = 64
"""Offers that wait, in one process."""
MOST_BYTES: Final = 8 << 20
"""What they hold together, in bytes."""
MOST_DIFFERENCES: Final = 100
"""So many differences of a shadow are kept, the newest."""
_HUNG_SECONDS: Final = 15.0
_MOST_HUNG: Final = 3
_LOOK_SECONDS: Final = 1.0
_REST_SECONDS: Final = 1.0
_END_SECONDS: Final = 5.0
QUEUE_FULL: Final = "QUEUE_FULL"
TOO_LARGE: Final = "TOO_LARGE"
STUCK: Final = "STUCK"
HUNG: Final = "HUNG"


@dataclass(frozen=True, slots=True)
class _Waiting:
    shadow: Shadow
    offer: Offer


class Shadowing(Beside):
    """The shadows of one process, while the block lasts. Thread-safe."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        hung_seconds: float = _HUNG_SECONDS,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._database = database
        self._clock = clock
        self._hung_seconds = hung_seconds
        self._pause = pause
        self._changed = threading.Condition()
        self._running: Mapping[str, Shadow] = {}
        self._looked = float("-inf")
        self._look = False
        self._queue: deque[_Waiting] = deque()
        self._bytes = 0
        self._tallies: dict[tuple[str, int], Tally] = {}
        self._sampled: Counter[tuple[str, Sampled]] = Counter()
        self._busy: tuple[float, Shadow] | None = None
        self._turn = 0
        self._hung = 0
        self._open = False
        self._worker: threading.Thread | None = None

    def __enter__(self) -> Self:
        with self._changed:
            self._open = self._look = True
            self._begin()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        """What waits is dropped; what was seen is added to the database."""
        with self._changed:
            self._open = False
            while self._queue:
                waiting = self._queue.popleft()
                self._count(waiting.shadow, self._tally(waiting.shadow).drop(STUCK))
            self._changed.notify_all()
            worker = self._worker
        if worker is not None:
            worker.join(_END_SECONDS)
        self._write()

    def offer(self, offer: Offer) -> None:
        """What `Beside` says. It costs a lock and a look into memory."""
        with suppress(Exception):
            self._take(offer)

    def look_again(self) -> None:
        """Looks which shadows run: after one was begun or ended on this replica."""
        self._find()

    @property
    def sampled(self) -> Mapping[tuple[str, Sampled], int]:
        """How many requests of each contract this process has taken, by what became of them."""
        with self._changed:
            return dict(self._sampled)

    # -- Offers -------------------------------------------------------------------------------

    def _take(self, offer: Offer) -> None:
        now, ticks = self._clock.now(), self._clock.monotonic()
        with self._changed:
            if not self._open:
                return
            if ticks - self._looked >= _LOOK_SECONDS and not self._look:
                self._look = True
                self._changed.notify_all()
            shadow = self._running.get(offer.contract_id)
            if shadow is None or not shadow.runs(now) or shadow.number == offer.number:
                return
            if not shadow.takes(offer.draw):
                return
            self._leave_hung(ticks)
            refused = self._no_room(offer)
            if refused is not None:
                self._count(shadow, self._tally(shadow).drop(refused))
                return
            self._queue.append(_Waiting(shadow, offer))
            self._bytes += offer.size
            self._changed.notify_all()

    def _no_room(self, offer: Offer) -> str | None:
        if self._hung >= _MOST_HUNG:
            return STUCK
        if offer.size > MOST_BYTES:
            return TOO_LARGE
        full = len(self._queue) >= MOST_WAITING or self._bytes + offer.size > MOST_BYTES
        return QUEUE_FULL if full else None

    def _leave_hung(self, ticks: float) -> None:
        """Goes on with another thread where this one does not come to an end."""
        if self._busy is None or ticks - self._busy[0] < self._hung_seconds:
            return
        shadow = self._busy[1]
        self._count(shadow, self._tally(shadow).fail(HUNG))
        self._hung += 1
        if self._hung < _MOST_HUNG:
            self._begin()
        else:
            self._busy, self._turn = None, self._turn + 1

    def _begin(self) -> None:
        self._turn += 1
        self._busy = None
        self._worker = threading.Thread(
            target=self._work, args=(self._turn,), name="shadows", daemon=True
        )
        self._worker.start()

    # -- The thread ---------------------------------------------------------------------------

    def _work(self, turn: int) -> None:
        wrote = time.perf_counter()
        while self._is_turn(turn):
            self._look_where_asked()
            waiting = self._next(turn)
            if waiting is not None:
                took = self._judge(waiting, turn)
                self._pause(min(took, _REST_SECONDS))
            due = time.perf_counter() - wrote >= _LOOK_SECONDS
            if self._is_turn(turn) and (due or waiting is None):
                self._write()
                wrote = time.perf_counter()
        with self._changed:
            if self._turn != turn:  # it was left alone, and has come to an end after all
                self._hung -= 1
                if self._hung == _MOST_HUNG - 1 and self._open:
                    self._begin()

    def _is_turn(self, turn: int) -> bool:
        with self._changed:
            return self._open and self._turn == turn

    def _next(self, turn: int) -> _Waiting | None:
        """What is to be judged next; None where it is time to look or to write."""
        with self._changed:
            if not self._queue and self._open and not self._look:
                self._changed.wait(_LOOK_SECONDS if self._tallies else None)
            if not self._queue or not self._open or self._turn != turn:
                return None
            waiting = self._queue.popleft()
            self._bytes -= waiting.offer.size
            self._busy = (self._clock.monotonic(), waiting.shadow)
            return waiting

    def _judge(self, waiting: _Waiting, turn: int) -> float:
        """Counts what the candidate makes of it. How long that took."""
        began = time.perf_counter()
        said = _said(waiting)
        with self._changed:
            if self._turn == turn:
                tally = self._tally(waiting.shadow)
                fate = (
                    tally.compare(waiting.offer, said)
                    if isinstance(said, Compared)
                    else tally.fail(said)
                )
                self._count(waiting.shadow, fate)
                self._busy = None
        return time.perf_counter() - began

    def _look_where_asked(self) -> None:
        with self._changed:
            asked = self._look
        if asked:
            with suppress(Exception):  # what is not known by now is asked for at the next offer
                self._find()
            with self._changed:
                self._look = False
                self._looked = self._clock.monotonic()

    def _find(self) -> None:
        with self._database.reading() as view:
            found = {one.contract_id: one for one in view.shadows.running(self._clock.now())}
        with self._changed:
            self._running = found

    # -- What was seen ------------------------------------------------------------------------

    def _tally(self, shadow: Shadow) -> Tally:
        key = (shadow.contract_id, shadow.round)
        return self._tallies.setdefault(key, Tally(most=MOST_DIFFERENCES))

    def _count(self, shadow: Shadow, fate: Sampled) -> None:
        self._sampled[shadow.contract_id, fate] += 1

    def _write(self) -> None:
        """Adds what was seen; where the database cannot take it, it is added later."""
        with self._changed:
            seen = {key: tally for key, tally in self._tallies.items() if tally}
            self._tallies = {}
        if not seen:
            return

        def work(tx: Writing) -> None:
            for (contract_id, numbered), tally in seen.items():
                tx.shadows.count(contract_id, numbered, tally)

        try:
            self._database.commit(work, seconds=_END_SECONDS)
        except Exception:  # noqa: BLE001 -- the thread goes on, whatever the database says
            with self._changed:
                for key, tally in seen.items():
                    later = self._tallies.get(key)
                    self._tallies[key] = tally if later is None else tally.with_later(later)


def _said(waiting: _Waiting) -> Compared | str:
    """What was compared, or the reason why it could not be."""
    try:
        return waiting.offer.judge(waiting.shadow.number)
    except PrivacyError as error:
        return error.reason.code
    except Exception:  # noqa: BLE001 -- whatever a candidate does is its own affair, and counted
        return errors.INTERNAL.code
