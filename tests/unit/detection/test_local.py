"""The detector as a whole: quality on whole documents, declared fields, coverage, no network."""

from __future__ import annotations

import re
import socket
import sys
from pathlib import Path

import pytest

from privacy_service import errors
from privacy_service.contracts.entities import catalogue
from privacy_service.detection import rampart
from privacy_service.detection.evaluate import Label, Report, Sample, evaluate
from privacy_service.detection.local import LocalDetector
from privacy_service.detection.recognize import Recognizers
from privacy_service.detection.settings import DetectionSettings
from privacy_service.enforcement.findings import Gap, Inspected, Passage, Place
from privacy_service.errors import PrivacyError

HERE = Path(__file__).parent
_MARK = re.compile(r"\{([A-Z_a-z]+):((?:[^{}])*)\}")
_KINDS = {"p": "PERSON", "l": "LOCATION"}


def marked(number: int, text: str) -> Sample:
    """`{KIND:value}` in a text as labels."""
    plain, labels, last = "", [], 0
    for mark in _MARK.finditer(text):
        plain += text[last : mark.start()]
        labels.append(Label(len(plain), len(plain) + len(mark[2]), _KINDS.get(mark[1], mark[1])))
        plain, last = plain + mark[2], mark.end()
    return Sample(id=str(number), text=plain + text[last:], labels=tuple(labels))


def samples(name: str, parted_by: str) -> list[Sample]:
    written = (HERE / name).read_text("utf-8")
    written = "\n".join(line for line in written.split("\n") if not line.startswith("# "))
    parts = [part for part in written.split(parted_by) if part.strip()]
    return [marked(number, part) for number, part in enumerate(parts)]


@pytest.fixture(scope="module")
def detector() -> LocalDetector:
    return LocalDetector.load(DetectionSettings())


def measured(detector: LocalDetector, some: list[Sample]) -> Report:
    answers = detector.detect([Passage(text=sample.text) for sample in some])
    found = {
        sample.id: [Label(s.start, s.end, s.entity) for s in answer.spans if s.score >= 0.4]
        for sample, answer in zip(some, answers, strict=True)
    }
    return evaluate(some, found)


def test_whole_documents_of_many_kinds_and_languages(detector: LocalDetector) -> None:
    report = measured(detector, samples("documents.txt", "\n---\n"))
    assert report.micro().f() >= 0.88, report.worst(20)
    assert report.leak <= 0.08


def test_running_prose(detector: LocalDetector) -> None:
    report = measured(detector, samples("prose.txt", "\n"))
    assert report.micro().f() >= 0.75, report.worst(20)


@pytest.fixture(scope="module")
def both() -> LocalDetector:
    return LocalDetector.load(DetectionSettings(second_opinion="rampart"))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Rozmawiałam wczoraj z Ustiną Kędzierską, a potem pojechałam do Elbląga.", {"Elbląga"}),
        ("Mbappé et Dembélé ont marqué deux fois avant la pause.", {"Dembélé"}),
        ("Volgens de buren was Tjitske al weg toen hij kwam.", {"Tjitske"}),
    ],
)
def test_capitals_speak_where_only_names_have_them(
    both: LocalDetector, text: str, names: set[str]
) -> None:
    (answer,) = both.detect([Passage(text=text)])
    found = {text[span.start : span.end] for span in answer.spans if span.score >= 0.4}
    assert names <= found


@pytest.mark.parametrize(
    "text",
    [
        "Deploy failed: Jenkins cannot reach Redis, Grafana shows lag on Kafka and Cassandra.",
        "Toyota, Siemens and Bosch will supply the parts, Samsung said on Monday.",
        "Tylenol PRN, Coumadin per protocol, and Eliquis was stopped last week.",
        "Don ' t judge a tea by its packaging",
        "Ticket 546312169040 moved to Done. Story points: 6041.",
    ],
)
def test_things_are_not_called_people(both: LocalDetector, text: str) -> None:
    (answer,) = both.detect([Passage(text=text)])
    found = {text[span.start : span.end]: span.entity for span in answer.spans if span.score >= 0.4}
    assert not {"PERSON", "LOCATION"} & set(found.values()), found


def test_a_name_in_small_letters_is_looked_for_again(detector: LocalDetector) -> None:
    text = "hi, my name is maria gonzales, it still hasn't arrived. thanks, maria"
    (answer,) = detector.detect([Passage(text=text)])
    assert [text[span.start : span.end] for span in answer.spans] == ["maria gonzales", "maria"]


def test_every_entity_is_in_the_catalogue(detector: LocalDetector) -> None:
    assert detector.entities - catalogue().keys() == set()


def test_a_declared_value_is_what_is_declared_if_it_looks_the_part(detector: LocalDetector) -> None:
    def declared(text: str, entity: str) -> Inspected:
        passage = Passage(text=text, path=("x",), expected=entity, prose=False)
        return detector.detect([passage])[0]

    (span,) = declared(" 44051401359", "PL_PESEL").spans
    assert (span.entity, span.start, span.end, span.detector) == ("PL_PESEL", 1, 12, "declared")
    assert declared("1980-03-19", "DATE_OF_BIRTH").spans[0].entity == "DOB"
    (span,) = declared("see anna@example.org", "PL_PESEL").spans
    assert span.entity == "EMAIL_ADDRESS"


def test_a_language_without_a_model_is_a_gap_where_it_runs(detector: LocalDetector) -> None:
    german = "Wir haben gestern lange mit ihr über den neuen Vertrag und die Preise gesprochen."
    plain = Passage(text=german)
    told = Passage(text="The two of them met at the office.", language="de-AT")
    value = Passage(text="Straße", path=("kind",))
    answers = detector.detect([plain, told, value, Passage(text="We have talked about it.")])
    gaps = [answer.gaps for answer in answers]
    missing = (Gap.NO_MODEL_FOR_LANGUAGE,)
    assert gaps == [missing, missing, (), ()]
    assert [answer.by_model for answer in answers] == [False, False, False, True]


def test_a_name_as_the_name_of_a_member_is_found(detector: LocalDetector) -> None:
    names = [
        "Maria Gonzales",
        "Gonzales, Maria",
        "Kacper Brzęczyszczykiewicz",
        "calls of Anna Weber",
    ]
    plain = [
        "First Name",
        "Grant Type",
        "Mark Read",
        "Max Value",
        "Paris Office",
        "Bill To",
        "Page 3",
    ]
    keys = [Passage(text=text, place=Place.KEY) for text in (*names, *plain)]
    found = [bool(answer.spans) for answer in detector.detect(keys)]
    assert found == [True] * len(names) + [False] * len(plain)


def test_names_of_members_are_not_read_by_a_model(detector: LocalDetector) -> None:
    keys = [Passage(text=text, place=Place.KEY) for text in ("Sid", "Jordan", "Paris", "April")]
    assert [answer.spans for answer in detector.detect(keys)] == [()] * 4
    (answer,) = detector.detect([Passage(text="anna@example.org", place=Place.KEY)])
    assert answer.spans[0].entity == "EMAIL_ADDRESS"


def test_patterns_answer_without_a_model(detector: LocalDetector) -> None:
    (answer,) = detector.patterns([Passage(text="Call Zlatan on +44 20 7946 0958")])
    assert [span.entity for span in answer.spans] == ["PHONE_NUMBER"]
    assert not answer.by_model


def test_a_recognizer_that_fails_is_a_gap(
    detector: LocalDetector, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_recognizers: Recognizers, passage: Passage) -> list[object]:
        if "boom" in passage.text:
            raise ValueError(passage.text)
        return []

    monkeypatch.setattr(Recognizers, "find", fail)
    answers = detector.detect([Passage(text="boom", prose=False), Passage(text="1", prose=False)])
    assert [answer.gaps for answer in answers] == [(Gap.RECOGNIZER_FAILED,), ()]


def test_explain_says_what_became_of_each_claim(detector: LocalDetector) -> None:
    told = detector.explain(Passage(text="order 5442508, SSN 514-69-0360"))
    kept = [one for one in told if one.verdict == "kept"]
    assert [one.candidate.entity for one in kept] == ["US_SSN"]
    assert kept[0].candidate.because == "context: ssn"
    assert all("514-69" not in one.verdict + one.candidate.because for one in told)


def test_a_deadline_is_kept(detector: LocalDetector) -> None:
    with pytest.raises(PrivacyError) as refused:
        detector.detect([Passage(text="a" * 50, prose=False)] * 600, seconds=0.0)
    assert refused.value.reason == errors.DEADLINE_PASSED


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ("no_such_model", {"fault": "there is no package no_such_model"}),
        (
            "de_core_news_lg",
            {
                "fault": "there is no package de_core_news_lg",
                "install": "python -m spacy download de_core_news_lg",
            },
        ),
        ("json", {"fault": "its package does not load it (TypeError)"}),
        ("colorsys", {"fault": "its package does not load it (AttributeError)"}),
        (
            "tests/unit",
            {"fault": "the directory holds no spaCy pipeline that this version of spaCy loads"},
        ),
    ],
)
def test_a_model_that_is_missing_or_none_is_named(model: str, said: dict[str, str]) -> None:
    with pytest.raises(PrivacyError) as refused:
        LocalDetector.load(DetectionSettings(model=model))
    assert refused.value.reason == errors.MODEL_NOT_LOADED
    assert refused.value.details == {"model": model, **said}


@pytest.mark.parametrize("package", ["onnx", "onnxruntime", "tokenizers", rampart.PACKAGE])
def test_a_second_opinion_that_lacks_a_package_is_named(
    package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(PrivacyError) as refused:
        LocalDetector.load(DetectionSettings(model=None, second_opinion="rampart"))
    assert refused.value.reason == errors.MODEL_NOT_LOADED
    assert refused.value.details["model"] == "rampart"
    assert str(refused.value.details["install"]).startswith("pip install arcjet-sensitive-info-")


def test_a_user_mends_a_miss_in_a_file(tmp_path: Path) -> None:
    rules = tmp_path / "badge.yaml"
    rules.write_text(
        "- name: badge\n  entity: BADGE_NUMBER\n  pattern: 'B[0-9]{6}'\n  in_context: 0.9\n"
        "  names: [badge, staff badge]\n  match: ['badge B123456']\n  miss: ['B123456']\n"
    )
    detector = LocalDetector.load(DetectionSettings(model=None, detector_files=(rules,)))
    texts = ["her badge B123456 was lost", "part B123456 was lost"]
    answers = detector.detect([Passage(text=text) for text in texts])
    assert [[span.entity for span in answer.spans] for answer in answers] == [["BADGE_NUMBER"], []]
    assert "BADGE_NUMBER" in detector.entities
    rules.write_text("- {name: x, entity: X_Y, pattern: '(?=a)', score: 0.5}")
    with pytest.raises(PrivacyError) as refused:
        LocalDetector.load(DetectionSettings(model=None, detector_files=(rules,)))
    assert refused.value.reason == errors.DETECTOR_FILE_INVALID
    assert refused.value.details["rule"] == "x"


def test_recognizers_of_presidio_are_asked_and_fetch_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_args: object, **_kwargs: object) -> None:
        raise AssertionError("a recognizer opened a connection")

    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    detector = LocalDetector.load(DetectionSettings(presidio=("EmailRecognizer",)))
    (answer,) = detector.detect([Passage(text="write to anna@example.org in Bonn")])
    assert "EMAIL_ADDRESS" in {span.entity for span in answer.spans}
    with pytest.raises(PrivacyError):
        LocalDetector.load(DetectionSettings(model=None, presidio=("NoSuchRecognizer",)))


def test_explain_says_what_a_missed_value_lacks(detector: LocalDetector) -> None:
    told = detector.explain(Passage(text="customer 536904399, ref 4111111111111112"))
    lacking = {one.candidate.entity: one.candidate.because for one in told}
    assert lacking["US_SSN"] == "no telling phrase near"
    assert lacking["CREDIT_CARD"] == "its check does not hold"
    assert {one.verdict for one in told} == {"not claimed"}


def test_what_stands_last_tells_what_stood_first_however_far_apart() -> None:
    """So a text cannot be treated in pieces: docs/behavior.md says so of streams."""
    first, last = "We told Okonkwo. ", "Dear Mr. Okonkwo, thank you."
    between = "It was moved from hall to hall, which took a while. " * 1_000
    (alone, whole) = LocalDetector.load(DetectionSettings(model=None)).detect(
        [Passage(text=first + between), Passage(text=first + between + last)]
    )
    assert not any(span.start < len(first) for span in alone.spans)
    assert whole.spans[0].entity == "PERSON"
    assert whole.spans[0].start == first.index("Okonkwo")
