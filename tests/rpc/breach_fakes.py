"""The notice desk of breaches in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from privacy_service import errors
from privacy_service.access import Caller
from privacy_service.breaches.bounces import Came, Returned
from privacy_service.breaches.mailings import (
    LetterState,
    Mailing,
    MailingPlan,
    MailingState,
    Progress,
    Reach,
    letter_named,
    planned,
)
from privacy_service.breaches.notices import BreachNotice
from privacy_service.breaches.quarantine import Quarantine
from privacy_service.breaches.reinspections import Reinspection
from privacy_service.breaches.scope import ScopeQuestion
from privacy_service.breaches.statements import Scoped
from privacy_service.desks.ports.breach_notices import (
    ConfirmBreachNotice,
    DecideBreachNotice,
    DraftBreachNotice,
    ListPartnerBreachNotices,
    PrintedNotice,
    PrintForm,
    SendBreachNotice,
)
from privacy_service.desks.ports.containments import (
    ConfirmRelease,
    ListQuarantines,
    ProposeRelease,
    QuarantinePartner,
)
from privacy_service.desks.ports.exposures import ExposedKey, ReportExposedKey
from privacy_service.desks.ports.mailings import (
    ControlMailing,
    MailingView,
    PlanMailing,
    RecordBounce,
    RecordReturned,
    StartMailing,
)
from privacy_service.desks.ports.pages import Page, Place
from privacy_service.desks.ports.reinspections import (
    CancelReinspection,
    Reinspected,
    ReinspectRelease,
    StartReinspection,
)
from privacy_service.enforcement.answer import AuditStamp
from privacy_service.errors import PrivacyError
from privacy_service.evidence.queries import DisclosureQuery

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
STAMP = AuditStamp(position=8, attempt=7, origin="test.example/audit", tree_size=9)


@dataclass
class FakeBreachNotices:
    """One notice for each request id."""

    drafted: dict[str, BreachNotice] = field(default_factory=dict)

    def draft_notice(
        self, caller: Caller, request: DraftBreachNotice, *, seconds: float | None
    ) -> tuple[BreachNotice, AuditStamp]:
        notice = BreachNotice(
            id=request.request_id, breach=request.breach_id, rule=request.rule_id, place="DE",
            phase=request.phase, language=request.language, subject="s", text="t", missing=(),
            to=request.to, drafted_by=caller.name, drafted_at=AT,
        )  # fmt: skip
        self.drafted[notice.id] = notice
        return notice, STAMP

    def get_notice(self, caller: Caller, notice_id: str, *, seconds: float | None) -> BreachNotice:
        if notice_id not in self.drafted:
            raise PrivacyError(errors.BREACH_NOTICE_NOT_FOUND, notice=notice_id)
        return self.drafted[notice_id]

    def list_notices(
        self, caller: Caller, breach_id: str, *, seconds: float | None
    ) -> tuple[BreachNotice, ...]:
        return tuple(one for one in self.drafted.values() if one.breach == breach_id)

    def print_notice(
        self, caller: Caller, notice_id: str, form: PrintForm, *, seconds: float | None
    ) -> PrintedNotice:
        notice = self.get_notice(caller, notice_id, seconds=seconds)
        return PrintedNotice(content_type=form.value, content=b"paper", digest=notice.digest)

    def decide_notice(
        self, caller: Caller, request: DecideBreachNotice, *, seconds: float | None
    ) -> tuple[BreachNotice, AuditStamp]:
        notice = self.get_notice(caller, request.notice_id, seconds=seconds).decided(
            request.decision, digest=request.digest, by=caller.name, at=AT, says=request.says
        )
        self.drafted[notice.id] = notice
        return notice, STAMP

    def send_notice(
        self, caller: Caller, request: SendBreachNotice, *, seconds: float | None
    ) -> tuple[BreachNotice, AuditStamp]:
        notice = self.get_notice(caller, request.notice_id, seconds=seconds)
        return notice.queued(digest=request.digest, at=AT), STAMP

    def list_partner_notices(
        self, caller: Caller, request: ListPartnerBreachNotices, *, seconds: float | None
    ) -> Page[BreachNotice]:
        caller.require_partner(request.partner)
        mine = sorted(
            (one for one in self.drafted.values() if one.partner == request.partner),
            key=lambda one: one.id,
        )
        later = [one for one in mine if one.id > (request.place.after or "")]
        items = tuple(later[: request.place.limit])
        return Page(items=items, next=items[-1].id if len(later) > len(items) else None)

    def confirm_notice(
        self, caller: Caller, request: ConfirmBreachNotice, *, seconds: float | None
    ) -> tuple[BreachNotice, AuditStamp]:
        return self.get_notice(caller, request.notice_id, seconds=seconds), STAMP


@dataclass
class FakeReturnedMail:
    """Everything is a report about something else."""

    def record_returned(
        self, caller: Caller, request: RecordReturned, *, seconds: float | None
    ) -> tuple[tuple[Returned, ...], AuditStamp]:
        return tuple(Returned(came=Came.NOT_OURS) for _ in request.messages), STAMP


@dataclass
class FakeMailings:
    """One mailing for each notice."""

    begun: dict[str, Mailing] = field(default_factory=dict)

    def plan_mailing(
        self, caller: Caller, request: PlanMailing, *, seconds: float | None
    ) -> tuple[MailingPlan, AuditStamp]:
        return planned(3, {Reach.WRITTEN: 2, Reach.WITHOUT: 1}, request.batch), STAMP

    def start_mailing(
        self, caller: Caller, request: StartMailing, *, seconds: float | None
    ) -> tuple[MailingView, AuditStamp]:
        self.begun[request.notice_id] = Mailing(
            notice=request.notice_id, state=MailingState.RUNNING, question=ScopeQuestion(),
            contacts=request.contacts, batch=request.batch, people=3, not_before=AT,
            begun_by=caller.name, begun_at=AT,
        )  # fmt: skip
        return self.get_mailing(caller, request.notice_id, seconds=seconds), STAMP

    def control_mailing(
        self, caller: Caller, request: ControlMailing, *, seconds: float | None
    ) -> tuple[MailingView, AuditStamp]:
        view = self.get_mailing(caller, request.notice_id, seconds=seconds)
        self.begun[request.notice_id] = view.mailing.done(request.act, now=AT)
        return self.get_mailing(caller, request.notice_id, seconds=seconds), STAMP

    def get_mailing(self, caller: Caller, notice_id: str, *, seconds: float | None) -> MailingView:
        if notice_id not in self.begun:
            raise PrivacyError(errors.MAILING_NOT_FOUND, notice=notice_id)
        letters = {state: number for number, state in enumerate(LetterState)}
        progress = Progress(reached={Reach.WRITTEN: 2}, letters=letters)
        return MailingView(mailing=self.begun[notice_id], progress=progress)

    def record_bounce(
        self, caller: Caller, request: RecordBounce, *, seconds: float | None
    ) -> tuple[MailingView, AuditStamp]:
        notice_id, _ = letter_named(request.reference)
        return self.get_mailing(caller, notice_id, seconds=seconds), STAMP


class FakeExposures:
    """A breach for whatever key."""

    def report_exposed_key(
        self, caller: Caller, request: ReportExposedKey, *, seconds: float | None
    ) -> ExposedKey:
        scope = Scoped(question={"key": request.key}, subjects=2, records=3)
        return ExposedKey(breach_id="breach-1", scope=scope, audit=STAMP)


class FakeReinspections:
    """Every release was as agreed."""

    def reinspect_release(
        self, caller: Caller, request: ReinspectRelease, *, seconds: float | None
    ) -> Reinspected:
        return Reinspected(found={}, breach_id="", audit=STAMP)


REINSPECTION = Reinspection(
    id="r", query=DisclosureQuery(), total=1, until=9, begun_by="officer", begun_at=AT
)


@dataclass
class FakeManyReinspections:
    """There is one, and it goes on."""

    def count_releases(self, caller: Caller, request: StartReinspection) -> int:
        return 1

    def start_reinspection(
        self, caller: Caller, request: StartReinspection, *, seconds: float | None
    ) -> tuple[Reinspection, AuditStamp]:
        return REINSPECTION, STAMP

    def cancel_reinspection(
        self, caller: Caller, request: CancelReinspection, *, seconds: float | None
    ) -> tuple[Reinspection, AuditStamp]:
        return REINSPECTION.cancelled(AT), STAMP

    def get_reinspection(self, caller: Caller, reinspection_id: str) -> Reinspection:
        return REINSPECTION

    def list_reinspections(self, caller: Caller, place: Place) -> Page[Reinspection]:
        return Page(items=(REINSPECTION,), next=None)


@dataclass
class FakeContainment:
    """One quarantine for each request id."""

    placed: dict[str, Quarantine] = field(default_factory=dict)

    def quarantine(
        self, caller: Caller, request: QuarantinePartner, *, seconds: float | None
    ) -> tuple[Quarantine, AuditStamp]:
        one = Quarantine(
            id=request.request_id, partner=request.partner, stopped=request.stopped,
            certificate=request.certificate, breach=request.breach_id,
            reason=request.reason, placed_by=caller.name, placed_at=AT,
        )  # fmt: skip
        self.placed[one.id] = one
        return one, STAMP

    def list_quarantines(
        self, caller: Caller, request: ListQuarantines, *, seconds: float | None
    ) -> Page[Quarantine]:
        return Page(items=tuple(self.placed.values()), next=None)

    def propose_release(
        self, caller: Caller, request: ProposeRelease, *, seconds: float | None
    ) -> tuple[Quarantine, AuditStamp]:
        one = self._get(request.quarantine_id)
        self.placed[one.id] = one.lift_proposed(by=caller.name, reason=request.reason, at=AT)
        return self.placed[one.id], STAMP

    def confirm_release(
        self, caller: Caller, request: ConfirmRelease, *, seconds: float | None
    ) -> tuple[Quarantine, AuditStamp]:
        one = self._get(request.quarantine_id).lift_confirmed(by=caller.name, at=AT)
        self.placed[one.id] = one
        return one, STAMP

    def _get(self, quarantine_id: str) -> Quarantine:
        if quarantine_id not in self.placed:
            raise PrivacyError(errors.QUARANTINE_NOT_FOUND, quarantine=quarantine_id)
        return self.placed[quarantine_id]
