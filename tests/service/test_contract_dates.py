"""Contracts whose date comes near: whoever uses them is told before they are refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from typer.testing import CliRunner

from privacy_service.__main__ import app
from privacy_service.app.watching import DateFigures
from privacy_service.v1 import answer_pb2, contracts_pb2
from tests.service.conftest import Service
from tests.service.test_behavior import PARTY, output, put, stub
from tests.service.test_breaches import refusal
from tests.service.test_changing import Deal

ENDING = """apiVersion: privacy-service/v1
kind: BehaviorContract
id: ending-answers
title: Answers until soon
party: other-shop
provider: helpdesk-ai
effective: {{from: 2026-01-01, until: "{until}"}}
scope: {{use_cases: [ending]}}
expectations:
  - {{id: short, length: {{unit: words, most: 9}}, otherwise: refuse}}
"""


def ends(days: float) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).isoformat(timespec="seconds")


@pytest.fixture
def run(service: Service) -> Any:
    where = [
        "--address", f"localhost:{service.running.token_port}",
        "--ca", str(service.trial.authority), "--token",
        str(service.trial.folder / "tls" / "officer.jwt"),
    ]  # fmt: skip
    return lambda *words: CliRunner().invoke(app, [*words, *where]).output


def test_a_transfer_is_told_and_so_are_lists_and_metrics(service: Service, run: Any) -> None:
    deal = Deal(service)
    assert not deal.send().warnings
    near = deal.source.replace("from: 2026-01-01", f'from: 2026-01-01, until: "{ends(20)}"')
    deal.shop.put_contract(near)
    (warning,) = deal.send(request_id="11111111-0000-4000-8000-00000000000a").warnings
    assert (warning.contract_id, warning.kind) == (deal.id, answer_pb2.CONTRACT_DATE_KIND_ENDS)
    assert warning.refuse_time == warning.due_time
    again = deal.send(request_id="11111111-0000-4000-8000-00000000000a")
    assert list(again.warnings) == [warning]
    request = contracts_pb2.ListContractsRequest(partner=PARTY, page_size=200)
    listed = deal.shop.contracts.ListContracts(request, timeout=10).contracts
    (one,) = [each for each in listed if each.contract_id == deal.id]
    assert list(one.warnings) == [warning]
    assert f"{deal.id} ends on" in " ".join(run("contract", "list").split())
    figures = DateFigures(database=service.running.database, clock=service.running.clock)
    due, refused = (
        [one.value for one in family.samples if one.labels["contract"] == deal.id]
        for family in figures.collect()
    )
    assert 19 * 86400 < due[0] == refused[0] < 20 * 86400


def test_a_check_is_told_and_then_refused(service: Service, run: Any) -> None:
    shop = service.partner(PARTY)
    put(shop, ENDING.format(until=ends(10)))

    def check() -> Any:
        return stub(shop).CheckOutput(output("Yes.", use_case="ending"), timeout=30).result

    (warning,) = check().warnings
    assert warning.kind == answer_pb2.CONTRACT_DATE_KIND_ENDS
    listed = json.loads(run("behavior", "list", "--json"))
    (one,) = [each for each in listed if each["contract_id"] == "ending-answers"]
    assert one["warnings"][0]["kind"] == "CONTRACT_DATE_KIND_ENDS"
    put(shop, ENDING.format(until=ends(-1)))
    assert refusal(check) == "CONTRACT_LAPSED"
