"""Who is known to have opted out of sale and sharing by a signal, at which partner."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, delete, select, update

from privacy_service.store.statements import Reads, Writes, insert_absent
from privacy_service.store.tables import opt_outs

_o = opt_outs.c
_AT_PARTNER = select(_o.subject, _o.at).where(
    _o.partner == bindparam("of"), _o.subject.in_(bindparam("subjects", expanding=True))
)
_OF_PERSON = (
    select(_o.partner, _o.at)
    .where(_o.subject.in_(bindparam("subjects", expanding=True)))
    .order_by(_o.partner, _o.at)
)
_ADD = insert_absent(opt_outs)
_CHANGE = (
    update(opt_outs)
    .where(_o.subject == bindparam("about"), _o.partner == bindparam("of"))
    .values(at=bindparam("said"))
)
_FORGET = delete(opt_outs).where(_o.subject == bindparam("about"))
_FORGET_AT = _FORGET.where(_o.partner == bindparam("of"))
_PARTS: Final = 200


class OptOutReading:
    """Who has opted out."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads

    def at_partner(self, partner: str, subjects: Iterable[str]) -> dict[str, datetime]:
        """Those of the people who have opted out at the partner, with when they said so last."""
        several, found = sorted(set(subjects)), dict[str, datetime]()
        for start in range(0, len(several), _PARTS):
            asked = {"of": partner, "subjects": several[start : start + _PARTS]}
            found |= {row.subject: row.at for row in self._reads.all(_AT_PARTNER, asked)}
        return found

    def of_person(self, digests: Iterable[str]) -> dict[str, datetime]:
        """At which partners one person has opted out, and when they said so last."""
        rows = self._reads.all(_OF_PERSON, {"subjects": sorted(set(digests))})
        return {row.partner: row.at for row in rows}


class OptOutWriting(OptOutReading):
    """Who has opted out, and that somebody does."""

    def __init__(self, writes: Writes) -> None:
        super().__init__(writes)
        self._writes = writes

    def put(self, partner: str, subject: str, at: datetime) -> None:
        """Keeps that the person said so at an instant."""
        said = {"subject": subject, "partner": partner, "at": at}
        if self._writes.change(_ADD, said) == 0:
            self._writes.change(_CHANGE, {"about": subject, "of": partner, "said": at})

    def know_as(self, old: Iterable[str], new: str, *, partner: str) -> None:
        """Whoever has opted out by one of the old digests has done so by the new one, too."""
        for at in self.at_partner(partner, old).values():
            self.put(partner, new, at)

    def forget(self, subject: str, partner: str) -> None:
        """Takes away what is known of a person, at a partner or ("") everywhere."""
        if partner:
            self._writes.change(_FORGET_AT, {"about": subject, "of": partner})
        else:
            self._writes.change(_FORGET, {"about": subject})
