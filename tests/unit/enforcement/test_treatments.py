"""Each treatment, on values as payloads have them."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

import pytest

from privacy_service import errors
from privacy_service.contracts.model import Generalization, Treatment, TreatmentKind
from privacy_service.enforcement.treat import treat_part, treat_value
from privacy_service.errors import PrivacyError
from privacy_service.payloads.document import NodeKind, Path


@dataclass
class WordMint:
    """A mint with words that a test can read."""

    offset: int = 10
    tokens: list[str] = field(default_factory=list)

    def token(self, entity: str, value: str, *, path: Path) -> str:
        self.tokens.append(value)
        return f"tok_{entity.lower()}"

    def keyed_hash(self, entity: str, value: str) -> str:
        return "h" * 8

    def encrypted(self, value: str, *, path: Path) -> str:
        return "hpke:v1:x"

    def date_offset(self, days: int, *, path: Path) -> int:
        return self.offset


def part(text: str, treatment: Treatment) -> str:
    return treat_part(
        text, label="DATE_TIME", treatment=treatment, mint=WordMint(), path=("field",)
    )


def generalize(text: str, to: Generalization, size: int | None = None) -> str:
    return part(text, Treatment(kind=TreatmentKind.GENERALIZE, to=to, size=size))


@pytest.mark.parametrize(
    ("text", "to", "expected"),
    [
        ("1985-03-14", Generalization.YEAR, "1985"),
        ("14.03.1985", Generalization.YEAR, "1985"),
        ("03/04/1985", Generalization.YEAR, "1985"),
        ("March 14, 1985", Generalization.YEAR, "1985"),
        ("some time in 1985", Generalization.YEAR, "1985"),
        ("between 1985 and 1986", Generalization.YEAR, "<DATE_TIME>"),
        ("1985-03-14T10:00:00Z", Generalization.MONTH, "1985-03"),
        ("1985-03", Generalization.MONTH, "1985-03"),
        ("03/04/1985", Generalization.MONTH, "<DATE_TIME>"),
        ("47", Generalization.AGE_BAND, "40-49"),
        ("9", Generalization.AGE_BAND, "0-9"),
        ("103", Generalization.AGE_BAND, "90+"),
        ("90", Generalization.AGE_BAND, "90+"),
        ("02139", Generalization.ZIP3, "021"),
        ("02139-4307", Generalization.ZIP3, "021"),
        ("03601", Generalization.ZIP3, "000"),
        ("SW1A 1AA", Generalization.ZIP3, "<DATE_TIME>"),
        # 036 is a sparse area, whatever its digits are written in.
        ("٠٣٦٠١", Generalization.ZIP3, "<DATE_TIME>"),
        ("203.0.113.77", Generalization.NETWORK, "203.0.113.0/24"),
        ("2001:db8:1:2::7", Generalization.NETWORK, "2001:db8:1::/48"),
        ("not an address", Generalization.NETWORK, "<DATE_TIME>"),
    ],
)
def test_generalize(text: str, to: Generalization, expected: str) -> None:
    assert generalize(text, to) == expected


@pytest.mark.parametrize(
    ("text", "size", "expected"),
    [
        ("47.90", 10, "40"),
        ("0", 10, "0"),
        ("-3", 10, "-10"),
        ("-10", 10, "-10"),
        ("99999999999999999999", 100, "99999999999999999900"),
        ("1e99", 10, "<DATE_TIME>"),
        ("NaN", 10, "<DATE_TIME>"),
    ],
)
def test_buckets_are_named_by_their_lower_edge(text: str, size: int, expected: str) -> None:
    assert generalize(text, Generalization.BUCKET, size) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1985-03-14", "1985-03-24"),
        ("1984-02-25", "1984-03-06"),
        ("1985-03-14T10:00:00+01:00", "1985-03-24T10:00:00+01:00"),
        ("19850314", "19850324"),
        ("14.03.1985", "24.03.1985"),
        ("12/25/1985", "01/04/1986"),
        ("14 March 1985", "24 March 1985"),
        ("Mar 14, 1985", "Mar 24, 1985"),
        # The day is not known: shifting one reading would be a guess, so the value goes.
        ("03/04/1985", "<DATE_TIME>"),
        ("1985", "<DATE_TIME>"),
        ("9999-12-31", "<DATE_TIME>"),
        # Nothing may ride along behind a date.
        ("1985-03-14 Jane Doe", "<DATE_TIME>"),
        ("19850314 Jane Doe", "<DATE_TIME>"),
        # Nor as a time of day that is none.
        ("1985-03-14T23:59:60.5-08:00", "1985-03-24T23:59:60.5-08:00"),
        ("19850314235960.5-0800", "19850324235960.5-0800"),
        ("20200101411111.111111+1111", "<DATE_TIME>"),
        ("2020-01-01 41:11:11", "<DATE_TIME>"),
        ("2020-01-01 11:11 +9999", "<DATE_TIME>"),
        ("٢٠٢٠-٠١-٠١", "<DATE_TIME>"),
    ],
)
def test_shift_date_keeps_the_form_of_the_date(text: str, expected: str) -> None:
    assert part(text, Treatment(kind=TreatmentKind.SHIFT_DATE, days=30)) == expected


@pytest.mark.parametrize(
    ("text", "keep", "expected"),
    [
        ("4111 1111 1111 1234", 4, "**** **** **** 1234"),
        ("jane@shop.example", 0, "****@****.*******"),
        ("1234", 4, "**34"),
        ("7", 4, "*"),
        ("", 4, ""),
        # What is neither a letter nor a separator may be read as one.
        ("Ⓜⓐⓡⓘⓐ", 0, "*****"),
        ("a\U000e006d\U000e0061\u0363b", 0, "*****"),
        ("1\ufe0f\u20e32\ufe0f\u20e3", 0, "******"),
        ("Mill Lane 12\r\nLeeds", 0, "**** **** **\r\n*****"),
    ],
)
def test_mask_keeps_separators_and_hides_at_least_half(text: str, keep: int, expected: str) -> None:
    assert part(text, Treatment(kind=TreatmentKind.MASK, keep_last=keep)) == expected


def number(text: str, treatment: Treatment, *, keep_type: bool) -> object:
    return treat_value(
        NodeKind.NUMBER,
        text,
        label="REDACTED",
        treatment=treatment,
        keep_type=keep_type,
        mint=WordMint(),
        path=("n",),
    )


def test_a_number_becomes_text_and_says_so() -> None:
    treated = number("41", Treatment(kind=TreatmentKind.REDACT), keep_type=False)
    assert (treated.value, treated.type_changed) == ("<REDACTED>", True)


@pytest.mark.parametrize(
    ("text", "treatment", "expected"),
    [
        ("41", Treatment(kind=TreatmentKind.REDACT), 0),
        ("123456", Treatment(kind=TreatmentKind.MASK, keep_last=2), 56),
        ("12.5", Treatment(kind=TreatmentKind.MASK, keep_last=2), 0),
        ("41", Treatment(kind=TreatmentKind.KEEP), 41),
        ("4.5", Treatment(kind=TreatmentKind.KEEP), Decimal("4.5")),
        (
            "47",
            Treatment(kind=TreatmentKind.GENERALIZE, to=Generalization.BUCKET, size=10),
            40,
        ),
    ],
)
def test_a_number_stays_a_number_where_its_type_must_hold(
    text: str, treatment: Treatment, expected: object
) -> None:
    treated = number(text, treatment, keep_type=True)
    assert (treated.value, treated.type_changed) == (expected, False)


@pytest.mark.parametrize("kind", [TreatmentKind.TOKENIZE, TreatmentKind.ENCRYPT])
def test_a_type_that_cannot_hold_is_an_error(kind: TreatmentKind) -> None:
    with pytest.raises(PrivacyError) as caught:
        number("41", Treatment(kind=kind), keep_type=True)
    assert caught.value.reason is errors.TREATMENT_FAILED
    assert caught.value.details == {"path": "/n", "treatment": kind.value, "type": "number"}


def test_null_has_nothing_to_treat() -> None:
    treated = treat_value(
        NodeKind.NULL,
        "null",
        label="X",
        treatment=Treatment(kind=TreatmentKind.HASH),
        keep_type=False,
        mint=WordMint(),
        path=(),
    )
    assert treated.value is None
