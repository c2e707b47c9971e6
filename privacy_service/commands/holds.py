"""`privacy-service holds`: legal holds, placed and lifted."""

from __future__ import annotations

import uuid
from typing import Annotated

import typer
from rich.table import Table

from privacy_service.commands.breach_measure import ForBreach
from privacy_service.commands.client import Connection, calling, plain
from privacy_service.commands.screen import AsJson, console, print_json, refusing, table
from privacy_service.commands.subjects import RequestId, Subjects, subject_refs
from privacy_service.subjects.record_query import FIELDS, RecordQuery
from privacy_service.v1 import answer_pb2, holds_pb2, holds_pb2_grpc

holds = typer.Typer(
    no_args_is_help=True, help="Legal holds: what may not be deleted until they are lifted."
)

_SECONDS = 30.0
_PAGE = 1000
HoldId = Annotated[str, typer.Argument(metavar="HOLD", help="The hold's id.")]


@holds.command()
@calling
def place(
    matter: Annotated[str, typer.Option(help="The case, by its number. Name no person in it.")],
    reason: Annotated[str, typer.Option(help="Why. Name no person in it.")],
    approver: Annotated[str, typer.Option(help="Who decided it.")],
    review: Annotated[str, typer.Option(help="When to look at it again: YYYY-MM-DD.")],
    subject: Subjects = None,
    partner: Annotated[str | None, typer.Option(help="A partner whose things are held.")] = None,
    contract: Annotated[
        str | None, typer.Option(help="A sharing contract under which they were kept.")
    ] = None,
    query: Annotated[str | None, typer.Option(help="A record query; see `holds lint`.")] = None,
    continue_use: Annotated[
        bool, typer.Option("--continue-use", help="Only deletion stops; use goes on.")
    ] = False,
    breach_id: ForBreach = "",
    request_id: RequestId = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Places a hold on what all that is named covers. Nothing of it is deleted from then on.

    Example: privacy-service holds place --subject email=maria@mail.example --matter LG-12-O-34/26
    --reason "Pending suit" --approver "General counsel" --review 2027-05-31 --token officer.jwt
    """
    request = holds_pb2.PlaceHoldRequest(
        subjects=subject_refs(subject),
        partner=partner or "",
        contract_id=contract or "",
        record_query=query or "",
        matter=matter,
        reason=reason,
        approver=approver,
        review_date=review,
        use=holds_pb2.HELD_USE_CONTINUES if continue_use else holds_pb2.HELD_USE_RESTRICTED,
        breach_id=breach_id,
        request_id=request_id or str(uuid.uuid4()),
    )
    with connection.open() as channel:
        answer = holds_pb2_grpc.LegalHoldServiceStub(channel).PlaceHold(
            request, timeout=_SECONDS, metadata=connection.metadata
        )
    _show(answer.hold, answer.audit, as_json=as_json)


@holds.command("list")
@calling
def list_holds(
    lifted: Annotated[bool, typer.Option("--lifted", help="Also those that were lifted.")] = False,
    subject: Annotated[
        str | None, typer.Option(help="Only those that name this person, as type=value.")
    ] = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Lists the holds, by the day of their review.

    Example: privacy-service holds list --token officer.jwt
    """
    request = holds_pb2.ListHoldsRequest(lifted=lifted, page_size=_PAGE)
    if subject is not None:
        request.subject.CopyFrom(subject_refs([subject])[0])
    found: list[holds_pb2.LegalHold] = []
    with connection.open() as channel:
        stub = holds_pb2_grpc.LegalHoldServiceStub(channel)
        while True:
            page = stub.ListHolds(request, timeout=_SECONDS, metadata=connection.metadata)
            found.extend(page.holds)
            request.page_token = page.next_page_token
            if not request.page_token:
                break
    found.sort(key=lambda hold: (hold.review_date, hold.hold_id))
    if as_json:
        print_json([plain(hold) for hold in found])
        return
    rows = table("hold", "matter", "state", "review", "covers")
    for hold in found:
        rows.add_row(hold.hold_id, hold.matter, _state(hold), hold.review_date, _covers(hold))
    console.print(rows)


@holds.command()
@calling
def show(
    hold: HoldId,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Shows one hold.

    Example: privacy-service holds show hold-3f6d12ab9c0e4477 --token officer.jwt
    """
    with connection.open() as channel:
        answer = holds_pb2_grpc.LegalHoldServiceStub(channel).GetHold(
            holds_pb2.GetHoldRequest(hold_id=hold), timeout=_SECONDS, metadata=connection.metadata
        )
    _show(answer.hold, None, as_json=as_json)


@holds.command()
@calling
def lift(
    hold: HoldId,
    reason: Annotated[
        str | None, typer.Option(help="Proposes to lift it, for this reason.")
    ] = None,
    confirm: Annotated[
        bool, typer.Option("--confirm", help="Lifts it, after another person proposed it.")
    ] = False,
    request_id: RequestId = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Proposes to lift a hold (--reason), or lifts it (--confirm): two steps by two people.

    Example: privacy-service holds lift hold-3f6d12ab9c0e4477 --reason "Suit settled" --token a.jwt
    """
    if (reason is None) is not confirm:
        raise typer.BadParameter("give --reason to propose, or --confirm to lift")
    chosen = request_id or str(uuid.uuid4())
    answer: holds_pb2.ProposeLiftResponse | holds_pb2.ConfirmLiftResponse
    with connection.open() as channel:
        stub = holds_pb2_grpc.LegalHoldServiceStub(channel)
        if confirm:
            answer = stub.ConfirmLift(
                holds_pb2.ConfirmLiftRequest(hold_id=hold, request_id=chosen),
                timeout=_SECONDS,
                metadata=connection.metadata,
            )
        else:
            answer = stub.ProposeLift(
                holds_pb2.ProposeLiftRequest(hold_id=hold, reason=reason or "", request_id=chosen),
                timeout=_SECONDS,
                metadata=connection.metadata,
            )
    _show(answer.hold, answer.audit, as_json=as_json)


@holds.command()
@refusing
def lint(
    query: Annotated[str, typer.Argument(help="The record query.")], as_json: AsJson = False
) -> None:
    """Checks a record query, and says what is wrong at which column.

    Example: privacy-service holds lint 'partner = acme-shop AND created_at >= 2026-01-01'
    """
    RecordQuery.parse(query)
    if as_json:
        print_json({"query": query, "fields": FIELDS})
    else:
        console.print("it holds up", markup=False)


def _show(hold: holds_pb2.LegalHold, audit: answer_pb2.AuditStamp | None, *, as_json: bool) -> None:
    if as_json:
        proof = {} if audit is None else {"audit": plain(audit)}
        print_json(plain(hold) | proof)
        return
    table = Table(box=None, show_header=False)
    for name, value in _lines(hold):
        if value:
            table.add_row(name, value)
    if audit is not None:
        table.add_row("proof", f"audit position {audit.position} in {audit.log_origin}")
    console.print(table)


def _lines(hold: holds_pb2.LegalHold) -> list[tuple[str, str]]:
    placed = hold.place_time.ToDatetime().isoformat(timespec="seconds")
    return [
        ("hold", hold.hold_id),
        ("matter", hold.matter),
        ("state", _state(hold)),
        ("covers", _covers(hold)),
        ("use", holds_pb2.HeldUse.Name(hold.use).removeprefix("HELD_USE_").lower()),
        ("reason", hold.reason),
        ("approver", hold.approver),
        ("review", hold.review_date),
        ("placed", f"{placed}Z by {hold.placed_by}"),
        ("lift proposed by", hold.lift_proposed_by),
        ("lift reason", hold.lift_reason),
        ("lifted by", hold.lifted_by),
    ]


def _state(hold: holds_pb2.LegalHold) -> str:
    return holds_pb2.HoldState.Name(hold.state).removeprefix("HOLD_STATE_").lower()


def _covers(hold: holds_pb2.LegalHold) -> str:
    scope = hold.scope
    named = [
        f"{len(scope.subject_digests)} subject digest(s)" if scope.subject_digests else "",
        f"partner {scope.partner}" if scope.partner else "",
        f"contract {scope.contract_id}" if scope.contract_id else "",
        f"records where {scope.record_query}" if scope.record_query else "",
    ]
    return " and ".join(filter(None, named))
