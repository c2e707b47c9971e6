"""Asked for secrets alone, the detector finds those that it finds among everything."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import re2
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.behavior import LONG
from privacy_service.contracts.entities import catalogue
from privacy_service.detection.local import LocalDetector
from privacy_service.detection.recognize import Recognizers
from privacy_service.detection.rule_files import RuleText, our_rules
from privacy_service.detection.settings import DetectionSettings
from privacy_service.detection.sieve import FOUND_IN_CODE, wider
from privacy_service.enforcement.findings import Inspected, Passage, Place, Span

HERE = Path(__file__).parent
SECRETS = frozenset({"API_KEY", "PASSWORD", "PIN", "SECRET", "TOKEN"})
RULES = our_rules()
DOCUMENTS = [
    *(HERE / "documents.txt").read_text("utf-8").split("\n---\n"),
    *(HERE / "prose.txt").read_text("utf-8").split("\n"),
]
SHORT = [text for rule in RULES for text in (*rule.match, *rule.miss)]


@pytest.fixture(scope="module")
def detector() -> LocalDetector:
    return LocalDetector.load(DetectionSettings(model=None))


def secrets(answer: Inspected) -> list[Span]:
    return [span for span in answer.spans if span.entity in SECRETS]


def assert_same(detector: LocalDetector, passage: Passage) -> None:
    narrow = Passage(text=passage.text, path=passage.path, place=passage.place, only=SECRETS)
    (whole,), (alone,) = detector.detect([passage]), detector.detect([narrow])
    assert secrets(alone) == secrets(whole)
    if secrets(whole):
        assert not detector.rules_out(narrow)


def test_documents_and_examples(detector: LocalDetector) -> None:
    for text in (*DOCUMENTS, *SHORT):
        assert_same(detector, Passage(text=text))
    for text in SHORT:
        assert_same(detector, Passage(text=text, path=("password",)))
        assert_same(detector, Passage(text=text, place=Place.KEY))


pieces = st.sampled_from(
    [
        *(text for rule in RULES if rule.entity in SECRETS for text in (*rule.match, *rule.miss)),
        "password:", "api_key =", '"pin": 1234,', "token", "user,password\nbob,hunter22\n", "\n",
        "\t", "=", "|", "Kl\u0131nik", "\u0130", "\ud800", "&#112;assword: x9x9x9", "é",
        "The key is", "dn: cn=x\nuserPassword: s3cr3t\n", "seen by Maria Gonzales on 4 May",
        "4111 1111 1111 1111",
    ]
)  # fmt: skip


@given(parts=st.lists(pieces, min_size=1, max_size=5), glue=st.sampled_from(["", " ", "\n", "; "]))
@settings(deadline=None, max_examples=80)
def test_whatever_is_put_together(detector: LocalDetector, parts: list[str], glue: str) -> None:
    assert_same(detector, Passage(text=glue.join(parts)))


def test_what_holds_none_is_ruled_out(detector: LocalDetector) -> None:
    text = f"Maria Gonzales was born on 19 March 1980, IBAN DE89 3704 0044 0532 0130 00. {LONG}"
    assert detector.rules_out(Passage(text=text, only=SECRETS))
    assert not detector.rules_out(Passage(text=text))
    assert not detector.rules_out(Passage(text=text, only=frozenset({"PERSON"})))
    assert not detector.rules_out(Passage(text=text, only=SECRETS, expected="PASSWORD"))


def test_only_rules_and_names_find_what_can_be_ruled_out() -> None:
    recognizers = Recognizers.load(DetectionSettings(model=None))
    ways = ("pattern:", "label", "field", "column", "message:", "echo")
    for text in (*DOCUMENTS, *SHORT):
        for claim in recognizers.claims(Passage(text=text)):
            by_name = claim.detector.startswith(ways)
            assert by_name or claim.entity in FOUND_IN_CODE or claim.entity not in catalogue()


@given(data=st.data(), rule=st.sampled_from([rule for rule in RULES if wider(rule.pattern)]))
@settings(deadline=None, max_examples=60)
def test_what_a_pattern_finds_the_wider_one_finds(data: st.DataObject, rule: RuleText) -> None:
    flags = re.IGNORECASE if rule.ignore_case else 0
    text = data.draw(st.from_regex(re.compile(rule.pattern, flags)))
    if re.search(rule.pattern, text, flags) and not {"\u0130", "\u0131"} & set(text):
        options = re2.Options()
        options.case_sensitive = not rule.ignore_case
        found = re2.compile(wider(rule.pattern), options).search(text.encode("utf-8", "replace"))
        assert found is not None


@pytest.mark.parametrize(
    ("pattern", "left"),
    [
        (r"(?<!\w)a{2,5}(?![\])]b)", "a{2,}"),
        (r"[^\s:]\d", r"[^\t-\r\x1c-\x20:][0-9\x{80}-\x{10FFFF}]"),
        (r"^\b\S$", r"[^\t-\r\x1c-\x20]"),
        (r"[a\W]", None),
        (r"(?=a", None),
    ],
)
def test_patterns_for_re2(pattern: str, left: str | None) -> None:
    assert wider(pattern) == left
