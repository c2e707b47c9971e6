"""What was concerned: people, disclosures and records, counted where they lie.

Counting is done by the database; only categories are added up here, a page at a time, so that a
ledger of any size takes the same memory.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    and_,
    distinct,
    exists,
    func,
    or_,
    select,
    union,
)

from privacy_service.breaches.scope import ScopeCounts, ScopeQuestion
from privacy_service.store.records import SUMMARY_COLUMNS, summary_of
from privacy_service.store.rows import RecordSummary
from privacy_service.store.statements import Reads
from privacy_service.store.tables import (
    data_keys,
    disclosure_contracts,
    disclosure_subjects,
    disclosures,
    minted_tokens,
    record_subjects,
    records,
)

_PAGE: Final = 5_000
_OF_PARTNER: Final = "partner/"


class ScopeReading:
    """Counts what was concerned."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads

    def counts(self, question: ScopeQuestion) -> ScopeCounts:
        """The counts for one question."""
        sent = None if question.key is not None else _sent(question)
        of_records = _people_of_records(question)
        other = _people_of_tokens(question) if sent is None else _people_of(sent)
        people = _counted_rows(union(other, of_records))
        return ScopeCounts(
            subjects=self._number(people),
            disclosures=0 if sent is None else self._number(_counted(sent)),
            unnamed=self._number(_nobodys(question) if sent is None else _counted(_nameless(sent))),
            several=self._number(_several_of_records(question))
            + (0 if sent is None else self._number(_several_of(sent))),
            records=self._number(_counted_rows(_records(question))),
            tokens=self._number(_minted(question)),
            categories={} if sent is None else self._categories(sent),
            recipients={} if sent is None else self._recipients(sent),
            by_contract={} if sent is None else self._contracts(sent),
        )

    def records(
        self, question: ScopeQuestion, *, after: tuple[str, str] | None, limit: int
    ) -> tuple[RecordSummary, ...]:
        """The records that the question is about, by partner and id, as far as the database can
        tell: a record query is asked of them by the caller.
        """
        named = (records.c.partner, records.c.id)
        page = select(*SUMMARY_COLUMNS).where(*_kept(question))
        if after is not None:
            partner, record = after
            later = and_(records.c.partner == partner, records.c.id > record)
            page = page.where(or_(records.c.partner > partner, later))
        return tuple(summary_of(row) for row in self._reads.all(page.order_by(*named).limit(limit)))

    def people_under(self, question: ScopeQuestion, contracts: Sequence[tuple[str, int]]) -> int:
        """The people, each once, of disclosures under any of these contract versions."""
        under = disclosure_contracts.c
        named = or_(
            *(and_(under.contract_id == name, under.number == number) for name, number in contracts)
        )
        positions = select(under.position).where(named)
        sent = [*_sent(question), disclosures.c.position.in_(positions)]
        return self._number(_counted_rows(_people_of(sent).distinct()))

    def is_data_key(self, key: str) -> bool:
        """Whether there is a data key of that id."""
        return self._reads.one(select(data_keys.c.id).where(data_keys.c.id == key)) is not None

    def people(self, question: ScopeQuestion, *, after: str, limit: int) -> tuple[str, ...]:
        """Who was concerned, by digest, from the one after `after` on. It is read along the indexes
        by subject, so that a page costs the same however many people there are.
        """
        pages = (
            _next_of_records(question, after, limit),
            _next_sent_about(_sent(question), after, limit)
            if question.key is None
            else _next_of_tokens(question, after, limit),
        )
        found = {row[0] for page in pages for row in self._reads.all(page)}
        return tuple(sorted(found)[:limit])

    def _number(self, statement: Select[Any]) -> int:
        row = self._reads.one(statement)
        return 0 if row is None else int(row[0])

    def _categories(self, sent: list[ColumnElement[bool]]) -> dict[str, int]:
        total: Counter[str] = Counter()
        for entity, treatment, count in self._each_category(sent):
            total[f"{entity or 'field'} {treatment}"] += count
        return dict(sorted(total.items()))

    def _each_category(self, sent: list[ColumnElement[bool]]) -> Iterator[tuple[str, str, int]]:
        after = -1
        while True:
            page = (
                select(disclosures.c.position, disclosures.c.categories)
                .where(disclosures.c.position > after, *sent)
                .order_by(disclosures.c.position)
                .limit(_PAGE)
            )
            rows = self._reads.all(page)
            for row in rows:
                yield from row.categories
            if len(rows) < _PAGE:
                return
            after = rows[-1].position

    def _recipients(self, sent: list[ColumnElement[bool]]) -> dict[str, int]:
        grouped = (
            select(disclosures.c.recipient, func.count())
            .where(*sent)
            .group_by(disclosures.c.recipient)
            .order_by(disclosures.c.recipient)
        )
        return dict(tuple(row) for row in self._reads.all(grouped))

    def _contracts(self, sent: list[ColumnElement[bool]]) -> dict[tuple[str, int], int]:
        under = disclosure_contracts
        grouped = (
            select(
                under.c.contract_id,
                under.c.number,
                func.count(distinct(disclosure_subjects.c.subject)),
            )
            .select_from(
                under.outerjoin(
                    disclosure_subjects, under.c.position == disclosure_subjects.c.position
                )
            )
            .where(under.c.position.in_(select(disclosures.c.position).where(*sent)))
            .group_by(under.c.contract_id, under.c.number)
            .order_by(under.c.contract_id, under.c.number)
        )
        found = (tuple(row) for row in self._reads.all(grouped))
        return {(contract, version): people for contract, version, people in found}


def _counted_rows(found: Select[Any] | CompoundSelect[Any]) -> Select[Any]:
    return select(func.count()).select_from(found.subquery())


def _counted(sent: list[ColumnElement[bool]]) -> Select[Any]:
    return select(func.count()).select_from(disclosures).where(*sent)


def _sent(question: ScopeQuestion) -> list[ColumnElement[bool]]:
    """The conditions on disclosures."""
    column = disclosures.c
    asked: list[ColumnElement[bool]] = []
    if question.since is not None:
        asked.append(column.at >= question.since)
    if question.until is not None:
        asked.append(column.at < question.until)
    if question.partner is not None:
        asked.append(or_(column.sender == question.partner, column.recipient == question.partner))
    if question.purpose is not None:
        asked.append(column.purpose == question.purpose)
    if question.subjects:
        named = select(disclosure_subjects.c.position).where(
            disclosure_subjects.c.subject.in_(question.subjects)
        )
        asked.append(column.position.in_(named))
    if question.contract is not None:
        under = select(disclosure_contracts.c.position).where(
            disclosure_contracts.c.contract_id == question.contract
        )
        if question.version is not None:
            under = under.where(disclosure_contracts.c.number == question.version)
        asked.append(column.position.in_(under))
    return asked


def _nameless(sent: list[ColumnElement[bool]]) -> list[ColumnElement[bool]]:
    named = select(disclosure_subjects.c.position)
    return [*sent, disclosures.c.position.not_in(named)]


def _people_of(sent: list[ColumnElement[bool]]) -> Select[Any]:
    return select(disclosure_subjects.c.subject).where(
        disclosure_subjects.c.position.in_(select(disclosures.c.position).where(*sent))
    )


def _several_of(sent: list[ColumnElement[bool]]) -> Select[Any]:
    """How many disclosures name more than one identifier."""
    of = disclosure_subjects.c
    within = of.position.in_(select(disclosures.c.position).where(*sent))
    grouped = select(of.position).where(within).group_by(of.position)
    return _counted_rows(grouped.having(func.count() > 1))


def _several_of_records(question: ScopeQuestion) -> Select[Any]:
    """How many records are about more than one identifier."""
    of = record_subjects.c
    this = and_(of.partner == records.c.partner, of.record_id == records.c.id)
    grouped = select(of.partner, of.record_id).join(records, this).where(*_kept(question))
    return _counted_rows(grouped.group_by(of.partner, of.record_id).having(func.count() > 1))


def _next_sent_about(sent: list[ColumnElement[bool]], after: str, limit: int) -> Select[Any]:
    of = disclosure_subjects.alias()
    within = exists().where(disclosures.c.position == of.c.position, *sent)
    return _next(of.c.subject, within, after, limit)


def _next_of_records(question: ScopeQuestion, after: str, limit: int) -> Select[Any]:
    of = record_subjects.alias()
    this = (records.c.partner == of.c.partner, records.c.id == of.c.record_id)
    found = _next(of.c.subject, exists().where(*this, *_kept(question)), after, limit)
    return found.where(of.c.subject.in_(question.subjects)) if question.subjects else found


def _next_of_tokens(question: ScopeQuestion, after: str, limit: int) -> Select[Any]:
    person = minted_tokens.c.person
    page = _people_of_tokens(question).where(person > after)
    return page.distinct().order_by(person).limit(limit)


def _next(
    subject: ColumnElement[str], within: ColumnElement[bool], after: str, limit: int
) -> Select[Any]:
    page = select(subject).where(subject > after, within)
    return page.distinct().order_by(subject).limit(limit)


def _records(question: ScopeQuestion) -> Select[Any]:
    return select(records.c.partner, records.c.id).where(*_kept(question))


def _people_of_records(question: ScopeQuestion) -> Select[Any]:
    of_record = and_(
        record_subjects.c.partner == records.c.partner,
        record_subjects.c.record_id == records.c.id,
    )
    people = select(record_subjects.c.subject).join(records, of_record).where(*_kept(question))
    if question.subjects:
        return people.where(record_subjects.c.subject.in_(question.subjects)).distinct()
    return people.distinct()


def _nobodys(question: ScopeQuestion) -> Select[Any]:
    """How many tokens are about nobody who is known."""
    return _minted(question).where(minted_tokens.c.person == "")


def _people_of_tokens(question: ScopeQuestion) -> Select[Any]:
    person = minted_tokens.c.person
    about = select(person).where(*_tokens(question), person != "")
    return about.where(person.in_(question.subjects)) if question.subjects else about


def _minted(question: ScopeQuestion) -> Select[Any]:
    """How many tokens: one may be about several people, and is a row for each."""
    return select(func.count(distinct(minted_tokens.c.token))).where(*_tokens(question))


def _kept(question: ScopeQuestion) -> list[ColumnElement[bool]]:
    """The conditions on records. A record knows no purpose, and its contracts as one document: a
    question about either is about disclosures alone.
    """
    asked: list[ColumnElement[bool]] = []
    if question.contract is not None or question.purpose is not None:
        asked.append(records.c.id.is_(None))
    if question.since is not None:
        asked.append(records.c.created_at >= question.since)
    if question.until is not None:
        asked.append(records.c.created_at < question.until)
    if question.partner is not None:
        asked.append(records.c.partner == question.partner)
    of = record_subjects.alias()
    about = select(of.c.record_id).where(of.c.partner == records.c.partner)
    if question.subjects:
        asked.append(records.c.id.in_(about.where(of.c.subject.in_(question.subjects))))
    if question.key is not None:
        under = and_(
            data_keys.c.partner == of.c.partner,
            data_keys.c.subject == of.c.subject,
        )
        sealed = about.join(data_keys, under).where(*_under_key(question.key))
        asked.append(records.c.id.in_(sealed))
    return asked


def _under_key(key: str) -> list[ColumnElement[bool]]:
    """A data key by its id; a wrapping key by its word, or by the name that `keys status` has for
    it: `partner/NAME` with all of its versions, `partner/NAME#VERSION` with one.
    """
    named = [data_keys.c.id == key, data_keys.c.wrapping_key == key]
    name, _, version = key.partition("#")
    if name.startswith(_OF_PARTNER):
        of_partner = data_keys.c.partner == name.removeprefix(_OF_PARTNER)
        under = data_keys.c.wrapping_key.endswith(f"#{version}", autoescape=True)
        named.append(and_(of_partner, under) if version else of_partner)
    return [or_(*named)]


def _tokens(question: ScopeQuestion) -> list[ColumnElement[bool]]:
    if question.key is None:
        return [minted_tokens.c.token.is_(None)]
    ids = select(data_keys.c.id).where(*_under_key(question.key), data_keys.c.id.is_not(None))
    return [minted_tokens.c.data_key.in_(ids)]
