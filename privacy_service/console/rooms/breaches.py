"""Breaches: who is affected, what is due when and why, what was said, and the notices."""

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
from privacy_service.console.room import PAGE, Room, Visit, going_on, path
from privacy_service.console.times import Times
from privacy_service.v1 import breach_notices_pb2 as notices_pb
from privacy_service.v1 import breaches_pb2 as pb
from privacy_service.v1.breach_notices_pb2_grpc import BreachNoticeServiceStub as Notices
from privacy_service.v1.breaches_pb2_grpc import BreachServiceStub as Stub

_DONE: Final = frozenset({"done", "done late", "withdrawn"})
_TONES: Final = {
    "overdue": Tone.BAD, "soon": Tone.SOON, "to decide": Tone.SOON, "done": Tone.GOOD,
}  # fmt: skip
_TIMES: Final = options(
    "suspicion", "detection", "awareness", "determination", "assessment", "classification",
    "materiality", "causal_link", "handled",
)  # fmt: skip


def listed(visit: Visit) -> Page:
    """The breaches, drills too where asked, and a form for another one."""
    drills = visit.query.get("drills") == "1"

    def table() -> Table:
        answer = visit.ask(
            Stub,
            "ListBreaches",
            pb.ListBreachesRequest(drills=drills, page_size=PAGE, page_token=visit.page_token),
        )
        return Table(
            title="Breaches",
            heads=("breach", "what", "state", "opened", "by", "people"),
            rows=[row(one, visit.times) for one in answer.breaches],
            empty="None.",
            next_href=going_on("breaches", visit, answer.next_page_token),
        )

    other = (
        link("without drills", path("breaches"))
        if drills
        else link("drills too", path("breaches", drills="1"))
    )
    return Page(
        title="Breaches",
        room="breaches",
        blocks=[part("Breaches", table), Facts(title="", facts=[("show", other)]), _opening()],
    )


def row(one: Any, times: Times) -> tuple[Cell, ...]:
    """A breach as a row of a list."""
    return (
        link(one.breach_id, path("breaches", one.breach_id)),
        word(f"DRILL: {one.title}" if one.drill else one.title),
        word(spoken(pb.BreachState, one.state)),
        times.at(one.open_time),
        word(one.opened_by),
        word(_people(one.total)),
    )


def shown(visit: Visit) -> Page:
    """One breach: its clocks first."""
    answer = visit.ask(
        Stub, "GetBreach", pb.GetBreachRequest(breach_id=visit.names["id"], with_entries=True)
    )
    one, times = answer.breach, visit.times
    hidden = {"id": one.breach_id, "entry": str(one.newest_entry)}
    blocks: list[Block] = [
        _facts(one, times),
        obligations(answer.obligations, times),
        part("Notices", lambda: _notices(visit.ask, one.breach_id, times)),
        _drafting(answer.obligations, hidden),
        *_statements(one, hidden),
        _tasks(one, times),
        Table(
            title="Timeline",
            heads=("nr", "when", "who", "what", "says"),
            rows=[
                (word(e.number), times.at(e.time), word(e.by), word(e.kind), word(e.statement_json))
                for e in answer.entries
            ],
            empty="Nothing yet.",
        ),
        Form(
            act="export-breach", title="Evidence", button="Save its evidence, signed", hidden=hidden
        ),
    ]
    title = f"DRILL: {one.title}" if one.drill else one.title
    return Page(title=title, room="breaches", blocks=blocks)


def obligations(found: Any, times: Times) -> Table:
    """What is due when, and why then."""
    return Table(
        title="What is due",
        heads=("to", "what", "by, to be safe", "by law", "state", "why then"),
        rows=[_obligation(one, times) for one in found],
        empty="Nothing yet: state when you became aware, and who is concerned.",
    )


def _obligation(one: Any, times: Times) -> tuple[Cell, ...]:
    status = spoken(pb.ObligationStatus, one.status)
    done = status in _DONE
    return (
        word(one.to),
        Cell(text=one.title, more=(f"{one.rule_id} ({one.place})", one.citation, one.standing)),
        times.due(one.conservative_due_time, done=done),
        times.due(one.legal_due_time, done=done),
        Cell(text=status, tone=_TONES.get(status, Tone.PLAIN), more=tuple(one.waits_for)),
        Cell(text="", more=(*one.because, *one.why_then)),
    )


def _people(count: Any) -> str:
    if not count.number and not count.approximate:
        return ""
    return f"about {count.number}" if count.approximate else str(count.number)


def _facts(one: Any, times: Times) -> Facts:
    scope = one.scope
    counted = tuple(
        f"{name}: {number}"
        for name, number in (
            ("people", scope.subjects),
            ("disclosures", scope.disclosures),
            ("records", scope.records),
            ("tokens", scope.tokens),
            *sorted(scope.recipients.items()),
            *sorted(scope.categories.items()),
        )
        if number
    )
    return Facts(
        title="",
        facts=[
            ("state", word(spoken(pb.BreachState, one.state))),
            ("people", word(_people(one.total))),
            *((name.replace("_", " "), times.at(at)) for name, at in sorted(one.times.items())),
            ("what was hurt", word(", ".join(spoken(pb.BreachNature, n) for n in one.natures))),
            ("scope", Cell(text="" if counted else "not worked out yet", more=counted)),
            ("look again", Cell(text="", tone=Tone.SOON, more=tuple(one.doubts))),
            ("kept until", word(one.keep_until)),
        ],
    )


def _tasks(one: Any, _times: Times) -> Table:
    return Table(
        title="Tasks",
        heads=("task", "what", "whose", "until", "done"),
        rows=[
            (
                word(t.task_id),
                word(t.title),
                word(t.owner),
                word(t.due_date),
                word("done" if t.done_time.seconds else "open"),
            )
            for t in one.tasks
        ],
        empty="None.",
    )


def _notices(ask: Ask, breach: str, times: Times) -> Table:
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


# -- Forms --------------------------------------------------------------------------------------


def _opening() -> Form:
    return Form(
        act="open-breach",
        title="Something happened",
        button="Open a breach",
        inputs=(
            Input(name="title", label="What happened", help="in a line; name no person", most=200),
            Input(
                name="nature",
                label="What was hurt",
                options=options("confidentiality", "integrity", "availability"),
            ),
            Input(
                name="awareness",
                label="You knew at",
                help="YYYY-MM-DD HH:MM; starts the clocks; empty: not sure yet",
                required=False,
            ),
            Input(name="evidence", label="On what evidence", required=False, most=4_000),
            Input(name="drill", label="It is a drill", check=True, required=False),
        ),
    )


def _statements(one: Any, hidden: Mapping[str, str]) -> list[Form]:
    if spoken(pb.BreachState, one.state) != "open":
        return []
    evidence = Input(name="evidence", label="On what evidence", most=4_000)
    return [
        Form(
            act="state-time", title="State a time", button="State it", hidden=hidden,
            explains="A time that was said before stays in the timeline.",
            inputs=(
                Input(name="name", label="Of", options=_TIMES),
                Input(name="at", label="It was", help="YYYY-MM-DD HH:MM"),
                evidence,
            ),
        ),
        Form(
            act="state-people", title="State who is concerned", button="State it", hidden=hidden,
            inputs=(
                Input(name="number", label="People in all"),
                Input(name="approximate", label="It is an estimate", check=True, required=False),
                Input(name="residents", label="By place", help="DE=120, US-CA=3", required=False),
                evidence,
            ),
        ),
        Form(
            act="scope-breach", title="Work out the scope", button="From the ledger", hidden=hidden,
            explains="Counts who and what went out, from the disclosure ledger and the records.",
            inputs=(
                Input(name="since", label="Since", help="YYYY-MM-DD HH:MM", required=False),
                Input(name="until", label="Until", help="YYYY-MM-DD HH:MM", required=False),
                Input(name="partner", label="Partner", required=False),
            ),
        ),
    ]  # fmt: skip


def _drafting(found: Any, hidden: Mapping[str, str]) -> Form:
    rules = sorted({(f"{one.rule_id}|{one.place}", f"{one.title} ({one.place})") for one in found})
    return Form(
        act="draft-notice",
        title="Draft a notice",
        button="Draft",
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


# -- Acts ---------------------------------------------------------------------------------------


def _open(ask: Ask, times: Times, said: Mapping[str, str], request_id: str) -> Done:
    aware = times.read(said["awareness"])
    request = pb.OpenBreachRequest(
        title=said["title"],
        natures=[chosen(pb.BreachNature, said["nature"])],  # type: ignore[list-item]
        drill=said["drill"] == "yes",
        request_id=request_id,
    )
    if aware is not None:
        evidence = said["evidence"] or "as stated when it was opened"
        request.times.add(name="awareness", evidence=evidence).at.CopyFrom(aware)
    answer = ask(Stub, "OpenBreach", request)
    return Done(says="Opened.", href=path("breaches", answer.breach.breach_id))


def _state(
    ask: Ask, said: Mapping[str, str], request_id: str, statement: pb.BreachStatement
) -> Done:
    request = pb.RecordStatementRequest(
        breach_id=said["id"],
        statement=statement,
        expected_entry=int(said["entry"]),
        request_id=request_id,
    )
    ask(Stub, "RecordStatement", request)
    return Done(says="Stated.", href=_home(said))


def _state_time(ask: Ask, times: Times, said: Mapping[str, str], request_id: str) -> Done:
    at = times.read(said["at"])
    if at is None:
        raise ValueError("write when it was, as YYYY-MM-DD HH:MM")
    time = pb.TimeStatement(name=said["name"], at=at, evidence=said["evidence"])
    return _state(ask, said, request_id, pb.BreachStatement(time=time))


def _state_people(ask: Ask, _times: Times, said: Mapping[str, str], request_id: str) -> Done:
    approximate = said["approximate"] == "yes"
    facts = pb.FactsStatement(
        total=pb.PeopleCount(number=int(said["number"]), approximate=approximate),
        evidence=said["evidence"],
    )
    for one in filter(None, (one.strip() for one in said["residents"].split(","))):
        place, _equals, number = one.partition("=")
        facts.residents[place].CopyFrom(pb.PeopleCount(number=int(number), approximate=approximate))
    return _state(ask, said, request_id, pb.BreachStatement(facts=facts))


def _scope(ask: Ask, times: Times, said: Mapping[str, str], request_id: str) -> Done:
    request = pb.ScopeBreachRequest(
        breach_id=said["id"],
        since=times.read(said["since"]),
        until=times.read(said["until"]),
        partner=said["partner"],
        keep=True,
        request_id=request_id,
    )
    ask(Stub, "ScopeBreach", request)
    return Done(says="The scope is kept with the breach.", href=_home(said))


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
    return path("breaches", said["id"]) if said.get("id") else path("breaches")


ROOM: Final = Room(
    name="breaches",
    title="Breaches",
    home="/breaches",
    pages={"/breaches": listed, "/breaches/{id}": shown, "/notices/{id}": notice},
    acts=(
        Act(name="open-breach", does=_open, href=_home),
        Act(name="state-time", does=_state_time, href=_home),
        Act(name="state-people", does=_state_people, href=_home),
        Act(name="scope-breach", does=_scope, href=_home),
        Act(name="draft-notice", does=_draft, href=_home),
        Act(name="decide-notice", does=_decide, href=_home),
        Act(name="print-notice", does=_print, href=_home),
        Act(name="send-notice", does=_send, href=_home),
    ),
)
