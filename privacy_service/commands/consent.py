"""`privacy-service consent`: what people were told and asked, and what they said."""

from __future__ import annotations

import sys
import uuid
from pathlib import Path
from typing import Annotated, Any

import typer
from google.protobuf.json_format import ParseDict, ParseError
from rich.table import Table
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from privacy_service.commands.client import Connection, calling, plain
from privacy_service.commands.screen import AsJson, console, print_json, table
from privacy_service.commands.subjects import RequestId, Subjects, subject_refs
from privacy_service.v1 import consent_pb2, consent_pb2_grpc

consent = typer.Typer(
    no_args_is_help=True, help="The consent ledger: recorded, withdrawn, shown, listed."
)

_SECONDS = 30.0
_PAGE = 1000
RecordId = Annotated[str, typer.Argument(metavar="RECORD", help="The record's id.")]
Partner = Annotated[str, typer.Option(help="The partner that keeps the record.")]


@consent.command()
@calling
def record(
    record_id: RecordId,
    partner: Partner,
    state: Annotated[
        str, typer.Option(help="What was said: given, refused, requested, renewed, …")
    ] = "given",
    subject: Subjects = None,
    terms: Annotated[
        Path | None, typer.Option(help="YAML or JSON: what the person was told and asked.")
    ] = None,
    expression: Annotated[str, typer.Option(help="explicit, expressed or implied.")] = "explicit",
    valid_for: Annotated[str | None, typer.Option(help="For how long, ISO 8601: P2Y.")] = None,
    by: Annotated[str, typer.Option(help="Who said it: a role, not a person.")] = "",
    request_id: RequestId = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Records what a person said: a new record, or the next event of one that is there.

    Example: privacy-service consent record offers/17 --partner acme-shop --terms offers.yaml
    --subject email=maria@mail.example --valid-for P2Y --ca ca.pem --cert acme.pem --key acme.key
    """
    request = consent_pb2.RecordConsentRequest(
        partner=partner,
        record_id=record_id,
        subjects=subject_refs(subject),
        event=consent_pb2.ConsentEvent(
            state=_number(consent_pb2.ConsentState, "CONSENT_STATE_", state),
            expression=_number(consent_pb2.Expression, "EXPRESSION_", expression),
            by=by,
            valid_for=valid_for or "",
        ),
        request_id=request_id or str(uuid.uuid4()),
    )
    if terms is not None:
        request.terms.CopyFrom(_terms(terms))
    with connection.open() as channel:
        answer = consent_pb2_grpc.ConsentServiceStub(channel).RecordConsent(
            request, timeout=_SECONDS, metadata=connection.metadata
        )
    if as_json:
        print_json({"record": plain(answer.record), "audit": plain(answer.audit)})
    else:
        console.print(f"{record_id}: {_state(answer.record.state)}", markup=False)
        console.print(f"audit position {answer.audit.position}", markup=False)


@consent.command()
@calling
def withdraw(
    partner: Partner,
    record_id: Annotated[
        str | None, typer.Argument(metavar="[RECORD]", help="The record; else --subject.")
    ] = None,
    subject: Annotated[
        str | None, typer.Option(help="All of this person's that is in force, as type=value.")
    ] = None,
    request_id: RequestId = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Withdraws consent. Nothing is released on it from then on.

    Example: privacy-service consent withdraw --partner acme-shop --subject email=maria@mail.example
    --token officer.jwt
    """
    if (record_id is None) is (subject is None):
        raise typer.BadParameter("name a record, or a person with --subject")
    request = consent_pb2.WithdrawConsentRequest(
        partner=partner, request_id=request_id or str(uuid.uuid4())
    )
    if subject is not None:
        request.subject.CopyFrom(subject_refs([subject])[0])
    else:
        request.record_id = record_id or ""
    with connection.open() as channel:
        answer = consent_pb2_grpc.ConsentServiceStub(channel).WithdrawConsent(
            request, timeout=_SECONDS, metadata=connection.metadata
        )
    if as_json:
        print_json({"withdrawn": list(answer.record_ids), "audit": plain(answer.audit)})
    else:
        said = ", ".join(answer.record_ids) or "nothing was in force"
        console.print(f"withdrawn: {said}", markup=False)
        console.print(f"audit position {answer.audit.position}", markup=False)


@consent.command()
@calling
def show(
    record_id: RecordId,
    partner: Partner,
    json_ld: Annotated[
        bool, typer.Option("--json-ld", help="As JSON-LD: ISO/IEC TS 27560 in DPV.")
    ] = False,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Shows one record: what was told and asked, and what was said when.

    Example: privacy-service consent show offers/17 --partner acme-shop --json-ld
    --token officer.jwt
    """
    with connection.open() as channel:
        answer = consent_pb2_grpc.ConsentServiceStub(channel).GetConsent(
            consent_pb2.GetConsentRequest(partner=partner, record_id=record_id),
            timeout=_SECONDS,
            metadata=connection.metadata,
        )
    if json_ld:
        sys.stdout.write(answer.json_ld + "\n")
    elif as_json:
        print_json(plain(answer.record))
    else:
        _show(answer.record)


@consent.command("list")
@calling
def list_consents(
    partner: Annotated[str, typer.Option(help="Only this partner's.")] = "",
    subject: Annotated[
        str | None, typer.Option(help="Only those about this person, as type=value.")
    ] = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Lists records, with what holds now.

    Example: privacy-service consent list --subject email=maria@mail.example --token officer.jwt
    """
    request = consent_pb2.ListConsentsRequest(partner=partner, page_size=_PAGE)
    if subject is not None:
        request.subject.CopyFrom(subject_refs([subject])[0])
    found: list[consent_pb2.ConsentRecord] = []
    with connection.open() as channel:
        stub = consent_pb2_grpc.ConsentServiceStub(channel)
        while True:
            page = stub.ListConsents(request, timeout=_SECONDS, metadata=connection.metadata)
            found.extend(page.records)
            request.page_token = page.next_page_token
            if not request.page_token:
                break
    if as_json:
        print_json([plain(one) for one in found])
        return
    rows = table("partner", "record", "state", "purposes", "for")
    for one in found:
        purposes, recipients = ", ".join(one.terms.purposes), ", ".join(one.terms.recipients)
        rows.add_row(one.partner, one.record_id, _state(one.state), purposes, recipients)
    console.print(rows)


@consent.command("opt-outs")
@calling
def opt_outs(
    subject: Annotated[str, typer.Option(help="Who, as type=value.")],
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Lists where a person is known to have opted out of sale and sharing (`Sec-GPC`).

    Example: privacy-service consent opt-outs --subject email=maria@mail.example --token officer.jwt
    """
    with connection.open() as channel:
        answer = consent_pb2_grpc.ConsentServiceStub(channel).ListOptOuts(
            consent_pb2.ListOptOutsRequest(subject=subject_refs([subject])[0]),
            timeout=_SECONDS,
            metadata=connection.metadata,
        )
    if as_json:
        print_json([plain(one) for one in answer.opt_outs])
        return
    rows = table("partner", "since")
    for one in answer.opt_outs:
        rows.add_row(one.partner, f"{one.time.ToDatetime().isoformat(timespec='seconds')}Z")
    console.print(rows)


def _show(record: consent_pb2.ConsentRecord) -> None:
    table = Table(box=None, show_header=False)
    for name, value in (
        ("record", f"{record.record_id} at {record.partner}"),
        ("state", _state(record.state)),
        ("purposes", ", ".join(record.terms.purposes)),
        ("recipients", ", ".join(record.terms.recipients)),
        ("personal data", ", ".join(record.terms.personal_data)),
        ("notice", f"{record.terms.notice} ({record.terms.language})"),
        ("terms", record.terms_digest),
        ("withdrawal", record.terms.withdrawal_method),
    ):
        table.add_row(name, value)
    for event in record.events:
        at = event.time.ToDatetime().isoformat(timespec="seconds")
        held = f", for {event.valid_for}" if event.valid_for else ""
        table.add_row("said", f"{at}Z {_state(event.state)} by {event.by}{held}")
    console.print(table)


def _terms(file: Path) -> consent_pb2.ConsentTerms:
    """The terms in a file. Raises BadParameter, naming what is wrong but not its value."""
    try:
        written = YAML(typ="safe", pure=True).load(file.read_text(encoding="utf-8"))
        return ParseDict(written, consent_pb2.ConsentTerms())
    except OSError:
        raise typer.BadParameter(f"{file} cannot be read") from None
    except (YAMLError, ParseError, TypeError, AttributeError) as fault:
        raise typer.BadParameter(f"{file} holds no terms of consent: {fault}") from None


def _number(enum: Any, prefix: str, word: str) -> Any:
    try:
        return enum.Value(prefix + word.upper())
    except ValueError:
        known = [name.removeprefix(prefix).lower() for name in enum.keys()][1:]  # noqa: SIM118
        raise typer.BadParameter(f"write one of {', '.join(known)}") from None


def _state(state: consent_pb2.ConsentState.ValueType) -> str:
    return consent_pb2.ConsentState.Name(state).removeprefix("CONSENT_STATE_").lower()
