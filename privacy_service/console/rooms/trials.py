"""Trying a version before it is in force: having it judge beside, and the cases it is tried on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, timedelta
from typing import Any, Final

from google.protobuf.timestamp_pb2 import Timestamp

from privacy_service.console.asking import Ask
from privacy_service.console.blocks import (
    Act,
    Done,
    Form,
    Input,
    Table,
    link,
    word,
)
from privacy_service.console.room import path
from privacy_service.console.times import Times
from privacy_service.v1 import governance_pb2 as pb
from privacy_service.v1.governance_pb2_grpc import GovernanceServiceStub as Stub

_REASON: Final = Input(name="reason", label="Why", help="name no person", most=500)
_DAYS: Final = Input(name="days", label="For so many days", value="7", most=3)


def beside(one: Any) -> Form:
    """Of having a version judge beside the one in force, and of ending that, what comes next."""
    hidden = {"id": one.contract_id, "version": str(one.version)}
    if one.HasField("shadow") and one.shadow.running:
        return Form(
            act="stop-shadow", title="End that it judges beside", button="Stop judging beside",
            inputs=(_REASON,), hidden=hidden, folded=True,
        )  # fmt: skip
    return Form(
        act="start-shadow", title="Have it judge beside the one in force", button="Begin",
        explains="With no effect on any answer; what it would have made of requests is counted.",
        inputs=(
            Input(
                name="percent", label="Of so many percent", required=False, most=6,
                help="empty: of all requests",
            ),
            _DAYS, _REASON,
        ),
        hidden=hidden, folded=True,
    )  # fmt: skip


def cases(ask: Ask, contract_id: str, times: Times) -> Table:
    """What versions of a contract are held against: reviews, and what validations recorded."""
    found = ask(Stub, "ListCases", pb.ListCasesRequest(contract_id=contract_id)).cases
    return Table(
        title="Recorded cases, on which each proposal is tried",
        heads=("case", "what", "decided", "kept until", "by", "because"),
        rows=[
            (
                word(one.name) if one.name else link(one.review_id, path("reviews", one.review_id)),
                word(f"{one.kind} of a {one.origin}"),
                word(one.state),
                times.at(one.pinned_until)
                if one.HasField("pinned_until")
                else word("as other reviews"),
                word(one.pinned_by),
                word(one.reason),
            )
            for one in found
        ],
        empty="None: a review can be kept as one, on its page.",
    )


def pinning(review_id: str) -> Iterator[Form]:
    """Keeping a review as a case, and letting it go."""
    hidden = {"review": review_id}
    yield Form(
        act="pin-case", title="Keep it as a case", button="Keep it",
        explains="Every version that is proposed is tried on it, until its time is over.",
        inputs=(Input(name="days", label="For so many days", value="90", most=3), _REASON),
        hidden=hidden, folded=True,
    )  # fmt: skip
    yield Form(
        act="unpin-case", title="Let it go as a case", button="Let it go", inputs=(_REASON,),
        hidden=hidden, folded=True,
    )  # fmt: skip


# -- Acts ---------------------------------------------------------------------------------------


def _until(times: Times, days: str) -> Timestamp:
    at = Timestamp()
    at.FromDatetime(times.now().astimezone(UTC) + timedelta(days=int(days)))
    return at


def _start(ask: Ask, times: Times, said: Mapping[str, str], request_id: str) -> Done:
    request = pb.StartShadowRequest(
        contract_id=said["id"],
        version=int(said["version"]),
        until=_until(times, said["days"]),
        reason=said["reason"],
        request_id=request_id,
    )
    if said["percent"]:
        request.percent = float(said["percent"])
    ask(Stub, "StartShadow", request)
    return Done(says="It judges beside, from now on.", href=_version(said))


def _stop(ask: Ask, _times: Times, said: Mapping[str, str], request_id: str) -> Done:
    request = pb.StopShadowRequest(
        contract_id=said["id"], reason=said["reason"], request_id=request_id
    )
    ask(Stub, "StopShadow", request)
    return Done(says="It has ended; what it saw stays.", href=_version(said))


def _pin(ask: Ask, times: Times, said: Mapping[str, str], request_id: str) -> Done:
    request = pb.PinCaseRequest(
        review_id=said["review"],
        until=_until(times, said["days"]),
        reason=said["reason"],
        request_id=request_id,
    )
    until = ask(Stub, "PinCase", request).recorded_case.pinned_until
    return Done(says=f"Kept as a case until {times.at(until).text}.", href=_review(said))


def _unpin(ask: Ask, _times: Times, said: Mapping[str, str], request_id: str) -> Done:
    request = pb.UnpinCaseRequest(
        review_id=said["review"], reason=said["reason"], request_id=request_id
    )
    ask(Stub, "UnpinCase", request)
    return Done(says="It goes as other reviews do.", href=_review(said))


def _version(said: Mapping[str, str]) -> str:
    return path("contracts", said["id"], "versions", said["version"])


def _review(said: Mapping[str, str]) -> str:
    return path("reviews", said["review"])


ACTS: Final = (
    Act(name="start-shadow", does=_start, href=_version),
    Act(name="stop-shadow", does=_stop, href=_version),
    Act(name="pin-case", does=_pin, href=_review),
    Act(name="unpin-case", does=_unpin, href=_review),
)
