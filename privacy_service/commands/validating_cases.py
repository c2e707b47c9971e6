"""What a validation keeps: prompts and outputs that came out as expected, as recorded cases."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, cast

import grpc

from privacy_service.behavior.model import BehaviorContract, Side
from privacy_service.behavior.subject import Company
from privacy_service.commands.client import Connection
from privacy_service.commands.screen import console
from privacy_service.commands.validating_partners import output_request, prompt_request
from privacy_service.scenarios.play import StepResult
from privacy_service.scenarios.ports import Judge, Judged
from privacy_service.v1 import governance_pb2
from privacy_service.v1.governance_pb2_grpc import GovernanceServiceStub

_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a judge was asked about."""

    side: Side
    text: str = field(repr=False)
    company: Company


@dataclass(slots=True)
class Remembering:
    """Another judge, and what it was asked about since that was last taken."""

    judge: Judge
    _asked: list[Asked] = field(default_factory=list)

    def prompt(self, text: str, company: Company) -> Judged:
        """See `Judge.prompt`."""
        self._asked.append(Asked(side=Side.PROMPT, text=text, company=company))
        return self.judge.prompt(text, company)

    def output(self, text: str, company: Company) -> Judged:
        """See `Judge.output`."""
        self._asked.append(Asked(side=Side.OUTPUT, text=text, company=company))
        return self.judge.output(text, company)

    def taken(self) -> list[Asked]:
        """What it was asked about."""
        asked, self._asked = self._asked, []
        return asked


@dataclass(slots=True, kw_only=True)
class Keeping:
    """Gathers what came out as expected; `keep` has the service keep it."""

    contract: BehaviorContract
    judge: Remembering
    _found: list[tuple[StepResult, Asked]] = field(default_factory=list)

    def take(self, result: StepResult) -> StepResult:
        """Takes what was asked in a step, if it came out as expected."""
        asked = self.judge.taken()
        if not result.faults and result.step.known_miss is None and result.error is None:
            self._found += ((result, one) for one in asked)
        return result

    def keep(self, connection: Connection, until: datetime, *, says: bool) -> None:
        """Has the service keep them, and says how many it did, and why not the others."""
        kept: dict[str, int] = {}
        refused: list[str] = []
        with connection.open() as channel:
            stub = GovernanceServiceStub(channel)
            for result, one in self._found:
                request = _request(self.contract, result, one)
                request.until.FromDatetime(until)
                try:
                    done = stub.RecordCase(
                        request, timeout=_SECONDS, metadata=connection.metadata
                    ).recorded_case
                except grpc.RpcError as error:
                    step = f"{result.scenario.name}, step {result.number}, {one.side}"
                    refused.append(f"not kept: {step}: {_says(error)}")
                else:
                    kept[done.state] = kept.get(done.state, 0) + 1
        if not says:
            return
        console.print(f"{sum(kept.values())} recorded cases are kept{_list(kept)}", markup=False)
        for line in refused:
            console.print(line, markup=False)


def _request(
    contract: BehaviorContract, result: StepResult, one: Asked
) -> governance_pb2.RecordCaseRequest:
    request = governance_pb2.RecordCaseRequest(
        contract_id=contract.id,
        scenario=result.scenario.name[:200],
        step=result.number,
        request_id=str(uuid.uuid4()),
    )
    said = (contract.party, contract.provider, one.text, one.company)
    if one.side is Side.PROMPT:
        request.prompt.CopyFrom(prompt_request(*said))
    else:
        request.output.CopyFrom(output_request(*said))
    return request


def _says(error: grpc.RpcError) -> str:
    """What it says; raises it where the service could not be asked at all."""
    call = cast("grpc.Call", error)
    settled = (grpc.StatusCode.FAILED_PRECONDITION, grpc.StatusCode.INVALID_ARGUMENT)
    if call.code() not in settled:
        raise error
    return call.details() or str(call.code())


def _list(counts: dict[str, int]) -> str:
    said = ", ".join(f"{many} {word}" for word, many in sorted(counts.items()))
    return f" ({said})" if said else ""
