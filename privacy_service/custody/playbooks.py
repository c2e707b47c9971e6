"""The playbook desk: runs looked at, started, worked on and resolved; contracts halted and resumed.

A party sees and moves what is of its own contracts; officers, what is of any.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from privacy_service import errors
from privacy_service.access import Caller, Role
from privacy_service.behavior.curbs import Curb, Tally
from privacy_service.behavior.model import Halt
from privacy_service.behavior.runs import Cause, Event, Run
from privacy_service.clock import Clock
from privacy_service.custody.acts import Acts
from privacy_service.custody.behavior_versions import as_behavior
from privacy_service.custody.containing import still_from
from privacy_service.custody.holds import RequireUnnamed
from privacy_service.custody.once import Done, Once, OnceAct, act_once, by_person
from privacy_service.custody.playing import begin, new_run
from privacy_service.desks.ports.pages import Page
from privacy_service.desks.ports.playbooks import (
    CompleteTask,
    CurbView,
    HaltChecks,
    ListCurbs,
    ListRuns,
    ResolveRun,
    ResumeCurb,
    RunView,
    StartPlaybook,
)
from privacy_service.enforcement.answer import AuditStamp
from privacy_service.errors import PrivacyError
from privacy_service.evidence.entries import AuditEntry, EntryKind
from privacy_service.store.behavior_rows import StoredBehavior
from privacy_service.store.database import Database
from privacy_service.store.views import View, Writing

START: Final = "PlaybookService/StartPlaybook"
COMPLETE: Final = "PlaybookService/CompletePlaybookTask"
RESOLVE: Final = "PlaybookService/ResolvePlaybookRun"
HALT: Final = "PlaybookService/HaltChecks"
RESUME: Final = "PlaybookService/ResumeChecks"
_SEES_ALL: Final = frozenset({Role.OFFICER, Role.AUDITOR})

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybooksDesk:
    """Answers PlaybookService. Every act is in the audit log, with the run's or the curb's id."""

    database: Database
    acts: Acts
    once: Once
    require_unnamed: RequireUnnamed
    clock: Clock

    # -- Runs ---------------------------------------------------------------------------------

    def list_runs(
        self, caller: Caller, request: ListRuns, *, seconds: float | None
    ) -> Page[RunView]:
        """The runs by id."""
        del seconds
        limit = request.place.limit
        with self.database.reading() as view:
            rows = view.playbooks.list(
                party=_party(caller),
                contract_id=request.contract_id,
                resolved=request.resolved,
                after=request.place.after,
                limit=limit + 1,
            )
            items = tuple(self._run_view(view, run) for run in rows[:limit])
        return Page(items=items, next=rows[limit - 1].id if len(rows) > limit else None)

    def get_run(self, caller: Caller, run_id: str, *, seconds: float | None) -> RunView:
        """One run. Raises RUN_NOT_FOUND."""
        del seconds
        with self.database.reading() as view:
            return self._run_view(view, _seen(caller, view.playbooks.get(run_id)))

    def start_playbook(
        self, caller: Caller, request: StartPlaybook, *, seconds: float | None
    ) -> tuple[RunView, AuditStamp]:
        """Starts a playbook of the contract's newest version, for what no condition has noticed.

        Raises CONTRACT_NOT_FOUND, PLAYBOOK_NOT_FOUND, PLAYBOOK_RUNS, REQUEST_INVALID for a
        beginning that has not come, REQUEST_ID_REUSED.
        """
        self.require_unnamed("reason", request.reason, seconds=seconds)
        now = self.clock.now()
        began = request.began_at or now
        if began > now:
            raise PrivacyError(errors.REQUEST_INVALID, field="began_time")
        mark = self.once.request(START, caller.name, request.request_id)

        def planned(tx: View | Writing) -> Run:
            version = as_behavior(_contract(caller, tx, request.contract_id))
            book = next(
                (one for one in version.contract.playbooks if one.id == request.playbook), None
            )
            if book is None:
                raise PrivacyError(errors.PLAYBOOK_NOT_FOUND, playbook=request.playbook)
            return new_run(
                version, book, None, cause=Cause.PERSON, mark=mark, began_at=began, at=now,
                started_by=caller.name, reason=request.reason,
            )  # fmt: skip

        with self.database.reading() as view:
            run_id = planned(view).id

        def change(tx: Writing) -> RunView:
            run = planned(tx)
            version = as_behavior(tx.behavior.newest(request.contract_id))
            book = next(one for one in version.contract.playbooks if one.id == run.playbook)
            if tx.playbooks.open_for(run.contract_id, run.playbook, None) is not None:
                raise PrivacyError(errors.PLAYBOOK_RUNS, playbook=run.playbook)
            return self._run_view(tx, begin(tx, version, book, run) or run)

        said = (request.contract_id, request.playbook, request.reason, str(request.began_at))
        act = _Act(action=START, outcome="STARTED", about=run_id, said=said)
        return self._act(caller, act, request.request_id, change, self._again(run_id), seconds)

    def complete_task(
        self, caller: Caller, request: CompleteTask, *, seconds: float | None
    ) -> tuple[RunView, AuditStamp]:
        """Shows that a task was done.

        Raises RUN_NOT_FOUND, RUN_RESOLVED, RUN_TASK_NOT_FOUND, RUN_TASK_DONE, REQUEST_ID_REUSED.
        """
        self.require_unnamed("evidence", request.evidence, seconds=seconds)
        now = self.clock.now()

        def change(run: Run, _tx: Writing) -> Run:
            return run.with_task_done(
                request.step, by=caller.name, evidence=request.evidence, at=now
            )

        said = (request.run_id, str(request.step), request.evidence)
        act = _Act(action=COMPLETE, outcome="TASK_DONE", about=request.run_id, said=said)
        return self._move(caller, act, request.request_id, change, seconds)

    def resolve_run(
        self, caller: Caller, request: ResolveRun, *, seconds: float | None
    ) -> tuple[RunView, AuditStamp]:
        """Says that it is over, and what risk is left.

        Raises RUN_NOT_FOUND, RUN_RESOLVED, RUN_NOT_SETTLED while steps, tasks or curbs of it are
        left, REQUEST_INVALID, REQUEST_ID_REUSED.
        """
        self.require_unnamed("says", request.says, seconds=seconds)
        now = self.clock.now()

        def change(run: Run, tx: Writing) -> Run:
            if any(still_from(tx, curb, now) for curb in tx.curbs.of_run(run.id)):
                raise PrivacyError(errors.RUN_NOT_SETTLED, run=run.id)
            return run.resolved(
                by=caller.name,
                residual=request.residual,
                says=request.says,
                began_at=request.began_at,
                at=now,
            )

        said = (request.run_id, request.residual.value, request.says, str(request.began_at))
        act = _Act(action=RESOLVE, outcome="RESOLVED", about=request.run_id, said=said)
        return self._move(caller, act, request.request_id, change, seconds)

    # -- Curbs --------------------------------------------------------------------------------

    def halt_checks(
        self, caller: Caller, request: HaltChecks, *, seconds: float | None
    ) -> tuple[CurbView, AuditStamp]:
        """Halts all checks under a contract: from the answer on nothing passes, on any replica.

        Raises CONTRACT_NOT_FOUND, REQUEST_ID_REUSED.
        """
        self.require_unnamed("reason", request.reason, seconds=seconds)
        now = self.clock.now()
        word = self.once.request(HALT, caller.name, request.request_id)[:16]
        curb_id = f"curb-{word}"

        def change(tx: Writing) -> CurbView:
            curb = Curb(
                id=curb_id,
                contract_id=request.contract_id,
                party=_contract(caller, tx, request.contract_id).party,
                does=Halt(half_open_after=request.half_open_after, probes=request.probes),
                reason=request.reason,
                placed_by=caller.name,
                placed_at=now,
                tally=Tally(since=now),
            )
            tx.curbs.place(curb)
            return self._curb_view(curb)

        said = (
            request.contract_id, request.reason, str(request.half_open_after), str(request.probes),
        )  # fmt: skip
        act = _Act(action=HALT, outcome="HALTED", about=curb_id, said=said)
        return self._act(
            caller, act, request.request_id, change,
            lambda tx: self._curb_view(tx.curbs.get(curb_id)), seconds,
        )  # fmt: skip

    def resume_curb(
        self, caller: Caller, request: ResumeCurb, *, seconds: float | None
    ) -> tuple[CurbView, AuditStamp]:
        """Lifts a curb: from the answer on checks pass as before.

        Raises CURB_NOT_FOUND, CURB_LIFTED, REQUEST_ID_REUSED.
        """
        self.require_unnamed("reason", request.reason, seconds=seconds)
        now = self.clock.now()

        def change(tx: Writing) -> CurbView:
            curb = _seen_curb(caller, tx.curbs.get(request.curb_id))
            lifted = curb.lifted(by=caller.name, at=now)
            tx.curbs.move(lifted)
            if curb.run_id is not None:
                says = f"{curb.id}: {request.reason}"
                event = Event(at=now, what="resumed", by=caller.name, says=says)
                tx.playbooks.move(tx.playbooks.get(curb.run_id).with_event(event))
            return self._curb_view(lifted)

        said = (request.curb_id, request.reason)
        act = _Act(action=RESUME, outcome="RESUMED", about=request.curb_id, said=said)
        return self._act(
            caller, act, request.request_id, change,
            lambda tx: self._curb_view(tx.curbs.get(request.curb_id)), seconds,
        )  # fmt: skip

    def list_curbs(
        self, caller: Caller, request: ListCurbs, *, seconds: float | None
    ) -> Page[CurbView]:
        """The curbs by id."""
        del seconds
        limit = request.place.limit
        with self.database.reading() as view:
            rows = view.curbs.list(
                party=_party(caller),
                contract_id=request.contract_id,
                lifted=request.lifted,
                after=request.place.after,
                limit=limit + 1,
            )
        items = tuple(self._curb_view(curb) for curb in rows[:limit])
        return Page(items=items, next=rows[limit - 1].id if len(rows) > limit else None)

    # -- Parts --------------------------------------------------------------------------------

    def _run_view(self, tx: View | Writing, run: Run) -> RunView:
        curbs = tuple(self._curb_view(curb) for curb in tx.curbs.of_run(run.id))
        return RunView(run=run, curbs=curbs, missed=run.missed(self.clock.now()))

    def _curb_view(self, curb: Curb) -> CurbView:
        return CurbView(curb=curb, state=curb.state(self.clock.now()))

    def _again(self, run_id: str) -> Callable[[Writing], RunView]:
        return lambda tx: self._run_view(tx, tx.playbooks.get(run_id))

    def _move(
        self,
        caller: Caller,
        act: _Act,
        request_id: str,
        change: Callable[[Run, Writing], Run],
        seconds: float | None,
    ) -> tuple[RunView, AuditStamp]:
        def move(tx: Writing) -> RunView:
            run = change(_seen(caller, tx.playbooks.get(act.about)), tx)
            tx.playbooks.move(run)
            return self._run_view(tx, run)

        return self._act(caller, act, request_id, move, self._again(act.about), seconds)

    def _act(
        self,
        caller: Caller,
        act: _Act,
        request_id: str,
        change: Callable[[Writing], T],
        again: Callable[[Writing], T],
        seconds: float | None,
    ) -> tuple[T, AuditStamp]:
        """Makes a change once, with its entries in the log."""
        once = OnceAct(
            attempt=AuditEntry(
                kind=EntryKind.ATTEMPT,
                action=act.action,
                at=self.clock.now(),
                actor=caller.name,
                partner=caller.partner,
                request=self.once.request(act.action, *act.said),
                resource=act.about,
            ),
            whose=by_person(caller.name),
            request_id=request_id,
            change=lambda tx: Done(value=change(tx), outcome=act.outcome),
            again=lambda tx, _first: again(tx),
        )
        return act_once(self.acts, self.once, once, seconds=seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Act:
    """What is done, what the log has it about, and what of the request makes it that request."""

    action: str
    outcome: str
    about: str
    said: tuple[str, ...]


def _party(caller: Caller) -> str | None:
    """Whose alone the caller sees; None: everybody's."""
    return None if caller.roles & _SEES_ALL else caller.partner or ""


def _contract(caller: Caller, tx: View | Writing, contract_id: str) -> StoredBehavior:
    """The contract's newest version. Raises CONTRACT_NOT_FOUND."""
    newest = tx.behavior.newest(contract_id)
    if _party(caller) not in (None, newest.party):
        raise PrivacyError(errors.CONTRACT_NOT_FOUND, contract=contract_id)
    return newest


def _seen(caller: Caller, run: Run) -> Run:
    """Raises RUN_NOT_FOUND where it is not the caller's."""
    if _party(caller) not in (None, run.party):
        raise PrivacyError(errors.RUN_NOT_FOUND, run=run.id)
    return run


def _seen_curb(caller: Caller, curb: Curb) -> Curb:
    """Raises CURB_NOT_FOUND where it is not the caller's."""
    if _party(caller) not in (None, curb.party):
        raise PrivacyError(errors.CURB_NOT_FOUND, curb=curb.id)
    return curb
