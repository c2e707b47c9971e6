"""`privacy-service breach reinspect`: releases, looked at again."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

import typer

from privacy_service.commands.breach import breach
from privacy_service.commands.breach_options import (
    BreachDesk,
    Zone,
    stamp_of,
    zone_of,
)
from privacy_service.commands.client import Connection, calling, plain
from privacy_service.commands.screen import AsJson, console, print_json, table
from privacy_service.commands.subjects import RequestId
from privacy_service.v1 import breaches_pb2 as pb


@breach.command()
@calling
def reinspect(
    disclosures: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[DISCLOSURE…]",
            help="As `audit disclosures` has them, at once; else the options say which, for a job.",
        ),
    ] = None,
    since: Annotated[str | None, typer.Option(help="From then on: 2026-06-01T00:00.")] = None,
    until: Annotated[str | None, typer.Option(help="Before then.")] = None,
    partner: Annotated[str, typer.Option(help="Sent or received by a partner.")] = "",
    contract: Annotated[str, typer.Option(help="Under this sharing contract.")] = "",
    contract_version: Annotated[int, typer.Option(help="In this version of it.")] = 0,
    everything: Annotated[
        bool, typer.Option("--everything", help="All that was ever released.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count them.")] = False,
    cancel: Annotated[
        str | None, typer.Option(metavar="REINSPECTION", help="Has nothing more of it looked at.")
    ] = None,
    zone: Zone = "UTC",
    request_id: RequestId = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Looks again at what was released, with the detector as it is now; a breach where it is wrong.

    Example: privacy-service breach reinspect --contract acme-shop-to-swift-parcel
    --since 2026-06-01T00:00 --token officer.jwt
    """
    clock = zone_of(zone)
    desk = BreachDesk(connection, clock, as_json)
    chosen = request_id or str(uuid.uuid4())
    meant = any((since, until, partner, contract, everything))
    if sum((bool(disclosures), meant, cancel is not None)) != 1:
        raise typer.BadParameter(
            "name disclosures, or say which by --since, --until, --partner, --contract or "
            "--everything, or give --cancel"
        )
    if disclosures:
        _at_once(desk, disclosures, as_json=as_json)
        return
    if cancel is not None:
        asked = pb.CancelReinspectionRequest(reinspection_id=cancel, request_id=chosen)
        answer = desk.call(lambda stub, **how: stub.CancelReinspection(asked, **how))
        _show(answer.reinspection, as_json=as_json)
        return
    request = pb.StartReinspectionRequest(
        partner=partner,
        contract_id=contract,
        contract_version=contract_version,
        dry_run=dry_run,
        request_id=chosen,
    )
    for name, text in (("since", since), ("until", until)):
        if text is not None:
            getattr(request, name).CopyFrom(stamp_of(text, clock))
    answer = desk.call(lambda stub, **how: stub.StartReinspection(request, **how))
    if not dry_run:
        _show(answer.reinspection, as_json=as_json)
    elif as_json:
        print_json(plain(answer))
    else:
        console.print(f"{answer.releases} releases", markup=False)


@breach.command()
@calling
def reinspections(
    reinspection: Annotated[
        str, typer.Argument(metavar="[REINSPECTION]", help="One of them; none: all.")
    ] = "",
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Shows how far reinspections are, and what they found.

    Example: privacy-service breach reinspections --token officer.jwt
    """
    desk = BreachDesk(connection, zone_of("UTC"), as_json)
    if reinspection:
        one = pb.GetReinspectionRequest(reinspection_id=reinspection)
        answer = desk.call(lambda stub, **how: stub.GetReinspection(one, **how))
        _show(answer.reinspection, as_json=as_json)
        return
    request = pb.ListReinspectionsRequest(page_size=1000)
    found: list[pb.Reinspection] = []
    while True:
        page = desk.call(lambda stub, **how: stub.ListReinspections(request, **how))
        found.extend(page.reinspections)
        request.page_token = page.next_page_token
        if not request.page_token:
            break
    found.sort(key=lambda one: one.start_time.ToDatetime(), reverse=True)
    if as_json:
        print_json([plain(one) for one in found])
        return
    rows = table("reinspection", "state", "looked at", "wrong", "of")
    for each in found:
        looked = f"{each.looked_at} of {each.total}"
        rows.add_row(each.reinspection_id, _state(each), looked, str(each.wrong), _meant(each))
    console.print(rows)


def _at_once(desk: BreachDesk, disclosures: list[str], *, as_json: bool) -> None:
    found: list[dict[str, Any]] = []
    for disclosure in disclosures:
        request = pb.ReinspectReleaseRequest(disclosure_id=disclosure, request_id=str(uuid.uuid4()))
        answer = desk.call(
            lambda stub, request=request, **how: stub.ReinspectRelease(request, **how)
        )
        found.append({"disclosure_id": disclosure} | plain(answer))
        if not as_json:
            breach_id = f"  {answer.breach_id}" if answer.breach_id else ""
            said = _counted(answer.found) or "as agreed"
            console.print(f"{disclosure}  {said}{breach_id}", markup=False)
    if as_json:
        print_json(found)


def _show(one: pb.Reinspection, *, as_json: bool) -> None:
    if as_json:
        print_json(plain(one))
        return
    console.print(f"{one.reinspection_id}  {_state(one)}  {_meant(one)}", markup=False)
    console.print(f"  looked at     {one.looked_at} of {one.total}", markup=False)
    console.print(f"  wrong         {one.wrong}", markup=False)
    for label, counts in (("found", one.found), ("skipped", one.skipped)):
        if counts:
            console.print(f"  {label:13} {_counted(counts)}", markup=False)
    for breach_id in one.breach_ids:
        console.print(f"  breach        {breach_id}", markup=False)


def _counted(counts: Any) -> str:
    return ", ".join(f"{name}: {many}" for name, many in sorted(counts.items()))


def _state(one: pb.Reinspection) -> str:
    return pb.ReinspectionState.Name(one.state).removeprefix("REINSPECTION_STATE_").lower()


def _meant(one: pb.Reinspection) -> str:
    version = f" version {one.contract_version}" if one.contract_version else ""
    times = (
        (word, f"{at.ToDatetime():%Y-%m-%d %H:%MZ}")
        for word, at, is_said in (
            ("since", one.since, one.HasField("since")),
            ("until", one.until, one.HasField("until")),
        )
        if is_said
    )
    parts = [one.partner, f"{one.contract_id}{version}", *(f"{word} {at}" for word, at in times)]
    return ", ".join(part for part in parts if part) or "everything"
