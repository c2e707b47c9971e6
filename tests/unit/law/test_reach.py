"""Whether a rule asks for something."""

from __future__ import annotations

from datetime import date
from functools import cache

import pytest

from privacy_service.law.book import Law, law_of
from privacy_service.law.reach import Count, Facts, Reach, reached

TODAY = date(2026, 11, 26)


@cache
def law() -> Law:
    return law_of()


def asked(rule: str, **known: object) -> Reach:
    facts = Facts(**known)  # type: ignore[arg-type]
    return reached(law().rule(rule), facts, on=TODAY, law=law()).reach


GERMANS = {"DE": Count(number=40)}
CONTROLLER = frozenset({"controller"})
HIPAA = {"capacities": frozenset({"hipaa_covered_entity"}), "seats": frozenset({"US"})}
BREACH = {"decided": {"unsecured_phi": True, "hipaa_breach": True}}


def test_a_condition_that_nobody_decided_keeps_the_duty() -> None:
    given = {"residents": GERMANS, "capacities": CONTROLLER}
    assert asked("eu-gdpr.33-1", **given) is Reach.TO_DECIDE
    assert asked("eu-gdpr.33-1", **given, decided={"risk": True}) is Reach.APPLIES
    assert asked("eu-gdpr.33-1", **given, decided={"risk": False}) is Reach.DOES_NOT_APPLY


def test_a_processor_tells_the_controller_whatever_the_risk() -> None:
    given = {"residents": GERMANS, "capacities": frozenset({"processor"})}
    assert asked("eu-gdpr.33-2", **given) is Reach.APPLIES
    assert asked("eu-gdpr.33-1", **given) is Reach.DOES_NOT_APPLY


def test_where_one_is_established_binds_wherever_people_live() -> None:
    given = {"residents": {"BR": Count(number=5)}, "capacities": CONTROLLER}
    assert asked("eu-gdpr.33-5", **given) is Reach.DOES_NOT_APPLY
    assert asked("eu-gdpr.33-5", **given, seats=frozenset({"DE"})) is Reach.APPLIES


@pytest.mark.parametrize(
    ("number", "secretary", "yearly"),
    [
        (499, Reach.DOES_NOT_APPLY, Reach.APPLIES),
        (500, Reach.APPLIES, Reach.DOES_NOT_APPLY),
        (501, Reach.APPLIES, Reach.DOES_NOT_APPLY),
    ],
)
def test_hipaa_counts_five_hundred_in_all(number: int, secretary: Reach, yearly: Reach) -> None:
    given = {**HIPAA, **BREACH, "total": Count(number=number)}
    assert asked("us-hipaa.164-408-b", **given) is secretary
    assert asked("us-hipaa.164-408-c", **given) is yearly


@pytest.mark.parametrize(
    ("texas", "ohio", "media"),
    [
        (500, 500, Reach.DOES_NOT_APPLY),
        (501, 0, Reach.APPLIES),
        (250, 251, Reach.DOES_NOT_APPLY),
    ],
)
def test_the_media_count_more_than_five_hundred_in_one_state(
    texas: int, ohio: int, media: Reach
) -> None:
    residents = {"US-TX": Count(number=texas), "US-OH": Count(number=ohio)}
    assert asked("us-hipaa.164-406", **HIPAA, **BREACH, residents=residents) is media


@pytest.mark.parametrize(("number", "reach"), [(500, "does not apply"), (501, "applies")])
def test_california_asks_for_more_than_five_hundred(number: int, reach: str) -> None:
    given = {"residents": {"US-CA": Count(number=number)}, "capacities": CONTROLLER}
    assert asked("us-ca.regulator", **given).value == reach


@pytest.mark.parametrize(("number", "reach"), [(249, "does not apply"), (250, "applies")])
def test_texas_asks_for_two_hundred_and_fifty(number: int, reach: str) -> None:
    given = {"residents": {"US-TX": Count(number=number)}, "capacities": CONTROLLER}
    assert asked("us-tx.regulator", **given).value == reach


def test_a_number_that_is_approximate_does_not_make_a_duty_go_away() -> None:
    residents = {"US-TX": Count(number=240, approximate=True)}
    given = {"residents": residents, "capacities": CONTROLLER}
    assert asked("us-tx.regulator", **given) is Reach.TO_DECIDE


def test_encryption_helps_only_while_the_key_is_safe() -> None:
    given = {"residents": GERMANS, "capacities": CONTROLLER, "decided": {"high_risk": True}}
    assert asked("eu-gdpr.34-1", **given) is Reach.APPLIES
    sealed = {**given, "encrypted": True}
    assert asked("eu-gdpr.34-1", **sealed) is Reach.TO_DECIDE
    assert asked("eu-gdpr.34-1", **sealed, key_exposed=True) is Reach.APPLIES
    assert asked("eu-gdpr.34-1", **sealed, key_exposed=False) is Reach.DOES_NOT_APPLY


def test_what_is_unverified_or_not_in_force_asks_for_nothing() -> None:
    given = {"residents": {"US-OR": Count(number=900), "KE": Count(number=9)}}
    assert asked("us-or.regulator", **given, capacities=CONTROLLER) is Reach.DOES_NOT_APPLY
    assert asked("ke-dpa.43", **given, capacities=CONTROLLER) is Reach.DOES_NOT_APPLY


def test_nothing_known_is_to_decide() -> None:
    assert asked("us-tx.regulator", capacities=CONTROLLER) is Reach.TO_DECIDE
    why = reached(law().rule("us-tx.regulator"), Facts(), on=TODAY, law=law()).because
    assert why == ("it binds controller",)
