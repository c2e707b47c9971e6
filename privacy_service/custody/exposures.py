"""Keys that somebody reports to be exposed: a breach is open from then on, with what they seal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from privacy_service import errors
from privacy_service.access import Caller
from privacy_service.breaches.incidents import Cause, Sign
from privacy_service.breaches.scope import ScopeQuestion
from privacy_service.breaches.statements import Scoped
from privacy_service.clock import Clock
from privacy_service.custody.acts import Acts
from privacy_service.custody.holds import RequireUnnamed
from privacy_service.custody.incidents import Incidents
from privacy_service.custody.once import Done, Once, OnceAct, act_once, by_person
from privacy_service.custody.scoping import scope_of
from privacy_service.desks.ports.exposures import ExposedKey, ReportExposedKey
from privacy_service.errors import PrivacyError
from privacy_service.evidence.entries import AuditEntry, EntryKind
from privacy_service.records.keyring import KeyStatus
from privacy_service.store.database import Database
from privacy_service.store.views import Writing

REPORT: Final = "BreachService/ReportExposedKey"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExposuresDesk:
    """Answers BreachService on exposed keys. `keys` are all that the keyring knows."""

    database: Database
    acts: Acts
    once: Once
    incidents: Incidents
    keys: Callable[[], tuple[KeyStatus, ...]]
    require_unnamed: RequireUnnamed
    clock: Clock

    def report_exposed_key(
        self, caller: Caller, request: ReportExposedKey, *, seconds: float | None
    ) -> ExposedKey:
        """Opens a breach about a key, or adds to the one that is open about it.

        Raises KEY_NOT_KNOWN, REQUEST_INVALID where the reason holds personal data,
        REQUEST_ID_REUSED.
        """
        self.require_unnamed("reason", request.reason, seconds=seconds)
        scope = self._scope(request.key)
        now = self.clock.now()
        sign = Sign(
            cause=Cause.KEY_EXPOSED,
            about=request.key,
            says=request.reason,
            counts={"people": scope.subjects, "records": scope.records, "tokens": scope.tokens},
        )

        def change(tx: Writing) -> Done[str]:
            breach = self.incidents.notice(tx, sign, at=now, scope=scope)
            return Done(value=breach or "", outcome="REPORTED" if breach else "NOT_WATCHED")

        once = OnceAct(
            attempt=AuditEntry(
                kind=EntryKind.ATTEMPT,
                action=REPORT,
                at=now,
                actor=caller.name,
                request=self.once.request(REPORT, request.key, request.reason),
                resource=request.key,
            ),
            whose=by_person(caller.name),
            request_id=request.request_id,
            change=change,
            again=lambda tx, _first: self._known(tx, request.key),
        )
        breach_id, audit = act_once(self.acts, self.once, once, seconds=seconds)
        return ExposedKey(breach_id=breach_id, scope=scope, audit=audit)

    def _scope(self, key: str) -> Scoped:
        """What the key seals. Raises KEY_NOT_KNOWN."""
        question = ScopeQuestion(key=key)
        with self.database.reading() as view:
            if not view.scope.is_data_key(key):
                self._require_known(key)
            return scope_of(view, question)

    def _require_known(self, key: str) -> None:
        found = self.keys()
        if key not in {word for one in found for word in (one.name, f"{one.name}#{one.version}")}:
            names = ", ".join(sorted({one.name for one in found})[:20])
            raise PrivacyError(errors.KEY_NOT_KNOWN, key=key[:128], known=names)

    @staticmethod
    def _known(tx: Writing, key: str) -> str:
        found = tx.incidents.of(Cause.KEY_EXPOSED, key)
        return "" if found is None else found.breach
