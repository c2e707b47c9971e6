"""What a proposed version did before it is in force: on recorded cases, beside live requests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from privacy_service.console.blocks import Block, Cell, Facts, Form, Input, Table, Tone, link, word
from privacy_service.console.room import path
from privacy_service.console.times import Times


def cases(one: Any) -> Iterator[Block]:
    """What it makes of what people decided."""
    if not one.HasField("regression"):
        return
    found = one.regression
    if not found.cases:
        yield Facts(title="", facts=[("recorded cases", word("nothing is recorded"))])
        return
    more = ", and more that were not read" if found.truncated else ""
    yield Table(
        title=f"Recorded cases: {len(found.changed)} of {found.cases} come out otherwise{more}",
        heads=("case", "was", "would be"),
        rows=[
            (
                word(case.name)
                if case.name
                else link(case.review_id, path("reviews", case.review_id)),
                word(case.decided),
                word(case.outcome, Tone.BAD),
            )
            for case in found.changed
        ],
        empty="Every one comes out as people decided.",
    )
    if found.known or found.unread or found.accepted_by:
        accepted = f"by {found.accepted_by}: {found.accept_reason}" if found.accepted_by else ""
        yield Facts(
            title="",
            facts=[
                ("contradict what was decided already", word(found.known or "")),
                ("could not be judged", word(found.unread or "")),
                ("accepted", word(accepted)),
            ],
        )


def accepting(one: Any, reason: Input, hidden: dict[str, str]) -> Iterator[Form]:
    """The form by which an approver accepts what comes out otherwise, where anything does."""
    if one.regression.changed and not one.regression.accepted_by:
        yield Form(
            act="accept-cases", title="Accept what comes out otherwise",
            button="Approve it, and accept these cases",
            explains=f"By somebody other than {', '.join(one.authors)}.", inputs=(reason,),
            hidden=hidden, grave=True,
        )  # fmt: skip


def beside(one: Any, times: Times) -> Iterator[Block]:
    """What it would have decided otherwise, beside the version in force."""
    if not one.HasField("shadow"):
        return
    seen = one.shadow
    yield Facts(
        title="Beside the version in force, without effect",
        facts=[
            ("judges" if seen.running else "judged", word(f"{seen.percent:g} % of requests")),
            ("until", times.at(seen.until if seen.running or not seen.ended_by else seen.end_time)),
            ("the same", word(seen.same)),
            ("different", word(seen.differing, Tone.SOON if seen.differing else Tone.PLAIN)),
            ("failed", _counted(seen.failed, seen.failed_by)),
            ("dropped", _counted(seen.dropped, seen.dropped_by)),
        ],
    )
    yield Table(
        title="What it would have decided",
        heads=("in force", "it", "requests"),
        rows=[
            (
                word(each.active),
                word("the same")
                if each.active == each.candidate
                else word(each.candidate, Tone.SOON),
                word(each.count),
            )
            for each in seen.outcomes
        ],
        empty="Nothing yet.",
    )
    if seen.differs:
        yield Table(
            title="What they say differently",
            heads=("what", "in force", "it", "requests"),
            rows=[
                (word(each.what), word(each.active), word(each.candidate), word(each.count))
                for each in seen.differs
            ],
            empty="",
        )


def _counted(count: int, why: Any) -> Cell:
    return Cell(
        text=str(count),
        tone=Tone.BAD if count else Tone.PLAIN,
        more=tuple(f"{name}: {many}" for name, many in sorted(why.items())),
    )
