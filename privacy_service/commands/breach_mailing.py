"""`privacy-service breach mailing`: an approved notice goes to the people that it concerns."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Annotated, Any, Final

import typer

from privacy_service.commands.client import Connection, calling, plain
from privacy_service.commands.screen import AsJson, console, print_json
from privacy_service.commands.subjects import RequestId
from privacy_service.v1 import mailings_pb2 as pb
from privacy_service.v1 import mailings_pb2_grpc as pb_grpc

mailing = typer.Typer(
    no_args_is_help=True, help="Notices to the people concerned: in batches, to each once."
)

_SECONDS: Final = 120.0
_ACTS: Final = {
    "pause": pb.MAILING_ACT_PAUSE,
    "resume": pb.MAILING_ACT_RESUME,
    "cancel": pb.MAILING_ACT_CANCEL,
}
NoticeId = Annotated[str, typer.Argument(metavar="NOTICE", help="The notice's id.")]
Contacts = Annotated[
    str, typer.Option("--contacts", help="The partner whose records have the e-mail addresses.")
]
Field = Annotated[
    list[str] | None,
    typer.Option("--field", help="Only in fields of this name; repeatable."),
]
BatchSize = Annotated[int, typer.Option("--batch-size", help="People in one batch; 0: 50.")]


@mailing.command()
@calling
def plan(
    notice_id: NoticeId,
    contacts: Contacts,
    field: Field = None,
    batch_size: BatchSize = 0,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Tells to how many the notice would go, and in how many batches. Sends nothing.

    Example: privacy-service breach mailing plan notice-3f6d12ab9c0e4477 --contacts acme-shop
    --token officer.jwt
    """
    request = pb.PlanMailingRequest(
        notice_id=notice_id,
        contacts=pb.Contacts(partner=contacts, fields=field or ()),
        batch_size=batch_size,
    )
    answer = _ask(connection, lambda stub, **how: stub.PlanMailing(request, **how))
    if as_json:
        print_json(plain(answer))
        return
    about = "" if answer.looked_at >= answer.people else "about "
    console.print(f"people: {answer.people}, in {answer.batches} batches", markup=False)
    _print_reach(answer.reach, about)
    if about:
        console.print(f"counted in proportion, from {answer.looked_at} of them", markup=False)


@mailing.command()
@calling
def start(
    notice_id: NoticeId,
    digest: Annotated[str, typer.Option("--digest", help="Of what was approved.")],
    contacts: Contacts,
    field: Field = None,
    batch_size: BatchSize = 0,
    request_id: RequestId = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Has an approved notice mailed to the people in the breach's scope. Of a drill nothing leaves.

    Example: privacy-service breach mailing start notice-3f6d12ab9c0e4477 --digest sha256:…
    --contacts acme-shop --token officer.jwt
    """
    request = pb.StartMailingRequest(
        notice_id=notice_id,
        digest=digest,
        contacts=pb.Contacts(partner=contacts, fields=field or ()),
        batch_size=batch_size,
        request_id=request_id or str(uuid.uuid4()),
    )
    answer = _ask(connection, lambda stub, **how: stub.StartMailing(request, **how))
    _show(answer.mailing, as_json=as_json)


@mailing.command()
@calling
def control(
    notice_id: NoticeId,
    act: Annotated[str, typer.Argument(help="pause, resume or cancel.")],
    request_id: RequestId = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Pauses, resumes or cancels a mailing; no letter is begun after the answer.

    Example: privacy-service breach mailing control notice-3f6d12ab9c0e4477 pause
    --token officer.jwt
    """
    if act not in _ACTS:
        raise typer.BadParameter(f"write one of {', '.join(_ACTS)}", param_hint="ACT")
    request = pb.ControlMailingRequest(
        notice_id=notice_id, act=_ACTS[act], request_id=request_id or str(uuid.uuid4())
    )
    answer = _ask(connection, lambda stub, **how: stub.ControlMailing(request, **how))
    _show(answer.mailing, as_json=as_json)


@mailing.command()
@calling
def show(
    notice_id: NoticeId,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Shows how far a mailing is, and how many people need another notice.

    Example: privacy-service breach mailing show notice-3f6d12ab9c0e4477 --token officer.jwt
    """
    request = pb.GetMailingRequest(notice_id=notice_id)
    answer = _ask(connection, lambda stub, **how: stub.GetMailing(request, **how))
    _show(answer.mailing, as_json=as_json)


@mailing.command()
@calling
def bounced(
    reference: Annotated[str, typer.Argument(help="The Message-ID of what came back.")],
    request_id: RequestId = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Says that a letter came back.

    Example: privacy-service breach mailing bounced '<notice-3f6d12ab9c0e4477.5d0c…@acme.example>'
    --token officer.jwt
    """
    request = pb.RecordBounceRequest(
        reference=reference, request_id=request_id or str(uuid.uuid4())
    )
    answer = _ask(connection, lambda stub, **how: stub.RecordBounce(request, **how))
    _show(answer.mailing, as_json=as_json)


def _ask(connection: Connection, ask: Callable[..., Any]) -> Any:
    with connection.open() as channel:
        stub = pb_grpc.MailingServiceStub(channel)
        return ask(stub, timeout=_SECONDS, metadata=connection.metadata)


def _show(one: pb.Mailing, *, as_json: bool) -> None:
    if as_json:
        print_json(plain(one))
        return
    state = pb.MailingState.Name(one.state).removeprefix("MAILING_STATE_").lower()
    looked = one.reach.written + one.reach.beside + one.reach.without
    console.print(f"{one.notice_id}  {state}", markup=False)
    console.print(
        f"people looked at: {looked} of {one.people}, in {one.batches_done} batches", markup=False
    )
    _print_reach(one.reach, "")
    for name, count in _counts(one.letters):
        console.print(f"letters {name}: {count}", markup=False)
    for why, count in sorted(one.letters.refused_because.items()):
        console.print(f"    refused, {why or 'no reason given'}: {count}", markup=False)


def _print_reach(reach: pb.MailingReach, about: str) -> None:
    console.print(f"can be written to: {about}{reach.written}", markup=False)
    if reach.beside:
        console.print(
            f"identifiers beside somebody who is written to: {about}{reach.beside}", markup=False
        )
    console.print(f"need another notice, no address here: {about}{reach.without}", markup=False)


def _counts(letters: pb.MailingLetters) -> list[tuple[str, int]]:
    return [
        (field.name.replace("_", " "), count)
        for field, count in letters.ListFields()
        if field.name != "refused_because"
    ]
