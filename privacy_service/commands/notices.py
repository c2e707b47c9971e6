"""`privacy-service notices`: what recipients have to do, and that they did it."""

from __future__ import annotations

import uuid
from collections import Counter
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from google.protobuf.timestamp_pb2 import Timestamp
from rich.table import Table

from privacy_service.commands.client import Connection, calling, plain
from privacy_service.commands.screen import AsJson, console, print_json
from privacy_service.commands.subjects import RequestId
from privacy_service.v1 import notices_pb2, notices_pb2_grpc

notices = typer.Typer(no_args_is_help=True, help="Notices to recipients: told, confirmed, excused.")

_SECONDS = 30.0
_PAGE = 1000
NoticeId = Annotated[str, typer.Argument(metavar="NOTICE", help="The notice's id.")]


@notices.command("list")
@calling
def list_notices(
    partner: Annotated[str, typer.Argument(help="The recipient.")],
    settled: Annotated[
        bool, typer.Option("--settled", help="Also those of which nothing more will come.")
    ] = False,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Lists what a recipient has to do; as the recipient itself, it has been told then.

    Example: privacy-service notices list swift-parcel --cert swift.pem --key swift-key.pem
    """
    request = notices_pb2.ListNoticesRequest(partner=partner, settled=settled, page_size=_PAGE)
    found: list[notices_pb2.Notice] = []
    with connection.open() as channel:
        stub = notices_pb2_grpc.NoticeServiceStub(channel)
        while True:
            page = stub.ListNotices(request, timeout=_SECONDS, metadata=connection.metadata)
            found.extend(page.notices)
            request.page_token = page.next_page_token
            if not request.page_token:
                break
    if as_json:
        print_json([plain(notice) for notice in found])
        return
    table = Table(box=None, header_style="dim")
    table.add_column("notice", min_width=27)
    for name in ("to do", "state", "until", "disclosures", "tokens"):
        table.add_column(name)
    for notice in found:
        count, tokens = len(notice.disclosure_ids), len(notice.tokens)
        until = _at(notice.deadline)
        row = (notice.notice_id, _kind(notice), _state(notice), until, str(count), str(tokens))
        table.add_row(*row)
    console.print(table)
    for notice in found:
        for one in notice.corrected:
            console.print(f"  {notice.notice_id}: {_correction(one)}", markup=False)


@notices.command()
@calling
def search(
    recipient: Annotated[str, typer.Option(help="Only those to this partner.")] = "",
    state: Annotated[
        list[str] | None,
        typer.Option(
            help="Only those that are waiting, told, escalated, confirmed or excused; repeatable. "
            "Not given: all that are neither confirmed nor excused."
        ),
    ] = None,
    kind: Annotated[str, typer.Option(help="Only those of this kind: erasure.")] = "",
    request: Annotated[str, typer.Option(help="Only those of this subject request.")] = "",
    before: Annotated[
        datetime | None, typer.Option(help="Only those whose deadline is before this, UTC.")
    ] = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Searches the notices to all recipients: who has not confirmed, since when, and by when.

    Example: privacy-service notices search --state told --state escalated --token officer.jwt
    """
    asked = notices_pb2.SearchNoticesRequest(
        recipient=recipient,
        states=[_number(notices_pb2.NoticeState, "--state", one) for one in state or ()],
        kind=_number(notices_pb2.NoticeKind, "--kind", kind or "unspecified"),
        subject_request_id=request,
        page_size=_PAGE,
    )
    if before is not None:
        asked.deadline_before.FromDatetime(before.replace(tzinfo=UTC))
    found: list[notices_pb2.Notice] = []
    with connection.open() as channel:
        stub = notices_pb2_grpc.NoticeServiceStub(channel)
        while True:
            page = stub.SearchNotices(asked, timeout=_SECONDS, metadata=connection.metadata)
            found.extend(page.notices)
            asked.page_token = page.next_page_token
            if not asked.page_token:
                break
    if as_json:
        print_json([plain(notice) for notice in found])
        return
    table = Table(box=None, header_style="dim")
    for name in ("notice", "recipient"):
        table.add_column(name, no_wrap=True)
    for name in ("to do", "state", "since", "tried", "next", "until"):
        table.add_column(name)
    for notice in found:
        since = notice.confirm_time if notice.confirm_time.seconds else notice.tell_time
        table.add_row(
            notice.notice_id,
            notice.recipient,
            _kind(notice),
            _state(notice),
            _at(since if since.seconds else notice.make_time),
            str(notice.attempts),
            _at(notice.next_time),
            _at(notice.deadline),
        )
    console.print(table)
    counts = Counter(_state(notice) for notice in found)
    said = ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
    console.print(said or "none", markup=False)


def _number(enum: Any, option: str, name: str) -> Any:
    """The number of what is named on the command line."""
    names = [one.name for one in enum.DESCRIPTOR.values]
    prefix = names[0].removesuffix("UNSPECIFIED")
    known = {one.removeprefix(prefix).lower(): one for one in names}
    if name.lower() not in known:
        raise typer.BadParameter(f"write one of {', '.join([*known][1:])}", param_hint=option)
    return enum.Value(known[name.lower()])


def _at(stamp: Timestamp) -> str:
    return stamp.ToDatetime().strftime("%Y-%m-%d %H:%MZ") if stamp.seconds else "–"


def _kind(notice: notices_pb2.Notice) -> str:
    return notices_pb2.NoticeKind.Name(notice.kind).removeprefix("NOTICE_KIND_").lower()


def _correction(one: notices_pb2.CorrectedField) -> str:
    """What a recipient has to correct, and by what it finds it."""
    if one.treatment == "statement":
        return "a statement completes what you have; ask the sender for it"
    was = f" (you have it by: {one.treatment})" if one.treatment else ""
    if one.new_word:
        return f"{one.field}{was}: {' or '.join(one.old_words)} becomes {one.new_word}"
    return f"{one.field}{was}: the sender's next transfer has it right"


@notices.command()
@calling
def confirm(
    notice: NoticeId,
    request_id: RequestId = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Says that the recipient has done what it had to.

    Example: privacy-service notices confirm notice-3f6d12ab9c0e44770a1b --cert swift.pem
    --key swift-key.pem
    """
    request = notices_pb2.ConfirmNoticeRequest(
        notice_id=notice, request_id=request_id or str(uuid.uuid4())
    )
    with connection.open() as channel:
        answer = notices_pb2_grpc.NoticeServiceStub(channel).ConfirmNotice(
            request, timeout=_SECONDS, metadata=connection.metadata
        )
    _show(answer.notice, as_json=as_json)


@notices.command()
@calling
def excuse(
    notice: NoticeId,
    reason: Annotated[str, typer.Option(help="A coded reason; docs/requests.md has them.")],
    request_id: RequestId = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Says why a recipient need not be told (GDPR Art. 19: impossible, or disproportionate).

    Example: privacy-service notices excuse notice-3f6d12ab9c0e44770a1b
    --reason DISPROPORTIONATE_EFFORT --token officer.jwt
    """
    request = notices_pb2.ExcuseNoticeRequest(
        notice_id=notice, reason=reason, request_id=request_id or str(uuid.uuid4())
    )
    with connection.open() as channel:
        answer = notices_pb2_grpc.NoticeServiceStub(channel).ExcuseNotice(
            request, timeout=_SECONDS, metadata=connection.metadata
        )
    _show(answer.notice, as_json=as_json)


@notices.command()
@calling
def address(
    partner: Annotated[str, typer.Argument(help="The recipient.")],
    url: Annotated[str, typer.Argument(help="Where it is called: https://…")] = "",
    email: Annotated[str, typer.Option(help="Where it is written to instead.")] = "",
    language: Annotated[
        str, typer.Option(help="In which it is written to: en, de, es, fr, it, nl, pl, pt.")
    ] = "",
    new_secret: Annotated[
        bool, typer.Option("--new-secret", help="Makes what signs its calls anew.")
    ] = False,
    request_id: RequestId = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Puts where a recipient is told: called, written to, or (with neither) asking by itself.

    Where it is called, this prints the secret that it verifies calls with.
    Example: privacy-service notices address swift-parcel https://swift.example/notices
    """
    request = notices_pb2.PutNoticeAddressRequest(
        partner=partner,
        url=url,
        email=email,
        language=language,
        new_secret=new_secret,
        request_id=request_id or str(uuid.uuid4()),
    )
    with connection.open() as channel:
        answer = notices_pb2_grpc.NoticeServiceStub(channel).PutNoticeAddress(
            request, timeout=_SECONDS, metadata=connection.metadata
        )
    if as_json:
        print_json({"partner": partner, "secret": answer.secret})
    elif answer.secret:
        console.print(f"secret: {answer.secret}", markup=False)
    elif email:
        console.print(f"{partner} is written to", markup=False)
    else:
        console.print(f"{partner} asks by itself", markup=False)


def _show(notice: notices_pb2.Notice, *, as_json: bool) -> None:
    if as_json:
        print_json(plain(notice))
    else:
        console.print(f"{notice.notice_id}: {_state(notice)}", markup=False)


def _state(notice: notices_pb2.Notice) -> str:
    return notices_pb2.NoticeState.Name(notice.state).removeprefix("NOTICE_STATE_").lower()
