"""What the `contract cases` commands do: which decided reviews are replayed under a candidate."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Annotated

import typer

from privacy_service.commands.client import Connection, calling, plain
from privacy_service.commands.contract import contract
from privacy_service.commands.contract_course import ContractId, Reason, asked, when
from privacy_service.commands.contract_shadow import instant_of
from privacy_service.commands.screen import AsJson, console, print_json, table
from privacy_service.commands.subjects import RequestId
from privacy_service.v1 import answer_pb2
from privacy_service.v1 import governance_pb2 as pb

cases = typer.Typer(
    no_args_is_help=True,
    help="Recorded cases: what people decided, replayed under every version that is proposed.",
)
contract.add_typer(cases, name="cases")

ReviewId = Annotated[str, typer.Argument(metavar="REVIEW", help="The review's id.")]


@cases.command("list")
@calling
def list_cases(
    contract_id: ContractId,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Lists what is replayed under a contract: where it came from, and until when it is pinned.

    Example: privacy-service contract cases list helpdesk-answers --token officer.jwt
    """
    request = pb.ListCasesRequest(contract_id=contract_id)
    done = asked(lambda stub, **how: stub.ListCases(request, **how), connection)
    if as_json:
        print_json([plain(one) for one in done.cases])
        return
    shown = table("case", "from", "kind", "state", "held", "pinned until", "by", "why")
    for one in done.cases:
        until = when(one.pinned_until) if one.HasField("pinned_until") else "–"
        shown.add_row(
            one.review_id, one.origin, one.kind, one.state, when(one.hold_time), until,
            one.pinned_by, one.name or one.reason,
        )  # fmt: skip
    if done.cases:
        console.print(shown)
    else:
        console.print("no case is recorded", markup=False)


@cases.command()
@calling
def pin(
    review_id: ReviewId,
    until: Annotated[
        str, typer.Option(help="Until when: 2027-06-01T08:00+01:00, or for how long: 90d.")
    ],
    reason: Reason,
    request_id: RequestId = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Keeps what a review holds, to be replayed; pin one that you will reject before you do.

    Example: privacy-service contract cases pin 3f0c1b62-0c5e-4f43-9f0e-5d1f6d3a7c11 --until 90d
    --reason "A promise that nobody may make" --token officer.jwt
    """
    request = pb.PinCaseRequest(
        review_id=review_id, reason=reason, request_id=request_id or str(uuid.uuid4())
    )
    request.until.FromDatetime(instant_of(until, datetime.now(UTC)))
    done = asked(lambda stub, **how: stub.PinCase(request, **how), connection)
    _show(done.recorded_case, done.audit, as_json=as_json)


@cases.command()
@calling
def unpin(
    review_id: ReviewId,
    reason: Reason,
    request_id: RequestId = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Lets a case go: what was rejected is gone at once, what was approved within a week.

    Example: privacy-service contract cases unpin 3f0c1b62-0c5e-4f43-9f0e-5d1f6d3a7c11
    --reason "The examples say it now" --token officer.jwt
    """
    request = pb.UnpinCaseRequest(
        review_id=review_id, reason=reason, request_id=request_id or str(uuid.uuid4())
    )
    done = asked(lambda stub, **how: stub.UnpinCase(request, **how), connection)
    _show(done.recorded_case, done.audit, as_json=as_json)


def _show(one: pb.RecordedCase, audit: answer_pb2.AuditStamp, *, as_json: bool) -> None:
    if as_json:
        print_json(plain(one) | {"audit": plain(audit)})
        return
    pinned = one.HasField("pinned_until")
    says = f"is kept as a case until {when(one.pinned_until)}" if pinned else "is no case any more"
    proof = f"audit position {audit.position} in {audit.log_origin}"
    console.print(f"{one.review_id}, {one.kind}, {one.state}: {says} ({proof})", markup=False)
