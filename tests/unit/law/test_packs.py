"""The packs that ship, and packs of the user over them."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import jsonschema
import pytest
from ruamel.yaml import YAML

import privacy_service.law as room
from privacy_service.errors import PrivacyError
from privacy_service.law.book import bound, law_of, readings, shipped
from privacy_service.law.faults import LawFault
from privacy_service.law.lint import lint
from privacy_service.law.read import read
from privacy_service.law.rules import FOLLOWED, Basis, Standing
from privacy_service.law.schema import FILE, schema_text

TODAY = date(2026, 11, 26)

OURS = """\
apiVersion: privacy-service/v1
kind: RulePack
id: acme
title: Own policy
rules:
  - id: acme.tell-the-board
    title: Tell the management board
    concerns: breach
    regime: acme
    jurisdiction: EEA
    basis: policy
    source: urn:acme:handbook:7
    verified_on: 2026-11-01
    confidence: confirmed
    confirmed_by: A. Okafor, data protection officer
    effective: {from: 2026-01-01}
    duty: notify
    recipient: ourselves
    to: the management board
    citation: Handbook 7.2
    deadline: {from: awareness, hours: 4}
"""


def test_what_ships_has_no_fault() -> None:
    packs = readings()
    assert [str(fault) for pack in packs for fault in lint(packs, pack, today=TODAY)] == []


def test_what_ships_is_read_quickly_as_it_is_read_with_care() -> None:
    for name, text in shipped():
        assert read(text, name=name, ours=True) == read(text, name=name)


def test_the_published_schema_is_that_of_the_code_and_holds_for_what_ships() -> None:
    published = Path(room.__file__).with_name(FILE).read_text(encoding="utf-8")
    assert published == schema_text(), "run: python -m privacy_service.law.schema"
    schema = jsonschema.Draft202012Validator(json.loads(published))
    schema.check_schema(schema.schema)
    for name, text in shipped():
        plain = json.loads(json.dumps(YAML(typ="safe", pure=True).load(text), default=str))
        assert [fault.message for fault in schema.iter_errors(plain)] == [], name


def test_what_is_not_well_sourced_is_never_law() -> None:
    for rule in law_of().rules.values():
        weak = rule.basis is Basis.LAW and rule.confidence not in FOLLOWED
        assert not (weak and rule.followed(TODAY)), rule.id
        assert rule.source
        assert rule.digest.startswith("sha256:")


def test_a_proposal_and_what_starts_later_are_not_in_force() -> None:
    law = law_of()
    assert law.rule("eu-gdpr.33-1-omnibus").standing(TODAY) is Standing.NOT_IN_FORCE
    assert law.rule("in-dpdp.7-board").standing(TODAY) is Standing.NOT_IN_FORCE
    assert law.rule("in-dpdp.7-board").standing(date(2027, 6, 1)) is Standing.LAW
    assert law.rule("us-ca.individuals").standing(date(2025, 12, 31)) is Standing.NOT_IN_FORCE


def test_own_policy_is_added_and_shown_as_such() -> None:
    law = law_of([("acme.yaml", OURS)])
    assert law.rule("acme.tell-the-board").standing(TODAY) is Standing.POLICY
    assert law.rule("eu-gdpr.33-1").standing(TODAY) is Standing.LAW


def test_a_rule_is_replaced_by_name_and_a_pack_by_its_id() -> None:
    replacing = OURS.replace("title: Own policy", "title: Own\nreplaces: [us-oh.individuals]")
    assert "us-oh.individuals" not in law_of([("acme.yaml", replacing)]).rules
    alone = law_of([("mine.yaml", OURS.replace("id: acme\n", "id: us-states\n"))])
    assert "us-tx.individuals" not in alone.rules
    assert "acme.tell-the-board" in alone.rules


def test_the_digest_is_of_what_is_said_not_of_how() -> None:
    one = read(OURS, name="a").pack.rules[0]
    other = read(OURS.replace("hours: 4}", "hours:   4}  # soon"), name="b").pack.rules[0]
    changed = read(OURS.replace("hours: 4", "hours: 5"), name="c").pack.rules[0]
    assert one.digest == other.digest != changed.digest


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("hours: 4", "hour: 4", "21:33: error: rules[0].deadline.hour: there is no key 'hour'"),
        ("from: awareness", "from: wareness", "21:22: error: rules[0].deadline.from: no clock"),
        ("duty: notify", "duty: tell", "17:11: error: rules[0].duty: 'tell' cannot stand here"),
        ("    citation: Handbook 7.2\n", "", "`citation` is missing (add `citation: …`)"),
        ("    regime: acme\n", "", "has no `regime` (add `regime` to the rule or to `defaults`)"),
        ("    confirmed_by: A. Okafor, data protection officer\n", "", "nobody is named who did"),
        ("hours: 4}", "hours: 4, days: 2}", "a deadline is one length"),
        ("{from: awareness, hours: 4}", "{hours: 4}", "nothing starts this clock"),
        ("{from: awareness, hours: 4}", "{no_number: soon}", "`target` is the own policy"),
        ("hours: 4", "hours: 0", "the number must be at least 1"),
        ("verified_on: 2026-11-01", "verified_on: 2026-02-30", "there is no such date"),
        ("kind: RulePack", "kind: RulePack\nid: b", "the key 'id' stands twice"),
    ],
)
def test_a_fault_says_where_it_is_and_what_to_do(old: str, new: str, said: str) -> None:
    with pytest.raises(LawFault) as fault:
        read(OURS.replace(old, new), name="acme.yaml")
    assert said in str(fault.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("jurisdiction: EEA", "jurisdiction: XX", "10:19: error: rules[0].jurisdiction: there is"),
        ("hours: 4}", "hours: 4, counting: eu}", "nothing says how `eu` counts"),
        ("from: awareness", "from: filing/nothing.at-all", "there is no rule 'nothing.at-all'"),
        ("acme.tell-the-board", "eu-gdpr.33-1", "another pack has a rule 'eu-gdpr.33-1'"),
        ("verified_on: 2026-11-01", "verified_on: 2027-01-01", "on a day that has not come"),
        ("verified_on: 2026-11-01", "verified_on: 2024-11-01", "warning: rules[0].id: `acme.tell"),
    ],
)
def test_lint_says_what_does_not_fit(old: str, new: str, said: str) -> None:
    packs = readings([("acme.yaml", OURS.replace(old, new))])
    assert any(said in str(fault) for fault in lint(packs, packs[-1], today=TODAY))


def test_unknown_rules_and_places_are_refused() -> None:
    law = bound(readings())
    with pytest.raises(PrivacyError, match="no such rule"):
        law.rule("eu-gdpr.99")
    with pytest.raises(PrivacyError, match="no such jurisdiction"):
        law.place_for(law.rule("us-tx.individuals"), "DE")
