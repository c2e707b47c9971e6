"""What `gateway check` finds in a configuration."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from privacy_service.__main__ import app
from privacy_service.gateway.lint import Level, faults_of

CONFIG = Path(__file__).parents[3] / "deploy/envoy/gateway.yaml"
TEXT = CONFIG.read_text(encoding="utf-8")


def test_what_is_deployed_has_no_fault() -> None:
    assert faults_of(TEXT) == ()


@pytest.mark.parametrize(
    ("before", "after", "level", "word"),
    [
        ("failure_mode_allow: false", "failure_mode_allow: true", Level.OPEN, "failure_mode_allow"),
        ("observability_mode: false", "observability_mode: true", Level.OPEN, "observability_mode"),
        ("message_timeout: 10s", "message_timeout: 0.1s", Level.CLOSED, "message_timeout"),
        ("message_timeout: 10s", "", Level.CLOSED, "message_timeout"),
        ("status_on_error: {code: 503}", "forward_rules: {a: b}", Level.CLOSED, "forward_rules"),
        (
            "status_on_error: {code: 503}",
            "disable_immediate_response: true",
            Level.CLOSED,
            "disable_immediate_response",
        ),
        (
            "request_body_mode: BUFFERED",
            "request_body_mode: STREAMED",
            Level.CLOSED,
            "request_body",
        ),
        (
            "response_body_mode: BUFFERED\n",
            "response_body_mode: BUFFERED_PARTIAL\n",
            Level.CLOSED,
            "response_body_mode",
        ),
        ("request_header_mode: SEND", "request_header_mode: SKIP", Level.CLOSED, "headers"),
        ("{key: privacy-request, value: check}", "{key: x, value: y}", Level.CLOSED, "no route"),
        ("privacy-purpose", "privacy-purpos", Level.CLOSED, "privacy-purpos"),
        (
            "# Answers pass as they are, so they need not be held back.",
            "failure_mode_allow: true",
            Level.OPEN,
            "failure_mode_allow",
        ),
    ],
)
def test_each_way_past_the_gateway_is_found_in_its_line(
    before: str, after: str, level: Level, word: str
) -> None:
    assert TEXT.count(before) == 1
    text = TEXT.replace(before, after)
    faults = faults_of(text)
    assert {fault.level for fault in faults} == {level}
    assert all(word in fault.says for fault in faults)
    line = text.splitlines()[faults[0].line - 1]
    assert any(part in line for part in (after, "mode", "metadata", "ExternalProcessor"))


def test_what_goes_round_the_gateway_is_said() -> None:
    at = TEXT.index("                          overrides:")
    end = TEXT.index("                    # A model:")
    text = TEXT[:at] + "                          disabled: true\n" + TEXT[end:]
    assert [fault.level for fault in faults_of(text)] == [Level.NOTE]
    assert faults_of("{}")[0].level is Level.OPEN
    assert faults_of("a: [")[0].level is Level.CLOSED


KIND = "type.googleapis.com/envoy.extensions.filters.http.ext_proc.v3.ExtProcPerRoute"
BELOW = f"""
                          typed_per_filter_config:
                            envoy.filters.http.ext_proc:
                              "@type": {KIND}
                              overrides:
"""


@pytest.mark.parametrize(
    ("override", "levels"),
    [
        ("processing_mode: {request_body_mode: BUFFERED}", []),
        ("processing_mode: {request_body_mode: STREAMED}", [Level.CLOSED]),
        ("grpc_initial_metadata: [{key: privacy-query, value: pass}]", []),
        ("grpc_initial_metadata: [{key: privacy-response, value: transfer}]", [Level.CLOSED]),
    ],
)
def test_what_is_said_of_a_route_stands_over_what_is_said_of_its_host(
    override: str, levels: list[Level]
) -> None:
    host = "                          route: {cluster: swift_parcel, timeout: 30s}"
    assert TEXT.count(host) == 1
    said = f"{host}{BELOW}                                {override}"
    assert [fault.level for fault in faults_of(TEXT.replace(host, said))] == levels


def test_a_route_that_says_nothing_is_told() -> None:
    at = TEXT.index("                      typed_per_filter_config:\n")
    end = TEXT.index("                    # A model:")
    (fault,) = faults_of(TEXT[:at] + TEXT[end:])
    assert (fault.level, "no route" in fault.says) == (Level.CLOSED, True)


def test_the_command_ends_with_one_where_something_passes(tmp_path: Path) -> None:
    file = tmp_path / "envoy.yaml"
    file.write_text(TEXT.replace("failure_mode_allow: false", "failure_mode_allow: true"))
    runner = CliRunner()
    assert runner.invoke(app, ["gateway", "check", str(CONFIG)]).exit_code == 0
    done = runner.invoke(app, ["gateway", "check", str(file), str(CONFIG), "--json"])
    assert done.exit_code == 1
    said = json.loads(done.stdout)
    assert [one["level"] for one in said[str(file)]] == ["open"]
    assert said[str(CONFIG)] == []
    assert "failure_mode_allow" in runner.invoke(app, ["gateway", "check", str(file)]).stdout
