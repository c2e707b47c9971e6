"""Releases that later prove wrong: the sealed copy of one, looked at again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from privacy_service import errors
from privacy_service.access import Caller
from privacy_service.breaches.incidents import Cause, Sign
from privacy_service.clock import Clock
from privacy_service.contracts.model import ContractVersion
from privacy_service.custody.acts import Acts, Effect
from privacy_service.custody.incidents import Incidents
from privacy_service.custody.kept import kept_record
from privacy_service.custody.ledger import PAYLOAD
from privacy_service.custody.once import Once, by_person
from privacy_service.desks.ports.reinspections import Reinspected, ReinspectRelease
from privacy_service.desks.versions import as_version
from privacy_service.errors import PrivacyError
from privacy_service.evidence.disclosures import Disclosure
from privacy_service.evidence.entries import AuditEntry, EntryKind
from privacy_service.records.seal import Sealer, Slot
from privacy_service.store.database import Database
from privacy_service.store.rows import StoredRecord
from privacy_service.store.views import View, Writing

REINSPECT: Final = "BreachService/ReinspectRelease"


class Leftover(Protocol):
    """What of a payload should not have left under these contract versions, by entity."""

    def __call__(
        self,
        versions: Sequence[ContractVersion],
        *,
        sender: str,
        content_type: str,
        payload: bytes,
        seconds: float | None,
    ) -> Mapping[str, int]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedCopies:
    """Looks at the sealed copies of releases again. Thread-safe."""

    database: Database
    sealer: Sealer
    leftover: Leftover
    clock: Clock

    def found(self, disclosed: Disclosure, *, seconds: float | None) -> Mapping[str, int]:
        """What should not have left, by entity.

        Raises COPY_NOT_KEPT, RECORD_UNREADABLE, USE_RESTRICTED, and what inspecting raises.
        """
        with self.database.reading() as view:
            record, payload = self._opened(view, disclosed)
            versions = [
                as_version(view.contracts.version(ref.id, ref.number))
                for ref in disclosed.contracts
            ]
        return self.leftover(
            versions,
            sender=disclosed.sender,
            content_type=record.content_type,
            payload=payload,
            seconds=seconds,
        )

    def _opened(self, view: View, disclosed: Disclosure) -> tuple[StoredRecord, bytes]:
        if disclosed.record is None:
            raise PrivacyError(errors.COPY_NOT_KEPT, disclosure=disclosed.id)
        try:
            record = view.records.get(disclosed.sender, disclosed.record)
        except PrivacyError:
            raise PrivacyError(errors.COPY_NOT_KEPT, disclosure=disclosed.id) from None
        view.holds.active(record.subjects).require_usable(
            (kept_record(record),), claim=None, now=self.clock.now()
        )
        keys = tuple(view.data_keys.by_id(record.data_keys).values())
        slot = Slot(partner=record.partner, record=record.id, field=PAYLOAD)
        return record, self.sealer.open(record.sealed, slot=slot, keys=keys)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReinspectingDesk:
    """Answers BreachService on releases that are looked at again. Nobody sees what is in them."""

    database: Database
    acts: Acts
    once: Once
    sealer: Sealer
    leftover: Leftover
    incidents: Incidents
    clock: Clock

    def reinspect_release(
        self, caller: Caller, request: ReinspectRelease, *, seconds: float | None
    ) -> Reinspected:
        """Looks again; where something is found, a breach is open from then on.

        Raises DISCLOSURE_NOT_FOUND, COPY_NOT_KEPT, RECORD_UNREADABLE, USE_RESTRICTED, what
        inspecting raises, and REQUEST_ID_REUSED.
        """
        with self.database.reading() as view:
            disclosed = view.disclosures.get(request.disclosure_id)
        if disclosed is None:
            raise PrivacyError(errors.DISCLOSURE_NOT_FOUND, disclosure=request.disclosure_id)
        now, whose = self.clock.now(), by_person(caller.name)
        commitment = self.once.request(REINSPECT, disclosed.id)
        attempt = AuditEntry(
            kind=EntryKind.ATTEMPT,
            action=REINSPECT,
            at=now,
            actor=caller.name,
            partner=disclosed.sender,
            counterparty=disclosed.recipient,
            request=commitment,
            resource=disclosed.id,
        )

        def work(tx: Writing, effect: Effect, found: Mapping[str, int]) -> Reinspected:
            done = self.once.replayed(tx, whose, request.request_id, commitment)
            if done is not None:
                effect("REPLAYED")
                breach = _known(tx, disclosed) if found else ""
                return Reinspected(
                    found=found, breach_id=breach, audit=self.once.stamp_of(tx, done)
                )
            opened = self.incidents.notice(tx, sign_of(disclosed, found), at=now) if found else None
            at = effect(
                "WRONG" if found else "AS_AGREED",
                subjects=disclosed.subjects,
                contracts=disclosed.contracts,
            )
            self.once.remember(tx, whose, request.request_id, commitment, at)
            stamp = self.once.stamp(at, effect.position)
            return Reinspected(found=found, breach_id=opened or "", audit=stamp)

        copies = SealedCopies(
            database=self.database, sealer=self.sealer, leftover=self.leftover, clock=self.clock
        )
        return self.acts.act_outside(
            attempt, lambda: copies.found(disclosed, seconds=seconds), work, seconds=seconds
        )


def _pair(disclosed: Disclosure) -> str:
    return f"{disclosed.sender} to {disclosed.recipient}"


def _known(tx: Writing, disclosed: Disclosure) -> str:
    known = tx.incidents.of(Cause.WRONG_RELEASE, _pair(disclosed))
    return "" if known is None else known.breach


def sign_of(disclosed: Disclosure, found: Mapping[str, int]) -> Sign:
    """That a release was wrong, as it is told."""
    return Sign(
        cause=Cause.WRONG_RELEASE,
        about=_pair(disclosed),
        says=f"Looked at again, {sum(found.values())} findings should not have left in "
        f"disclosure {disclosed.id}.",
        positions=() if disclosed.position is None else (disclosed.position,),
        named=(disclosed.id,),
        counts={**found, "disclosures": 1},
    )
