"""The largest and the most hostile payloads: refused, or done, in bounded time and memory."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import grpc
import pytest

from tests.faults.served import Served, served
from tests.service.conftest import CONTRACTS, Peer, reason_of, transfer_request

pytestmark = pytest.mark.alone

SUPPORT = {"recipient": "helpdesk-ai", "purpose": "dpv:CustomerCare"}
MEGABYTE = 1024 * 1024
MEMORY = 1_500
"""Megabytes that the service may ever have held: it holds about 130 when it is idle."""


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A service with patterns alone: how long a language model takes is another matter."""
    with served(tmp_path_factory.mktemp("limits")) as one:
        for file in sorted(CONTRACTS.glob("*.yaml")):
            one.partner("acme-shop").put_contract(file.read_text())
        yield one


@pytest.fixture(scope="module")
def acme(one: Served) -> Peer:
    return one.partner("acme-shop")


def outcome(acme: Peer, content_type: str, payload: str, seconds: float = 60) -> str:
    """The effect's number, or the reason of the refusal."""
    request = transfer_request("acme-shop", payload, content_type=content_type, **SUPPORT)
    try:
        return str(acme.enforcement.Transfer(request, timeout=seconds).result.decision.effect)
    except grpc.RpcError as error:
        if error.code() is grpc.StatusCode.DEADLINE_EXCEEDED:
            return "DEADLINE"
        return reason_of(error)


def embedded(levels: int) -> str:
    text = "1"
    for _ in range(levels):
        text = json.dumps([text])
    return text


@pytest.mark.parametrize(
    ("content_type", "make", "reason"),
    [
        ("text/plain", lambda: "a" * (13 * MEGABYTE), "PAYLOAD_TOO_LARGE"),
        ("application/json", lambda: json.dumps([1] * 500_001), "PAYLOAD_TOO_MANY_VALUES"),
        ("application/json", lambda: json.dumps(["a@x.com"] * 50_001), "PAYLOAD_TOO_MANY_FINDINGS"),
        ("application/json", lambda: "[" * 10_000 + "]" * 10_000, "PAYLOAD_TOO_DEEP"),
        ("application/json", lambda: '{"a":' * 10_000 + "1" + "}" * 10_000, "PAYLOAD_TOO_DEEP"),
        ("application/json", lambda: "[" * 5_000_000, "PAYLOAD_TOO_DEEP"),
        ("application/json", lambda: json.dumps("[" * 10_000 + "]" * 10_000), "PAYLOAD_TOO_DEEP"),
        ("application/json", lambda: embedded(18), "PAYLOAD_TOO_DEEP"),
        ("text/plain", lambda: "[" * 10_000 + "]" * 10_000, "PAYLOAD_TOO_DEEP"),
        ("application/xml", lambda: "<a>" * 10_000 + "</a>" * 10_000, "PAYLOAD_TOO_DEEP"),
        (
            "message/rfc822",
            lambda: "".join(
                f"Content-Type: multipart/mixed; boundary=b{at}\r\n\r\n--b{at}\r\n"
                for at in range(10_000)
            ),
            "PAYLOAD_TOO_DEEP",
        ),
    ],
)
def test_what_is_over_a_limit_is_refused_fast_with_its_name(
    acme: Peer, content_type: str, make: Callable[[], str], reason: str
) -> None:
    payload = make()
    started = time.monotonic()
    assert outcome(acme, content_type, payload) == reason
    assert time.monotonic() - started < 10


HOSTILE = {
    "addresses without end": "a@" * 50_000,
    "dots": "a." * 50_000 + "@",
    "hyphens": "1-" * 50_000,
    "digits": "1" * 100_000,
    "groups of digits": "4111 " * 20_000,
    "blanks": " " * 100_000 + "x",
    "percent inside percent": "%25" * 30_000 + "40",
    "entities inside entities": "&amp;" * 20_000,
    "backslashes": "\\" * 100_000,
    "tags that never end": "<a " * 30_000,
    "marks on one letter": "a" + "\u0301" * 50_000,
    "invisible letters": "a\u200b" * 50_000,
    "hexadecimal": "a" * 100_001,
    "base64": "QUJD" * 25_000,
    "base64 with joints": "QUJDREVGR0hJSg/" * 6_000,
    "quoted": "=41" * 30_000,
    "nearly documents": "[" * 90 + "x" + "]" * 89,
    "braces": "{" * 100_000,
    "words": "Maria Gonzales " * 6_000,
    "streets": "12 Main St, " * 8_000,
}


def test_hostile_texts_take_bounded_time(acme: Peer) -> None:
    started = time.monotonic()
    done = outcome(acme, "application/json", json.dumps(HOSTILE), seconds=110)
    assert time.monotonic() - started < 90, "2 MB of what makes expressions go back and forth"
    assert done in ("1", "2", "4")


@pytest.mark.parametrize(
    ("content_type", "make"),
    [
        ("application/json", lambda: json.dumps(["a"] * 499_000)),
        ("text/plain", lambda: "a" * (12 * MEGABYTE)),
        ("text/csv", lambda: '"' + '""' * 5_000_000 + '"'),
    ],
    ids=["values", "one value", "quotes"],
)
def test_the_largest_payloads_end_in_time(
    acme: Peer, content_type: str, make: Callable[[], str]
) -> None:
    started = time.monotonic()
    assert outcome(acme, content_type, make(), seconds=45) in ("1", "2", "DEADLINE")
    assert time.monotonic() - started < 46


def test_a_caller_that_left_does_not_keep_the_service_busy(one: Served, acme: Peer) -> None:
    payload = json.dumps(list(range(300_000)))
    assert outcome(acme, "application/json", payload, seconds=1) == "DEADLINE"
    until = time.monotonic() + 30
    while busy(one, 1.0) > 0.2:
        assert time.monotonic() < until, "it still works for nobody"


def test_the_service_is_well_and_has_held_bounded_memory(one: Served) -> None:
    assert one.health() == "SERVING"
    assert most_memory(one) < MEMORY


def busy(one: Served, seconds: float) -> float:
    """Which part of a processor the service takes."""
    before = _processor_seconds(one)
    time.sleep(seconds)
    return (_processor_seconds(one) - before) / seconds


def _processor_seconds(one: Served) -> float:
    assert one.process is not None
    fields = Path(f"/proc/{one.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def most_memory(one: Served) -> int:
    """The most megabytes that the process has held so far."""
    assert one.process is not None
    status = Path(f"/proc/{one.process.pid}/status").read_text()
    (line,) = [line for line in status.splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) // 1024
