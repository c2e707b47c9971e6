"""Lists, page by page, and the tokens between the pages."""

from __future__ import annotations

import base64
import uuid
from typing import Any

import grpc
import pytest

from privacy_service.rpc.pages import PageTokens
from privacy_service.v1 import audit_pb2, contracts_pb2, records_pb2
from tests.rpc.house import House, bearer, call, refusal

RPC = "AuditService/ListEntries"


@pytest.fixture
def auditor(house: House) -> tuple[tuple[str, str], ...]:
    return bearer(house.issuer.token("auditor"))


def entries(house: House, metadata: Any, rpc: str = RPC, **asked: Any) -> Any:
    with house.over_tls() as channel:
        return call(channel, rpc, audit_pb2.ListEntriesRequest(**asked), metadata)


def rejected(house: House, metadata: Any, **asked: Any) -> bool:
    with pytest.raises(grpc.RpcError) as error:
        entries(house, metadata, **asked)
    said = refusal(error.value)
    assert said.code is grpc.StatusCode.INVALID_ARGUMENT
    return said.reason == "PAGE_TOKEN_INVALID"


def test_pages_follow_each_other_without_gap(house: House, auditor: Any) -> None:
    seen, token, sizes = [], "", [3, 1, 10]
    for size in sizes:  # a page may be of another size than the last (AIP-158)
        page = entries(house, auditor, page_size=size, page_token=token)
        seen += [entry.position for entry in page.entries]
        token = page.next_page_token
    assert seen == list(range(7))
    assert token == ""


def test_a_page_holds_no_more_than_a_thousand(house: House, auditor: Any) -> None:
    house.desks.audit.leaves.extend([b"{}"] * 1200)
    try:
        assert len(entries(house, auditor).entries) == 50
        assert len(entries(house, auditor, page_size=5000).entries) == 1000
    finally:
        del house.desks.audit.leaves[7:]


def test_a_negative_size_is_refused(house: House, auditor: Any) -> None:
    with pytest.raises(grpc.RpcError) as error:
        entries(house, auditor, page_size=-1)
    assert refusal(error.value).reason == "REQUEST_INVALID"


def test_a_token_is_good_for_its_own_list_only(house: House, auditor: Any) -> None:
    token = entries(house, auditor, page_size=2).next_page_token
    assert rejected(house, auditor, page_size=2, page_token=token, start_position=1)
    officer = bearer(house.issuer.token("officer", partner="acme"))
    assert rejected(house, officer, page_size=2, page_token=token)
    records = records_pb2.ListRecordsRequest(partner="acme", page_token=token)
    with house.as_partner() as channel, pytest.raises(grpc.RpcError) as error:
        call(channel, "RecordService/ListRecords", records)
    assert refusal(error.value).reason == "PAGE_TOKEN_INVALID"


def test_a_changed_token_is_refused(house: House, auditor: Any) -> None:
    token = entries(house, auditor, page_size=2).next_page_token
    sealed = base64.urlsafe_b64decode(token)
    for at in range(len(sealed)):
        changed = sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :]
        if at % 8 == 0 or at > 30:
            fake = base64.urlsafe_b64encode(changed).decode()
            assert rejected(house, auditor, page_size=2, page_token=fake)


@pytest.mark.parametrize("token", ["x", "AAAA", "é", "=", "A" * 400])
def test_what_is_no_token_is_refused(house: House, auditor: Any, token: str) -> None:
    assert rejected(house, auditor, page_token=token)


def test_a_short_key_is_no_key() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        PageTokens(b"short")


def test_every_list_has_pages(own_house: House) -> None:
    with own_house.as_partner() as channel:
        for name in "abc":
            put = contracts_pb2.PutContractRequest(source=name, request_id=str(uuid.uuid4()))
            call(channel, "ContractService/PutContract", put)
            call(channel, "ContractService/PutContract", put)
            record = records_pb2.PutRecordRequest(
                partner="acme", record_id=name, content_type="text/plain", content=b"hi",
                request_id=str(uuid.uuid4()),
            )  # fmt: skip
            call(channel, "RecordService/PutRecord", record)
        lists: dict[str, tuple[Any, str]] = {
            "ContractService/ListContracts": (contracts_pb2.ListContractsRequest(), "contracts"),
            "ContractService/ListContractVersions": (
                contracts_pb2.ListContractVersionsRequest(contract_id="b"),
                "contracts",
            ),
            "RecordService/ListRecords": (
                records_pb2.ListRecordsRequest(partner="acme"),
                "records",
            ),
        }
        for rpc, (request, items) in lists.items():
            request.page_size = 1
            first = call(channel, rpc, request)
            request.page_token = first.next_page_token
            second = call(channel, rpc, request)
            assert getattr(first, items)[0] != getattr(second, items)[0]
            assert not any(getattr(one, "source", "") for one in getattr(first, items))
            assert not any(getattr(one, "content", b"") for one in getattr(first, items))
