"""What the service noticed by itself: which breach a cause belongs to, how far it has looked, and
how much there was in each hour.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from privacy_service.breaches.incidents import Cause, Incident, Sign
from privacy_service.store.statements import Dialectal, Reads, Writes
from privacy_service.store.tables import incidents, volume_hours, watch_places

_ALL = select(*incidents.c)
_OF = _ALL.where(
    incidents.c.cause == bindparam("of_cause"), incidents.c.about == bindparam("of_about")
)
_ALL_OF = _ALL.where(incidents.c.cause == bindparam("of_cause")).order_by(incidents.c.about)
_UNTOLD = (
    _ALL.where(incidents.c.told_at.is_(None))
    .order_by(incidents.c.said_at, incidents.c.about)
    .limit(bindparam("most"))
)
_WAITING = (
    _ALL.where(incidents.c.waits.is_not(None), incidents.c.said_at <= bindparam("before"))
    .order_by(incidents.c.said_at, incidents.c.about)
    .limit(bindparam("most"))
)
_PLACE = select(watch_places.c.position).where(watch_places.c.name == bindparam("of"))
_HOURS = select(volume_hours.c.hour, volume_hours.c.count.label("many")).where(
    volume_hours.c.measure == bindparam("of_measure"),
    volume_hours.c.about == bindparam("of_about"),
    volume_hours.c.hour >= bindparam("since"),
)
_FORGET = delete(volume_hours).where(volume_hours.c.hour < bindparam("before"))


def _upserts() -> tuple[Dialectal, Dialectal, Dialectal]:
    def keep(insert: Any) -> Any:
        changed = ("breach_id", "said_at", "waits", "told_at")
        return insert.on_conflict_do_update(
            index_elements=[incidents.c.cause, incidents.c.about],
            set_={name: insert.excluded[name] for name in changed},
        )

    def move(insert: Any) -> Any:
        return insert.on_conflict_do_update(
            index_elements=[watch_places.c.name], set_={"position": insert.excluded.position}
        )

    def count(insert: Any) -> Any:
        return insert.on_conflict_do_update(
            index_elements=[volume_hours.c.measure, volume_hours.c.about, volume_hours.c.hour],
            set_={"count": volume_hours.c.count + insert.excluded.count},
        )

    return (
        Dialectal(
            sqlite=keep(sqlite.insert(incidents)), postgresql=keep(postgresql.insert(incidents))
        ),
        Dialectal(
            sqlite=move(sqlite.insert(watch_places)),
            postgresql=move(postgresql.insert(watch_places)),
        ),
        Dialectal(
            sqlite=count(sqlite.insert(volume_hours)),
            postgresql=count(postgresql.insert(volume_hours)),
        ),
    )


_KEEP, _MOVE, _COUNT = _upserts()


class IncidentReading:
    """What was noticed, and how far."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads

    def of(self, cause: Cause, about: str) -> Incident | None:
        """The newest incident of a cause about something."""
        row = self._reads.one(_OF, {"of_cause": cause.value, "of_about": about})
        return None if row is None else _incident(row)

    def all_of(self, cause: Cause) -> tuple[Incident, ...]:
        """The newest incident of a cause about each thing, by what it is about."""
        rows = self._reads.all(_ALL_OF, {"of_cause": cause.value})
        return tuple(_incident(row) for row in rows)

    def untold(self, most: int) -> tuple[Incident, ...]:
        """Those that nobody was told of, the oldest first."""
        return tuple(_incident(row) for row in self._reads.all(_UNTOLD, {"most": most}))

    def waiting(self, before: datetime, most: int) -> tuple[Incident, ...]:
        """Those with more to say, of which something was last said before."""
        rows = self._reads.all(_WAITING, {"before": before, "most": most})
        return tuple(_incident(row) for row in rows)

    def place(self, name: str) -> int | None:
        """How far somebody has looked; None: not at all."""
        row = self._reads.one(_PLACE, {"of": name})
        return None if row is None else int(row.position)

    def hours(self, measure: str, about: str, *, since: datetime) -> Mapping[datetime, int]:
        """How much there was in each hour in which there was anything."""
        asked = {"of_measure": measure, "of_about": about, "since": since}
        return {row.hour: int(row.many) for row in self._reads.all(_HOURS, asked)}


class IncidentWriting(IncidentReading):
    """What was noticed, kept."""

    def __init__(self, writes: Writes) -> None:
        super().__init__(writes)
        self._writes = writes

    def keep(self, incident: Incident) -> None:
        """Adds the incident, or keeps what became of it."""
        values = {
            "cause": incident.cause.value,
            "about": incident.about,
            "breach_id": incident.breach,
            "said_at": incident.said_at,
            "waits": None if incident.waits is None else _stored(incident.waits),
            "told_at": incident.told_at,
        }
        self._writes.change(_KEEP, values)

    def move(self, name: str, position: int) -> None:
        """Keeps how far somebody has looked."""
        self._writes.change(_MOVE, {"name": name, "position": position})

    def count(self, measure: str, about: str, hour: datetime, many: int) -> None:
        """Adds to what there was in an hour."""
        values = {"measure": measure, "about": about, "hour": hour, "count": many}
        self._writes.change(_COUNT, values)

    def forget_hours(self, before: datetime) -> None:
        """Drops the hours that are older."""
        self._writes.change(_FORGET, {"before": before})


def _stored(sign: Sign) -> dict[str, Any]:
    values = asdict(sign)
    return values | {"cause": sign.cause.value}


def _incident(row: Row[Any]) -> Incident:
    waits = row.waits
    return Incident(
        cause=Cause(row.cause),
        about=row.about,
        breach=row.breach_id,
        said_at=row.said_at,
        waits=None if waits is None else _sign(waits),
        told_at=row.told_at,
    )


def _sign(stored: Mapping[str, Any]) -> Sign:
    return Sign(
        cause=Cause(stored["cause"]),
        about=stored["about"],
        says=stored["says"],
        positions=tuple(stored["positions"]),
        named=tuple(stored["named"]),
        counts=dict(stored["counts"]),
    )
