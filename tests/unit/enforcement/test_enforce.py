"""The one place that decides: who learns what, and what is written down."""

from __future__ import annotations

import json

import pytest

from privacy_service import errors
from privacy_service.access import Caller
from privacy_service.enforcement.answer import Answer, Effect
from privacy_service.enforcement.findings import Gap, Inspected
from privacy_service.enforcement.ports import Release
from privacy_service.enforcement.request import RevealRequest
from privacy_service.errors import PrivacyError
from privacy_service.evidence.entries import EntryKind
from tests.unit.enforcement.books import (
    OFFICER,
    RECIPIENT,
    SENDER,
    STRANGER,
    House,
    MemoryLedger,
)
from tests.unit.enforcement.stage import PatternDetector

PSEUDONYMS = """
fields:
  - {path: $.token, treatment: tokenize}
  - {path: $.hash, treatment: hash}
  - {path: $.date, treatment: {shift_date: {days: 360}}}
subjects: [{path: $.id, type: id}]
"""
VALUES = '{"id":"7","token":"0123","hash":"0123","date":"1985-03-14"}'


def test_a_preview_of_the_senders_is_what_a_transfer_would_answer() -> None:
    house = House(PSEUDONYMS)
    assert house.preview(VALUES).payload == house.transfer(VALUES).payload


@pytest.mark.parametrize("caller", [RECIPIENT, OFFICER])
def test_nobody_finds_out_what_a_token_stands_for_by_trying_values(caller: Caller) -> None:
    # The recipient holds what a transfer gave, and previews guesses: none may look the same.
    house = House(PSEUDONYMS)
    given = json.loads(house.transfer(VALUES).payload or b"")
    tried = json.loads(house.preview(VALUES, caller).payload or b"")
    assert given.keys() == tried.keys()
    assert all(given[name] != tried[name] for name in given)


def test_a_stranger_previews_nothing() -> None:
    with pytest.raises(PrivacyError) as caught:
        House().preview("{}", STRANGER)
    assert caught.value.reason is errors.NOT_YOUR_PARTNER


def test_a_purpose_that_nobody_knows_is_not_written_down() -> None:
    house = House()
    house.transfer("{}", purpose="Maria Gonzales, maria@mail.example")
    assert {entry.purpose for entry in house.ledger.entries} == {None}
    house.transfer("{}", purpose="DeliveryOfGoods")
    assert house.ledger.entries[-1].purpose == "dpv:DeliveryOfGoods"


@pytest.mark.parametrize("record_id", ["maria@mail.example", "Maria Gonzales", "x" * 300, "\n"])
def test_a_consent_is_named_by_an_id(record_id: str) -> None:
    from privacy_service.enforcement.request import Consent

    with pytest.raises(PrivacyError) as caught:
        Consent(record_id=record_id)
    assert caught.value.details == {"field": "consent.record_id"}


class HalfBlind(PatternDetector):
    """Finds nothing, and says that it did not look everywhere."""

    def detect(self, passages, *, seconds=None):  # type: ignore[no-untyped-def]
        return [Inspected(gaps=(Gap.TIMED_OUT,)) for _ in passages]


def test_a_reason_that_could_not_be_inspected_whole_is_not_written_down() -> None:
    house = House(detector=HalfBlind())
    request = RevealRequest(
        sender="acme-shop",
        recipient="swift-parcel",
        purpose="dpv:DeliveryOfGoods",
        token="tok_x",
        reason="for Maria",
    )
    with pytest.raises(PrivacyError) as caught:
        house.revealing.reveal(SENDER, request, seconds=None)
    assert caught.value.reason is errors.REQUEST_INVALID
    assert not house.ledger.entries


@pytest.mark.parametrize(
    ("contract", "payload", "path"),
    [
        ("fields: [{path: '$.*', treatment: encrypt}]", '{"maria@mail.example":1}', "/*"),
        (
            "fields: [{path: '$.people[*].*', treatment: {shift_date: {days: 9}}}]",
            '{"people":[{"maria/x":"1985-03-14"}]}',
            "/people/0/*",
        ),
        (
            "fields: [{path: '$.a.*', treatment: redact, keep_type: true}]",
            '{"a":{"maria":true}}',
            "/a/*",
        ),
    ],
)
def test_an_error_names_no_member_that_only_the_payload_names(
    contract: str, payload: str, path: str
) -> None:
    with pytest.raises(PrivacyError) as caught:
        House(contract).transfer(payload)
    assert caught.value.details["path"] == path


def test_a_payload_names_a_bounded_number_of_people() -> None:
    # Each of them stands in the audit entry, and an entry is one line of an export.
    people = json.dumps([{"id": number % 10_001} for number in range(20_000)])
    with pytest.raises(PrivacyError) as caught:
        House("fields: [{path: $}]\nsubjects: [{path: '$[*].id', type: id}]").transfer(people)
    assert caught.value.reason is errors.PAYLOAD_TOO_MANY_SUBJECTS
    assert caught.value.details == {"limit": "subjects", "maximum": 10_000}


class Superseded(MemoryLedger):
    """Contracts were changed by the time of the first so many releases."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times = times

    def release(self, release: Release, *, seconds: float | None) -> Answer:
        if self.times:
            self.times -= 1
            raise PrivacyError(errors.CONTRACT_SUPERSEDED)
        return super().release(release, seconds=seconds)


def test_a_contract_that_changes_while_a_payload_is_worked_on_is_applied_as_it_is_then() -> None:
    house = House(ledger=Superseded(times=1))
    assert house.transfer("{}").decision.effect is Effect.ALLOW
    assert [entry.kind for entry in house.ledger.entries] == [EntryKind.ATTEMPT, EntryKind.EFFECT]
    with pytest.raises(PrivacyError) as caught:
        House(ledger=Superseded(times=2)).transfer("{}")
    assert caught.value.reason is errors.CONTRACT_SUPERSEDED
