"""Consent records in the database: what was told and asked once, and what each person said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Row, Select, and_, bindparam, delete, or_, select

from privacy_service import errors
from privacy_service.errors import PrivacyError
from privacy_service.store.statements import Reads, Writes, insert_absent
from privacy_service.store.tables import (
    consent_events,
    consent_subjects,
    consent_terms,
    consents,
)
from privacy_service.subjects.consent import (
    ConsentEvent,
    ConsentRecord,
    ConsentState,
    ConsentTerms,
    Expression,
)

_OF = (consents.c.partner == bindparam("of"), consents.c.id == bindparam("named"))
_RECORD = select(consents.c.partner, consents.c.id, consent_terms.c.document).join(
    consent_terms, consents.c.terms == consent_terms.c.digest
)
_GET = _RECORD.where(*_OF)
_ABOUT = select(consent_subjects.c.consent_id).where(
    consent_subjects.c.partner == bindparam("of"),
    consent_subjects.c.subject.in_(bindparam("subjects", expanding=True)),
)
_ADD_TERMS = insert_absent(consent_terms)
_ADD = consents.insert()
_ADD_SUBJECT = consent_subjects.insert()
_KNOW = insert_absent(consent_subjects)
_ADD_EVENT = consent_events.insert()
_AT_ONCE = 500
"""Subjects or records that are asked for in one statement."""


class ConsentReading:
    """What people consented to."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads

    def get(self, partner: str, record_id: str) -> ConsentRecord:
        """Raises CONSENT_NOT_FOUND."""
        found = self.find(partner, record_id)
        if found is None:
            raise PrivacyError(errors.CONSENT_NOT_FOUND, record=record_id)
        return found

    def find(self, partner: str, record_id: str) -> ConsentRecord | None:
        """The record, if there is one."""
        rows = self._reads.all(_GET, {"of": partner, "named": record_id})
        return next(iter(self._whole(rows)), None)

    def about(self, partner: str, subjects: Iterable[str]) -> tuple[ConsentRecord, ...]:
        """A partner's records about any of these people, by id."""
        wanted, ids = sorted(set(subjects)), set()
        for start in range(0, len(wanted), _AT_ONCE):
            asked = {"of": partner, "subjects": wanted[start : start + _AT_ONCE]}
            ids |= {row.consent_id for row in self._reads.all(_ABOUT, asked)}
        found: list[ConsentRecord] = []
        names = sorted(ids)
        for start in range(0, len(names), _AT_ONCE):
            some = consents.c.id.in_(names[start : start + _AT_ONCE])
            page = _RECORD.where(consents.c.partner == partner, some).order_by(consents.c.id)
            found += self._whole(self._reads.all(page))
        return tuple(found)

    def list(
        self,
        *,
        partner: str | None = None,
        subjects: Sequence[str] | None = None,
        after: tuple[str, str] | None = None,
        limit: int = 100,
    ) -> tuple[ConsentRecord, ...]:
        """Records (of one partner, about one person) by partner and id, after a place."""
        page: Select[Any] = _RECORD
        if partner is not None:
            page = page.where(consents.c.partner == partner)
        if subjects is not None:
            naming = select(consent_subjects.c.consent_id).where(
                consent_subjects.c.partner == consents.c.partner,
                consent_subjects.c.subject.in_(subjects),
            )
            page = page.where(consents.c.id.in_(naming))
        if after is not None:
            of, named = after
            page = page.where(
                or_(consents.c.partner > of, and_(consents.c.partner == of, consents.c.id > named))
            )
        page = page.order_by(consents.c.partner, consents.c.id).limit(limit)
        return self._whole(self._reads.all(page))

    def _whole(self, rows: Sequence[Row[Any]]) -> tuple[ConsentRecord, ...]:
        """The records with their people and events; the rows are of any number of partners."""
        by_partner: dict[str, list[str]] = defaultdict(list)
        for row in rows:
            by_partner[row.partner].append(row.id)
        people: dict[tuple[str, str], set[str]] = defaultdict(set)
        said: dict[tuple[str, str], list[ConsentEvent]] = defaultdict(list)
        for partner, ids in by_partner.items():
            for one in self._reads.all(_of_records(consent_subjects, partner, ids)):
                people[partner, one.consent_id].add(one.subject)
            events = _of_records(consent_events, partner, ids).order_by(consent_events.c.number)
            for event in self._reads.all(events):
                said[partner, event.consent_id].append(_event(event))
        return tuple(
            ConsentRecord(
                partner=row.partner,
                id=row.id,
                subjects=frozenset(people[row.partner, row.id]),
                terms=ConsentTerms.from_plain(row.document),
                events=tuple(said[row.partner, row.id]),
            )
            for row in rows
        )


class ConsentWriting(ConsentReading):
    """The consent records, with new ones and what is said next."""

    def __init__(self, writes: Writes) -> None:
        super().__init__(writes)
        self._writes = writes

    def record(self, record: ConsentRecord) -> None:
        """Adds a record with its first event."""
        terms = {"digest": record.terms.digest, "document": record.terms.to_plain()}
        self._writes.change(_ADD_TERMS, terms)
        named = {"partner": record.partner, "id": record.id}
        self._writes.change(_ADD, {**named, "terms": record.terms.digest})
        about = [
            {"partner": record.partner, "subject": subject, "consent_id": record.id}
            for subject in sorted(record.subjects)
        ]
        self._writes.change_each(_ADD_SUBJECT, about)
        self.say(record)

    def know_as(self, old: Iterable[str], new: str, *, partner: str) -> None:
        """A partner's consents of a person known by one of the old digests are known by the new one
        from now on, and not by the old.
        """
        s = consent_subjects.c
        wrong = (s.partner == partner, s.subject.in_(list(old)))
        for row in self._reads.all(select(s.consent_id).where(*wrong).distinct()):
            said = {"partner": partner, "subject": new, "consent_id": row.consent_id}
            self._writes.change(_KNOW, said)
        self._writes.change(delete(consent_subjects).where(*wrong), {})

    def say(self, record: ConsentRecord) -> None:
        """Keeps the record's last event."""
        last = record.events[-1]
        self._writes.change(
            _ADD_EVENT,
            {
                "partner": record.partner,
                "consent_id": record.id,
                "number": len(record.events),
                "state": last.state.value,
                "at": last.at,
                "expression": last.expression.value,
                "by": last.by,
                "valid_for": last.valid_for,
            },
        )


def _of_records(table: Any, partner: str, ids: Sequence[str]) -> Select[Any]:
    return select(*table.c).where(table.c.partner == partner, table.c.consent_id.in_(ids))


def _event(row: Row[Any]) -> ConsentEvent:
    return ConsentEvent(
        state=ConsentState(row.state),
        at=row.at,
        expression=Expression(row.expression),
        by=row.by,
        valid_for=row.valid_for,
    )
