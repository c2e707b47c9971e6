"""`privacy-service reviews`: payloads, prompts and outputs that wait for a person."""

from __future__ import annotations

import time
import uuid
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from google.protobuf.timestamp_pb2 import Timestamp
from rich.table import Column, Table

from privacy_service.commands.behavior_live import show_checked
from privacy_service.commands.client import Connection, calling, plain
from privacy_service.commands.screen import AsJson, console, print_json
from privacy_service.v1 import answer_pb2, behavior_pb2, reviews_pb2, reviews_pb2_grpc

reviews = typer.Typer(
    no_args_is_help=True,
    help="What waits for a person: list, open, assign, approve, reject, edit, judge, collect.",
)

_SECONDS = 30.0
ReviewId = Annotated[str, typer.Argument(metavar="REVIEW", help="The review's id.")]
Seen = Annotated[str, typer.Option(help="The digest of what you have seen; `open` prints it.")]
Note = Annotated[str, typer.Option(help="Why. Name no person in it.")]
Code = Annotated[
    str, typer.Option("--code", help="One of the reasons that the behavior contract lists.")
]


class Kind(StrEnum):
    """What waits."""

    TRANSFER = "transfer"
    PROMPT = "prompt"
    OUTPUT = "output"
    SAMPLE = "sample"


RequestId = Annotated[
    str | None, typer.Option(help="A UUID of your own; the same one has one effect.")
]


@reviews.command("list")
@calling
def list_reviews(
    partner: Annotated[str, typer.Option(help="Only those of this partner.")] = "",
    kind: Annotated[
        Kind | None, typer.Option(help="Only what waits of this kind.", case_sensitive=False)
    ] = None,
    assigned_to: Annotated[
        str, typer.Option(help="Only what is given to this person, as in their token.")
    ] = "",
    decided: Annotated[bool, typer.Option("--decided", help="Also those decided.")] = False,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Lists what waits, the most urgent first, and then what is due first.

    Example: privacy-service reviews list --kind output --token officer.jwt
    """
    found: list[reviews_pb2.Review] = []
    request = reviews_pb2.ListReviewsRequest(
        partner=partner, decided=decided, assigned_to=assigned_to, page_size=500
    )
    if kind is not None:
        request.kind = reviews_pb2.ReviewKind.Value(f"REVIEW_KIND_{kind.name}")
    with connection.open() as channel:
        stub = reviews_pb2_grpc.ReviewServiceStub(channel)
        while True:
            page = stub.ListReviews(request, timeout=_SECONDS, metadata=connection.metadata)
            found += page.reviews
            request.page_token = page.next_page_token
            if not request.page_token:
                break
    if as_json:
        print_json([plain(one) for one in found])
        return
    table = Table(
        Column("review", no_wrap=True, min_width=36),
        *("what", "from", "to", "why", "priority", "due", "state", "for"),
        box=None,
        pad_edge=False,
    )
    for one in found:
        table.add_row(
            one.review_id,
            _word(reviews_pb2.ReviewKind, one.kind, "REVIEW_KIND_"),
            one.sender,
            one.recipient,
            ", ".join(one.reasons),
            _word(reviews_pb2.ReviewPriority, one.priority, "REVIEW_PRIORITY_"),
            _instant(one.due_time),
            _state(one),
            one.assigned_to,
        )
    console.print(table)


@reviews.command("open")
@calling
def open_review(
    review_id: ReviewId,
    reason: Annotated[str, typer.Option(help="Why you look. Name no person in it.")],
    out: Annotated[Path | None, typer.Option(help="Where to write the payload.")] = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Shows what waits, exactly as it would be released, and the digest to decide with. Audited.

    Example: privacy-service reviews open 4f2a… --reason "case 17" --token officer.jwt
    """
    with connection.open() as channel:
        opened = reviews_pb2_grpc.ReviewServiceStub(channel).OpenReview(
            reviews_pb2.OpenReviewRequest(review_id=review_id, reason=reason),
            timeout=_SECONDS,
            metadata=connection.metadata,
        )
    if out is not None:
        out.write_bytes(opened.payload)
    if as_json:
        print_json(plain(opened))
        return
    _print_review(opened.review)
    for line in opened.treatments:
        kind = answer_pb2.TreatmentKind.Name(line.treatment).removeprefix("TREATMENT_KIND_")
        console.print(f"  {line.path}  {line.entity}  {kind.lower()}  {line.count}", markup=False)
    if opened.HasField("check"):
        _print_check(opened.check)
    console.print(f"seen: {opened.seen}\n", markup=False)
    if out is None:
        console.print(opened.payload.decode("utf-8", "replace"), markup=False)


@reviews.command()
@calling
def assign(
    review_id: ReviewId,
    to: Annotated[str, typer.Option(help="Who is to decide, as in their token; empty: anybody.")],
    reason: Annotated[str, typer.Option(help="Why, for the audit log. Name no person in it.")] = "",
    request_id: RequestId = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Gives a review to somebody: nobody else decides it then.

    Give somebody else's review to yourself to take it over; the audit log says from whom.
    Example: privacy-service reviews assign 4f2a… --to ann@acme.example --token officer.jwt
    """
    request = reviews_pb2.AssignReviewRequest(
        review_id=review_id,
        assign_to=to,
        reason=reason,
        request_id=request_id or str(uuid.uuid4()),
    )
    with connection.open() as channel:
        answer = reviews_pb2_grpc.ReviewServiceStub(channel).AssignReview(
            request, timeout=_SECONDS, metadata=connection.metadata
        )
    _show(answer.review, answer.audit, as_json=as_json)


@reviews.command()
@calling
def approve(
    review_id: ReviewId,
    seen: Seen,
    note: Note,
    code: Code = "",
    request_id: RequestId = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Approves exactly what you have seen. It is released, unless a second person must approve.

    Example: privacy-service reviews approve 4f2a… --seen 9c1e… --note "needed for case 17"
    --token officer.jwt
    """
    request = reviews_pb2.ApproveReviewRequest(
        review_id=review_id,
        seen=seen,
        note=note,
        reason_code=code,
        request_id=request_id or str(uuid.uuid4()),
    )
    with connection.open() as channel:
        answer = reviews_pb2_grpc.ReviewServiceStub(channel).ApproveReview(
            request, timeout=_SECONDS, metadata=connection.metadata
        )
    _show(answer.review, answer.audit, as_json=as_json)


@reviews.command()
@calling
def reject(
    review_id: ReviewId,
    seen: Seen,
    note: Note,
    code: Code = "",
    request_id: RequestId = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Refuses it for good; what waited is no longer kept.

    Example: privacy-service reviews reject 4f2a… --seen 9c1e… --note "not needed"
    --token officer.jwt
    """
    request = reviews_pb2.RejectReviewRequest(
        review_id=review_id,
        seen=seen,
        note=note,
        reason_code=code,
        request_id=request_id or str(uuid.uuid4()),
    )
    with connection.open() as channel:
        answer = reviews_pb2_grpc.ReviewServiceStub(channel).RejectReview(
            request, timeout=_SECONDS, metadata=connection.metadata
        )
    _show(answer.review, answer.audit, as_json=as_json)


@reviews.command()
@calling
def edit(
    review_id: ReviewId,
    file: Annotated[Path, typer.Argument(help="The payload that is to wait in its place.")],
    seen: Seen,
    request_id: RequestId = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Has another payload wait in its place: it passes through the contract first. Then open it.

    Example: privacy-service reviews edit 4f2a… edited.json --seen 9c1e… --token officer.jwt
    """
    request = reviews_pb2.EditReviewRequest(
        review_id=review_id,
        seen=seen,
        payload=file.read_bytes(),
        request_id=request_id or str(uuid.uuid4()),
    )
    with connection.open() as channel:
        answer = reviews_pb2_grpc.ReviewServiceStub(channel).EditReview(
            request, timeout=_SECONDS, metadata=connection.metadata
        )
    _show(answer.review, answer.audit, as_json=as_json)


@reviews.command()
@calling
def judge(
    review_id: ReviewId,
    seen: Seen,
    label: Annotated[str, typer.Option(help="One of the labels that the contract lists.")],
    request_id: RequestId = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Says what you think of a sample: an output that was released. Nothing is released by that.

    Example: privacy-service reviews judge 4f2a… --seen 9c1e… --label good --token officer.jwt
    """
    request = reviews_pb2.JudgeSampleRequest(
        review_id=review_id, seen=seen, label=label, request_id=request_id or str(uuid.uuid4())
    )
    with connection.open() as channel:
        answer = reviews_pb2_grpc.ReviewServiceStub(channel).JudgeSample(
            request, timeout=_SECONDS, metadata=connection.metadata
        )
    _show(answer.review, answer.audit, as_json=as_json)


@reviews.command()
@calling
def acknowledge(
    contract_id: Annotated[str, typer.Argument(metavar="CONTRACT", help="A behavior contract.")],
    training_id: Annotated[str, typer.Argument(metavar="TRAINING", help="A training of its.")],
    request_id: RequestId = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Says that you have taken a training that a contract asks of whoever decides under it.

    Example: privacy-service reviews acknowledge helpdesk-answers reviewer-basics --token ann.jwt
    """
    request = reviews_pb2.AcknowledgeTrainingRequest(
        contract_id=contract_id, training_id=training_id, request_id=request_id or str(uuid.uuid4())
    )
    with connection.open() as channel:
        answer = reviews_pb2_grpc.ReviewServiceStub(channel).AcknowledgeTraining(
            request, timeout=_SECONDS, metadata=connection.metadata
        )
    if as_json:
        print_json(plain(answer))
        return
    until = _instant(answer.valid_until) if answer.HasField("valid_until") else "further notice"
    console.print(f"acknowledged, until {until}", markup=False)


@reviews.command()
@calling
def agreement(
    contract_id: Annotated[str, typer.Argument(metavar="CONTRACT", help="A behavior contract.")],
    days: Annotated[int, typer.Option(min=1, max=366, help="How far back from now.")] = 90,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Says how far those who judged the samples of a contract agree, by Krippendorff's alpha.

    Example: privacy-service reviews agreement helpdesk-answers --days 30 --token officer.jwt
    """
    request = reviews_pb2.GetAgreementRequest(contract_id=contract_id)
    request.since.FromDatetime(datetime.now(UTC) - timedelta(days=days))
    with connection.open() as channel:
        found = reviews_pb2_grpc.ReviewServiceStub(channel).GetAgreement(
            request, timeout=_SECONDS, metadata=connection.metadata
        )
    if as_json:
        print_json(plain(found))
        return
    console.print(f"{found.judged} samples judged, {found.doubly} of them by two people")
    for label, count in sorted(found.labels.items(), key=lambda item: -item[1]):
        console.print(f"  {label:12} {count}", markup=False)
    if found.HasField("agreed"):
        console.print(f"agreed on {found.agreed:.1%} of those that two people judged")
    alpha = f"{found.alpha:.3f}" if found.HasField("alpha") else "cannot be told: nothing varies"
    console.print(f"Krippendorff's alpha {alpha}", markup=False)


@reviews.command()
@calling
def collect(
    review_id: ReviewId,
    out: Annotated[Path | None, typer.Option(help="Where to write the payload.")] = None,
    wait: Annotated[
        float, typer.Option(min=0, help="So many seconds until a check is decided.")
    ] = 0.0,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Fetches what was approved: a payload as its sender or recipient, a check as its party.

    Example: privacy-service reviews collect 4f2a… --wait 300 --cert acme.pem --key acme-key.pem
    """
    with connection.open() as channel:
        stub = reviews_pb2_grpc.ReviewServiceStub(channel)
        one = stub.GetReview(
            reviews_pb2.GetReviewRequest(review_id=review_id),
            timeout=_SECONDS,
            metadata=connection.metadata,
        ).review
        if one.kind != reviews_pb2.REVIEW_KIND_TRANSFER:
            show_checked(_collected(stub, connection, review_id, wait), out, as_json=as_json)
            return
        result = stub.CollectReview(
            reviews_pb2.CollectReviewRequest(review_id=review_id),
            timeout=_SECONDS,
            metadata=connection.metadata,
        ).result
    if out is not None:
        out.write_bytes(result.payload)
    if as_json:
        print_json(plain(result))
    elif out is None:
        console.print(result.payload.decode("utf-8", "replace"), markup=False)
    else:
        console.print(f"{len(result.payload)} bytes, disclosure {result.disclosure_id}")


def _show(review: reviews_pb2.Review, audit: answer_pb2.AuditStamp, *, as_json: bool) -> None:
    if as_json:
        print_json({"review": plain(review), "audit": plain(audit)})
        return
    _print_review(review)
    console.print(f"audit position {audit.position} in {audit.log_origin}", markup=False)


def _print_review(one: reviews_pb2.Review) -> None:
    console.print(f"{one.review_id}: {_state(one)}", markup=False)
    why = f" for {one.purpose}" if one.purpose else ""
    console.print(f"  {one.sender} → {one.recipient}{why}", markup=False)
    until = f"due {_instant(one.due_time)}, until {_instant(one.expire_time)}"
    console.print(f"  waits for {', '.join(one.reasons)}, {until}", markup=False)
    if one.approvals:
        did = "judged" if one.kind == reviews_pb2.REVIEW_KIND_SAMPLE else "approved"
        console.print(f"  {did} by {', '.join(one.approvals)}", markup=False)
    if one.four_eyes:
        console.print("  two people must approve")
    if one.assigned_to:
        console.print(f"  {one.assigned_to} is to decide it", markup=False)


def _print_check(check: reviews_pb2.HeldCheck) -> None:
    """What a prompt or an output was judged with, for who decides."""
    for said, value in (
        ("use case", check.use_case),
        ("wanted", check.intent),
        ("asked", check.prompt),
        ("system prompt", check.system_prompt),
        *((f"source {one.id}", one.text) for one in check.sources),
        ("the model's reasons", check.rationale),
        ("confidence", f"{check.confidence:g}" if check.HasField("confidence") else ""),
    ):
        if value:
            console.print(f"  {said}: {value}", markup=False)
    for verdict in check.verdicts:
        if verdict.verdict != behavior_pb2.VERDICT_KEPT:
            console.print(f"  broken: {verdict.expectation_id}: {verdict.why}", markup=False)
    for fired in check.failures:
        console.print(f"  fired: {fired.failure_id} ({fired.category})", markup=False)


def _collected(
    stub: reviews_pb2_grpc.ReviewServiceStub, connection: Connection, review_id: str, wait: float
) -> behavior_pb2.CheckResult:
    """What became of a check; asked again until it is decided or `wait` is over."""
    until = time.monotonic() + wait
    while True:
        left = max(0.0, until - time.monotonic())
        request = reviews_pb2.CollectCheckRequest(review_id=review_id)
        request.wait.FromTimedelta(timedelta(seconds=min(left, _SECONDS - 5)))
        result = stub.CollectCheck(request, timeout=_SECONDS, metadata=connection.metadata).result
        if result.outcome != behavior_pb2.OUTCOME_HELD or left <= 0:
            return result
        time.sleep(min(left, 1.0))


def _state(one: reviews_pb2.Review) -> str:
    return _word(reviews_pb2.ReviewState, one.state, "REVIEW_STATE_")


def _word(enumeration: Any, number: int, prefix: str) -> str:
    name: str = enumeration.Name(number)
    return name.removeprefix(prefix).lower()


def _instant(at: Timestamp) -> str:
    return at.ToDatetime().isoformat(timespec="minutes") + "Z"
