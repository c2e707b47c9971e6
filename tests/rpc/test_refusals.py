"""Errors as callers get them."""

from __future__ import annotations

import gzip
import time
import uuid
from typing import Any

import grpc
import pytest
from google.rpc import error_details_pb2
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy_service import errors, logs
from privacy_service.errors import REASONS, Kind, PrivacyError
from privacy_service.rpc.rules import BrokenRules
from privacy_service.rpc.status import STATUS, render_error
from privacy_service.v1 import contracts_pb2, enforcement_pb2
from tests.rpc.fakes import treated
from tests.rpc.house import House, Refusal, call, refusal, refusal_of, transfer

BAD_REQUEST, RETRY = error_details_pb2.BadRequest, error_details_pb2.RetryInfo


def refused(house: House, request: Any, rpc: str = "EnforcementService/Transfer") -> Refusal:
    with house.as_partner() as channel, pytest.raises(grpc.RpcError) as error:
        call(channel, rpc, request)
    return refusal(error.value)


def scripted(house: House, error: Exception) -> Refusal:
    def answer() -> Any:
        raise error

    house.desks.enforcement.script[b"scripted"] = answer
    return refused(house, transfer(payload=b"scripted"))


# -- Statuses ---------------------------------------------------------------------------------


def test_every_kind_of_no_has_one_status() -> None:
    assert set(STATUS) == set(Kind)
    assert len(set(STATUS.values())) == len(Kind)


@pytest.mark.parametrize("code", sorted(REASONS))
def test_every_reason_says_what_it_is_and_what_to_do(code: str) -> None:
    reason = REASONS[code]
    said = refusal_of(render_error(PrivacyError(reason, limit="x", position=7), "call-1"))
    assert said.status.code == STATUS[reason.kind].value[0]
    assert (said.reason, said.info.domain) == (code, "privacy-service")
    assert dict(said.info.metadata) == {"limit": "x", "position": "7", "remedy": reason.remedy}
    assert reason.says in said.status.message
    assert said.detail(error_details_pb2.RequestInfo).request_id == "call-1"
    if reason.kind is Kind.UNAVAILABLE:
        assert said.detail(RETRY).retry_delay.seconds > 0


def test_a_repetition_is_advised_only_where_it_can_succeed() -> None:
    def pause(error: PrivacyError) -> int | None:
        found = refusal_of(render_error(error, "x")).detail(RETRY)
        return None if found is None else found.retry_delay.seconds

    assert pause(PrivacyError(errors.DETECTOR_BUSY)) == 1
    assert pause(PrivacyError(errors.PAYLOAD_TOO_LARGE)) is None
    assert pause(PrivacyError(errors.QUOTA_EXCEEDED)) is None


@settings(deadline=None, max_examples=30)
@given(st.dictionaries(st.sampled_from(["a", "b", "c"]), st.text(max_size=9000), max_size=3))
def test_details_fit_into_trailers(details: dict[str, str]) -> None:
    many = tuple((f"subjects[{n}].value", "x" * 900) for n in range(100))
    for error in (PrivacyError(errors.CONTRACT_INVALID, **details), BrokenRules(many)):
        assert render_error(error, "x").ByteSize() < 12_000


# -- Over the wire ----------------------------------------------------------------------------


def test_an_error_arrives_with_its_details(house: House) -> None:
    said = scripted(house, PrivacyError(errors.PAYLOAD_MALFORMED, position=17))
    assert said.code is grpc.StatusCode.INVALID_ARGUMENT
    assert said.reason == "PAYLOAD_MALFORMED"
    assert said.info.metadata["position"] == "17"
    assert [one.field for one in said.detail(BAD_REQUEST).field_violations] == ["payload"]
    assert said.detail(error_details_pb2.RequestInfo).request_id == house.lines()[-1]["call_id"]


def test_what_is_wrong_with_a_field_is_said_beside_it(house: House) -> None:
    said = scripted(house, PrivacyError(errors.REQUEST_INVALID, field="url", says="write https"))
    (one,) = said.detail(BAD_REQUEST).field_violations
    assert (one.field, one.description) == ("url", "write https")


def test_an_unforeseen_error_tells_nothing(house: House) -> None:
    said = scripted(house, LookupError("anna@example.org"))
    assert (said.code, said.reason) == (grpc.StatusCode.INTERNAL, "INTERNAL")
    line = house.lines()[-1]
    assert line["exception"] == "LookupError"
    assert line["log_level"] == "error"
    assert "anna" not in str(said.status) + str(house.log.entries)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"request_id": ""}, "request_id"),
        ({"request_id": "7"}, "request_id"),
        ({"sender": ""}, "sender"),
        ({"sender": "A b"}, "sender"),
        ({"sender": "acme\n"}, "sender"),
        ({"recipient": "acme"}, "recipient"),
        ({"purpose": ""}, "purpose"),
        ({"content_type": ""}, "content_type"),
        ({"recipient_region": "Germany"}, "recipient_region"),
        ({"subjects": [enforcement_pb2.SubjectRef(type="email")]}, "subjects[0].value"),
        ({"consent": enforcement_pb2.Consent()}, "consent.record_id"),
    ],
)
def test_a_request_that_breaks_a_rule_names_the_field(
    house: House, changes: dict[str, Any], field: str
) -> None:
    asked = len(house.desks.enforcement.asked)
    said = refused(house, transfer(**changes))
    assert (said.code, said.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "REQUEST_INVALID")
    assert field in [one.field for one in said.detail(BAD_REQUEST).field_violations]
    assert len(house.desks.enforcement.asked) == asked


def test_a_request_id_is_one_id_in_whatever_letters(house: House) -> None:
    request_id = str(uuid.uuid4()).upper()
    with house.as_partner() as channel:
        call(channel, "EnforcementService/Transfer", transfer(request_id=request_id))
    assert house.desks.enforcement.asked[-1][1].request_id == request_id.lower()


@pytest.mark.parametrize("message", [b"\xff\xff\xff", b"\x0a\xff"])
def test_what_is_no_message_is_an_invalid_request(house: House, message: bytes) -> None:
    with house.as_partner() as channel, pytest.raises(grpc.RpcError) as error:
        channel.unary_unary("/privacy_service.v1.EnforcementService/Transfer")(message)
    assert refusal(error.value).reason == "REQUEST_INVALID"


def test_a_method_that_is_not_there_is_unimplemented(house: House) -> None:
    with house.as_partner() as channel, pytest.raises(grpc.RpcError) as error:
        channel.unary_unary("/privacy_service.v1.EnforcementService/Destroy")(b"")
    assert error.value.code() is grpc.StatusCode.UNIMPLEMENTED  # type: ignore[attr-defined]


def test_what_has_changed_meanwhile_is_read_again(house: House) -> None:
    put = contracts_pb2.PutContractRequest(
        source="conflict", expected_version=3, request_id=str(uuid.uuid4())
    )
    said = refused(house, put, "ContractService/PutContract")
    assert (said.code, said.reason) == (grpc.StatusCode.ABORTED, "CONTRACT_VERSION_CONFLICT")


# -- Size and time ----------------------------------------------------------------------------


def test_a_message_above_the_limit_is_refused(house: House) -> None:
    asked = len(house.desks.enforcement.asked)
    said = refused(house, transfer(payload=b"x" * (house.bounds.message_bytes + 1)))
    assert said.code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert len(house.desks.enforcement.asked) == asked


def test_a_message_that_unpacks_above_the_limit_is_refused(house: House) -> None:
    bomb = transfer(payload=b"x" * (4 * house.bounds.message_bytes))
    assert len(gzip.compress(bomb.payload)) < house.bounds.message_bytes
    asked = len(house.desks.enforcement.asked)
    with house.as_partner() as channel:
        stub = channel.unary_unary("/privacy_service.v1.EnforcementService/Transfer")
        with pytest.raises(grpc.RpcError) as error:
            stub(bomb.SerializeToString(), compression=grpc.Compression.Gzip, timeout=10)
    assert error.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED  # type: ignore[attr-defined]
    assert len(house.desks.enforcement.asked) == asked


def test_an_answer_above_the_limit_is_refused(house: House) -> None:
    def answer() -> Any:
        big = transfer(payload=b"x" * (house.bounds.message_bytes + 1))
        return treated(big)  # type: ignore[arg-type]

    house.desks.enforcement.script[b"big"] = answer
    said = refused(house, transfer(payload=b"big"))
    assert (said.code, said.reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "RESPONSE_TOO_LARGE")


def test_a_deadline_that_has_passed_reaches_no_desk(house: House) -> None:
    asked = len(house.desks.enforcement.asked)
    with house.as_partner() as channel, pytest.raises(grpc.RpcError) as error:
        call(channel, "EnforcementService/Transfer", transfer(), timeout=0.0)
    assert error.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED  # type: ignore[attr-defined]
    assert len(house.desks.enforcement.asked) == asked


def test_without_a_deadline_the_servers_own_holds(house: House) -> None:
    with house.as_partner() as channel:
        stub = channel.unary_unary("/privacy_service.v1.EnforcementService/Transfer")
        stub(transfer().SerializeToString())
    seconds = house.desks.enforcement.asked[-1][2]
    assert seconds == house.bounds.call_seconds


def test_a_deadline_that_passes_at_the_desk_is_said_and_logged(house: House) -> None:
    said = scripted(house, PrivacyError(errors.DEADLINE_PASSED))
    assert (said.code, said.reason) == (grpc.StatusCode.DEADLINE_EXCEEDED, "DEADLINE_PASSED")


def test_a_call_that_was_left_is_logged_as_such(house: House) -> None:
    def answer() -> Any:
        time.sleep(0.3)
        raise PrivacyError(errors.DEADLINE_PASSED)

    house.desks.enforcement.script[b"slow"] = answer
    with house.as_partner() as channel:
        stub = channel.unary_unary("/privacy_service.v1.EnforcementService/Transfer")
        going = stub.future(transfer(payload=b"slow").SerializeToString())
        time.sleep(0.15)
        going.cancel()
        time.sleep(0.3)
    assert house.lines()[-1]["code"] == "CANCELLED"


def test_one_line_is_logged_for_each_call_and_has_nothing_else(house: House) -> None:
    with house.as_partner() as channel:
        call(channel, "EnforcementService/Transfer", transfer())
    line = house.lines()[-1]
    assert set(line) == {
        "event", "log_level", "method", "partner", "code", "effect", "duration_ms", "call_id",
    }  # fmt: skip
    assert set(line) - {"log_level"} <= logs.FIELDS
    assert (line["code"], line["effect"], line["partner"]) == ("OK", "TREATED", "acme")
