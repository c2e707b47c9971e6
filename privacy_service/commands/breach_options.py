"""What the `breach` commands take, and how they call the desk."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer
from google.protobuf.timestamp_pb2 import Timestamp

from privacy_service.commands.breach_screen import show_breach
from privacy_service.commands.client import Connection
from privacy_service.v1 import breaches_pb2 as pb
from privacy_service.v1 import breaches_pb2_grpc as pb_grpc

_SECONDS: Final = 60.0
_NATURES: Final = {
    "confidentiality": pb.BREACH_NATURE_CONFIDENTIALITY,
    "integrity": pb.BREACH_NATURE_INTEGRITY,
    "availability": pb.BREACH_NATURE_AVAILABILITY,
}
BreachId = Annotated[str, typer.Argument(metavar="BREACH", help="The breach's id.")]
Zone = Annotated[
    str,
    typer.Option("--zone", envvar="PRIVACY_ZONE", help="Whose clock times are read and shown by."),
]
Entry = Annotated[
    int, typer.Option("--expected-entry", help="The last entry that you know; 0: whatever it is.")
]
Evidence = Annotated[str, typer.Option("--evidence", help="On what evidence.")]


class BreachDesk:
    """Calls the breach desk, and shows what it answers."""

    def __init__(self, connection: Connection, clock: ZoneInfo, as_json: bool) -> None:  # noqa: FBT001
        self._connection = connection
        self._clock = clock
        self._as_json = as_json

    def call(self, ask: Callable[..., Any]) -> Any:
        """What the service answers."""
        with self._connection.open() as channel:
            stub = pb_grpc.BreachServiceStub(channel)
            return ask(stub, timeout=_SECONDS, metadata=self._connection.metadata)

    def get(self, breach_id: str, *, as_of: int = 0, entries: bool = False) -> Any:
        """One breach."""
        request = pb.GetBreachRequest(breach_id=breach_id, as_of_entry=as_of, with_entries=entries)
        return self.call(lambda stub, **how: stub.GetBreach(request, **how))

    def show(self, answer: Any) -> None:
        """A breach with what it asks for."""
        audit = None if isinstance(answer, pb.GetBreachResponse) else answer.audit
        show_breach(
            answer.breach, answer.obligations, audit, zone=self._clock, as_json=self._as_json
        )


def zone_of(name: str) -> ZoneInfo:
    """The time zone of that name. Raises BadParameter."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        says = f"{name!r} is no time zone; write Europe/Berlin"
        raise typer.BadParameter(says, param_hint="--zone") from None


def stamp_of(text: str, clock: ZoneInfo) -> Timestamp:
    """An instant; without an offset, on that clock. Raises BadParameter."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a time; write 2026-06-05T16:00") from None
    stamp = Timestamp()
    stamp.FromDatetime((at if at.tzinfo else at.replace(tzinfo=clock)).astimezone(UTC))
    return stamp


def time_of(text: str, clock: ZoneInfo, evidence: str) -> pb.TimeStatement:
    """A time as it is said: NAME=WHEN. Raises BadParameter."""
    name, _, at = text.partition("=")
    return pb.TimeStatement(name=name, at=stamp_of(at, clock), evidence=evidence)


def nature_of(word: str) -> pb.BreachNature.ValueType:
    """What was hurt, by its word. Raises BadParameter."""
    if word not in _NATURES:
        raise typer.BadParameter(f"write one of {', '.join(_NATURES)}", param_hint="--nature")
    return _NATURES[word]


def people_of(text: str) -> pb.PeopleCount:
    """A number of people; `~` in front makes it approximate. Raises BadParameter."""
    number = text.removeprefix("~")
    if not number.isascii() or not number.isdigit():
        raise typer.BadParameter(f"{text!r} is no number; write 1200, or ~1200 for about")
    return pb.PeopleCount(number=int(number), approximate=text.startswith("~"))


def require_day(text: str) -> None:
    """Raises BadParameter unless it is a day."""
    try:
        date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("write a day as 2026-06-05", param_hint="--due") from None
