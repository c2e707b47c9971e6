"""What the `breach` commands show of all breaches: tasks that are open, and the register."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from privacy_service.commands.breach import breach
from privacy_service.commands.breach_options import BreachDesk, zone_of
from privacy_service.commands.breach_screen import state_of
from privacy_service.commands.client import Connection, calling, plain
from privacy_service.commands.screen import AsJson, console, print_json, table
from privacy_service.v1 import breaches_pb2 as pb

COLUMNS: Final = (
    "breach", "title", "state", "noticed_by", "opened", "opened_by", "closed", "times", "people",
    "residents", "effects", "decided", "measures", "filed", "causes", "lessons", "keep_until",
    "delete_after",
)  # fmt: skip
"""What GDPR Art. 33(5) asks for (facts, effects, remedial action), and what else a register has."""

_FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r")


@breach.command()
@calling
def tasks(
    everything: Annotated[bool, typer.Option("--all", help="Also those that are done.")] = False,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Lists the tasks that are open, of all breaches, also corrective ones of closed breaches.

    Example: privacy-service breach tasks --token officer.jwt
    """
    desk = BreachDesk(connection, zone_of("UTC"), as_json)
    found = [
        (one.breach_id, task)
        for one in breaches_of(desk)
        for task in one.tasks
        if everything or not task.HasField("done_time")
    ]
    found.sort(key=lambda pair: (pair[1].due_date, pair[0], pair[1].task_id))
    if as_json:
        print_json([{"breach_id": name} | plain(task) for name, task in found])
        return
    today = datetime.now(UTC).date().isoformat()
    rows = table("by", "task", "what", "who", "breach", "")
    for name, task in found:
        done = task.HasField("done_time")
        late = "done" if done else "OVERDUE" if task.due_date < today else ""
        rows.add_row(task.due_date, task.task_id, task.title, task.owner, name, late)
    console.print(rows)


@breach.command()
@calling
def register(
    out: Annotated[
        Path | None, typer.Argument(help="A .csv or .json file; none: CSV on the screen.")
    ] = None,
    expired: Annotated[
        bool, typer.Option("--expired", help="Only what the job deletes next, unless it is held.")
    ] = False,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Exports the register of all breaches (GDPR Art. 33(5)), drills left out.

    Example: privacy-service breach register register.csv --token officer.jwt
    """
    desk = BreachDesk(connection, zone_of("UTC"), as_json)
    today = datetime.now(UTC).date().isoformat()
    rows = [
        _row(desk.get(one.breach_id, entries=True))
        for one in breaches_of(desk)
        if not expired or "" < one.delete_after < today
    ]
    rows.sort(key=lambda row: row["opened"])
    if as_json or (out is not None and out.suffix == ".json"):
        written = json.dumps(rows, indent=2, ensure_ascii=False)
        if out is None:
            print_json(rows)
        else:
            out.write_text(f"{written}\n", encoding="utf-8")
    elif out is None:
        _write_csv(sys.stdout, rows)
    else:
        with out.open("w", encoding="utf-8", newline="") as file:
            _write_csv(file, rows)
    if out is not None:
        console.print(f"{len(rows)} breaches in {out}", markup=False)


def breaches_of(desk: BreachDesk, *, drills: bool = False) -> Iterator[pb.Breach]:
    """Every breach that there is."""
    request = pb.ListBreachesRequest(drills=drills, page_size=1000)
    while True:
        page = desk.call(lambda stub, **how: stub.ListBreaches(request, **how))
        yield from page.breaches
        request.page_token = page.next_page_token
        if not request.page_token:
            return


def _write_csv(file: Any, rows: list[dict[str, Any]]) -> None:
    writer = csv.DictWriter(file, fieldnames=COLUMNS)
    writer.writeheader()
    for row in rows:
        writer.writerow({name: _cell(value) for name, value in row.items()})


def _cell(value: Any) -> str:
    """One cell. What a spreadsheet would take for a formula is text."""
    if isinstance(value, dict):
        text = "; ".join(f"{name}: {each}" for name, each in value.items())
    elif isinstance(value, list):
        text = "; ".join(str(each) for each in value)
    else:
        text = str(value)
    return f"'{text}" if text.startswith(_FORMULAS) else text


def _row(answer: pb.GetBreachResponse) -> dict[str, Any]:
    one = answer.breach
    said: dict[str, list[dict[str, Any]]] = {}
    for entry in answer.entries:
        said.setdefault(entry.kind, []).append(json.loads(entry.statement_json))
    closing = (said.get("closing") or [{}])[-1]
    source = pb.BreachSource.Name(one.source).removeprefix("BREACH_SOURCE_").lower()
    return {
        "breach": one.breach_id,
        "title": one.title,
        "state": state_of(one),
        "noticed_by": one.reported_by or source,
        "opened": _instant(one.open_time),
        "opened_by": one.opened_by,
        "closed": _instant(one.close_time) if one.HasField("close_time") else "",
        "times": {name: _instant(at) for name, at in sorted(one.times.items())},
        "people": _people(one.total) if one.HasField("total") else "",
        "residents": {home: _people(many) for home, many in sorted(one.residents.items())},
        "effects": [
            pb.BreachNature.Name(nature).removeprefix("BREACH_NATURE_").lower()
            for nature in one.natures
        ],
        "decided": {name: "yes" if yes else "no" for name, yes in sorted(one.decided.items())},
        "measures": [f"{each['what']}: {each['says']}" for each in said.get("measure", [])],
        "filed": [f"{each['rule']} {each['at']}" for each in said.get("filing", [])],
        "causes": closing.get("causes", ""),
        "lessons": closing.get("lessons", ""),
        "keep_until": one.keep_until,
        "delete_after": one.delete_after,
    }


def _instant(stamp: Any) -> str:
    return f"{stamp.ToDatetime():%Y-%m-%dT%H:%M:%SZ}"


def _people(count: pb.PeopleCount) -> str:
    return f"about {count.number}" if count.approximate else str(count.number)
