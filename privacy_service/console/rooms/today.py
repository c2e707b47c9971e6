"""Today: everything that waits for somebody, the most pressing first."""

from __future__ import annotations

from typing import Any, Final

from privacy_service.console.asking import part
from privacy_service.console.blocks import Page, Table, link, spoken, word
from privacy_service.console.room import Room, Visit, path
from privacy_service.console.rooms import breaches, protections, requests, reviews
from privacy_service.v1 import breaches_pb2, requests_pb2, reviews_pb2
from privacy_service.v1.breaches_pb2_grpc import BreachServiceStub
from privacy_service.v1.requests_pb2_grpc import SubjectRequestServiceStub
from privacy_service.v1.reviews_pb2_grpc import ReviewServiceStub

_MOST: Final = 20
_OPEN: Final = frozenset({"open", "soon", "overdue", "to decide"})


def home(visit: Visit) -> Page:
    """What is due, what waits, what is stopped."""
    return Page(
        title="Today",
        room="today",
        blocks=[
            part("Breaches", lambda: _obligations(visit)),
            part("Subject requests", lambda: _requests(visit)),
            part("Reviews", lambda: _reviews(visit)),
            part("Quarantined partners", lambda: protections.quarantines(visit.ask, visit.times)),
            part("Legal holds", lambda: protections.holds(visit.ask, visit.times)),
        ],
    )


def _obligations(visit: Visit) -> Table:
    """What open breaches ask for, of all of them together, by when it is due."""
    open_ones = visit.ask(
        BreachServiceStub,
        "ListBreaches",
        breaches_pb2.ListBreachesRequest(state=breaches_pb2.BREACH_STATE_OPEN, page_size=_MOST),
    ).breaches
    due: list[tuple[float, Any, Any]] = []
    for one in open_ones:
        answer = visit.ask(
            BreachServiceStub,
            "GetBreach",
            breaches_pb2.GetBreachRequest(breach_id=one.breach_id),
        )
        due += [
            (float(duty.conservative_due_time.seconds or 2**62), one, duty)
            for duty in answer.obligations
            if spoken(breaches_pb2.ObligationStatus, duty.status) in _OPEN
        ]
    due.sort(key=lambda found: found[0])
    return Table(
        title=f"Breaches: {len(open_ones)} open",
        heads=("breach", "what", "to", "by, to be safe", "by law", "state"),
        rows=[
            (
                link(one.title, path("breaches", one.breach_id)),
                word(duty.title),
                word(duty.to),
                visit.times.due(duty.conservative_due_time),
                visit.times.due(duty.legal_due_time),
                word(spoken(breaches_pb2.ObligationStatus, duty.status)),
            )
            for _seconds, one, duty in due[:_MOST]
        ],
        empty="No breach asks for anything.",
        next_href=path(breaches.ROOM.name),
        next_says="All breaches",
    )


def _requests(visit: Visit) -> Table:
    answer = visit.ask(
        SubjectRequestServiceStub,
        "ListRequests",
        requests_pb2.ListRequestsRequest(page_size=1_000),
    )
    found = sorted(answer.requests, key=lambda one: one.due.safe_time.seconds or 2**62)
    late = sum(one.overdue for one in found)
    return Table(
        title=f"Subject requests: {len(found)} open" + (f", {late} overdue" if late else ""),
        heads=("request", "kind", "state", "received", "due", "regime"),
        rows=[requests.row(one, visit.times) for one in found[:_MOST]],
        empty="No request is open.",
        next_href=path(requests.ROOM.name),
        next_says="All requests",
    )


def _reviews(visit: Visit) -> Table:
    answer = visit.ask(
        ReviewServiceStub, "ListReviews", reviews_pb2.ListReviewsRequest(page_size=_MOST)
    )
    return Table(
        title="Reviews that wait",
        heads=reviews.HEADS,
        rows=[reviews.row(one, visit.times) for one in answer.reviews],
        empty="Nothing waits.",
        next_href=path(reviews.ROOM.name),
        next_says="All reviews",
    )


ROOM: Final = Room(name="today", title="Today", home="/", pages={"/": home})
