"""Notices to recipients in the database, and where recipients are told."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, bindparam, select, tuple_, update

from privacy_service import errors
from privacy_service.errors import PrivacyError
from privacy_service.store.statements import Reads, Writes, insert_absent
from privacy_service.store.tables import notice_addresses, notices
from privacy_service.subjects.notices import (
    UNCONFIRMED,
    UNSETTLED,
    Channel,
    Concerns,
    CorrectedField,
    Notice,
    NoticeKind,
    NoticeState,
)

_n = notices.c
_UNSETTLED: Final = sorted(state.value for state in UNSETTLED)
_GET = select(*_n).where(_n.id == bindparam("named"))
_OF_REQUEST = select(*_n).where(_n.request_id == bindparam("of")).order_by(_n.recipient)
_DUE = (
    select(*_n)
    .where(_n.state.in_(_UNSETTLED), _n.next_at <= bindparam("now"))
    .order_by(_n.next_at, _n.id)
    .limit(bindparam("most"))
)
_ADD = insert_absent(notices)
_CHANGE = (
    update(notices)
    .where(_n.id == bindparam("named"))
    .values(
        {
            name: bindparam(name)
            for name in (
                "concerns", "state", "channel", "attempts", "next_at", "told_at", "confirmed_at",
                "confirmed_by", "reason",
            )
        }
    )
)  # fmt: skip
_ADDRESS = select(*notice_addresses.c).where(notice_addresses.c.partner == bindparam("of"))
_ADD_ADDRESS = insert_absent(notice_addresses)
_CHANGE_ADDRESS = (
    update(notice_addresses)
    .where(notice_addresses.c.partner == bindparam("of"))
    .values(
        {
            name: bindparam(name)
            for name in ("channel", "target", "language", "put_at", "put_by", "secret_number")
        }
    )
)


_WAKE = (
    update(notices)
    .where(
        _n.recipient == bindparam("of"),
        _n.state == NoticeState.WAITING.value,
        _n.deadline > bindparam("now"),
    )
    .values(next_at=bindparam("now"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeQuery:
    """Which notices are meant: in one of the states, and what else is set."""

    states: frozenset[NoticeState]
    recipient: str = ""
    kind: NoticeKind | None = None
    request_id: str = ""
    before: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeAddress:
    """Where a partner wants to be told. `language` is that of what it is written."""

    partner: str
    channel: Channel
    target: str = field(repr=False)
    language: str = ""
    put_at: datetime
    put_by: str
    secret_number: int = 0
    """How often the secret of its signed calls was made anew."""


class NoticeReading:
    """Which notices there are."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads

    def get(self, notice_id: str) -> Notice:
        """Raises NOTICE_NOT_FOUND."""
        row = self._reads.one(_GET, {"named": notice_id})
        if row is None:
            raise PrivacyError(errors.NOTICE_NOT_FOUND, notice=notice_id)
        return _notice(row)

    def of_request(self, request_id: str) -> tuple[Notice, ...]:
        """A request's notices, by recipient."""
        return tuple(_notice(row) for row in self._reads.all(_OF_REQUEST, {"of": request_id}))

    def due(self, now: datetime, *, limit: int) -> tuple[Notice, ...]:
        """Those whose next attempt, reminder or end has come."""
        rows = self._reads.all(_DUE, {"now": now, "most": limit})
        return tuple(_notice(row) for row in rows)

    def list(
        self, recipient: str, *, settled: bool = False, after: str | None = None, limit: int = 100
    ) -> tuple[Notice, ...]:
        """One recipient's notices by id, without those that are settled unless asked."""
        page = select(*_n).where(_n.recipient == recipient)
        if not settled:
            page = page.where(_n.state.in_(sorted(state.value for state in UNCONFIRMED)))
        if after is not None:
            page = page.where(_n.id > after)
        return tuple(_notice(row) for row in self._reads.all(page.order_by(_n.id).limit(limit)))

    def search(
        self, query: NoticeQuery, *, after: tuple[datetime, str] | None, limit: int
    ) -> tuple[Notice, ...]:
        """The notices that are meant, by deadline and id."""
        page = select(*_n).where(_n.state.in_(sorted(state.value for state in query.states)))
        if query.recipient:
            page = page.where(_n.recipient == query.recipient)
        if query.kind is not None:
            page = page.where(_n.kind == query.kind.value)
        if query.request_id:
            page = page.where(_n.request_id == query.request_id)
        if query.before is not None:
            page = page.where(_n.deadline < query.before)
        if after is not None:
            page = page.where(tuple_(_n.deadline, _n.id) > tuple_(*after))
        rows = self._reads.all(page.order_by(_n.deadline, _n.id).limit(limit))
        return tuple(_notice(row) for row in rows)

    def address(self, partner: str) -> NoticeAddress | None:
        """Where the partner wants to be told; None: it asks by itself."""
        row = self._reads.one(_ADDRESS, {"of": partner})
        if row is None:
            return None
        said = {"channel": Channel(row.channel), "language": row.language or ""}
        number = row.secret_number or 0
        return NoticeAddress(**(row._asdict() | said | {"secret_number": number}))


class NoticeWriting(NoticeReading):
    """The notices, with what becomes of them."""

    def __init__(self, writes: Writes) -> None:
        super().__init__(writes)
        self._writes = writes

    def add(self, notice: Notice) -> None:
        """Adds a notice, where it is not there yet."""
        values = {column.name: getattr(notice, column.name) for column in _n}
        self._writes.change(
            _ADD,
            {
                **values,
                "request_id": notice.request_id or None,
                "kind": notice.kind.value,
                "state": notice.state.value,
                "channel": notice.channel.value,
                "concerns": _written(notice.concerns),
            },
        )

    def keep(self, notice: Notice) -> None:
        """Keeps what became of a notice."""
        values = {
            "named": notice.id,
            "concerns": _written(notice.concerns),
            "state": notice.state.value,
            "channel": notice.channel.value,
            "attempts": notice.attempts,
            "next_at": notice.next_at,
            "told_at": notice.told_at,
            "confirmed_at": notice.confirmed_at,
            "confirmed_by": notice.confirmed_by,
            "reason": notice.reason,
        }
        self._writes.change(_CHANGE, values)

    def put_address(self, address: NoticeAddress) -> None:
        """Keeps where a partner wants to be told from now on, and of what it was not told yet."""
        values = {
            "channel": address.channel.value,
            "target": address.target,
            "language": address.language or None,
            "secret_number": address.secret_number or None,
            "put_at": address.put_at,
            "put_by": address.put_by,
        }
        if self._writes.change(_ADD_ADDRESS, {"partner": address.partner, **values}) == 0:
            self._writes.change(_CHANGE_ADDRESS, {"of": address.partner, **values})
        self._writes.change(_WAKE, {"of": address.partner, "now": address.put_at})


def _written(concerns: Concerns) -> dict[str, Any]:
    return {
        "disclosures": list(concerns.disclosures),
        "tokens": list(concerns.tokens),
        "more": concerns.more,
        "corrected": [
            [one.field, one.treatment, list(one.old_words), one.new_word]
            for one in concerns.corrected
        ],
    }


def _notice(row: Row[Any]) -> Notice:
    concerns = row.concerns
    return Notice(
        **{
            **row._asdict(),
            "request_id": row.request_id or "",
            "kind": NoticeKind(row.kind),
            "state": NoticeState(row.state),
            "channel": Channel(row.channel),
            "concerns": Concerns(
                disclosures=tuple(concerns["disclosures"]),
                tokens=tuple(concerns["tokens"]),
                more=concerns["more"],
                corrected=tuple(
                    CorrectedField(field=of, treatment=how, old_words=tuple(old), new_word=new)
                    for of, how, old, new in concerns.get("corrected", ())
                ),
            ),
        }
    )
