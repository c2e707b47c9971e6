"""The words that a contract may use: purposes, legal bases, entities, regions."""

from __future__ import annotations

import re

import pytest

from privacy_service.contracts import dpv, regions
from privacy_service.contracts.entities import canonical, catalogue
from privacy_service.contracts.model import FieldType
from privacy_service.contracts.values import OTHER_ENTITIES


def test_a_purpose_covers_itself_and_what_is_narrower() -> None:
    assert dpv.covers("DeliveryOfGoods", "dpv:DeliveryOfGoods")
    assert dpv.covers("dpv:ServiceProvision", "https://w3id.org/dpv#DeliveryOfGoods")
    assert not dpv.covers("dpv:DeliveryOfGoods", "dpv:ServiceProvision")
    assert not dpv.covers("dpv:PaymentManagement", "dpv:DeliveryOfGoods")


def test_a_purpose_with_two_parents_is_covered_by_either() -> None:
    assert dpv.covers("CommercialPurpose", "CommercialResearch")
    assert dpv.covers("ResearchAndDevelopment", "CommercialResearch")


def test_a_purpose_that_dpv_does_not_know_covers_only_itself() -> None:
    assert dpv.covers("ours:Loyalty", "ours:Loyalty")
    assert not dpv.covers("ours:Loyalty", "dpv:Marketing")
    assert not dpv.covers("dpv:Marketing", "ours:Loyalty")


def test_nothing_covers_everything() -> None:
    assert "dpv:Purpose" not in dpv.purposes()
    for one in dpv.purposes():
        assert not all(dpv.covers(one, other) for other in dpv.purposes())


def test_the_hierarchy_has_no_loose_ends() -> None:
    for purpose in dpv.purposes():
        assert dpv.covers(purpose, purpose)
        assert re.fullmatch(r"dpv:[A-Z][A-Za-z]+", purpose)
    assert dpv.consent_bases() <= dpv.legal_bases()


def test_shared_purposes_are_the_narrower_of_each() -> None:
    assert dpv.shared(["ServiceProvision"], ["DeliveryOfGoods"]) == ("dpv:DeliveryOfGoods",)
    assert dpv.shared(["Marketing"], ["LegalCompliance"]) == ()
    assert dpv.shared(["CommercialPurpose"], ["ResearchAndDevelopment"]) == (
        "dpv:CommercialResearch",
    )
    assert dpv.shared(["ours:X"], ["ours:X", "Marketing"]) == ("ours:X",)


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        (("EU",), ("DE", "US"), ("DE",)),
        (("EEA",), ("EU", "NO"), ("EU", "NO")),
        (("DE",), ("FR",), ()),
        (("EU", "DE"), ("EU",), ("EU",)),
    ],
)
def test_shared_regions(one: tuple[str, ...], other: tuple[str, ...], both: object) -> None:
    assert regions.shared(one, other) == both
    assert regions.shared(other, one) == both


def test_regions_are_iso_codes_and_unions() -> None:
    assert len(regions.countries()) == 249
    assert len(regions.unions()["EU"]) == 27
    assert regions.unions()["EU"] < regions.unions()["EEA"]
    assert regions.known("EU")
    assert not regions.known("UK")
    for members in regions.unions().values():
        assert members <= regions.countries() | set(regions.unions())


def test_every_entity_says_what_it_is() -> None:
    for name, entity in catalogue().items():
        assert re.fullmatch(r"[A-Z][A-Z0-9_]+", name)
        assert re.fullmatch(r"[A-Z].*\.", entity.says)
        assert re.fullmatch(r"pd:[A-Z][A-Za-z]+", entity.category)
        assert canonical(name) == entity.name
        assert canonical(entity.name) == entity.name
    assert not set(catalogue()) & {*FieldType, OTHER_ENTITIES}


def test_other_words_mean_the_entity_that_they_name() -> None:
    assert canonical("DOB") == "DATE_OF_BIRTH"
    assert catalogue()["DOB"] == catalogue()["DATE_OF_BIRTH"]
    assert canonical("NOT_AN_ENTITY") == "NOT_AN_ENTITY"


def test_special_categories_are_marked() -> None:
    assert catalogue()["RELIGION"].special
    assert catalogue()["CRIMINAL_RECORD"].special
    assert not catalogue()["EMAIL_ADDRESS"].special


def test_every_entity_of_presidio_is_in_the_catalogue() -> None:
    from presidio_analyzer import RecognizerRegistry

    registry = RecognizerRegistry()
    registry.load_predefined_recognizers()
    known = {name for recognizer in registry.recognizers for name in recognizer.supported_entities}
    assert known <= set(catalogue())
