"""Retention: schedules, and sweeps that show what would go before it goes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from privacy_service.console.asking import Ask, part
from privacy_service.console.blocks import (
    Act,
    Block,
    Cell,
    Done,
    Facts,
    Form,
    Page,
    Saved,
    Table,
    Tone,
    link,
    spoken,
    word,
)
from privacy_service.console.room import PAGE, Room, Visit, going_on, path
from privacy_service.console.rooms import schedules
from privacy_service.console.times import Times
from privacy_service.v1 import retention_pb2 as pb
from privacy_service.v1.retention_pb2_grpc import RetentionServiceStub as Stub

_CONTROLS: Final = {
    "planned": (("run", "Run it: delete what the plan names"), ("cancel", "Cancel")),
    "planning": (("cancel", "Cancel"),),
    "running": (("pause", "Pause"), ("cancel", "Cancel")),
    "paused": (("resume", "Go on"), ("cancel", "Cancel")),
}


def listed(visit: Visit) -> Page:
    """Schedules, sweeps, when the next one is, and planning one now."""
    return Page(
        title="Retention",
        room="retention",
        blocks=[
            part("Sweeps", lambda: _sweeps(visit)),
            part("By itself", lambda: _times(visit.ask, visit.times)),
            Form(
                act="plan-sweep", title="Plan a sweep", button="See what would go",
                explains="Nothing is deleted until you run the plan.",
            ),
            part("Schedules", lambda: schedules.listed(visit.ask)),
            schedules.putting(""),
            schedules.explaining(),
        ],
    )  # fmt: skip


def _sweeps(visit: Visit) -> Table:
    answer = visit.ask(
        Stub, "ListSweeps", pb.ListSweepsRequest(page_size=PAGE, page_token=visit.page_token)
    )
    return Table(
        title="Sweeps",
        heads=("sweep", "state", "as of", "by", "ended"),
        rows=[
            (
                link(one.sweep_id, path("sweeps", one.sweep_id)),
                word(spoken(pb.SweepState, one.state)),
                visit.times.at(one.as_of),
                word(one.made_by),
                visit.times.at(one.end_time),
            )
            for one in answer.sweeps
        ],
        empty="None yet.",
        next_href=going_on("retention", visit, answer.next_page_token),
    )


def _times(ask: Ask, times: Times) -> Facts:
    answer = ask(Stub, "GetSweepTimes", pb.GetSweepTimesRequest())
    return Facts(
        title="By itself",
        facts=[("cron", word(answer.cron or "never")), ("next", times.at(answer.next_time))],
    )


def shown(visit: Visit) -> Page:
    """One sweep: what it would do, what it did, and what can be done with it."""
    request = pb.GetSweepRequest(sweep_id=visit.names["id"])
    one = visit.ask(Stub, "GetSweep", request).sweep
    state = spoken(pb.SweepState, one.state)
    blocks: list[Block] = [
        Facts(
            title="",
            facts=[
                ("state", word(state)),
                ("as of", visit.times.at(one.as_of)),
                ("planned by", word(one.made_by)),
                ("run by", word(one.run_by)),
                ("began", visit.times.at(one.begin_time)),
                ("ended", visit.times.at(one.end_time)),
            ],
        ),
        _counts("Planned", one.planned, visit.times),
        _counts("Done", one.done, visit.times),
    ]
    blocks += [
        Form(
            act="control-sweep", title="", button=says, grave=control == "run",
            hidden={"id": one.sweep_id, "control": control},
        )
        for control, says in _CONTROLS.get(state, ())
    ]  # fmt: skip
    if state == "done":
        blocks.append(
            Form(
                act="certificate", title="Certificate", button="Save the certificate",
                hidden={"id": one.sweep_id},
            )
        )  # fmt: skip
    return Page(
        title=f"Sweep {one.sweep_id}", room="retention", blocks=blocks, lead=_lead(one, state)
    )


def _lead(one: Any, state: str) -> Cell:
    """What it would do, or has done, in a line."""
    planned, done = sum(c.count for c in one.planned), sum(c.count for c in one.done)
    return {
        "planning": Cell(text="The plan is being made: load the page again in a moment."),
        "planned": Cell(
            text=f"It would touch {planned} things. Nothing is deleted until you run it.",
            tone=Tone.SOON if planned else Tone.PLAIN,
        ),
        "running": Cell(text=f"It runs: {done} of {planned} are done."),
        "paused": Cell(text=f"It is paused: {done} of {planned} are done.", tone=Tone.SOON),
        "done": Cell(text=f"It is done: {done} things.", tone=Tone.GOOD),
    }.get(state, Cell(text=f"It is {state}."))


def _counts(title: str, counts: Any, times: Times) -> Table:
    return Table(
        title=title,
        heads=("schedule", "what", "then", "how many", "due", "because"),
        rows=[
            (
                word(one.schedule_id),
                word(one.things),
                word(f"{one.action}: {spoken(pb.SweepOutcome, one.outcome)}"),
                word(one.count),
                Cell(text=times.at(one.due_from).text, more=(times.at(one.due_until).text,)),
                word(one.because),
            )
            for one in counts
        ],
        empty="Nothing.",
    )


# -- Acts ---------------------------------------------------------------------------------------


def _plan(ask: Ask, _times: Times, _said: Mapping[str, str], request_id: str) -> Done:
    answer = ask(Stub, "StartSweep", pb.StartSweepRequest(request_id=request_id))
    says = "The plan is being made; load the page again in a moment."
    return Done(says=says, href=path("sweeps", answer.sweep.sweep_id))


def _control(ask: Ask, _times: Times, said: Mapping[str, str], request_id: str) -> Done:
    request = pb.ControlSweepRequest(
        sweep_id=said["id"],
        control=pb.SweepControl.Value(f"SWEEP_CONTROL_{said['control'].upper()}"),
        request_id=request_id,
    )
    ask(Stub, "ControlSweep", request)
    return Done(says="Done.", href=_home(said))


def _certificate(ask: Ask, _times: Times, said: Mapping[str, str], _request_id: str) -> Done:
    answer = ask(Stub, "GetCertificate", pb.GetCertificateRequest(sweep_id=said["id"]))
    saved = Saved(
        name=f"{said['id']}.certificate",
        content_type="text/plain; charset=utf-8",
        content=answer.certificate.encode(),
    )
    return Done(says="", href=_home(said), saved=saved)


def _home(said: Mapping[str, str]) -> str:
    return path("sweeps", said["id"]) if said.get("id") else path("retention")


ROOM: Final = Room(
    name="retention",
    title="Retention",
    home="/retention",
    group="Data",
    pages={"/retention": listed, "/sweeps/{id}": shown, "/schedules/{id}": schedules.shown},
    acts=(
        Act(name="plan-sweep", does=_plan, href=_home),
        Act(name="control-sweep", does=_control, href=_home),
        Act(name="certificate", does=_certificate, href=_home),
        *schedules.ACTS,
    ),
)
