"""`privacy-service breach today`: what is due next, of all breaches, and as a calendar."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import typer

from privacy_service.commands.breach import breach
from privacy_service.commands.breach_options import BreachDesk, Zone, zone_of
from privacy_service.commands.breach_register import breaches_of
from privacy_service.commands.client import Connection, calling
from privacy_service.commands.screen import AsJson, console, print_json
from privacy_service.v1 import breaches_pb2 as pb

_LINE: Final = 73
"""Octets of a line of a calendar, without its end (RFC 5545, 3.1)."""
_OVER: Final = (pb.OBLIGATION_STATUS_DONE, pb.OBLIGATION_STATUS_DONE_LATE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One thing to do. `at` is its safe time; of a task, the end of its day."""

    at: datetime
    what: str
    of: str
    title: str
    breach_id: str
    breach: str
    drill: bool
    sure: bool
    by_law: str = ""


@breach.command()
@calling
def today(
    days: Annotated[int, typer.Option(min=0, help="Also what is due within so many days.")] = 3,
    drills: Annotated[bool, typer.Option("--drills", help="Also of drills.")] = False,
    calendar: Annotated[
        Path | None, typer.Option(metavar="FILE", help="All of it, as a calendar (.ics).")
    ] = None,
    zone: Zone = "UTC",
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Shows what is due next, of all breaches: obligations by their safe time, and tasks.

    Example: privacy-service breach today --days 7 --calendar due.ics --token officer.jwt
    """
    clock = zone_of(zone)
    desk = BreachDesk(connection, clock, as_json)
    now = datetime.now(UTC)
    found = sorted(_due(desk, clock, drills=drills), key=lambda one: (one.at, one.breach_id))
    if calendar is not None:
        calendar.write_text(as_calendar(found, now), encoding="utf-8", newline="")
    near = [one for one in found if one.at <= now + timedelta(days=days)]
    if as_json:
        print_json([_plain(one) for one in near])
        return
    for one in near:
        late = "OVERDUE  " if one.at < now else ""
        sure = "" if one.sure else "  (to decide)"
        at = one.at.astimezone(clock)
        console.print(f"{at:%a %Y-%m-%d %H:%M}  {late}{one.title}{sure}", markup=False)
        drill = "DRILL  " if one.drill else ""
        console.print(f"    {drill}{one.of}, {one.breach_id}  {one.breach}", markup=False)
    later = len(found) - len(near)
    if later or not near:
        what = "nothing is due" if not near else ""
        more = f"{later} more after {days} days" if later else ""
        console.print("; ".join(part for part in (what, more) if part), markup=False)
    if calendar is not None:
        console.print(f"{len(found)} entries in {calendar}", markup=False)


def _due(desk: BreachDesk, clock: ZoneInfo, *, drills: bool) -> Iterator[Due]:
    for one in breaches_of(desk, drills=drills):
        for task in one.tasks:
            if not task.HasField("done_time"):
                day = date.fromisoformat(task.due_date) + timedelta(days=1)
                yield Due(
                    at=datetime(day.year, day.month, day.day, tzinfo=clock).astimezone(UTC),
                    what=f"task:{task.task_id}",
                    of=f"task {task.task_id}, {task.owner}",
                    title=task.title,
                    breach_id=one.breach_id,
                    breach=one.title,
                    drill=one.drill,
                    sure=True,
                )
        if one.state == pb.BREACH_STATE_OPEN:
            yield from _obligations(desk, one)


def _obligations(desk: BreachDesk, of: pb.Breach) -> Iterator[Due]:
    for one in desk.get(of.breach_id).obligations:
        stamps = (one.conservative_due_time, one.legal_due_time)
        stamp = next((each for each in stamps if each.seconds), None)
        if stamp is None or one.status in _OVER:
            continue
        law = one.legal_due_time.ToDatetime(tzinfo=UTC) if one.legal_due_time.seconds else None
        yield Due(
            at=stamp.ToDatetime(tzinfo=UTC),
            what=f"{one.rule_id}.{one.place}",
            of=f"{one.rule_id} ({one.place}), {one.citation}",
            title=f"{one.title}: {one.to}",
            breach_id=of.breach_id,
            breach=of.title,
            drill=of.drill,
            sure=not one.depends_on,
            by_law="" if law is None else f"By law {law:%Y-%m-%d %H:%M} UTC.",
        )


def as_calendar(found: list[Due], now: datetime) -> str:
    """A calendar (RFC 5545): an entry that ends at each safe time, an hour long, with an alarm
    before. An entry has the same UID each time, so that importing again moves it.
    """
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//privacy-service//breach today//EN"]
    for one in found:
        drill = "DRILL: " if one.drill else ""
        asks = "" if one.sure else " (to decide)"
        says = f"{one.of}. {one.by_law} privacy-service breach due {one.breach_id}"
        lines += [
            "BEGIN:VEVENT",
            f"UID:{one.breach_id}.{_escaped(one.what)}@privacy-service",
            f"DTSTAMP:{now:%Y%m%dT%H%M%SZ}",
            f"DTSTART:{one.at - timedelta(hours=1):%Y%m%dT%H%M%SZ}",
            f"DTEND:{one.at:%Y%m%dT%H%M%SZ}",
            f"SUMMARY:{_escaped(f'{drill}{one.title}{asks}')}",
            f"DESCRIPTION:{_escaped(f'{one.breach}. {says}')}",
            "BEGIN:VALARM",
            "ACTION:DISPLAY",
            f"DESCRIPTION:{_escaped(one.title)}",
            "TRIGGER:-PT4H",
            "END:VALARM",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line))


def _escaped(text: str) -> str:
    plain = "".join(letter if letter.isprintable() else " " for letter in text)
    for letter in "\\;,":
        plain = plain.replace(letter, f"\\{letter}")
    return plain


def _folded(line: str) -> Iterator[str]:
    """The line in parts of so many octets, no letter cut."""
    part = ""
    for letter in line:
        if len(part.encode()) + len(letter.encode()) > _LINE:
            yield part
            part = " "
        part += letter
    yield part


def _plain(one: Due) -> dict[str, object]:
    return {
        "at": f"{one.at:%Y-%m-%dT%H:%M:%SZ}",
        "title": one.title,
        "of": one.of,
        "breach_id": one.breach_id,
        "breach": one.breach,
        "drill": one.drill,
        "to_decide": not one.sure,
    }
