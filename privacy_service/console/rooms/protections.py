"""What is stopped or kept: quarantined partners, legal holds."""

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
    Table,
    Tone,
    chosen,
    link,
    options,
    spoken,
    word,
)
from privacy_service.console.people import person
from privacy_service.console.room import PAGE, Room, Visit, path
from privacy_service.console.times import Times
from privacy_service.v1 import breaches_pb2, holds_pb2
from privacy_service.v1.breaches_pb2_grpc import BreachServiceStub as Breaches
from privacy_service.v1.holds_pb2_grpc import LegalHoldServiceStub as Holds

_STOPPED: Final = options(
    *(
        name.removeprefix("STOPPED_").lower()
        for name, number in breaches_pb2.Stopped.items()
        if number
    )
)
_REASON: Final = Input(name="reason", label="Why", help="name no person", most=2_000)


def listed(visit: Visit) -> Page:
    """Quarantines and holds that stand, and forms for others."""
    return Page(
        title="Stopped and kept",
        room="protections",
        blocks=[
            part("Quarantined partners", lambda: quarantines(visit.ask, visit.times)),
            part("Legal holds", lambda: holds(visit.ask, visit.times)),
            Form(
                act="quarantine",
                title="Quarantine a partner",
                folded=True,
                button="Stop it now",
                explains="At once and on every machine; two people lift it.",
                inputs=(
                    Input(name="partner", label="Partner", most=63),
                    Input(name="stopped", label="What", options=_STOPPED),
                    Input(
                        name="certificate", label="Certificate", required=False, most=64,
                        help="its SHA-256, where one certificate is revoked",
                    ),
                    Input(
                        name="unknown", label="It will come only later", check=True, required=False,
                        help="without this, a name that no contract has is refused",
                    ),
                    Input(name="breach", label="For the breach", required=False, most=64),
                    _REASON,
                ),
                grave=True,
            ),
            Form(
                act="place-hold",
                title="Place a hold",
                folded=True,
                button="Hold it",
                explains="Nothing that it covers is deleted until two people lift it.",
                inputs=(
                    Input(
                        name="subjects", label="People", area=True, required=False, most=20_000,
                        help="one to a line: email=…",
                    ),
                    Input(name="partner", label="Or a partner", required=False, most=63),
                    Input(name="contract", label="Or a contract", required=False, most=128),
                    Input(name="query", label="Or records", required=False, most=2_000),
                    Input(name="matter", label="Matter", help="a number, no name", most=64),
                    _REASON,
                    Input(name="approver", label="Approved by", most=256),
                    Input(name="review", label="Look again on", help="YYYY-MM-DD", most=10),
                    Input(
                        name="use",
                        label="Meanwhile its use is",
                        options=options("restricted", "continues"),
                    ),
                ),
            ),
        ],
    )  # fmt: skip


def quarantines(ask: Ask, times: Times) -> Table:
    """Partners from and to whom nothing goes."""
    answer = ask(Breaches, "ListQuarantines", breaches_pb2.ListQuarantinesRequest())
    return Table(
        title="Quarantined partners",
        heads=("quarantine", "partner", "what", "since", "by", "breach", "state"),
        rows=[
            (
                link(one.quarantine_id, path("quarantines", one.quarantine_id)),
                word(one.partner),
                word(spoken(breaches_pb2.Stopped, one.stopped)),
                times.at(one.place_time),
                word(one.placed_by),
                link(one.breach_id, path("breaches", one.breach_id)) if one.breach_id else word(""),
                _state(spoken(breaches_pb2.QuarantineState, one.state), one),
            )
            for one in answer.quarantines
        ],
        empty="Nobody is quarantined.",
    )


def holds(ask: Ask, times: Times) -> Table:
    """Legal holds that stand."""
    answer = ask(Holds, "ListHolds", holds_pb2.ListHoldsRequest(page_size=PAGE))
    return Table(
        title="Legal holds",
        heads=("hold", "matter", "covers", "since", "look again on", "state"),
        rows=[
            (
                link(one.hold_id, path("holds", one.hold_id)),
                word(one.matter),
                _covers(one.scope),
                times.at(one.place_time),
                word(one.review_date),
                _state(spoken(holds_pb2.HoldState, one.state), one),
            )
            for one in answer.holds
        ],
        empty="Nothing is held.",
    )


def _state(state: str, one: Any) -> Cell:
    by = (f"by {one.lift_proposed_by}",) if state == "lift proposed" else ()
    return Cell(text=state, tone=Tone.SOON if by else Tone.PLAIN, more=by)


def _covers(scope: Any) -> Cell:
    said = [f"{len(scope.subject_digests)} people"] if scope.subject_digests else []
    said += [one for one in (scope.partner, scope.contract_id, scope.record_query) if one]
    return Cell(text=" and ".join(said))


def hold(visit: Visit) -> Page:
    """One hold."""
    request = holds_pb2.GetHoldRequest(hold_id=visit.names["id"])
    one = visit.ask(Holds, "GetHold", request).hold
    state = spoken(holds_pb2.HoldState, one.state)
    facts = (
        ("matter", word(one.matter)),
        ("covers", _covers(one.scope)),
        ("approved by", word(one.approver)),
        ("look again on", word(one.review_date)),
        ("use meanwhile", word(spoken(holds_pb2.HeldUse, one.use))),
    )
    blocks = _protection(one, state, facts, visit.times, "hold", {"hold": one.hold_id})
    return Page(title=f"Hold {one.hold_id}", room="protections", blocks=blocks)


def quarantine(visit: Visit) -> Page:
    """One quarantine."""
    answer = visit.ask(
        Breaches, "ListQuarantines", breaches_pb2.ListQuarantinesRequest(lifted=True)
    )
    found = [one for one in answer.quarantines if one.quarantine_id == visit.names["id"]]
    if not found:
        return Page(title="Not found", room="protections", blocks=[])
    one = found[0]
    state = spoken(breaches_pb2.QuarantineState, one.state)
    facts = (
        ("partner", word(one.partner)),
        ("stopped", word(spoken(breaches_pb2.Stopped, one.stopped))),
    )
    hidden = {"quarantine": one.quarantine_id}
    blocks = _protection(one, state, facts, visit.times, "release", hidden)
    return Page(title=f"Quarantine {one.quarantine_id}", room="protections", blocks=blocks)


def _protection(
    one: Any,
    state: str,
    facts: tuple[tuple[str, Cell], ...],
    times: Times,
    act: str,
    hidden: Mapping[str, str],
) -> list[Block]:
    """What both have in common: who placed it and why, and lifting it by two people."""
    blocks: list[Block] = [
        Facts(
            title="",
            facts=[
                ("state", word(state)),
                *facts,
                ("why", word(one.reason)),
                ("placed", times.at(one.place_time)),
                ("by", word(one.placed_by)),
                ("lift proposed by", word(one.lift_proposed_by)),
                ("why lift", word(one.lift_reason)),
                ("lifted by", word(one.lifted_by)),
            ],
        )
    ]
    if state == "placed":
        blocks.append(
            Form(
                act=f"propose-{act}", title="Lift it", button="Propose to lift it",
                explains="Somebody else confirms it.", inputs=(_REASON,), hidden=hidden,
            )
        )  # fmt: skip
    elif state == "lift proposed":
        blocks.append(
            Form(
                act=f"confirm-{act}", title="Lift it", button="Confirm: it is lifted",
                hidden=hidden, grave=True,
            )
        )  # fmt: skip
    return blocks


# -- Acts ---------------------------------------------------------------------------------------


def _quarantine(ask: Ask, _times: Times, said: Mapping[str, str], request_id: str) -> Done:
    request = breaches_pb2.QuarantineRequest(
        partner=said["partner"],
        stopped=chosen(breaches_pb2.Stopped, said["stopped"]),  # type: ignore[arg-type]
        breach_id=said["breach"],
        certificate_sha256=said["certificate"],
        not_known_yet=said["unknown"] == "yes",
        reason=said["reason"],
        request_id=request_id,
    )
    ask(Breaches, "Quarantine", request)
    return Done(says="Stopped, on every machine.", href=path("protections"))


def _hold(ask: Ask, _times: Times, said: Mapping[str, str], request_id: str) -> Done:
    request = holds_pb2.PlaceHoldRequest(
        subjects=[person(line) for line in said["subjects"].split("\n") if line.strip()],
        partner=said["partner"],
        contract_id=said["contract"],
        record_query=said["query"],
        matter=said["matter"],
        reason=said["reason"],
        approver=said["approver"],
        review_date=said["review"],
        use=chosen(holds_pb2.HeldUse, said["use"]),  # type: ignore[arg-type]
        request_id=request_id,
    )
    answer = ask(Holds, "PlaceHold", request)
    return Done(says="Held.", href=path("holds", answer.hold.hold_id))


def _propose(stub: Any, method: str, request: Any, name: str) -> Any:
    def act(ask: Ask, _times: Times, said: Mapping[str, str], request_id: str) -> Done:
        asked = request(**{f"{name}_id": said[name]}, reason=said["reason"], request_id=request_id)
        ask(stub, method, asked)
        return Done(says="Proposed. Somebody else confirms it.", href=_home(said))

    return act


def _confirm(stub: Any, method: str, request: Any, name: str) -> Any:
    def act(ask: Ask, _times: Times, said: Mapping[str, str], request_id: str) -> Done:
        ask(stub, method, request(**{f"{name}_id": said[name]}, request_id=request_id))
        return Done(says="Lifted.", href=_home(said))

    return act


def _home(said: Mapping[str, str]) -> str:
    for name in ("hold", "quarantine"):
        if said.get(name):
            return path(f"{name}s", said[name])
    return path("protections")


ROOM: Final = Room(
    name="protections",
    title="Stopped and kept",
    home="/protections",
    group="Data",
    pages={
        "/protections": listed,
        "/holds/{id}": hold,
        "/quarantines/{id}": quarantine,
    },
    acts=(
        Act(name="quarantine", does=_quarantine, href=lambda _said: path("protections")),
        Act(name="place-hold", does=_hold, href=lambda _said: path("protections")),
        Act(
            name="propose-hold",
            does=_propose(Holds, "ProposeLift", holds_pb2.ProposeLiftRequest, "hold"),
            href=_home,
        ),
        Act(
            name="confirm-hold",
            does=_confirm(Holds, "ConfirmLift", holds_pb2.ConfirmLiftRequest, "hold"),
            href=_home,
        ),
        Act(
            name="propose-release",
            does=_propose(
                Breaches, "ProposeRelease", breaches_pb2.ProposeReleaseRequest, "quarantine"
            ),
            href=_home,
        ),
        Act(
            name="confirm-release",
            does=_confirm(
                Breaches, "ConfirmRelease", breaches_pb2.ConfirmReleaseRequest, "quarantine"
            ),
            href=_home,
        ),
    ),
)
