"""Playbooks through a whole service: a failure, what is done about it, and how it is resolved."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from typing import Any

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from typer.testing import CliRunner

from privacy_service.__main__ import app
from privacy_service.v1 import (
    behavior_pb2,
    behavior_pb2_grpc,
    governance_pb2,
    governance_pb2_grpc,
    monitors_pb2,
    monitors_pb2_grpc,
)
from privacy_service.v1 import playbooks_pb2 as pb
from privacy_service.v1 import playbooks_pb2_grpc as pb_grpc
from retention.registry import all_jobs, named
from retention.workplace import Workplace
from tests.retention.erasures import Plain
from tests.service.conftest import Peer, Service, reason_of
from tests.service.test_behavior import PARTY, put

BAD, GOOD = "This is a riddle.", "Your parcel is on its way."
CONTRACT = """apiVersion: privacy-service/v1
kind: BehaviorContract
id: {provider}-answers
title: No riddles
party: other-shop
provider: {provider}
effective: {{from: 2026-01-01}}
expectations:
  - {{id: no-riddles, wording: {{forbid: [{word}]}}, otherwise: note}}
failure_modes:
  - {{id: riddles, category: style, severity: high, when: size(broken) > 0, playbook: stop}}
playbooks:
  - id: stop
    title: It speaks in riddles
    targets: {{contain: PT1M, resolve: P2D}}
    steps: [{steps}]
"""
HALT = "answer: refuse, halt: {half_open_after: PT1S, probes: 2}"
TASK = "task: {kind: rule, title: A rule against riddles, owner: Product}"


def steps(*written: str) -> str:
    return ", ".join(f"{{{one}}}" for one in written)


@pytest.fixture
def shop(service: Service) -> Peer:
    return service.partner(PARTY)


def stands(peer: Peer, *written: str, provider: str, word: str = "riddle") -> str:
    """The id of a contract with these steps, once it stands."""
    source = CONTRACT.format(provider=provider, word=word, steps=steps(*written))
    return put(peer, source).contract_id


def outcome(peer: Peer, content: str, *, provider: str, prompt: bool = False) -> str:
    """What becomes of an output (or a prompt), or the reason why it was not judged."""
    said: dict[str, Any] = {
        "party": PARTY, "provider": provider, "content_type": "text/plain",
        "content": content.encode(), "request_id": str(uuid.uuid4()),
    }  # fmt: skip
    stub = behavior_pb2_grpc.BehaviorServiceStub(peer.channel)
    try:
        if prompt:
            asked = behavior_pb2.CheckPromptRequest(**said)
            result = stub.CheckPrompt(asked, timeout=30).result
        else:
            result = stub.CheckOutput(behavior_pb2.CheckOutputRequest(**said), timeout=30).result
    except grpc.RpcError as error:
        return reason_of(error)
    return behavior_pb2.Outcome.Name(result.outcome).removeprefix("OUTCOME_")


def ask(peer: Peer, method: str, request: Any) -> Any:
    stub = pb_grpc.PlaybookServiceStub(peer.channel)
    return getattr(stub, method)(request, timeout=30, metadata=peer.metadata)


def runs(peer: Peer, contract: str, *, resolved: bool = False) -> list[pb.PlaybookRun]:
    request = pb.ListPlaybookRunsRequest(contract_id=contract, resolved=resolved)
    return list(ask(peer, "ListPlaybookRuns", request).runs)


def curbs(peer: Peer, contract: str) -> list[pb.Curb]:
    return list(ask(peer, "ListCurbs", pb.ListCurbsRequest(contract_id=contract)).curbs)


def resume(peer: Peer, curb: str) -> pb.Curb:
    request = pb.ResumeChecksRequest(curb_id=curb, reason="new model", request_id=str(uuid.uuid4()))
    return ask(peer, "ResumeChecks", request).curb


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(grpc.RpcError) as error:
        call()
    return reason_of(error.value)


def test_a_failure_halts_the_provider_until_probes_go_well(service: Service, shop: Peer) -> None:
    contract = stands(shop, "answer: refuse", HALT.partition(", ")[2], provider="riddle-ai")
    assert outcome(shop, GOOD, provider="riddle-ai") == "ACCEPTED"
    assert outcome(shop, BAD, provider="riddle-ai") == "REFUSED"
    assert outcome(shop, GOOD, provider="riddle-ai") == "PROVIDER_HALTED"
    assert outcome(shop, "A question", provider="riddle-ai", prompt=True) == "PROVIDER_HALTED"
    (run,) = runs(shop, contract)
    assert (run.state, run.cause) == (pb.RUN_STATE_WAITING, pb.RUN_CAUSE_CHECK)
    assert [event.what for event in run.timeline] == ["detected", "answered", "halted"]
    assert run.seconds_to["contain"] == 0
    time.sleep(1.1)
    assert curbs(shop, contract)[0].state == pb.CURB_STATE_HALF_OPEN
    assert outcome(shop, BAD, provider="riddle-ai") == "REFUSED"  # a probe, and it fails
    assert outcome(shop, GOOD, provider="riddle-ai") == "PROVIDER_HALTED"
    time.sleep(1.1)
    assert outcome(shop, GOOD, provider="riddle-ai") == "ACCEPTED"
    assert outcome(shop, GOOD, provider="riddle-ai") == "ACCEPTED"
    assert curbs(shop, contract) == []
    assert [event.what for event in runs(shop, contract)[0].timeline][3:] == [
        "probe-failed", "probes-went-well",
    ]  # fmt: skip
    assert outcome(shop, BAD, provider="riddle-ai") == "REFUSED"
    assert outcome(shop, GOOD, provider="riddle-ai") == "PROVIDER_HALTED"  # the same run halts anew
    assert len(runs(shop, contract)) == 1


def test_a_run_is_resolved_when_its_tasks_are_done_and_nothing_is_halted(
    service: Service, shop: Peer
) -> None:
    contract = stands(shop, "halt: {}", TASK, provider="sphinx-ai")
    officer, auditor = service.person("officer"), service.person("auditor")
    assert outcome(shop, BAD, provider="sphinx-ai") == "ACCEPTED"
    (run,) = runs(officer, contract)
    assert run.state == pb.RUN_STATE_PLAYING  # the job sets its task

    def resolving(request_id: str = str(uuid.uuid4())) -> Any:
        request = pb.ResolvePlaybookRunRequest(
            run_id=run.run_id, residual_risk=pb.RESIDUAL_RISK_LOW, says="rules are new",
            request_id=request_id,
        )  # fmt: skip
        return ask(officer, "ResolvePlaybookRun", request)

    assert refusal(resolving) == "RUN_NOT_SETTLED"
    play(service, run.run_id)
    (task,) = ask(auditor, "GetPlaybookRun", pb.GetPlaybookRunRequest(run_id=run.run_id)).run.tasks
    assert (task.kind, task.owner) == ("rule", "Product")
    done = pb.CompletePlaybookTaskRequest(
        run_id=run.run_id, step=task.step, evidence="PR 12", request_id=str(uuid.uuid4())
    )
    assert ask(officer, "CompletePlaybookTask", done).run.tasks[0].done_by == "officer@demo.example"
    assert refusal(resolving) == "RUN_NOT_SETTLED"  # it is halted still
    (curb,) = curbs(shop, contract)
    assert resume(shop, curb.curb_id).state == pb.CURB_STATE_LIFTED
    assert refusal(lambda: resume(shop, curb.curb_id)) == "CURB_LIFTED"
    assert outcome(shop, GOOD, provider="sphinx-ai") == "ACCEPTED"
    answer = resolving()
    assert resolving().audit == answer.audit  # a retry has no second effect
    assert answer.run.state == pb.RUN_STATE_RESOLVED
    assert answer.run.residual_risk == pb.RESIDUAL_RISK_LOW
    assert "resolve" in answer.run.seconds_to
    assert runs(shop, contract) == []
    assert [one.run_id for one in runs(shop, contract, resolved=True)] == [run.run_id]
    assert refusal(lambda: resolving(str(uuid.uuid4()))) == "RUN_RESOLVED"


def at_work(service: Service) -> Workplace:
    """Where jobs work, on the service's own database."""
    running = service.running
    return Workplace(
        settings=running.settings, clock=running.clock, log=running.log,
        database=running.database, keyring=running.keyring,
    )  # fmt: skip


def play(service: Service, run_id: str) -> None:
    """What the job does for one run."""
    named(all_jobs(), "play").work(at_work(service), run_id, Plain())


def tick(service: Service, name: str) -> None:
    """What a job does at a tick."""
    at, job = at_work(service), named(all_jobs(), name)
    assert job.waiting is not None
    for key in job.waiting(at, 100):
        job.work(at, key, Plain())


def test_a_throttle_lets_so_many_through(shop: Peer) -> None:
    stands(shop, "throttle: {most: 2, per: PT1H}", provider="slow-ai")
    assert outcome(shop, BAD, provider="slow-ai") == "ACCEPTED"
    assert [outcome(shop, GOOD, provider="slow-ai") for _ in range(3)] == [
        "ACCEPTED", "ACCEPTED", "CHECKS_THROTTLED",
    ]  # fmt: skip


def test_another_partner_is_named(shop: Peer) -> None:
    stands(shop, "fall_back: {provider: calm-ai}", provider="wild-ai")
    assert outcome(shop, BAD, provider="wild-ai") == "ACCEPTED"
    stub = behavior_pb2_grpc.BehaviorServiceStub(shop.channel)
    request = behavior_pb2.CheckPromptRequest(
        party=PARTY, provider="wild-ai", content_type="text/plain", content=b"A question",
        request_id=str(uuid.uuid4()),
    )  # fmt: skip
    with pytest.raises(grpc.RpcError) as error:
        stub.CheckPrompt(request, timeout=30)
    info = error_details_pb2.ErrorInfo()
    rpc_status.from_call(error.value).details[0].Unpack(info)
    assert (info.reason, info.metadata["provider"]) == ("ASK_ANOTHER_PARTNER", "calm-ai")


def test_the_last_good_version_judges_until_there_is_a_newer_one(shop: Peer) -> None:
    fall_back = ("fall_back: {}",)
    contract = stands(shop, *fall_back, provider="back-ai", word="enigma")
    stands(shop, *fall_back, provider="back-ai", word="riddle")
    assert outcome(shop, BAD, provider="back-ai") == "ACCEPTED"  # noted; version 1 judges from now
    (curb,) = curbs(shop, contract)
    assert (curb.kind, curb.version) == (pb.CURB_KIND_FALL_BACK, 1)
    stub = behavior_pb2_grpc.BehaviorServiceStub(shop.channel)

    def version() -> int:
        request = behavior_pb2.CheckOutputRequest(
            party=PARTY, provider="back-ai", content_type="text/plain", content=b"A riddle",
            request_id=str(uuid.uuid4()),
        )  # fmt: skip
        return stub.CheckOutput(request, timeout=30).result.contract.version

    assert version() == 1
    stands(shop, *fall_back, provider="back-ai", word="charade")
    assert version() == 3
    assert curbs(shop, contract) == []


def test_no_prompt_goes_while_collection_is_halted(shop: Peer) -> None:
    contract = stands(shop, "halt_collection: true", provider="greedy-ai")
    assert outcome(shop, BAD, provider="greedy-ai") == "ACCEPTED"
    assert outcome(shop, "A question", provider="greedy-ai", prompt=True) == "COLLECTION_HALTED"
    assert outcome(shop, GOOD, provider="greedy-ai") == "ACCEPTED"
    resume(shop, curbs(shop, contract)[0].curb_id)
    assert outcome(shop, "A question", provider="greedy-ai", prompt=True) == "ACCEPTED"


def test_people_halt_resume_and_start_by_hand(service: Service, shop: Peer) -> None:
    contract = stands(shop, "throttle: {most: 9, per: PT1H}", TASK, provider="calm-ai")
    wanted = pb.HaltChecksRequest(
        contract_id=contract, reason="told by a customer", request_id=str(uuid.uuid4())
    )
    curb = ask(shop, "HaltChecks", wanted).curb
    assert ask(shop, "HaltChecks", wanted).curb.curb_id == curb.curb_id
    assert outcome(shop, GOOD, provider="calm-ai") == "PROVIDER_HALTED"
    resume(service.person("officer"), curb.curb_id)
    start = pb.StartPlaybookRequest(
        contract_id=contract, playbook_id="stop", reason="customers tell of riddles",
        request_id=str(uuid.uuid4()),
    )  # fmt: skip
    run = ask(service.person("officer"), "StartPlaybook", start).run
    assert (run.cause, run.failure_id) == (pb.RUN_CAUSE_PERSON, "")
    assert [event.what for event in run.timeline] == ["detected", "throttled"]
    assert ask(service.person("officer"), "StartPlaybook", start).run.run_id == run.run_id
    start.request_id = str(uuid.uuid4())
    assert refusal(lambda: ask(shop, "StartPlaybook", start)) == "PLAYBOOK_RUNS"
    start.playbook_id = "none"
    assert refusal(lambda: ask(shop, "StartPlaybook", start)) == "PLAYBOOK_NOT_FOUND"


def test_another_party_sees_and_moves_nothing_of_it(service: Service, shop: Peer) -> None:
    contract = stands(shop, "halt: {}", provider="shy-ai")
    outcome(shop, BAD, provider="shy-ai")
    (run,), (curb,) = runs(shop, contract), curbs(shop, contract)
    other = service.partner("acme-shop")
    assert runs(other, contract) == []
    assert curbs(other, contract) == []
    one = pb.GetPlaybookRunRequest(run_id=run.run_id)
    assert refusal(lambda: ask(other, "GetPlaybookRun", one)) == "RUN_NOT_FOUND"
    assert refusal(lambda: resume(other, curb.curb_id)) == "CURB_NOT_FOUND"
    wanted = pb.HaltChecksRequest(contract_id=contract, reason="r", request_id=str(uuid.uuid4()))
    assert refusal(lambda: ask(other, "HaltChecks", wanted)) == "CONTRACT_NOT_FOUND"


def test_the_command_line_shows_what_is_going_on(service: Service, shop: Peer) -> None:
    contract = stands(shop, *HALT.split(", ", 1), provider="oracle-ai")
    outcome(shop, BAD, provider="oracle-ai")
    (run,) = runs(shop, contract)
    trial = service.trial
    connection = [
        "--address", f"127.0.0.1:{service.running.token_port}", "--ca", str(trial.authority),
        "--token", str(trial.folder / "tls" / "officer.jwt"),
    ]  # fmt: skip

    def shown(*words: str) -> str:
        done = CliRunner().invoke(app, ["playbooks", *words, *connection], env={"COLUMNS": "200"})
        assert done.exit_code == 0, done.output
        return done.output

    assert run.run_id in shown("list")
    said = shown("show", run.run_id)
    for words in ("riddles, high", "answered", "halted", "target 0:01:00", "in the path: halt"):
        assert words in said
    assert "half open after 0:00:01" in shown("curbs")
    (curb,) = curbs(shop, contract)
    assert "lifted" in shown("resume", curb.curb_id, "--reason", "new model")
    assert "halt" in shown("halt", contract, "--reason", "riddles again")
    over = shown("resolve", run.run_id, "--risk", "none", "--says", "It was a test", "--json")
    assert '"state": "RUN_STATE_RESOLVED"' in over


def test_a_failure_over_a_window_is_contained_without_anybody(service: Service, shop: Peer) -> None:
    source = CONTRACT.format(provider="drift-ai", word="riddle", steps=steps("halt: {}"))
    source = source.replace(
        "when: size(broken) > 0,", "over: {last: PT5M, least: 4}, when: violation_rate > 0.6,"
    )
    contract = put(shop, source).contract_id
    for content in (BAD, BAD, BAD, GOOD):
        assert outcome(shop, content, provider="drift-ai") == "ACCEPTED"
    tick(service, "count-checks")
    trial = service.trial
    show = [
        "monitors", "show", contract, "--address", f"127.0.0.1:{service.running.token_port}",
        "--ca", str(trial.authority), "--token", str(trial.folder / "tls" / "officer.jwt"),
    ]  # fmt: skip
    firing = CliRunner().invoke(app, show, env={"COLUMNS": "200"})
    assert firing.exit_code == 1, firing.output
    assert "broken no-riddles: 0.75" in firing.output
    tick(service, "watch")
    assert outcome(shop, GOOD, provider="drift-ai") == "PROVIDER_HALTED"
    (run,) = runs(shop, contract)
    assert run.cause == pb.RUN_CAUSE_WINDOW
    stub = monitors_pb2_grpc.MonitorServiceStub(shop.channel)
    asked = monitors_pb2.GetMonitorsRequest(contract_id=contract)
    found = stub.GetMonitors(asked, timeout=10)
    (series,), (window,) = found.series, found.windows
    assert (series.side, series.checks, series.signals["violation_rate"]) == ("output", 4, 0.75)
    assert (window.fires, window.run_id) == (True, run.run_id)
    behavior = behavior_pb2_grpc.BehaviorServiceStub(shop.channel)
    listing = behavior_pb2.ListFailureModesRequest(contract_id=contract)
    (mode,) = behavior.ListFailureModes(listing, timeout=10).failures
    assert (mode.fired, dict(mode.fired_by_version), mode.remedy) == (1, {1: 1}, "")
    assert mode.last_fire_time == run.detect_time
    reported = behavior_pb2.GetBehaviorReportRequest(contract_id=contract)
    assert dict(behavior.GetBehaviorReport(reported, timeout=10).failures) == {"riddles": 1}
    wanted = governance_pb2.GetRecertificationPacketRequest(contract_id=contract)
    governance = governance_pb2_grpc.GovernanceServiceStub(shop.channel)
    packet = json.loads(governance.GetRecertificationPacket(wanted, timeout=10).packet_json)
    assert packet["fired"] == {mode.failure_id: 1}
    stranger = monitors_pb2_grpc.MonitorServiceStub(service.partner("acme-shop").channel)
    assert refusal(lambda: stranger.GetMonitors(asked, timeout=10)) == "CONTRACT_NOT_FOUND"
