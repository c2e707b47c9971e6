"""How checks came out, told to a whole service, and the catalogue that it makes of that."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from typing import Any

import grpc
import pytest
from typer.testing import CliRunner

from privacy_service.__main__ import app
from privacy_service.custody.monitors import count_checks
from privacy_service.v1 import (
    behavior_pb2,
    behavior_pb2_grpc,
    monitors_pb2,
    monitors_pb2_grpc,
    playbooks_pb2,
    playbooks_pb2_grpc,
)
from tests.service.conftest import Peer, Service, reason_of

PARTY, PROVIDER = "acme-shop", "other-shop"
CONTRACT = f"""apiVersion: privacy-service/v1
kind: BehaviorContract
id: told-answers
title: Answers of which somebody says how they were
party: {PARTY}
provider: {PROVIDER}
effective: {{from: 2026-01-01}}
scope:
  use_cases: [told]
  success:
    - {{id: honest, signal: calibration_error, at_most: 0.1, variance: 0.1, over: P1D}}
expectations:
  - {{id: short, length: {{unit: words, most: 3}}, otherwise: note}}
  - {{id: polite, wording: {{forbid: [stupid]}}, otherwise: note}}
failure_modes:
  - id: rambles
    category: style
    severity: low
    when: "words > 5"
    remedy: note
    symptoms: It goes on and on.
    owner: Customer care
  - id: insults
    category: unsafe
    severity: high
    when: "'polite' in broken"
    playbook: calm-down
playbooks:
  - id: calm-down
    title: Somebody looks
    steps: [{{answer: note}}, {{task: {{kind: rule, title: Add the word, owner: Customer care}}}}]
"""


@pytest.fixture(scope="module")
def shop(service: Service) -> Peer:
    peer = service.partner(PARTY)
    put = behavior_pb2.PutBehaviorContractRequest(source=CONTRACT, request_id=str(uuid.uuid4()))
    stub(peer).PutBehaviorContract(put, timeout=10)
    return peer


def stub(peer: Peer) -> behavior_pb2_grpc.BehaviorServiceStub:
    return behavior_pb2_grpc.BehaviorServiceStub(peer.channel)


def check(peer: Peer, content: str, **more: Any) -> str:
    """The id of the check."""
    check_id = str(uuid.uuid4())
    request = behavior_pb2.CheckOutputRequest(
        party=PARTY, provider=PROVIDER, content_type="text/plain", content=content.encode(),
        use_case="told", request_id=check_id, **more,
    )  # fmt: skip
    stub(peer).CheckOutput(request, timeout=30)
    return check_id


def tell(
    peer: Peer, check_id: str, kind: str, *broken: str, **more: Any
) -> behavior_pb2.ReportOutcomeResponse:
    given: dict[str, Any] = {"party": PARTY, "request_id": str(uuid.uuid4())} | more
    request = behavior_pb2.ReportOutcomeRequest(
        check_id=check_id,
        kind=behavior_pb2.OutcomeKind.Value(f"OUTCOME_KIND_{kind}"),
        broken=broken,
        **given,
    )
    return stub(peer).ReportOutcome(request, timeout=20, metadata=peer.metadata)


def refused(call: Any) -> str:
    with pytest.raises(grpc.RpcError) as caught:
        call()
    return reason_of(caught.value)


def test_what_turns_out_says_what_stated_confidence_is_worth(service: Service, shop: Peer) -> None:
    sure = [check(shop, "yes", confidence=0.9) for _ in range(4)]
    for one in sure[:3]:
        tell(shop, one, "THUMBS_UP")
    tell(shop, sure[3], "CORRECTION")
    tell(shop, sure[0], "COMPLAINT")  # said of one check twice: the first counts
    tell(shop, check(shop, "no"), "THUMBS_UP")  # it stated none
    service.running.database.commit(count_checks)  # as the job does
    monitors = monitors_pb2_grpc.MonitorServiceStub(shop.channel)
    asked = monitors_pb2.GetMonitorsRequest(contract_id="told-answers", last_seconds=3600)
    found = monitors.GetMonitors(asked, timeout=20)
    (series,) = (one for one in found.series if one.side == "output")
    assert series.signals["known"] == 4
    assert series.signals["calibration_error"] == pytest.approx(0.15)
    assert series.signals["brier"] == pytest.approx((3 * 0.01 + 0.81) / 4)
    (honest,) = found.criteria
    assert (honest.criterion_id, honest.value) == ("honest", pytest.approx(0.15))
    assert honest.standing == monitors_pb2.CRITERION_STANDING_WITHIN


def test_the_catalogue_knows_what_fired_what_was_said_and_who_was_wrong(
    service: Service, shop: Peer
) -> None:
    rambling = check(shop, "one two three four five six")
    insult = check(shop, "you are dumb")
    fine = check(shop, "yes")
    tell(shop, rambling, "GROUND_TRUTH")  # it was fine as it was: a false alarm of `short`
    tell(shop, insult, "GROUND_TRUTH", "polite")  # nobody noticed: a false accept
    tell(shop, rambling, "COMPLAINT")
    tell(shop, fine, "THUMBS_UP")
    auditor = service.person("auditor")
    request = behavior_pb2.ListFailureModesRequest(contract_id="told-answers")
    found = stub(auditor).ListFailureModes(request, metadata=auditor.metadata, timeout=20)
    rambles, insults = found.failures
    assert (rambles.failure_id, rambles.fired, rambles.owner) == ("rambles", 1, "Customer care")
    assert dict(rambles.fired_by_version) == {1: 1}
    assert dict(rambles.fired_by_day) == {datetime.now(UTC).date().isoformat(): 1}
    assert rambles.HasField("last_fire_time")
    assert {(told.kind, told.count) for told in rambles.reported} == {
        (behavior_pb2.OUTCOME_KIND_GROUND_TRUTH, 1),
        (behavior_pb2.OUTCOME_KIND_COMPLAINT, 1),
    }
    assert (insults.fired, insults.playbook) == (0, "calm-down")
    assert not insults.HasField("last_fire_time")
    by_id = {one.expectation_id: one for one in found.accuracies}
    assert (by_id["short"].alarmed, by_id["short"].false_alarm_rate) == (1, 0.5)
    assert (by_id["polite"].missed, by_id["polite"].false_accept_rate) == (1, 1.0)

    one = behavior_pb2.GetFailureModeRequest(contract_id="told-answers", failure_id="rambles")
    assert stub(service.partner(PROVIDER)).GetFailureMode(one, timeout=20).failure == rambles
    other = service.partner("helpdesk-ai")
    assert refused(lambda: stub(other).GetFailureMode(one, timeout=20)) == "CONTRACT_NOT_FOUND"


def test_an_outcome_begins_the_playbook_of_the_failure_that_it_shows_once(
    service: Service, shop: Peer
) -> None:
    check_id, request_id = check(shop, "you are dumb"), str(uuid.uuid4())
    more = {"failure_id": "insults", "request_id": request_id}
    told = tell(shop, check_id, "COMPLAINT", "polite", **more)
    assert told.run_id
    assert tell(shop, check_id, "COMPLAINT", "polite", **more) == told
    assert not tell(shop, check_id, "COMPLAINT", failure_id="insults").run_id  # it runs already
    officer = service.person("officer")
    run = playbooks_pb2_grpc.PlaybookServiceStub(officer.channel).GetPlaybookRun(
        playbooks_pb2.GetPlaybookRunRequest(run_id=told.run_id),
        metadata=officer.metadata,
        timeout=20,
    )
    assert "complaint about a check" in str(run)
    clash = refused(lambda: tell(shop, check_id, "THUMBS_UP", request_id=request_id))
    assert clash == "REQUEST_ID_REUSED"


def test_what_cannot_be_said(service: Service, shop: Peer) -> None:
    check_id = check(shop, "yes")
    assert refused(lambda: tell(shop, str(uuid.uuid4()), "COMPLAINT")) == "CHECK_NOT_FOUND"
    assert refused(lambda: tell(shop, check_id, "COMPLAINT", "nice")) == "REQUEST_INVALID"
    mode = refused(lambda: tell(shop, check_id, "COMPLAINT", failure_id="sleeps"))
    assert mode == "FAILURE_MODE_NOT_FOUND"
    other = service.partner(PROVIDER)
    assert refused(lambda: tell(other, check_id, "COMPLAINT")) == "NOT_YOUR_PARTNER"
    assert refused(lambda: tell(other, check_id, "COMPLAINT", party=PROVIDER)) == "CHECK_NOT_FOUND"


def test_on_the_command_line(service: Service, shop: Peer) -> None:
    files = service.trial.partners[PARTY]
    own = [
        "--address", f"127.0.0.1:{service.running.port}", "--ca", str(files.authority),
        "--cert", str(files.certificate), "--key", str(files.private_key),
    ]  # fmt: skip
    check_id = check(shop, "one two three four five six")
    told = ["behavior", "outcome", check_id, "--party", PARTY, "--kind", "correction", *own]
    done = CliRunner().invoke(app, told)
    assert done.exit_code == 0, done.output
    listed = CliRunner().invoke(app, ["failures", *own])
    assert listed.exit_code == 0, listed.output
    assert "rambles" in listed.stdout
    one = CliRunner().invoke(app, ["failures", "told-answers", "rambles", "--json", *own])
    assert int(json.loads(one.stdout)["fired"]) >= 1
