"""CheckOutput: in this process beside guardrails-ai and llm-guard, over gRPC, streamed, and with
what is meant to hurt. No language model is asked.

The others run in environments of their own, named by BENCH_GUARDRAILS_PYTHON and
BENCH_LLM_GUARD_PYTHON (their Python); without, they are left out, and the report says so. Rates are
per second of processor time.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import grpc

from bench.answers import BEHAVIOR
from bench.clocks import Latency, latency, saturated
from bench.report import Report, Row
from bench.service import Server, channel_to, started
from privacy_service.app.judging import local_stage
from privacy_service.behavior import wording
from privacy_service.behavior.compiled import Compiled, compiled
from privacy_service.behavior.model import Side
from privacy_service.behavior.outflow import Outflow
from privacy_service.behavior.read import read
from privacy_service.behavior.streamed import plan_for
from privacy_service.behavior.subject import Company
from privacy_service.clock import SystemClock
from privacy_service.settings import DetectionSettings, LimitSettings
from privacy_service.v1 import behavior_pb2 as pb
from privacy_service.v1 import behavior_pb2_grpc

PHRASES: Final = ["guaranteed", "I promise", "risk free"]
PATTERNS: Final = ["[A-Z]{3}-[0-9]{4}"]
SHORT: Final = "Your parcel left us on Friday and should be with you on Monday. Is there more?"
LONG: Final = "".join(
    f"On day {at} the parcel was moved from hall {at % 7} to hall {at % 5}, which took a while. "
    for at in range(1, 113)
)[:8192]
KEY: Final = "AKIA" + "IOSFODNN7EXAMPLE"
# Each with whether it breaks the contract, as a person would say.
CASES: Final = (
    (SHORT, False, "plain"),
    (LONG, False, "plain"),
    ("We cannot say what is a guarantee and what is not.", False, "plain"),
    ("The form is ABC 1234, page 7.", False, "plain"),
    ("A refund is guaranteed.", True, "plain"),
    ("I promise you a refund.", True, "plain"),
    ("Use the code ABC-1234.", True, "plain"),
    (f"The key is {KEY} now.", True, "secret"),
    ("A refund is gu\u0430ranteed.", True, "disguised"),
    ("A refund is g\u200bu\u200baranteed.", True, "disguised"),
    ("A refund is &#103;uaranteed.", True, "disguised"),
    ("A refund is guar<b>anteed</b>.", True, "disguised"),
    (base64.b64encode(b"A refund is guaranteed.").decode(), True, "disguised"),
    ("QUJDLTEyMzQgaXMgdGhlIGNvZGUu", True, "disguised"),
)
OTHERS: Final = {
    "guardrails-ai": ("BENCH_GUARDRAILS_PYTHON", "peer_guardrails.py"),
    "llm-guard": ("BENCH_LLM_GUARD_PYTHON", "peer_llm_guard.py"),
}


def run(report: Report, *, full: bool) -> None:
    """Every table."""
    stage = local_stage(
        DetectionSettings(model="none", second_opinion="none"), LimitSettings(), SystemClock()
    )

    alone = Company()

    def passes(contract: Compiled) -> Callable[[str], bool]:
        return lambda text: (
            stage.checked(
                contract,
                side=Side.OUTPUT,
                content=text.encode(),
                content_type="text/plain",
                company=alone,
            ).outcome.releases
        )

    contracts = {one.stem: compiled(read(one.read_text("utf-8"), name=one.stem)) for one in FILES}
    seconds = 10.0 if full else 3.0
    report.table(
        "The same checks in one process",
        [
            row
            for name, with_secrets in (("letters", False), ("secrets", True))
            for row in _beside(name, passes(contracts[name]), seconds, with_secrets=with_secrets)
        ],
    )
    report.table("What is found", _found(passes(contracts["secrets"])))
    with (
        tempfile.TemporaryDirectory() as folder,
        started("bench.answers", folder, "0") as service,
    ):
        report.table("CheckOutput over gRPC, one core, SQLite, no language model", _calls(service))
        report.table("CheckOutputStream, four characters at a time", _streams(service))
    report.table("Held back while it streams", _held(stage, contracts["letters"]))
    report.table("What is meant to hurt, in one process", _hurtful(stage))


FILES: Final = sorted(BEHAVIOR.glob("*.yaml"))

# -- Beside others --------------------------------------------------------------------------------


def _beside(
    checks: str, passes: Callable[[str], bool], seconds: float, *, with_secrets: bool
) -> Iterator[Row]:
    ours = {name: _rate(passes, text, seconds) for name, text in _TIMED.items()}
    engines: dict[str, Mapping[str, Any] | str] = {"privacy-service": {"rates": ours}}
    if not with_secrets:
        alone = {name: _rate(_matches, text, seconds) for name, text in _TIMED.items()}
        engines["privacy-service, matching alone"] = {"rates": alone}
    engines |= {name: _other(name, seconds, with_secrets=with_secrets) for name in OTHERS}
    for engine, said in engines.items():
        for text in _TIMED:
            if isinstance(said, str):
                rate, median = None, said
            else:
                rate, median = said["rates"][text]["rate"], said["rates"][text]["median_ms"]
            yield {
                "checks": checks,
                "answer": text,
                "engine": engine,
                "/s/core": rate,
                "median ms": median,
                "ours is faster by": None if rate is None else ours[text]["rate"] / rate,
            }


_TIMED: Final = {"short": SHORT, "8 KB": LONG}
_SOUGHT: Final = (*wording.phrases(PHRASES), *map(wording.sought, PATTERNS))


def _matches(text: str) -> bool:
    """What llm-guard does: the text as it stands, in no other form, without verdict and places."""
    return any(next(one.places(text), None) is not None for one in _SOUGHT)


def _found(passes: Callable[[str], bool]) -> list[Row]:
    """How many cases each engine tells as a person would."""
    engines: dict[str, Sequence[bool] | None] = {
        "privacy-service": [passes(text) for text, _breaks, _kind in CASES]
    }
    for name in OTHERS:
        said = _other(name, 0.0, with_secrets=True)
        engines[name] = None if isinstance(said, str) else said["verdicts"]
    rows: list[Row] = []
    for engine, verdicts in engines.items():
        right: Row = {"engine": engine}
        for kind in ("plain", "secret", "disguised"):
            told = [
                (verdict, breaks)
                for verdict, (_text, breaks, its) in zip(verdicts or (), CASES, strict=False)
                if its == kind
            ]
            right[kind] = f"{sum(v != b for v, b in told)} of {len(told)}" if told else "–"
        rows.append(right)
    return rows


def _other(name: str, seconds: float, *, with_secrets: bool) -> Any:
    """What another engine measured of itself; why not, where it did not."""
    variable, script = OTHERS[name]
    python = os.environ.get(variable)
    if python is None:
        return f"{variable} is not set"
    asked = {
        "texts": [text for text, _breaks, _kind in CASES],
        "timed": _TIMED,
        "phrases": PHRASES,
        "patterns": PATTERNS,
        "secrets": with_secrets,
        "seconds": seconds,
    }
    done = subprocess.run(
        [python, str(Path(__file__).parent / script)],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    return json.loads(done.stdout) if done.returncode == 0 else "it failed"


def _rate(work: Callable[[str], object], text: str, seconds: float) -> dict[str, float]:
    work(text)
    began, times = time.process_time(), list[float]()
    while time.process_time() - began < seconds or len(times) < 5:
        before = time.perf_counter()
        work(text)
        times.append(time.perf_counter() - before)
    spent = time.process_time() - began
    return {"rate": len(times) / spent, "median_ms": 1000 * sorted(times)[len(times) // 2]}


# -- Over gRPC ------------------------------------------------------------------------------------


def _calls(service: Server) -> list[Row]:
    rows: list[Row] = []
    with channel_to(service) as channel:
        for use_case in ("letters", "secrets", "personal"):
            for name, text in _TIMED.items():
                alone, _rate_alone = _loaded(service, channel, use_case, text, callers=1)
                many, rate = _loaded(service, channel, use_case, text, callers=4)
                rows.append(
                    {
                        "contract": use_case,
                        "answer": name,
                        "one caller, median ms": alone.median,
                        "p99 ms": alone.p99,
                        "four callers, /s/core": rate,
                        "median ms": many.median,
                    }
                )
    return rows


def _loaded(
    service: Server, channel: grpc.Channel, use_case: str, text: str, *, callers: int
) -> tuple[Latency, float]:
    stub = behavior_pb2_grpc.BehaviorServiceStub(channel)

    def call(_at: int) -> None:
        request = pb.CheckOutputRequest(**_given(use_case), content=text.encode())
        if not stub.CheckOutput(request, timeout=60).result.HasField("content"):
            raise RuntimeError("it was not released")

    call(0)
    used = service.processor_seconds()
    took = saturated(call, callers=callers, seconds=5)
    return took, took.rate * 5 / (service.processor_seconds() - used)


def _given(use_case: str) -> dict[str, Any]:
    return {
        "party": "bench-shop",
        "provider": "bench-carrier",
        "use_case": use_case,
        "content_type": "text/plain",
        "request_id": str(uuid.uuid4()),
    }


def _streams(service: Server) -> list[Row]:
    rows: list[Row] = []
    with channel_to(service) as channel:
        stub = behavior_pb2_grpc.BehaviorServiceStub(channel)
        for name, text in _TIMED.items():
            used, firsts, whole = service.processor_seconds(), list[float](), list[float]()
            for _ in range(20):
                began = time.perf_counter()
                first = None
                for answer in stub.CheckOutputStream(_parts(text), timeout=60):
                    if answer.released and first is None:
                        first = time.perf_counter() - began
                firsts.append(first or 0.0)
                whole.append(time.perf_counter() - began)
            spent = (service.processor_seconds() - used) / 20
            rows.append(
                {
                    "answer": name,
                    "chunks": -(-len(text) // 4),
                    "first piece, median ms": latency(firsts, 0).median,
                    "all of it, median ms": latency(whole, 0).median,
                    "processor ms": 1000 * spent,
                }
            )
    return rows


def _parts(text: str) -> Iterator[pb.CheckOutputStreamRequest]:
    yield pb.CheckOutputStreamRequest(opening=pb.CheckOutputRequest(**_given("letters")))
    for at in range(0, len(text), 4):
        yield pb.CheckOutputStreamRequest(chunk=text[at : at + 4].encode())
    yield pb.CheckOutputStreamRequest(end=pb.OutputEnd())


# -- Held back ------------------------------------------------------------------------------------


def _held(stage: Any, letters: Compiled) -> list[Row]:
    rows: list[Row] = []
    for name, expectations in _HELD.items():
        contract = letters if expectations is None else compiled(read(expectations, name=name))
        streams = plan_for(contract, Company(), "text/plain")
        outflow = Outflow(
            streams,
            lambda text: stage.part(text, side=Side.OUTPUT, company=Company()),
            whole=bool(streams.whole),
        )
        held, gone = list[int](), 0
        for at in range(0, len(LONG), 4):
            gone += len(outflow.add(LONG[at : at + 4]))
            held.append(at + 4 - gone)
        held.sort()
        bound = streams.bound
        rows.append(
            {
                "contract": name,
                "median characters": held[len(held) // 2],
                "most": held[-1],
                "the bound": f"{bound.characters} characters, {bound.words} words",
            }
        )
    return rows


_START: Final = (FILES[0].read_text("utf-8") if FILES else "").split("expectations:")[0]
_BREAKS: Final = "streaming: {may_break_off: true}\n"
_HELD: Final[dict[str, str | None]] = {
    "phrases and a pattern": None,
    "signs of an injection": (
        f"{_START}expectations:\n"
        "  - {id: orders, injection: {most: 0.5}, otherwise: refuse}\n" + _BREAKS
    ),
    "a pattern of a hundred characters": (
        f"{_START}expectations:\n"
        "  - {id: far, patterns: {forbid: ['[a-z].{99}!']}, otherwise: refuse}\n" + _BREAKS
    ),
}

# -- What is meant to hurt ------------------------------------------------------------------------


_ONE: Final = "  - {id: a, wording: {forbid: [never]}, otherwise: refuse}\n"


def _hurtful(stage: Any) -> list[Row]:
    many = "".join(
        f"  - {{id: e{at}, wording: {{forbid: [word{at} one, word{at} two]}}, otherwise: refuse}}\n"
        for at in range(1000)
    )
    cases = {
        "a pattern that others backtrack on": (
            "  - {id: a, patterns: {forbid: ['(a+)+$', '(a|aa)+b']}, otherwise: refuse}\n",
            "a" * 100_000,
        ),
        "a thousand expectations, 8 KB": (many, LONG),
        "1 MB of plain text": (
            _ONE,
            LONG * 128,
        ),
        "1 MB of nested encodings": (
            _ONE,
            _nested(1_000_000),
        ),
        "1 MB of numbers to be grounded": (
            "  - {id: a, grounding: {numbers: true}, otherwise: refuse}\n",
            "12 345,6 " * 110_000,
        ),
    }
    rows: list[Row] = []
    for name, (expectations, text) in cases.items():
        contract = compiled(read(f"{_START}expectations:\n{expectations}", name="hurtful"))
        began = time.perf_counter()
        stage.checked(
            contract,
            side=Side.OUTPUT,
            content=text.encode(),
            content_type="text/plain",
            company=Company(prompt="1"),
        )
        rows.append({"what": name, "bytes": len(text.encode()), "s": time.perf_counter() - began})
    return rows


def _nested(size: int) -> str:
    text = "It is well. "
    while len(text) < size:
        text = base64.b64encode((text * 3).encode()).decode() + " %41&#66; " + text
    return text[:size]
