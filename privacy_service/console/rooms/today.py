"""Today: everything that waits for somebody, the most pressing first, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from google.protobuf.timestamp_pb2 import Timestamp

from privacy_service.console.asking import Refused, part
from privacy_service.console.blocks import (
    Block,
    Cell,
    Page,
    Table,
    Tone,
    link,
    spoken,
    word,
)
from privacy_service.console.room import Room, Visit, path
from privacy_service.console.rooms import proposals, protections, recipients, requests, runs
from privacy_service.console.rooms.courses import contracts_listed, proposals_listed
from privacy_service.console.times import Times
from privacy_service.v1 import (
    answer_pb2,
    breaches_pb2,
    notices_pb2,
    playbooks_pb2,
    requests_pb2,
    reviews_pb2,
)
from privacy_service.v1.breaches_pb2_grpc import BreachServiceStub
from privacy_service.v1.notices_pb2_grpc import NoticeServiceStub
from privacy_service.v1.playbooks_pb2_grpc import PlaybookServiceStub
from privacy_service.v1.requests_pb2_grpc import SubjectRequestServiceStub
from privacy_service.v1.reviews_pb2_grpc import ReviewServiceStub

_MOST: Final = 50
_ALL: Final = 1_000
_SHOWN: Final = 200
_NEVER: Final = 2**62
_CONFIRM_AHEAD: Final = timedelta(days=2)
_DATES: Final = {
    answer_pb2.CONTRACT_DATE_KIND_RECERTIFY: "recertify it",
    answer_pb2.CONTRACT_DATE_KIND_ENDS: "agree on what is to hold after it ends",
    answer_pb2.CONTRACT_DATE_KIND_REVIEW_BY: "look at it again, as its party wanted",
}
_OPEN: Final = frozenset({"open", "soon", "overdue", "to decide"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Due:
    """One thing that waits for somebody. Without a time it waits behind all that have one."""

    kind: str
    what: Cell
    do: str
    by: Timestamp | None

    @property
    def seconds(self) -> int:
        return self.by.seconds if self.by is not None and self.by.seconds else _NEVER


def home(visit: Visit) -> Page:
    """What is due, why, and what is next; and what is stopped."""
    found: list[_Due] = []
    troubles: list[Block] = []
    for title, source in _SOURCES:
        try:
            found += source(visit)
        except Refused as refused:
            troubles.append(refused.trouble(title))
    found.sort(key=lambda one: one.seconds)
    return Page(
        title="Today",
        room="today",
        lead=_lead(found, visit.times) if len(troubles) < len(_SOURCES) else None,
        blocks=[
            *troubles,
            _table(found, visit.times),
            part("In the way of checks", lambda: runs.curbs(visit.ask, visit.times, "")),
            part("Quarantined partners", lambda: protections.quarantines(visit.ask, visit.times)),
            part("Legal holds", lambda: protections.holds(visit.ask, visit.times)),
        ],
    )


def _lead(found: list[_Due], times: Times) -> Cell:
    late = sum(one.seconds < times.now().timestamp() for one in found)
    counts = {kind: sum(one.kind == kind for one in found) for kind, _source in _SOURCES}
    said = tuple(f"{kind}: {many}" for kind, many in counts.items() if many)
    if late:
        return Cell(text=f"{late} overdue, {len(found)} open.", tone=Tone.BAD, more=said[:3])
    if not found:
        return Cell(text="Nothing waits for anybody.", tone=Tone.GOOD)
    first = times.due(found[0].by) if found[0].by is not None else None
    when = f" The first is due {first.more[0]}." if first is not None and first.more else ""
    tone = first.tone if first is not None else Tone.PLAIN
    return Cell(text=f"{len(found)} open, none overdue.{when}", tone=tone, more=said[:3])


def _table(found: list[_Due], times: Times) -> Table:
    more = f", the first {_SHOWN} of {len(found)}" if len(found) > _SHOWN else ""
    return Table(
        title=f"What is due{more}",
        heads=("by", "what", "about", "do next"),
        rows=[
            (
                times.due(one.by) if one.by is not None else word("no time"),
                word(one.kind),
                one.what,
                word(one.do),
            )
            for one in found[:_SHOWN]
        ],
        empty="Nothing.",
    )


# -- What waits ---------------------------------------------------------------------------------


def _breaches(visit: Visit) -> Iterator[_Due]:
    """What open breaches ask for, of all of them together."""
    request = breaches_pb2.ListBreachesRequest(
        state=breaches_pb2.BREACH_STATE_OPEN, page_size=_MOST
    )
    for one in visit.ask(BreachServiceStub, "ListBreaches", request).breaches:
        asked = breaches_pb2.GetBreachRequest(breach_id=one.breach_id)
        duties = [
            duty
            for duty in visit.ask(BreachServiceStub, "GetBreach", asked).obligations
            if spoken(breaches_pb2.ObligationStatus, duty.status) in _OPEN
        ]
        about = link(one.title, path("breaches", one.breach_id))
        if not duties:
            yield _Due(kind="breaches", what=about, do="state what is known", by=None)
        for duty in duties:
            do = f"{duty.title}, to {duty.to}" if duty.to else duty.title
            yield _Due(kind="breaches", what=about, do=do, by=duty.conservative_due_time)


def _requests(visit: Visit) -> Iterator[_Due]:
    request = requests_pb2.ListRequestsRequest(page_size=_ALL)
    for one in visit.ask(SubjectRequestServiceStub, "ListRequests", request).requests:
        kind = spoken(requests_pb2.SubjectRequestKind, one.kind)
        yield _Due(
            kind="requests",
            what=link(f"{kind} {one.subject_request_id}", path("requests", one.subject_request_id)),
            do=requests.next_step(one),
            by=one.due.safe_time,
        )
        if one.HasField("acknowledge_time"):
            yield _Due(
                kind="requests",
                what=link(one.subject_request_id, path("requests", one.subject_request_id)),
                do="tell the person that it came",
                by=one.acknowledge_time,
            )


def _reviews(visit: Visit) -> Iterator[_Due]:
    request = reviews_pb2.ListReviewsRequest(page_size=_MOST)
    for one in visit.ask(ReviewServiceStub, "ListReviews", request).reviews:
        kind = spoken(reviews_pb2.ReviewKind, one.kind)
        whose = f"{one.assigned_to} decides it" if one.assigned_to else "open and decide it"
        yield _Due(
            kind="reviews",
            what=Cell(
                text=f"{kind} from {one.sender} to {one.recipient}",
                href=path("reviews", one.review_id),
                more=tuple(one.reasons[:3]),
            ),
            do="judge it" if kind == "sample" else whose,
            by=one.due_time,
        )


def _tasks(visit: Visit) -> Iterator[_Due]:
    request = playbooks_pb2.ListPlaybookRunsRequest(page_size=_MOST)
    for run in visit.ask(PlaybookServiceStub, "ListPlaybookRuns", request).runs:
        about = Cell(
            text=f"{run.playbook_id} under {run.contract_id}", href=path("runs", run.run_id),
            more=(run.failure_id,) if run.failure_id else (),
        )  # fmt: skip
        open_ones = [task for task in run.tasks if not task.done_time.seconds]
        for task in open_ones:
            do = f"{task.title} ({task.owner})" if task.owner else task.title
            yield _Due(kind="playbooks", what=about, do=do, by=task.due_time)
        if not open_ones and spoken(playbooks_pb2.RunState, run.state) == "waiting":
            yield _Due(kind="playbooks", what=about, do="say that it is over", by=None)


def _contracts(visit: Visit) -> Iterator[_Due]:
    """Proposals that wait for somebody, and contracts whose dates come near."""
    for one in proposals_listed(visit.ask, _ALL):
        href = proposals.href(one.contract_id, one.version)
        do = f"approve or reject it, for {', '.join(one.waits_for)}" if one.waits_for else (
            "activate it" if not one.lacks else f"mend it: {one.lacks[0]}"
        )  # fmt: skip
        about = link(f"{one.contract_id}, version {one.version}", href)
        yield _Due(kind="contracts", what=about, do=do, by=None)
    for each in contracts_listed(visit.ask, _ALL):
        for date in each.warnings:
            about = link(date.contract_id, path("contracts", date.contract_id))
            yield _Due(kind="contracts", what=about, do=_DATES[date.kind], by=date.due_time)


def _recipients(visit: Visit) -> Iterator[_Due]:
    """What recipients should have confirmed by now, or very soon."""
    request = notices_pb2.SearchNoticesRequest(page_size=_MOST)
    request.deadline_before.FromDatetime(visit.times.now() + _CONFIRM_AHEAD)
    for one in visit.ask(NoticeServiceStub, "SearchNotices", request).notices:
        yield _Due(
            kind="recipients",
            what=Cell(
                text=f"{one.recipient}: {recipients.asked(one)}",
                href=path("recipients", one.recipient),
                more=tuple(filter(None, (one.notice_id, one.subject_request_id))),
            ),
            do="call them: confirm it for them, or excuse it"
            if recipients.overdue(one, visit.times)
            else "nothing yet: they are reminded",
            by=one.deadline,
        )


def _instant(at: Any) -> datetime:
    return at.ToDatetime(UTC)  # type: ignore[no-any-return]


_SOURCES: Final[tuple[tuple[str, Callable[[Visit], Iterator[_Due]]], ...]] = (
    ("breaches", _breaches),
    ("requests", _requests),
    ("recipients", _recipients),
    ("reviews", _reviews),
    ("playbooks", _tasks),
    ("contracts", _contracts),
)

ROOM: Final = Room(name="today", title="Today", home="/", pages={"/": home})
