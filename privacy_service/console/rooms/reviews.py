"""Reviews: what waits for a person, seen as it would be released, and decided by its digest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from privacy_service.console.asking import Ask, part
from privacy_service.console.blocks import (
    Act,
    Block,
    Cell,
    Done,
    Facts,
    Form,
    Input,
    Page,
    Prose,
    Table,
    link,
    spoken,
    word,
)
from privacy_service.console.room import PAGE, Room, Visit, going_on, path
from privacy_service.console.times import Times
from privacy_service.v1 import answer_pb2, behavior_pb2, reviews_pb2
from privacy_service.v1.reviews_pb2_grpc import ReviewServiceStub as Stub

HEADS: Final = (
    "review", "what", "from", "to", "why", "pressing", "until", "state", "whose",
)  # fmt: skip
"""Of a list of reviews."""
_WAITING: Final = reviews_pb2.REVIEW_STATE_WAITING
_EDITABLE: Final = ("text/", "application/json", "application/xml", "application/x-ndjson")


def listed(visit: Visit) -> Page:
    """What waits, that whose time is over first."""
    decided = visit.query.get("decided") == "1"

    def table() -> Table:
        answer = visit.ask(
            Stub,
            "ListReviews",
            reviews_pb2.ListReviewsRequest(
                decided=decided, page_size=PAGE, page_token=visit.page_token
            ),
        )
        return Table(
            title="All reviews" if decided else "Waiting",
            heads=HEADS,
            rows=[row(one, visit.times) for one in answer.reviews],
            empty="Nothing waits.",
            next_href=going_on("reviews", visit, answer.next_page_token),
        )

    other = (
        link("only what waits", path("reviews"))
        if decided
        else link("also what is decided", path("reviews", decided="1"))
    )
    return Page(
        title="Reviews",
        room="reviews",
        blocks=[part("Reviews", table), Facts(title="", facts=[("show", other)])],
    )


def row(one: Any, times: Times) -> tuple[Cell, ...]:
    """A review as a row of a list."""
    return (
        link(one.review_id, path("reviews", one.review_id)),
        word(spoken(reviews_pb2.ReviewKind, one.kind)),
        word(one.sender),
        word(one.recipient),
        word(", ".join(one.reasons)),
        word(spoken(reviews_pb2.ReviewPriority, one.priority)),
        times.due(one.expire_time, done=one.state != _WAITING),
        word(spoken(reviews_pb2.ReviewState, one.state)),
        word(one.assigned_to or "anybody's"),
    )


def shown(visit: Visit) -> Page:
    """One review, without what is held: that is opened with a reason."""
    request = reviews_pb2.GetReviewRequest(review_id=visit.names["id"])
    one = visit.ask(Stub, "GetReview", request).review
    blocks: list[Block] = [_facts(one, visit.times)]
    if one.state == _WAITING:
        hidden = {"id": one.review_id}
        blocks += [
            Form(
                act="open-review",
                title="See it",
                button="Open",
                explains="Shows personal data. That you looked is recorded, with the reason.",
                inputs=(Input(name="reason", label="Why", help="name no person"),),
                hidden=hidden,
            ),
            Form(
                act="assign-review",
                title="Whose it is",
                button="Give it",
                folded=True,
                inputs=(
                    Input(
                        name="to", label="To", help="as in their token; empty: anybody",
                        required=False,
                    ),
                ),
                hidden=hidden,
            ),
        ]  # fmt: skip
    return Page(title=f"Review {one.review_id}", room="reviews", blocks=blocks)


def _facts(one: Any, times: Times) -> Facts:
    contracts = tuple(f"{c.contract_id}, version {c.version}" for c in one.contracts)
    return Facts(
        title="",
        facts=[
            ("state", word(spoken(reviews_pb2.ReviewState, one.state))),
            ("from, to", word(f"{one.sender} → {one.recipient}")),
            ("purpose", word(one.purpose)),
            ("why it waits", word(", ".join(one.reasons))),
            ("contracts", Cell(text="", more=contracts)),
            ("held", times.at(one.held_time)),
            ("decide by", times.due(one.due_time, done=one.state != _WAITING)),
            ("until", times.due(one.expire_time, done=one.state != _WAITING)),
            ("two people", word("yes" if one.four_eyes else "no")),
            ("whose", word(one.assigned_to or "anybody's")),
            ("approved by", word(", ".join(one.approvals))),
            ("decided by", word(one.decided_by)),
            ("decided", times.at(one.decide_time)),
            ("note", word(one.note)),
        ],
    )


# -- Acts ---------------------------------------------------------------------------------------


def _open(ask: Ask, times: Times, said: Mapping[str, str], _request_id: str) -> Done:
    """Shows what is held, once: a page that is loaded again asks for a reason again."""
    opened = ask(
        Stub,
        "OpenReview",
        reviews_pb2.OpenReviewRequest(review_id=said["id"], reason=said["reason"]),
    )
    page = Page(title=f"Review {said['id']}", room="reviews", blocks=_opened(opened, times))
    return Done(says="", href=_home(said), page=page)


def _opened(opened: Any, times: Times) -> list[Block]:
    one, text = opened.review, opened.payload.decode("utf-8", "replace")
    hidden = {"id": one.review_id, "seen": opened.seen}
    code = Input(
        name="code",
        label="Reason code",
        help="where the contract names some",
        required=False,
        most=64,
    )
    note = Input(name="note", label="Why", help="name no person", area=True)
    blocks: list[Block] = [
        Prose(title="What would be released", text=text),
        Table(
            title="What was done to it",
            heads=("where", "entity", "treatment", "times"),
            rows=[
                (
                    word(line.path),
                    word(line.entity),
                    word(spoken(answer_pb2.TreatmentKind, line.treatment)),
                    word(line.count),
                )
                for line in opened.treatments
            ],
            empty="Nothing.",
        ),
        *(_judged(opened.check) if opened.HasField("check") else ()),
        Form(
            act="approve-review",
            title="Decide",
            button="Approve: release exactly this",
            inputs=(code, note),
            hidden=hidden,
            grave=True,
        ),
        Form(
            act="reject-review",
            title="",
            button="Reject",
            inputs=(code, note),
            hidden=hidden,
            grave=True,
        ),
    ]
    if one.content_type.startswith(_EDITABLE) and "\ufffd" not in text:
        blocks.append(
            Form(
                act="edit-review",
                title="Or change it",
                button="Put this in its place",
                explains="It is treated again, and then waits for a decision as any other does.",
                inputs=(
                    Input(name="text", label="Payload", value=text, area=True, most=4_000_000),
                ),
                hidden=hidden,
            )
        )
    return [*blocks, _facts(one, times)]


def _judged(check: Any) -> Iterator[Block]:
    """How an AI partner's text was judged, and what it was asked."""
    yield Table(
        title="How it was judged",
        heads=("what", "verdict", "severity", "why"),
        rows=[
            *(
                (
                    word(f"failure: {one.failure_id}"),
                    word(one.category),
                    word(spoken(behavior_pb2.Severity, one.severity)),
                    word(""),
                )
                for one in check.failures
            ),
            *(
                (
                    word(one.expectation_id),
                    word(spoken(behavior_pb2.Verdict, one.verdict)),
                    word(spoken(behavior_pb2.Severity, one.severity)),
                    word(one.why),
                )
                for one in check.verdicts
            ),
        ],
        empty="By nothing.",
    )
    for title, text in (
        ("What it was asked", check.prompt),
        ("What it was told to be", check.system_prompt),
        *((f"Source {one.id}", one.text) for one in check.sources),
    ):
        if text:
            yield Prose(title=title, text=text)


def _decided(method: str, request: Any) -> Any:
    def act(ask: Ask, _times: Times, said: Mapping[str, str], request_id: str) -> Done:
        asked = request(
            review_id=said["id"],
            seen=said["seen"],
            note=said["note"],
            reason_code=said["code"],
            request_id=request_id,
        )
        answer = ask(Stub, method, asked)
        state = spoken(reviews_pb2.ReviewState, answer.review.state)
        says = "One more person has to approve it." if state == "waiting" else f"It is {state}."
        return Done(says=says, href=_home(said))

    return act


def _edit(ask: Ask, _times: Times, said: Mapping[str, str], request_id: str) -> Done:
    request = reviews_pb2.EditReviewRequest(
        review_id=said["id"],
        seen=said["seen"],
        payload=said["text"].encode(),
        request_id=request_id,
    )
    ask(Stub, "EditReview", request)
    return Done(says="Changed. Open it again to see and decide it.", href=_home(said))


def _assign(ask: Ask, _times: Times, said: Mapping[str, str], request_id: str) -> Done:
    request = reviews_pb2.AssignReviewRequest(
        review_id=said["id"], assign_to=said["to"], request_id=request_id
    )
    ask(Stub, "AssignReview", request)
    return Done(says="Given.", href=_home(said))


def _home(said: Mapping[str, str]) -> str:
    return path("reviews", said["id"]) if said.get("id") else path("reviews")


ROOM: Final = Room(
    name="reviews",
    title="Reviews",
    home="/reviews",
    pages={"/reviews": listed, "/reviews/{id}": shown},
    acts=(
        Act(name="open-review", does=_open, href=_home),
        Act(name="assign-review", does=_assign, href=_home),
        Act(
            name="approve-review",
            does=_decided("ApproveReview", reviews_pb2.ApproveReviewRequest),
            href=_home,
        ),
        Act(
            name="reject-review",
            does=_decided("RejectReview", reviews_pb2.RejectReviewRequest),
            href=_home,
        ),
        Act(name="edit-review", does=_edit, href=_home),
    ),
)
