"""What pages ask about one contract, of whichever kind it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from privacy_service.console.asking import Ask, Refused
from privacy_service.v1 import behavior_pb2, contracts_pb2
from privacy_service.v1 import governance_pb2 as pb
from privacy_service.v1.behavior_pb2_grpc import BehaviorServiceStub as Behavior
from privacy_service.v1.contracts_pb2_grpc import ContractServiceStub as Contracts
from privacy_service.v1.governance_pb2_grpc import GovernanceServiceStub as Stub

BEHAVIOR: Final = pb.CONTRACT_KIND_BEHAVIOR
_AT_ONCE: Final = 8
_PAGE: Final = 100


def course_of(ask: Ask, contract_id: str) -> Any:
    """How a contract of either kind stands. Raises Refused."""
    request = pb.GetContractCourseRequest(contract_id=contract_id)
    return ask(Stub, "GetContractCourse", request).course


def text_of(ask: Ask, course: Any, number: int) -> Any:
    """A version of a contract with its text; 0: the newest. Raises Refused."""
    request = (
        behavior_pb2.GetBehaviorContractRequest(contract_id=course.contract_id)
        if course.kind == BEHAVIOR
        else contracts_pb2.GetContractRequest(contract_id=course.contract_id)
    )
    if number:
        request.version = number
    if course.kind == BEHAVIOR:
        return ask(Behavior, "GetBehaviorContract", request).contract
    return ask(Contracts, "GetContract", request).contract


def terms_of(ask: Ask, contract_id: str, number: int = 0) -> Mapping[str, Any]:
    """What a behavior contract says, as it is written; nothing where it cannot be had: it is for
    choices that are offered, and the service decides by its own reading.
    """
    request = behavior_pb2.GetBehaviorContractRequest(contract_id=contract_id)
    if number:
        request.version = number
    try:
        return written_in(ask(Behavior, "GetBehaviorContract", request).contract.source)
    except Refused:
        return {}


def written_in(source: str) -> Mapping[str, Any]:
    """What a contract says, as it is written; nothing where it cannot be read here."""
    try:
        written = YAML(typ="safe", pure=True).load(source)
    except YAMLError:
        return {}
    return written if isinstance(written, dict) else {}


def listed_in(terms: Mapping[str, Any], *keys: str) -> tuple[str, ...]:
    """The words, or the ids of the things, that stand in a list of a contract."""
    at: Any = terms
    for key in keys:
        at = at.get(key) if isinstance(at, Mapping) else None
    found = at if isinstance(at, list) else []
    return tuple(str(one["id"] if isinstance(one, Mapping) else one) for one in found)


def courses_of(ask: Ask, contract_ids: Sequence[str]) -> dict[str, Any]:
    """How several contracts stand, asked for at a time. Raises Refused."""
    with ThreadPoolExecutor(_AT_ONCE) as crowd:
        found = crowd.map(lambda name: course_of(ask, name), contract_ids)
        return dict(zip(contract_ids, found, strict=True))


def contracts_listed(ask: Ask, most: int) -> list[Any]:
    """The contracts of either kind as they are listed, at most so many of each. Raises Refused."""
    sharing = contracts_pb2.ListContractsRequest()
    behavior = behavior_pb2.ListBehaviorContractsRequest()
    return [
        *_every(ask, Contracts, "ListContracts", sharing, "contracts", most),
        *_every(ask, Behavior, "ListBehaviorContracts", behavior, "contracts", most),
    ]


def proposals_listed(ask: Ask, most: int) -> list[Any]:
    """What is proposed under any contract and waits for somebody. Raises Refused."""
    return _every(ask, Stub, "ListProposals", pb.ListProposalsRequest(), "proposals", most)


def _every(ask: Ask, stub: Any, call: str, request: Any, name: str, most: int) -> list[Any]:
    """What all pages of a list have."""
    found: list[Any] = []
    request.page_size = _PAGE
    while True:
        answer = ask(stub, call, request)
        found += getattr(answer, name)
        request.page_token = answer.next_page_token
        if not answer.next_page_token or len(found) >= most:
            return found[:most]
