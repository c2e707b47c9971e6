"""Sweeps are planned and run, and begun when it is time.

    time has come ─▶ begin ─▶ plan … ─▶ run … ─▶ certificate
    a hold was lifted ─▶ begin one more, for what the last sweep had to leave

What is done at each step is decided by the sweep's row, which moves with what was done.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from privacy_service.app.keeping import anonymising, certificates, sweeping
from privacy_service.custody.beginning import begin_due, begin_freed, due_time, freed
from privacy_service.custody.certificates import Certificates
from privacy_service.schedules.sweep import Sweep
from retention.job import Job, Steps
from retention.workplace import Workplace

_PIECES: Final = 8
"""Transactions in one step."""
_TIME, _FREED, _PLAN, _RUN = "time", "freed", "plan", "run"


def _waiting(at: Workplace, most: int) -> tuple[str, ...]:
    with at.database.reading() as view:
        due = due_time(view, at.clock.now())
        lifted = freed(view)
        begun = [f"{sweep.id}@{_stage(sweep)}" for sweep in view.retention.working(most)]
    if due is not None:
        begun.append(f"{int(due.timestamp())}@{_TIME}")
    if lifted is not None:
        begun.append(f"{int(lifted.timestamp())}@{_FREED}")
    return tuple(begun[:most])


def _work(at: Workplace, key: str, steps: Steps) -> None:
    name, _, what = key.partition("@")
    if what == _TIME:
        time = datetime.fromtimestamp(int(name), UTC)
        steps.do("begin", lambda: begin_due(at.database, at.clock.now(), time))
    elif what == _FREED:
        steps.do("begin", lambda: begin_freed(at.database, at.clock.now()))
    else:
        _sweep(at, name, steps)


def _sweep(at: Workplace, sweep: str, steps: Steps) -> None:
    sweeper = sweeping(
        at.database,
        at.clock,
        anonymising=anonymising(at.settings, at.keyring, at.database, at.clock),
    )
    while steps.do("plan", lambda: _pieces(lambda: sweeper.plan(sweep))):
        pass
    while steps.do("take", lambda: _pieces(lambda: sweeper.take(sweep))):
        pass
    steps.do("end", lambda: _certificates(at).end(sweep))


def _pieces(piece: Callable[[], int]) -> int:
    """Several pieces; 0 once nothing is left."""
    return int(all(piece() for _ in range(_PIECES)))


def _certificates(at: Workplace) -> Certificates:
    return certificates(at.settings.evidence, at.keyring, at.database, at.clock)


def _stage(sweep: Sweep) -> str:
    """Each time that it is begun or resumed is other work, but for one that goes on by itself."""
    planned = sweep.round == 0 or (sweep.round == 1 and sweep.go_on)
    return _PLAN if planned else f"{_RUN}-{sweep.round}"


JOB = Job(
    name="sweep",
    says="Plans and runs retention sweeps, and begins them when it is time.",
    cron="*/10 * * * * *",
    waiting=_waiting,
    work=_work,
)
