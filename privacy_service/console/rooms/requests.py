"""Subject requests: received, identified, planned, done, proven."""

from __future__ import annotations

from collections.abc import Mapping
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
    Table,
    Tone,
    chosen,
    link,
    spoken,
    word,
)
from privacy_service.console.people import person
from privacy_service.console.room import PAGE, Room, Visit, going_on, path
from privacy_service.console.rooms import request_steps
from privacy_service.console.rooms.request_steps import BUNDLED, CLOSED, is_asked
from privacy_service.console.times import Times
from privacy_service.v1 import notices_pb2, requests_pb2
from privacy_service.v1.requests_pb2_grpc import SubjectRequestServiceStub as Stub

_HEADS: Final = ("request", "kind", "state", "received", "due", "regime")


def listed(visit: Visit) -> Page:
    """The requests that are open, or all, and a form for another one."""
    closed = visit.query.get("closed") == "1"

    def table() -> Table:
        answer = visit.ask(
            Stub,
            "ListRequests",
            requests_pb2.ListRequestsRequest(
                closed=closed, page_size=PAGE, page_token=visit.page_token
            ),
        )
        return Table(
            title="All requests" if closed else "Open requests",
            heads=_HEADS,
            rows=[row(one, visit.times) for one in answer.requests],
            empty="None.",
            next_href=going_on("requests", visit, answer.next_page_token),
        )

    other = (
        link("only open ones", path("requests"))
        if closed
        else link("also closed ones", path("requests", closed="1"))
    )
    return Page(
        title="Subject requests",
        room="requests",
        blocks=[
            part("Requests", table),
            Links(title="Show", links=[other]),
            _submitting(),
        ],
    )


def row(one: Any, times: Times) -> tuple[Cell, ...]:
    """A request as a row of a list."""
    state = spoken(requests_pb2.SubjectRequestState, one.state)
    return (
        link(one.subject_request_id, path("requests", one.subject_request_id)),
        word(spoken(requests_pb2.SubjectRequestKind, one.kind)),
        word(state),
        times.at(one.receive_time),
        times.due(one.due.safe_time, done=state in CLOSED),
        word(f"{one.regime} · {one.place}"),
    )


def shown(visit: Visit) -> Page:
    """One request: how it stands, why it is due when, what may be done, and what was."""
    answer = visit.ask(
        Stub,
        "GetRequest",
        requests_pb2.GetRequestRequest(subject_request_id=visit.names["id"]),
    )
    return of_request(visit.ask, visit.times, answer.request)


def of_request(ask: Ask, times: Times, one: Any) -> Page:
    """The page of a request."""
    kind = spoken(requests_pb2.SubjectRequestKind, one.kind)
    state = spoken(requests_pb2.SubjectRequestState, one.state)
    closed = state in CLOSED
    blocks: list[Block] = [
        Facts(
            title="",
            facts=[
                ("state", word(state, Tone.GOOD if closed else Tone.PLAIN)),
                ("received", times.at(one.receive_time)),
                ("tell it came by", times.due(one.acknowledge_time, done=closed)),
                ("extended", word("yes" if one.extended else "")),
                ("merged", word(f"{one.merged} more, about the same" if one.merged else "")),
                ("due, to be safe", times.due(one.due.safe_time, done=closed)),
                ("due by law", times.due(one.due.legal_time, done=closed)),
                ("rule", word(f"{one.due.rule} ({one.due.standing})" if one.due.rule else "")),
                ("why then", Cell(text="", more=tuple(one.due.why))),
                ("identity", word(_identity(one))),
                ("reason", word(" · ".join(filter(None, (one.reason, one.reason_article))))),
                ("people, as digests", Cell(text="", more=tuple(one.subject_digests))),
            ],
        )
    ]
    if not closed and state != "received" and kind == "erasure":
        blocks.append(part("What it would do", lambda: _plan(ask, one.subject_request_id)))
    blocks += request_steps.forms(one, kind, state)
    if one.notices:
        blocks.append(_told(one, times))
    blocks.append(
        Table(
            title="History",
            heads=("when", "who", "what", "then", "says"),
            rows=[
                (times.at(line.time), word(line.actor), word(line.step.replace("_", " ")),
                 word(line.state), word(line.says))
                for line in one.history
            ],
            empty="Nothing yet.",
        )
    )  # fmt: skip
    title = f"{kind.capitalize()} {one.subject_request_id}"
    return Page(title=title, room="requests", blocks=blocks, lead=_lead(one, state, times))


def next_step(one: Any) -> str:
    """What somebody has to do next with a request, in words."""
    kind = spoken(requests_pb2.SubjectRequestKind, one.kind)
    state = spoken(requests_pb2.SubjectRequestState, one.state)
    return {
        "received": "check who asks, or refuse it",
        "identified": "decide: "
        + ("correct" if kind == "rectification" else "give" if kind in BUNDLED else "begin")
        + " it, or refuse it",
        "in progress": "nothing: a job does it",
        "blocked": "nothing: it goes on by itself when nothing keeps the data any more",
        "lift announced": "end it",
    }.get(state, "nothing: it is closed")


def _lead(one: Any, state: str, times: Times) -> Cell:
    if state in CLOSED - {"lift announced"}:
        return Cell(text=f"It is {state}.", tone=Tone.GOOD if state != "refused" else Tone.PLAIN)
    due = times.due(one.due.safe_time)
    by = (f"by {due.text}, {due.more[0]}",) if due.more else ()
    asked = ("The person was asked, and has not answered: the clock may stand still.",)
    says = next_step(one)
    return Cell(
        text=f"{says[:1].upper()}{says[1:]}.",
        tone=due.tone,
        more=(*by, *(asked if is_asked(one) else ())),
    )


def _identity(one: Any) -> str:
    level = one.identity_level
    return spoken(requests_pb2.IdentityLevel, level) if level else "not checked yet"


def _plan(ask: Ask, request: str) -> Block:
    plan = ask(Stub, "PlanErasure", requests_pb2.PlanErasureRequest(subject_request_id=request))
    rows = [
        (word(what), word(line.thing), word(line.partner), word(line.count), word(because))
        for what, lines in (("deleted", plan.deleted), ("kept", plan.kept))
        for line in lines
        for because in (" · ".join(filter(None, (line.reason, line.article))),)
    ]
    rows += [
        (word("told"), word("notice"), word(one), word(1), word("")) for one in plan.recipients
    ]
    return Table(
        title="What it would do",
        heads=("then", "what", "partner", "how many", "because"),
        rows=rows,
        empty="Nothing is known of this person under the identifiers given.",
    )


def _told(one: Any, times: Times) -> Table:
    return Table(
        title="Recipients told",
        heads=("recipient", "what", "state", "until", "confirmed"),
        rows=[
            (
                link(notice.recipient, path("recipients", notice.recipient)),
                word(spoken(notices_pb2.NoticeKind, notice.kind)),
                word(spoken(notices_pb2.NoticeState, notice.state)),
                times.due(notice.deadline, done=bool(notice.confirm_time.seconds)),
                times.at(notice.confirm_time),
            )
            for notice in one.notices
        ],
        empty="Nobody.",
    )


# -- Acts ---------------------------------------------------------------------------------------


def _submitting() -> Form:
    return Form(
        act="submit-request",
        title="A new request",
        button="Receive it",
        folded=True,
        explains="Identifiers are matched and not kept. The clock starts when it was received.",
        inputs=(
            Input(
                name="kind",
                label="What is asked for",
                options=tuple(
                    (name.removeprefix("SUBJECT_REQUEST_KIND_").lower(),) * 2
                    for name, number in requests_pb2.SubjectRequestKind.items()
                    if number
                ),
            ),
            Input(
                name="subjects",
                label="Who",
                help="one to a line: email=…, phone=…, or acme-shop/customer-id=…",
                area=True,
                most=8_192,
            ),
            Input(name="regime", label="Regime", value="eu-gdpr", help="as in `law list`"),
            Input(name="place", label="Place", value="DE", help="whose clock and holidays count"),
            Input(
                name="received",
                label="Received",
                help="YYYY-MM-DD HH:MM; empty: now",
                required=False,
            ),
            Input(
                name="purpose",
                label="Purpose",
                help="of an objection: dpv:DirectMarketing",
                required=False,
            ),
        ),
    )


def _submit(ask: Ask, times: Times, said: Mapping[str, str], request_id: str) -> Done:
    request = requests_pb2.SubmitRequestRequest(
        kind=chosen(requests_pb2.SubjectRequestKind, said["kind"]),  # type: ignore[arg-type]
        identifiers=[_identifier(line) for line in said["subjects"].split("\n") if line.strip()],
        regime=said["regime"],
        place=said["place"],
        purpose=said["purpose"],
        receive_time=times.read(said["received"]),
        request_id=request_id,
    )
    answer = ask(Stub, "SubmitRequest", request)
    return Done(says="Received.", href=path("requests", answer.request.subject_request_id))


def _identifier(line: str) -> requests_pb2.Identifier:
    """`email=…`, or a partner's own word: `acme-shop/customer-id=…`. Raises ValueError."""
    partner, slash, _kind = line.strip().partition("=")[0].rpartition("/")
    subject = person(line.strip().removeprefix(f"{partner}{slash}"))
    return requests_pb2.Identifier(subject=subject, partner=partner)


ROOM: Final = Room(
    name="requests",
    title="Requests",
    home="/requests",
    group="People",
    pages={"/requests": listed, "/requests/{id}": shown},
    acts=(
        Act(name="submit-request", does=_submit, href=lambda _said: path("requests")),
        *request_steps.ACTS,
    ),
)
