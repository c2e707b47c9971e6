"""Legal holds in the database. Few hold at a time, so that those are read whole, once a batch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, bindparam, func, select

from privacy_service import errors
from privacy_service.errors import PrivacyError
from privacy_service.store.lifts import keeping_lift, lift_of, lift_values
from privacy_service.store.statements import Reads, Writes, insert_absent
from privacy_service.store.tables import legal_hold_subjects, legal_holds
from privacy_service.subjects.holds import ActiveHolds, HeldUse, HoldScope, LegalHold
from privacy_service.subjects.record_query import RecordQuery

_ALL = select(*legal_holds.c)
_GET = _ALL.where(legal_holds.c.id == bindparam("named"))
_ACTIVE = _ALL.where(legal_holds.c.lifted_at.is_(None)).order_by(legal_holds.c.id)
_SUBJECTS = select(legal_hold_subjects.c.subject).where(
    legal_hold_subjects.c.hold_id == bindparam("named")
)
_NAMING = select(*legal_hold_subjects.c).where(
    legal_hold_subjects.c.subject.in_(bindparam("subjects", expanding=True))
)
_OF_REQUEST = (
    select(legal_holds.c.id)
    .where(legal_holds.c.request_id == bindparam("of"))
    .order_by(legal_holds.c.id)
)
_LAST_LIFT = select(func.max(legal_holds.c.lifted_at).label("at"))
_ADD = legal_holds.insert()
_KNOW = insert_absent(legal_hold_subjects)
_ADD_SUBJECT = legal_hold_subjects.insert()
_LIFT = keeping_lift(legal_holds)
_AT_ONCE = 500
"""Subjects that are asked for in one statement."""


class HoldReading:
    """Which holds there are, and which concern what."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads

    def get(self, hold_id: str) -> LegalHold:
        """The hold, with all its subjects. Raises HOLD_NOT_FOUND."""
        row = self._reads.one(_GET, {"named": hold_id})
        if row is None:
            raise PrivacyError(errors.HOLD_NOT_FOUND, hold=hold_id)
        named = self._reads.all(_SUBJECTS, {"named": hold_id}) if row.by_subject else ()
        return _hold(row, frozenset(one.subject for one in named))

    def list(
        self,
        *,
        lifted: bool = False,
        subject: str | None = None,
        after: str | None = None,
        limit: int = 100,
    ) -> tuple[LegalHold, ...]:
        """The holds by id (that name one subject), without those that were lifted unless asked."""
        page = select(legal_holds.c.id)
        if not lifted:
            page = page.where(legal_holds.c.lifted_at.is_(None))
        if subject is not None:
            naming = select(legal_hold_subjects.c.hold_id).where(
                legal_hold_subjects.c.subject == subject
            )
            page = page.where(legal_holds.c.id.in_(naming))
        if after is not None:
            page = page.where(legal_holds.c.id > after)
        rows = self._reads.all(page.order_by(legal_holds.c.id).limit(limit))
        return tuple(self.get(row.id) for row in rows)

    def of_request(self, request_id: str) -> tuple[LegalHold, ...]:
        """The holds that a request for restriction placed."""
        rows = self._reads.all(_OF_REQUEST, {"of": request_id})
        return tuple(self.get(row.id) for row in rows)

    def last_lift(self) -> datetime | None:
        """When a hold was lifted last."""
        row = self._reads.one(_LAST_LIFT)
        return None if row is None else row.at

    def active(self, subjects: Iterable[str] = ()) -> ActiveHolds:
        """The holds that hold, as far as they concern things about these subjects."""
        rows = self._holding()
        named: dict[str, set[str]] = defaultdict(set)
        if any(row.by_subject for row in rows):
            wanted = sorted(set(subjects))
            for start in range(0, len(wanted), _AT_ONCE):
                asked = {"subjects": wanted[start : start + _AT_ONCE]}
                for one in self._reads.all(_NAMING, asked):
                    named[one.hold_id].add(one.subject)
        return ActiveHolds(tuple(_hold(row, frozenset(named[row.id])) for row in rows))

    def _holding(self) -> Sequence[Row[Any]]:
        return self._reads.all(_ACTIVE)


class HoldWriting(HoldReading):
    """The holds, placed and lifted.

    A batch is alone with the database, so what it has read of the holds stays true for it until it
    changes one itself.
    """

    def __init__(self, writes: Writes) -> None:
        super().__init__(writes)
        self._writes = writes
        self._known: Sequence[Row[Any]] | None = None
        self._changed = False

    def place(self, hold: LegalHold) -> None:
        """Adds a hold that was just placed."""
        self._changed = True
        scope = hold.scope
        values = {
            "id": hold.id,
            "by_subject": scope.subjects is not None,
            "partner": scope.partner,
            "contract_id": scope.contract,
            "counterparties": sorted(scope.counterparties),
            "record_query": scope.query.text if scope.query else None,
            "matter": hold.matter,
            "reason": hold.reason,
            "approver": hold.approver,
            "review_on": hold.review_on.isoformat(),
            "use": hold.use.value,
            "placed_by": hold.placed_by,
            "placed_at": hold.placed_at,
            "request_id": hold.request_id,
        }
        self._writes.change(_ADD, values)
        about = [
            {"hold_id": hold.id, "subject": subject} for subject in sorted(scope.subjects or ())
        ]
        self._writes.change_each(_ADD_SUBJECT, about)

    def know_as(self, old: Iterable[str], new: str) -> None:
        """Holds that name a person by one of the old digests name the new one as well."""
        self._changed = True
        s = legal_hold_subjects.c
        naming = select(s.hold_id).where(s.subject.in_(list(old))).distinct()
        for row in self._reads.all(naming):
            self._writes.change(_KNOW, {"hold_id": row.hold_id, "subject": new})

    def lift(self, hold: LegalHold) -> None:
        """Keeps what became of the hold's lift."""
        self._changed = True
        self._writes.change(_LIFT, lift_values(hold.id, hold.lift))

    def _holding(self) -> Sequence[Row[Any]]:
        if self._changed:
            return super()._holding()
        if self._known is None:
            self._known = super()._holding()
        return self._known


def _hold(row: Row[Any], subjects: frozenset[str]) -> LegalHold:
    return LegalHold(
        id=row.id,
        scope=HoldScope(
            subjects=subjects if row.by_subject else None,
            partner=row.partner,
            contract=row.contract_id,
            counterparties=frozenset(row.counterparties),
            query=None if row.record_query is None else RecordQuery.parse(row.record_query),
        ),
        matter=row.matter,
        reason=row.reason,
        approver=row.approver,
        review_on=date.fromisoformat(row.review_on),
        use=HeldUse(row.use),
        placed_by=row.placed_by,
        placed_at=row.placed_at,
        request_id=row.request_id,
        lift=lift_of(row),
    )
