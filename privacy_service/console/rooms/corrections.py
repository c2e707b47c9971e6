"""Corrections that a person asks for: gathered in forms, looked at, then done.

What is wrong and what is right travels from form to form, in no address, and is kept nowhere here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from google.protobuf.json_format import MessageToJson, Parse, ParseError

from privacy_service.console.asking import Ask
from privacy_service.console.blocks import (
    Act,
    Block,
    Cell,
    Done,
    Form,
    Input,
    Page,
    Table,
    Tone,
    word,
)
from privacy_service.console.room import path
from privacy_service.console.times import Times
from privacy_service.v1 import requests_pb2 as pb
from privacy_service.v1.requests_pb2_grpc import SubjectRequestServiceStub as Stub

_ONE: Final = (
    Input(name="partner", label="Whose records", help="the partner", most=63),
    Input(
        name="field", label="Field", help="as contracts name fields: $.customer.phone", most=2_000
    ),
    Input(
        name="was", label="The wrong value", required=False, most=65_536,
        help="it alone is replaced; needed for records that are about others as well",
    ),
    Input(name="value", label="The right value", most=65_536),
    Input(
        name="identifier", label="It is an identifier of kind", required=False, most=64,
        help="email, …: the person is known by the right one from now on",
    ),
    Input(
        name="query", label="Which records", required=False, most=2_000,
        help="a record query (docs/holds.md); empty: all about the person",
    ),
)  # fmt: skip
_STATEMENT: Final = (
    Input(name="partner", label="Partner that keeps it", most=63),
    Input(name="text", label="Statement", area=True, most=65_536),
)


def forms(request: str) -> tuple[Form, ...]:
    """How a rectification begins: with what is wrong, or with a statement that completes it."""
    return _gathering(request, "")


def _gathering(request: str, so_far: str) -> tuple[Form, ...]:
    hidden = {"id": request, "so_far": so_far}
    also = "Another one" if so_far else "What is wrong, and what is right"
    return (
        Form(
            act="add-correction", title=also, button="See what it would change", inputs=_ONE,
            explains="Nothing is changed by looking.", hidden=hidden, folded=bool(so_far),
        ),
        Form(
            act="add-statement", title="A statement that completes it", folded=True,
            button="See what it would change", inputs=_STATEMENT, hidden=hidden,
        ),
    )  # fmt: skip


def _parsed(so_far: str) -> pb.Correct:
    """Raises ValueError for what no form of ours has sent."""
    try:
        return Parse(so_far or "{}", pb.Correct())
    except ParseError:
        raise ValueError from None  # its message may hold a value


def _add(ask: Ask, _times: Times, said: Mapping[str, str], _request_id: str) -> Done:
    wanted = _parsed(said["so_far"])
    wanted.corrections.add(
        partner=said["partner"],
        field=said["field"],
        value=said["value"],
        identifier=said["identifier"],
        record_query=said["query"],
        **({"was": said["was"]} if said["was"] else {}),
    )
    return _looked_at(ask, said["id"], wanted)


def _complete(ask: Ask, _times: Times, said: Mapping[str, str], _request_id: str) -> Done:
    wanted = _parsed(said["so_far"])
    wanted.statement.partner, wanted.statement.text = said["partner"], said["text"]
    return _looked_at(ask, said["id"], wanted)


def _looked_at(ask: Ask, request: str, wanted: pb.Correct) -> Done:
    plan = ask(
        Stub,
        "PlanCorrection",
        pb.PlanCorrectionRequest(subject_request_id=request, correct=wanted),
    )
    so_far = MessageToJson(wanted, indent=None)
    blocks: list[Block] = [
        _wanted(wanted),
        _counted(plan),
        Form(
            act="correct", title="Decide", button="Correct it", grave=True,
            explains="A job does it from now on, and tells every recipient.",
            hidden={"id": request, "so_far": so_far},
        ),
        *_gathering(request, so_far),
    ]  # fmt: skip
    changes = sum(line.count for line in plan.counts if not line.reason)
    page = Page(
        title=f"What would be corrected for {request}",
        room="requests",
        lead=_lead(changes, len(plan.recipients), more=plan.more),
        blocks=blocks,
    )
    return Done(says="", href=path("requests", request), page=page)


def _lead(changes: int, recipients: int, *, more: bool) -> Cell:
    least = "At least " if more else ""
    text = f"{least}{changes} fields would change, and {recipients} recipients would be told."
    return Cell(text=text, tone=Tone.PLAIN if changes else Tone.SOON)


def _wanted(wanted: pb.Correct) -> Table:
    rows = [
        (
            word(one.partner), word(one.field), word(one.was), word(one.value),
            word(one.identifier), word(one.record_query),
        )
        for one in wanted.corrections
    ]  # fmt: skip
    if wanted.HasField("statement"):
        said = wanted.statement
        rows.append(
            (word(said.partner), word("a statement"), word(""), word(said.text), word(""), word(""))
        )
    return Table(
        title="What is asked for",
        heads=("partner", "field", "wrong", "right", "identifier", "records"),
        rows=rows,
        empty="",
    )


def _counted(plan: Any) -> Table:
    rows = [
        (
            word("left" if line.reason else "changed", Tone.SOON if line.reason else Tone.PLAIN),
            word(line.partner),
            word(line.field),
            word(line.count),
            word(line.reason),
        )
        for line in plan.counts
    ]
    rows += [(word("told"), word(one), word(""), word(""), word("")) for one in plan.recipients]
    return Table(
        title="What would become of it",
        heads=("then", "partner", "field", "records", "because"),
        rows=rows,
        empty="Nothing that is kept of this person would change.",
    )


def _correct(ask: Ask, _times: Times, said: Mapping[str, str], request_id: str) -> Done:
    ask(
        Stub,
        "TakeStep",
        pb.TakeStepRequest(
            subject_request_id=said["id"], correct=_parsed(said["so_far"]), request_id=request_id
        ),
    )
    return Done(says="It is being corrected.", href=_home(said))


def _home(said: Mapping[str, str]) -> str:
    return path("requests", said["id"])


ACTS: Final = (
    Act(name="add-correction", does=_add, href=_home),
    Act(name="add-statement", does=_complete, href=_home),
    Act(name="correct", does=_correct, href=_home),
)
