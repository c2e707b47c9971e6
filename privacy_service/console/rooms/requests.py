"""Subject requests: received, identified, planned, done, proven."""

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
    Saved,
    Table,
    Tone,
    chosen,
    link,
    options,
    spoken,
    word,
)
from privacy_service.console.people import person
from privacy_service.console.room import PAGE, Room, Visit, going_on, path
from privacy_service.console.times import Times
from privacy_service.subjects.reasons import JUSTIFICATIONS, Serves
from privacy_service.v1 import notices_pb2, requests_pb2
from privacy_service.v1.requests_pb2_grpc import SubjectRequestServiceStub as Stub

_HEADS: Final = ("request", "kind", "state", "received", "due", "regime")
_CLOSED: Final = frozenset({"completed", "partly completed", "refused", "lift announced", "lifted"})
_BLANK: Final = frozenset({"received"})
_UPHELD: Final = frozenset({"restriction", "objection"})
_BY_FILE: Final = {
    "rectification": "privacy-service requests correct {id} --file correction.yaml",
    "access": "privacy-service requests disclose {id} --public-key …",
    "portability": "privacy-service requests disclose {id} --public-key …",
}
"""Kinds that a file or a key decides, which the command line takes."""


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
            Facts(title="", facts=[("show", other)]),
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
        times.due(one.due.safe_time, done=state in _CLOSED),
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
    closed = state in _CLOSED
    blocks: list[Block] = [
        Facts(
            title="",
            facts=[
                ("state", word(state, Tone.GOOD if closed else Tone.PLAIN)),
                ("received", times.at(one.receive_time)),
                ("tell it came by", times.due(one.acknowledge_time, done=closed)),
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
    if not closed and state not in _BLANK and kind == "erasure":
        blocks.append(part("What it would do", lambda: _plan(ask, one.subject_request_id)))
    if state == "identified" and kind in _BY_FILE:
        command = word(_BY_FILE[kind].format(id=one.subject_request_id))
        blocks.append(Facts(title="Begin", facts=[("goes on with", command)]))
    blocks += _steps(one, kind, state)
    if one.notices:
        blocks.append(_told(one, times))
    blocks.append(
        Table(
            title="History",
            heads=("when", "who", "what", "then", "says"),
            rows=[
                (times.at(line.time), word(line.actor), word(line.step), word(line.state),
                 word(line.says))
                for line in one.history
            ],
            empty="Nothing yet.",
        )
    )  # fmt: skip
    return Page(
        title=f"{kind.capitalize()} {one.subject_request_id}", room="requests", blocks=blocks
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
                word(notice.recipient),
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


def _steps(one: Any, kind: str, state: str) -> Iterator[Form]:
    """The steps that may be next; the service decides whether they are."""
    hidden = {"id": one.subject_request_id}
    if state in _CLOSED:
        if state != "refused":
            yield Form(act="receipt", title="Receipt", button="Save the receipt", hidden=hidden)
        if kind in _UPHELD and state not in ("refused", "lifted", "lift announced"):
            yield Form(
                act="announce-lift", title="End it", button="Say that it will end",
                explains="The person is to be told first (Art. 18(3) GDPR).", hidden=hidden,
            )  # fmt: skip
        if kind in _UPHELD and state not in ("refused", "lifted"):
            yield Form(act="lift", title="", button="It ends now", hidden=hidden, grave=True)
        return
    if state == "received":
        yield Form(
            act="identify",
            title="Identity",
            button="Identity is checked",
            explains="Only a hash of the evidence is kept, until the decision.",
            inputs=(
                Input(
                    name="level", label="How sure", options=options("low", "substantial", "high")
                ),
                Input(
                    name="evidence", label="Evidence", help="a file; it is hashed here", file=True
                ),
            ),
            hidden=hidden,
        )
    if one.HasField("acknowledge_time"):
        yield Form(
            act="acknowledge", title="Received", button="The person was told that it came",
            hidden=hidden,
        )  # fmt: skip
    if state == "identified" and kind not in _BY_FILE:
        yield Form(
            act="start", title="Begin", button=f"Begin the {kind}", hidden=hidden, grave=True,
            explains="What is deleted cannot be had back." if kind == "erasure" else "",
        )  # fmt: skip
    yield Form(
        act="extend", title="Later", button="Extend", hidden=hidden, folded=True,
        inputs=(Input(name="code", label="Because", options=_codes(Serves.DELAY)),),
    )  # fmt: skip
    yield Form(
        act="refuse", title="Not", button="Refuse", hidden=hidden, grave=True, folded=True,
        inputs=(Input(name="code", label="Because", options=_codes(Serves.REFUSAL)),),
    )  # fmt: skip
    yield Form(
        act="note", title="Note", button="Add", hidden=hidden, folded=True,
        inputs=(Input(name="text", label="Text", help="name no person", area=True),),
    )  # fmt: skip


def _codes(serves: Serves) -> tuple[tuple[str, str], ...]:
    return tuple(
        (one.code, f"{one.says} ({one.article})")
        for one in JUSTIFICATIONS.values()
        if serves in one.serves
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
    return _went_on(answer.request, "Received.")


def _identifier(line: str) -> requests_pb2.Identifier:
    """`email=…`, or a partner's own word: `acme-shop/customer-id=…`. Raises ValueError."""
    partner, slash, _kind = line.strip().partition("=")[0].rpartition("/")
    subject = person(line.strip().removeprefix(f"{partner}{slash}"))
    return requests_pb2.Identifier(subject=subject, partner=partner)


def _step(ask: Ask, said: Mapping[str, str], request_id: str, **step: Any) -> Done:
    answer = ask(
        Stub,
        "TakeStep",
        requests_pb2.TakeStepRequest(subject_request_id=said["id"], request_id=request_id, **step),
    )
    return _went_on(answer.request, "Done.")


def _identify(ask: Ask, _times: Times, said: Mapping[str, str], request_id: str) -> Done:
    check = requests_pb2.CheckIdentity(
        level=chosen(requests_pb2.IdentityLevel, said["level"]),  # type: ignore[arg-type]
        evidence_sha256=said["evidence"],
    )
    return _step(ask, said, request_id, check_identity=check)


def _coded(step: str) -> Any:
    def act(ask: Ask, _times: Times, said: Mapping[str, str], request_id: str) -> Done:
        reason = requests_pb2.CodedReason(code=said["code"])
        return _step(ask, said, request_id, **{step: reason})

    return act


def _plain(step: str) -> Any:
    def act(ask: Ask, _times: Times, said: Mapping[str, str], request_id: str) -> Done:
        return _step(ask, said, request_id, **{step: requests_pb2.PlainStep()})

    return act


def _note(ask: Ask, _times: Times, said: Mapping[str, str], request_id: str) -> Done:
    return _step(ask, said, request_id, note=requests_pb2.NoteText(text=said["text"]))


def _receipt(ask: Ask, _times: Times, said: Mapping[str, str], _request_id: str) -> Done:
    answer = ask(
        Stub,
        "GetErasureReceipt",
        requests_pb2.GetErasureReceiptRequest(subject_request_id=said["id"]),
    )
    saved = Saved(
        name=f"{said['id']}.receipt", content_type="text/plain; charset=utf-8",
        content=answer.receipt.encode(),
    )  # fmt: skip
    return Done(says="", href=_home(said), saved=saved)


def _went_on(request: Any, says: str) -> Done:
    return Done(says=says, href=path("requests", request.subject_request_id))


def _home(said: Mapping[str, str]) -> str:
    return path("requests", said["id"]) if said.get("id") else path("requests")


ROOM: Final = Room(
    name="requests",
    title="Requests",
    home="/requests",
    pages={"/requests": listed, "/requests/{id}": shown},
    acts=(
        Act(name="submit-request", does=_submit, href=_home),
        Act(name="identify", does=_identify, href=_home),
        Act(name="acknowledge", does=_plain("acknowledge"), href=_home),
        Act(name="start", does=_plain("start"), href=_home),
        Act(name="extend", does=_coded("extend"), href=_home),
        Act(name="refuse", does=_coded("refuse"), href=_home),
        Act(name="note", does=_note, href=_home),
        Act(name="announce-lift", does=_plain("announce_lift"), href=_home),
        Act(name="lift", does=_plain("lift"), href=_home),
        Act(name="receipt", does=_receipt, href=_home),
    ),
)
