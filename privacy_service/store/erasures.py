"""What is kept about a person, found and deleted in batches; erasures and tombstones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    Row,
    and_,
    bindparam,
    delete,
    func,
    literal_column,
    or_,
    select,
    tuple_,
    update,
)

from privacy_service.reviews.review import ReviewState
from privacy_service.store.records import refs_from_columns
from privacy_service.store.rows import (
    RecordSummary,
    StoredDataKey,
    StoredToken,
    UnwrittenTombstone,
)
from privacy_service.store.statements import Reads, Writes, insert_absent
from privacy_service.store.tables import (
    data_keys,
    disclosure_subjects,
    disclosures,
    erasures,
    legal_holds,
    minted_tokens,
    record_subjects,
    records,
    replays,
    review_subjects,
    reviews,
)
from privacy_service.store.tables import tombstones as stones
from privacy_service.store.tokens import stored_token
from privacy_service.store.tombstones import TombstoneWriting
from privacy_service.subjects.erasures import Count, Erasure, Phase, Thing, Tombstone
from privacy_service.subjects.journal import Buried, Erased
from privacy_service.subjects.requests import Identifier

_SUMMARY = [column for column in records.c if column.name != "sealed"]
_DELETE_RECORD = delete(records).where(
    records.c.partner == bindparam("of"), records.c.id == bindparam("named")
)
_DELETE_ANSWER = delete(replays).where(
    replays.c.partner == bindparam("of"), replays.c.request_id == bindparam("asked")
)
_END_REVIEW = (
    update(reviews)
    .where(reviews.c.id == bindparam("named"), reviews.c.state == ReviewState.WAITING.value)
    .values(state=ReviewState.EXPIRED.value, decided_at=bindparam("now"))
)
_EMPTY_REVIEW = update(reviews).where(reviews.c.id == bindparam("named")).values(sealed=None)
_FORGET_REVIEW = delete(review_subjects).where(review_subjects.c.review_id == bindparam("named"))
_e = erasures.c
_GET = select(*_e).where(_e.request_id == bindparam("named"))
_ADD = insert_absent(erasures)
_CHANGE = (
    update(erasures)
    .where(_e.request_id == bindparam("named"))
    .values({column.name: bindparam(column.name) for column in _e if column.name != "request_id"})
)
_WAITING = (
    select(_e.request_id, _e.round)
    .where(_e.phase == bindparam("phase"))
    .order_by(_e.request_id)
    .limit(bindparam("most"))
)
_LIFTED = select(func.max(legal_holds.c.lifted_at).label("at"))
_ANY_STONE = select(stones.c.digest).limit(1)
_ADD_STONE = insert_absent(stones)
_OLD_STONES = delete(stones).where(
    tuple_(stones.c.digest, stones.c.partner).in_(
        select(stones.c.digest, stones.c.partner)
        .where(stones.c.keep_until < bindparam("before"))
        .limit(bindparam("most"))
    )
)
_TOKEN: Final = [column.name for column in minted_tokens.c]
_PARTS: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAnswer:
    """A sealed answer that is kept for retries, and the transfer that it was given to."""

    partner: str
    request_id: str
    sender: str
    recipient: str
    subjects: tuple[str, ...]
    contracts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptReview:
    """A payload that waits, or waited, for a person's decision."""

    id: str
    sender: str
    recipient: str
    subjects: tuple[str, ...]
    contracts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """That a recipient was given something about a person: a disclosure's id, and what for."""

    recipient: str
    purpose: str
    position: int
    disclosure: str


class ErasureReading:
    """What is kept about a person, and how far erasures are."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads

    def get(self, request_id: str) -> Erasure | None:
        row = self._reads.one(_GET, {"named": request_id})
        return None if row is None else _erasure(row)

    def in_phase(self, phase: Phase, limit: int) -> tuple[tuple[str, int], ...]:
        """The requests whose erasure is so far, with its round."""
        rows = self._reads.all(_WAITING, {"phase": phase.value, "most": limit})
        return tuple((row.request_id, row.round) for row in rows)

    def last_lift(self) -> datetime | None:
        """When a legal hold was last lifted."""
        row = self._reads.one(_LIFTED)
        return None if row is None else row.at

    def records(
        self, of: Identifier, *, after: tuple[str, str], limit: int
    ) -> tuple[RecordSummary, ...]:
        """Records about the person by partner and id, from the one after `after` on."""
        about = record_subjects.c
        wanted = [
            about.subject == of.digest,
            tuple_(about.partner, about.record_id) > tuple_(*after),
        ]
        if of.partner:
            wanted.append(about.partner == of.partner)
        page = (
            select(*_SUMMARY)
            .join(
                record_subjects,
                and_(about.partner == records.c.partner, about.record_id == records.c.id),
            )
            .where(*wanted)
            .order_by(about.partner, about.record_id)
            .limit(limit)
        )
        return tuple(_record(row) for row in self._reads.all(page))

    def tokens(self, of: Identifier, *, after: str, limit: int) -> tuple[StoredToken, ...]:
        """Tokens that stand for values of the person, from the one after `after` on: the rows
        that are the person's, not those of others behind them.
        """
        m = minted_tokens.c
        wanted = [m.person == of.digest, m.token > after]
        if of.partner:
            wanted.append(m.sender == of.partner)
        page = select(*m).where(*wanted).order_by(m.token).limit(limit)
        return tuple(stored_token(**row._asdict()) for row in self._reads.all(page))

    def shared_tokens(
        self, of: Identifier, *, after: tuple[int, str], limit: int
    ) -> tuple[tuple[int, StoredToken], ...]:
        """Tokens that were minted in payloads about the person and others, so that nobody knows
        whose values they stand for; with the disclosure's position, in order.
        """
        d, m = disclosures.c, minted_tokens.c
        page = (
            select(d.position, *m)
            .select_from(disclosure_subjects)
            .join(disclosures, d.position == disclosure_subjects.c.position)
            .join(
                minted_tokens,
                and_(
                    m.person == literal_column("''"),  # as the index says it
                    m.sender == d.sender,
                    m.recipient == d.recipient,
                    m.minted_at == d.at,
                    m.purpose == d.purpose,
                ),
            )
            .where(
                disclosure_subjects.c.subject == of.digest,
                disclosure_subjects.c.position >= after[0],
                tuple_(d.position, m.token) > tuple_(*after),
            )
            .order_by(d.position, m.token)
            .limit(limit)
        )
        if of.partner:
            page = page.where(d.sender == of.partner)
        return tuple(
            (row.position, stored_token(**{name: getattr(row, name) for name in _TOKEN}))
            for row in self._reads.all(page)
        )

    def answers(
        self, of: Identifier, *, after: int, limit: int, given_before: datetime | None = None
    ) -> tuple[tuple[int, KeptAnswer], ...]:
        """Answers to transfers about the person that are kept sealed, by audit position."""
        page = (
            select(
                replays.c.partner, replays.c.request_id, disclosures.c.position,
                disclosures.c.sender, disclosures.c.recipient, disclosures.c.subjects,
                disclosures.c.contracts,
            )
            .join(disclosures, disclosures.c.position == replays.c.position)
            .join(disclosure_subjects, disclosure_subjects.c.position == disclosures.c.position)
            .where(disclosure_subjects.c.subject == of.digest, replays.c.position > after)
            .order_by(replays.c.position)
            .limit(limit)
        )  # fmt: skip
        if of.partner:
            page = page.where(disclosures.c.sender == of.partner)
        if given_before is not None:
            page = page.where(disclosures.c.at < given_before)
        return tuple((row.position, _answer(row)) for row in self._reads.all(page))

    def reviews(self, of: Identifier, *, after: str, limit: int) -> tuple[KeptReview, ...]:
        """Payloads about the person that wait or waited for a decision and are kept, by id."""
        about, kept = review_subjects.c, reviews.c
        page = (
            select(kept.id, kept.sender, kept.recipient, kept.subjects, kept.contracts)
            .join(review_subjects, about.review_id == kept.id)
            .where(about.subject == of.digest, kept.id > after)
            .order_by(kept.id)
            .limit(limit)
        )
        if of.partner:
            page = page.where(kept.sender == of.partner)
        return tuple(
            KeptReview(
                id=row.id,
                sender=row.sender,
                recipient=row.recipient,
                subjects=tuple(row.subjects),
                contracts=tuple(ref.id for ref in refs_from_columns(row.contracts)),
            )
            for row in self._reads.all(page)
        )

    def kept_reviews(
        self, sender: str, *, after: str = "", limit: int = 100
    ) -> tuple[tuple[str, datetime], ...]:
        """One sender's reviews whose payload is still kept, by id, with when it was held."""
        page = (
            select(reviews.c.id, reviews.c.held_at)
            .where(reviews.c.sender == sender, reviews.c.sealed.is_not(None), reviews.c.id > after)
            .order_by(reviews.c.id)
            .limit(limit)
        )
        return tuple((row.id, row.held_at) for row in self._reads.all(page))

    def keys(self, of: Identifier) -> tuple[StoredDataKey, ...]:
        """The person's live data keys, one a partner."""
        wanted = [data_keys.c.subject == of.digest, data_keys.c.shredded_at.is_(None)]
        if of.partner:
            wanted.append(data_keys.c.partner == of.partner)
        named = [column for column in data_keys.c if column.name != "shredded_at"]
        rows = self._reads.all(select(*named).where(*wanted).order_by(data_keys.c.partner))
        return tuple(
            StoredDataKey(
                id=row.id,
                partner=row.partner,
                subject=row.subject,
                wrapping_key=row.wrapping_key,
                wrapped=bytes(row.wrapped),
                created_at=row.created_at,
            )
            for row in rows
        )

    def sealed_under(self, partner: str, digest: str) -> bool:
        """Whether something is kept that the person's key at this partner opens."""
        about, answer = record_subjects.c, disclosure_subjects.c
        looks = (
            select(about.record_id).where(about.partner == partner, about.subject == digest),
            select(minted_tokens.c.token).where(
                minted_tokens.c.sender == partner, minted_tokens.c.person == digest
            ),
            select(replays.c.request_id)
            .join(disclosure_subjects, answer.position == replays.c.position)
            .where(answer.subject == digest, replays.c.partner == partner),
            select(reviews.c.id)
            .join(review_subjects, review_subjects.c.review_id == reviews.c.id)
            .where(review_subjects.c.subject == digest, reviews.c.sender == partner),
        )
        return any(self._reads.one(look.limit(1)) is not None for look in looks)

    def received(self, of: Identifier, *, after: int, limit: int) -> tuple[Received, ...]:
        """Who was given something about the person, by audit position."""
        page = (
            select(
                disclosures.c.position,
                disclosures.c.id,
                disclosures.c.recipient,
                disclosures.c.purpose,
            )
            .join(disclosure_subjects, disclosure_subjects.c.position == disclosures.c.position)
            .where(disclosure_subjects.c.subject == of.digest, disclosures.c.position > after)
            .order_by(disclosures.c.position)
            .limit(limit)
        )
        if of.partner:
            page = page.where(disclosures.c.sender == of.partner)
        return tuple(
            Received(
                recipient=row.recipient,
                purpose=row.purpose,
                position=row.position,
                disclosure=row.id,
            )
            for row in self._reads.all(page)
        )

    def disclosed(self, of: Identifier) -> int:
        """How many disclosures there are about the person."""
        counted = (
            select(func.count().label("many"))
            .select_from(disclosure_subjects)
            .where(disclosure_subjects.c.subject == of.digest)
        )
        if of.partner:
            counted = counted.join(
                disclosures, disclosures.c.position == disclosure_subjects.c.position
            ).where(disclosures.c.sender == of.partner)
        row = self._reads.one(counted)
        return 0 if row is None else int(row.many)

    def barred(self, digests: Iterable[str], partners: Iterable[str]) -> tuple[str, ...]:
        """Those of the people who were erased everywhere, or at one of the partners."""
        if self._no_stones():
            return ()
        found: list[str] = []
        several, where = list(dict.fromkeys(digests)), ["", *partners]
        for start in range(0, len(several), _PARTS):
            part = several[start : start + _PARTS]
            page = select(stones.c.digest).where(
                stones.c.digest.in_(part), stones.c.partner.in_(where)
            )
            found += (row.digest for row in self._reads.all(page.distinct()))
        return tuple(found)

    def _no_stones(self) -> bool:
        return self._reads.one(_ANY_STONE) is None

    def stones(
        self, *, after: tuple[str, str] = ("", ""), limit: int = 500
    ) -> tuple[Tombstone, ...]:
        """Every tombstone, in order, from the one after `after` on."""
        page = (
            select(*stones.c)
            .where(
                or_(
                    stones.c.digest > after[0],
                    and_(stones.c.digest == after[0], stones.c.partner > after[1]),
                )
            )
            .order_by(stones.c.digest, stones.c.partner)
            .limit(limit)
        )
        return tuple(Tombstone(**row._asdict()) for row in self._reads.all(page))


class ErasureWriting(ErasureReading):
    """What is kept about a person, and its end."""

    def __init__(self, writes: Writes) -> None:
        super().__init__(writes)
        self._writes = writes
        self._journal = TombstoneWriting(writes)
        self._none_yet: bool | None = None

    def _no_stones(self) -> bool:
        """Asked once a batch: most databases have none, and every transfer would ask."""
        if self._none_yet is None:
            self._none_yet = super()._no_stones()
        return self._none_yet

    def begin(self, erasure: Erasure) -> None:
        """Adds an erasure, where the request has none."""
        self._writes.change(_ADD, {"request_id": erasure.request_id, **_values(erasure)})

    def keep(self, erasure: Erasure) -> None:
        """Keeps how far an erasure is."""
        self._writes.change(_CHANGE, {"named": erasure.request_id, **_values(erasure)})

    def delete_records(self, rows: Sequence[RecordSummary]) -> None:
        """Deletes records, with their entries in the index."""
        self._writes.change_each(
            _DELETE_RECORD, [{"of": row.partner, "named": row.id} for row in rows]
        )

    def delete_answers(self, rows: Sequence[KeptAnswer]) -> None:
        """Deletes sealed answers: a retry is a new request from then on."""
        self._writes.change_each(
            _DELETE_ANSWER, [{"of": row.partner, "asked": row.request_id} for row in rows]
        )

    def delete_reviews(self, rows: Sequence[KeptReview], now: datetime) -> None:
        """Deletes payloads that wait or waited: what waits is then refused for good."""
        named = [{"named": row.id} for row in rows]
        self._writes.change_each(_END_REVIEW, [{**one, "now": now} for one in named])
        self._writes.change_each(_EMPTY_REVIEW, named)
        self._writes.change_each(_FORGET_REVIEW, named)

    def bar(self, stone: Tombstone) -> None:
        """Puts a tombstone, and the journal gets to know of it; an older one stays as it is."""
        self._none_yet = False
        if self._writes.change(_ADD_STONE, {c.name: getattr(stone, c.name) for c in stones.c}):
            erased = Erased(
                digest=stone.digest, keep_until=stone.keep_until, request_id=stone.request_id
            )
            self._journal.note(
                UnwrittenTombstone(
                    kind=Buried.PERSON, partner=stone.partner, word=str(erased), at=stone.erased_at
                )
            )

    def forget_stones(self, *, before: datetime, limit: int) -> int:
        """Takes away tombstones whose time is over, at most `limit`. How many."""
        return self._writes.change(_OLD_STONES, {"before": before, "most": limit})


def _record(row: Row[Any]) -> RecordSummary:
    values = {column.name: getattr(row, column.name) for column in _SUMMARY}
    values["data_keys"] = tuple(row.data_keys)
    values["subjects"] = tuple(row.subjects)
    values["contracts"] = refs_from_columns(row.contracts)
    return RecordSummary(**values)


def _answer(row: Row[Any]) -> KeptAnswer:
    return KeptAnswer(
        partner=row.partner,
        request_id=row.request_id,
        sender=row.sender,
        recipient=row.recipient,
        subjects=tuple(row.subjects),
        contracts=tuple(ref.id for ref in refs_from_columns(row.contracts)),
    )


def _values(erasure: Erasure) -> dict[str, object]:
    return {
        "phase": erasure.phase.value,
        "round": erasure.round,
        "cursor": dict(erasure.cursor),
        "started_at": erasure.started_at,
        "erased_at": erasure.erased_at,
        "deleted": [[c.partner, c.thing.value, c.reason, c.count] for c in erasure.deleted],
        "kept": [[c.partner, c.thing.value, c.reason, c.count] for c in erasure.kept],
        "receipt": erasure.receipt,
        "receipt_position": erasure.receipt_position,
        "final": erasure.final,
    }


def _counts(written: Iterable[Any]) -> tuple[Count, ...]:
    return tuple(
        Count(partner=partner, thing=Thing(thing), reason=reason, count=count)
        for partner, thing, reason, count in written
    )


def _erasure(row: Row[Any]) -> Erasure:
    values = row._asdict()
    values["phase"] = Phase(row.phase)
    values["deleted"], values["kept"] = _counts(row.deleted), _counts(row.kept)
    return Erasure(**values)
