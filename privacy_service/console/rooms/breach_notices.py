"""Notices about a breach: drafted with what they lack, read, approved by digest, printed, sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from privacy_service.console.asking import Ask
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
    Saved,
    Table,
    Tone,
    chosen,
    link,
    options,
    spoken,
    word,
)
from privacy_service.console.room import Visit, path
from privacy_service.console.times import Times
from privacy_service.v1 import breach_notices_pb2 as notices_pb
from privacy_service.v1.breach_notices_pb2_grpc import BreachNoticeServiceStub as Notices


def of_breach(ask: Ask, breach: str, times: Times) -> Table:
    answer = ask(
        Notices, "ListBreachNotices", notices_pb.ListBreachNoticesRequest(breach_id=breach)
    )
    return Table(
        title="Notices",
        heads=("notice", "for", "phase", "state", "to", "drafted", "lacks"),
        rows=[
            (
                link(n.notice_id, path("notices", n.notice_id)),
                word(f"{n.rule_id} ({n.place})"),
                word(spoken(notices_pb.BreachNoticePhase, n.phase)),
                word(spoken(notices_pb.BreachNoticeState, n.state)),
                word(n.to),
                times.at(n.draft_time),
                word(", ".join(n.missing)),
            )
            for n in answer.notices
        ],
        empty="None drafted.",
    )


def notice(visit: Visit) -> Page:
    """One notice, as it would be read, and what may be done with it."""
    request = notices_pb.GetBreachNoticeRequest(notice_id=visit.names["id"])
    one = visit.ask(Notices, "GetBreachNotice", request).notice
    state = spoken(notices_pb.BreachNoticeState, one.state)
    hidden = {"notice": one.notice_id, "digest": one.digest}
    says = Input(name="says", label="Says", required=False, help="their reference, or why")
    decisions = {
        "draft": ("reviewed", "withdrawn"),
        "reviewed": ("approved", "withdrawn"),
        "approved": ("withdrawn",),
        "sent": ("received", "bounced"),
        "in doubt": ("received", "not_sent"),
    }.get(state, ())
    blocks: list[Block] = [
        Facts(
            title="",
            facts=[
                ("state", word(state)),
                ("breach", link(one.breach_id, path("breaches", one.breach_id))),
                ("for", word(f"{one.rule_id} ({one.place})")),
                ("to", word(one.to)),
                ("digest", word(one.digest)),
                ("lacks", Cell(text="", tone=Tone.SOON, more=tuple(one.missing))),
                ("approved by", word(one.approved_by)),
                ("sent", visit.times.at(one.send_time)),
            ],
        ),
        Prose(title=one.subject, text=one.text),
        *(
            Form(
                act="decide-notice",
                title="Decide" if number == 0 else "",
                button=decision.replace("_", " ").capitalize(),
                inputs=(says,),
                hidden={**hidden, "decision": decision},
                grave=decision == "approved",
            )
            for number, decision in enumerate(decisions)
        ),
        Form(act="print-notice", title="On paper", button="Save as PDF", hidden=hidden),
    ]
    if state == "approved" and one.to:
        blocks.append(
            Form(act="send-notice", title="Send", button="Send it", hidden=hidden, grave=True)
        )
    return Page(title=f"Notice {one.notice_id}", room="breaches", blocks=blocks)


def drafting(found: Any, hidden: Mapping[str, str]) -> Form:
    rules = sorted({(f"{one.rule_id}|{one.place}", f"{one.title} ({one.place})") for one in found})
    return Form(
        act="draft-notice",
        title="Draft a notice",
        button="Draft",
        folded=True,
        hidden=hidden,
        inputs=(
            Input(name="rule", label="For", options=tuple(rules)),
            Input(
                name="phase", label="Phase", options=options("initial", "follow_up", "final")
            ),
            Input(name="language", label="Language", options=options("en", "de")),
            Input(name="to", label="To", help="an address; empty: for a portal", required=False),
            Input(
                name="contents", label="Contents", area=True, required=False, most=20_000,
                help="one to a line: name=text; the draft says which are missing",
            ),
        ),
    )  # fmt: skip


def _draft(ask: Ask, _times: Times, said: Mapping[str, str], request_id: str) -> Done:
    rule, _bar, place = said["rule"].partition("|")
    lines = (line.partition("=") for line in said["contents"].split("\n") if line.strip())
    request = notices_pb.DraftBreachNoticeRequest(
        breach_id=said["id"],
        rule_id=rule,
        place=place,
        phase=chosen(notices_pb.BreachNoticePhase, said["phase"]),  # type: ignore[arg-type]
        language=said["language"],
        contents={name.strip(): text.strip() for name, _equals, text in lines},
        to=said["to"],
        request_id=request_id,
    )
    answer = ask(Notices, "DraftBreachNotice", request)
    return Done(says="Drafted.", href=path("notices", answer.notice.notice_id))


def _decide(ask: Ask, _times: Times, said: Mapping[str, str], request_id: str) -> Done:
    request = notices_pb.DecideBreachNoticeRequest(
        notice_id=said["notice"],
        digest=said["digest"],
        decision=chosen(notices_pb.BreachNoticeDecision, said["decision"]),  # type: ignore[arg-type]
        says=said["says"],
        request_id=request_id,
    )
    ask(Notices, "DecideBreachNotice", request)
    return Done(says=f"It is {said['decision'].replace('_', ' ')}.", href=_home(said))


def _print(ask: Ask, _times: Times, said: Mapping[str, str], _request_id: str) -> Done:
    request = notices_pb.PrintBreachNoticeRequest(
        notice_id=said["notice"], form=notices_pb.BREACH_NOTICE_FORM_PDF
    )
    answer = ask(Notices, "PrintBreachNotice", request)
    saved = Saved(
        name=f"{said['notice']}.pdf", content_type=answer.content_type, content=answer.content
    )
    return Done(says="", href=_home(said), saved=saved)


def _send(ask: Ask, _times: Times, said: Mapping[str, str], request_id: str) -> Done:
    request = notices_pb.SendBreachNoticeRequest(
        notice_id=said["notice"], digest=said["digest"], request_id=request_id
    )
    ask(Notices, "SendBreachNotice", request)
    return Done(says="It is on its way.", href=_home(said))


def _home(said: Mapping[str, str]) -> str:
    if said.get("notice"):
        return path("notices", said["notice"])
    return path("breaches", said["id"])


ACTS: Final = (
    Act(name="draft-notice", does=_draft, href=_home),
    Act(name="decide-notice", does=_decide, href=_home),
    Act(name="print-notice", does=_print, href=_home),
    Act(name="send-notice", does=_send, href=_home),
)
