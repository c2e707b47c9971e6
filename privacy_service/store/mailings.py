"""Mailings in the database: who was looked at, and each letter by a keyed digest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, and_, bindparam, func, select, update

from privacy_service import errors
from privacy_service.breaches.mailings import (
    Contacts,
    Letter,
    LetterState,
    Mailing,
    MailingState,
    Progress,
    Reach,
)
from privacy_service.breaches.scope import question_of, said_of
from privacy_service.errors import PrivacyError
from privacy_service.store.statements import Reads, Writes, insert_absent
from privacy_service.store.tables import mailing_letters, mailing_people, mailings

_m, _l, _p = mailings.c, mailing_letters.c, mailing_people.c
_MOVING: Final = (
    "state", "question", "contacts", "batch", "people", "place", "walked", "batches", "attempts",
    "not_before", "begun_by", "begun_at", "ended_at",
)  # fmt: skip
_GET = select(*_m).where(_m.notice_id == bindparam("named"))
_DUE = (
    select(*_m)
    .where(_m.state == MailingState.RUNNING.value, _m.not_before <= bindparam("now"))
    .order_by(_m.not_before, _m.notice_id)
    .limit(bindparam("most"))
)
_LETTER = select(*_l).where(_l.notice_id == bindparam("of"), _l.recipient == bindparam("to"))
_NAMED = select(*_l).where(
    _l.notice_id == bindparam("of"), func.substr(_l.recipient, 1, 32) == bindparam("begins")
)
_ANY = (
    select(_l.notice_id)
    .where(_l.notice_id == bindparam("of"), _l.state == bindparam("in_state"))
    .limit(1)
)
_OPEN = (LetterState.SENDING.value, LetterState.WAITING.value)
_UNSETTLED = (
    select(*_l, func.min(_p.subject).label("subject"))
    .select_from(
        mailing_letters.join(
            mailing_people,
            and_(_p.notice_id == _l.notice_id, _p.recipient == _l.recipient),
            isouter=True,
        )
    )
    .where(_l.notice_id == bindparam("of"), _l.state.in_(_OPEN))
    .group_by(*_l)
    .order_by(_l.at, _l.recipient)
    .limit(bindparam("most"))
)
_REACHED = (
    select(_p.reach.label("of"), func.count().label("many"))
    .where(_p.notice_id == bindparam("of"))
    .group_by(_p.reach)
)
_WHY = (
    select(_l.said.label("of"), func.count().label("many"))
    .where(_l.notice_id == bindparam("of"), _l.state == LetterState.REFUSED.value)
    .group_by(_l.said)
    .order_by(func.count().desc(), _l.said)
    .limit(20)
)
_STATES = (
    select(_l.state.label("of"), func.count().label("many"))
    .where(_l.notice_id == bindparam("of"))
    .group_by(_l.state)
)
_ADD = insert_absent(mailings)
_MOVE = (
    update(mailings)
    .where(_m.notice_id == bindparam("named"))
    .values({name: bindparam(name) for name in _MOVING})
)
_SETTLE = (
    update(mailing_letters)
    .where(
        _l.notice_id == bindparam("of"),
        _l.recipient == bindparam("to"),
        _l.state == LetterState.SENDING.value,
    )
    .values({name: bindparam(name) for name in ("state", "attempts", "at", "said")})
)
_ADD_PERSON = insert_absent(mailing_people)
_ADD_LETTER = insert_absent(mailing_letters)
_MOVE_LETTER = (
    update(mailing_letters)
    .where(_l.notice_id == bindparam("of"), _l.recipient == bindparam("to"))
    .values({name: bindparam(name) for name in ("state", "attempts", "at", "said")})
)


class MailingReading:
    """Which mailings there are, and how far."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads

    def find(self, notice_id: str) -> Mailing | None:
        """The mailing of a notice, None where there is none."""
        row = self._reads.one(_GET, {"named": notice_id})
        return None if row is None else _mailing(row)

    def get(self, notice_id: str) -> Mailing:
        """Raises MAILING_NOT_FOUND."""
        found = self.find(notice_id)
        if found is None:
            raise PrivacyError(errors.MAILING_NOT_FOUND, notice=notice_id)
        return found

    def due(self, now: datetime, *, limit: int) -> tuple[Mailing, ...]:
        """The ones to go on with."""
        rows = self._reads.all(_DUE, {"now": now, "most": limit})
        return tuple(_mailing(row) for row in rows)

    def letter(self, notice_id: str, recipient: str) -> Letter | None:
        """The letter to one address, None where there is none yet."""
        row = self._reads.one(_LETTER, {"of": notice_id, "to": recipient})
        return None if row is None else _letter(row)

    def letter_beginning(self, notice_id: str, begins: str) -> Letter:
        """The letter to the address whose digest begins so. Raises MAILING_NOT_FOUND."""
        rows = self._reads.all(_NAMED, {"of": notice_id, "begins": begins})
        if len(rows) != 1:
            raise PrivacyError(errors.MAILING_NOT_FOUND)
        return _letter(rows[0])

    def is_any_sent(self, notice_id: str) -> bool:
        """Whether a letter was sent and has not come back."""
        asked = {"of": notice_id, "in_state": LetterState.SENT.value}
        return self._reads.one(_ANY, asked) is not None

    def unsettled(self, notice_id: str, *, limit: int) -> tuple[tuple[Letter, str], ...]:
        """Letters whose end nobody has written down, each with somebody that it is for."""
        rows = self._reads.all(_UNSETTLED, {"of": notice_id, "most": limit})
        return tuple((_letter(row), row.subject or "") for row in rows)

    def progress(self, notice_id: str) -> Progress:
        """People and letters, counted."""
        asked = {"of": notice_id}
        return Progress(
            reached={Reach(row.of): row.many for row in self._reads.all(_REACHED, asked)},
            letters={LetterState(row.of): row.many for row in self._reads.all(_STATES, asked)},
            refused={row.of: row.many for row in self._reads.all(_WHY, asked)},
        )


class MailingWriting(MailingReading):
    """The mailings, moved on."""

    def __init__(self, writes: Writes) -> None:
        super().__init__(writes)
        self._writes = writes

    def keep(self, mailing: Mailing) -> None:
        """Keeps how far a mailing is."""
        values = {
            **{name: getattr(mailing, name) for name in _MOVING},
            "state": mailing.state.value,
            "question": said_of(mailing.question),
            "contacts": asdict(mailing.contacts),
        }
        if self._writes.change(_ADD, {"notice_id": mailing.notice, **values}) == 0:
            self._writes.change(_MOVE, {"named": mailing.notice, **values})

    def looked_at(self, notice_id: str, people: Sequence[tuple[str, Reach, str | None]]) -> None:
        """Keeps who was looked at, and which letter each has."""
        rows = [
            {"notice_id": notice_id, "subject": person, "reach": reach.value, "recipient": to}
            for person, reach, to in people
        ]
        self._writes.change_each(_ADD_PERSON, rows)

    def put_letter(self, letter: Letter) -> bool:
        """Adds a letter. Whether there was none to this address."""
        values = {
            "notice_id": letter.notice, "recipient": letter.recipient, **_moved(letter),
        }  # fmt: skip
        return self._writes.change(_ADD_LETTER, values) == 1

    def end_letter(self, letter: Letter) -> None:
        """Keeps what became of a letter that was being sent: unless it has come back already."""
        values = {"of": letter.notice, "to": letter.recipient, **_moved(letter)}
        self._writes.change(_SETTLE, values)

    def move_letter(self, letter: Letter) -> None:
        """Keeps what became of a letter."""
        values = {"of": letter.notice, "to": letter.recipient, **_moved(letter)}
        self._writes.change(_MOVE_LETTER, values)


def _moved(letter: Letter) -> dict[str, object]:
    return {
        "state": letter.state.value, "attempts": letter.attempts, "at": letter.at,
        "said": letter.said,
    }  # fmt: skip


def _mailing(row: Row[Any]) -> Mailing:
    said = row._asdict()
    said["notice"] = said.pop("notice_id")
    fields = tuple(row.contacts["fields"])
    return Mailing(
        **said
        | {
            "state": MailingState(row.state),
            "question": question_of(row.question),
            "contacts": Contacts(partner=row.contacts["partner"], fields=fields),
        }
    )


def _letter(row: Row[Any]) -> Letter:
    return Letter(
        notice=row.notice_id,
        recipient=row.recipient,
        state=LetterState(row.state),
        attempts=row.attempts,
        at=row.at,
        said=row.said,
    )
