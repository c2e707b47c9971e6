"""BehaviorService: parse, call, render."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing
from typing import Final

import grpc

from privacy_service import errors
from privacy_service.behavior.answer import CheckAnswer, ExpectationVerdict
from privacy_service.behavior.in_force import BehaviorVersion
from privacy_service.behavior.judgement import Verdict
from privacy_service.behavior.model import Outcome, Severity, Side, Source, Status
from privacy_service.behavior.outcomes import Accuracy, ModeRecord, OutcomeKind
from privacy_service.behavior.report import BehaviorReport, SideReport
from privacy_service.behavior.request import CheckRequest
from privacy_service.behavior.streamed import (
    Ended,
    EndOfOutput,
    Opened,
    Released,
    Stopped,
    StreamEvent,
    StreamPart,
)
from privacy_service.behavior.subject import Company
from privacy_service.desks.ports.behavior import BehaviorDesk, GetBehaviorReport, PutBehavior
from privacy_service.desks.ports.contracts import GetContract, ListContracts, Listed
from privacy_service.desks.ports.outcomes import (
    GetFailureMode,
    ListFailureModes,
    OutcomeDesk,
    ReportOutcome,
)
from privacy_service.desks.ports.pages import Place
from privacy_service.errors import PrivacyError
from privacy_service.rpc.answers import (
    numbers,
    parse_instant,
    render_audit,
    render_date,
    render_instant,
    render_result,
)
from privacy_service.rpc.call import Call, admitted
from privacy_service.rpc.enforcement import parse_subject
from privacy_service.rpc.pages import PageTokens
from privacy_service.v1 import answer_pb2
from privacy_service.v1 import behavior_pb2 as pb
from privacy_service.v1 import behavior_pb2_grpc as pb_grpc

OUTCOMES: Final = numbers(Outcome, pb.Outcome)
VERDICTS: Final = numbers(Verdict, pb.Verdict)
SEVERITIES: Final = numbers(Severity, pb.Severity)
KINDS: Final = numbers(OutcomeKind, pb.OutcomeKind)
_KIND_OF: Final = {number: kind for kind, number in KINDS.items()}


class BehaviorServicer(pb_grpc.BehaviorServiceServicer):
    """Answers BehaviorService; every rule is behind the desk."""

    def __init__(self, desk: BehaviorDesk, outcomes: OutcomeDesk, pages: PageTokens) -> None:
        self._desk = desk
        self._outcomes = outcomes
        self._pages = pages

    def PutBehaviorContract(
        self, request: pb.PutBehaviorContractRequest, context: object
    ) -> pb.PutBehaviorContractResponse:
        call = admitted(context)
        version = self._desk.put_behavior_contract(
            call.caller, parse_put(request), seconds=call.seconds()
        )
        return pb.PutBehaviorContractResponse(contract=render_version(version, whole=True))

    def GetBehaviorContract(
        self, request: pb.GetBehaviorContractRequest, context: object
    ) -> pb.GetBehaviorContractResponse:
        call = admitted(context)
        version = self._desk.get_behavior_contract(
            call.caller, parse_get(request), seconds=call.seconds()
        )
        return pb.GetBehaviorContractResponse(contract=render_version(version, whole=True))

    def ListBehaviorContracts(
        self, request: pb.ListBehaviorContractsRequest, context: object
    ) -> pb.ListBehaviorContractsResponse:
        call = admitted(context)
        asked = parse_list(request, self._pages.place(call, request))
        page = self._desk.list_behavior_contracts(call.caller, asked, seconds=call.seconds())
        return pb.ListBehaviorContractsResponse(
            contracts=[render_listed(one) for one in page.items],
            next_page_token=self._pages.token(call, request, page.next),
        )

    def GetBehaviorReport(
        self, request: pb.GetBehaviorReportRequest, context: object
    ) -> pb.GetBehaviorReportResponse:
        call = admitted(context)
        asked = parse_report(request)
        return render_report(
            self._desk.get_behavior_report(call.caller, asked, seconds=call.seconds())
        )

    def ReportOutcome(
        self, request: pb.ReportOutcomeRequest, context: object
    ) -> pb.ReportOutcomeResponse:
        call = admitted(context)
        asked = parse_outcome(request)
        told = self._outcomes.report_outcome(call.caller, asked, seconds=call.seconds())
        return pb.ReportOutcomeResponse(
            outcome_id=told.outcome.id,
            contract_id=told.outcome.contract_id,
            run_id=told.run_id or "",
            audit=render_audit(told.audit),
        )

    def GetFailureMode(
        self, request: pb.GetFailureModeRequest, context: object
    ) -> pb.GetFailureModeResponse:
        call = admitted(context)
        asked = GetFailureMode(
            contract_id=request.contract_id,
            failure=request.failure_id,
            since=parse_instant(request.since) if request.HasField("since") else None,
            until=parse_instant(request.until) if request.HasField("until") else None,
        )
        one = self._outcomes.get_failure_mode(call.caller, asked, seconds=call.seconds())
        return pb.GetFailureModeResponse(failure=render_mode(one))

    def ListFailureModes(
        self, request: pb.ListFailureModesRequest, context: object
    ) -> pb.ListFailureModesResponse:
        call = admitted(context)
        asked = ListFailureModes(
            contract_id=request.contract_id or None,
            since=parse_instant(request.since) if request.HasField("since") else None,
            until=parse_instant(request.until) if request.HasField("until") else None,
            place=self._pages.place(call, request),
        )
        page = self._outcomes.list_failure_modes(call.caller, asked, seconds=call.seconds())
        return pb.ListFailureModesResponse(
            failures=[render_mode(mode) for one in page.items for mode in one.modes],
            accuracies=[render_accuracy(a) for one in page.items for a in one.accuracies],
            next_page_token=self._pages.token(call, request, page.next),
        )

    def CheckPrompt(
        self, request: pb.CheckPromptRequest, context: object
    ) -> pb.CheckPromptResponse:
        return pb.CheckPromptResponse(
            result=self._checked(admitted(context), parse_prompt(request))
        )

    def CheckOutput(
        self, request: pb.CheckOutputRequest, context: object
    ) -> pb.CheckOutputResponse:
        return pb.CheckOutputResponse(
            result=self._checked(admitted(context), parse_output(request))
        )

    def CheckOutputStream(
        self, request_iterator: Iterator[pb.CheckOutputStreamRequest], context: object
    ) -> Iterator[pb.CheckOutputStreamResponse]:
        call = admitted(context)
        with call.bounded() as seconds, ExitStack() as room:
            parts = parse_parts(call, request_iterator, room)
            opening = parse_opening(next(parts, None))
            events = self._desk.check_stream(
                call.caller, opening, map(parse_part, parts), seconds=seconds
            )
            with closing(events):
                yield from map(render_event, events)

    def _checked(self, call: Call, request: CheckRequest) -> pb.CheckResult:
        return render_check(self._desk.check(call.caller, request, seconds=call.seconds()))


def parse_put(request: pb.PutBehaviorContractRequest) -> PutBehavior:
    expected = request.expected_version if request.HasField("expected_version") else None
    return PutBehavior(
        source=request.source, expected_version=expected, request_id=request.request_id.lower()
    )


def parse_get(request: pb.GetBehaviorContractRequest) -> GetContract:
    version = request.version if request.HasField("version") else None
    return GetContract(contract_id=request.contract_id, version=version)


def parse_list(request: pb.ListBehaviorContractsRequest, place: Place) -> ListContracts:
    return ListContracts(partner=request.partner or None, place=place)


def parse_report(request: pb.GetBehaviorReportRequest) -> GetBehaviorReport:
    return GetBehaviorReport(
        contract_id=request.contract_id,
        since=parse_instant(request.since) if request.HasField("since") else None,
        until=parse_instant(request.until) if request.HasField("until") else None,
    )


def parse_prompt(request: pb.CheckPromptRequest) -> CheckRequest:
    return CheckRequest(
        side=Side.PROMPT,
        party=request.party,
        provider=request.provider,
        content_type=request.content_type,
        content=request.content,
        company=Company(use_case=request.use_case or None),
        request_id=request.request_id.lower(),
        conversation=request.conversation or None,
        subjects=tuple(parse_subject(one) for one in request.subjects),
    )


def parse_output(request: pb.CheckOutputRequest) -> CheckRequest:
    return CheckRequest(
        side=Side.OUTPUT,
        party=request.party,
        provider=request.provider,
        content_type=request.content_type,
        content=request.content,
        company=Company(
            prompt=request.prompt or None,
            system_prompt=request.system_prompt or None,
            sources=tuple(Source(id=one.id, text=one.text) for one in request.sources),
            confidence=request.confidence if request.HasField("confidence") else None,
            latency_ms=request.latency_ms or None,
            attempt=max(1, request.attempt),
            use_case=request.use_case or None,
            intent=request.intent or None,
            rationale=request.rationale or None,
        ),
        request_id=request.request_id.lower(),
        conversation=request.conversation or None,
        subjects=tuple(parse_subject(one) for one in request.subjects),
    )


def parse_parts(
    call: Call, messages: Iterator[pb.CheckOutputStreamRequest], room: ExitStack
) -> Iterator[pb.CheckOutputStreamRequest]:
    """The messages, each held to its rules, with room for all of them together.

    Raises OUTPUT_INCOMPLETE where the caller is gone.
    """
    try:
        for message in messages:
            room.enter_context(call.room.held(message.ByteSize()))
            call.rules.require(message)
            yield message
    except grpc.RpcError:
        raise PrivacyError(errors.OUTPUT_INCOMPLETE) from None


def parse_opening(message: pb.CheckOutputStreamRequest | None) -> CheckRequest:
    """Raises REQUEST_INVALID where it is none, or has a content already."""
    if message is None or message.WhichOneof("part") != "opening":
        raise PrivacyError(errors.REQUEST_INVALID, field="opening")
    if message.opening.content:
        raise PrivacyError(errors.REQUEST_INVALID, field="opening.content")
    return parse_output(message.opening)


def parse_part(message: pb.CheckOutputStreamRequest) -> StreamPart:
    """Raises REQUEST_INVALID for a second opening."""
    kind = message.WhichOneof("part")
    if kind == "opening":
        raise PrivacyError(errors.REQUEST_INVALID, field="opening")
    return EndOfOutput() if kind == "end" else message.chunk


def render_event(event: StreamEvent) -> pb.CheckOutputStreamResponse:
    """One message of a streamed answer."""
    match event:
        case Released():
            return pb.CheckOutputStreamResponse(released=event.content)
        case Stopped():
            return pb.CheckOutputStreamResponse(stopped=pb.StreamStopped())
        case Ended():
            ended = pb.StreamEnded(result=render_check(event.answer), take_back=event.take_back)
            return pb.CheckOutputStreamResponse(ended=ended)
        case Opened():
            return pb.CheckOutputStreamResponse(opened=_opened(event))


def _opened(event: Opened) -> pb.StreamOpened:
    ref = event.contract
    return pb.StreamOpened(
        contract=answer_pb2.ContractRef(contract_id=ref.id, version=ref.number, digest=ref.digest),
        whole=event.whole,
        bounds=[
            pb.StreamBound(
                expectation_id=name,
                characters=bound.characters,
                words=bound.words,
                lines=bound.lines,
            )
            for name, bound in event.bounds
        ],
    )


def parse_outcome(request: pb.ReportOutcomeRequest) -> ReportOutcome:
    return ReportOutcome(
        party=request.party,
        check_id=request.check_id.lower(),
        kind=_KIND_OF[request.kind],
        broken=tuple(request.broken),
        failure=request.failure_id or None,
        request_id=request.request_id.lower(),
    )


def render_mode(one: ModeRecord) -> pb.FailureMode:
    """A failure mode, and how it went."""
    mode = one.mode
    return pb.FailureMode(
        contract_id=one.contract_id,
        version=one.number,
        failure_id=mode.id,
        category=mode.category.value,
        severity=SEVERITIES[mode.severity],
        condition=mode.when,
        remedy="" if mode.over is not None else mode.remedy.kind.value,
        symptoms=mode.symptoms or "",
        impact=mode.impact or "",
        owner=mode.owner or "",
        playbook=mode.playbook or "",
        fired=one.fired,
        fired_by_version=one.by_version,
        fired_by_day={day.isoformat(): count for day, count in one.by_day.items()},
        last_fire_time=render_instant(one.last_fired),
        reported=[
            pb.OutcomeKindCount(kind=KINDS[kind], count=count)
            for kind, count in one.reported.items()
        ],
    )


def render_accuracy(one: Accuracy) -> pb.ExpectationAccuracy:
    """How right an expectation was."""
    return pb.ExpectationAccuracy(
        contract_id=one.contract_id,
        expectation_id=one.expectation,
        noticed=one.noticed,
        missed=one.missed,
        alarmed=one.alarmed,
        passed=one.passed,
        false_accept_rate=one.false_accept_rate,
        false_alarm_rate=one.false_alarm_rate,
    )


def render_version(version: BehaviorVersion, *, whole: bool = False) -> pb.BehaviorContract:
    """The version; its source only if `whole`."""
    contract = version.contract
    return pb.BehaviorContract(
        contract_id=contract.id,
        version=version.number,
        digest=version.digest,
        title=contract.title,
        party=contract.party,
        provider=contract.provider,
        suspended=contract.status is Status.SUSPENDED,
        effective_from=render_instant(contract.effective_from),
        effective_until=render_instant(contract.effective_until),
        put_time=render_instant(version.put_at),
        put_by=version.put_by,
        source=version.source if whole else "",
    )


def render_listed(one: Listed[BehaviorVersion]) -> pb.BehaviorContract:
    """The version in a list, with its dates that come near."""
    shown = render_version(one.version)
    shown.warnings.extend(render_date(each) for each in one.warnings)
    return shown


def render_report(report: BehaviorReport) -> pb.GetBehaviorReportResponse:
    """How a contract was kept."""
    return pb.GetBehaviorReportResponse(
        contract_id=report.contract_id,
        since=render_instant(report.since),
        until=render_instant(report.until),
        prompts=_side(report.prompts),
        outputs=_side(report.outputs),
        broken=report.broken,
        failures=report.failures,
    )


def _side(side: SideReport) -> pb.SideReport:
    return pb.SideReport(
        checks=side.checks,
        outcomes=[
            pb.OutcomeCount(outcome=OUTCOMES[outcome], count=count)
            for outcome, count in side.outcomes.items()
        ],
        violations=side.violations,
        words=side.words,
        treated_per_thousand=side.treated_per_thousand,
        confidence=side.confidence,
        latency_ms=side.latency_ms,
    )


def render_check(answer: CheckAnswer) -> pb.CheckResult:
    """The answer to CheckPrompt and CheckOutput."""
    ref = answer.contract
    return pb.CheckResult(
        outcome=OUTCOMES[answer.outcome],
        content=answer.content,
        content_type=answer.content_type,
        verdicts=[_verdict(one) for one in answer.verdicts],
        failures=[
            pb.FiredFailure(
                failure_id=one.id, category=one.category, severity=SEVERITIES[one.severity]
            )
            for one in answer.failures
        ],
        ask=answer.ask,
        contract=answer_pb2.ContractRef(contract_id=ref.id, version=ref.number, digest=ref.digest),
        personal_data=None if answer.personal_data is None else render_result(answer.personal_data),
        audit=None if answer.audit is None else render_audit(answer.audit),
        review_id=answer.review_id or "",
        warnings=[render_date(one) for one in answer.warnings],
    )


def _verdict(one: ExpectationVerdict) -> pb.ExpectationVerdict:
    judged = one.judgement
    return pb.ExpectationVerdict(
        expectation_id=one.id,
        verdict=VERDICTS[judged.verdict],
        severity=SEVERITIES[one.severity],
        why=judged.why,
        count=judged.count,
        bound=judged.bound,
        name=judged.name,
        path=judged.path,
    )
