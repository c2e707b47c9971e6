"""Contracts: what is agreed with whom, its versions and its course, and stopping it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from privacy_service.console.asking import Ask, part
from privacy_service.console.blocks import (
    Act,
    Block,
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
from privacy_service.v1 import contracts_pb2 as pb
from privacy_service.v1 import governance_pb2 as governance
from privacy_service.v1.contracts_pb2_grpc import ContractServiceStub as Stub
from privacy_service.v1.governance_pb2_grpc import GovernanceServiceStub as Governance


def listed(visit: Visit) -> Page:
    """The sharing contracts, newest version of each."""

    def table() -> Table:
        request = pb.ListContractsRequest(page_size=PAGE, page_token=visit.page_token)
        answer = visit.ask(Stub, "ListContracts", request)
        return Table(
            title="",
            heads=(
                "contract",
                "version",
                "party",
                "with",
                "direction",
                "purposes",
                "state",
                "until",
            ),
            rows=[_row(one, visit.times) for one in answer.contracts],
            empty="None yet: `privacy-service contract put`.",
            next_href=going_on("contracts", visit, answer.next_page_token),
        )

    return Page(title="Sharing contracts", room="contracts", blocks=[part("Contracts", table)])


def _row(one: Any, times: Times) -> tuple[Any, ...]:
    return (
        link(one.contract_id, path("contracts", one.contract_id)),
        word(one.version),
        word(one.party),
        word(one.counterparty),
        word(spoken(pb.ContractDirection, one.direction)),
        word(", ".join(one.purposes)),
        word(spoken(pb.ContractStatus, one.status)),
        times.at(one.effective_until),
    )


def shown(visit: Visit) -> Page:
    """One contract: how it stands, its text, its versions."""
    request = pb.GetContractRequest(contract_id=visit.names["id"])
    if visit.query.get("version", "").isdigit():
        request.version = int(visit.query["version"])
    one = visit.ask(Stub, "GetContract", request).contract
    blocks: list[Block] = [
        Facts(
            title="",
            facts=[
                ("party, with", word(f"{one.party}, {one.counterparty}")),
                ("version", word(one.version)),
                ("state", word(spoken(pb.ContractStatus, one.status))),
                ("in force", visit.times.at(one.effective_from)),
                ("until", visit.times.at(one.effective_until)),
                ("put", visit.times.at(one.put_time)),
                ("by", word(one.put_by)),
                ("digest", word(one.digest)),
            ],
        ),
        part("How it stands", lambda: _course(visit)),
        _moving(visit),
        part("Versions", lambda: _versions(visit)),
        Prose(title="Text", text=one.source),
    ]
    return Page(title=one.title or one.contract_id, room="contracts", blocks=blocks)


def _course(visit: Visit) -> Table:
    request = governance.GetContractCourseRequest(contract_id=visit.names["id"])
    course = visit.ask(Governance, "GetContractCourse", request).course
    return Table(
        title="How it stands: suspended" if course.HasField("suspension") else "How it stands",
        heads=("when", "what", "version", "who", "why"),
        rows=[
            (visit.times.at(s.at), word(s.kind), word(s.version or ""), word(s.by), word(s.reason))
            for s in course.steps
        ],
        empty="Nothing was done with it since it was put.",
    )


def _moving(visit: Visit) -> Form:
    """One button of the two: the other one would be refused."""
    hidden = {"id": visit.names["id"]}
    request = governance.GetContractCourseRequest(contract_id=visit.names["id"])
    course = visit.ask(Governance, "GetContractCourse", request).course
    reason = Input(name="reason", label="Why", help="name no person", most=500)
    if course.HasField("suspension"):
        return Form(
            act="resume-contract", title="Let it go on", button="Resume", inputs=(reason,),
            explains="By another person than who suspended it.", hidden=hidden, grave=True,
            folded=True,
        )  # fmt: skip
    return Form(
        act="suspend-contract", title="Stop it", button="Suspend now", inputs=(reason,),
        explains="Nothing passes under it from now on, on any machine.", hidden=hidden, grave=True,
        folded=True,
    )  # fmt: skip


def _versions(visit: Visit) -> Table:
    request = pb.ListContractVersionsRequest(contract_id=visit.names["id"], page_size=PAGE)
    answer = visit.ask(Stub, "ListContractVersions", request)
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
                word(one.digest),
            )
            for one in answer.contracts
        ],
        empty="",
    )


def _move(method: str, request: Any, says: str) -> Any:
    def act(ask: Ask, _times: Times, said: Mapping[str, str], request_id: str) -> Done:
        ask(
            Governance,
            method,
            request(contract_id=said["id"], reason=said["reason"], request_id=request_id),
        )
        return Done(says=says, href=_home(said))

    return act


def _home(said: Mapping[str, str]) -> str:
    return path("contracts", said["id"])


ROOM: Final = Room(
    name="contracts",
    title="Contracts",
    home="/contracts",
    pages={"/contracts": listed, "/contracts/{id}": shown},
    acts=(
        Act(
            name="suspend-contract",
            does=_move("SuspendContract", governance.SuspendContractRequest, "Suspended."),
            href=_home,
        ),
        Act(
            name="resume-contract",
            does=_move("ResumeContract", governance.ResumeContractRequest, "It goes on."),
            href=_home,
        ),
    ),
)
