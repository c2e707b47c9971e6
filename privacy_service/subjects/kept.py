"""What is kept about people, as far as holds and schedules ask about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptThing:
    """A record, a token, a key or a payload: whose it is and whom it is about.

    `partners` are its owner and, where there is one, the other side. `subjects` are keyed digests,
    `contracts` the ids of the sharing contracts that it was kept under. `record` is set for what a
    record query can be asked about; `restricted` says that its use is, by a retention schedule, and
    `anonymous` that what is left of it is about nobody.
    """

    partners: tuple[str, ...]
    subjects: tuple[str, ...] = ()
    contracts: tuple[str, ...] = ()
    record: RecordFacts | None = None
    restricted: bool = False
    anonymous: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordFacts:
    """What a record query may ask. `keep_until` None: no end is known."""

    partner: str
    id: str
    content_type: str
    size: int
    contracts: tuple[str, ...]
    created_at: datetime
    keep_until: datetime | None
