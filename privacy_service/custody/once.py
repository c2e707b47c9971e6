"""Request ids: the same id with the same request has one effect (AIP-155)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Generic, TypeVar

from privacy_service import errors
from privacy_service.clock import Clock
from privacy_service.custody.acts import Acts, Effect
from privacy_service.enforcement.answer import AuditStamp
from privacy_service.errors import PrivacyError
from privacy_service.evidence.entries import AuditEntry, ContractRef
from privacy_service.store.rows import Replay, ReplayConflict
from privacy_service.store.views import Writing

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Once:
    """What makes a repeated request one effect. Thread-safe.

    Nothing is sealed: what a request was answered follows from what it changed and from its audit
    entry. `commitment` is keyed; `replay_for` is how long an id is remembered, at least.
    """

    commitment: Callable[[bytes], str]
    clock: Clock
    origin: str
    replay_for: timedelta

    def request(self, action: str, *parts: str) -> str:
        """One keyed word for everything in a request but its id."""
        framed = b"".join(
            len(part).to_bytes(4, "big") + part
            for part in (text.encode() for text in (action, *parts))
        )
        return self.commitment(framed)

    def replayed(self, tx: Writing, whose: str, request_id: str, request: str) -> Replay | None:
        """The earlier answer to this id. Raises REQUEST_ID_REUSED where it was another request."""
        found = tx.replays.find(whose, request_id)
        if found is not None and found.request_digest != request:
            raise PrivacyError(errors.REQUEST_ID_REUSED)
        return found

    def remember(
        self, tx: Writing, whose: str, request_id: str, request: str, position: int
    ) -> None:
        """Keeps that this id had its effect at this audit position."""
        replay = Replay(
            partner=whose,
            request_id=request_id,
            request_digest=request,
            sealed_answer=b"",
            position=position,
            expires_at=self.clock.now() + self.replay_for,
        )
        try:
            tx.replays.put(replay)
        except ReplayConflict:
            raise PrivacyError(errors.REQUEST_ID_REUSED) from None

    def stamp(self, position: int, attempt: int) -> AuditStamp:
        """Where an effect stands."""
        return AuditStamp(position=position, attempt=attempt, origin=self.origin)

    def stamp_of(self, tx: Writing, replay: Replay) -> AuditStamp:
        """Where the effect of an earlier request stands."""
        entry = AuditEntry.from_bytes(tx.audit.leaf(replay.position))
        return self.stamp(replay.position, entry.attempt or 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Done(Generic[T]):
    """What a change came to, and what the log is told of it."""

    value: T
    outcome: str
    subjects: tuple[str, ...] = ()
    contracts: tuple[ContractRef, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OnceAct(Generic[T]):
    """An act under a request id.

    `attempt` carries the request's commitment; `change` makes it true in the transaction of its
    effect; `again` gives the answer to a repeated request, from the entry of its first effect.
    """

    attempt: AuditEntry
    whose: str
    request_id: str
    change: Callable[[Writing], Done[T]]
    again: Callable[[Writing, AuditEntry], T]


def act_once(
    acts: Acts, once: Once, act: OnceAct[T], *, seconds: float | None
) -> tuple[T, AuditStamp]:
    """What the act came to, and where its effect stands. Raises what `change` raises, and
    REQUEST_ID_REUSED.
    """
    request = act.attempt.request or ""

    def work(tx: Writing, effect: Effect) -> tuple[T, AuditStamp]:
        replay = once.replayed(tx, act.whose, act.request_id, request)
        if replay is not None:
            effect("REPLAYED")
            first = AuditEntry.from_bytes(tx.audit.leaf(replay.position))
            return act.again(tx, first), once.stamp(replay.position, first.attempt or 0)
        done = act.change(tx)
        at = effect(done.outcome, subjects=done.subjects, contracts=done.contracts)
        once.remember(tx, act.whose, act.request_id, request, at)
        return done.value, once.stamp(at, effect.position)

    return acts.act(act.attempt, work, seconds=seconds)


def by_person(name: str) -> str:
    """Whose request ids those of a person are, who acts for no partner."""
    return f"@{name}"
