"""Retention schedules: read and changed; and why one record is still kept."""

from __future__ import annotations

from collections.abc import Mapping
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
    Prose,
    Table,
    Tone,
    link,
    word,
)
from privacy_service.console.room import Visit, path
from privacy_service.console.times import Times
from privacy_service.v1 import retention_pb2 as pb
from privacy_service.v1.retention_pb2_grpc import RetentionServiceStub as Stub

_PROTECTED: Final = {"LEGAL_CLAIM": "a legal hold"}


def listed(ask: Ask) -> Table:
    """The schedules in force."""
    answer = ask(Stub, "ListSchedules", pb.ListSchedulesRequest())
    return Table(
        title="Schedules",
        heads=("schedule", "what", "from", "at least", "at most", "then", "authority",
               "look again"),
        rows=[
            (
                link(f"{one.schedule_id}, version {one.version}", _href(one.schedule_id)),
                word(one.title),
                word(one.trigger),
                word(one.at_least),
                word(one.at_most),
                word(one.action),
                word(one.authority),
                word(one.review_date),
            )
            for one in answer.schedules
            if one.in_force
        ],
        empty="None: contracts' own retention holds alone.",
    )  # fmt: skip


def shown(visit: Visit) -> Page:
    """One schedule: what it says, and changing it."""
    answer = visit.ask(Stub, "ListSchedules", pb.ListSchedulesRequest())
    found = [one for one in answer.schedules if one.schedule_id == visit.names["id"]]
    if not found:
        return Page(title="There is no such schedule", room="retention", blocks=[])
    one = found[0]
    most = f" and at most {one.at_most}" if one.at_most else ""
    least = f"at least {one.at_least}" if one.at_least else "as long as it is needed"
    return Page(
        title=one.title or one.schedule_id,
        room="retention",
        lead=Cell(
            text=f"It keeps data {least}{most}; then: {one.action}.",
            tone=Tone.PLAIN if one.in_force else Tone.SOON,
            more=() if one.in_force else ("It is not in force.",),
        ),
        blocks=[
            Facts(
                title="",
                facts=[
                    ("schedule", word(f"{one.schedule_id}, version {one.version}")),
                    ("from", word(one.trigger)),
                    ("authority", word(one.authority)),
                    ("owner", word(one.owner)),
                    ("look again on", word(one.review_date)),
                    ("put", visit.times.at(one.put_time)),
                    ("by", word(one.put_by)),
                    ("digest", word(one.digest)),
                ],
            ),
            putting(one.source),
            Prose(title="Text", text=one.source),
        ],
    )


def putting(source: str) -> Form:
    """A form for a schedule, or for the next version of one."""
    return Form(
        act="put-schedule",
        title="Change it" if source else "Put a schedule",
        button="Put it",
        explains="It is a new version; what it makes due is deleted by sweeps, which are planned "
        "first. docs/retention.md says what may stand in it.",
        inputs=(
            Input(
                name="source", label="The schedule, as YAML", value=source, area=True, rows=20,
                most=60_000,
            ),
        ),
        folded=True,
    )  # fmt: skip


def explaining() -> Form:
    """A form that asks why a record is kept."""
    return Form(
        act="explain-record", title="Why is a record still kept?", button="Explain it",
        inputs=(
            Input(name="partner", label="Partner", most=63),
            Input(name="record", label="Record", help="its id", most=128),
        ),
        folded=True,
    )  # fmt: skip


# -- Acts ---------------------------------------------------------------------------------------


def _put(ask: Ask, _times: Times, said: Mapping[str, str], request_id: str) -> Done:
    request = pb.PutScheduleRequest(source=f"{said['source']}\n", request_id=request_id)
    one = ask(Stub, "PutSchedule", request).schedule
    return Done(says=f"It is version {one.version}.", href=_href(one.schedule_id))


def _explain(ask: Ask, times: Times, said: Mapping[str, str], _request_id: str) -> Done:
    request = pb.ExplainRecordRequest(partner=said["partner"], record_id=said["record"])
    found = ask(Stub, "ExplainRecord", request)
    blocks: list[Block] = [
        _spans("It must stay until", found.demands, times),
        _spans("It may stay at most until", found.erase, times),
        _spans("It may be about somebody at most until", found.anonymise, times),
        _spans("It may be used at most until", found.restrict, times),
        explaining(),
    ]
    page = Page(
        title=f"{said['record']} of {said['partner']}",
        room="retention",
        lead=_lead(found),
        blocks=blocks,
    )
    return Done(says="", href=path("retention"), page=page)


def _lead(found: Any) -> Cell:
    if found.protected_by:
        by = _PROTECTED.get(found.protected_by, found.protected_by)
        return Cell(text=f"It cannot be deleted now: {by}.", tone=Tone.SOON)
    if found.demanded_by:
        return Cell(text=f"{found.demanded_by} demands that it stays.")
    if found.due:
        return Cell(text=f"It is due: the next sweep does this: {found.due}.", tone=Tone.SOON)
    return Cell(text="Nothing is due of it now.")


def _spans(title: str, spans: Any, times: Times) -> Table:
    return Table(
        title=title,
        heads=("until", "says"),
        rows=[(times.due(one.until), word(one.schedule_id)) for one in spans],
        empty="No schedule and no contract says so.",
    )


def _href(schedule_id: str) -> str:
    return path("schedules", schedule_id)


ACTS: Final = (
    Act(name="put-schedule", does=_put, href=lambda _said: path("retention")),
    Act(name="explain-record", does=_explain, href=lambda _said: path("retention")),
)
