"""The example contracts hold up, and come to what their comments say."""

from __future__ import annotations

from pathlib import Path

import pytest

from privacy_service.contracts.compile import compile_terms
from privacy_service.contracts.lint import lint
from privacy_service.contracts.merge import stricter
from privacy_service.contracts.model import SharingContract, TermSource
from privacy_service.contracts.read import read
from privacy_service.contracts.terms import Terms
from privacy_service.contracts.write import write
from tests.unit.contracts.contract_texts import TODAY, treatment, version

ROOT = Path(__file__).parents[3]
FILES = sorted((ROOT / "examples" / "contracts").glob("*.yaml"))
SCHEMA_LINE = (
    "# yaml-language-server: $schema=../../privacy_service/contracts/sharing-contract.schema.json\n"
)


def example(name: str) -> SharingContract:
    """An example contract by its id."""
    return read((ROOT / "examples" / "contracts" / f"{name}.yaml").read_text(), name=name)


def terms(name: str) -> Terms:
    """An example contract's terms alone."""
    return compile_terms(version(example(name)))


def test_there_are_six() -> None:
    assert len(FILES) == 6


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_an_example_is_clean_and_completed_by_an_editor(file: Path) -> None:
    text = file.read_text()
    assert text.startswith(SCHEMA_LINE)
    assert (file.parent / SCHEMA_LINE.partition("=")[2].strip()).is_file()
    assert lint(text, name=file.name, today=TODAY) == ()
    contract = read(text, name=file.name)
    assert contract.id == file.stem
    assert contract.examples
    assert all(one.effect is not None for one in contract.examples)
    assert read(write(contract), name=file.name) == contract


def test_the_shop_and_its_carrier_come_to_the_stricter_of_each() -> None:
    both = stricter(terms("acme-shop-to-swift-parcel"), terms("swift-parcel-from-acme-shop"))
    sources = {
        ("customer", "email"): (treatment("mask", keep_last=0), TermSource.RECIPIENT),
        ("customer", "phone"): (treatment("tokenize"), TermSource.BOTH),
        ("shipping_address", "street"): (treatment("keep"), TermSource.BOTH),
    }
    for path, (expected, source) in sources.items():
        term = both.field(path)
        assert term is not None
        assert (term.treatment, both.field_source(path)) == (expected, source)
    assert both.field(("customer", "name")) is None
    assert both.field_source(("customer", "name")) is TermSource.RECIPIENT
    assert both.field(("payment", "card_number")) is None
    assert both.entity("CREDIT_CARD").treatment == treatment("refuse")
    assert both.reveals("PHONE_NUMBER")
    assert both.retention.recipient is not None
    assert both.retention.recipient.days == 30
    assert both.source("retention.recipient") is TermSource.RECIPIENT
    assert both.purposes == ("dpv:DeliveryOfGoods",)
    assert both.regions == ("AT", "DE")
    assert both.region_permitted()


def test_researchers_get_no_names_and_years_for_dates() -> None:
    patients = terms("st-anna-hospital-to-medlab-research")
    for path in (("name", 0, "family"), ("telecom", 0, "value"), ("text", "div")):
        term = patients.field(path)
        assert term is not None
        assert not term.permit
        assert not patients.permits_below(path[:1])
    assert patients.field(("address", 0, "city")) is None
    birth = patients.field(("birthDate",))
    assert birth is not None
    assert birth.treatment == treatment("generalize", to="year")
    assert patients.subject_type(("identifier", 0, "value")) == "mrn"


def test_the_whole_e_mail_is_free_text() -> None:
    mail = terms("acme-shop-to-helpdesk-ai")
    for path in ((), ("body",), ("headers", "Subject")):
        term = mail.field(path)
        assert term is not None
        assert term.type == "text"
    assert mail.entity("PASSWORD").treatment == treatment("refuse")
