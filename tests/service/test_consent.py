"""The consent ledger, as partners and officers meet it: over gRPC, on a real service."""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.json_format import ParseDict
from google.protobuf.timestamp_pb2 import Timestamp
from ruamel.yaml import YAML

from privacy_service.v1 import audit_pb2, consent_pb2, enforcement_pb2, notices_pb2
from tests.service.conftest import Peer, Service, reason_of

TERMS = ParseDict(
    YAML(typ="safe").load(
        (Path(__file__).parents[2] / "examples" / "consents" / "acme-offers.yaml").read_text()
    ),
    consent_pb2.ConsentTerms(),
)
OFFERS = {"recipient": "helpdesk-ai", "purpose": "dpv:Marketing"}


def customer() -> str:
    return f"C-{uuid.uuid4()}"


def ref(name: str) -> enforcement_pb2.SubjectRef:
    return enforcement_pb2.SubjectRef(type="customer_id", value=name)


def offer(*names: str) -> str:
    return json.dumps({"segment": "gold", "people": [{"customer_id": name} for name in names]})


def said(
    peer: Peer, name: str, state: str = "GIVEN", record: str | None = None, **more: Any
) -> consent_pb2.RecordConsentResponse:
    event = {"state": consent_pb2.ConsentState.Value(f"CONSENT_STATE_{state}")}
    event |= more.pop("event", {})
    request = consent_pb2.RecordConsentRequest(
        **{
            "partner": "acme-shop", "record_id": record or f"offers/{name}",
            "subjects": [ref(name)], "terms": TERMS, "event": consent_pb2.ConsentEvent(**event),
            "request_id": str(uuid.uuid4()), **more,
        }
    )  # fmt: skip
    return peer.consents.RecordConsent(request, metadata=peer.metadata, timeout=10)


def withdraw(peer: Peer, **what: Any) -> consent_pb2.WithdrawConsentResponse:
    request = consent_pb2.WithdrawConsentRequest(
        **{"partner": "acme-shop", "request_id": str(uuid.uuid4()), **what}
    )
    return peer.consents.WithdrawConsent(request, metadata=peer.metadata, timeout=10)


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(grpc.RpcError) as caught:
        act()
    return reason_of(caught.value)


def test_a_transfer_rests_on_the_ledger_until_consent_is_withdrawn(
    service: Service, acme: Peer
) -> None:
    one, other = customer(), customer()
    assert refusal(lambda: acme.transfer(offer(one), **OFFERS)) == "CONSENT_NOT_IN_FORCE"
    said(acme, one)
    retried = str(uuid.uuid4())
    sent = acme.transfer(offer(one), request_id=retried, **OFFERS)
    assert acme.transfer(offer(one), request_id=retried, **OFFERS) == sent
    officer = service.person("officer")
    (found,) = officer.audit.ListDisclosures(
        audit_pb2.ListDisclosuresRequest(subject=ref(one)), metadata=officer.metadata
    ).disclosures
    assert found.disclosure_id == sent.disclosure_id
    assert found.ledger_consent_ids == [f"offers/{one}"]

    assert refusal(lambda: acme.transfer(offer(one, other), **OFFERS)) == "CONSENT_NOT_IN_FORCE"
    said(acme, other)
    assert acme.transfer(offer(one, other), **OFFERS).payload

    assert withdraw(officer, subject=ref(one)).record_ids == [f"offers/{one}"]
    assert refusal(lambda: acme.transfer(offer(one), **OFFERS)) == "CONSENT_NOT_IN_FORCE"
    again = refusal(lambda: acme.transfer(offer(one), request_id=retried, **OFFERS))
    assert again == "CONSENT_NOT_IN_FORCE"
    assert acme.transfer(offer(other), **OFFERS).payload
    assert refusal(lambda: acme.transfer(offer(), **OFFERS)) == "SUBJECT_REQUIRED"


def test_recipients_are_asked_to_delete_what_they_were_given_on_it(
    service: Service, acme: Peer
) -> None:
    name, other = customer(), customer()
    for one in (name, other):
        said(acme, one)
    sent = [acme.transfer(offer(one), **OFFERS).disclosure_id for one in (name, other)]
    helpdesk = service.partner("helpdesk-ai")

    def named() -> set[str]:
        asked = notices_pb2.ListNoticesRequest(partner="helpdesk-ai", page_size=1000)
        found = helpdesk.notices.ListNotices(asked, timeout=10).notices
        kind = notices_pb2.NOTICE_KIND_CONSENT_WITHDRAWN
        return {one for each in found if each.kind == kind for one in each.disclosure_ids}

    before = named()
    assert not before & set(sent)
    withdraw(acme, subject=ref(name))
    assert named() - before == {sent[0]}


def test_the_secret_of_calls_is_made_anew_when_that_is_asked_and_not_else(service: Service) -> None:
    officer = service.person("officer")

    def secret(*, new: bool = False, request_id: str | None = None) -> str:
        put = notices_pb2.PutNoticeAddressRequest(
            partner="called-partner", url="https://called.example/n", new_secret=new,
            request_id=request_id or str(uuid.uuid4()),
        )  # fmt: skip
        return officer.notices.PutNoticeAddress(put, metadata=officer.metadata, timeout=10).secret

    first, retried = secret(), str(uuid.uuid4())
    assert secret() == first
    second = secret(new=True, request_id=retried)
    assert second != first
    assert secret(new=True, request_id=retried) == second
    assert secret() == second
    assert secret(new=True) not in (first, second)


def test_the_word_of_the_sender_does_not_stand_for_the_ledger(acme: Peer) -> None:
    word = enforcement_pb2.Consent(record_id="anything")
    assert (
        refusal(lambda: acme.transfer(offer(customer()), consent=word, **OFFERS))
        == "CONSENT_NOT_IN_FORCE"
    )


def test_a_withdrawal_during_transfers_stops_whatever_is_not_released(
    service: Service, acme: Peer
) -> None:
    name = customer()
    said(acme, name)
    released: list[int] = []
    refusals: list[str] = []

    def send() -> None:
        while not refusals:
            try:
                released.append(acme.transfer(offer(name), **OFFERS).audit.position)
            except grpc.RpcError as error:
                refusals.append(reason_of(error))

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    while len(released) < 4:
        time.sleep(0.001)
    withdrawn = withdraw(acme, record_id=f"offers/{name}").audit.position
    for thread in threads:
        thread.join(20)
    assert max(released) < withdrawn
    assert set(refusals) == {"CONSENT_NOT_IN_FORCE"}


def test_a_repeated_withdrawal_gives_the_same_answer(acme: Peer) -> None:
    name, again = customer(), str(uuid.uuid4())
    said(acme, name)
    first = withdraw(acme, subject=ref(name), request_id=again)
    said(acme, name)
    assert withdraw(acme, subject=ref(name), request_id=again) == first
    assert acme.transfer(offer(name), **OFFERS).payload
    assert refusal(lambda: withdraw(acme, record_id="x", request_id=again)) == "REQUEST_ID_REUSED"


def test_somebody_unknown_has_nothing_to_withdraw(acme: Peer) -> None:
    name = customer()
    said(acme, name, "REFUSED")
    assert withdraw(acme, subject=ref(name)).record_ids == []
    assert withdraw(acme, subject=ref(customer())).record_ids == []


def test_what_was_said_is_told_in_order_and_as_json_ld(service: Service, acme: Peer) -> None:
    name = customer()
    said(acme, name, "REQUESTED")
    said(acme, name, subjects=[], terms=None, event={"valid_for": "P1Y"})
    request = consent_pb2.GetConsentRequest(partner="acme-shop", record_id=f"offers/{name}")
    for peer in (acme, service.person("officer"), service.person("auditor")):
        got = peer.consents.GetConsent(request, metadata=peer.metadata, timeout=10)
        assert [event.state for event in got.record.events] == [1, 4]
        assert got.record.expire_time.seconds
        written = json.loads(got.json_ld)
        assert written["dpv:hasConsentStatus"] == "dpv:ConsentGiven"
        assert name not in got.json_ld.replace(got.record.record_id, "")
    other = service.partner("other-shop")
    assert refusal(lambda: other.consents.GetConsent(request, timeout=10)) == "CONSENT_NOT_FOUND"
    listed = consent_pb2.ListConsentsRequest(subject=ref(name))
    assert len(acme.consents.ListConsents(listed, timeout=10).records) == 1
    assert not other.consents.ListConsents(listed, timeout=10).records


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"terms": None}, "REQUEST_INVALID"),
        ({"subjects": []}, "REQUEST_INVALID"),
        ({"partner": "other-shop"}, "NOT_YOUR_PARTNER"),
        ({"event": {"state": consent_pb2.CONSENT_STATE_WITHDRAWN}}, "CONSENT_STATE"),
        ({"event": {"valid_for": "a while"}}, "REQUEST_INVALID"),
        ({"event": {"time": Timestamp(seconds=4_000_000_000)}}, "REQUEST_INVALID"),
    ],
)
def test_what_does_not_hold_up_is_not_recorded(
    acme: Peer, more: dict[str, Any], reason: str
) -> None:
    assert refusal(lambda: said(acme, customer(), **more)) == reason


def test_what_was_told_and_asked_does_not_change(acme: Peer) -> None:
    name = customer()
    said(acme, name, "REQUESTED")
    other = consent_pb2.ConsentTerms()
    other.CopyFrom(TERMS)
    other.language = "de"
    assert refusal(lambda: said(acme, name, terms=other)) == "CONSENT_RECORD_DIFFERS"
    assert (
        refusal(lambda: said(acme, customer(), record=f"offers/{name}")) == "CONSENT_RECORD_DIFFERS"
    )


FRESH = """
apiVersion: privacy-service/v1
kind: SharingContract
id: acme-adverts
title: Adverts
party: {partner: acme-shop, role: controller}
counterparty: {partner: swift-parcel, role: processor}
direction: outbound
purposes: ["dpv:TargetedAdvertising"]
legal_basis: dpv:Consent
consent: true
consent_proof: {max_age: PT1H}
effective: {from: 2026-01-01T00:00:00Z}
fields: [{path: $.segment, type: code}]
"""


def test_the_word_of_the_sender_may_be_so_old_and_the_signal_is_heard(acme: Peer) -> None:
    acme.put_contract(FRESH)
    how = {"recipient": "swift-parcel", "purpose": "dpv:TargetedAdvertising"}
    now = Timestamp()
    now.GetCurrentTime()

    def word(age: int | None) -> enforcement_pb2.Consent:
        checked = None if age is None else Timestamp(seconds=now.seconds - age)
        return enforcement_pb2.Consent(record_id="c", check_time=checked)

    for age in (None, 3601, -600):
        assert refusal(lambda age=age: acme.transfer("{}", consent=word(age), **how)) == (
            "CONSENT_STALE"
        )
    assert acme.transfer("{}", consent=word(60), **how).payload

    assert (
        refusal(lambda: acme.transfer("{}", consent=word(60), opted_out=True, **how))
        == "PURPOSE_OBJECTED"
    )
    request = enforcement_pb2.TransferRequest(
        sender="acme-shop", content_type="application/json", payload=b"{}", consent=word(60),
        request_id=str(uuid.uuid4()), **how,
    )  # fmt: skip
    stub = acme.enforcement
    signal = (("sec-gpc", "1"),)
    assert refusal(lambda: stub.Transfer(request, metadata=signal)) == "PURPOSE_OBJECTED"
    assert stub.Transfer(request, metadata=(("sec-gpc", "0"),)).result.payload
    items = iter([enforcement_pb2.TransferStreamRequest(item_id="1", request=request)])
    (answer,) = stub.TransferStream(items, metadata=signal, timeout=20)
    assert answer.HasField("status")


ADVERTS = """
apiVersion: privacy-service/v1
kind: SharingContract
id: acme-segments-sold
title: Segments that are sold
party: {partner: acme-shop, role: controller}
counterparty: {partner: swift-parcel, role: processor}
direction: outbound
purposes: ["dpv:SellDataToThirdParties", "dpv:CustomerClaimsManagement"]
legal_basis: dpv:LegitimateInterest
effective: {from: 2026-01-01T00:00:00Z}
subjects: [{path: $.customer_id, type: customer_id}]
fields: [{path: $.segment, type: code}]
"""


def test_a_signal_is_remembered_until_the_person_consents_later(
    service: Service, acme: Peer
) -> None:
    acme.put_contract(ADVERTS)
    officer, name = service.person("officer"), customer()
    sale = {"recipient": "swift-parcel", "purpose": "dpv:SellDataToThirdParties"}
    claim = {"recipient": "swift-parcel", "purpose": "dpv:CustomerClaimsManagement"}

    def payload(who: str) -> str:
        return json.dumps({"customer_id": who, "segment": "gold"})

    def known(peer: Peer, who: str) -> list[str]:
        asked = consent_pb2.ListOptOutsRequest(subject=ref(who))
        answer = peer.consents.ListOptOuts(asked, metadata=peer.metadata, timeout=10)
        return [one.partner for one in answer.opt_outs]

    assert acme.transfer(payload(name), **sale).payload
    assert known(officer, name) == []
    # For another purpose the signal stops nothing, and is heard all the same.
    assert acme.transfer(payload(name), opted_out=True, **claim).payload
    assert refusal(lambda: acme.transfer(payload(name), **sale)) == "PURPOSE_OBJECTED"
    assert acme.transfer(payload(name), **claim).payload
    assert known(officer, name) == ["acme-shop"]
    assert known(acme, name) == ["acme-shop"]
    assert known(service.partner("helpdesk-ai"), name) == []
    # Where it stops the transfer that brings it, it stops the next one, too.
    other = customer()
    for signal in (True, False, True):
        with pytest.raises(grpc.RpcError) as caught:
            acme.transfer(payload(other), opted_out=signal, **sale)
        assert reason_of(caught.value) == "PURPOSE_OBJECTED"
    assert acme.transfer(payload(customer()), **sale).payload

    terms = consent_pb2.ConsentTerms()
    terms.CopyFrom(TERMS)
    terms.purposes[:], terms.recipients[:] = ["dpv:SellDataToThirdParties"], ["swift-parcel"]
    said(acme, name, terms=terms, event={"expression": consent_pb2.EXPRESSION_IMPLIED})
    assert refusal(lambda: acme.transfer(payload(name), **sale)) == "PURPOSE_OBJECTED"
    said(acme, name, "RENEWED", terms=terms)
    assert acme.transfer(payload(name), **sale).payload
    assert acme.transfer(payload(name), opted_out=True, **claim).payload
    assert refusal(lambda: acme.transfer(payload(name), **sale)) == "PURPOSE_OBJECTED"
