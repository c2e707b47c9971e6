"""`privacy-service breach`: from the first suspicion to the closing report."""

from __future__ import annotations

import uuid
from typing import Annotated

import typer

from privacy_service.commands.breach_options import (
    BreachDesk,
    BreachId,
    Evidence,
    Zone,
    nature_of,
    stamp_of,
    time_of,
    zone_of,
)
from privacy_service.commands.breach_screen import (
    print_entries,
    print_obligations,
    print_scope,
    shown,
    state_of,
)
from privacy_service.commands.client import Connection, calling, plain
from privacy_service.commands.screen import AsJson, console, print_json
from privacy_service.commands.subjects import RequestId, subject_refs
from privacy_service.v1 import breaches_pb2 as pb

breach = typer.Typer(
    no_args_is_help=True,
    help="Breaches: what happened, who is affected, what is due when and why.",
)


@breach.command("open")
@calling
def open_breach(
    title: Annotated[str, typer.Argument(help="What happened, in a line. Name no person.")],
    at: Annotated[
        list[str] | None,
        typer.Option("--at", help="A time that is known: awareness=2026-06-05T16:00; repeatable."),
    ] = None,
    evidence: Evidence = "as reported",
    nature: Annotated[
        list[str] | None, typer.Option(help="confidentiality, integrity, availability.")
    ] = None,
    capacity: Annotated[
        list[str] | None, typer.Option(help="What you are in it: controller, financial_entity.")
    ] = None,
    seat: Annotated[
        list[str] | None, typer.Option(help="Where you are established: DE, US-CA.")
    ] = None,
    drill: Annotated[bool, typer.Option("--drill", help="A drill: nothing is sent.")] = False,
    says: Annotated[str, typer.Option(help="What else is known.")] = "",
    zone: Zone = "UTC",
    request_id: RequestId = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Opens a breach, and shows at once what is due when.

    Example: privacy-service breach open "Order list sent to the wrong carrier"
    --nature confidentiality --at awareness=2026-06-05T16:00 --seat DE
    --zone Europe/Berlin --token officer.jwt
    """
    clock = zone_of(zone)
    request = pb.OpenBreachRequest(
        title=title,
        natures=[nature_of(word) for word in nature or ()],
        capacities=capacity or (),
        seats=seat or (),
        times=[time_of(text, clock, evidence) for text in at or ()],
        drill=drill,
        says=says,
        request_id=request_id or str(uuid.uuid4()),
    )
    desk = BreachDesk(connection, clock, as_json)
    answer = desk.call(lambda stub, **how: stub.OpenBreach(request, **how))
    desk.show(answer)


@breach.command("list")
@calling
def list_breaches(
    everything: Annotated[bool, typer.Option("--all", help="Also those that are over.")] = False,
    drills: Annotated[bool, typer.Option("--drills", help="Also drills.")] = False,
    zone: Zone = "UTC",
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Lists the breaches that are open, or all: the register.

    Example: privacy-service breach list --all --token officer.jwt
    """
    clock = zone_of(zone)
    state = pb.BREACH_STATE_UNSPECIFIED if everything else pb.BREACH_STATE_OPEN
    request = pb.ListBreachesRequest(state=state, drills=drills, page_size=1000)
    desk = BreachDesk(connection, clock, as_json)
    found: list[pb.Breach] = []
    while True:
        page = desk.call(lambda stub, **how: stub.ListBreaches(request, **how))
        found.extend(page.breaches)
        request.page_token = page.next_page_token
        if not request.page_token:
            break
    found.sort(key=lambda one: one.open_time.ToDatetime(), reverse=True)
    if as_json:
        print_json([plain(one) for one in found])
        return
    for one in found:
        people = f", {one.total.number} people" if one.HasField("total") else ""
        title = f"DRILL {one.title}" if one.drill else one.title
        console.print(f"{one.breach_id}  {state_of(one)}  {title}", markup=False)
        console.print(f"    opened {shown(one.open_time, clock)}{people}", markup=False)


@breach.command()
@calling
def show(
    breach_id: BreachId,
    as_of: Annotated[int, typer.Option(help="As it was at this entry; 0: now.")] = 0,
    zone: Zone = "UTC",
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Shows a breach: who is affected, what is due when, what is still to decide.

    Example: privacy-service breach show breach-3f6d12ab9c0e4477 --token officer.jwt
    """
    desk = BreachDesk(connection, zone_of(zone), as_json)
    desk.show(desk.get(breach_id, as_of=as_of))


@breach.command()
@calling
def due(
    breach_id: BreachId,
    zone: Zone = "UTC",
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Shows what is due when, and why then: each step with its citation.

    Example: privacy-service breach due breach-3f6d12ab9c0e4477 --token officer.jwt
    """
    clock = zone_of(zone)
    desk = BreachDesk(connection, clock, as_json)
    answer = desk.get(breach_id)
    if as_json:
        print_json([plain(one) for one in answer.obligations])
        return
    print_obligations(answer.obligations, clock, why=True)


@breach.command()
@calling
def timeline(
    breach_id: BreachId,
    zone: Zone = "UTC",
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Shows everything that was said of a breach, by whom and when. Nothing of it ever changes.

    Example: privacy-service breach timeline breach-3f6d12ab9c0e4477 --token officer.jwt
    """
    clock = zone_of(zone)
    desk = BreachDesk(connection, clock, as_json)
    answer = desk.get(breach_id, entries=True)
    if as_json:
        print_json([plain(entry) for entry in answer.entries])
        return
    print_entries(answer.entries, clock)


@breach.command()
@calling
def scope(
    breach_id: Annotated[
        str, typer.Argument(metavar="[BREACH]", help="Whose scope it becomes; none: what if.")
    ] = "",
    since: Annotated[str | None, typer.Option(help="From then on: 2026-06-01T00:00.")] = None,
    until: Annotated[str | None, typer.Option(help="Before then.")] = None,
    partner: Annotated[str, typer.Option(help="Sent or received by, or kept for, a partner.")] = "",
    contract: Annotated[str, typer.Option(help="Under this sharing contract.")] = "",
    contract_version: Annotated[int, typer.Option(help="In this version of it.")] = 0,
    purpose: Annotated[str, typer.Option(help="For this purpose.")] = "",
    subject: Annotated[str | None, typer.Option(help="About a person, as type=value.")] = None,
    exposed_key: Annotated[
        str,
        typer.Option(
            help="Sealed under it: partner/NAME, with #VERSION for one, or a data key's id."
        ),
    ] = "",
    records: Annotated[
        str, typer.Option(help="Only records, those that a record query means: `holds lint`.")
    ] = "",
    zone: Zone = "UTC",
    request_id: RequestId = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Counts in the ledger and the record store who and what may be concerned.

    Example: privacy-service breach scope breach-3f6d12ab9c0e4477 --partner swift-parcel
    --since 2026-06-01T00:00 --token officer.jwt
    """
    clock = zone_of(zone)
    request = pb.ScopeBreachRequest(
        breach_id=breach_id,
        partner=partner,
        contract_id=contract,
        contract_version=contract_version,
        purpose=purpose,
        key_id=exposed_key,
        record_query=records,
        keep=bool(breach_id),
        request_id=request_id or str(uuid.uuid4()),
    )
    for name, text in (("since", since), ("until", until)):
        if text is not None:
            getattr(request, name).CopyFrom(stamp_of(text, clock))
    if subject is not None:
        request.subject.CopyFrom(subject_refs([subject])[0])
    desk = BreachDesk(connection, clock, as_json)
    answer = desk.call(lambda stub, **how: stub.ScopeBreach(request, **how))
    if breach_id:
        desk.show(answer)
    elif as_json:
        print_json(plain(answer.scope))
    else:
        print_scope(answer.scope)
