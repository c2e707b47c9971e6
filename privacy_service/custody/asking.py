"""Recipients are asked to delete: when their time is over, and when consent was withdrawn.

What they are asked is a notice, which tells them, reminds them, and is escalated at its deadline
(`retention/jobs/tell.py`). A notice names disclosures, and no one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from privacy_service.clock import Clock
from privacy_service.contracts.model import AtEnd, OnWithdrawal
from privacy_service.custody.acts import log_own_act
from privacy_service.custody.protections import FREE, Protections
from privacy_service.desks.versions import as_version
from privacy_service.errors import PrivacyError
from privacy_service.evidence.disclosures import Disclosure
from privacy_service.evidence.queries import DisclosureQuery
from privacy_service.store.database import Database
from privacy_service.store.views import View, Writing
from privacy_service.subjects.consent import ConsentRecord
from privacy_service.subjects.kept import KeptThing
from privacy_service.subjects.notices import (
    MOST_NAMED,
    Channel,
    Concerns,
    Notice,
    NoticeKind,
    NoticeState,
)

ACTION: Final = "RetentionService/AskRecipient"
_BATCH: Final = 500
_HELD_FOR: Final = timedelta(days=1)
"""How long after it was found under a hold a disclosure is looked at again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Asks recipients. Thread-safe. `confirm_within` is how long they have to confirm."""

    database: Database
    protections: Protections
    clock: Clock
    confirm_within: timedelta

    def ask(self) -> int:
        """Asks about the next disclosures whose time is over. How many were looked at.

        What a legal hold covers is not asked for while it does: it is looked at again later.
        """
        now = self.clock.now()

        def work(tx: Writing) -> int:
            due = tx.recipient_ends.due(now, limit=_BATCH)
            reasons = self.protections(tx, [_thing(one) for one in due], request_id=None)
            free = [one for one, why in zip(due, reasons, strict=True) if why == FREE]
            held = [_position(one) for one, why in zip(due, reasons, strict=True) if why != FREE]
            tx.recipient_ends.look_later(held, now + _HELD_FOR)
            back = [one for one in free if _comes_back(tx, one)]
            rest = [one for one in free if one not in back]
            for kind, about in (
                (NoticeKind.CONTRACT_ENDED, back), (NoticeKind.RETENTION_ENDED, rest),
            ):  # fmt: skip
                for notice, named in self._notices(tx, kind, about, now):
                    tx.recipient_ends.asked([_position(one) for one in named], notice.id)
            return len(due)

        return self.database.commit(work)

    def withdrawn(self, tx: Writing, records: Sequence[ConsentRecord], now: datetime) -> None:
        """Asks every recipient that was given data on these consents, where the sharing contract
        has it asked, in the transaction of the withdrawal.
        """
        self.withdrawn_for("", tx, records, now)

    def withdrawn_for(
        self, request_id: str, tx: Writing, records: Sequence[ConsentRecord], now: datetime
    ) -> None:
        """The same, for a subject request: its receipt waits for these recipients."""
        found = _given_on(tx, records)
        for _ in self._notices(tx, NoticeKind.CONSENT_WITHDRAWN, found, now, request_id):
            pass

    def would_ask(self, view: View, records: Sequence[ConsentRecord]) -> tuple[str, ...]:
        """The recipients that would be asked if these consents were withdrawn."""
        return tuple(sorted({one.recipient for one in _given_on(view, records)}))

    def _notices(
        self,
        tx: Writing,
        kind: NoticeKind,
        about: Iterable[Disclosure],
        now: datetime,
        request_id: str = "",
    ) -> Iterator[tuple[Notice, list[Disclosure]]]:
        """Adds one notice for each recipient, and tells which disclosures it is about."""
        by_recipient: dict[str, list[Disclosure]] = defaultdict(list)
        for one in about:
            by_recipient[one.recipient].append(one)
        for recipient, named in sorted(by_recipient.items()):
            address = tx.notices.address(recipient)
            notice = Notice(
                id=f"{kind.value.replace('_', '-')}-{_position(named[0])}-{now:%Y%m%d%H%M%S%f}",
                request_id=request_id,
                recipient=recipient,
                kind=kind,
                concerns=Concerns(
                    disclosures=tuple(one.id for one in named[:MOST_NAMED]),
                    more=len(named) > MOST_NAMED,
                ),
                state=NoticeState.WAITING,
                channel=Channel.PULL if address is None else address.channel,
                next_at=now,
                deadline=now + self.confirm_within,
                made_at=now,
            )
            tx.notices.add(notice)
            _log(tx, notice, len(named), now)
            yield notice, named


def _given_on(tx: View | Writing, records: Sequence[ConsentRecord]) -> list[Disclosure]:
    """What was given on these consents under contracts that have recipients asked."""
    by_partner: dict[str, list[ConsentRecord]] = defaultdict(list)
    for record in records:
        by_partner[record.partner].append(record)
    found: list[Disclosure] = []
    for partner, some in sorted(by_partner.items()):
        ids = {record.id for record in some}
        subjects = tuple(sorted({subject for record in some for subject in record.subjects}))
        found += [
            one
            for one in _all(tx, DisclosureQuery(subjects=subjects, sender=partner))
            if not ids.isdisjoint(one.ledger_consents) and _asks(tx, one)
        ]
    return found


def _asks(tx: View | Writing, disclosure: Disclosure) -> bool:
    """Whether a contract that the disclosure was made under has recipients asked."""
    return any(
        as_version(tx.contracts.version(ref.id, ref.number)).contract.consent_proof.on_withdrawal
        is OnWithdrawal.ERASE
        for ref in disclosure.contracts
    )


def _comes_back(tx: View | Writing, disclosure: Disclosure) -> bool:
    """Whether a contract that it was made under is retired, and has what was given returned."""
    for ref in disclosure.contracts:
        with suppress(PrivacyError):  # of a contract that is not there, or cannot be read any more
            if tx.courses.get(ref.id).retirement is None:
                continue
            version = as_version(tx.contracts.version(ref.id, ref.number))
            if version.contract.retention.at_end is AtEnd.RETURN:
                return True
    return False


def _all(tx: View | Writing, query: DisclosureQuery) -> Iterator[Disclosure]:
    after = -1
    while rows := tx.disclosures.list(query, after=after, limit=_BATCH):
        yield from rows
        after = _position(rows[-1])


def _thing(disclosure: Disclosure) -> KeptThing:
    return KeptThing(
        partners=(disclosure.sender, disclosure.recipient),
        subjects=disclosure.subjects,
        contracts=tuple(ref.id for ref in disclosure.contracts),
    )


def _position(disclosure: Disclosure) -> int:
    return -1 if disclosure.position is None else disclosure.position


def _log(tx: Writing, notice: Notice, count: int, now: datetime) -> None:
    log_own_act(
        tx,
        ACTION,
        at=now,
        counterparty=notice.recipient,
        resource=notice.id,
        outcome="ASKED",
        reason=f"{notice.kind.value}: {count} disclosures",
    )
