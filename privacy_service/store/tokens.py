"""Minted tokens, and the sealed values that they stand for: one row for each person behind one.

The same value has the same token within a pair and purpose, whoever it is of. A number that a
family shares is sealed for each of them, so that what becomes of one person's row is nothing to
the others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, Final

from sqlalchemy import Row, bindparam, delete, func, select, tuple_

from privacy_service.store.rows import MintedToken, StoredToken, TokenShare
from privacy_service.store.statements import Reads, Settled, Writes, insert_absent
from privacy_service.store.tables import (
    data_keys,
    legal_hold_subjects,
    legal_holds,
    minted_tokens,
)

_m = minted_tokens.c
TOKEN_KEY: Final = (_m.token, _m.person)
"""What one row is known by, and the order in which rows are read."""
TOKEN_SUMMARY: Final = [column for column in _m if column.name != "sealed"]
_ROOM: Final = 1000
_PAGE: Final = 1000
_NAMED: Final = _m.token.in_(bindparam("named", expanding=True))
_OF_TOKEN = select(*_m).where(_m.token == bindparam("named")).order_by(_m.person)
_UNDER = select(func.count()).where(_m.data_key == bindparam("key"))
_BY = (
    select(*TOKEN_KEY, _m.minted_at)
    .where(
        _m.sender == bindparam("of"),
        tuple_(*TOKEN_KEY) > tuple_(bindparam("token"), bindparam("person")),
    )
    .order_by(*TOKEN_KEY)
    .limit(bindparam("most"))
)
_SHARE = (
    select(*_m, data_keys.c.wrapping_key.is_not(None).label("live"))
    .outerjoin(data_keys, data_keys.c.id == _m.data_key)
    .where(
        _m.sender == bindparam("sender"),
        _m.recipient == bindparam("recipient"),
        _m.purpose == bindparam("purpose"),
    )
)
_SHARES = (
    _SHARE.where(_NAMED, tuple_(*TOKEN_KEY) > tuple_(bindparam("token"), bindparam("person")))
    .order_by(*TOKEN_KEY)
    .limit(_PAGE)
)
_SHARES_OF = _SHARE.where(_NAMED, _m.person.in_(bindparam("people", expanding=True))).order_by(
    *TOKEN_KEY
)
_LIVING = _SHARE.where(_m.token == bindparam("named"), data_keys.c.wrapping_key.is_not(None)).limit(
    1
)
_HELD = (
    select(*TOKEN_KEY)
    .join(legal_hold_subjects, legal_hold_subjects.c.subject == _m.person)
    .join(legal_holds, legal_holds.c.id == legal_hold_subjects.c.hold_id)
    .where(_NAMED, legal_holds.c.lifted_at.is_(None))
    .distinct()
)
_ADD = insert_absent(minted_tokens)
_DELETE = delete(minted_tokens).where(tuple_(*TOKEN_KEY).in_(bindparam("keys", expanding=True)))


class TokenReading:
    """What was minted, and for whom."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads

    def get(self, token: str) -> tuple[StoredToken, ...]:
        """A token's rows: one for each person behind it."""
        return tuple(
            stored_token(**row._asdict()) for row in self._reads.all(_OF_TOKEN, {"named": token})
        )

    def shares(
        self, wanted: Iterable[str], *, sender: str, recipient: str, purpose: str, most: int
    ) -> Iterator[TokenShare]:
        """Who stands behind those of the tokens that were minted for the pair and purpose, in
        order; at most so many people for each of them.
        """
        pair = {"sender": sender, "recipient": recipient, "purpose": purpose}
        for part in _parts(wanted):
            given: Counter[str] = Counter()
            for row in self._pages(part, pair, given, most):
                given[row.token] += 1
                if given[row.token] <= most:
                    yield _share(row)

    def _pages(
        self, words: list[str], pair: dict[str, str], given: Counter[str], most: int
    ) -> Iterator[Row[Any]]:
        """The rows, page by page. A value that very many share is not read to its end."""
        left, place = words, ("", "")
        while left:
            asked = {"named": left, "token": place[0], "person": place[1], **pair}
            rows = self._reads.all(_SHARES, asked)
            yield from rows
            if len(rows) < _PAGE:
                return
            place = (rows[-1].token, rows[-1].person)
            enough = given[place[0]] >= most
            left = [word for word in left if word > place[0] or (word == place[0] and not enough)]

    def shares_of(
        self,
        people: Collection[str],
        wanted: Iterable[str],
        *,
        sender: str,
        recipient: str,
        purpose: str,
    ) -> Iterator[TokenShare]:
        """As `shares`, of these people alone."""
        pair = {"sender": sender, "recipient": recipient, "purpose": purpose}
        for words in _parts(wanted):
            asked = {"named": words, "people": sorted(people), **pair}
            yield from map(_share, self._reads.all(_SHARES_OF, asked))

    def living(self, token: str, *, sender: str, recipient: str, purpose: str) -> TokenShare | None:
        """Anyone behind the token whose row can be opened."""
        pair = {"sender": sender, "recipient": recipient, "purpose": purpose}
        row = self._reads.one(_LIVING, {"named": token, **pair})
        return None if row is None else _share(row)

    def held(self, wanted: Iterable[str]) -> Iterator[tuple[str, str]]:
        """The tokens behind which stands a person whom a hold names that holds, and the person."""
        for words in _parts(wanted):
            for row in self._reads.all(_HELD, {"named": words}):
                yield row.token, row.person

    def of(
        self, sender: str, *, after: tuple[str, str] = ("", ""), limit: int = 100
    ) -> tuple[MintedToken, ...]:
        """One sender's tokens by token and person, in order, from the one after `after` on."""
        asked = {"of": sender, "token": after[0], "person": after[1], "most": limit}
        return tuple(
            MintedToken(token=row.token, subject=row.person or None, minted_at=row.minted_at)
            for row in self._reads.all(_BY, asked)
        )

    def sealed_under(self, data_key: str) -> int:
        """How many stand for a value that this data key seals. Looks at every token."""
        row = self._reads.one(_UNDER, {"key": data_key})
        return 0 if row is None else int(row[0])


class TokenWriting(TokenReading):
    """The tokens, with new ones and without old ones."""

    def __init__(self, writes: Writes) -> None:
        super().__init__(Settled(writes))
        self._writes = writes

    def put_many(self, minted: Iterable[StoredToken]) -> None:
        """Keeps those that are new. The same token stands for the same value, so that the first
        row of a person to be put stays.
        """
        for token in minted:
            values = {
                column.name: getattr(token, column.name) for column in _m if column is not _m.person
            }
            self._writes.later(_ADD, {**values, "person": token.subject or ""})

    def delete(self, gone: Sequence[tuple[str, str]]) -> None:
        """Deletes rows, by token and person: for that person the token stands for nothing then."""
        for start in range(0, len(gone), _ROOM):
            self._writes.change(_DELETE, {"keys": list(gone[start : start + _ROOM])})


def token_key(token: StoredToken | MintedToken) -> tuple[str, str]:
    """What a row is known by: the token and the person, empty for nobody."""
    return token.token, token.subject or ""


def stored_token(*, person: str, **columns: Any) -> StoredToken:
    """A row as a value. Without what it seals where that was not read."""
    return StoredToken(
        **{**columns, "subject": person or None, "sealed": bytes(columns.get("sealed", b""))}
    )


def _share(row: Row[Any]) -> TokenShare:
    columns = row._asdict()
    return TokenShare(live=bool(columns.pop("live")), row=stored_token(**columns))


def _parts(wanted: Iterable[str]) -> Iterator[list[str]]:
    several = sorted(set(wanted))
    return (several[at : at + _ROOM] for at in range(0, len(several), _ROOM))
