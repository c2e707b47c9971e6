"""Breaches, and what belongs to them, as the service answers."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Final

from google.protobuf.timestamp_pb2 import Timestamp

from privacy_service.breaches.breach import BreachState, Task
from privacy_service.breaches.obligations import Obligation as Asked
from privacy_service.breaches.obligations import Status
from privacy_service.breaches.plain import plain
from privacy_service.breaches.quarantine import Quarantine, Stopped
from privacy_service.breaches.questions import Question, questions
from privacy_service.breaches.reinspections import Reinspection, ReinspectionState
from privacy_service.breaches.spans import spans
from privacy_service.breaches.statements import (
    Entry,
    Nature,
    Noticed,
    Scoped,
    Source,
)
from privacy_service.desks.ports.breaches import (
    BreachView,
)
from privacy_service.law.reach import Count
from privacy_service.lift import LiftState
from privacy_service.rpc.answers import numbers, render_instant
from privacy_service.v1 import breaches_pb2 as pb

SOURCES: Final = numbers(Source, pb.BreachSource)
NATURES: Final = numbers(Nature, pb.BreachNature)
STATES: Final = numbers(BreachState, pb.BreachState)
STATUSES: Final = numbers(Status, pb.ObligationStatus)
STOPPED: Final = numbers(Stopped, pb.Stopped)
QUARANTINE_STATES: Final = numbers(LiftState, pb.QuarantineState)
REINSPECTION_STATES: Final = numbers(ReinspectionState, pb.ReinspectionState)


def render_breach(view: BreachView) -> pb.Breach:
    breach, facts = view.breach, view.breach.facts
    taken = spans(breach)
    measured = {
        "detect": taken.to_detect,
        "contain": taken.to_contain,
        "notify": taken.to_notify,
        "close": taken.to_close,
    }
    return pb.Breach(
        breach_id=breach.id,
        title=breach.opening.title,
        drill=breach.opening.drill,
        state=STATES[breach.state],
        source=SOURCES[breach.opening.source],
        reported_by=breach.opening.reported_by or "",
        natures=[NATURES[nature] for nature in breach.natures],
        open_time=render_instant(breach.opened_at),
        opened_by=breach.entries[0].by,
        close_time=render_instant(breach.closed_at),
        newest_entry=breach.newest,
        scope=render_scope(breach.scope) if breach.scope else None,
        total=_rendered(facts.total) if facts.total else None,
        residents={place: _rendered(count) for place, count in facts.residents.items()},
        decided=dict(facts.decided),
        times={name: _stamp(said.at) for name, said in breach.times.items()},
        doubts=list(breach.doubts),
        keep_until=view.keep_until.isoformat() if view.keep_until else "",
        delete_after=view.delete_after.isoformat() if view.delete_after else "",
        tasks=[_rendered_task(task) for task in breach.tasks],
        seconds_to={name: int(span.total_seconds()) for name, span in measured.items() if span},
        signs=[render_sign(one) for one in breach.all(Noticed)],
        questions=[render_question(one) for one in questions(view.obligations)],
    )


def render_reinspection(one: Reinspection) -> pb.Reinspection:
    asked = one.query
    return pb.Reinspection(
        reinspection_id=one.id,
        state=REINSPECTION_STATES[one.state],
        partner=asked.partner or "",
        contract_id=asked.contract or "",
        contract_version=asked.number or 0,
        since=render_instant(asked.since),
        until=render_instant(asked.until),
        total=one.total,
        looked_at=one.looked,
        wrong=one.wrong,
        skipped=one.skipped,
        found=one.found,
        breach_ids=one.breaches,
        started_by=one.begun_by,
        start_time=render_instant(one.begun_at),
        end_time=render_instant(one.ended_at),
    )


def render_question(one: Question) -> pb.OpenQuestion:
    return pb.OpenQuestion(
        question_id=one.id,
        asks=one.asks,
        answer=one.answer,
        rule_ids=one.rules,
        earliest_due_time=render_instant(one.earliest),
    )


def render_sign(one: Noticed) -> pb.BreachSign:
    return pb.BreachSign(
        cause=one.cause,
        about=one.about,
        severity=one.severity,
        says=one.says,
        positions=one.positions,
        named=one.named,
        counts=dict(one.counts),
    )


def render_quarantine(one: Quarantine) -> pb.PartnerQuarantine:
    lift = one.lift
    return pb.PartnerQuarantine(
        quarantine_id=one.id,
        partner=one.partner,
        stopped=STOPPED[one.stopped],
        certificate_sha256=one.certificate or "",
        breach_id=one.breach or "",
        reason=one.reason,
        state=QUARANTINE_STATES[one.state],
        placed_by=one.placed_by,
        place_time=render_instant(one.placed_at),
        lift_proposed_by=lift.proposed_by if lift else "",
        lift_propose_time=render_instant(lift.proposed_at) if lift else None,
        lift_reason=lift.reason if lift else "",
        lifted_by=(lift.confirmed_by or "") if lift else "",
        lift_time=render_instant(lift.confirmed_at) if lift else None,
    )


def render_scope(scope: Scoped) -> pb.BreachScope:
    return pb.BreachScope(
        question=dict(scope.question),
        subjects=scope.subjects,
        disclosures=scope.disclosures,
        unnamed_disclosures=scope.unnamed,
        several_identifiers=scope.several,
        records=scope.records,
        tokens=scope.tokens,
        categories=dict(scope.categories),
        recipients=dict(scope.recipients),
        contracts=dict(scope.contracts),
        approximate_regions=dict(scope.regions),
        protection=dict(scope.protection),
        exposed_records=dict(scope.exposed),
    )


def render_obligation(one: Asked) -> pb.Obligation:
    return pb.Obligation(
        rule_id=one.rule,
        rule_digest=one.rule_digest,
        title=one.title,
        regime=one.regime,
        duty=one.duty,
        recipient=one.recipient,
        to=one.to,
        citation=one.citation,
        standing=one.standing,
        place=one.place,
        status=STATUSES[one.status],
        clock=one.state,
        legal_due_time=render_instant(one.legal),
        conservative_due_time=render_instant(one.conservative),
        waits_for=list(one.waits_for),
        because=list(one.because),
        depends_on=one.asks,
        why_then=list(one.why),
        filed_time=render_instant(one.filed.at if one.filed else None),
        reference=one.filed.reference if one.filed else "",
    )


def render_entry(entry: Entry) -> pb.BreachEntry:
    return pb.BreachEntry(
        number=entry.number,
        time=render_instant(entry.at),
        by=entry.by,
        kind=entry.statement.kind,
        statement_json=json.dumps(plain(entry.statement), sort_keys=True, ensure_ascii=False),
    )


def _stamp(at: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(at)
    return stamp


def _rendered(count: Count) -> pb.PeopleCount:
    return pb.PeopleCount(number=count.number, approximate=count.approximate)


def _rendered_task(task: Task) -> pb.BreachTask:
    return pb.BreachTask(
        task_id=task.set.task,
        title=task.set.title,
        owner=task.set.owner,
        due_date=task.set.due_on.isoformat(),
        corrective=task.set.corrective,
        done_time=render_instant(task.done_at),
    )
