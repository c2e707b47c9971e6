"""Whether a contract still is right: the packet that an officer looks at, and what ends with it.

A packet is made of what was recorded until an instant, so that it can be made again: an officer
recertifies what was looked at, by its digest.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final

from privacy_service import errors
from privacy_service.behavior.model import BehaviorContract
from privacy_service.behavior.report import report
from privacy_service.contracts.course import ContractKind, Step, StepKind
from privacy_service.custody.on_course import either_of, ref_of
from privacy_service.custody.replaying import effects_under, entries_of
from privacy_service.desks.either import Either
from privacy_service.errors import PrivacyError
from privacy_service.evidence.queries import EntryQuery
from privacy_service.store.courses import Head
from privacy_service.store.views import View, Writing

_WEEK: Final = timedelta(days=7)
_MOST_WEEKS: Final = 53
_MOST_STEPS: Final = 500
_PAGE: Final = 1000
_RELEASED: Final = frozenset({"ALLOW", "TREATED"})
_REVIEWED: Final = {
    "ReviewService/ApproveReview": "approved",
    "ReviewService/EditReview": "edited",
    "ReviewService/RejectReview": "rejected",
}
_OVERRIDES: Final = (StepKind.ROLLED_BACK, StepKind.SUSPENDED, StepKind.RESUMED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Packet:
    """What an officer looks at. `text` is JSON with sorted keys, and `digest` its SHA-256."""

    text: str
    as_of: datetime

    @property
    def digest(self) -> str:
        return f"sha256:{hashlib.sha256(self.text.encode()).hexdigest()}"


def packet_of(view: View | Writing, head: Head, *, as_of: datetime) -> Packet:
    """The packet of a contract, from what was recorded before an instant. Raises CONTRACT_NOT_FOUND
    for a contract of which no version is in force yet.
    """
    version = either_of(view, head, head.newest)
    ref = ref_of(view, head, head.newest)
    if version is None or ref is None:
        raise PrivacyError(errors.CONTRACT_NOT_FOUND, contract=head.contract_id)
    course = view.courses.get(head.contract_id)
    since = course.certified_at or as_of - timedelta(days=365)
    if since >= as_of:
        since = as_of - _WEEK
    steps = [
        step
        for _number, step in view.courses.steps(head.contract_id, limit=_MOST_STEPS)
        if since <= step.at < as_of
    ]
    told = {
        "contract": {
            "id": ref.id,
            "kind": head.kind.value,
            "version": ref.number,
            "digest": ref.digest,
            "title": version.contract.title,
            "party": head.party,
            "other": head.other,
        },
        "since": since.isoformat(),
        "as_of": as_of.isoformat(),
        **_kept(view, head, version, since, as_of),
        "changed": [_step(step) for step in steps],
        "overridden": {
            "steps": dict(Counter(s.kind.value for s in steps if s.kind in _OVERRIDES)),
            "reviews": _reviews(view, head, since, as_of),
        },
        "incidents": _incidents(view, head, since, as_of),
    }
    return Packet(text=json.dumps(told, sort_keys=True, indent=1), as_of=as_of)


def _kept(
    view: View | Writing, head: Head, version: Either, since: datetime, as_of: datetime
) -> dict[str, Any]:
    """What fired, and how trust went week by week."""
    if head.kind is ContractKind.BEHAVIOR:
        return _checks(view, head, version, since, as_of)
    outcomes: Counter[str] = Counter()
    fired: Counter[str] = Counter()
    weeks: dict[datetime, Counter[str]] = {start: Counter() for start in _weeks(since, as_of)}
    starts = sorted(weeks)
    for entry in effects_under(view, head, since=since, until=as_of):
        outcomes[entry.outcome] += 1
        fired.update((entry.reason or "").split(",") if entry.reason else ())
        week = max((start for start in starts if start <= entry.at), default=None)
        if week is not None:
            weeks[week][entry.outcome] += 1
    return {
        "outcomes": dict(outcomes),
        "fired": dict(fired),
        "trend": [
            {
                "from": start.isoformat(),
                "decisions": counts.total(),
                "released": sum(counts[one] for one in _RELEASED),
            }
            for start, counts in sorted(weeks.items())
        ],
    }


def _checks(
    view: View | Writing, head: Head, version: Either, since: datetime, as_of: datetime
) -> dict[str, Any]:
    contract = version.contract
    assert isinstance(contract, BehaviorContract)
    starts = [*_weeks(since, as_of), as_of]
    whole = report(
        contract.id,
        view.behavior.tallies(head.contract_id, since=since, until=as_of),
        since=since,
        until=as_of,
        expectations=(one.id for one in contract.expectations),
        modes=(mode.id for mode in contract.failure_modes),
        windows=view.playbooks.begun_by_windows(head.contract_id, since=since, until=as_of),
    )
    trend = []
    for start, end in pairwise(starts):
        tallies = view.behavior.tallies(head.contract_id, since=start, until=end)
        checks = sum(one.checks for one in tallies)
        released = sum(one.checks for one in tallies if one.outcome.releases)
        broke = sum(one.checks for one in tallies if one.broken)
        trend.append(
            {"from": start.isoformat(), "decisions": checks, "released": released, "broke": broke}
        )
    outcomes: Counter[str] = Counter()
    for side in (whole.prompts, whole.outputs):
        outcomes.update({outcome.value: count for outcome, count in side.outcomes.items()})
    return {
        "outcomes": dict(outcomes),
        "fired": dict(whole.failures),
        "broken": dict(whole.broken),
        "trend": trend,
    }


def _weeks(since: datetime, as_of: datetime) -> list[datetime]:
    """The beginnings of the last weeks, counted back from the end."""
    starts: list[datetime] = []
    start = as_of
    while start > since and len(starts) < _MOST_WEEKS:
        start = max(since, start - _WEEK)
        starts.append(start)
    return starts[::-1]


def _reviews(
    view: View | Writing, head: Head, since: datetime, as_of: datetime
) -> Mapping[str, int]:
    """What people decided about what the contract had wait."""
    found: Counter[str] = Counter()
    for action, word in _REVIEWED.items():
        query = EntryQuery(partner=head.party, action=action, since=since, until=as_of)
        for entry in entries_of(view, query):
            found[word] += any(ref.id == head.contract_id for ref in entry.contracts)
    return dict(+found)


def _incidents(
    view: View | Writing, head: Head, since: datetime, as_of: datetime
) -> list[dict[str, str]]:
    """Quarantines of either side, with the breaches that they were for."""
    return [
        {
            "quarantine": one.id,
            "partner": one.partner,
            "breach": one.breach or "",
            "at": one.placed_at.isoformat(),
        }
        for one in view.quarantines.list(lifted=True, limit=_PAGE)
        if one.partner in (head.party, head.other) and since <= one.placed_at < as_of
    ]


def _step(step: Step) -> dict[str, object]:
    return {
        "what": step.kind.value,
        "at": step.at.isoformat(),
        "by": step.by,
        "version": step.version,
        "why": step.reason,
    }
