"""`privacy-service requests`: what people ask for, from receipt to receipt."""

from __future__ import annotations

import hashlib
import json
import sys
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, TypeVar

import grpc
import typer
from google.protobuf.json_format import ParseDict, ParseError
from rich.table import Table
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from privacy_service.commands.client import Connection, calling, plain
from privacy_service.commands.requests_screen import (
    at,
    kind_of,
    safe_seconds,
    show_corrections,
    show_plan,
    show_request,
    state_of,
)
from privacy_service.commands.screen import AsJson, console, print_json
from privacy_service.commands.subjects import RequestId, subject_refs
from privacy_service.v1 import requests_pb2, requests_pb2_grpc

T = TypeVar("T")

requests = typer.Typer(
    no_args_is_help=True, help="Subject requests: what people ask for, decided, done and proven."
)

_SECONDS = 60.0
_PAGE = 1000
SubjectRequestId = Annotated[str, typer.Argument(metavar="REQUEST", help="The request's id.")]
Code = Annotated[str, typer.Option("--reason", help="A coded reason; docs/requests.md has them.")]


@requests.command()
@calling
def submit(
    kind: Annotated[
        str,
        typer.Option(
            help="Erasure, rectification, access, portability, restriction, objection, "
            "or consent_withdrawal."
        ),
    ],
    subject: Annotated[
        list[str],
        typer.Option(help="Who: email=…, phone=…, or PARTNER/customer-id=…; repeatable."),
    ],
    regime: Annotated[str, typer.Option(help="The regime, or a rule: `law list`.")] = "eu-gdpr",
    place: Annotated[str, typer.Option(help="Whose clock and holidays count: DE.")] = "DE",
    purpose: Annotated[
        str, typer.Option(help="What an objection is to, as DPV has it: dpv:DirectMarketing.")
    ] = "",
    received: Annotated[
        datetime | None, typer.Option(help="When it came, UTC; not given: now.")
    ] = None,
    request_id: RequestId = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Receives a request. Identifiers are heard and not kept.

    Example: privacy-service requests submit --kind erasure --subject email=maria@mail.example
    --subject acme-shop/customer-id=C-1042 --regime eu-gdpr --place DE --token officer.jwt
    """
    request = requests_pb2.SubmitRequestRequest(
        kind=_kind(kind),
        identifiers=[_identifier(one) for one in subject],
        regime=regime,
        place=place,
        purpose=purpose,
        request_id=request_id or str(uuid.uuid4()),
    )
    if received is not None:
        request.receive_time.FromDatetime(received.replace(tzinfo=UTC))
    with connection.open() as channel:
        answer = _stub(channel).SubmitRequest(
            request, timeout=_SECONDS, metadata=connection.metadata
        )
    show_request(answer.request, answer.audit, as_json=as_json)


@requests.command("list")
@calling
def list_requests(
    closed: Annotated[bool, typer.Option("--closed", help="Also those that are closed.")] = False,
    overdue: Annotated[
        bool, typer.Option("--overdue", help="Only those that are overdue.")
    ] = False,
    subject: Annotated[
        str | None, typer.Option(help="Only those about this person, as type=value.")
    ] = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Lists the requests, those that are due first in front.

    Example: privacy-service requests list --overdue --token officer.jwt
    """
    request = requests_pb2.ListRequestsRequest(closed=closed, overdue=overdue, page_size=_PAGE)
    if subject is not None:
        request.subject.CopyFrom(subject_refs([subject])[0])
    found: list[requests_pb2.SubjectRequest] = []
    with connection.open() as channel:
        while True:
            page = _stub(channel).ListRequests(
                request, timeout=_SECONDS, metadata=connection.metadata
            )
            found.extend(page.requests)
            request.page_token = page.next_page_token
            if not request.page_token:
                break
    found.sort(key=lambda one: (safe_seconds(one.due), one.subject_request_id))
    if as_json:
        print_json([plain(one) for one in found])
        return
    table = Table(box=None, header_style="dim")
    table.add_column("request", min_width=20)
    for name in ("kind", "state", "safe by", "due by law"):
        table.add_column(name)
    for one in found:
        due = at(one.due, "legal_time") + (" OVERDUE" if one.overdue else "")
        table.add_row(
            one.subject_request_id, kind_of(one), state_of(one), at(one.due, "safe_time"), due
        )
    console.print(table)


@requests.command()
@calling
def show(
    request: SubjectRequestId,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Shows one request: when it is due and why then, who is told, and what was done.

    Example: privacy-service requests show req-3f6d12ab9c0e4477 --token officer.jwt
    """
    with connection.open() as channel:
        answer = _stub(channel).GetRequest(
            requests_pb2.GetRequestRequest(subject_request_id=request),
            timeout=_SECONDS,
            metadata=connection.metadata,
        )
    show_request(answer.request, None, as_json=as_json)


@requests.command()
@calling
def identify(
    request: SubjectRequestId,
    level: Annotated[str, typer.Option(help="How sure it is: low, substantial, high.")],
    evidence: Annotated[
        Path, typer.Option(help="What shows it; only its SHA-256 is sent, and deleted later.")
    ],
    request_id: RequestId = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Says that it is known who asks.

    Example: privacy-service requests identify req-3f6d12ab9c0e4477 --level substantial
    --evidence passport.pdf --token officer.jwt
    """
    checked = requests_pb2.CheckIdentity(
        level=_level(level), evidence_sha256=hashlib.sha256(evidence.read_bytes()).hexdigest()
    )
    step = requests_pb2.TakeStepRequest(check_identity=checked)
    _take(step, request, request_id, connection, as_json=as_json)


@requests.command()
@calling
def ask(
    request: SubjectRequestId,
    reason: Code,
    request_id: RequestId = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Says that the person was asked something; where the law has it so, the clock stands still.

    Example: privacy-service requests ask req-3f6d12ab9c0e4477 --reason IDENTITY_REQUIRED
    """
    step = requests_pb2.TakeStepRequest(ask=requests_pb2.CodedReason(code=reason))
    _take(step, request, request_id, connection, as_json=as_json)


@requests.command()
@calling
def answered(
    request: SubjectRequestId,
    request_id: RequestId = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Says that the person has answered.

    Example: privacy-service requests answered req-3f6d12ab9c0e4477
    """
    step = requests_pb2.TakeStepRequest(answered=requests_pb2.PlainStep())
    _take(step, request, request_id, connection, as_json=as_json)


@requests.command()
@calling
def acknowledge(
    request: SubjectRequestId,
    request_id: RequestId = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Says that the person was told that the request has come, where a law asks for that.

    Example: privacy-service requests acknowledge req-3f6d12ab9c0e4477 --token officer.jwt
    """
    step = requests_pb2.TakeStepRequest(acknowledge=requests_pb2.PlainStep())
    _take(step, request, request_id, connection, as_json=as_json)


@requests.command()
@calling
def extend(
    request: SubjectRequestId,
    reason: Code,
    request_id: RequestId = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Extends the deadline as the law has it, before the first one; tell the person as well.

    Example: privacy-service requests extend req-3f6d12ab9c0e4477 --reason COMPLEXITY
    """
    step = requests_pb2.TakeStepRequest(extend=requests_pb2.CodedReason(code=reason))
    _take(step, request, request_id, connection, as_json=as_json)


@requests.command()
@calling
def start(
    request: SubjectRequestId,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Shows what would be done, and does nothing.")
    ] = False,
    request_id: RequestId = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Decides that it is done; jobs do it from now on.

    Example: privacy-service requests start req-3f6d12ab9c0e4477 --dry-run --token officer.jwt
    """
    if dry_run:
        with connection.open() as channel:
            plan = _stub(channel).PlanErasure(
                requests_pb2.PlanErasureRequest(subject_request_id=request),
                timeout=_SECONDS,
                metadata=connection.metadata,
            )
        show_plan(plan, as_json=as_json)
        return
    step = requests_pb2.TakeStepRequest(start=requests_pb2.PlainStep())
    _take(step, request, request_id, connection, as_json=as_json)


@requests.command("announce-lift")
@calling
def announce_lift(
    request: SubjectRequestId,
    request_id: RequestId = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Says that the person was told that their restriction ends (GDPR Art. 18(3)).

    Example: privacy-service requests announce-lift req-3f6d12ab9c0e4477 --token officer.jwt
    """
    step = requests_pb2.TakeStepRequest(announce_lift=requests_pb2.PlainStep())
    _take(step, request, request_id, connection, as_json=as_json)


@requests.command()
@calling
def lift(
    request: SubjectRequestId,
    request_id: RequestId = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Ends a restriction, of which the person was told, or an objection that was taken back.

    Example: privacy-service requests lift req-3f6d12ab9c0e4477 --token officer.jwt
    """
    step = requests_pb2.TakeStepRequest(lift=requests_pb2.PlainStep())
    _take(step, request, request_id, connection, as_json=as_json)


@requests.command()
@calling
def refuse(
    request: SubjectRequestId,
    reason: Code,
    request_id: RequestId = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Refuses, for a coded reason.

    Example: privacy-service requests refuse req-3f6d12ab9c0e4477 --reason IDENTITY_FAILURE
    """
    step = requests_pb2.TakeStepRequest(refuse=requests_pb2.CodedReason(code=reason))
    _take(step, request, request_id, connection, as_json=as_json)


@requests.command()
@calling
def note(
    request: SubjectRequestId,
    text: Annotated[str, typer.Argument(help="The note. Name no person in it.")],
    request_id: RequestId = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Adds a note for whoever comes next.

    Example: privacy-service requests note req-3f6d12ab9c0e4477 "Called back on Monday"
    """
    step = requests_pb2.TakeStepRequest(note=requests_pb2.NoteText(text=text))
    _take(step, request, request_id, connection, as_json=as_json)


@requests.command()
@calling
def receipt(
    request: SubjectRequestId,
    out: Annotated[Path, typer.Argument(help="Where the receipt's file goes.")],
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Gets the newest receipt, with its proof: `receipt verify` checks it anywhere.

    Example: privacy-service requests receipt req-3f6d12ab9c0e4477 receipt.json --token officer.jwt
    """
    with connection.open() as channel:
        answer = _stub(channel).GetErasureReceipt(
            requests_pb2.GetErasureReceiptRequest(subject_request_id=request),
            timeout=_SECONDS,
            metadata=connection.metadata,
        )
    out.write_text(answer.receipt, encoding="utf-8")
    if as_json:
        print_json({"receipt": str(out)})
    else:
        console.print(f"wrote {out}", markup=False)


@requests.command()
@calling
def disclose(
    request: SubjectRequestId,
    public_key: Annotated[
        str, typer.Option(help="Whose bundle it is: what `keys new-recipient` prints.")
    ],
    request_id: RequestId = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Decides that access, or a copy, is given: the bundle is made for that key, and opens with it.

    The key is the person's own, or one that you make to hand the bundle over yourself.
    Example: privacy-service requests disclose req-3f6d12ab9c0e4477 --public-key "q0r…="
    --token officer.jwt
    """
    step = requests_pb2.TakeStepRequest(disclose=requests_pb2.Disclose(public_key=public_key))
    _take(step, request, request_id, connection, as_json=as_json)


@requests.command()
@calling
def bundle(
    request: SubjectRequestId,
    out: Annotated[Path, typer.Argument(help="Where the encrypted bundle goes.")],
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Gets the bundle of an access or portability request, encrypted; `bundle open` opens it.

    Example: privacy-service requests bundle req-3f6d12ab9c0e4477 maria.bundle --token officer.jwt
    """
    count = 1
    beside = out.with_name(f"{out.name}.partial")
    try:
        with connection.open() as channel, beside.open("w", encoding="ascii") as file:
            file.write(f"{request}\n")
            number = 0
            while number < count:
                answer = _stub(channel).GetBundlePart(
                    requests_pb2.GetBundlePartRequest(subject_request_id=request, number=number),
                    timeout=_SECONDS,
                    metadata=connection.metadata,
                )
                file.write(f"{answer.sealed}\n")
                number, count = number + 1, answer.parts
        beside.replace(out)  # only a whole bundle goes by the name that was asked for
    finally:
        beside.unlink(missing_ok=True)
    if as_json:
        print_json({"bundle": str(out), "parts": count})
    else:
        console.print(f"wrote {out}", markup=False)


@requests.command()
@calling
def correct(
    request: SubjectRequestId,
    file: Annotated[
        Path,
        typer.Option("--file", help="What is wrong and what is right, as YAML; - for stdin."),
    ],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Counts what would change, and does nothing.")
    ] = False,
    request_id: RequestId = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Decides that it is corrected, or completed by a statement; a job does it from now on.

    Example: privacy-service requests correct req-3f6d12ab9c0e4477 --file correction.yaml --dry-run
    """
    wanted = _corrections(file)
    if dry_run:
        with connection.open() as channel:
            plan = _stub(channel).PlanCorrection(
                requests_pb2.PlanCorrectionRequest(subject_request_id=request, correct=wanted),
                timeout=_SECONDS,
                metadata=connection.metadata,
            )
        show_corrections(plan, as_json=as_json)
        return
    step = requests_pb2.TakeStepRequest(correct=wanted)
    _take(step, request, request_id, connection, as_json=as_json)


# -- Parts ------------------------------------------------------------------------------------


def _stub(channel: grpc.Channel) -> requests_pb2_grpc.SubjectRequestServiceStub:
    return requests_pb2_grpc.SubjectRequestServiceStub(channel)


def _take(
    step: requests_pb2.TakeStepRequest,
    request: str,
    request_id: str | None,
    connection: Connection,
    *,
    as_json: bool,
) -> None:
    step.subject_request_id = request
    step.request_id = request_id or str(uuid.uuid4())
    with connection.open() as channel:
        answer = _stub(channel).TakeStep(step, timeout=_SECONDS, metadata=connection.metadata)
    show_request(answer.request, answer.audit, as_json=as_json)


def _identifier(written: str) -> requests_pb2.Identifier:
    """`email=…`, or a partner's own word: `acme-shop/customer-id=…`."""
    kind = written.partition("=")[0]
    partner, slash, _ = kind.partition("/")
    plain = written.removeprefix(f"{partner}/") if slash else written
    (subject,) = subject_refs([plain])
    return requests_pb2.Identifier(subject=subject, partner=partner if slash else "")


def _kind(written: str) -> requests_pb2.SubjectRequestKind.ValueType:
    known = {
        name.removeprefix("SUBJECT_REQUEST_KIND_").lower(): number
        for name, number in requests_pb2.SubjectRequestKind.items()
        if number
    }
    return _one_of(known, written, "--kind")


def _level(written: str) -> requests_pb2.IdentityLevel.ValueType:
    known = {
        name.removeprefix("IDENTITY_LEVEL_").lower(): number
        for name, number in requests_pb2.IdentityLevel.items()
        if number
    }
    return _one_of(known, written, "--level")


def _one_of(known: dict[str, T], written: str, option: str) -> T:
    if written.lower() not in known:
        raise typer.BadParameter(f"{option} is one of {', '.join(known)}")
    return known[written.lower()]


def _corrections(file: Path) -> requests_pb2.Correct:
    """The corrections in a file. Raises BadParameter, which says no value."""
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
        written = YAML(typ="safe", pure=True).load(text)
        for one in written.get("corrections", ()):
            one |= {name: _word(one[name]) for name in ("value", "was") if name in one}
        return ParseDict(written, requests_pb2.Correct())
    except OSError:
        raise typer.BadParameter(f"{file} cannot be read") from None
    except (YAMLError, ParseError, TypeError, AttributeError):
        raise typer.BadParameter(
            f"{file} holds no corrections: docs/requests.md has an example"
        ) from None


def _word(value: object) -> str:
    """A value as JSON writes it, without quotes."""
    return value if isinstance(value, str) else json.dumps(value, default=str).strip('"')
