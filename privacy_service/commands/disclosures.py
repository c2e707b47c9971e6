"""`privacy-service audit disclosures`: who received what about whom."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

import grpc
import typer
from google.protobuf.json_format import MessageToDict
from rich.table import Table

from privacy_service.commands.client import Connection, calling
from privacy_service.commands.screen import AsJson, console, print_json
from privacy_service.commands.subjects import subject_refs
from privacy_service.evidence.disclosures import Disclosure, table
from privacy_service.evidence.entries import CategoryCount, ContractRef
from privacy_service.v1 import audit_pb2, audit_pb2_grpc

_PAGE = 1000
_SECONDS = 60.0

_INSTANTS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S+00:00"]
Since = Annotated[
    datetime | None, typer.Option(help="From this instant on (UTC).", formats=_INSTANTS)
]
Until = Annotated[
    datetime | None, typer.Option(help="Before this instant (UTC).", formats=_INSTANTS)
]
ContractVersion = Annotated[
    str | None, typer.Option("--contract", help="Under this contract: ID, or ID@VERSION for one.")
]


class Layout(StrEnum):
    """How a list is written."""

    TABLE = "table"
    CSV = "csv"


@calling
def disclosures(
    subject: Annotated[
        str | None, typer.Option(help="About this person, as type=value: email=a@b.example.")
    ] = None,
    partner: Annotated[str | None, typer.Option(help="Sent or received by this partner.")] = None,
    sender: Annotated[str | None, typer.Option("--from", help="Sent by this partner.")] = None,
    recipient: Annotated[str | None, typer.Option("--to", help="Received by this partner.")] = None,
    contract: ContractVersion = None,
    since: Since = None,
    until: Until = None,
    layout: Annotated[Layout, typer.Option(help="A table for people, or CSV.")] = Layout.TABLE,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Lists disclosures, oldest first: everything about a person, to a partner, under a contract.

    All that is asked must hold. A partner sees the disclosures that it is a side of.

    Example: privacy-service audit disclosures --subject email=maria@mail.example --since 2026-01-01
    --layout csv --token officer.jwt
    """
    named, version = contract_version(contract)
    request = audit_pb2.ListDisclosuresRequest(
        partner=partner or "",
        sender=sender or "",
        recipient=recipient or "",
        contract_id=named,
        version=version,
        page_size=_PAGE,
    )
    if subject is not None:
        request.subject.CopyFrom(subject_refs([subject])[0])
    set_period(request, since, until)
    with connection.open() as channel:
        found = _all(channel, request, connection)
        if as_json:
            print_json([MessageToDict(one, preserving_proto_field_name=True) for one in found])
        else:
            _write(found, layout)


def contract_version(written: str | None) -> tuple[str, int]:
    """`ID` or `ID@VERSION`; version 0 is any. Raises BadParameter."""
    contract, at, number = (written or "").partition("@")
    if at and not (number.isdecimal() and int(number)):
        raise typer.BadParameter("write a contract as ID or ID@VERSION")
    return contract, int(number or 0)


def set_period(request: Any, since: datetime | None, until: datetime | None) -> None:
    """Sets the request's `since` and `until`, read as UTC."""
    for name, instant in (("since", since), ("until", until)):
        if instant is not None:
            getattr(request, name).FromDatetime(instant.replace(tzinfo=UTC))


def _all(
    channel: grpc.Channel, request: audit_pb2.ListDisclosuresRequest, connection: Connection
) -> Iterator[audit_pb2.Disclosure]:
    stub = audit_pb2_grpc.AuditServiceStub(channel)
    while True:
        page = stub.ListDisclosures(request, timeout=_SECONDS, metadata=connection.metadata)
        yield from page.disclosures
        request.page_token = page.next_page_token
        if not request.page_token:
            return


def _write(found: Iterator[audit_pb2.Disclosure], layout: Layout) -> None:
    if layout is Layout.CSV:
        csv.writer(sys.stdout, lineterminator="\n").writerows(table(map(_read, found)))
        return
    shown = Table(box=None, header_style="dim", pad_edge=False, padding=(0, 2, 0, 0))
    for column in ("position", "at", "from", "to", "purpose", "contracts", "people", "what left"):
        shown.add_column(column)
    for one in map(_read, found):
        shown.add_row(
            "" if one.position is None else str(one.position),
            one.at.isoformat(sep=" ", timespec="seconds"),
            one.sender,
            one.recipient,
            one.purpose,
            " ".join(f"{ref.id}@{ref.number}" for ref in one.contracts),
            " ".join(f"{subject[:12]}…" for subject in one.subjects) or "nobody is named",
            ", ".join(f"{each.entity} {each.treatment} {each.count}" for each in one.categories),
        )
    console.print(shown)


def _read(message: audit_pb2.Disclosure) -> Disclosure:
    def optional(name: str) -> Any:
        return getattr(message, name) if message.HasField(name) else None  # type: ignore[arg-type]

    until = optional("recipient_keeps_until")
    return Disclosure(
        id=message.disclosure_id,
        at=message.disclose_time.ToDatetime(UTC),
        sender=message.sender,
        recipient=message.recipient,
        purpose=message.purpose,
        contracts=tuple(
            ContractRef(id=ref.contract_id, number=ref.version, digest=ref.digest)
            for ref in message.contracts
        ),
        subjects=tuple(message.subjects),
        categories=tuple(
            CategoryCount(entity=one.entity, treatment=one.treatment, count=one.count)
            for one in message.categories
        ),
        position=optional("position"),
        consent=optional("consent_record_id"),
        record=optional("record_id"),
        recipient_keeps_until=until.ToDatetime(UTC) if until else None,
    )
