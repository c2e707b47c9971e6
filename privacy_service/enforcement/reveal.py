"""Values behind tokens: one by one for a reason, or a whole text that came back.

1. The caller may ask for this pair. 2. The reason holds no personal data: it is kept in the open.
3. The attempt is recorded, by itself. 4. The caller's allowance is taken, before anything is looked
up. 5. The contract in force for pair and purpose permits it, entity by entity. 6. The values are
opened. 7. The effect is recorded, with whom it is about. 8. Only then is the answer given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final, Protocol

from privacy_service import errors
from privacy_service.access import Caller, Role
from privacy_service.clock import Clock
from privacy_service.contracts.dpv import normalise, purposes
from privacy_service.enforcement.answer import AuditStamp, RestoreAnswer, RevealAnswer
from privacy_service.enforcement.deadline import Deadline
from privacy_service.enforcement.examine import MOST_SUBJECTS, Decode
from privacy_service.enforcement.ports import ContractBook, Ledger, Pair, Pseudonyms
from privacy_service.enforcement.rates import Rate, RevealRates
from privacy_service.enforcement.request import RestoreRequest, RevealRequest
from privacy_service.enforcement.restore import restored, tokens_in
from privacy_service.errors import PrivacyError
from privacy_service.evidence.entries import AuditEntry, CategoryCount, EntryKind

REVEAL: Final = "EnforcementService/Reveal"
RESTORE: Final = "EnforcementService/Restore"
_RESTORED: Final = "restore"
_REFUSAL_SECONDS: Final = 2.0


class RequireUnnamed(Protocol):
    """Raises REQUEST_INVALID where a text that is kept in the open holds personal data."""

    def __call__(self, field: str, text: str, *, seconds: float | None) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Revealing:
    """Turns tokens back. Thread-safe: it holds collaborators and no state.

    `rates` hold for each caller over all replicas: for a partner as a whole, for a person by name.
    """

    contracts: ContractBook
    pseudonyms: Pseudonyms
    ledger: Ledger
    decode: Decode
    require_unnamed: RequireUnnamed
    clock: Clock
    rates: RevealRates

    def reveal(
        self, caller: Caller, request: RevealRequest, *, seconds: float | None
    ) -> RevealAnswer:
        """The value behind a token, if the contract in force permits it. Always audited.

        Raises REVEAL_NOT_PERMITTED, REVEAL_LIMITED, TOKEN_UNKNOWN, PARTNER_QUARANTINED, and
        REQUEST_INVALID where the reason itself holds personal data: it is written to the audit log.
        """
        if Role.OFFICER not in caller.roles and caller.partner != request.recipient:
            caller.require_partner(request.sender)
        deadline = Deadline.after(seconds, self.clock)
        self.require_unnamed("reason", request.reason, seconds=deadline.left())
        attempt = replace(
            self._attempt(caller, REVEAL, request),
            resource=self.pseudonyms.commitment(request.token.encode()),
        )
        position = self.ledger.record(attempt, seconds=deadline.left())
        with self._refusing(attempt, position):
            self._take(f"reveal {_who(caller)}", self.rates.reveals, 1, deadline)
            pair = _pair(request)
            entity = self.ledger.minted((request.token,), pair).get(request.token)
            permits = self._permits(request)
            if entity is None:
                raise PrivacyError(errors.TOKEN_UNKNOWN)
            if not permits(entity):
                raise PrivacyError(errors.REVEAL_NOT_PERMITTED)
            found = self.ledger.revealed(
                request.token,
                pair,
                whose=self._whose(request),
                claim=request.claim,
                now=self.clock.now(),
            )
            effect = self._effect(attempt, position, "REVEALED")
            done = self.ledger.record_revealed(
                replace(effect, subjects=found.subjects), pair, seconds=deadline.left()
            )
        return RevealAnswer(value=found.value, audit=self._stamp(done, position))

    def restore(
        self, caller: Caller, request: RestoreRequest, *, seconds: float | None
    ) -> RestoreAnswer:
        """The content with its tokens turned back, for the partner that sent their values out.

        What is no token of this pair and purpose, or may not be revealed, or is dead or held, stays
        as it is. Audited, with how many of which entity, and whom they are about. Raises
        REVEAL_LIMITED, what reading the content raises, PAYLOAD_TOO_MANY_SUBJECTS,
        PARTNER_QUARANTINED, and REQUEST_INVALID where the reason holds personal data.
        """
        caller.require_partner(request.sender)
        deadline = Deadline.after(seconds, self.clock)
        self.require_unnamed("reason", request.reason, seconds=deadline.left())
        attempt = replace(
            self._attempt(caller, RESTORE, request),
            payload_in=self.pseudonyms.commitment(request.content),
        )
        position = self.ledger.record(attempt, seconds=deadline.left())
        with self._refusing(attempt, position):
            document = self.decode(request.content_type, request.content)
            words, pair = tokens_in(document), _pair(request)
            self._take(f"restore {_who(caller)}", self.rates.restored, len(words), deadline)
            permits = self._permits(request)
            entities = {
                token: entity
                for token, entity in self.ledger.minted(words, pair).items()
                if permits(entity)
            }
            found = self.ledger.values(
                entities, pair, whose=self._whose(request), now=self.clock.now()
            )
            about = sorted({subject for one in found.values() for subject in one.subjects})
            if len(about) > MOST_SUBJECTS:
                raise PrivacyError(
                    errors.PAYLOAD_TOO_MANY_SUBJECTS, limit="subjects", maximum=MOST_SUBJECTS
                )
            deadline.left()
            values = {token: one.value for token, one in found.items()}
            done = restored(document, values, entities)
            content = document.render(done.changes)
            effect = replace(
                self._effect(attempt, position, "RESTORED"),
                subjects=tuple(about),
                categories=tuple(
                    CategoryCount(entity=one.entity, treatment=_RESTORED, count=one.count)
                    for one in done.entities
                ),
                payload_in=attempt.payload_in,
                payload_out=self.pseudonyms.commitment(content),
            )
            at = self.ledger.record_revealed(effect, pair, seconds=deadline.left())
        return RestoreAnswer(
            content=content,
            content_type=request.content_type,
            restored=done.entities,
            left=done.left,
            audit=self._stamp(at, position),
        )

    # -- Parts --------------------------------------------------------------------------------

    def _permits(self, request: RevealRequest | RestoreRequest) -> Callable[[str], bool]:
        """Which entities the contract in force lets be revealed."""
        return self.contracts.in_force(
            request.sender, request.recipient, request.purpose, at=self.clock.now()
        ).reveals

    def _whose(self, request: RevealRequest | RestoreRequest) -> tuple[str, ...]:
        """Those whose values are meant, under every version of the key; nobody: it is not said."""
        return tuple(
            digest
            for one in request.subjects
            for digest in self.pseudonyms.subject_digests(one.type, one.value)
        )

    def _take(self, name: str, rate: Rate, many: int, deadline: Deadline) -> None:
        if many:
            self.ledger.take(name, rate, many, at=self.clock.now(), seconds=deadline.left())

    def _attempt(
        self, caller: Caller, action: str, request: RevealRequest | RestoreRequest
    ) -> AuditEntry:
        purpose = normalise(request.purpose)
        return AuditEntry(
            kind=EntryKind.ATTEMPT,
            action=action,
            at=self.clock.now(),
            actor=caller.name,
            partner=request.sender,
            counterparty=request.recipient,
            purpose=purpose if purpose in purposes() else None,
            reason=request.reason,
        )

    def _effect(self, attempt: AuditEntry, position: int, outcome: str) -> AuditEntry:
        return replace(
            attempt,
            kind=EntryKind.EFFECT,
            at=self.clock.now(),
            outcome=outcome,
            attempt=position,
            reason=None,
            payload_in=None,
        )

    @contextmanager
    def _refusing(self, attempt: AuditEntry, position: int) -> Iterator[None]:
        """Records why an attempt came to nothing; the caller gets the first error, not a second."""
        try:
            yield
        except Exception as error:
            code = error.reason.code if isinstance(error, PrivacyError) else errors.INTERNAL.code
            try:
                effect = self._effect(attempt, position, code)
                self.ledger.record(effect, seconds=_REFUSAL_SECONDS)
            except PrivacyError:
                pass
            raise

    def _stamp(self, position: int, attempt: int) -> AuditStamp:
        return AuditStamp(position=position, attempt=attempt, origin=self.ledger.origin)


def _who(caller: Caller) -> str:
    return caller.partner or f"@{caller.name}"


def _pair(request: RevealRequest | RestoreRequest) -> Pair:
    return Pair(
        sender=request.sender, recipient=request.recipient, purpose=normalise(request.purpose)
    )
