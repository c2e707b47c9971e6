"""Acts: each is tried, then comes to something, and both stand in the audit log.

The attempt is committed by itself; the effect with what it is the effect of. An act that comes to
nothing has why as its effect.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, TypeVar

from privacy_service.clock import Clock
from privacy_service.custody.remembering import REMEMBERED, note_decision
from privacy_service.errors import PrivacyError
from privacy_service.evidence.entries import AuditEntry, CategoryCount, ContractRef, EntryKind
from privacy_service.store.database import Database
from privacy_service.store.views import Writing

S = TypeVar("S")
T = TypeVar("T")

SERVICE: Final = "privacy-service"
"""Who acts where a job does."""
_REFUSAL_SECONDS: Final = 2.0


@dataclass(frozen=True, slots=True)
class Effect:
    """Appends the effect of one attempt, in the transaction of what it came to."""

    tx: Writing
    attempt: AuditEntry
    position: int
    clock: Clock

    def __call__(
        self,
        outcome: str,
        *,
        subjects: tuple[str, ...] = (),
        contracts: tuple[ContractRef, ...] = (),
        categories: tuple[CategoryCount, ...] = (),
        reason: str | None = None,
    ) -> int:
        """The effect's position. `reason` None: that of the attempt."""
        entry = _effect(self.attempt, self.position, outcome, self.clock)
        whole = replace(
            entry,
            subjects=subjects,
            contracts=contracts,
            categories=categories,
            reason=entry.reason if reason is None else reason,
        )
        position = self.tx.audit.append(whole)
        note_decision(self.tx, whole, position)
        return position


@dataclass(frozen=True, slots=True)
class Acts:
    """Does things so that the log has their attempt and their effect. Thread-safe.

    `remembered` is told that a decision was put down for the tombstone journal. It waits for
    nothing: a quarantine does not take longer because a bucket does not answer.
    """

    database: Database
    clock: Clock
    remembered: Callable[[], None] = lambda: None

    def act_outside(
        self,
        attempt: AuditEntry,
        do: Callable[[], S],
        work: Callable[[Writing, Effect, S], T],
        *,
        seconds: float | None,
    ) -> T:
        """As `act`, with `do` between attempt and effect: once, outside of the database.

        If the service dies in between, `do` is done and the attempt has no effect; `audit verify`
        reports that as unfinished. So `do` must be something that does no harm twice.
        """
        position = self.database.commit(lambda tx: tx.audit.append(attempt), seconds=seconds)
        with self._refusing(attempt, position):
            done = do()
            came_to = self.database.commit(
                lambda tx: work(tx, Effect(tx, attempt, position, self.clock), done),
                seconds=seconds,
            )
        self._remember(attempt)
        return came_to

    def act(
        self,
        attempt: AuditEntry,
        work: Callable[[Writing, Effect], T],
        *,
        seconds: float | None,
    ) -> T:
        """What `work` returns, committed. It appends its effect once, and may run more than once.

        Raises what `work` raises, which is then the effect, and what the store raises.
        """
        position = self.database.commit(lambda tx: tx.audit.append(attempt), seconds=seconds)
        with self._refusing(attempt, position):
            came_to = self.database.commit(
                lambda tx: work(tx, Effect(tx, attempt, position, self.clock)), seconds=seconds
            )
        self._remember(attempt)
        return came_to

    def _remember(self, attempt: AuditEntry) -> None:
        if attempt.action in REMEMBERED:
            self.remembered()

    @contextmanager
    def _refusing(self, attempt: AuditEntry, position: int) -> Iterator[None]:
        """Appends why the attempt came to nothing, where it did."""
        try:
            yield
        except PrivacyError as error:
            refusal = _effect(attempt, position, error.reason.code, self.clock)
            with suppress(PrivacyError):  # the caller gets the first error, not this one
                self.database.commit(lambda tx: tx.audit.append(refusal), seconds=_REFUSAL_SECONDS)
            raise


def log_own_act(
    tx: Writing,
    action: str,
    *,
    at: datetime,
    resource: str,
    outcome: str,
    partner: str | None = None,
    counterparty: str | None = None,
    subjects: tuple[str, ...] = (),
    contracts: tuple[ContractRef, ...] = (),
    reason: str | None = None,
) -> int:
    """Appends an act of the service itself, attempt and effect, in the transaction of what it did:
    a job that dies in between has done nothing. The effect's position.
    """
    attempt = AuditEntry(
        kind=EntryKind.ATTEMPT,
        action=action,
        at=at,
        actor=SERVICE,
        partner=partner,
        counterparty=counterparty,
        resource=resource,
    )
    position = tx.audit.append(attempt)
    effect = replace(
        attempt,
        kind=EntryKind.EFFECT,
        outcome=outcome,
        attempt=position,
        subjects=subjects,
        contracts=contracts,
        reason=reason,
    )
    at_position = tx.audit.append(effect)
    note_decision(tx, effect, at_position)
    return at_position


def _effect(attempt: AuditEntry, position: int, outcome: str, clock: Clock) -> AuditEntry:
    return replace(
        attempt, kind=EntryKind.EFFECT, at=clock.now(), outcome=outcome, attempt=position
    )
