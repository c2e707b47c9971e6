"""Versions that are proposed: what each changes and which way, and who lets it be in force."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC
from typing import Any, Final

from google.protobuf.timestamp_pb2 import Timestamp

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
    Table,
    Tone,
    link,
    spoken,
    word,
)
from privacy_service.console.room import Visit, path
from privacy_service.console.rooms import trials
from privacy_service.console.rooms.courses import course_of, text_of
from privacy_service.console.rooms.proposal_trials import accepting, beside, cases
from privacy_service.console.times import Times
from privacy_service.v1 import governance_pb2 as pb
from privacy_service.v1.governance_pb2_grpc import GovernanceServiceStub as Stub

_OPEN: Final = frozenset(
    {
        pb.CONTRACT_VERSION_STATE_DRAFT,
        pb.CONTRACT_VERSION_STATE_PROPOSED,
        pb.CONTRACT_VERSION_STATE_APPROVED,
    }
)
_TONES: Final = {"weakens": Tone.BAD, "tightens": Tone.GOOD}
_REASON: Final = Input(name="reason", label="Why", help="name no person", most=500)


def open_ones(course: Any) -> list[Any]:
    """What is proposed and not yet decided or in force."""
    return [one for one in course.proposals if one.state in _OPEN and one.version > course.version]


def waiting(course: Any, visit: Visit) -> Iterator[Block]:
    """What is proposed, where anything is."""
    found = open_ones(course)
    if found:
        yield Table(
            title="Proposed",
            heads=("version", "state", "it would", "because", "lacks", "proposed", "by"),
            rows=[_row(one, visit.times) for one in found],
            empty="",
        )


def _row(one: Any, times: Times) -> tuple[Cell, ...]:
    return (
        link(f"version {one.version}", href(one.contract_id, one.version)),
        word(spoken(pb.ContractVersionState, one.state)),
        _way(one),
        word(one.reason),
        Cell(text="", more=tuple(one.lacks)) if one.lacks else word("nothing", Tone.GOOD),
        times.at(one.propose_time),
        word(", ".join(one.authors)),
    )


def _way(one: Any) -> Cell:
    """Which way it goes, in a word: what weakens anywhere weakens."""
    ways = Counter(spoken(pb.ChangeWay, change.way) for change in one.changes)
    way = next((name for name in ("weakens", "tightens", "neutral") if ways[name]), "")
    said = {
        "weakens": "weaken it",
        "tightens": "tighten it",
        "neutral": "change nothing that counts",
    }
    counts = ", ".join(f"{name}: {many}" for name, many in sorted(ways.items()))
    return Cell(
        text=said.get(way, "be the first"),
        tone=_TONES.get(way, Tone.PLAIN),
        more=(counts,) if counts else (),
    )


def shown(visit: Visit) -> Page:
    """One proposed version, as whoever decides has to see it."""
    request = pb.GetProposalRequest(
        contract_id=visit.names["id"], version=int(visit.names["version"])
    )
    one = visit.ask(Stub, "GetProposal", request).proposal
    blocks: list[Block] = [
        _facts(one, visit.times), _changes(one), *_examples(one), *cases(one),
        *_impact(one, visit.times), *beside(one, visit.times), *_deciding(one),
    ]  # fmt: skip
    if one.state in _OPEN:
        blocks.append(trials.beside(one))
    course = course_of(visit.ask, one.contract_id)
    blocks.append(Prose(title="Text", text=text_of(visit.ask, course, one.version).source))
    title = f"{one.contract_id}, version {one.version}"
    return Page(title=title, room="contracts", blocks=blocks, lead=_lead(one))


def _lead(one: Any) -> Cell:
    state, way = spoken(pb.ContractVersionState, one.state), _way(one).text
    if one.state not in _OPEN:
        return Cell(text=f"It is {state}.")
    if one.lacks:
        return Cell(
            text=f"It would {way}, and cannot be in force yet. It lacks:",
            tone=Tone.SOON,
            more=tuple(one.lacks),
        )
    return Cell(text=f"It would {way}. It lacks nothing: it can be activated.", tone=Tone.GOOD)


def _facts(one: Any, times: Times) -> Facts:
    approvals = tuple(f"{each.by} for {each.side}" for each in one.approvals)
    base = f"version {one.base_version}" if one.base_version else "nothing: it is the first"
    return Facts(
        title="",
        facts=[
            ("contract", link(one.contract_id, path("contracts", one.contract_id))),
            ("state", word(spoken(pb.ContractVersionState, one.state))),
            ("because", word(one.reason)),
            ("by", word(", ".join(one.authors))),
            ("proposed", times.at(one.propose_time)),
            ("compared with", word(base)),
            ("approved by", Cell(text="", more=approvals)),
            ("rejected by", word(one.rejected_by)),
            ("notice is over", _notice(one, times)),
            ("digest", word(one.digest)),
        ],
    )


def _notice(one: Any, times: Times) -> Cell:
    """When its notice is over; a dash where it has none, and no alarm where that was long ago."""
    if one.not_before.seconds <= one.propose_time.seconds:
        return word("")
    return times.due(one.not_before, done=one.not_before.ToDatetime(UTC) <= times.now())


def _changes(one: Any) -> Table:
    ways = {"weakens": 0, "tightens": 1}
    changes = sorted(
        one.changes, key=lambda each: (ways.get(spoken(pb.ChangeWay, each.way), 2), each.path)
    )
    return Table(
        title="What it changes",
        heads=("way", "term", "why"),
        rows=[
            (
                word(way, _TONES.get(way, Tone.PLAIN)),
                word(each.path),
                word(each.why),
            )
            for each in changes
            for way in (spoken(pb.ChangeWay, each.way),)
        ],
        empty="No term of the version that it was compared with.",
    )


def _examples(one: Any) -> Iterator[Block]:
    failed = [("of its own", name) for name in one.failed_examples]
    failed += [("of the version in force", name) for name in one.regressed_examples]
    if failed:
        yield Table(
            title=f"Examples: {len(failed)} of {one.examples} come out otherwise",
            heads=("whose", "example"),
            rows=[(word(whose), word(name, Tone.BAD)) for whose, name in failed],
            empty="",
        )
    elif one.examples:
        yield Facts(
            title="",
            facts=[("examples", word(f"all {one.examples} come out as they state", Tone.GOOD))],
        )


def _impact(one: Any, times: Times) -> Iterator[Block]:
    if not one.HasField("impact"):
        return
    found = one.impact
    more = ", and more that were not read" if found.truncated else ""
    since = times.at(found.since).text
    yield Table(
        title=f"What would have become of {found.decisions} decisions since {since}{more}",
        heads=("was", "would be", "decisions"),
        rows=[
            (
                word(shift.before),
                word("cannot be judged without values")
                if not shift.after
                else word("the same")
                if shift.after == shift.before
                else word(shift.after, Tone.SOON),
                word(shift.count),
            )
            for shift in found.shifts
        ],
        empty="Nothing was decided in that time.",
    )
    if found.unjudged:
        yield Facts(
            title="Not judged",
            facts=[(str(each.count), word(each.why)) for each in found.unjudged],
        )


# -- Acts ---------------------------------------------------------------------------------------


def proposing(contract_id: str, source: str) -> Form:
    """A form for another version, or for another contract."""
    return Form(
        act="propose-contract",
        title="Propose a change" if contract_id else "Propose a contract",
        button="Propose it",
        explains="It is compared with what is in force, its examples are run, and the decisions of "
        "the last days are replayed. Nothing is in force by that.",
        inputs=(
            Input(
                name="source", label="The contract, as YAML", value=source, area=True, rows=24,
                most=1_000_000,
            ),
            _REASON,
            Input(
                name="days", label="Replay so many days", value="30", most=3,
            ),
        ),
        hidden={"id": contract_id},
        folded=True,
    )  # fmt: skip


def _deciding(one: Any) -> Iterator[Form]:
    """The decisions that are open; the service knows who may take them."""
    if one.state not in _OPEN:
        return
    hidden = {"id": one.contract_id, "version": str(one.version), "digest": one.digest}
    ready = not one.lacks
    if one.waits_for:
        yield Form(
            act="approve-proposal", title="Decide", button="Approve exactly this",
            explains=f"By somebody other than {', '.join(one.authors)}.", inputs=(_REASON,),
            hidden=hidden,
        )  # fmt: skip
    yield from accepting(one, _REASON, hidden)
    yield Form(
        act="activate-contract", title="Put it in force", button="Activate it",
        explains="" if ready else "It is refused while anything is lacking.",
        inputs=(
            Input(
                name="at", label="From", required=False, most=25,
                help="YYYY-MM-DD HH:MM; empty: now",
            ),
            Input(
                name="percent", label="Only for so many percent", required=False, most=6,
                help="a canary, 0.01 to 99.99; empty: for all",
            ),
        ),
        hidden=hidden, grave=True, folded=not ready,
    )  # fmt: skip
    yield Form(
        act="reject-proposal", title="Reject it", button="Reject it, for good", inputs=(_REASON,),
        hidden=hidden, grave=True, folded=True,
    )  # fmt: skip


def _propose(ask: Ask, _times: Times, said: Mapping[str, str], request_id: str) -> Done:
    request = pb.ProposeContractRequest(
        source=f"{said['source']}\n",
        reason=said["reason"],
        impact_days=int(said["days"] or 0),
        request_id=request_id,
    )
    one = ask(Stub, "ProposeContract", request).proposal
    return Done(says="Proposed.", href=href(one.contract_id, one.version))


def _decide(decision: pb.ProposalDecision.ValueType, says: str, *, accept: bool = False) -> Any:
    def act(ask: Ask, _times: Times, said: Mapping[str, str], request_id: str) -> Done:
        request = pb.DecideProposalRequest(
            contract_id=said["id"],
            version=int(said["version"]),
            digest=said["digest"],
            decision=decision,
            accept_changed_cases=accept,
            reason=said["reason"],
            request_id=request_id,
        )
        ask(Stub, "DecideProposal", request)
        return Done(says=says, href=_back(said))

    return act


def _activate(ask: Ask, times: Times, said: Mapping[str, str], request_id: str) -> Done:
    request = pb.ActivateContractRequest(
        contract_id=said["id"],
        version=int(said["version"]),
        at=times.read(said["at"]),
        request_id=request_id,
    )
    if said["percent"]:
        request.canary_percent = float(said["percent"])
    course = ask(Stub, "ActivateContract", request).course
    now = course.version == request.version
    says = "It is in force." if now else "It is planned, or tried on its share."
    return Done(says=says, href=home(said))


def packet_page(packet: Any, contract_id: str, times: Times) -> Page:
    """What an officer looks at before a contract is recertified, and the form that says so."""
    told = json.dumps(json.loads(packet.packet_json), indent=2, ensure_ascii=False)
    return Page(
        title=f"Is {contract_id} still right?",
        room="contracts",
        lead=Cell(text="What fired, changed and was overridden since it was last looked at."),
        blocks=[
            Facts(
                title="",
                facts=[
                    ("contract", link(contract_id, path("contracts", contract_id))),
                    ("as of", times.at(packet.as_of)),
                    ("digest", word(packet.digest)),
                ],
            ),
            Prose(title="The packet", text=told),
            Form(
                act="recertify-contract", title="Say so", button="It still is right",
                explains="By somebody who did not write the version in force.", inputs=(_REASON,),
                hidden={
                    "id": contract_id, "digest": packet.digest,
                    "as_of": packet.as_of.ToJsonString(),
                },
                grave=True,
            ),
        ],
    )  # fmt: skip


def _recertify(ask: Ask, _times: Times, said: Mapping[str, str], request_id: str) -> Done:
    as_of = Timestamp()
    as_of.FromJsonString(said["as_of"])
    request = pb.RecertifyContractRequest(
        contract_id=said["id"],
        as_of=as_of,
        digest=said["digest"],
        reason=said["reason"],
        request_id=request_id,
    )
    ask(Stub, "RecertifyContract", request)
    return Done(says="Recertified.", href=home(said))


def href(contract_id: str, version: int) -> str:
    """The page of a proposed version."""
    return path("contracts", contract_id, "versions", str(version))


def _back(said: Mapping[str, str]) -> str:
    return href(said["id"], int(said["version"]))


def home(said: Mapping[str, str]) -> str:
    """Where the acts on a contract belong."""
    return path("contracts", said["id"]) if said.get("id") else path("contracts")


ACTS: Final = (
    Act(name="propose-contract", does=_propose, href=home),
    Act(
        name="approve-proposal", does=_decide(pb.PROPOSAL_DECISION_APPROVE, "Approved."), href=_back
    ),
    Act(
        name="accept-cases",
        does=_decide(pb.PROPOSAL_DECISION_APPROVE, "Approved, and accepted.", accept=True),
        href=_back,
    ),
    Act(name="reject-proposal", does=_decide(pb.PROPOSAL_DECISION_REJECT, "Rejected."), href=_back),
    Act(name="activate-contract", does=_activate, href=_back),
    Act(name="recertify-contract", does=_recertify, href=home),
    *trials.ACTS,
)
