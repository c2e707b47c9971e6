"""Breaches that the service opens by itself: what it noticed, and how that is told.

A sign is one thing that was noticed: a cause, what it is about, and where the evidence for it is.
Signs of the same cause about the same thing belong to one breach for as long as it is open: the
first opens it, later ones are added. When it became known, and what to do, is for a person to say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, TypeVar

from privacy_service.breaches.breach import Breach
from privacy_service.breaches.statements import (
    FactsSaid,
    Nature,
    Noticed,
    Opened,
    Source,
    TimeSaid,
    require,
)

T = TypeVar("T")

MOST_POSITIONS: Final = 100
"""Audit positions that one sign lists; `counts` say how many there were."""


class Cause(StrEnum):
    """Why the service opens a breach."""

    STOPPED_EGRESS = "stopped_egress"
    """What would have left still held personal data when it was looked at again."""
    WRONG_RELEASE = "wrong_release"
    """What was released holds what its contract does not permit, as is found now."""
    KEY_EXPOSED = "key_exposed"
    """Somebody reports that a key is in the wrong hands."""
    LOG_MISMATCH = "log_mismatch"
    """The audit log does not hold what it held."""
    UNUSUAL_VOLUME = "unusual_volume"
    """A partner receives, or has revealed, far more than it usually does."""
    UNCONFIRMED_ERASURE = "unconfirmed_erasure"
    """A recipient did not confirm in time that it deleted something."""


class Severity(StrEnum):
    """How bad it may be, as far as the service can tell; from the mildest on."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """How a cause is told: its title, how bad it may be, what it may have hurt, and whether what
    was noticed is the thing itself (`detection`) or speaks for it (`suspicion`).
    """

    title: str
    severity: Severity
    nature: Nature
    time: str


_SAID: Final[Mapping[Cause, _Said]] = {
    Cause.STOPPED_EGRESS: _Said(
        title="Stopped at the second look, nothing left",
        severity=Severity.LOW,
        nature=Nature.CONFIDENTIALITY,
        time="suspicion",
    ),
    Cause.WRONG_RELEASE: _Said(
        title="Released with what the contract does not permit",
        severity=Severity.HIGH,
        nature=Nature.CONFIDENTIALITY,
        time="detection",
    ),
    Cause.KEY_EXPOSED: _Said(
        title="A key is reported to be exposed",
        severity=Severity.CRITICAL,
        nature=Nature.CONFIDENTIALITY,
        time="detection",
    ),
    Cause.LOG_MISMATCH: _Said(
        title="The audit log does not hold what it held",
        severity=Severity.CRITICAL,
        nature=Nature.INTEGRITY,
        time="detection",
    ),
    Cause.UNUSUAL_VOLUME: _Said(
        title="Unusually much",
        severity=Severity.MEDIUM,
        nature=Nature.CONFIDENTIALITY,
        time="suspicion",
    ),
    Cause.UNCONFIRMED_ERASURE: _Said(
        title="A deletion was not confirmed in time",
        severity=Severity.MEDIUM,
        nature=Nature.CONFIDENTIALITY,
        time="suspicion",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """Something that was noticed. `about` names partners, a key or the log, never a person; with
    the cause it is what makes two signs one breach.

    `positions` are entries of the audit log, `named` what it is about by id or digest, `counts` how
    many of what. `says` is a fixed sentence with numbers in it.
    """

    cause: Cause
    about: str
    says: str
    positions: tuple[int, ...] = ()
    named: tuple[str, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        require("about", bool(self.about.strip()))

    @property
    def severity(self) -> Severity:
        """How bad it may be."""
        return _SAID[self.cause].severity

    def and_also(self, later: Sign) -> Sign:
        """Both as one: counts are added up, and the later sentence stands."""
        counts = Counter(self.counts)
        counts.update(later.counts)
        return replace(
            later,
            positions=_first(self.positions, later.positions),
            named=_first(self.named, later.named),
            counts=dict(sorted(counts.items())),
        )


def noticed(sign: Sign) -> Noticed:
    """The sign as a breach keeps it."""
    return Noticed(
        cause=sign.cause.value,
        about=sign.about,
        severity=sign.severity.value,
        says=sign.says,
        positions=sign.positions[:MOST_POSITIONS],
        named=sign.named[:MOST_POSITIONS],
        counts=sign.counts,
    )


def opened_for(
    sign: Sign,
    breach_id: str,
    *,
    capacities: tuple[str, ...],
    seats: tuple[str, ...],
    by: str,
    at: datetime,
) -> Breach:
    """A breach that the service opens, with what it noticed and when."""
    said = _SAID[sign.cause]
    opened = Opened(
        title=f"{said.title}: {sign.about}",
        source=Source.SERVICE,
        natures=(said.nature,),
        capacities=capacities,
        seats=seats,
    )
    time = TimeSaid(name=said.time, at=at, evidence=sign.says)
    breach = Breach.opened(breach_id, opened, by=by, at=at)
    breach = breach.with_statement(noticed(sign), by=by, at=at)
    if sign.cause is Cause.KEY_EXPOSED:
        exposed = FactsSaid(key_exposed=True, evidence=sign.says)
        breach = breach.with_statement(exposed, by=by, at=at)
    return breach.with_statement(time, by=by, at=at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """The newest breach of a cause about something. `waits` was noticed since it was last said, and
    is said with what comes later: `told_at` is when somebody was told of the breach.
    """

    cause: Cause
    about: str
    breach: str
    said_at: datetime
    waits: Sign | None = None
    told_at: datetime | None = None

    def also(self, sign: Sign) -> Sign:
        """What there is to say: the sign, and what waits."""
        return sign if self.waits is None else self.waits.and_also(sign)


def _first(*parts: Iterable[T]) -> tuple[T, ...]:
    """The first of them all, each once."""
    return tuple(dict.fromkeys(one for part in parts for one in part))[:MOST_POSITIONS]
