"""Workers that die: each says now and then that it lives, and takes over from those that do not.

The engine itself resumes only work of its own executor id. Every process has an id of its own
here, so that two of them never think that they are one; whoever is alive has the engine resume
what belongs to nobody any more.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from dbos import DBOS

from privacy_service.errors import PrivacyError
from retention.agenda import Agenda
from retention.workplace import Workplace

_BEATS_A_LEASE = 3


class Presence:
    """One worker's word that it is alive."""

    def __init__(self, workplace: Workplace, executor: str) -> None:
        self._at = workplace
        self._executor = executor
        self._started_at = workplace.clock.now()
        self._lease = timedelta(seconds=workplace.settings.jobs.lease_seconds)

    def say(self) -> None:
        """Raises what the store raises."""
        now = self._at.clock.now()
        self._at.database.commit(
            lambda tx: tx.workers.beat(self._executor, started_at=self._started_at, at=now)
        )

    def end(self) -> None:
        """Its work, if it left any, is free at once."""
        old = self._at.clock.now() - 10 * self._lease
        self._at.database.commit(lambda tx: tx.workers.end(self._executor, unseen_since=old))

    def alive(self) -> tuple[str, ...]:
        """Everyone who is."""
        return alive(self._at, self._lease)

    @contextmanager
    def kept(self, agenda: Agenda) -> Iterator[None]:
        """Says it until the block ends, and takes over what dead workers left."""
        stop = threading.Event()
        beats = threading.Thread(
            target=self._beat, args=(stop, agenda), name="jobs-presence", daemon=True
        )
        beats.start()
        try:
            yield
        finally:
            stop.set()
            beats.join()

    def _beat(self, stop: threading.Event, agenda: Agenda) -> None:
        pause = self._lease.total_seconds() / _BEATS_A_LEASE
        while True:
            try:
                self.say()
                self._take_over(agenda)
            except PrivacyError as error:
                self._at.log.warning("worker_unheard", reason=error.reason.code)
            except Exception as error:  # noqa: BLE001 -- whatever the engine's database raises
                self._at.log.warning("worker_unheard", exception=type(error).__name__)
            if stop.wait(pause):
                return

    def _take_over(self, agenda: Agenda) -> None:
        for dead in agenda.abandoned_by(self.alive()):
            # The engine has this for its own hosted service; there is no public name for it.
            taken = DBOS._recover_pending_workflows([dead])  # noqa: SLF001
            if taken:
                self._at.log.warning("work_taken_over", executor=dead, count=len(taken))


def alive(workplace: Workplace, lease: timedelta) -> tuple[str, ...]:
    """The workers that were seen within a lease."""
    since = workplace.clock.now() - lease
    with workplace.database.reading() as view:
        return view.workers.alive(since)
