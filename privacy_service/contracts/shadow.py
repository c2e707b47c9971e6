"""A shadow: a version that judges live requests beside the one in force, and decides none.

Whoever decides offers what it decided; nothing waits for what becomes of the offer. What the two
versions say is compared, and the difference is kept without values.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol

from privacy_service.contracts.course import WHOLE

LONGEST: Final = timedelta(days=90)
"""No shadow runs for longer: whoever still wants to know begins it anew."""

JUDGE_SECONDS: Final = 5.0
"""What a candidate is given for one request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shadow:
    """That a version judges a share of a contract's requests, in ten-thousandths, until an instant.

    `round` counts the shadows of a contract. `reason` names no person.
    """

    contract_id: str
    round: int
    number: int
    share: int
    started_at: datetime
    started_by: str
    until: datetime
    reason: str = field(repr=False)
    ended_at: datetime | None = None
    ended_by: str | None = None

    def runs(self, at: datetime) -> bool:
        """Whether it judges requests at an instant."""
        return self.ended_at is None and at < self.until

    def takes(self, draw: str) -> bool:
        """Whether it judges the request that this was drawn for: the same on every replica."""
        said = f"shadow {draw}|{self.contract_id}|{self.round}"
        drawn = hashlib.sha256(said.encode()).digest()
        return int.from_bytes(drawn[:8], "big") % WHOLE < self.share

    def ended(self, *, by: str, at: datetime) -> Shadow:
        """Over. One that was over already stays as it ended."""
        if not self.runs(at):
            return self
        return replace(self, ended_at=at, ended_by=by)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Differing:
    """Something that the two versions say differently: `what` is a word of the contracts
    (`expectation:no-secrets`); of either version what it says, empty where it says nothing of it.
    """

    what: str
    active: str
    candidate: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What either version makes of one request: its outcome, and what else differs. No values."""

    active: str
    candidate: str
    differs: tuple[Differing, ...] = ()

    @property
    def same(self) -> bool:
        """Whether nothing differs."""
        return self.active == self.candidate and not self.differs


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A request that a version has decided, for a shadow to judge too.

    `draw` is the keyed word that says whether a share takes it; `size` is what it holds in memory,
    in bytes. `reference` is its request id and `position` that of its effect in the audit log.
    `judge` says what a version of this number makes of it, and has no effect; it may raise, and it
    may take its time.
    """

    contract_id: str
    number: int
    draw: str
    size: int
    reference: str
    position: int
    at: datetime
    judge: Callable[[int], Compared] = field(repr=False)


class Beside(Protocol):
    """Who takes what was decided, for shadows."""

    def offer(self, offer: Offer) -> None:
        """Never raises and waits for nothing: the answer leaves as if there was no shadow."""
        ...


@dataclass(frozen=True, slots=True)
class NoShadows:
    """Takes nothing."""

    def offer(self, offer: Offer) -> None:
        """What `Beside` says."""
        del offer


class Sampled(StrEnum):
    """What became of a request that a shadow took."""

    SAME = "same"
    DIFFERS = "differs"
    FAILED = "failed"
    """The candidate raised, or took too long."""
    DROPPED = "dropped"
    """There was no room for it; it was not judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One request of which the two versions make different things."""

    reference: str
    position: int
    at: datetime
    number: int
    compared: Compared


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowReport:
    """What a shadow saw: how many requests of which fate, the outcomes (active, candidate) of those
    that were judged, what differed how often, why those failed or were dropped that did; and the
    newest differences, to look up. `running` says whether it judges now.
    """

    shadow: Shadow
    sampled: Mapping[Sampled, int] = field(default_factory=dict)
    outcomes: Mapping[tuple[str, str], int] = field(default_factory=dict)
    differs: Mapping[Differing, int] = field(default_factory=dict)
    failed: Mapping[str, int] = field(default_factory=dict)
    dropped: Mapping[str, int] = field(default_factory=dict)
    newest: tuple[Difference, ...] = ()
    running: bool = False


@dataclass(slots=True, kw_only=True, eq=False)
class Tally:
    """What a shadow has seen since it was last written down. At most `most` differences are kept,
    the newest.
    """

    most: int
    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    differs: Counter[Differing] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)
    same: int = 0
    newest: list[Difference] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.outcomes or self.failed or self.dropped)

    def compare(self, offer: Offer, compared: Compared) -> Sampled:
        """Counts one that was judged."""
        self.outcomes[compared.active, compared.candidate] += 1
        self.differs.update(compared.differs)
        if compared.same:
            self.same += 1
            return Sampled.SAME
        self.newest.append(
            Difference(
                reference=offer.reference,
                position=offer.position,
                at=offer.at,
                number=offer.number,
                compared=compared,
            )
        )
        del self.newest[: -self.most]
        return Sampled.DIFFERS

    def fail(self, why: str) -> Sampled:
        """Counts one of which the candidate could say nothing."""
        self.failed[why] += 1
        return Sampled.FAILED

    def drop(self, why: str) -> Sampled:
        """Counts one for which there was no room."""
        self.dropped[why] += 1
        return Sampled.DROPPED

    def with_later(self, later: Tally) -> Tally:
        """Both together."""
        return Tally(
            most=self.most,
            outcomes=self.outcomes + later.outcomes,
            differs=self.differs + later.differs,
            failed=self.failed + later.failed,
            dropped=self.dropped + later.dropped,
            same=self.same + later.same,
            newest=[*self.newest, *later.newest][-self.most :],
        )
