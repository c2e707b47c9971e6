"""An erasure to be done, on a database of its own, without a service around it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from privacy_service.clock import Clock
from privacy_service.evidence.disclosures import Disclosure
from privacy_service.evidence.entries import AuditEntry, EntryKind
from privacy_service.settings import AllSettings
from privacy_service.store.database import Database
from privacy_service.store.requests import HistoryLine
from privacy_service.store.rows import Replay, StoredDataKey, StoredRecord, StoredToken
from privacy_service.store.views import Writing
from privacy_service.subjects.erasures import Erasure, Phase
from privacy_service.subjects.requests import (
    Deadline,
    Identifier,
    RequestKind,
    RequestState,
    SubjectRequest,
)
from retention.job import Steps, T
from retention.workplace import Workplace
from tests.retention.workers import settings_for, workplace_for

MARIA, PETER = "aa" * 32, "bb" * 32
REQUEST = "req-1"
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
KEY = "1" * 32


class Plain(Steps):
    """Each step is done, and nothing goes wrong."""

    def do(self, name: str, step: Callable[[], T]) -> T:
        return step()

    def sleep(self, seconds: float) -> None:
        raise NotImplementedError


class Twice(Plain):
    """The machine dies after each step, before that is written down: every step is done twice."""

    def do(self, name: str, step: Callable[[], T]) -> T:
        step()
        return step()


class Died(BaseException):
    """The machine is gone."""


class DiesAfter(Plain):
    """The machine dies after so many steps; what they did is done."""

    def __init__(self, steps: int) -> None:
        self.left = steps

    def do(self, name: str, step: Callable[[], T]) -> T:
        done = step()
        if self.left == 0:
            raise Died
        self.left -= 1
        return done


@contextmanager
def erasure(
    kind: str,
    folder: Path,
    *,
    records: int = 5,
    recipients: int = 2,
    clock: Clock | None = None,
    settings: AllSettings | None = None,
) -> Iterator[Workplace]:
    """A workplace on whose database an erasure of MARIA was started."""
    settings = settings or settings_for(kind, folder, engine=False)
    with workplace_for(settings, clock) as at:
        seed(at.database, records=records, recipients=recipients, now=at.clock.now())
        yield at


def seed(database: Database, *, records: int, recipients: int, now: datetime) -> None:
    """Records, keys, tokens, answers and disclosures about MARIA, and one of PETER alone."""

    def keys(tx: Writing) -> None:
        for subject, key in ((MARIA, KEY), (PETER, "2" * 32)):
            tx.data_keys.put(
                StoredDataKey(
                    id=key, partner="acme", subject=subject, wrapping_key="k#1",
                    wrapped=b"wrapped", created_at=now,
                )
            )  # fmt: skip
        put(tx, range(1), (PETER,), now, prefix="peter")
        ask(tx, now)

    database.commit(keys)
    for start in range(0, records, 500):
        some = range(start, min(start + 500, records))
        database.commit(lambda tx, some=some: put(tx, some, (MARIA,), now))  # type: ignore[misc]
    for number in range(recipients):
        database.commit(lambda tx, number=number: give(tx, number, now))  # type: ignore[misc]


def put(
    tx: Writing, numbers: range, subjects: tuple[str, ...], now: datetime, prefix: str = "r"
) -> None:
    for number in numbers:
        tx.records.put(
            StoredRecord(
                id=f"{prefix}-{number:07}", partner="acme", content_type="text/plain", size=9,
                data_keys=(KEY,), subjects=subjects, created_at=now, sealed=b"sealed bytes",
            )
        )  # fmt: skip


def give(tx: Writing, number: int, now: datetime) -> None:
    """One transfer to one recipient, with a token and the sealed answer."""
    recipient = f"recipient-{number:02}"
    entry = AuditEntry(
        kind=EntryKind.ATTEMPT, action="EnforcementService/Transfer", at=now, actor="acme"
    )
    attempt = tx.audit.append(entry)
    position = tx.audit.append(
        replace(entry, kind=EntryKind.EFFECT, outcome="ALLOW", attempt=attempt)
    )
    tx.disclosures.add(
        Disclosure(
            id=f"disclosure-{number}", at=now, sender="acme", recipient=recipient,
            purpose="dpv:DeliveryOfGoods", contracts=(), subjects=(MARIA,), categories=(),
            position=position,
        )
    )  # fmt: skip
    tx.tokens.put_many(
        [
            StoredToken(
                token=f"tok_{number:04}", sender="acme", recipient=recipient,
                purpose="dpv:DeliveryOfGoods", entity="PHONE_NUMBER",
                subject=MARIA if number % 2 else None, data_key=KEY, sealed=b"sealed",
                minted_at=now,
            )
        ]
    )  # fmt: skip
    tx.replays.put(
        Replay(
            partner="acme", request_id=f"request-{number}", request_digest="d",
            sealed_answer=b"sealed", position=position, expires_at=now + timedelta(days=1),
        )
    )  # fmt: skip


def ask(tx: Writing, now: datetime) -> None:
    due = now + timedelta(days=30)
    request = SubjectRequest(
        id=REQUEST, kind=RequestKind.ERASURE, state=RequestState.IN_PROGRESS,
        identifiers=(Identifier(digest=MARIA),), regime="eu-gdpr", place="DE", received_at=now,
        opened_by="officer",
        deadline=Deadline(legal=due, conservative=due, rule="eu-gdpr.12-3", standing="law"),
        first_deadline=due,
    )  # fmt: skip
    line = HistoryLine(at=now, by="officer", step="start", state="in_progress")
    tx.requests.add(request, line)
    tx.erasures.begin(
        Erasure(request_id=REQUEST, phase=Phase.DELETING, round=1, started_at=now, cursor={})
    )
