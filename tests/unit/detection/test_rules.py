"""Every rule of ours finds what its examples say and leaves what they say it leaves."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from privacy_service.detection.local import LocalDetector
from privacy_service.detection.recognize import Recognizers
from privacy_service.detection.rule_examples import checked_rules, tried
from privacy_service.detection.rule_files import RuleText, faults_of, our_rules, read_rules
from privacy_service.detection.settings import DetectionSettings
from privacy_service.enforcement.findings import Passage
from privacy_service.errors import PrivacyError

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
    assert "empty" in faults_of({**good, "pattern": ".*"})[0]
    assert "b'" not in faults_of({**good, "pattern": "("})[0]
    assert faults_of({**good, "score": 0}) == ["score or in_context must be above 0"]
    assert faults_of("badge") == ["a rule is a mapping with name, entity and pattern"]


def test_a_file_that_is_none_says_why(tmp_path: Path) -> None:
    broken, no_list = tmp_path / "broken.yaml", tmp_path / "no_list.yaml"
    broken.write_text("- name: [\n")
    no_list.write_text("name: badge\n")
    said = [fault_of(file) for file in (broken, no_list, tmp_path / "absent.yaml")]
    assert said[0][0] == 2
    assert said[1:] == [(1, "a rule file is a list of rules"), (1, "No such file or directory")]


def fault_of(file: Path) -> tuple[str | int, str | int]:
    with pytest.raises(PrivacyError) as refused:
        checked_rules(file)
    return refused.value.details["line"], refused.value.details["fault"]


def test_every_fault_of_a_file_is_named_with_the_line_of_its_rule(tmp_path: Path) -> None:
    file = tmp_path / "faulty.yaml"
    file.write_text(
        "- {name: look, entity: BADGE, pattern: '(?=a)', score: 0.9}\n"
        "- {name: badge, entity: BADGE, pattern: 'B[0-9]{6}', score: 0.9, match: [B1, B123456]}\n"
        "- name: badge\n  entty: BADGE\n  pattern: 'C[0-9]{6}'\n"
    )
    assert [str(fault) for fault in tried(read_rules(file)).faults] == [
        "1: look: the pattern does not compile under RE2: invalid perl operator: (?=",
        "2: badge: match example 1 is not found",
        "3: badge: unknown key entty; did you mean entity?",
        "3: badge: entity is missing",
        "3: badge: the rule of line 2 has this name already",
    ]
    with pytest.raises(PrivacyError) as refused:
        checked_rules(file)
    assert (refused.value.details["line"], refused.value.details["rule"]) == (1, "look")


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+$", "(.*a){20}", "([a-z]+)*=", "(x+x+)+y"])
def test_no_pattern_of_a_user_takes_longer_than_its_text(tmp_path: Path, pattern: str) -> None:
    file = tmp_path / "slow.yaml"
    file.write_text(f"- {{name: slow, entity: BADGE, pattern: '{pattern}', score: 0.9}}\n")
    detector = LocalDetector.load(DetectionSettings(model=None, detector_files=(file,)))
    started = time.process_time()
    detector.detect([Passage(text="a" * 50_000 + "!"), Passage(text="x" * 50_000 + "!")])
    assert time.process_time() - started < 5
