"""`privacy-service keys`: what is done with the keys of a running service."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Annotated, Any

import typer
from google.protobuf.timestamp_pb2 import Timestamp
from rich.table import Table

from privacy_service.commands.breach_measure import ForBreach
from privacy_service.commands.client import Connection, calling, plain
from privacy_service.commands.screen import AsJson, Exit, console, end, print_json
from privacy_service.commands.subjects import RequestId, subject_refs
from privacy_service.v1 import breaches_pb2, breaches_pb2_grpc
from privacy_service.v1 import keys_pb2 as pb
from privacy_service.v1 import keys_pb2_grpc as pb_grpc

_PAGE = 1000
_SECONDS = 60.0


def _bare(written: str | None) -> str | None:
    """A partner's name, also where it is written as `keys status` shows its key."""
    return None if written is None else written.removeprefix("partner/")


Partner = Annotated[str, typer.Argument(help="The partner.", callback=_bare)]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would be.")]


@dataclass(frozen=True, slots=True)
class _Service:
    """KeyService, as the caller of the command calls it."""

    stub: pb_grpc.KeyServiceStub
    how: dict[str, Any] = field(default_factory=dict)


@contextmanager
def _service(connection: Connection) -> Iterator[_Service]:
    with connection.open() as channel:
        how = {"timeout": _SECONDS, "metadata": connection.metadata}
        yield _Service(pb_grpc.KeyServiceStub(channel), how)


@calling
def status(
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Lists every version of every key: its state, what it wraps and how often it did, when it
    rotates by itself, and the breach that was opened because it is exposed.

    Example: privacy-service keys status --ca ca.pem --token operator.jwt
    """
    found: list[pb.KeyVersion] = []
    with _service(connection) as service:
        page = ""
        while True:
            request = pb.ListKeysRequest(page_size=_PAGE, page_token=page)
            answer = service.stub.ListKeys(request, **service.how)
            found += answer.keys
            page = answer.next_page_token
            if not page:
                break
    if as_json:
        print_json([plain(version) for version in found])
        return
    table = Table(
        "key", "version", "state", "made", "data keys", "wraps, at most", "rotates", "exposed",
        box=None, header_style="dim",
    )  # fmt: skip
    for version in found:
        table.add_row(
            version.name,
            str(version.version),
            _state(version),
            _instant(version.create_time),
            str(version.data_keys or "-"),
            str(version.wraps or "-"),
            _instant(version.rotate_time),
            version.exposed_breach_id or "-",
        )
    console.print(table)


@calling
def rotate(
    partner: Annotated[
        str | None,
        typer.Argument(help="The partner whose key gets a new version.", callback=_bare),
    ] = None,
    tokens: Annotated[
        bool, typer.Option("--tokens", help="The root of all tokens, hashes and date shifts.")
    ] = False,
    secrets: Annotated[
        bool, typer.Option("--secrets", help="What protects the service's own secrets.")
    ] = False,
    signer: Annotated[
        bool, typer.Option("--signer", help="What signs the audit log, receipts and archives.")
    ] = False,
    breach_id: ForBreach = "",
    request_id: RequestId = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Makes the next version of a key; what older ones sealed or minted still opens.

    Example: privacy-service keys rotate acme-shop --ca ca.pem --token operator.jwt
    """
    shared = {
        pb.SHARED_KEY_TOKENS: tokens,
        pb.SHARED_KEY_SECRETS: secrets,
        pb.SHARED_KEY_SIGNER: signer,
    }
    if (partner is not None) + sum(shared.values()) != 1:
        raise typer.BadParameter("name a partner, or give --tokens, --secrets or --signer")
    request = pb.RotateKeyRequest(
        partner=partner or "",
        breach_id=breach_id,
        request_id=request_id or str(uuid.uuid4()),
    )
    if partner is None:
        request.shared = next(key for key, is_meant in shared.items() if is_meant)
    with _service(connection) as service:
        answer = service.stub.RotateKey(request, **service.how)
    if as_json:
        print_json(plain(answer))
    elif secrets:
        console.print("the secrets are protected anew", markup=False)
    else:
        new = ": it is new, no such partner had one" if answer.version == 1 else ""
        console.print(f"{answer.name} is at version {answer.version}{new}", markup=False)
        if signer:
            console.print("`keys verifier` has what those who verify need now", markup=False)


@calling
def rewrap(
    partner: Annotated[
        str | None, typer.Argument(help="Only this partner's data keys.", callback=_bare)
    ] = None,
    batch: Annotated[int, typer.Option(min=1, max=1000, help="Data keys at a time.")] = 200,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Wraps data keys under their partners' current versions, batch by batch.

    It may be stopped and run again at any time, also twice at once. Ends with 1 if some do not
    open: `keys verify` names them.

    Example: privacy-service keys rewrap --ca ca.pem --token operator.jwt
    """
    done = unreadable = left = 0
    cursor = ""
    with _service(connection) as service:
        while True:
            request = pb.RewrapKeysRequest(
                partner=partner or "",
                batch_size=batch,
                cursor=cursor,
                request_id=str(uuid.uuid4()),
            )
            answer = service.stub.RewrapKeys(request, **service.how)
            done, unreadable = done + answer.rewrapped, unreadable + answer.unreadable
            left, cursor = answer.left, answer.next_cursor
            if not cursor:
                break
            if not as_json:
                console.print(f"{done} rewrapped, {left} left", markup=False)
    if as_json:
        print_json({"rewrapped": done, "unreadable": unreadable, "left": left})
    else:
        console.print(f"{done} rewrapped, {unreadable} do not open, {left} left", markup=False)
    if unreadable:
        end(Exit.NO)


@calling
def retire(
    partner: Partner,
    version: Annotated[
        int, typer.Argument(help="The newest version to destroy; all before it go with it.")
    ],
    dry_run: DryRun = False,
    request_id: RequestId = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Destroys old versions of a partner's key, once nothing is wrapped by them any more.

    Example: privacy-service keys retire acme-shop 1 --dry-run --ca ca.pem --token operator.jwt
    """
    request = pb.RetireKeyRequest(
        partner=partner,
        version=version,
        dry_run=dry_run,
        request_id=request_id or str(uuid.uuid4()),
    )
    with _service(connection) as service:
        answer = service.stub.RetireKey(request, **service.how)
    if as_json:
        print_json(plain(answer))
    elif dry_run:
        console.print(f"{answer.data_keys} data keys are still wrapped by it", markup=False)
    else:
        console.print(f"version {version} of {partner}'s key is destroyed", markup=False)


@calling
def shred(
    partner: Partner,
    subject: Annotated[str, typer.Option(help="The person, as type=value.")],
    reason: Annotated[str, typer.Option(help="Why; name a case, not a person.")],
    dry_run: DryRun = False,
    breach_id: ForBreach = "",
    request_id: RequestId = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Destroys one person's data key at one partner: what it seals is unreadable for good.

    Example: privacy-service keys shred acme-shop --subject email=maria@mail.example
    --reason "case 4711" --dry-run --ca ca.pem --token officer.jwt
    """
    request = pb.ShredKeyRequest(
        partner=partner,
        subject=subject_refs([subject])[0],
        reason=reason,
        dry_run=dry_run,
        breach_id=breach_id,
        request_id=request_id or str(uuid.uuid4()),
    )
    with _service(connection) as service:
        answer = service.stub.ShredKey(request, **service.how)
    if as_json:
        print_json(plain(answer))
        return
    what = "would be destroyed" if dry_run else "is destroyed"
    there = f"the key {what}" if answer.live else "there is no key; a tombstone stands"
    if dry_run and not answer.live:
        there = "there is no key; a tombstone would stand"
    console.print(f"{there}: {answer.records} records and {answer.tokens} tokens", markup=False)


@calling
def report_exposed(
    name: Annotated[
        str,
        typer.Argument(
            metavar="KEY", help="partner/NAME, partner/NAME#VERSION, or a data key's id."
        ),
    ],
    reason: Annotated[str, typer.Option(help="What is known of it. Name no person.")],
    request_id: RequestId = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Opens a breach about a key that is in the wrong hands, with what it seals.

    Example: privacy-service keys report-exposed partner/acme-shop
    --reason "Found in a public bucket" --ca ca.pem --token operator.jwt
    """
    request = breaches_pb2.ReportExposedKeyRequest(
        key=name, reason=reason, request_id=request_id or str(uuid.uuid4())
    )
    with connection.open() as channel:
        answer = breaches_pb2_grpc.BreachServiceStub(channel).ReportExposedKey(
            request, timeout=_SECONDS, metadata=connection.metadata
        )
    if as_json:
        print_json(plain(answer))
        return
    scope = answer.scope
    about = f"{scope.subjects} people, {scope.records} records, {scope.tokens} tokens"
    console.print(f"{answer.breach_id or 'no breach'}: {about}", markup=False)
    console.print(
        f"proof: audit position {answer.audit.position} in {answer.audit.log_origin}", markup=False
    )


@calling
def verify(
    partner: Annotated[
        str | None, typer.Argument(help="Only what is this partner's.", callback=_bare)
    ] = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Tries every data key and every record, and names those that do not open (then ends with 1).

    Example: privacy-service keys verify --ca ca.pem --token officer.jwt
    """
    keys = records = shredded = 0
    faults: list[pb.KeyFault] = []
    with _service(connection) as service:
        page = ""
        while True:
            request = pb.VerifyKeysRequest(partner=partner or "", page_size=_PAGE, page_token=page)
            answer = service.stub.VerifyKeys(request, **service.how)
            keys, records = keys + answer.data_keys, records + answer.records
            shredded += answer.shredded_records
            faults += answer.faults
            page = answer.next_page_token
            if not page:
                break
    if as_json:
        print_json(
            {
                "data_keys": keys,
                "records": records,
                "shredded_records": shredded,
                "faults": [plain(fault) for fault in faults],
            }
        )
    else:
        _show_verified(keys, records, shredded, faults)
    if faults:
        end(Exit.NO)


def _show_verified(keys: int, records: int, shredded: int, faults: list[pb.KeyFault]) -> None:
    if faults:
        table = Table(
            "partner", "record", "data key", "wrapped by", "problem", box=None, header_style="dim"
        )
        for fault in faults:
            problem = pb.KeyProblem.Name(fault.problem).removeprefix("KEY_PROBLEM_").lower()
            table.add_row(
                fault.partner,
                fault.record_id or "-",
                fault.data_key or "-",
                fault.wrapping_key or "-",
                problem.replace("_", " "),
            )
        console.print(table)
    console.print(
        f"{keys} data keys and {records} records tried, {len(faults)} do not open; "
        f"{shredded} records are of people whose key was shredded",
        markup=False,
    )


def _instant(at: Timestamp) -> str:
    return f"{at.ToDatetime().isoformat(timespec='seconds')}Z" if at.ToNanoseconds() else "-"


def _state(version: pb.KeyVersion) -> str:
    return pb.KeyState.Name(version.state).removeprefix("KEY_STATE_").lower()
