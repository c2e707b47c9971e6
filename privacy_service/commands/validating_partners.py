"""Who answers when scenarios are played, and who judges: a recording, a model behind an
OpenAI-compatible address, a running privacy-service.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TextIO

import grpc
import httpx

from privacy_service.behavior.subject import Company
from privacy_service.scenarios.ports import (
    AnsweringPartner,
    Judged,
    Message,
    PartnerFailed,
    Said,
    Turn,
)
from privacy_service.v1 import behavior_pb2 as pb
from privacy_service.v1 import behavior_pb2_grpc, playbooks_pb2, playbooks_pb2_grpc

_SECONDS: Final = 120.0
_MOST_BYTES: Final = 4 * 1024 * 1024


class NotARecording(Exception):  # noqa: N818 - it says what is so
    """A line of a recording that is none."""

    def __init__(self, line: int, says: str) -> None:
        super().__init__(says)
        self.line = line
        self.says = says


@dataclass(frozen=True, slots=True)
class RecordedPartner:
    """Answers as it was recorded."""

    answers: Mapping[tuple[str, int, int], Said]

    @classmethod
    def of(cls, lines: Sequence[str]) -> RecordedPartner:
        """From JSON lines with `scenario`, `step`, `attempt` (1 where left out) and `output`.

        Raises NotARecording.
        """
        answers: dict[tuple[str, int, int], Said] = {}
        for number, line in enumerate(lines, 1):
            if line.strip():
                turn, said = _recorded(line, number)
                answers[turn.scenario, turn.step, turn.attempt] = said
        return cls(answers)

    def answer(self, turn: Turn, conversation: Sequence[Message]) -> Said:
        """See `AnsweringPartner.answer`."""
        del conversation
        said = self.answers.get((turn.scenario, turn.step, turn.attempt))
        if said is None:
            raise PartnerFailed("not recorded")
        return said


def _recorded(line: str, number: int) -> tuple[Turn, Said]:
    try:
        written = json.loads(line)
    except ValueError as error:
        raise NotARecording(number, "this is not JSON") from error
    if not isinstance(written, dict):
        raise NotARecording(number, "an object must stand here")
    for name, kind in (("scenario", str), ("step", int), ("output", str)):
        if not isinstance(written.get(name), kind):
            raise NotARecording(number, f"`{name}` is missing or of another type")
    turn = Turn(
        scenario=written["scenario"], step=written["step"], attempt=written.get("attempt", 1)
    )
    return turn, Said(
        text=written["output"],
        confidence=written.get("confidence"),
        latency_ms=written.get("latency_ms"),
    )


@dataclass(frozen=True, slots=True)
class Recording:
    """Another partner, whose answers are written down as they come."""

    partner: AnsweringPartner
    file: TextIO

    def answer(self, turn: Turn, conversation: Sequence[Message]) -> Said:
        """See `AnsweringPartner.answer`."""
        said = self.partner.answer(turn, conversation)
        line = {
            "scenario": turn.scenario,
            "step": turn.step,
            "attempt": turn.attempt,
            "output": said.text,
            "confidence": said.confidence,
            "latency_ms": said.latency_ms,
        }
        self.file.write(json.dumps(line, ensure_ascii=False) + "\n")
        return said


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatPartner:
    """A model behind an OpenAI-compatible address (`…/v1`), asked without streaming."""

    address: str
    model: str
    key: str | None = field(default=None, repr=False)
    client: httpx.Client

    def answer(self, turn: Turn, conversation: Sequence[Message]) -> Said:
        """See `AnsweringPartner.answer`. A partner that does not answer well has failed."""
        del turn
        body = {
            "model": self.model,
            "temperature": 0,
            "messages": [{"role": one.role, "content": one.text} for one in conversation],
        }
        headers = {"authorization": f"Bearer {self.key}"} if self.key else {}
        begun = time.monotonic()
        try:
            answer = self._asked(body, headers)
        except httpx.TimeoutException:
            raise PartnerFailed("timeout") from None
        except (httpx.HTTPError, ValueError):
            raise PartnerFailed("unreachable") from None
        try:
            text = answer["choices"][0]["message"]["content"] or ""
        except (KeyError, IndexError, TypeError):
            raise PartnerFailed("no answer in it") from None
        return Said(text=str(text), latency_ms=round((time.monotonic() - begun) * 1000))

    def _asked(self, body: object, headers: Mapping[str, str]) -> Any:
        url = f"{self.address.rstrip('/')}/chat/completions"
        with self.client.stream("POST", url, json=body, headers=headers) as answer:
            answer.raise_for_status()
            read = bytearray()
            for part in answer.iter_bytes():
                read += part
                if len(read) > _MOST_BYTES:
                    raise httpx.DecodingError("the answer is too long")
        return json.loads(bytes(read))


def web_client(seconds: float = _SECONDS) -> httpx.Client:
    """Follows no redirect: who answers is who was named."""
    return httpx.Client(timeout=seconds, follow_redirects=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceJudge:
    """A running service, by the contract in force. `playbooks` run for what fired."""

    channel: grpc.Channel
    metadata: Any
    party: str
    provider: str

    def prompt(self, text: str, company: Company) -> Judged:
        """See `Judge.prompt`."""
        request = prompt_request(self.party, self.provider, text, company)
        return self._judged(self._stub.CheckPrompt(request, **self._how).result)

    def output(self, text: str, company: Company) -> Judged:
        """See `Judge.output`."""
        request = output_request(self.party, self.provider, text, company)
        return self._judged(self._stub.CheckOutput(request, **self._how).result)

    @property
    def _stub(self) -> behavior_pb2_grpc.BehaviorServiceStub:
        return behavior_pb2_grpc.BehaviorServiceStub(self.channel)

    @property
    def _how(self) -> dict[str, Any]:
        return {"timeout": _SECONDS, "metadata": self.metadata}

    def _judged(self, result: pb.CheckResult) -> Judged:
        released = result.HasField("content")
        failures = tuple(one.failure_id for one in result.failures)
        return Judged(
            outcome=pb.Outcome.Name(result.outcome).removeprefix("OUTCOME_"),
            content=result.content.decode("utf-8", "replace") if released else None,
            broken=tuple(
                one.expectation_id for one in result.verdicts if one.verdict != pb.VERDICT_KEPT
            ),
            failures=failures,
            playbooks=self._running(result.contract.contract_id, failures) if failures else (),
            ask=tuple(result.ask),
        )

    def _running(self, contract_id: str, failures: Sequence[str]) -> tuple[str, ...]:
        """The playbooks that run for these failure modes."""
        asked = playbooks_pb2.ListPlaybookRunsRequest(contract_id=contract_id, page_size=200)
        stub = playbooks_pb2_grpc.PlaybookServiceStub(self.channel)
        runs = stub.ListPlaybookRuns(asked, **self._how).runs
        return tuple(sorted({one.playbook_id for one in runs if one.failure_id in failures}))


def recorded(file: Path) -> RecordedPartner:
    """The recording in a file. Raises NotARecording."""
    return RecordedPartner.of(file.read_text("utf-8").splitlines())


def prompt_request(party: str, provider: str, text: str, company: Company) -> pb.CheckPromptRequest:
    """What a service is asked of a prompt."""
    return pb.CheckPromptRequest(**_common(party, provider, text, company))


def output_request(party: str, provider: str, text: str, company: Company) -> pb.CheckOutputRequest:
    """What a service is asked of an output, with all that came along."""
    request = pb.CheckOutputRequest(
        **_common(party, provider, text, company),
        prompt=company.prompt or "",
        system_prompt=company.system_prompt or "",
        sources=[pb.Source(id=one.id, text=one.text) for one in company.sources],
        latency_ms=company.latency_ms or 0,
        attempt=company.attempt,
    )
    if company.confidence is not None:
        request.confidence = company.confidence
    return request


def _common(party: str, provider: str, text: str, company: Company) -> dict[str, Any]:
    return {
        "party": party,
        "provider": provider,
        "use_case": company.use_case or "",
        "content_type": "text/plain",
        "content": text.encode("utf-8", "replace"),
        "request_id": str(uuid.uuid4()),
    }
