"""Lint tells terms that cannot hold from those that may not mean what they say."""

from __future__ import annotations

import pytest

from privacy_service.contracts.faults import ContractFault, Severity
from privacy_service.contracts.lint import check, lint
from tests.unit.contracts.contract_texts import KEY, MINIMAL, TODAY, linted, with_lines


def test_the_minimal_contract_is_clean() -> None:
    assert lint(MINIMAL, name="contract", today=TODAY) == ()
    assert check(MINIMAL, name="contract", today=TODAY).id == "acme-to-swift"


def test_what_cannot_be_read_is_told_as_it_is() -> None:
    assert [fault.path for fault in lint("id: [", name="x", today=TODAY)] == [""]


def fields(*lines: str) -> tuple[str, ...]:
    """The lines of a contract with these fields."""
    return ("fields:", *(f"  - {{{line}}}" for line in lines))


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (
            ("counterparty: {partner: acme, role: processor}",),
            "error counterparty.partner: both parties are one partner",
        ),
        (
            ("effective: {from: 2026-05-01, until: 2026-05-01}",),
            "error effective.until: it ends before it begins",
        ),
        (
            ("regions: [FR]", "counterparty: {partner: swift, role: processor, region: DE}"),
            "error counterparty.region: the recipient is in DE, which `regions` does not permit",
        ),
        (
            ("subjects: [{path: $.a, type: x}, {path: $.a, type: z}]",),
            "error subjects[1]: this path stands twice",
        ),
        (
            ("examples: [{name: x, content_type: application/json, payload: '{'}]",),
            "error examples[0].payload: this is not application/json",
        ),
        (
            (
                (
                    "examples: [{name: x, content_type: a/b, payload: ''}, "
                    "{name: x, content_type: a/b, payload: ''}]"
                ),
            ),
            "error examples[1].name: two examples have this name",
        ),
        (
            fields("path: $.a.b", "path: /a/b"),
            "error fields[1].path: $.a.b says the same place",
        ),
        (
            fields("path: $.a, permit: false", "path: $..a"),
            "error fields[1].path: it never decides: $.a holds for all of it",
        ),
        (
            fields("path: $.a, type: number, treatment: {generalize: {to: zip3}}"),
            "error fields[0].treatment: `zip3` cannot be made of number",
        ),
        (
            fields("path: $.a, type: EMAIL_ADDRESS, treatment: {generalize: {to: year}}"),
            "error fields[0].treatment: `year` cannot be made of EMAIL_ADDRESS",
        ),
        (
            ("entities: {PERSON: {shift_date: {days: 3}}}",),
            "error entities.PERSON: a shifted date cannot be made of PERSON",
        ),
        (
            fields("path: $.a, treatment: encrypt"),
            "error fields[0].treatment: there is no key to encrypt to",
        ),
        (
            ("entities: {PERSON: encrypt}",),
            "error entities.PERSON: there is no key to encrypt to",
        ),
        (
            fields("path: $.a, type: number, treatment: tokenize, keep_type: true"),
            "error fields[0].keep_type: tokenize of a number is no number",
        ),
        (
            fields("path: $.a, type: boolean, treatment: mask, keep_type: true"),
            "error fields[0].keep_type: mask of a boolean is no boolean",
        ),
        (
            fields("path: $.a, treatment: hash, reveal: true"),
            "error fields[0].reveal: only a token can be revealed",
        ),
        (
            ("entities: {PERSON: {treatment: mask, reveal: true}}",),
            "error entities.PERSON.reveal: only a token can be revealed",
        ),
    ],
)
def test_errors(lines: tuple[str, ...], says: str) -> None:
    assert says in linted(*lines)
    with pytest.raises(ContractFault):
        check(with_lines(*lines), name="contract", today=TODAY)


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (
            ("effective: {from: 2025-05-01, until: 2026-05-01}",),
            "warning effective.until: the contract has lapsed",
        ),
        (("review_by: 2026-11-22",), "warning review_by: the day of its review has passed"),
        (("regions: [EU, DE]",), "warning regions[1]: DE is permitted by another entry"),
        (
            ("regions: [EU]",),
            (
                "warning counterparty: the recipient's region is not stated, "
                "so that each request must state it"
            ),
        ),
        (
            ("legal_basis: dpv:Consent",),
            (
                "warning legal_basis: the legal basis is consent, "
                "but transfers pass without a consent record"
            ),
        ),
        (
            ("purposes: [ServiceProvision, DeliveryOfGoods]",),
            "warning purposes[1]: dpv:ServiceProvision covers it already",
        ),
        (
            ("purposes: [Marketing, dpv:Marketing]",),
            "warning purposes[1]: dpv:Marketing covers it already",
        ),
        (
            ("storage: sealed-copy",),
            "warning storage: the sealed copy is kept without a limit",
        ),
        (
            ("retention: {ours: P1D}",),
            "warning retention.ours: no copy is kept, so that this says nothing",
        ),
        (fields("path: $.a, permit: false"), "warning fields: no field may pass"),
        (
            fields("path: $"),
            "warning fields[0].path: every field may pass, those too that nobody has thought of",
        ),
        (
            fields("path: $.a, type: text, treatment: keep"),
            (
                "warning fields[0].treatment: keep holds for what a field declares, and free text "
                "declares nothing: findings in it fall under the entity terms"
            ),
        ),
        (
            (*fields("path: $.a, type: text"), "free_text: patterns"),
            "warning free_text: names and places in free text are not looked for",
        ),
        (
            fields("path: $.a, type: date, treatment: {shift_date: {days: 3}}"),
            (
                "warning fields[0].treatment: a date is shifted per subject, "
                "and `subjects` names none: each request must"
            ),
        ),
        (
            (*fields("path: $.a, treatment: encrypt"), f"recipient_key: {KEY}", "direction: both"),
            (
                "warning fields[0].treatment: `recipient_key` is the counterparty's, "
                "and cannot encrypt what it sends"
            ),
        ),
        (
            fields("path: $.a, treatment: {mask: {keep_last: 5}}"),
            "warning fields[0].treatment: a mask that leaves more than 4 may leave too much",
        ),
        (
            fields("path: $.a", "path: $.b, permit: false, treatment: mask"),
            "warning fields[1].treatment: the field may not pass, so that this says nothing",
        ),
        (
            ("entities: {default: keep}",),
            "warning entities.default: all personal data that no term names leaves as it is",
        ),
        (
            ("entities: {default: {generalize: {to: year}}}",),
            "warning entities.default: `year` fits few entities; all others are redacted",
        ),
        (
            ("entities: {RELIGION: keep}",),
            "warning entities.RELIGION: a special category of personal data leaves as it is",
        ),
        (
            ("entities: {PASSWORD: keep}",),
            "warning entities.PASSWORD: a secret leaves as it is",
        ),
        (
            ("entities: {PERSON: {treatment: redact, threshold: 0.9}}",),
            "warning entities.PERSON.threshold: few findings score so high",
        ),
        (
            ("entities: {PERSON: {treatment: redact, threshold: 0.1}}",),
            "warning entities.PERSON.threshold: no finding scores lower than 0.3",
        ),
    ],
)
def test_warnings(lines: tuple[str, ...], says: str) -> None:
    assert says in linted(*lines)


def test_a_warning_does_not_keep_a_contract_from_being_put() -> None:
    text = with_lines("entities: {default: keep}")
    (warning,) = lint(text, name="contract", today=TODAY)
    assert warning.severity is Severity.WARNING
    assert check(text, name="contract", today=TODAY).id == "acme-to-swift"


def test_faults_stand_where_they_are_written_under_any_name_of_an_entity() -> None:
    text = with_lines("entities:", "  PERSON: redact", "  SEXUAL_ORIENTATION: keep")
    (warning,) = lint(text, name="contract", today=TODAY)
    assert text.splitlines()[warning.line - 1] == "  SEXUAL_ORIENTATION: keep"


@pytest.mark.parametrize(
    "lines",
    [
        fields("path: $.a", "path: $.a.b", "path: '$.a[*].c'", "path: $..d"),
        fields("path: $.a.*", "path: $.*.b"),
        fields("path: $, permit: false", "path: $.a"),
        (
            *fields("path: $.a, type: PHONE_NUMBER, reveal: true"),
            "entities: {PHONE_NUMBER: {treatment: tokenize, reveal: true}}",
        ),
        fields("path: $.a, type: number, treatment: {generalize: {to: bucket, size: 5}}"),
        ("counterparty: {partner: swift, role: processor, region: DE}", "regions: [EU]"),
        ("legal_basis: dpv:Consent", "consent: true"),
        ("storage: sealed-copy", "retention: {ours: P30D}"),
        ("review_by: 2026-11-23",),
    ],
)
def test_what_is_well_is_not_doubted(lines: tuple[str, ...]) -> None:
    assert linted(*lines) == []
