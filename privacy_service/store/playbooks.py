"""Runs of playbooks in the database, each a row with its timeline and its tasks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, func, select, update

from privacy_service import errors
from privacy_service.behavior.model import Severity, Targets, TaskKind
from privacy_service.behavior.outcomes import FiredTally
from privacy_service.behavior.runs import Cause, Event, Risk, Run, RunTask
from privacy_service.errors import PrivacyError
from privacy_service.store.statements import Reads, Writes
from privacy_service.store.tables import playbook_runs

_c = playbook_runs.c
_ALL = select(*_c)
_GET = _ALL.where(_c.id == bindparam("named"))
_OPEN = _ALL.where(
    _c.contract_id == bindparam("of_contract"),
    _c.playbook == bindparam("of_playbook"),
    _c.resolved_at.is_(None),
)
_PLAYING = select(_c.id).where(_c.resolved_at.is_(None), _c.step < _c.steps)
_FAILED_UNDER = select(_c.number).where(
    _c.contract_id == bindparam("of_contract"), _c.playbook == bindparam("of_playbook")
)
_ADD = playbook_runs.insert()
_KEPT = tuple(column.name for column in _c if column.name != "id")
_MOVE = (
    update(playbook_runs)
    .where(_c.id == bindparam("named"))
    .values({name: bindparam(name) for name in _KEPT})
)


class PlaybookReading:
    """Which runs there are, and how far they are."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads

    def get(self, run_id: str) -> Run:
        """The run. Raises RUN_NOT_FOUND."""
        row = self._reads.one(_GET, {"named": run_id})
        if row is None:
            raise PrivacyError(errors.RUN_NOT_FOUND, run=run_id)
        return _run(row)

    def open_for(self, contract_id: str, playbook: str, failure_mode: str | None) -> Run | None:
        """The run of a playbook that is open for a failure mode (None: one that a person started),
        if there is one.
        """
        rows = self._reads.all(_OPEN, {"of_contract": contract_id, "of_playbook": playbook})
        return next((_run(row) for row in rows if row.failure_mode == failure_mode), None)

    def failed_under(self, contract_id: str, playbook: str) -> frozenset[int]:
        """The versions of the contract under which the playbook was run."""
        rows = self._reads.all(_FAILED_UNDER, {"of_contract": contract_id, "of_playbook": playbook})
        return frozenset(row.number for row in rows)

    def playing(self, *, limit: int) -> tuple[str, ...]:
        """The runs that have steps left, oldest first."""
        rows = self._reads.all(_PLAYING.order_by(_c.detected_at, _c.id).limit(limit))
        return tuple(row.id for row in rows)

    def last_resolved(self, contract_id: str, failure_mode: str) -> datetime | None:
        """When the last run that a failure mode has set off was resolved."""
        asked = select(func.max(_c.resolved_at).label("at")).where(
            _c.contract_id == contract_id, _c.failure_mode == failure_mode
        )
        row = self._reads.one(asked)
        return None if row is None else row.at

    def begun_by_windows(
        self, contract_id: str, *, since: datetime, until: datetime
    ) -> tuple[FiredTally, ...]:
        """How often failure modes over windows fired: each run that one of them has begun."""
        page = (
            select(_c.number, _c.failure_mode, _c.detected_at)
            .where(_c.contract_id == contract_id, _c.cause == Cause.WINDOW.value)
            .where(_c.detected_at >= since, _c.detected_at < until)
            .order_by(_c.detected_at)
        )
        return tuple(
            FiredTally(
                number=row.number,
                day=row.detected_at.astimezone(UTC).date(),
                failures=(row.failure_mode,),
                checks=1,
                last_at=row.detected_at,
            )
            for row in self._reads.all(page)
        )

    def last_begun_by_windows(self, contract_id: str) -> dict[str, datetime]:
        """When each failure mode over a window fired last, ever."""
        page = (
            select(_c.failure_mode, func.max(_c.detected_at, type_=_c.detected_at.type).label("at"))
            .where(_c.contract_id == contract_id, _c.cause == Cause.WINDOW.value)
            .group_by(_c.failure_mode)
        )
        return {row.failure_mode: row.at for row in self._reads.all(page)}

    def list(
        self,
        *,
        party: str | None = None,
        contract_id: str | None = None,
        resolved: bool = False,
        after: str | None = None,
        limit: int = 100,
    ) -> tuple[Run, ...]:
        """The runs by id, without those that are resolved unless asked."""
        page = _ALL if resolved else _ALL.where(_c.resolved_at.is_(None))
        for column, value in ((_c.party, party), (_c.contract_id, contract_id)):
            if value is not None:
                page = page.where(column == value)
        if after is not None:
            page = page.where(_c.id > after)
        return tuple(_run(row) for row in self._reads.all(page.order_by(_c.id).limit(limit)))


class PlaybookWriting(PlaybookReading):
    """The runs, as they are begun and go on."""

    def __init__(self, writes: Writes) -> None:
        super().__init__(writes)
        self._writes = writes

    def add(self, run: Run) -> None:
        """Keeps a run that has just begun."""
        self._writes.change(_ADD, {"id": run.id, **_values(run)})

    def move(self, run: Run) -> None:
        """Keeps how far a run has come."""
        self._writes.change(_MOVE, {"named": run.id, **_values(run)})


def _values(run: Run) -> dict[str, Any]:
    return {
        "contract_id": run.contract_id,
        "number": run.number,
        "party": run.party,
        "provider": run.provider,
        "playbook": run.playbook,
        "failure_mode": run.failure_mode,
        "severity": None if run.severity is None else run.severity.value,
        "cause": run.cause.value,
        "use_case": run.use_case,
        "reason": run.reason,
        "started_by": run.started_by,
        "began_at": run.began_at,
        "detected_at": run.detected_at,
        "targets": _seconds(run.targets),
        "step": run.step,
        "steps": run.steps,
        "step_since": run.step_since,
        "timeline": [
            [one.at.isoformat(), one.what, one.by, one.step, one.says] for one in run.timeline
        ],
        "tasks": [_plain_task(one) for one in run.tasks],
        "breach_id": run.breach_id,
        "contained_at": run.contained_at,
        "resolved_at": run.resolved_at,
        "resolved_by": run.resolved_by,
        "residual": None if run.residual is None else run.residual.value,
        "residual_says": run.residual_says,
    }


def _seconds(targets: Targets) -> dict[str, float]:
    aims = {"detect": targets.detect, "contain": targets.contain, "resolve": targets.resolve}
    return {name: aim.total_seconds() for name, aim in aims.items() if aim is not None}


def _plain_task(one: RunTask) -> list[Any]:
    done_at = None if one.done_at is None else one.done_at.isoformat()
    return [
        one.step, one.kind.value, one.title, one.owner, one.due_at.isoformat(), done_at,
        one.done_by, one.evidence,
    ]  # fmt: skip


def _run(row: Row[Any]) -> Run:
    kept = row._asdict()
    targets = {name: timedelta(seconds=aim) for name, aim in kept["targets"].items()}
    severity, residual = kept["severity"], kept["residual"]
    return Run(
        **kept
        | {
            "severity": None if severity is None else Severity(severity),
            "cause": Cause(kept["cause"]),
            "targets": Targets(**targets),
            "timeline": tuple(_event(*one) for one in kept["timeline"]),
            "tasks": tuple(_task(*one) for one in kept["tasks"]),
            "residual": None if residual is None else Risk(residual),
        }
    )


def _event(at: str, what: str, by: str, step: int | None, says: str) -> Event:
    return Event(at=datetime.fromisoformat(at), what=what, by=by, step=step, says=says)


def _task(
    step: int,
    kind: str,
    title: str,
    owner: str,
    due_at: str,
    done_at: str | None,
    done_by: str | None,
    evidence: str,
) -> RunTask:
    return RunTask(
        step=step,
        kind=TaskKind(kind),
        title=title,
        owner=owner,
        due_at=datetime.fromisoformat(due_at),
        done_at=None if done_at is None else datetime.fromisoformat(done_at),
        done_by=done_by,
        evidence=evidence,
    )
