"""What the `contract` commands do to change one: draft, propose, approve, activate, roll back."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from privacy_service.commands.client import Connection, calling, plain
from privacy_service.commands.contract import contract
from privacy_service.commands.contract_course import ContractId, Reason, asked, show_course, when
from privacy_service.commands.screen import AsJson, console, print_json, refusing, table
from privacy_service.commands.shadow_seen import show_seen
from privacy_service.commands.subjects import RequestId
from privacy_service.contracts.source import decode
from privacy_service.v1 import answer_pb2
from privacy_service.v1 import governance_pb2 as pb
from privacy_service.v1.governance_pb2_grpc import GovernanceServiceStub

EitherFile = Annotated[Path, typer.Argument(help="A contract file (YAML), of either kind.")]
Version = Annotated[int, typer.Argument(metavar="VERSION", min=1, help="The version proposed.")]
Expected = Annotated[
    int | None, typer.Option(help="The version in force that you built on; 0 for a new contract.")
]
Digest = Annotated[
    str, typer.Option(help="The digest of what you looked at, or its first 12 digits or more.")
]
_SHORT = 12


@contract.command()
@refusing
@calling
def draft(
    file: EitherFile,
    reason: Reason,
    expected_version: Expected = None,
    request_id: RequestId = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Keeps a version of a contract in the service, and asks nobody yet.

    Example: privacy-service contract draft orders.yaml --reason "Adds the gift note"
    --ca ca.pem --cert acme.pem --key acme-key.pem
    """
    request = _proposing(file, reason, expected_version, request_id)
    request.draft = True
    done = asked(lambda stub, **how: stub.ProposeContract(request, **how), connection)
    show_proposal(done.proposal, done.audit, as_json=as_json)


@contract.command()
@refusing
@calling
def propose(
    file: EitherFile,
    reason: Reason,
    expected_version: Expected = None,
    days: Annotated[
        int, typer.Option(min=1, max=366, help="How many days of decisions are replayed.")
    ] = 30,
    request_id: RequestId = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Proposes a version: it is compared with the one in force and tried; then others approve it.

    Example: privacy-service contract propose orders.yaml --reason "Adds the gift note"
    --ca ca.pem --cert acme.pem --key acme-key.pem
    """
    request = _proposing(file, reason, expected_version, request_id)
    request.impact_days = days
    done = asked(lambda stub, **how: stub.ProposeContract(request, **how), connection)
    show_proposal(done.proposal, done.audit, as_json=as_json)


@contract.command()
@calling
def proposal(
    contract_id: ContractId,
    version: Version,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Shows what is proposed: what it changes and which way, who approved it, what it lacks.

    Example: privacy-service contract proposal acme-shop-to-swift-parcel 2 --token officer.jwt
    """
    request = pb.GetProposalRequest(contract_id=contract_id, version=version)
    done = asked(lambda stub, **how: stub.GetProposal(request, **how), connection)
    show_proposal(done.proposal, None, as_json=as_json)


@contract.command("proposals")
@calling
def list_proposals(
    partner: Annotated[str, typer.Option(help="Only of contracts of this partner.")] = "",
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Lists what is proposed and waits for somebody, and what each version lacks.

    Example: privacy-service contract proposals --token officer.jwt
    """
    request = pb.ListProposalsRequest(partner=partner, page_size=200)
    found: list[pb.ContractProposal] = []
    with connection.open() as channel:
        stub = GovernanceServiceStub(channel)
        while True:
            page = stub.ListProposals(request, timeout=30, metadata=connection.metadata)
            found += page.proposals
            request.page_token = page.next_page_token
            if not request.page_token:
                break
    if as_json:
        print_json([plain(one) for one in found])
        return
    shown = table("contract", "version", "state", "proposed", "by", "lacks")
    for one in found:
        shown.add_row(
            one.contract_id, str(one.version), _state(one), when(one.propose_time),
            ", ".join(one.authors), "; ".join(one.lacks) or "nothing: activate it",
        )  # fmt: skip
    if found:
        console.print(shown)
    else:
        console.print("nothing is proposed", markup=False)


@contract.command()
@calling
def approve(
    contract_id: ContractId,
    version: Version,
    digest: Digest,
    reason: Reason,
    accept_changed_cases: Annotated[
        bool, typer.Option(help="Recorded cases come out otherwise: accepted, for this reason.")
    ] = False,
    request_id: RequestId = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Approves what somebody else proposed: an officer for the party, a partner for itself.

    Example: privacy-service contract approve acme-shop-to-swift-parcel 2 --digest 4d1c93a0b7e2
    --reason "Looked at with the carrier" --token officer.jwt
    """
    _decide(
        pb.PROPOSAL_DECISION_APPROVE, contract_id, version, digest, reason, request_id,
        connection, as_json=as_json, accept=accept_changed_cases,
    )  # fmt: skip


@contract.command()
@calling
def reject(
    contract_id: ContractId,
    version: Version,
    digest: Digest,
    reason: Reason,
    request_id: RequestId = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Rejects a proposal, for good; a plan or a canary of it ends.

    Example: privacy-service contract reject acme-shop-to-swift-parcel 2 --digest 4d1c93a0b7e2
    --reason "The note is not needed" --token officer.jwt
    """
    _decide(
        pb.PROPOSAL_DECISION_REJECT, contract_id, version, digest, reason, request_id,
        connection, as_json=as_json,
    )  # fmt: skip


@contract.command()
@calling
def activate(
    contract_id: ContractId,
    version: Version,
    at: Annotated[
        str | None, typer.Option(help="From this time on (2026-12-01T08:00+01:00); else now.")
    ] = None,
    canary: Annotated[
        float | None, typer.Option(min=0.01, max=99.99, help="Only for this share, in percent.")
    ] = None,
    request_id: RequestId = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Puts a proposed version in force: now, at a time, or for a share of the requests.

    Example: privacy-service contract activate acme-shop-to-swift-parcel 2 --canary 5
    --token officer.jwt
    """
    request = pb.ActivateContractRequest(
        contract_id=contract_id, version=version, request_id=request_id or str(uuid.uuid4())
    )
    if at is not None:
        request.at.FromDatetime(_instant(at))
    if canary is not None:
        request.canary_percent = canary
    done = asked(lambda stub, **how: stub.ActivateContract(request, **how), connection)
    show_course(done.course, done.audit, as_json=as_json)


@contract.command()
@calling
def rollback(
    contract_id: ContractId,
    reason: Reason,
    request_id: RequestId = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Goes back to the last good version, at once. A canary or a plan ends first, and alone.

    Example: privacy-service contract rollback acme-shop-to-swift-parcel --reason "Notes are lost"
    --token officer.jwt
    """
    request = pb.RollBackContractRequest(
        contract_id=contract_id, reason=reason, request_id=request_id or str(uuid.uuid4())
    )
    done = asked(lambda stub, **how: stub.RollBackContract(request, **how), connection)
    show_course(done.course, done.audit, as_json=as_json)


def _proposing(
    file: Path, reason: str, expected_version: int | None, request_id: str | None
) -> pb.ProposeContractRequest:
    request = pb.ProposeContractRequest(
        source=decode(file.read_bytes(), name=str(file)),
        reason=reason,
        request_id=request_id or str(uuid.uuid4()),
    )
    if expected_version is not None:
        request.expected_version = expected_version
    return request


def _decide(
    decision: pb.ProposalDecision.ValueType,
    contract_id: str,
    version: int,
    digest: str,
    reason: str,
    request_id: str | None,
    connection: Connection,
    *,
    as_json: bool,
    accept: bool = False,
) -> None:
    looked = pb.GetProposalRequest(contract_id=contract_id, version=version)
    found = asked(lambda stub, **how: stub.GetProposal(looked, **how), connection).proposal
    digits = digest.removeprefix("sha256:")
    if len(digits) < _SHORT or not found.digest.removeprefix("sha256:").startswith(digits):
        says = f"version {version} is not what you looked at: its digest is {found.digest}"
        raise typer.BadParameter(says, param_hint="--digest")
    request = pb.DecideProposalRequest(
        contract_id=contract_id,
        version=version,
        digest=found.digest,
        decision=decision,
        accept_changed_cases=accept,
        reason=reason,
        request_id=request_id or str(uuid.uuid4()),
    )
    done = asked(lambda stub, **how: stub.DecideProposal(request, **how), connection)
    show_proposal(done.proposal, done.audit, as_json=as_json)


def _instant(text: str) -> datetime:
    """The instant in UTC. Raises BadParameter for what is none, or has no offset."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        says = f"{text!r} is no time with its offset; write 2026-12-01T08:00+01:00"
        raise typer.BadParameter(says, param_hint="--at")
    return at.astimezone(UTC)


def _show_impact(impact: pb.ContractImpact) -> None:
    """What the change would have done to the decisions of the last days."""
    more = ", and more that were not read" if impact.truncated else ""
    says = f"{impact.decisions} decisions since {when(impact.since)}, replayed without values{more}"
    console.print(says, markup=False)
    shifts = table("was", "would be", "decisions")
    for one in impact.shifts:
        after = one.after or "not to be judged"
        shifts.add_row(one.before, "the same" if after == one.before else after, str(one.count))
    if impact.shifts:
        console.print(shifts)
    for each in impact.unjudged:
        console.print(f"  {each.count} not judged: {each.why}", markup=False)


def _show_regression(one: pb.ContractRegression) -> None:
    """What recorded cases come to."""
    more = ", and more that were not read" if one.truncated else ""
    says = f"{one.cases} recorded cases replayed{more}" if one.cases else "no case is recorded"
    known = f", {one.known} contradict what was decided already" if one.known else ""
    unread = f", {one.unread} could not be judged" if one.unread else ""
    console.print(f"{says}{known}{unread}", markup=False)
    changed = table("case", "was", "would be")
    for case in one.changed:
        changed.add_row(case.name or case.review_id, case.decided, case.outcome)
    if one.changed:
        console.print(changed)
    if one.accepted_by:
        console.print(f"accepted by {one.accepted_by}: {one.accept_reason}", markup=False)


def _state(one: pb.ContractProposal) -> str:
    name = pb.ContractVersionState.Name(one.state)
    return name.removeprefix("CONTRACT_VERSION_STATE_").lower()


def show_proposal(
    one: pb.ContractProposal, audit: answer_pb2.AuditStamp | None, *, as_json: bool
) -> None:
    """What is proposed, for a person or as JSON."""
    if as_json:
        print_json(plain(one) | ({} if audit is None else {"audit": plain(audit)}))
        return
    shown = Table(box=None, show_header=False)
    shown.add_column()
    shown.add_column(overflow="fold")
    approvals = ", ".join(f"{each.by} for {each.side}" for each in one.approvals)
    for name, value in (
        ("version", f"{one.version} of {one.contract_id}"),
        ("digest", one.digest),
        ("state", _state(one)),
        ("proposed", f"{when(one.propose_time)} by {', '.join(one.authors)}: {one.reason}"),
        ("compared with", f"version {one.base_version}" if one.base_version else "nothing"),
        ("examples", f"{one.examples} run" if one.examples else "none"),
        ("approved by", approvals),
        ("rejected by", one.rejected_by),
        ("proof", audit and f"audit position {audit.position} in {audit.log_origin}"),
    ):
        if value:
            shown.add_row(name, value)
    console.print(shown)
    changes = table("way", "term", "why")
    for change in one.changes:
        way = pb.ChangeWay.Name(change.way).removeprefix("CHANGE_WAY_").lower()
        changes.add_row(way, change.path, change.why)
    if one.changes:
        console.print(changes)
    if one.HasField("impact"):
        _show_impact(one.impact)
    if one.HasField("regression"):
        _show_regression(one.regression)
    if one.HasField("shadow"):
        show_seen(one.shadow)
    for lack in one.lacks:
        console.print(f"lacks: {lack}", markup=False)
