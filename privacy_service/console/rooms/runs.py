"""Runs of playbooks and what they put in the path of checks: seen, and done one's part of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from privacy_service.console.asking import Ask
from privacy_service.console.blocks import (
    Act,
    Block,
    Cell,
    Done,
    Facts,
    Form,
    Input,
    Page,
    Table,
    Tone,
    chosen,
    link,
    options,
    spoken,
    word,
)
from privacy_service.console.room import PAGE, Visit, path
from privacy_service.console.rooms.courses import listed_in, terms_of
from privacy_service.console.times import Times, span
from privacy_service.v1 import behavior_pb2
from privacy_service.v1 import playbooks_pb2 as pb
from privacy_service.v1.playbooks_pb2_grpc import PlaybookServiceStub as Stub

_REASON: Final = Input(name="reason", label="Why", help="name no person", most=2_000)
_RISKS: Final = options("none", "low", "medium", "high")
_AIMS: Final = ("detect", "contain", "resolve")


def curbs(ask: Ask, times: Times, contract_id: str) -> Table:
    """What stands in the path of checks, of one contract or of all."""
    request = pb.ListCurbsRequest(contract_id=contract_id, page_size=PAGE)
    return _curbs(ask(Stub, "ListCurbs", request).curbs, times, "In the way of checks")


def _curbs(found: Sequence[Any], times: Times, title: str) -> Table:
    return Table(
        title=title,
        heads=("contract", "what", "because", "since", "by", "goes by itself", "run"),
        rows=[_curb(one, times) for one in found],
        empty="Nothing: checks pass.",
    )


def _curb(one: Any, times: Times) -> tuple[Cell, ...]:
    return (
        link(one.contract_id, path("answers", one.contract_id)),
        word(curb_says(one), Tone.BAD),
        word(one.reason),
        times.at(one.place_time),
        word(one.placed_by),
        _by_itself(one),
        link("its run", path("runs", one.run_id))
        if one.run_id
        else link("lift it", path("answers", one.contract_id)),
    )


def curb_says(one: Any) -> str:
    """What a curb does, in a word."""
    half = spoken(pb.CurbState, one.state) == "half open"
    return {
        "halt": "halted, with probes" if half else "halted",
        "throttle": f"at most {one.most} in {span(timedelta(seconds=one.per_seconds))}",
        "fall back": f"another judges or answers: {one.instead or f'version {one.version}'}",
        "halt collection": "no prompt goes out",
    }[spoken(pb.CurbKind, one.kind)]


def _by_itself(one: Any) -> Cell:
    if spoken(pb.CurbKind, one.kind) != "halt":
        return word("")
    if not one.half_open_seconds:
        return word("no: a person resumes it")
    after = span(timedelta(seconds=one.half_open_seconds))
    return Cell(
        text=f"after {after}", more=(f"{one.probes_well} of {one.probes} probes went well",)
    )


def open_runs(ask: Ask, times: Times, contract_id: str) -> Table:
    """The runs that are not resolved, of one contract or of all."""
    request = pb.ListPlaybookRunsRequest(contract_id=contract_id, page_size=PAGE)
    found = ask(Stub, "ListPlaybookRuns", request).runs
    return Table(
        title="Open runs of playbooks",
        heads=("run", "contract", "because of", "severity", "state", "targets missed", "tasks"),
        rows=[_run(one, times) for one in found],
        empty="None.",
    )


def _run(one: Any, times: Times) -> tuple[Cell, ...]:
    return (
        link(one.playbook_id, path("runs", one.run_id)),
        link(one.contract_id, path("answers", one.contract_id)),
        Cell(text=one.failure_id or one.reason, more=(f"since {times.at(one.detect_time).text}",)),
        word(spoken(behavior_pb2.Severity, one.severity) if one.severity else ""),
        word(_waits(one)),
        word(", ".join(one.missed), Tone.BAD if one.missed else Tone.PLAIN),
        Cell(text="", more=tuple(t.title for t in one.tasks if not t.done_time.seconds)),
    )


def _waits(one: Any) -> str:
    state = spoken(pb.RunState, one.state)
    return f"step {one.steps_done} of {one.steps}" if state == "playing" else state


def lifts(ask: Ask, contract_id: str) -> Iterator[Form]:
    """A form for each thing in the way of a contract's checks, to lift it."""
    request = pb.ListCurbsRequest(contract_id=contract_id, page_size=PAGE)
    return (lifting(one) for one in ask(Stub, "ListCurbs", request).curbs)


# -- One run ------------------------------------------------------------------------------------


def shown(visit: Visit) -> Page:
    """One run: what is to do next, whether the targets are kept, what happened."""
    one = visit.ask(Stub, "GetPlaybookRun", pb.GetPlaybookRunRequest(run_id=visit.names["id"])).run
    times = visit.times
    return Page(
        title=f"{one.playbook_id} under {one.contract_id}",
        room="answers",
        lead=_lead(one),
        blocks=[
            _facts(one, times),
            _aims(one),
            *_tasks(one, times),
            *_held(one, times),
            *_ending(one),
            Table(
                title="Timeline",
                heads=("when", "what", "who", "step", "says"),
                rows=[
                    (
                        times.at(event.time), word(event.what.replace("_", " ")), word(event.by),
                        word(event.step + 1 if event.HasField("step") else ""), word(event.says),
                    )
                    for event in one.timeline
                ],
                empty="Nothing yet.",
            ),
        ],
    )  # fmt: skip


def _lead(one: Any) -> Cell:
    state = spoken(pb.RunState, one.state)
    if state == "resolved":
        risk = spoken(pb.ResidualRisk, one.residual_risk)
        return Cell(text=f"It is over. Risk that is left: {risk}.", more=(one.residual_says,))
    todo = [t.title for t in one.tasks if not t.done_time.seconds]
    if todo:
        return Cell(text="It waits for people:", tone=Tone.SOON, more=tuple(todo))
    if any(spoken(pb.CurbKind, curb.kind) == "halt" for curb in one.curbs):
        return Cell(text="It waits for a halt to be lifted.", tone=Tone.SOON)
    if state == "playing":
        return Cell(text=f"It goes by itself: step {one.steps_done} of {one.steps} is done.")
    return Cell(text="Its steps are through: somebody says that it is over.", tone=Tone.SOON)


def _facts(one: Any, times: Times) -> Facts:
    return Facts(
        title="",
        facts=[
            ("contract", link(one.contract_id, path("answers", one.contract_id))),
            ("party, provider", word(f"{one.party}, {one.provider}")),
            (
                "because of",
                link(one.failure_id, path("answers", one.contract_id, "failures", one.failure_id))
                if one.failure_id
                else word(one.reason),
            ),
            ("set off by", word(spoken(pb.RunCause, one.cause))),
            ("started by", word(one.started_by)),
            ("began", times.at(one.began_time)),
            ("detected", times.at(one.detect_time)),
            ("contained", times.at(one.contain_time)),
            ("resolved", times.at(one.resolve_time)),
            ("resolved by", word(one.resolved_by)),
            (
                "breach",
                link(one.breach_id, path("breaches", one.breach_id)) if one.breach_id else word(""),
            ),
        ],
    )


def _aims(one: Any) -> Table:
    return Table(
        title="Targets",
        heads=("to", "aimed at", "took", ""),
        rows=[
            (
                word(aim),
                word(span(timedelta(seconds=one.target_seconds[aim]))),
                word(span(timedelta(seconds=one.seconds_to[aim])) if aim in one.seconds_to else ""),
                word("missed", Tone.BAD)
                if aim in one.missed
                else word("kept", Tone.GOOD)
                if aim in one.seconds_to
                else word("open"),
            )
            for aim in _AIMS
            if aim in one.target_seconds
        ],
        empty="The playbook names none.",
    )


def _tasks(one: Any, times: Times) -> Iterator[Block]:
    if not one.tasks:
        return
    yield Table(
        title="What people do",
        heads=("step", "task", "whose", "until", "done", "shown by"),
        rows=[
            (
                word(task.step + 1),
                Cell(text=task.title, more=(task.kind,)),
                word(task.owner),
                times.due(task.due_time, done=bool(task.done_time.seconds)),
                times.at(task.done_time),
                word(task.evidence),
            )
            for task in one.tasks
        ],
        empty="",
    )
    for task in one.tasks:
        if not task.done_time.seconds:
            yield Form(
                act="complete-task", title=f"Done: {task.title}", button="It is done",
                inputs=(
                    Input(
                        name="evidence", label="What shows it", most=2_000,
                        help="a link, a change, a document; name no person",
                    ),
                ),
                hidden={"run": one.run_id, "step": str(task.step)}, folded=True,
            )  # fmt: skip


def _held(one: Any, times: Times) -> Iterator[Block]:
    if one.curbs:
        yield _curbs(one.curbs, times, "What it has put in the way")
    for curb in one.curbs:
        yield lifting(curb)


def lifting(curb: Any) -> Form:
    """A form that lifts a curb."""
    return Form(
        act="resume-checks", title=f"Lift it: {curb_says(curb)}", button="Let checks pass again",
        inputs=(_REASON,), grave=True, folded=True,
        hidden={"curb": curb.curb_id, "run": curb.run_id, "contract": curb.contract_id},
    )  # fmt: skip


def _ending(one: Any) -> Iterator[Form]:
    if spoken(pb.RunState, one.state) != "resolved":
        yield Form(
            act="resolve-run", title="Say that it is over", button="It is over", grave=True,
            inputs=(
                Input(name="risk", label="Risk that is left", options=_RISKS),
                Input(
                    name="says", label="What is to say of that", help="name no person", area=True,
                    most=2_000,
                ),
                Input(
                    name="began", label="It really began", required=False, most=25,
                    help="YYYY-MM-DD HH:MM, where that is known by now",
                ),
            ),
            hidden={"run": one.run_id}, folded=True,
        )  # fmt: skip


# -- Acts ---------------------------------------------------------------------------------------


def acting(ask: Ask, contract_id: str) -> Iterator[Form]:
    """What can be done about a contract's checks."""
    yield Form(
        act="halt-checks", title="Halt it", button="Let nothing pass", grave=True, folded=True,
        explains="From the answer on, on every machine.",
        inputs=(
            _REASON,
            Input(
                name="minutes", label="Try again after so many minutes", required=False, most=6,
                help="with probes; empty: not before somebody resumes it",
            ),
        ),
        hidden={"contract": contract_id},
    )  # fmt: skip
    yield from starting(ask, contract_id, "")


def starting(ask: Ask, contract_id: str, playbook: str) -> Iterator[Form]:
    """Starting a playbook for what no condition has noticed, where the contract has any."""
    names = listed_in(terms_of(ask, contract_id), "playbooks")
    if not names:
        return
    yield Form(
        act="start-playbook", title="Start a playbook", button="Start it", grave=True, folded=True,
        explains="For what no condition has noticed.",
        inputs=(
            Input(
                name="playbook", label="Playbook", value=playbook, options=options(*names), most=64,
            ),
            _REASON,
            Input(
                name="began", label="It began", required=False, help="YYYY-MM-DD HH:MM", most=25
            ),
        ),
        hidden={"contract": contract_id},
    )  # fmt: skip


def _halt(ask: Ask, _times: Times, said: Mapping[str, str], request_id: str) -> Done:
    request = pb.HaltChecksRequest(
        contract_id=said["contract"],
        reason=said["reason"],
        half_open_seconds=60 * int(said["minutes"] or 0),
        request_id=request_id,
    )
    ask(Stub, "HaltChecks", request)
    return Done(says="Halted, on every machine.", href=_home(said))


def _resume(ask: Ask, _times: Times, said: Mapping[str, str], request_id: str) -> Done:
    request = pb.ResumeChecksRequest(
        curb_id=said["curb"], reason=said["reason"], request_id=request_id
    )
    ask(Stub, "ResumeChecks", request)
    return Done(says="Checks pass again.", href=_home(said))


def _start(ask: Ask, times: Times, said: Mapping[str, str], request_id: str) -> Done:
    request = pb.StartPlaybookRequest(
        contract_id=said["contract"],
        playbook_id=said["playbook"],
        reason=said["reason"],
        began_time=times.read(said["began"]),
        request_id=request_id,
    )
    run = ask(Stub, "StartPlaybook", request).run
    return Done(says="It runs.", href=path("runs", run.run_id))


def _complete(ask: Ask, _times: Times, said: Mapping[str, str], request_id: str) -> Done:
    request = pb.CompletePlaybookTaskRequest(
        run_id=said["run"], step=int(said["step"]), evidence=said["evidence"], request_id=request_id
    )
    ask(Stub, "CompletePlaybookTask", request)
    return Done(says="It is done.", href=_home(said))


def _resolve(ask: Ask, times: Times, said: Mapping[str, str], request_id: str) -> Done:
    request = pb.ResolvePlaybookRunRequest(
        run_id=said["run"],
        residual_risk=chosen(pb.ResidualRisk, said["risk"]),  # type: ignore[arg-type]
        says=said["says"],
        began_time=times.read(said["began"]),
        request_id=request_id,
    )
    ask(Stub, "ResolvePlaybookRun", request)
    return Done(says="It is over.", href=_home(said))


def _home(said: Mapping[str, str]) -> str:
    if said.get("run"):
        return path("runs", said["run"])
    return path("answers", said["contract"])


ACTS: Final = (
    Act(name="halt-checks", does=_halt, href=_home),
    Act(name="resume-checks", does=_resume, href=_home),
    Act(name="start-playbook", does=_start, href=_home),
    Act(name="complete-task", does=_complete, href=_home),
    Act(name="resolve-run", does=_resolve, href=_home),
)
