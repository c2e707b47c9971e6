"""Certificates of destruction: what a sweep took away, signed, and proven by the audit log."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from privacy_service import errors
from privacy_service.clock import Clock
from privacy_service.custody.acts import log_own_act
from privacy_service.errors import PrivacyError
from privacy_service.evidence.merkle import inclusion_proof
from privacy_service.evidence.note import Signer, sign_note
from privacy_service.evidence.proven_note import CERTIFICATE, ProvenNote, written
from privacy_service.evidence.tlog_proof import LogProof
from privacy_service.schedules.read import read
from privacy_service.schedules.schedule import Action
from privacy_service.schedules.sweep import Sweep, SweepState, Tally
from privacy_service.schedules.verdict import SHARING_CONTRACT
from privacy_service.store.audit import AuditReading
from privacy_service.store.database import Database
from privacy_service.store.views import View, Writing

ACTION: Final = "RetentionService/Certify"
_METHOD: Final = (
    "Rows were deleted, with their indexes; SQLite overwrites what is deleted (secure_delete), "
    "PostgreSQL reuses its space after VACUUM. Backups hold it until they expire. "
    "No claim of NIST SP 800-88 Purge is made."
)

_ANONYMISED: Final = (
    "Of records that were anonymised, fields that the schedule does not name were removed, the "
    "others kept or generalized as it says; tokens, hashes and ciphertexts went in any case. What "
    "is left is another record: by another id, not indexed by person, its instants cut to days, "
    "sealed under a key that is no person's; the old one was deleted as above. Whether somebody "
    "who knows more can tell whom it was about was not measured."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificates:
    """Ends sweeps with a certificate, and proves it. Thread-safe.

    `checkpoint` signs the log's head.
    """

    database: Database
    signer: Callable[[], Signer]
    checkpoint: Callable[[AuditReading], str]
    origin: str
    clock: Clock

    def end(self, sweep_id: str) -> str:
        """Ends a sweep of which nothing is left: signed, logged and done. Its state."""
        with self.database.reading() as view:
            sweep = view.retention.get(sweep_id)
            if sweep.state is not SweepState.RUNNING or sweep.place.kind:
                return sweep.state.value
            now = self.clock.now()
            text = written(self._content(view, sweep, now))
        note = sign_note(text, name=self.origin, signers=(self.signer(),))

        def work(tx: Writing) -> str:
            found = tx.retention.get(sweep_id)
            if found.state is SweepState.RUNNING and not found.place.kind:
                position = log_own_act(
                    tx,
                    ACTION,
                    at=self.clock.now(),
                    resource=sweep_id,
                    outcome="DONE",
                    reason=CERTIFICATE.commitment(text),
                )
                found = replace(found.ended(now), certificate=note, certificate_position=position)
                tx.retention.keep(found)
            return found.state.value

        return self.database.commit(work)

    def file(self, sweep_id: str) -> str:
        """The certificate with its proof. Raises SWEEP_NOT_FOUND, CERTIFICATE_NOT_READY, and what
        signing the log's head raises.
        """
        with self.database.reading() as view:
            sweep = view.retention.get(sweep_id)
            if sweep.certificate is None or sweep.certificate_position is None:
                raise PrivacyError(errors.CERTIFICATE_NOT_READY, sweep=sweep_id)
            proof = proof_of(view, sweep.certificate_position, self.checkpoint)
        return str(ProvenNote(form=CERTIFICATE, note=sweep.certificate, proof=proof))

    def _content(self, view: View, sweep: Sweep, now: datetime) -> dict[str, Any]:
        return {
            "origin": self.origin,
            "about": sweep.id,
            "as_of": _instant(sweep.as_of),
            "planned_by": sweep.made_by,
            "run_by": sweep.run_by,
            "begun_at": _instant(sweep.begun_at),
            "ended_at": _instant(now),
            "schedules": [
                _schedule(view, name, number) for name, number in sorted(sweep.schedules.items())
            ],
            "counts": [_count(one) for one in sweep.done],
            "items": f"sha256:{sweep.items}" if sweep.items else None,
            "method": _METHOD,
            "anonymised": _ANONYMISED if _anonymises(sweep) else None,
        }


def proof_of(view: View, position: int, checkpoint: Callable[[AuditReading], str]) -> LogProof:
    """That an entry stands in the log; `checkpoint` signs its head, and raises what that raises."""
    return LogProof(
        index=position,
        hashes=inclusion_proof(position, view.audit.size(), view.audit.node),
        note=checkpoint(view.audit),
        leaf=view.audit.leaf(position),
    )


def _schedule(view: View, name: str, number: int) -> dict[str, Any]:
    stored = view.retention.version(name, number)
    schedule = read(stored.source, name=name)
    return {
        "id": name,
        "version": number,
        "digest": stored.digest,
        "authority": schedule.authority.citation,
        "owner": schedule.owner,
    }


def _anonymises(sweep: Sweep) -> bool:
    return any(one.action == Action.ANONYMISE.value for one in sweep.done)


def _count(tally: Tally) -> dict[str, Any]:
    said: dict[str, Any] = {
        "schedule": tally.schedule,
        "things": tally.kind,
        "action": tally.action,
        "outcome": tally.outcome.value,
        "count": tally.count,
        "due_from": _instant(tally.first),
        "due_until": _instant(tally.last),
    }
    if tally.because:
        said["because"] = tally.because
    if tally.schedule == SHARING_CONTRACT:
        said["authority"] = "the sharing contract's `retention.ours`"
    return said


def _instant(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat(timespec="seconds")
