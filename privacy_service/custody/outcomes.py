"""Outcomes of checks, and the catalogue of failure modes that they and the checks make."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from privacy_service import errors
from privacy_service.access import Caller, Role
from privacy_service.behavior.counts import told
from privacy_service.behavior.in_force import BehaviorVersion
from privacy_service.behavior.model import Playbook
from privacy_service.behavior.outcomes import (
    Catalogue,
    KnownCheck,
    ModeRecord,
    ReportedOutcome,
    catalogue,
)
from privacy_service.behavior.runs import Cause, Run
from privacy_service.clock import Clock
from privacy_service.custody.acts import Acts
from privacy_service.custody.held_checks import version_of
from privacy_service.custody.once import Done, Once, OnceAct, act_once, by_person
from privacy_service.custody.playing import begin, new_run
from privacy_service.desks.ports.outcomes import (
    GetFailureMode,
    ListFailureModes,
    OutcomeReported,
    ReportOutcome,
)
from privacy_service.desks.ports.pages import Page
from privacy_service.errors import PrivacyError
from privacy_service.evidence.entries import AuditEntry, ContractRef, EntryKind
from privacy_service.store.behavior_counts import MINUTE, Bin, Series
from privacy_service.store.database import Database
from privacy_service.store.views import View, Writing

REPORT: Final = "BehaviorService/ReportOutcome"
_USUAL_SPAN: Final = timedelta(days=30)
_LONGEST_SPAN: Final = timedelta(days=366)
_READS_ALL: Final = frozenset({Role.OFFICER, Role.AUDITOR})


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomesDesk:
    """Answers BehaviorService about outcomes. A party says how its own checks came out; both sides
    of a contract see its failure modes.
    """

    database: Database
    acts: Acts
    once: Once
    clock: Clock

    def report_outcome(
        self, caller: Caller, request: ReportOutcome, *, seconds: float | None
    ) -> OutcomeReported:
        """Keeps what somebody says of a check. Where it names a failure mode that has a playbook,
        the playbook begins, unless it runs for that failure already.

        Raises NOT_YOUR_PARTNER, CHECK_NOT_FOUND, FAILURE_MODE_NOT_FOUND, REQUEST_INVALID for an
        expectation that the contract lacks, REQUEST_ID_REUSED.
        """
        if Role.OFFICER not in caller.roles:
            caller.require_partner(request.party)
        with self.database.reading() as view:
            check = view.outcomes.check(request.party, request.check_id)
            judged = version_of(view, check.contract_id, check.number)
            _require_known(judged, check, request)
        outcome = self._outcome(caller, request, check)
        attempt = AuditEntry(
            kind=EntryKind.ATTEMPT,
            action=REPORT,
            at=outcome.at,
            actor=caller.name,
            partner=request.party,
            counterparty=judged.contract.provider,
            request=self.once.request(
                REPORT, request.party, request.check_id, request.kind.value,
                request.failure or "", *request.broken,
            ),
            resource=request.check_id,
            reason=",".join((*request.broken, *filter(None, (request.failure,)))) or None,
        )  # fmt: skip

        def change(tx: Writing) -> Done[str | None]:
            if check.confidence is not None and not tx.outcomes.told(check.position):
                tx.counts.add([_known(check, outcome)])
            tx.outcomes.add(outcome)
            ref = ContractRef(id=check.contract_id, number=check.number, digest=judged.digest)
            run_id = _begun(tx, check, outcome)
            return Done(value=run_id, outcome=request.kind.name, contracts=(ref,))

        act = OnceAct(
            attempt=attempt,
            whose=caller.partner or by_person(caller.name),
            request_id=request.request_id,
            change=change,
            again=lambda tx, _first: _begun_before(tx, check, outcome),
        )
        run_id, audit = act_once(self.acts, self.once, act, seconds=seconds)
        return OutcomeReported(outcome=outcome, run_id=run_id, audit=audit)

    def get_failure_mode(
        self, caller: Caller, request: GetFailureMode, *, seconds: float | None
    ) -> ModeRecord:
        """One failure mode of a contract's newest version. Raises CONTRACT_NOT_FOUND,
        FAILURE_MODE_NOT_FOUND.
        """
        del seconds
        since, until = self._span(request.since, request.until)
        with self.database.reading() as view:
            version = version_of(view, request.contract_id)
            _require_seen(caller, version)
            found = _catalogue(view, version, since, until)
        for one in found.modes:
            if one.mode.id == request.failure:
                return one
        raise PrivacyError(errors.FAILURE_MODE_NOT_FOUND, failure=request.failure)

    def list_failure_modes(
        self, caller: Caller, request: ListFailureModes, *, seconds: float | None
    ) -> Page[Catalogue]:
        """The failure modes of the newest versions of contracts, by contract. Raises
        CONTRACT_NOT_FOUND.
        """
        del seconds
        since, until = self._span(request.since, request.until)
        limit = request.place.limit
        own = None if caller.roles & _READS_ALL else caller.partner
        with self.database.reading() as view:
            ids: list[str]
            if request.contract_id is not None:
                ids = [request.contract_id]
            else:
                rows = view.behavior.list(own, after=request.place.after, limit=limit + 1)
                ids = [row.id for row in rows]
            versions = [version_of(view, one) for one in ids]
            for version in versions:
                _require_seen(caller, version)
            found = tuple(_catalogue(view, one, since, until) for one in versions[:limit])
        more = len(versions) > limit
        return Page(items=found, next=versions[limit - 1].contract.id if more else None)

    def _outcome(
        self, caller: Caller, request: ReportOutcome, check: KnownCheck
    ) -> ReportedOutcome:
        """What is kept; its id follows from the request's, so that a repeated one has the same."""
        whose = f"{caller.name} {request.request_id}".encode()
        return ReportedOutcome(
            id=hashlib.sha256(whose).hexdigest()[:32],
            position=check.position,
            contract_id=check.contract_id,
            at=self.clock.now(),
            kind=request.kind,
            broken=tuple(sorted(set(request.broken))),
            failure=request.failure,
            reported_by=caller.name,
        )

    def _span(self, since: datetime | None, until: datetime | None) -> tuple[datetime, datetime]:
        end = until or self.clock.now()
        start = since or end - _USUAL_SPAN
        if not start < end <= start + _LONGEST_SPAN:
            raise PrivacyError(
                errors.REQUEST_INVALID,
                field="since",
                says=f"it must be before the end, and within {_LONGEST_SPAN.days} days of it",
            )
        return start, end


@dataclass(frozen=True, slots=True)
class _Planned:
    """A run that an outcome would begin, of this version's playbook."""

    version: BehaviorVersion
    playbook: Playbook
    run: Run


def _planned(tx: Writing, check: KnownCheck, outcome: ReportedOutcome) -> _Planned | None:
    """None where the outcome names no failure mode, or one without a playbook."""
    version = version_of(tx, check.contract_id)
    mode = next((m for m in version.contract.failure_modes if m.id == outcome.failure), None)
    playbook = None if mode is None else version.contract.playbook_of(mode)
    if mode is None or playbook is None:
        return None
    run = new_run(
        version, playbook, mode, cause=Cause.PERSON, mark=outcome.id, began_at=check.at,
        at=outcome.at, use_case=check.use_case, started_by=outcome.reported_by,
        reason=f"{outcome.kind.value} about a check",
    )  # fmt: skip
    return _Planned(version, playbook, run)


def _begun(tx: Writing, check: KnownCheck, outcome: ReportedOutcome) -> str | None:
    """The run that it begins. None where it begins none: one may be open for the failure."""
    planned = _planned(tx, check, outcome)
    if planned is None:
        return None
    run = begin(tx, planned.version, planned.playbook, planned.run, side=check.side)
    return None if run is None else run.id


def _begun_before(tx: Writing, check: KnownCheck, outcome: ReportedOutcome) -> str | None:
    """The run that the same outcome began when it was reported first: its id follows from it."""
    planned = _planned(tx, check, outcome)
    try:
        return None if planned is None else tx.playbooks.get(planned.run.id).id
    except PrivacyError:
        return None


def _catalogue(view: View, version: BehaviorVersion, since: datetime, until: datetime) -> Catalogue:
    contract = version.contract
    return catalogue(
        contract,
        version.number,
        fired=(
            *view.outcomes.fired(contract.id, since=since, until=until),
            *view.playbooks.begun_by_windows(contract.id, since=since, until=until),
        ),
        last=view.outcomes.last_fired(contract.id)
        | view.playbooks.last_begun_by_windows(contract.id),
        outcomes=view.outcomes.outcomes(contract.id, since=since, until=until),
    )


def _require_seen(caller: Caller, version: BehaviorVersion) -> None:
    """Raises CONTRACT_NOT_FOUND for who may not know of it."""
    contract = version.contract
    if caller.roles & _READS_ALL or caller.partner in (contract.party, contract.provider):
        return
    raise PrivacyError(errors.CONTRACT_NOT_FOUND, contract=contract.id)


def _known(check: KnownCheck, outcome: ReportedOutcome) -> Bin:
    """How the confidence of a check compares with what is known of it now. A bin of its own: it
    begins when it was said, and meets no other that is counted meanwhile.
    """
    series = Series(
        contract_id=check.contract_id,
        number=check.number,
        use_case=check.use_case,
        side=check.side,
    )
    counts = told(check.confidence or 0.0, right=outcome.right)
    return Bin(series=series, spans=MINUTE, begins_at=outcome.at, counts=counts)


def _require_known(judged: BehaviorVersion, check: KnownCheck, request: ReportOutcome) -> None:
    """The expectations and the failure mode are ones of the version that judged."""
    contract = judged.contract
    known = {one.id for one in contract.expectations if one.side is check.side}
    if not known.issuperset(request.broken):
        raise PrivacyError(
            errors.REQUEST_INVALID,
            field="broken",
            says="the version that judged has no such expectation on this side",
        )
    if request.failure not in (None, *(mode.id for mode in contract.failure_modes)):
        raise PrivacyError(errors.FAILURE_MODE_NOT_FOUND, failure=request.failure or "")
