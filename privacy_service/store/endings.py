"""What ends with a contract: what we keep, what recipients were given, and the receipt of it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, func, or_, select, tuple_, update

from privacy_service.enforcement.ports import Pair
from privacy_service.store.columns import Instant
from privacy_service.store.rows import StoredToken
from privacy_service.store.statements import Reads, Writes, insert_absent
from privacy_service.store.tables import (
    behavior_checks,
    contract_endings,
    disclosure_contracts,
    disclosures,
    minted_tokens,
    notices,
    recipient_ends,
    records,
    replays,
)
from privacy_service.store.tokens import stored_token

_UNDER = (
    select(disclosure_contracts.c.position)
    .distinct()
    .where(disclosure_contracts.c.contract_id == bindparam("named"))
)
_KEPT: Final = tuple_(records.c.partner, records.c.id).in_(
    select(disclosures.c.sender, disclosures.c.record).where(
        disclosures.c.position.in_(_UNDER), disclosures.c.record.is_not(None)
    )
)
_COPIES = select(func.count().label("copies")).select_from(records).where(_KEPT)
_TOLD = (
    select(
        disclosures.c.recipient,
        notices.c.id.label("notice"),
        notices.c.state,
        notices.c.kind,
        func.count().label("disclosures"),
    )
    .outerjoin(recipient_ends, recipient_ends.c.position == disclosures.c.position)
    .outerjoin(notices, notices.c.id == recipient_ends.c.notice_id)
    .where(disclosures.c.position.in_(_UNDER))
    .group_by(disclosures.c.recipient, notices.c.id, notices.c.state, notices.c.kind)
    .order_by(disclosures.c.recipient, notices.c.id)
)
_SERVED = select(
    func.count().label("disclosures"), func.count(disclosures.c.record).label("copies")
).where(disclosures.c.position.in_(_UNDER))
_PAIRS = (
    select(disclosures.c.sender, disclosures.c.recipient, disclosures.c.purpose)
    .distinct()
    .where(disclosures.c.position.in_(_UNDER))
    .order_by(disclosures.c.sender, disclosures.c.recipient, disclosures.c.purpose)
)
_t = minted_tokens.c
_OF_PAIR = (
    _t.sender == bindparam("sender"), _t.recipient == bindparam("recipient"),
    _t.purpose == bindparam("purpose"),
)  # fmt: skip
_TOKENS = (
    select(minted_tokens)
    .where(*_OF_PAIR, _t.token > bindparam("after"))
    .order_by(_t.token, _t.person)
    .limit(bindparam("most"))
)
_REST = select(minted_tokens).where(*_OF_PAIR, _t.token == bindparam("named"))
_COUNT_OF = select(func.count().label("tokens")).select_from(minted_tokens).where(*_OF_PAIR)
_ANSWERS = (
    select(func.count().label("answers"))
    .select_from(replays)
    .where(
        replays.c.expires_at > bindparam("now"),
        or_(
            replays.c.position.in_(_UNDER),
            replays.c.position.in_(
                select(behavior_checks.c.position).where(
                    behavior_checks.c.contract_id == bindparam("named")
                )
            ),
        ),
    )
)
_OPEN = (
    select(contract_endings.c.contract_id)
    .where(contract_endings.c.receipt.is_(None))
    .order_by(contract_endings.c.contract_id)
    .limit(bindparam("most"))
)
_ENDING = select(contract_endings).where(contract_endings.c.contract_id == bindparam("named"))
_BEGIN = insert_absent(contract_endings)
_MORE_TOKENS = (
    update(contract_endings)
    .where(contract_endings.c.contract_id == bindparam("named"))
    .values(tokens=contract_endings.c.tokens + bindparam("more"))
)
_RECEIPT = (
    update(contract_endings)
    .where(contract_endings.c.contract_id == bindparam("named"))
    .values(receipt=bindparam("note"), receipt_position=bindparam("at"), ended_at=bindparam("now"))
)
_END_COPIES = (
    update(records)
    .where(_KEPT, or_(records.c.keep_until.is_(None), records.c.keep_until > bindparam("now")))
    .values(keep_until=bindparam("now"))
)
_END_SOONER = (
    update(recipient_ends)
    .where(
        recipient_ends.c.position.in_(_UNDER),
        recipient_ends.c.notice_id.is_(None),
        recipient_ends.c.due_at > bindparam("now"),
    )
    .values(due_at=bindparam("now"))
)
_END_TOO = recipient_ends.insert().from_select(
    ["position", "due_at"],
    select(disclosures.c.position, bindparam("now", type_=Instant())).where(
        disclosures.c.position.in_(_UNDER),
        disclosures.c.position.not_in(select(recipient_ends.c.position)),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """So many disclosures to a recipient, the notice that asked it to delete them, and how far that
    is; None: it was not asked yet.
    """

    recipient: str
    disclosures: int
    notice: str | None
    state: str | None
    kind: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """What was done under a contract: disclosures, sealed copies of them, and how many tokens were
    deleted at its end.
    """

    disclosures: int
    copies: int
    tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EndReceipt:
    """The signed receipt of a contract's end, where it stands in the log, and since when."""

    note: str = field(repr=False)
    position: int
    ended_at: datetime


class EndingReading:
    """What there still is under a contract."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads

    def copies(self, contract_id: str) -> int:
        """How many sealed copies of what was released under it are kept."""
        row = self._reads.one(_COPIES, {"named": contract_id})
        return 0 if row is None else int(row.copies)

    def told(self, contract_id: str) -> tuple[Told, ...]:
        """What recipients were given under it, by notice."""
        rows = self._reads.all(_TOLD, {"named": contract_id})
        return tuple(Told(**row._asdict()) for row in rows)

    def served(self, contract_id: str) -> Served:
        """What was done under it."""
        row = self._reads.one(_SERVED, {"named": contract_id})
        ending = self._reads.one(_ENDING, {"named": contract_id})
        return Served(
            disclosures=0 if row is None else int(row.disclosures),
            copies=0 if row is None else int(row.copies),
            tokens=0 if ending is None else int(ending.tokens),
        )

    def pairs(self, contract_id: str) -> tuple[Pair, ...]:
        """The pairs and purposes that it served, in order."""
        rows = self._reads.all(_PAIRS, {"named": contract_id})
        return tuple(Pair(**row._asdict()) for row in rows)

    def tokens(self, pair: Pair, *, after: str, limit: int) -> tuple[StoredToken, ...]:
        """The tokens of a pair, in order, after one; of the last one all the people."""
        rows = self._reads.all(_TOKENS, {**asdict(pair), "after": after, "most": limit})
        found = {(row.token, row.person): row for row in rows}
        if len(rows) == limit:
            last = {**asdict(pair), "named": rows[-1].token}
            found |= {(row.token, row.person): row for row in self._reads.all(_REST, last)}
        return tuple(stored_token(**row._asdict()) for _key, row in sorted(found.items()))

    def count_of(self, pair: Pair) -> int:
        """How many tokens a pair has."""
        row = self._reads.one(_COUNT_OF, asdict(pair))
        return 0 if row is None else int(row.tokens)

    def answers(self, contract_id: str, now: datetime) -> int:
        """How many request ids are remembered with what they were answered under it."""
        row = self._reads.one(_ANSWERS, {"named": contract_id, "now": now})
        return 0 if row is None else int(row.answers)

    def open(self, *, limit: int) -> tuple[str, ...]:
        """The contracts that are at their end and have no receipt yet."""
        return tuple(row.contract_id for row in self._reads.all(_OPEN, {"most": limit}))

    def receipt(self, contract_id: str) -> EndReceipt | None:
        """The receipt of its end, once nothing is left."""
        row = self._reads.one(_ENDING, {"named": contract_id})
        if row is None or row.receipt is None:
            return None
        return EndReceipt(note=row.receipt, position=row.receipt_position, ended_at=row.ended_at)


class EndingWriting(EndingReading):
    """Ending what is kept under a contract. The jobs that keep promises then do it."""

    def __init__(self, writes: Writes) -> None:
        super().__init__(writes)
        self._writes = writes

    def end(self, contract_id: str, now: datetime) -> None:
        """From now on our copies are due for deletion, and recipients to be asked to delete."""
        self._writes.change(_BEGIN, {"contract_id": contract_id, "began_at": now, "tokens": 0})
        values = {"named": contract_id, "now": now}
        for statement in (_END_COPIES, _END_SOONER, _END_TOO):
            self._writes.change(statement, values)

    def count_tokens(self, contract_id: str, count: int) -> None:
        """So many more tokens were deleted for its end."""
        self._writes.change(_MORE_TOKENS, {"named": contract_id, "more": count})

    def keep_receipt(self, contract_id: str, note: str, position: int, now: datetime) -> None:
        """Nothing is left: the receipt, and where it stands in the log."""
        values = {"named": contract_id, "note": note, "at": position, "now": now}
        self._writes.change(_RECEIPT, values)
