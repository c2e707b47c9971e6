"""Breaches: who is affected, what is due when and why, what was said, and the notices."""

from __future__ import annotations

import json
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
    Input,
    Links,
    Page,
    Table,
    Tone,
    chosen,
    link,
    options,
    spoken,
    word,
)
from privacy_service.console.room import PAGE, Room, Visit, going_on, path
from privacy_service.console.rooms import breach_notices, breach_statements
from privacy_service.console.times import Times
from privacy_service.v1 import breaches_pb2 as pb
from privacy_service.v1.breaches_pb2_grpc import BreachServiceStub as Stub

_DONE: Final = frozenset({"done", "done late", "withdrawn"})
_TONES: Final = {
    "overdue": Tone.BAD, "soon": Tone.SOON, "to decide": Tone.SOON, "done": Tone.GOOD,
}  # fmt: skip


def listed(visit: Visit) -> Page:
    """The breaches, drills too where asked, and a form for another one."""
    drills = visit.query.get("drills") == "1"

    def table() -> Table:
        answer = visit.ask(
            Stub,
            "ListBreaches",
            pb.ListBreachesRequest(drills=drills, page_size=PAGE, page_token=visit.page_token),
        )
        return Table(
            title="Breaches",
            heads=("breach", "what", "state", "opened", "by", "people"),
            rows=[row(one, visit.times) for one in answer.breaches],
            empty="None.",
            next_href=going_on("breaches", visit, answer.next_page_token),
        )

    other = (
        link("without drills", path("breaches"))
        if drills
        else link("drills too", path("breaches", drills="1"))
    )
    return Page(
        title="Breaches",
        room="breaches",
        blocks=[part("Breaches", table), Links(title="Show", links=[other]), _opening()],
    )


def row(one: Any, times: Times) -> tuple[Cell, ...]:
    """A breach as a row of a list."""
    return (
        link(one.breach_id, path("breaches", one.breach_id)),
        word(f"DRILL: {one.title}" if one.drill else one.title),
        word(spoken(pb.BreachState, one.state)),
        times.at(one.open_time),
        word(one.opened_by),
        word(_people(one.total)),
    )


def shown(visit: Visit) -> Page:
    """One breach: its clocks first."""
    answer = visit.ask(
        Stub, "GetBreach", pb.GetBreachRequest(breach_id=visit.names["id"], with_entries=True)
    )
    one, times = answer.breach, visit.times
    hidden = {"id": one.breach_id, "entry": str(one.newest_entry)}
    blocks: list[Block] = [
        _facts(one, times),
        obligations(answer.obligations, times),
        part("Notices", lambda: breach_notices.of_breach(visit.ask, one.breach_id, times)),
        breach_notices.drafting(answer.obligations, hidden),
        _scoping(hidden),
        *breach_statements.forms(one, answer.obligations, hidden),
        _tasks(one, times),
        Table(
            title="Timeline",
            heads=("nr", "when", "who", "what", "says"),
            rows=[
                (
                    word(e.number),
                    times.at(e.time),
                    word(e.by),
                    word(e.kind),
                    _says(e.statement_json),
                )
                for e in answer.entries
            ],
            empty="Nothing yet.",
        ),
        Form(
            act="export-breach", title="Evidence", button="Save its evidence, signed", hidden=hidden
        ),
    ]
    title = f"DRILL: {one.title}" if one.drill else one.title
    return Page(title=title, room="breaches", blocks=blocks)


def obligations(found: Any, times: Times) -> Table:
    """What is due when, and why then."""
    return Table(
        title="What is due",
        heads=("to", "what", "by, to be safe", "by law", "state", "why then"),
        rows=[_obligation(one, times) for one in found],
        empty="Nothing yet: state when you became aware, and who is concerned.",
    )


def _obligation(one: Any, times: Times) -> tuple[Cell, ...]:
    status = spoken(pb.ObligationStatus, one.status)
    done = status in _DONE
    return (
        word(one.to),
        Cell(text=one.title, more=(f"{one.rule_id} ({one.place})", one.citation, one.standing)),
        times.due(one.conservative_due_time, done=done),
        times.due(one.legal_due_time, done=done),
        Cell(text=status, tone=_TONES.get(status, Tone.PLAIN), more=tuple(one.waits_for)),
        Cell(text="", more=(*one.because, *one.why_then)),
    )


def _says(statement: str) -> Cell:
    """A statement in lines; of what holds many things, how many."""
    said = json.loads(statement or "{}")
    lines = [
        f"{name.replace('_', ' ')}: {len(value) if isinstance(value, list) else value}"
        for name, value in said.items()
        if value not in (None, "", [], {})
    ]
    return Cell(text="", more=tuple(lines))


def _people(count: Any) -> str:
    if not count.number and not count.approximate:
        return ""
    return f"about {count.number}" if count.approximate else str(count.number)


def _facts(one: Any, times: Times) -> Facts:
    scope = one.scope
    counted = tuple(
        f"{name}: {number}"
        for name, number in (
            ("people", scope.subjects),
            ("disclosures", scope.disclosures),
            ("records", scope.records),
            ("tokens", scope.tokens),
            *sorted(scope.recipients.items()),
            *sorted(scope.categories.items()),
        )
        if number
    )
    return Facts(
        title="",
        facts=[
            ("state", word(spoken(pb.BreachState, one.state))),
            ("people", word(_people(one.total))),
            *((name.replace("_", " "), times.at(at)) for name, at in sorted(one.times.items())),
            ("what was hurt", word(", ".join(spoken(pb.BreachNature, n) for n in one.natures))),
            ("scope", Cell(text="" if counted else "not worked out yet", more=counted)),
            ("look again", Cell(text="", tone=Tone.SOON, more=tuple(one.doubts))),
            ("kept until", word(one.keep_until)),
        ],
    )


def _tasks(one: Any, _times: Times) -> Table:
    return Table(
        title="Tasks",
        heads=("task", "what", "whose", "until", "done"),
        rows=[
            (
                word(t.task_id),
                word(t.title),
                word(t.owner),
                word(t.due_date),
                word("done" if t.done_time.seconds else "open"),
            )
            for t in one.tasks
        ],
        empty="None.",
    )


# -- Forms --------------------------------------------------------------------------------------


def _opening() -> Form:
    return Form(
        act="open-breach",
        title="Something happened",
        button="Open a breach",
        folded=True,
        inputs=(
            Input(name="title", label="What happened", help="in a line; name no person", most=200),
            Input(
                name="nature",
                label="What was hurt",
                options=options("confidentiality", "integrity", "availability"),
            ),
            Input(
                name="awareness",
                label="You knew at",
                help="YYYY-MM-DD HH:MM; starts the clocks; empty: not sure yet",
                required=False,
            ),
            Input(name="evidence", label="On what evidence", required=False, most=4_000),
            Input(name="drill", label="It is a drill", check=True, required=False),
        ),
    )


# -- Acts ---------------------------------------------------------------------------------------


def _open(ask: Ask, times: Times, said: Mapping[str, str], request_id: str) -> Done:
    aware = times.read(said["awareness"])
    request = pb.OpenBreachRequest(
        title=said["title"],
        natures=[chosen(pb.BreachNature, said["nature"])],  # type: ignore[list-item]
        drill=said["drill"] == "yes",
        request_id=request_id,
    )
    if aware is not None:
        evidence = said["evidence"] or "as stated when it was opened"
        request.times.add(name="awareness", evidence=evidence).at.CopyFrom(aware)
    answer = ask(Stub, "OpenBreach", request)
    return Done(says="Opened.", href=path("breaches", answer.breach.breach_id))


def _scoping(hidden: Mapping[str, str]) -> Form:
    return Form(
        act="scope-breach",
        title="Work out the scope",
        button="From the ledger",
        explains="Counts who and what went out, from the disclosure ledger and the records.",
        inputs=(
            Input(name="since", label="Since", help="YYYY-MM-DD HH:MM", required=False),
            Input(name="until", label="Until", help="YYYY-MM-DD HH:MM", required=False),
            Input(name="partner", label="Partner", required=False),
        ),
        hidden=hidden,
        folded=True,
    )


def _scope(ask: Ask, times: Times, said: Mapping[str, str], request_id: str) -> Done:
    request = pb.ScopeBreachRequest(
        breach_id=said["id"],
        since=times.read(said["since"]),
        until=times.read(said["until"]),
        partner=said["partner"],
        keep=True,
        request_id=request_id,
    )
    ask(Stub, "ScopeBreach", request)
    return Done(says="The scope is kept with the breach.", href=_home(said))


def _home(said: Mapping[str, str]) -> str:
    return path("breaches", said["id"]) if said.get("id") else path("breaches")


ROOM: Final = Room(
    name="breaches",
    title="Breaches",
    home="/breaches",
    pages={"/breaches": listed, "/breaches/{id}": shown, "/notices/{id}": breach_notices.notice},
    acts=(
        Act(name="open-breach", does=_open, href=_home),
        Act(name="scope-breach", does=_scope, href=_home),
        *breach_statements.ACTS,
        *breach_notices.ACTS,
    ),
)
