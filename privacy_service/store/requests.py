"""Subject requests in the database, with whom they are about and what was done to them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, bindparam, func, or_, select, update

from privacy_service import errors
from privacy_service.errors import PrivacyError
from privacy_service.store.statements import Reads, Writes, insert_absent
from privacy_service.store.tables import (
    subject_request_history,
    subject_request_identifiers,
    subject_requests,
)
from privacy_service.subjects.requests import (
    DISCLOSED,
    HOLDING,
    OPEN,
    Asked,
    Deadline,
    Extended,
    Identifier,
    IdentityLevel,
    RequestKind,
    RequestState,
    SubjectRequest,
)

_OPEN: Final = sorted(state.value for state in OPEN)
_r = subject_requests.c
_GET = select(*_r).where(_r.id == bindparam("named"))
_IDENTIFIERS = (
    select(subject_request_identifiers.c.digest, subject_request_identifiers.c.partner)
    .where(subject_request_identifiers.c.request_id == bindparam("named"))
    .order_by(subject_request_identifiers.c.digest, subject_request_identifiers.c.partner)
)
_HISTORY = (
    select(*subject_request_history.c)
    .where(subject_request_history.c.request_id == bindparam("named"))
    .order_by(subject_request_history.c.number)
)
_OPEN_ABOUT = (
    select(_r.id)
    .join(subject_request_identifiers, subject_request_identifiers.c.request_id == _r.id)
    .where(
        subject_request_identifiers.c.digest.in_(bindparam("digests", expanding=True)),
        _r.state.in_(_OPEN),
    )
    .distinct()
    .order_by(_r.id)
)
_DISCLOSED: Final = sorted(kind.value for kind in DISCLOSED)
_ASKING_AT_ALL = select(_r.id).where(_r.state.in_(_OPEN), _r.kind.in_(_DISCLOSED)).limit(1)
_ASKING = (
    select(subject_request_identifiers.c.digest)
    .join(subject_requests, subject_request_identifiers.c.request_id == _r.id)
    .where(
        subject_request_identifiers.c.digest.in_(bindparam("digests", expanding=True)),
        _r.state.in_(_OPEN),
        _r.kind.in_(_DISCLOSED),
        _r.id != bindparam("but"),
    )
    .distinct()
)
_OBJECTS = [
    _r.kind == RequestKind.OBJECTION.value,
    _r.state.in_(sorted(state.value for state in HOLDING)),
]
_OBJECTING_AT_ALL = select(_r.id).where(*_OBJECTS).limit(1)
_OBJECTED = (
    select(_r.purpose)
    .join(subject_request_identifiers, subject_request_identifiers.c.request_id == _r.id)
    .where(
        subject_request_identifiers.c.digest.in_(bindparam("digests", expanding=True)),
        subject_request_identifiers.c.partner.in_(["", bindparam("at")]),
        *_OBJECTS,
    )
    .distinct()
)
_LAST_DISCLOSED = select(func.max(_r.closed_at).label("at")).where(_r.kind.in_(_DISCLOSED))
_PARTS: Final = 200
_ADD = subject_requests.insert()
_ADD_IDENTIFIER = insert_absent(subject_request_identifiers)
_CHANGE = (
    update(subject_requests)
    .where(_r.id == bindparam("named"))
    .values({column.name: bindparam(column.name) for column in _r if column.name != "id"})
)
_LAST = select(func.max(subject_request_history.c.number).label("last")).where(
    subject_request_history.c.request_id == bindparam("named")
)
_ADD_HISTORY = subject_request_history.insert()


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryLine:
    """One thing that was done to a request. `says` is a code, or a note without a person in it."""

    at: datetime
    by: str
    step: str
    state: str
    says: str = ""


class RequestReading:
    """Which requests there are."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads

    def get(self, request_id: str) -> SubjectRequest:
        """Raises SUBJECT_REQUEST_NOT_FOUND."""
        row = self._reads.one(_GET, {"named": request_id})
        if row is None:
            raise PrivacyError(errors.SUBJECT_REQUEST_NOT_FOUND, request=request_id)
        return _request(row, self._reads.all(_IDENTIFIERS, {"named": request_id}))

    def history(self, request_id: str) -> tuple[HistoryLine, ...]:
        """What was done to it, in order."""
        rows = self._reads.all(_HISTORY, {"named": request_id})
        return tuple(
            HistoryLine(at=row.at, by=row.by, step=row.step, state=row.state, says=row.says)
            for row in rows
        )

    def list(
        self,
        *,
        closed: bool = False,
        overdue_at: datetime | None = None,
        digests: Iterable[str] | None = None,
        after: str | None = None,
        limit: int = 100,
    ) -> tuple[SubjectRequest, ...]:
        """The requests by id: the open ones, or all; the overdue ones; those about a person."""
        page = select(_r.id)
        if not closed:
            page = page.where(_r.state.in_(_OPEN))
        if overdue_at is not None:
            due = func.coalesce(_r.due_legal, _r.due_conservative)
            page = page.where(_r.state.in_(_OPEN), due < overdue_at)
        if digests is not None:
            about = select(subject_request_identifiers.c.request_id).where(
                subject_request_identifiers.c.digest.in_(list(digests))
            )
            page = page.where(_r.id.in_(about))
        if after is not None:
            page = page.where(_r.id > after)
        rows = self._reads.all(page.order_by(_r.id).limit(limit))
        return tuple(self.get(row.id) for row in rows)

    def open_about(self, digests: Iterable[str]) -> tuple[str, ...]:
        """The ids of the open requests about any of these people."""
        asked = {"digests": list(digests)}
        return tuple(row.id for row in self._reads.all(_OPEN_ABOUT, asked))

    def asking(self, digests: Iterable[str], *, but: str | None) -> frozenset[str]:
        """Those of the people who have an open request that is answered with a bundle, other than
        the one named.
        """
        several, found = sorted(set(digests)), set[str]()
        if not several or self._reads.one(_ASKING_AT_ALL) is None:
            return frozenset()
        for start in range(0, len(several), _PARTS):
            asked = {"digests": several[start : start + _PARTS], "but": but or ""}
            found |= {row.digest for row in self._reads.all(_ASKING, asked)}
        return frozenset(found)

    def objected(self, digests: Iterable[str], partner: str) -> frozenset[str]:
        """The purposes to which any of these people objects, everywhere or at this partner."""
        several, found = sorted(set(digests)), set[str]()
        if not several or not self._any_objects():
            return frozenset()
        for start in range(0, len(several), _PARTS):
            asked = {"digests": several[start : start + _PARTS], "at": partner}
            found |= {row.purpose for row in self._reads.all(_OBJECTED, asked)}
        return frozenset(found)

    def _any_objects(self) -> bool:
        return self._reads.one(_OBJECTING_AT_ALL) is not None

    def last_disclosed(self) -> datetime | None:
        """When a request that is answered with a bundle was last closed."""
        row = self._reads.one(_LAST_DISCLOSED)
        return None if row is None else row.at

    def unacknowledged(self, until: datetime, *, limit: int) -> tuple[str, ...]:
        """The ids of open requests of whose receipt the person has to hear by an instant."""
        page = select(_r.id).where(_r.state.in_(_OPEN), _r.acknowledge_by <= until)
        rows = self._reads.all(page.order_by(_r.id).limit(limit))
        return tuple(row.id for row in rows)

    def due_between(self, first: datetime, last: datetime, *, limit: int) -> tuple[str, ...]:
        """The ids of open requests whose safe deadline lies after `first` and up to `last`."""
        soon = or_(
            (_r.due_conservative > first) & (_r.due_conservative <= last),
            (_r.due_legal > first) & (_r.due_legal <= last),
        )
        page = select(_r.id).where(_r.state.in_(_OPEN), soon).order_by(_r.id).limit(limit)
        return tuple(row.id for row in self._reads.all(page))


class RequestWriting(RequestReading):
    """The requests, and what is done to them."""

    def __init__(self, writes: Writes) -> None:
        super().__init__(writes)
        self._writes = writes
        # A batch is alone with the database: what it has read stays true until it changes it.
        self._one_objects: bool | None = None

    def _any_objects(self) -> bool:
        if self._one_objects is None:
            self._one_objects = super()._any_objects()
        return self._one_objects

    def add(self, request: SubjectRequest, line: HistoryLine) -> None:
        """Keeps a request that was just made."""
        self._writes.change(_ADD, {"id": request.id, **_values(request)})
        self._identify(request)
        self._remember(request.id, line)

    def change(self, request: SubjectRequest, line: HistoryLine) -> None:
        """Keeps what became of a request, and why. Identifiers are only ever added."""
        self._one_objects = None
        self._writes.change(_CHANGE, {"named": request.id, **_values(request)})
        self._identify(request)
        self._remember(request.id, line)

    def know_as(self, old: Iterable[str], new: str, *, partner: str) -> None:
        """Requests that name a person by one of the old digests name the new one as well."""
        i = subject_request_identifiers.c
        naming = select(i.request_id, i.partner).where(
            i.digest.in_(list(old)), i.partner.in_(["", partner])
        )
        for row in self._reads.all(naming):
            said = {"request_id": row.request_id, "digest": new, "partner": row.partner}
            self._writes.change(_ADD_IDENTIFIER, said)

    def _identify(self, request: SubjectRequest) -> None:
        for one in request.identifiers:
            self._writes.change(
                _ADD_IDENTIFIER,
                {"request_id": request.id, "digest": one.digest, "partner": one.partner},
            )

    def _remember(self, request_id: str, line: HistoryLine) -> None:
        row = self._reads.one(_LAST, {"named": request_id})
        number = 0 if row is None or row.last is None else row.last + 1
        values = {
            "request_id": request_id, "number": number, "at": line.at, "by": line.by,
            "step": line.step, "state": line.state, "says": line.says,
        }  # fmt: skip
        self._writes.change(_ADD_HISTORY, values)


def _values(request: SubjectRequest) -> dict[str, object]:
    due = request.deadline
    return {
        "kind": request.kind.value,
        "state": request.state.value,
        "regime": request.regime,
        "place": request.place,
        "received_at": request.received_at,
        "opened_by": request.opened_by,
        "due_legal": due.legal,
        "due_conservative": due.conservative,
        "due_first": request.first_deadline,
        "due_rule": due.rule,
        "due_standing": due.standing,
        "due_digest": due.digest,
        "due_why": list(due.why),
        "asked": [
            [one.reason, one.at.isoformat(), one.answered_at and one.answered_at.isoformat()]
            for one in request.asked
        ],
        "extended": request.extended and [request.extended.reason, request.extended.at.isoformat()],
        "identity_level": request.identity_level and request.identity_level.value,
        "evidence": request.evidence,
        "reason": request.reason,
        "contracts": list(request.contracts),
        "purpose": request.purpose,
        "merged": request.merged,
        "closed_at": request.closed_at,
        "acknowledge_by": request.acknowledge_by,
    }


def _request(row: Row[Any], identifiers: Iterable[Row[Any]]) -> SubjectRequest:
    return SubjectRequest(
        id=row.id,
        kind=RequestKind(row.kind),
        state=RequestState(row.state),
        identifiers=tuple(Identifier(digest=i.digest, partner=i.partner) for i in identifiers),
        regime=row.regime,
        place=row.place,
        received_at=row.received_at,
        opened_by=row.opened_by,
        deadline=Deadline(
            legal=row.due_legal,
            conservative=row.due_conservative,
            rule=row.due_rule,
            standing=row.due_standing,
            digest=row.due_digest,
            why=tuple(row.due_why),
        ),
        first_deadline=row.due_first,
        asked=tuple(
            Asked(
                reason=reason,
                at=datetime.fromisoformat(at),
                answered_at=datetime.fromisoformat(answered) if answered else None,
            )
            for reason, at, answered in row.asked
        ),
        extended=Extended(reason=row.extended[0], at=datetime.fromisoformat(row.extended[1]))
        if row.extended
        else None,
        identity_level=IdentityLevel(row.identity_level) if row.identity_level else None,
        evidence=row.evidence,
        reason=row.reason,
        contracts=tuple(row.contracts),
        purpose=row.purpose,
        merged=row.merged,
        closed_at=row.closed_at,
        acknowledge_by=row.acknowledge_by,
    )
