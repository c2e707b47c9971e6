"""One run of a playbook: what set it off, how far it is, its timeline, and what it took.

A run is open from when its failure was detected until a person says that it is resolved, and what
risk is left.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from privacy_service import errors
from privacy_service.behavior.model import (
    Act,
    FallBack,
    Halt,
    HaltCollection,
    Notify,
    OpenIncident,
    Remedy,
    Severity,
    Targets,
    Task,
    TaskKind,
    Throttle,
)
from privacy_service.errors import PrivacyError

SERVICE: Final = "privacy-service"
"""Who does what nobody has to be asked for."""
_MOST_EVENTS: Final = 500
_NO_TARGETS: Final = Targets()


class Cause(StrEnum):
    """What set a run off."""

    CHECK = "check"
    """A failure mode fired for one prompt or output."""
    WINDOW = "window"
    """A failure mode fired over a window of checks."""
    PERSON = "person"
    """Somebody started it."""


class Risk(StrEnum):
    """What is left of the risk once it is resolved."""

    NONE = "none"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class RunState(StrEnum):
    """Where a run stands."""

    PLAYING = "playing"
    """Steps are left that nobody has to be asked for."""
    WAITING = "waiting"
    """People have things to do, or it is to be said that it is resolved."""
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line of the timeline. `what` is a fixed word; `step` the step's place, from 0."""

    at: datetime
    what: str
    by: str
    step: int | None = None
    says: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunTask:
    """What a person has to do, and who showed that it was done."""

    step: int
    kind: TaskKind
    title: str
    owner: str
    due_at: datetime
    done_at: datetime | None = None
    done_by: str | None = None
    evidence: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run. `step` is the place of the step whose turn it is, since `step_since`; all are
    through where it is `steps`. `began_at` is when the failure began, as far as is known.
    """

    id: str
    contract_id: str
    number: int
    party: str
    provider: str
    playbook: str
    failure_mode: str | None = None
    severity: Severity | None = None
    cause: Cause
    use_case: str | None = None
    reason: str = field(default="", repr=False)
    started_by: str = SERVICE
    began_at: datetime
    detected_at: datetime
    targets: Targets = _NO_TARGETS
    step: int = 0
    steps: int
    step_since: datetime
    timeline: tuple[Event, ...] = ()
    tasks: tuple[RunTask, ...] = ()
    breach_id: str | None = None
    contained_at: datetime | None = None
    resolved_at: datetime | None = None
    resolved_by: str | None = None
    residual: Risk | None = None
    residual_says: str = field(default="", repr=False)

    @property
    def state(self) -> RunState:
        if self.resolved_at is not None:
            return RunState.RESOLVED
        return RunState.PLAYING if self.step < self.steps else RunState.WAITING

    # -- What it took -------------------------------------------------------------------------

    @property
    def to_detect(self) -> timedelta:
        """From its beginning."""
        return self.detected_at - self.began_at

    @property
    def to_contain(self) -> timedelta | None:
        """From when it was detected; None while it is not contained."""
        return None if self.contained_at is None else self.contained_at - self.detected_at

    @property
    def to_resolve(self) -> timedelta | None:
        """From when it was detected; None while it is open."""
        return None if self.resolved_at is None else self.resolved_at - self.detected_at

    def missed(self, now: datetime) -> tuple[str, ...]:
        """The targets that are missed by now: `detect`, `contain`, `resolve`."""
        so_far = now - self.detected_at
        contain, resolve = self.to_contain, self.to_resolve
        taken = {
            "detect": (self.targets.detect, self.to_detect),
            "contain": (self.targets.contain, so_far if contain is None else contain),
            "resolve": (self.targets.resolve, so_far if resolve is None else resolve),
        }
        return tuple(name for name, (aim, took) in taken.items() if aim is not None and took > aim)

    # -- How it goes on -----------------------------------------------------------------------

    def stepped(self, event: Event, *, contained: bool = False) -> Run:
        """With the step done whose turn it is, as the event says."""
        done = replace(self, step=self.step + 1, step_since=event.at).with_event(event)
        first = contained and self.contained_at is None
        return replace(done, contained_at=event.at) if first else done

    def with_event(self, event: Event) -> Run:
        """With one line more; the same again stands once, with its latest time."""
        kept = self.timeline
        if kept and (kept[-1].what, kept[-1].step) == (event.what, event.step):
            kept = kept[:-1]
        return replace(self, timeline=(*kept[: _MOST_EVENTS - 1], event))

    def with_task(self, task: Task, *, within: timedelta, at: datetime) -> Run:
        """With the task of the step whose turn it is."""
        one = RunTask(
            step=self.step, kind=task.kind, title=task.title, owner=task.owner, due_at=at + within
        )
        return replace(self, tasks=(*self.tasks, one))

    def with_task_done(self, step: int, *, by: str, evidence: str, at: datetime) -> Run:
        """With what shows that a task was done.

        Raises RUN_RESOLVED, RUN_TASK_NOT_FOUND and RUN_TASK_DONE.
        """
        self.require_open()
        found = next((one for one in self.tasks if one.step == step), None)
        if found is None:
            raise PrivacyError(errors.RUN_TASK_NOT_FOUND, run=self.id, step=step)
        if found.done_at is not None:
            raise PrivacyError(errors.RUN_TASK_DONE, run=self.id, step=step)
        done = replace(found, done_at=at, done_by=by, evidence=evidence)
        tasks = tuple(done if one is found else one for one in self.tasks)
        event = Event(at=at, what="task-done", by=by, step=step, says=evidence)
        return replace(self, tasks=tasks).with_event(event)

    def resolved(
        self, *, by: str, residual: Risk, says: str, began_at: datetime | None, at: datetime
    ) -> Run:
        """Resolved, with what risk is left; `began_at` where its beginning is known by now.

        Raises RUN_RESOLVED; RUN_NOT_SETTLED where steps or tasks are open; and REQUEST_INVALID for
        a beginning after it was detected.
        """
        self.require_open()
        if self.step < self.steps or any(task.done_at is None for task in self.tasks):
            raise PrivacyError(errors.RUN_NOT_SETTLED, run=self.id)
        if began_at is not None and began_at > self.detected_at:
            raise PrivacyError(errors.REQUEST_INVALID, field="began_time")
        done = replace(
            self,
            began_at=began_at or self.began_at,
            contained_at=self.contained_at or at,
            resolved_at=at,
            resolved_by=by,
            residual=residual,
            residual_says=says,
        )
        return done.with_event(Event(at=at, what="resolved", by=by, says=says))

    def require_open(self) -> None:
        """Raises RUN_RESOLVED."""
        if self.resolved_at is not None:
            raise PrivacyError(errors.RUN_RESOLVED, run=self.id)


CONTAINS: Final = (Halt, Throttle, FallBack, HaltCollection)
"""What stands in the path from when it is done."""
_WORDS: Final[dict[type, str]] = {
    Remedy: "answered",
    Halt: "halted",
    Throttle: "throttled",
    FallBack: "fell-back",
    HaltCollection: "collection-halted",
    Notify: "notified",
    OpenIncident: "incident-opened",
    Task: "task-set",
}


def word_for(act: Act) -> str:
    """What the timeline calls a step that was done."""
    return _WORDS[type(act)]
