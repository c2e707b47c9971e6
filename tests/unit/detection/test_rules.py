"""Every rule of ours finds what its examples say and leaves what they say it leaves."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from privacy_service.detection.recognize import Recognizers
from privacy_service.detection.rule_files import RuleText, faults_of, our_rules
from privacy_service.detection.settings import DetectionSettings
from privacy_service.enforcement.findings import Passage

RULES = our_rules()


@pytest.fixture(scope="module")
def claims() -> Callable[[str, str], bool]:
    recognizers = Recognizers.load(DetectionSettings())

    def claimed(rule: str, text: str) -> bool:
        found = recognizers.find(Passage(text=text))
        return any(one.detector == f"pattern:{rule}" and one.score >= 0.4 for one in found)

    return claimed


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_examples(rule: RuleText, claims: Callable[[str, str], bool]) -> None:
    assert rule.match, "a rule without an example is a rule that nobody has seen work"
    assert [text for text in rule.match if not claims(rule.name, text)] == []
    assert [text for text in rule.miss if claims(rule.name, text)] == []


def test_names_are_unique() -> None:
    names = [rule.name for rule in RULES]
    assert len(set(names)) == len(names)


def test_faults_are_named() -> None:
    good = {"name": "badge", "entity": "BADGE", "pattern": "B[0-9]{6}", "score": 0.5}
    assert faults_of(good) == []
    assert faults_of({**good, "colour": "red"}) == ["unknown key colour"]
    assert faults_of({"name": "badge"}) == ["entity is missing", "pattern is missing"]
    assert "RE2" in faults_of({**good, "pattern": "(?<=a)b"})[0]
    assert "validator" in faults_of({**good, "validator": "nobody"})[0]
    assert faults_of({**good, "score": 0}) == ["score or in_context must be above 0"]
    assert faults_of("badge") == ["a rule is a mapping with name, entity and pattern"]
