"""A canary in every place of a request that may hold personal data: no log and no error has it."""

from __future__ import annotations

import logging
import uuid
from typing import Any

import grpc
import pytest

from privacy_service import errors
from privacy_service.errors import PrivacyError
from privacy_service.v1 import contracts_pb2, enforcement_pb2, records_pb2
from tests.rpc.house import House, bearer, call, refusal, transfer

CANARY = "canary-4471-anna@example.org"
RAW = CANARY.encode()
PAIR = {"sender": "acme", "recipient": "globex", "purpose": "dpv:X"}
SUBJECT = enforcement_pb2.SubjectRef(type="email", value=CANARY)
LONG = enforcement_pb2.SubjectRef(type=CANARY * 4, value=CANARY * 60)


def crash() -> Any:
    raise ValueError(CANARY)


def no() -> Any:
    raise PrivacyError(errors.DETECTOR_UNAVAILABLE)


def requests() -> list[tuple[str, Any]]:
    record = {"partner": "acme", "content_type": "text/plain", "content": RAW}
    return [
        ("EnforcementService/Transfer", transfer(payload=RAW, subjects=[SUBJECT])),
        ("EnforcementService/Transfer", transfer(payload=b"crash " + RAW)),
        ("EnforcementService/Transfer", transfer(payload=b"no " + RAW)),
        ("EnforcementService/Transfer", transfer(payload=RAW, subjects=[LONG])),
        ("EnforcementService/Transfer", transfer(payload=RAW, request_id=CANARY)),
        ("EnforcementService/Transfer", transfer(payload=RAW, sender=CANARY, recipient=CANARY)),
        ("EnforcementService/Transfer", transfer(payload=RAW, purpose=CANARY * 20)),
        ("EnforcementService/Transfer", transfer(payload=RAW, content_type=CANARY * 20)),
        ("EnforcementService/Transfer", transfer(payload=RAW, recipient_region=CANARY)),
        (
            "EnforcementService/TransferStream",
            enforcement_pb2.TransferStreamRequest(
                item_id="1", request=transfer(payload=b"crash " + RAW, subjects=[SUBJECT])
            ),
        ),
        (
            "EnforcementService/Inspect",
            enforcement_pb2.InspectRequest(content_type="", payload=RAW),
        ),
        (
            "EnforcementService/Reveal",
            enforcement_pb2.RevealRequest(**PAIR | {"sender": "globex", "recipient": "acme"},
                                          token=CANARY, reason=CANARY),
        ),
        (
            "RecordService/PutRecord",
            records_pb2.PutRecordRequest(
                **record, record_id=CANARY, subjects=[SUBJECT], request_id=str(uuid.uuid4())
            ),
        ),
        (
            "RecordService/PutRecord",
            records_pb2.PutRecordRequest(
                **record, record_id="r", subjects=[SUBJECT], request_id=CANARY
            ),
        ),
        (
            "ContractService/PutContract",
            contracts_pb2.PutContractRequest(
                source=CANARY, expected_version=-1, request_id=CANARY
            ),
        ),
        (
            "ContractService/ListContracts",
            contracts_pb2.ListContractsRequest(partner=CANARY, page_token=CANARY),
        ),
    ]  # fmt: skip


@pytest.mark.parametrize(("rpc", "request_"), requests(), ids=range(len(requests())))
def test_no_value_leaves_by_a_side_door(
    house: House, rpc: str, request_: Any, caplog: Any, capfd: Any
) -> None:
    house.desks.enforcement.script |= {b"crash " + RAW: crash, b"no " + RAW: no}
    said = ""
    with caplog.at_level(logging.DEBUG), house.as_partner() as channel:
        try:
            answer = call(channel, rpc, request_)
            said = str(getattr(answer, "status", ""))
        except grpc.RpcError as error:
            refused = refusal(error)
            said = f"{refused.message} {refused.status} {error.debug_error_string()}"  # type: ignore[attr-defined]
    written = (
        said
        + str(house.lines())
        + str(house.log.entries)
        + caplog.text
        + "".join(capfd.readouterr())
    )
    assert "canary" not in written


def test_a_token_is_in_no_log(house: House, caplog: Any) -> None:
    token = house.issuer.token("auditor", sub="anna") + "x"
    with house.over_tls() as channel, pytest.raises(grpc.RpcError) as error:
        call(channel, "EnforcementService/Transfer", transfer(), bearer(token))
    assert token not in str(refusal(error.value).status) + str(house.log.entries) + caplog.text
