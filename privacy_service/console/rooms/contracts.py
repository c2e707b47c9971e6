"""Contracts of both kinds: what is agreed with whom, how each stands, and stopping it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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
    Tone,
    link,
    spoken,
    word,
)
from privacy_service.console.room import PAGE, Room, Visit, going_on, path
from privacy_service.console.rooms import proposals, trials
from privacy_service.console.rooms.courses import (
    BEHAVIOR,
    course_of,
    courses_of,
    listed_in,
    text_of,
    written_in,
)
from privacy_service.console.times import Times
from privacy_service.v1 import behavior_pb2, contracts_pb2
from privacy_service.v1 import governance_pb2 as pb
from privacy_service.v1.behavior_pb2_grpc import BehaviorServiceStub as Behavior
from privacy_service.v1.contracts_pb2_grpc import ContractServiceStub as Contracts
from privacy_service.v1.governance_pb2_grpc import GovernanceServiceStub as Stub

_HEADS: Final = ("contract", "what", "party", "with", "in force", "how it stands", "until")
_REASON: Final = Input(name="reason", label="Why", help="name no person", most=500)


def listed(visit: Visit) -> Page:
    """The contracts of both kinds, each with what it waits for."""
    return Page(
        title="Contracts",
        room="contracts",
        blocks=[
            part("Sharing contracts", lambda: _sharing(visit)),
            part("Behavior contracts", lambda: _behavior(visit)),
            proposals.proposing("", ""),
        ],
    )


def _sharing(visit: Visit) -> Table:
    request = contracts_pb2.ListContractsRequest(page_size=PAGE, page_token=visit.page_token)
    answer = visit.ask(Contracts, "ListContracts", request)
    return Table(
        title="What partners agreed about data",
        heads=_HEADS,
        rows=_rows(visit, answer.contracts),
        empty="None yet.",
        next_href=going_on("contracts", visit, answer.next_page_token),
    )


def _behavior(visit: Visit) -> Table:
    token = visit.query.get("answers", "")
    request = behavior_pb2.ListBehaviorContractsRequest(page_size=PAGE, page_token=token)
    answer = visit.ask(Behavior, "ListBehaviorContracts", request)
    more = answer.next_page_token
    return Table(
        title="What AI partners may answer",
        heads=_HEADS,
        rows=_rows(visit, answer.contracts),
        empty="None yet.",
        next_href=path("contracts", **{**visit.query, "answers": more}) if more else "",
    )


def _rows(visit: Visit, found: Sequence[Any]) -> list[tuple[Cell, ...]]:
    courses = courses_of(visit.ask, [one.contract_id for one in found])
    return [_row(one, courses[one.contract_id], visit.times) for one in found]


def _row(one: Any, course: Any, times: Times) -> tuple[Cell, ...]:
    return (
        link(one.contract_id, path("contracts", one.contract_id)),
        word(one.title),
        word(course.party),
        word(course.other),
        word(f"version {course.version}" if course.version else "none yet"),
        _standing(one, course),
        times.at(one.effective_until),
    )


def _standing(one: Any, course: Any) -> Cell:
    """How a contract stands in a few words, and what it waits for."""
    if course.HasField("retirement"):
        return word("retired")
    if course.HasField("suspension"):
        return Cell(text="suspended", tone=Tone.BAD, more=(f"by {course.suspension.by}",))
    more = tuple(_coming(course))
    status = (
        ("suspended" if one.suspended else "active")
        if course.kind == BEHAVIOR
        else spoken(contracts_pb2.ContractStatus, one.status)
    )
    return Cell(text=status, tone=Tone.SOON if more else Tone.PLAIN, more=more)


def _coming(course: Any) -> Iterator[str]:
    """What is under way with it."""
    for one in proposals.open_ones(course):
        lacks = f": {'; '.join(one.lacks)}" if one.lacks else ": can be activated"
        yield f"version {one.version} is proposed{lacks}"
    if course.HasField("plan"):
        yield f"version {course.plan.version} is planned"
    if course.HasField("canary"):
        yield f"version {course.canary.version} is tried on {course.canary.percent:g} %"


# -- One contract -------------------------------------------------------------------------------


def shown(visit: Visit) -> Page:
    """One contract: how it stands, what waits for somebody, its text, its versions."""
    course = course_of(visit.ask, visit.names["id"])
    number = int(visit.query["version"]) if visit.query.get("version", "").isdigit() else 0
    one = text_of(visit.ask, course, number)
    blocks: list[Block] = [_facts(course, one, visit.times), *proposals.waiting(course, visit)]
    blocks += _moves(course, one)
    if course.kind != BEHAVIOR:
        blocks.append(part("Versions", lambda: _versions(visit)))
    blocks.append(
        part("Recorded cases", lambda: trials.cases(visit.ask, course.contract_id, visit.times))
    )
    blocks += [_steps(course, visit.times), Prose(title="Text", text=one.source)]
    return Page(
        title=one.title or one.contract_id, room="contracts", blocks=blocks, lead=_lead(course)
    )


def _lead(course: Any) -> Cell:
    if course.HasField("retirement"):
        return Cell(text="It has ended: nothing passes under it any more.")
    if course.HasField("suspension"):
        by, why = course.suspension.by, course.suspension.reason
        return Cell(
            text="It is suspended: nothing passes under it.",
            tone=Tone.BAD,
            more=(f"By {by}: {why}", "Somebody else can let it go on, below."),
        )
    now = f"Version {course.version} is in force." if course.version else "None is in force yet."
    return Cell(text=now, more=tuple(f"{said[:1].upper()}{said[1:]}." for said in _coming(course)))


def _facts(course: Any, one: Any, times: Times) -> Facts:
    answers = path("answers", course.contract_id) if course.kind == BEHAVIOR else ""
    return Facts(
        title="",
        facts=[
            ("id", word(course.contract_id)),
            ("party, with", word(f"{course.party}, {course.other}")),
            ("text shown", word(f"version {one.version}")),
            ("in force", times.at(one.effective_from)),
            ("until", times.at(one.effective_until)),
            ("recertify by", times.due(course.due_time)),
            ("else lapses", times.due(course.lapse_time)),
            ("planned", times.due(course.plan.at)),
            ("put", times.at(one.put_time)),
            ("by", word(one.put_by)),
            ("digest", word(one.digest)),
            ("is it kept", link("checks, failures, runs", answers) if answers else word("")),
            *_people(one.source if course.kind == BEHAVIOR else ""),
        ],
    )


def _people(source: str) -> Iterator[tuple[str, Cell]]:
    """Who answers for a behavior contract, and where those are heard who use it or disagree."""
    terms = written_in(source)
    people = terms.get("people")
    said = people if isinstance(people, Mapping) else {}
    answer = (*listed_in(terms, "people", "party"), *listed_in(terms, "people", "provider"))
    yield "answers for it", word(", ".join(answer) or str(terms.get("owner", "")))
    yield "feedback goes to", word(str(said.get("feedback", "")))
    yield "who disagrees turns to", word(str(said.get("dissent", "")))


def _moves(course: Any, one: Any) -> Iterator[Form]:
    """What can be done with it; of stopping and letting go on the one that would not be refused."""
    hidden = {"id": course.contract_id}
    if course.HasField("retirement"):
        return
    if course.HasField("suspension"):
        yield Form(
            act="resume-contract", title="Let it go on", button="Resume", inputs=(_REASON,),
            explains="By another person than who suspended it.", hidden=hidden, grave=True,
            folded=True,
        )  # fmt: skip
        yield Form(
            act="retire-contract", title="End it", button="Retire it, for good", inputs=(_REASON,),
            explains="By another person than who suspended it. Copies here are due for deletion, "
            "and recipients are asked to delete theirs.",
            hidden=hidden, grave=True, folded=True,
        )  # fmt: skip
    else:
        yield Form(
            act="suspend-contract", title="Stop it", button="Suspend now", inputs=(_REASON,),
            explains="Nothing passes under it from now on, on any machine.", hidden=hidden,
            grave=True, folded=True,
        )  # fmt: skip
    yield proposals.proposing(course.contract_id, one.source)
    tried = course.HasField("canary") or course.HasField("plan")
    if course.rollback_version or tried:
        back = "The canary or the plan ends." if tried else f"To version {course.rollback_version}."
        yield Form(
            act="roll-back", title="Go back", button="Roll back now", explains=back,
            inputs=(_REASON,), hidden=hidden, grave=True, folded=True,
        )  # fmt: skip
    if course.due_time.seconds:
        yield Form(
            act="look-at-packet", title="Still right?", button="See what fired and what changed",
            explains="Then say that it still is right, by what you have seen.", hidden=hidden,
            folded=True,
        )  # fmt: skip


def _versions(visit: Visit) -> Table:
    request = contracts_pb2.ListContractVersionsRequest(
        contract_id=visit.names["id"], page_size=PAGE
    )
    answer = visit.ask(Contracts, "ListContractVersions", request)
    return Table(
        title="Versions",
        heads=("version", "put", "by", "digest"),
        rows=[
            (
                link(
                    str(one.version),
                    path("contracts", one.contract_id, version=str(one.version)),
                ),
                visit.times.at(one.put_time),
                word(one.put_by),
                word(f"{one.digest[:19]}…"),
            )
            for one in answer.contracts
        ],
        empty="",
    )


def _steps(course: Any, times: Times) -> Table:
    return Table(
        title="What was done with it",
        heads=("when", "what", "version", "who", "why"),
        rows=[
            (
                times.at(step.at),
                word(step.kind.replace("_", " ")),
                link(
                    str(step.version),
                    path("contracts", course.contract_id, version=str(step.version)),
                )
                if step.version
                else word(""),
                word(step.by),
                word(step.reason),
            )
            for step in course.steps
        ],
        empty="Nothing was done with it since it was put.",
    )


# -- Acts ---------------------------------------------------------------------------------------


def _move(method: str, request: Any, says: str) -> Any:
    def act(ask: Ask, _times: Times, said: Mapping[str, str], request_id: str) -> Done:
        ask(
            Stub,
            method,
            request(contract_id=said["id"], reason=said["reason"], request_id=request_id),
        )
        return Done(says=says, href=proposals.home(said))

    return act


def _packet(ask: Ask, times: Times, said: Mapping[str, str], _request_id: str) -> Done:
    request = pb.GetRecertificationPacketRequest(contract_id=said["id"])
    page = proposals.packet_page(ask(Stub, "GetRecertificationPacket", request), said["id"], times)
    return Done(says="", href=proposals.home(said), page=page)


def _acts() -> Iterator[Act]:
    for name, method, request, says in (
        ("suspend-contract", "SuspendContract", pb.SuspendContractRequest, "Suspended."),
        ("resume-contract", "ResumeContract", pb.ResumeContractRequest, "It goes on."),
        ("retire-contract", "RetireContract", pb.RetireContractRequest, "It has ended."),
        ("roll-back", "RollBackContract", pb.RollBackContractRequest, "It is rolled back."),
    ):
        yield Act(name=name, does=_move(method, request, says), href=proposals.home)
    yield Act(name="look-at-packet", does=_packet, href=proposals.home)
    yield from proposals.ACTS


ROOM: Final = Room(
    name="contracts",
    title="Contracts",
    home="/contracts",
    group="Partners",
    pages={
        "/contracts": listed,
        "/contracts/{id}": shown,
        "/contracts/{id}/versions/{version:int}": proposals.shown,
    },
    acts=tuple(_acts()),
)
