"""Corrections that are to be applied, sealed; dropped once they are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import bindparam, select, update

from privacy_service.store.statements import Reads, Writes, insert_absent
from privacy_service.store.tables import corrections, subject_request_identifiers

_c = corrections.c
_GET = select(*_c).where(_c.request_id == bindparam("named"))
_ADD = insert_absent(corrections)
_DROP = update(corrections).where(_c.request_id == bindparam("named")).values(sealed=None)
_DROP_ABOUT = (
    update(corrections)
    .where(
        _c.request_id.in_(
            select(subject_request_identifiers.c.request_id).where(
                subject_request_identifiers.c.digest.in_(bindparam("about", expanding=True))
            )
        )
    )
    .values(sealed=None)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptCorrections:
    """What a request corrects. `sealed` None: it was applied, or its person was erased.

    `partner` and `data_keys` are whose and which keys it is sealed under; `fields` are the fields
    that it names.
    """

    request_id: str
    partner: str
    data_keys: tuple[str, ...]
    fields: tuple[str, ...]
    begun_at: datetime
    sealed: bytes | None = field(default=None, repr=False)


class CorrectionReading:
    """What is to be corrected."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads

    def get(self, request_id: str) -> KeptCorrections | None:
        row = self._reads.one(_GET, {"named": request_id})
        if row is None:
            return None
        return KeptCorrections(
            request_id=row.request_id,
            partner=row.partner,
            data_keys=tuple(row.data_keys),
            fields=tuple(row.fields),
            begun_at=row.begun_at,
            sealed=None if row.sealed is None else bytes(row.sealed),
        )


class CorrectionWriting(CorrectionReading):
    """The corrections, begun and dropped."""

    def __init__(self, writes: Writes) -> None:
        super().__init__(writes)
        self._writes = writes

    def begin(self, kept: KeptCorrections) -> None:
        """Adds those of a request, where it has none."""
        values = {name: getattr(kept, name) for name in kept.__slots__}
        said = {"data_keys": list(kept.data_keys), "fields": list(kept.fields)}
        self._writes.change(_ADD, values | said)

    def drop(self, request_id: str) -> None:
        """Deletes what they say."""
        self._writes.change(_DROP, {"named": request_id})

    def drop_about(self, digests: Iterable[str]) -> None:
        """Deletes what those say that are about one of these people."""
        self._writes.change(_DROP_ABOUT, {"about": list(digests)})
