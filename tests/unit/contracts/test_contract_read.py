"""Reading a contract: its defaults, its forms, and every fault with its line and column."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from privacy_service import errors
from privacy_service.contracts.faults import ContractFault
from privacy_service.contracts.model import (
    ErasedSubjects,
    FreeText,
    Quota,
    Retention,
    Status,
    Storage,
    SubjectField,
    UnknownFields,
)
from privacy_service.contracts.read import read
from privacy_service.contracts.source import decode
from tests.unit.contracts.contract_texts import (
    KEY,
    MINIMAL,
    entity,
    faults_of,
    reading,
    treatment,
    with_lines,
)


def test_a_minimal_contract_has_strict_defaults() -> None:
    contract = read(MINIMAL, name="contract")
    assert contract.purposes == ("dpv:DeliveryOfGoods",)
    assert contract.legal_basis == "dpv:ContractPerformance"
    assert contract.effective_from == datetime(2026, 1, 1, tzinfo=UTC)
    assert contract.effective_until is None
    assert contract.status is Status.ACTIVE
    assert contract.other_entities == entity("redact")
    assert contract.unknown_fields is UnknownFields.DROP
    assert contract.free_text is FreeText.MODEL
    assert contract.storage is Storage.NONE
    assert contract.consent is False
    assert contract.fields[0].permit
    assert contract.fields[0].treatment is None


def test_every_key_is_read() -> None:
    contract = reading(
        "status: suspended",
        "consent: true",
        'effective: {from: "2026-01-01T09:00:00+01:00", until: 2027-01-01}',
        "unknown_fields: refuse",
        "erased_subjects: drop",
        "free_text: patterns",
        "subjects: [{path: /customer/id, type: customer-id}]",
        "regions: [EU, CH]",
        "quota: {transfers: 100, per: PT1H}",
        "retention: {ours: P1Y6M, recipient: P2W}",
        "storage: sealed-copy",
        f"recipient_key: {KEY}",
        "review_by: 2027-06-30",
        "examples: [{name: one, content_type: text/plain, payload: hello, effect: ALLOW}]",
    )
    assert contract.status is Status.SUSPENDED
    assert contract.consent
    assert contract.effective_from == datetime(2026, 1, 1, 8, tzinfo=UTC)
    assert contract.effective_until == datetime(2027, 1, 1, tzinfo=UTC)
    assert contract.unknown_fields is UnknownFields.REFUSE
    assert contract.erased_subjects is ErasedSubjects.DROP
    assert contract.free_text is FreeText.PATTERNS
    assert contract.subjects == (SubjectField(path="/customer/id", type="customer-id"),)
    assert contract.regions == ("EU", "CH")
    assert contract.quota == Quota(transfers=100, period=timedelta(hours=1))
    assert contract.retention == Retention(
        ours=timedelta(days=365 + 6 * 30), recipient=timedelta(days=14)
    )
    assert contract.storage is Storage.SEALED_COPY
    assert contract.recipient_key == KEY
    assert contract.review_by == date(2027, 6, 30)
    assert contract.examples[0].payload == "hello"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("keep", treatment("keep")),
        ("redact", treatment("redact")),
        ("refuse", treatment("refuse")),
        ("mask", treatment("mask", keep_last=0)),
        ("{mask: {}}", treatment("mask", keep_last=0)),
        ("{mask: {keep_last: 4}}", treatment("mask", keep_last=4)),
        ("{generalize: {to: year}}", treatment("generalize", to="year")),
        ("{generalize: {to: bucket, size: 10}}", treatment("generalize", to="bucket", size=10)),
        ("{shift_date: {days: 30}}", treatment("shift_date", days=30)),
    ],
)
def test_a_treatment_is_a_word_or_a_mapping(written: str, expected: object) -> None:
    contract = reading(
        "fields:",
        f"  - {{path: $.a, treatment: {written}}}",
        f"entities: {{PERSON: {written}, EMAIL_ADDRESS: {{treatment: {written}, threshold: 0.7}}}}",
    )
    terms = dict(contract.entities)
    assert contract.fields[0].treatment == expected
    assert terms["PERSON"].treatment == expected
    assert terms["PERSON"].threshold == 0.4
    assert terms["EMAIL_ADDRESS"].treatment == expected
    assert terms["EMAIL_ADDRESS"].threshold == 0.7


def test_other_words_for_an_entity_are_that_entity() -> None:
    contract = reading("fields: [{path: $.a, type: DOB}]", "entities: {DOB: remove, default: keep}")
    assert contract.fields[0].type == "DATE_OF_BIRTH"
    assert contract.entities == (("DATE_OF_BIRTH", entity("remove")),)
    assert contract.other_entities == entity("keep")


def test_purposes_may_be_written_in_three_ways() -> None:
    contract = reading(
        "purposes: [DirectMarketing, dpv:Marketing, 'https://w3id.org/dpv#LegalCompliance']",
        "legal_basis: https://w3id.org/dpv/legal/eu/gdpr#A6-1-b",
    )
    assert contract.purposes == ("dpv:DirectMarketing", "dpv:Marketing", "dpv:LegalCompliance")
    assert contract.legal_basis == "eu-gdpr:A6-1-b"


@pytest.mark.parametrize(
    ("line", "where", "says", "fix"),
    [
        ("titel: x", "titel", "there is no key 'titel'", "did you mean title"),
        ("direction: outbond", "direction", "'outbond' cannot", "did you mean outbound?"),
        ("direction: yes", "", "YAML 1.1 reads this bare word", "quote it"),
        ("consent: 1", "consent", "true or false must stand here", "true or false"),
        ("consent: [true]", "consent", "true or false must stand here", "true or false"),
        ("regions: DE", "regions", "a list must stand here", "[ … ]"),
        ("regions: [UK]", "regions[0]", "no region 'UK'", "ISO 3166-1"),
        ("purposes: []", "purposes", "the least number of entries is 1", "limit"),
        (
            "purposes: [DeliveryOfGood]",
            "purposes[0]",
            "DPV has no purpose 'DeliveryOfGood'",
            "did you mean dpv:DeliveryOfGoods?",
        ),
        ("purposes: [Purpose]", "purposes[0]", "DPV has no purpose 'Purpose'", "did you mean"),
        ("legal_basis: Contrct", "legal_basis", "no legal basis", "did you mean dpv:Contract"),
        ("effective: {from: 2026-02-30}", "effective.from", "no such date", "check the day"),
        ("effective: {from: 2026-02-01T09:00}", "effective.from", "not an instant", "+01:00"),
        ("effective: {}", "effective", "`from` is missing", "add `from: …`"),
        ("quota: {transfers: 0, per: P1D}", "quota.transfers", "at least 1", "limit"),
        ("quota: {transfers: 1, per: P1M}", "quota.per", "fixed length", "P30D"),
        ("quota: {transfers: 1, per: PT}", "quota.per", "not a duration", "P30D"),
        ("retention: {ours: P0D}", "retention.ours", "nothing", "leave the key out"),
        ("retention: {recipient: 30 days}", "retention.recipient", "not a duration", "P1Y"),
        ("recipient_key: abc", "recipient_key", "not base64", "32 bytes"),
        ("recipient_key: AAAA", "recipient_key", "has 32 bytes", "raw public key"),
        (f"recipient_key: {'A' * 43}=", "recipient_key", "anybody could open", "fresh key"),
        ("review_by: soon", "review_by", "not a date", "2026-01-31"),
        ("entities: {EMIAL: redact}", "entities.EMIAL", "no entity", "did you mean EMAIL_ADDRESS?"),
        (
            "entities: {PERSON: redakt}",
            "entities.PERSON",
            "'redakt' cannot",
            "did you mean redact?",
        ),
        (
            "entities: {PERSON: shift_date}",
            "entities.PERSON",
            "needs its parameters",
            "{shift_date: {days: 30}}",
        ),
        (
            "entities: {PERSON: {treatment: keep, treshold: 1}}",
            "entities.PERSON.treshold",
            "no key 'treshold'",
            "did you mean threshold?",
        ),
        (
            "entities: {PERSON: {treatment: keep, threshold: 2}}",
            "entities.PERSON.threshold",
            "at most 1",
            "limit",
        ),
        (
            "entities: {DOB: keep, DATE_OF_BIRTH: remove}",
            "entities.DATE_OF_BIRTH",
            "`DATE_OF_BIRTH` and `DOB` are one entity",
            "keep one",
        ),
        ("fields: [{path: $.a, type: EMAIL}]", "fields[0].type", "no type", "EMAIL_ADDRESS"),
        ("fields: [{path: a.b}]", "fields[0].path", "starts with $", "write $.a.b"),
        ('fields: [{path: "$.a[1:2]"}]', "fields[0].path", "slices", "[*]"),
        (
            "fields: [{path: $.a, treatment: {mask: {keep_lst: 4}}}]",
            "fields[0].treatment.mask.keep_lst",
            "no key 'keep_lst'",
            "did you mean keep_last?",
        ),
        (
            "fields: [{path: $.a, treatment: {mask: {keep_last: 99}}}]",
            "fields[0].treatment.mask.keep_last",
            "at most 8",
            "limit",
        ),
        (
            "fields: [{path: $.a, treatment: {generalize: {to: bucket}}}]",
            "fields[0].treatment.generalize",
            "`size` belongs to `to: bucket`",
            "size: 10",
        ),
        (
            "fields: [{path: $.a, treatment: {mask: {}, generalize: {to: year}}}]",
            "fields[0].treatment",
            "one thing",
            "leave one",
        ),
        ("subjects: [{path: $.a, type: E Mail}]", "subjects[0].type", "character", "a-z"),
        ("id: Acme Shop", "id", "character", "a-z"),
    ],
)
def test_a_fault_says_where_it_is_and_what_to_do(
    line: str, where: str, says: str, fix: str
) -> None:
    (fault,) = (one for one in faults_of(with_lines(line)) if one.path == where)
    assert says in fault.says
    assert fix in fault.fix
    text = with_lines(line).splitlines()
    assert text[fault.line - 1] == line
    assert 1 <= fault.column <= len(line)


def test_as_many_faults_as_can_be_told_are_told_at_once() -> None:
    text = with_lines("direction: up", "purposes: [Nothing]", "quota: {transfers: 0, per: PT}")
    assert [fault.path for fault in faults_of(text)] == [
        "direction",
        "purposes[0]",
        "quota.transfers",
        "quota.per",
    ]


def test_the_column_points_into_a_path() -> None:
    line = '  - path: "$.a[?@.b]"'
    (fault,) = faults_of(with_lines("fields:", line))
    assert line[fault.column - 1 :] == '[?@.b]"'


def test_the_refusal_is_a_privacy_error_with_a_position() -> None:
    with pytest.raises(ContractFault) as refused:
        read(MINIMAL + "colour: red\n", name="orders.yaml")
    assert refused.value.reason is errors.CONTRACT_INVALID
    assert refused.value.details == {
        "contract": "orders.yaml",
        "line": 13,
        "column": 1,
        "faults": 1,
    }
    assert str(refused.value).startswith("orders.yaml:13:1: error: colour: there is no key")


def test_what_is_not_a_mapping_is_no_contract() -> None:
    assert faults_of("- a\n")[0].says == "a contract is a mapping"
    assert faults_of("hello\n")[0].says == "a contract is a mapping"


def test_bytes_must_be_utf_8() -> None:
    assert decode("title: Straße".encode(), name="x") == "title: Straße"
    with pytest.raises(ContractFault) as refused:
        decode("id: x\ntitle: Straße".encode("latin-1"), name="x")
    assert (refused.value.faults[0].line, refused.value.faults[0].column) == (2, 12)
