"""Minted tokens, and the sealed values that they stand for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from sqlalchemy import bindparam, func, select

from privacy_service.store.rows import MintedToken, StoredToken
from privacy_service.store.statements import Reads, Settled, Writes, insert_absent
from privacy_service.store.tables import tokens

_NAMES = [column.name for column in tokens.c]
_GET = select(*tokens.c).where(tokens.c.token == bindparam("named"))
_MANY = select(*tokens.c).where(tokens.c.token.in_(bindparam("named", expanding=True)))
_ROOM: Final = 1000
_UNDER = select(func.count()).where(tokens.c.data_key == bindparam("key"))
_BY = (
    select(tokens.c.token, tokens.c.minted_at)
    .where(tokens.c.sender == bindparam("of"), tokens.c.token > bindparam("after"))
    .order_by(tokens.c.token)
    .limit(bindparam("most"))
)
_ADD = insert_absent(tokens)


class TokenReading:
    """What was minted."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads

    def get(self, token: str) -> StoredToken | None:
        row = self._reads.one(_GET, {"named": token})
        return (
            None if row is None else StoredToken(**{**row._asdict(), "sealed": bytes(row.sealed)})
        )

    def get_many(self, wanted: Iterable[str]) -> dict[str, StoredToken]:
        """Those of the tokens that were minted, by token."""
        several = list(wanted)
        parts = (several[at : at + _ROOM] for at in range(0, len(several), _ROOM))
        rows = (row for part in parts for row in self._reads.all(_MANY, {"named": part}))
        return {
            row.token: StoredToken(**{**row._asdict(), "sealed": bytes(row.sealed)}) for row in rows
        }

    def of(self, sender: str, *, after: str = "", limit: int = 100) -> tuple[MintedToken, ...]:
        """One sender's tokens, in order, from the one after `after` on."""
        rows = self._reads.all(_BY, {"of": sender, "after": after, "most": limit})
        return tuple(MintedToken(**row._asdict()) for row in rows)

    def sealed_under(self, data_key: str) -> int:
        """How many stand for a value that this data key seals. Looks at every token."""
        row = self._reads.one(_UNDER, {"key": data_key})
        return 0 if row is None else int(row[0])


class TokenWriting(TokenReading):
    """The tokens, with new ones."""

    def __init__(self, writes: Writes) -> None:
        super().__init__(Settled(writes))
        self._writes = writes

    def put_many(self, minted: Iterable[StoredToken]) -> None:
        """Keeps those that are new. The same token stands for the same value, so that the
        first one to be put stays.
        """
        for token in minted:
            self._writes.later(_ADD, {name: getattr(token, name) for name in _NAMES})
