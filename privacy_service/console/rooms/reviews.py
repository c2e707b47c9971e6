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
    Links,
    Page,
    Prose,
    Table,
    Tone,
    link,
    options,
    spoken,
    word,
)
from privacy_service.console.room import PAGE, Room, Visit, going_on, path
from privacy_service.console.rooms import trials
from privacy_service.console.rooms.courses import listed_in, terms_of
from privacy_service.console.times import Times
from privacy_service.v1 import answer_pb2, behavior_pb2, reviews_pb2
from privacy_service.v1.reviews_pb2_grpc import ReviewServiceStub as Stub

HEADS: Final = (
    "review", "what", "from", "to", "why", "pressing", "until", "state", "whose",
)  # fmt: skip
"""Of a list of reviews."""
_WAITING: Final = reviews_pb2.REVIEW_STATE_WAITING
_CASES: Final = (
    _WAITING, reviews_pb2.REVIEW_STATE_APPROVED, reviews_pb2.REVIEW_STATE_REJECTED,
)  # fmt: skip
"""What can be kept as a case."""
_KEPT: Final = behavior_pb2.VERDICT_KEPT
_SAMPLE: Final = reviews_pb2.REVIEW_KIND_SAMPLE
_KINDS: Final = {
    spoken(reviews_pb2.ReviewKind, number): number
    for number in reviews_pb2.ReviewKind.values()
    if number not in (reviews_pb2.REVIEW_KIND_UNSPECIFIED, reviews_pb2.REVIEW_KIND_CASE)
}
_EDITABLE: Final = ("text/", "application/json", "application/xml", "application/x-ndjson")


def listed(visit: Visit) -> Page:
    """What waits, that whose time is over first."""
    decided = visit.query.get("decided") == "1"
    kind = visit.query.get("kind", "")
    mine = visit.query.get("whose") == "mine"

    def table() -> Table:
        answer = visit.ask(
            Stub,
            "ListReviews",
            reviews_pb2.ListReviewsRequest(
                decided=decided,
                kind=_KINDS.get(kind, reviews_pb2.REVIEW_KIND_UNSPECIFIED),
                assigned_to=visit.who if mine else "",
                page_size=PAGE,
                page_token=visit.page_token,
            ),
        )
        return Table(
            title="All reviews" if decided else "Waiting",
            heads=HEADS,
            rows=[row(one, visit.times) for one in answer.reviews],
            empty="Nothing waits.",
            next_href=going_on("reviews", visit, answer.next_page_token),
        )

    return Page(
        title="Reviews",
        room="reviews",
        blocks=[
            Links(title="Show", links=_shown_as(kind, decided=decided, mine=mine)),
            part("Reviews", table),
        ],
    )


def _shown_as(kind: str, *, decided: bool, mine: bool) -> list[Cell]:
    """The other lists that there are; the one that is shown leads nowhere."""
    lists: dict[str, dict[str, str]] = {
        "all that waits": {},
        "mine": {"whose": "mine"},
        **{f"{name}s": {"kind": name} for name in _KINDS},
        "also what is decided": {"decided": "1"},
    }
    now = {"kind": kind, "whose": "mine" if mine else "", "decided": "1" if decided else ""}
    here = {name: value for name, value in now.items() if value}
    return [
        word(says) if query == here else link(says, path("reviews", **query))
        for says, query in lists.items()
    ]


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
        if one.assigned_to not in ("", visit.who):
            blocks.append(_taking_over(one, visit.who))
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
                title="Give it to somebody",
                button="Give it",
                explains="Nobody else decides it then.",
                folded=True,
                inputs=(
                    Input(
                        name="to", label="To", help="as in their token; empty: anybody",
                        required=False,
                    ),
                    _BECAUSE,
                ),
                hidden=hidden,
            ),
            *_trainings(visit.ask, one),
        ]  # fmt: skip
    if one.kind != _SAMPLE and one.state in _CASES:
        blocks += trials.pinning(one.review_id)
    return Page(
        title=f"Review {one.review_id}", room="reviews", blocks=blocks,
        lead=_lead(one, visit),
    )  # fmt: skip


def _lead(one: Any, visit: Visit) -> Cell:
    if one.state != _WAITING:
        by = f" by {one.decided_by}" if one.decided_by else ""
        return Cell(text=f"It is {spoken(reviews_pb2.ReviewState, one.state)}{by}.")
    due = visit.times.due(one.due_time)
    more = [f"{', '.join(one.reasons)}", f"decide by {due.text}, {', '.join(due.more)}"]
    if one.four_eyes:
        more.append(f"two people approve it; so far {', '.join(one.approvals) or 'nobody'}")
    whose = f"{one.assigned_to} decides it." if one.assigned_to else "It waits for somebody."
    if one.assigned_to == visit.who:
        whose = "It is yours to decide."
    return Cell(text=whose, tone=due.tone, more=tuple(more))


def _taking_over(one: Any, who: str) -> Form:
    return Form(
        act="assign-review", title="Take it over", button="It is mine from now on", grave=True,
        explains=f"{one.assigned_to} has it. The log says that you took it, and why.",
        inputs=(_BECAUSE,), hidden={"id": one.review_id, "to": who},
    )  # fmt: skip


def _trainings(ask: Ask, one: Any) -> Iterator[Form]:
    """A form for the trainings that the contract of a review asks for, if it does."""
    found = listed_in(_terms(ask, one), "review", "training")
    if found:
        yield _acknowledging(one.contracts[0].contract_id, found)


def _acknowledging(contract_id: str, trainings: tuple[str, ...] = ()) -> Form:
    """Without a training that a contract asks for nobody decides under it."""
    return Form(
        act="acknowledge-training", title="I have taken a training", button="Acknowledge it",
        explains="Asked of whoever decides under a behavior contract that names one.", folded=True,
        inputs=(
            Input(name="contract", label="Behavior contract", value=contract_id, most=128),
            Input(
                name="training", label="Training", help="its id in the contract", most=64,
                options=options(*trainings),
            ),
        ),
    )  # fmt: skip


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


_BECAUSE: Final = Input(
    name="reason", label="Why", help="for the log; name no person", required=False
)


# -- Acts ---------------------------------------------------------------------------------------


def _open(ask: Ask, times: Times, said: Mapping[str, str], _request_id: str) -> Done:
    """Shows what is held, once: a page that is loaded again asks for a reason again."""
    opened = ask(
        Stub,
        "OpenReview",
        reviews_pb2.OpenReviewRequest(review_id=said["id"], reason=said["reason"]),
    )
    terms = _terms(ask, opened.review)
    one = opened.review
    kind = spoken(reviews_pb2.ReviewKind, one.kind)
    page = Page(
        title=f"{kind.capitalize()} from {one.sender} to {one.recipient}",
        room="reviews",
        lead=Cell(text=f"It waits because of {', '.join(one.reasons)}."),
        blocks=_opened(opened, terms, times),
    )
    return Done(says="", href=_home(said), page=page)


def _terms(ask: Ask, one: Any) -> Mapping[str, Any]:
    """What the behavior contract of a review says; nothing for what a sharing contract holds."""
    if not (one.party and one.contracts):
        return {}
    return terms_of(ask, one.contracts[0].contract_id, one.contracts[0].version)


def _opened(opened: Any, terms: Mapping[str, Any], times: Times) -> list[Block]:
    one, text = opened.review, opened.payload.decode("utf-8", "replace")
    hidden = {"id": one.review_id, "seen": opened.seen}
    reasons = listed_in(terms, "review", "reasons")
    code = Input(name="code", label="Reason", options=options(*reasons)) if reasons else None
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
    ]
    if one.kind == _SAMPLE:
        labels = listed_in(terms, "sampling", "labels")
        return [*blocks, _judging(hidden, labels), _facts(one, times)]
    blocks += [
        Form(
            act="approve-review",
            title="Decide",
            button="Approve: release exactly this",
            also=(("reject-review", "Reject it, for good"),),
            inputs=(code, note) if code else (note,),
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


def _judging(hidden: Mapping[str, str], labels: tuple[str, ...]) -> Form:
    """A sample was released: what is said of it moves nothing else."""
    return Form(
        act="judge-sample", title="What do you think of it?", button="Say so", hidden=hidden,
        inputs=(Input(name="label", label="Label", options=options(*labels), most=64),),
    )  # fmt: skip


def _judged(check: Any) -> Iterator[Block]:
    """How an AI partner's text was judged, and what it was asked."""
    yield Table(
        title="How it was judged",
        heads=("what", "verdict", "severity", "why"),
        rows=[
            *(
                (
                    word(f"failure: {one.failure_id}"),
                    word(one.category, Tone.BAD),
                    word(spoken(behavior_pb2.Severity, one.severity)),
                    word(""),
                )
                for one in check.failures
            ),
            *(
                (
                    word(one.expectation_id),
                    word(
                        spoken(behavior_pb2.Verdict, one.verdict),
                        Tone.PLAIN if one.verdict == _KEPT else Tone.BAD,
                    ),
                    word(spoken(behavior_pb2.Severity, one.severity)),
                    word(one.why),
                )
                for one in sorted(check.verdicts, key=lambda one: one.verdict == _KEPT)
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
        review_id=said["id"], assign_to=said["to"], reason=said["reason"], request_id=request_id
    )
    one = ask(Stub, "AssignReview", request).review
    return Done(says=f"{one.assigned_to or 'Anybody'} decides it.", href=_home(said))


def _judge(ask: Ask, _times: Times, said: Mapping[str, str], request_id: str) -> Done:
    request = reviews_pb2.JudgeSampleRequest(
        review_id=said["id"], seen=said["seen"], label=said["label"], request_id=request_id
    )
    ask(Stub, "JudgeSample", request)
    return Done(says="Said.", href=_home(said))


def _acknowledge(ask: Ask, times: Times, said: Mapping[str, str], request_id: str) -> Done:
    request = reviews_pb2.AcknowledgeTrainingRequest(
        contract_id=said["contract"], training_id=said["training"], request_id=request_id
    )
    until = ask(Stub, "AcknowledgeTraining", request).valid_until
    says = f"until {times.at(until).text}" if until.seconds else "for good"
    return Done(says=f"Acknowledged, {says}.", href=path("reviews"))


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
        Act(name="judge-sample", does=_judge, href=_home),
        Act(name="acknowledge-training", does=_acknowledge, href=_home),
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
