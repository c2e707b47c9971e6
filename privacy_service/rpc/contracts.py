"""ContractService: parse, call, render."""

from __future__ import annotations

from typing import Final

from privacy_service.contracts.model import ContractVersion, Direction, Status
from privacy_service.desks.ports.contracts import (
    ContractDesk,
    GetContract,
    GetContractInForce,
    ListContracts,
    ListContractVersions,
    Listed,
    PutContract,
)
from privacy_service.desks.ports.pages import Place
from privacy_service.rpc.answers import numbers, parse_instant, render_date, render_instant
from privacy_service.rpc.call import admitted
from privacy_service.rpc.pages import PageTokens
from privacy_service.v1 import contracts_pb2 as pb
from privacy_service.v1 import contracts_pb2_grpc as pb_grpc

DIRECTIONS: Final = numbers(Direction, pb.ContractDirection)
STATUSES: Final = numbers(Status, pb.ContractStatus)


class ContractServicer(pb_grpc.ContractServiceServicer):
    """Answers ContractService; every rule is behind the desk."""

    def __init__(self, desk: ContractDesk, pages: PageTokens) -> None:
        self._desk = desk
        self._pages = pages

    def PutContract(
        self, request: pb.PutContractRequest, context: object
    ) -> pb.PutContractResponse:
        call = admitted(context)
        version = self._desk.put_contract(call.caller, parse_put(request), seconds=call.seconds())
        return pb.PutContractResponse(contract=render_version(version, whole=True))

    def GetContract(
        self, request: pb.GetContractRequest, context: object
    ) -> pb.GetContractResponse:
        call = admitted(context)
        version = self._desk.get_contract(call.caller, parse_get(request), seconds=call.seconds())
        return pb.GetContractResponse(contract=render_version(version, whole=True))

    def ListContracts(
        self, request: pb.ListContractsRequest, context: object
    ) -> pb.ListContractsResponse:
        call = admitted(context)
        asked = parse_list(request, self._pages.place(call, request))
        page = self._desk.list_contracts(call.caller, asked, seconds=call.seconds())
        return pb.ListContractsResponse(
            contracts=[render_listed(one) for one in page.items],
            next_page_token=self._pages.token(call, request, page.next),
        )

    def ListContractVersions(
        self, request: pb.ListContractVersionsRequest, context: object
    ) -> pb.ListContractVersionsResponse:
        call = admitted(context)
        asked = parse_versions(request, self._pages.place(call, request))
        page = self._desk.list_contract_versions(call.caller, asked, seconds=call.seconds())
        return pb.ListContractVersionsResponse(
            contracts=[render_version(version) for version in page.items],
            next_page_token=self._pages.token(call, request, page.next),
        )

    def GetContractInForce(
        self, request: pb.GetContractInForceRequest, context: object
    ) -> pb.GetContractInForceResponse:
        call = admitted(context)
        asked = parse_in_force(request)
        found = self._desk.get_contract_in_force(call.caller, asked, seconds=call.seconds())
        return pb.GetContractInForceResponse(
            contracts=[render_version(version, whole=True) for version in found]
        )


def parse_put(request: pb.PutContractRequest) -> PutContract:
    expected = request.expected_version if request.HasField("expected_version") else None
    return PutContract(
        source=request.source,
        expected_version=expected,
        request_id=request.request_id.lower(),
    )


def parse_get(request: pb.GetContractRequest) -> GetContract:
    version = request.version if request.HasField("version") else None
    return GetContract(contract_id=request.contract_id, version=version)


def parse_list(request: pb.ListContractsRequest, place: Place) -> ListContracts:
    return ListContracts(partner=request.partner or None, place=place)


def parse_versions(request: pb.ListContractVersionsRequest, place: Place) -> ListContractVersions:
    return ListContractVersions(contract_id=request.contract_id, place=place)


def parse_in_force(request: pb.GetContractInForceRequest) -> GetContractInForce:
    return GetContractInForce(
        sender=request.sender,
        recipient=request.recipient,
        purpose=request.purpose,
        at=parse_instant(request.at) if request.HasField("at") else None,
    )


def render_listed(one: Listed[ContractVersion]) -> pb.SharingContract:
    """The version in a list, with its dates that come near."""
    shown = render_version(one.version)
    shown.warnings.extend(render_date(each) for each in one.warnings)
    return shown


def render_version(version: ContractVersion, *, whole: bool = False) -> pb.SharingContract:
    """The version; its source only if `whole`."""
    contract = version.contract
    return pb.SharingContract(
        contract_id=contract.id,
        version=version.number,
        digest=version.digest,
        title=contract.title,
        party=contract.party.partner,
        counterparty=contract.counterparty.partner,
        direction=DIRECTIONS[contract.direction],
        purposes=contract.purposes,
        status=STATUSES[contract.status],
        effective_from=render_instant(contract.effective_from),
        effective_until=render_instant(contract.effective_until),
        put_time=render_instant(version.put_at),
        put_by=version.put_by,
        source=version.source if whole else "",
    )
