"""Scores say what they say they say: counted by hand, and against shared/data's own scorer."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest

from privacy_service import errors
from privacy_service.detection.evaluate import Label, Report, Sample, evaluate
from privacy_service.detection.labelled_files import read_labelled
from privacy_service.detection.significance import bootstrap, compare, wilson
from privacy_service.errors import PrivacyError

LINE = '{"text": "Anna", "spans": [{"start": 0, "end": 4, "label": "PER"}]}\n'

TEXT = "Anna Kowalska called from Bonn on 2024-05-02."
SAMPLE = Sample(
    id="1",
    text=TEXT,
    labels=(Label(0, 13, "person"), Label(26, 30, "CITY"), Label(34, 44, "DATE_TIME")),
)


def micro_f(report: Report) -> float:
    return report.micro().f()


def test_counts_by_hand() -> None:
    found = [Label(0, 4, "PERSON"), Label(5, 13, "PERSON"), Label(14, 20, "PERSON")]
    report = evaluate([SAMPLE], {"1": found})
    person = report.by_family()["PERSON"]
    assert (person.labels, person.found) == (1, 1)
    # The two parts of the name are one finding, and "called" joins them across a blank: one
    # finding of which more than half is right.
    assert (person.findings, person.right) == (1, 1)
    assert report.by_family()["PLACE"].recall == 0
    # The leak counts the place and not the date, which does not identify by itself.
    assert report.leak == 4 / 16
    # "called" is six of the eleven letters that nobody labelled.
    assert report.over_redaction == 6 / 12
    assert report.confusion()["PLACE", ""] == 1
    assert {(miss.family, miss.kind) for miss in report.worst(9)} == {
        ("PLACE", "missed"),
        ("DATE", "missed"),
    }


def test_perfect_and_nothing() -> None:
    perfect = evaluate([SAMPLE], {"1": list(SAMPLE.labels)})
    nothing = evaluate([SAMPLE], {})
    assert (perfect.micro().f(), perfect.leak, perfect.over_redaction) == (1.0, 0.0, 0.0)
    assert (nothing.micro().recall, nothing.micro().precision, nothing.leak) == (0.0, 1.0, 1.0)


def test_other_words_mean_the_same_and_some_nothing() -> None:
    sample = Sample(id="1", text="Dr. Bob 42", labels=(Label(0, 3, "TITLE"), Label(4, 7, "PER")))
    report = evaluate([sample], {"1": [Label(0, 7, "PERSON"), Label(8, 10, "AGE")]})
    assert report.micro().f() == 1.0
    assert list(report.by_family()) == ["PERSON"]


def test_intervals_hold_the_share() -> None:
    interval = wilson(45, 50)
    assert 0.78 < interval.low < 0.9 < interval.high < 0.97
    assert (wilson(0, 0).low, wilson(0, 0).high) == (0.0, 1.0)
    many = [Sample(id=str(n), text=TEXT, labels=SAMPLE.labels) for n in range(40)]
    half = evaluate(many, {str(n): list(SAMPLE.labels) for n in range(20)})
    drawn = bootstrap(half, micro_f, Random(3))
    assert drawn.low < micro_f(half) < drawn.high


def test_a_difference_is_told_from_chance() -> None:
    many = [Sample(id=str(n), text=TEXT, labels=SAMPLE.labels) for n in range(40)]
    all_of_it = {str(n): list(SAMPLE.labels) for n in range(40)}
    half = {str(n): list(SAMPLE.labels) for n in range(20)}
    first, second = evaluate(many, half), evaluate(many, all_of_it)
    better = compare(first, second, micro_f, Random(5))
    same = compare(first, first, micro_f, Random(5))
    assert better.gain > 0.3
    assert better.p_value < 0.05
    assert (same.gain, same.p_value) == (0.0, 1.0)


def test_every_format_reads_the_same(tmp_path: Path) -> None:
    spans = [{"start": 0, "end": 4, "label": "PER"}, {"start": 9, "end": 13, "label": "LOC"}]
    (tmp_path / "a.jsonl").write_text(json.dumps({"text": "Anna met Bonn", "spans": spans}) + "\n")
    presidio = [
        {"start_position": s["start"], "end_position": s["end"], "entity_type": s["label"]}
        for s in spans
    ]
    (tmp_path / "a.json").write_text(
        json.dumps([{"full_text": "Anna met Bonn", "spans": presidio}])
    )
    (tmp_path / "a.conll").write_text("Anna NNP B-PER\nmet VBD O\nBonn NNP B-LOC\n\n")
    (tmp_path / "a.ann").write_text("T1\tPER 0 4\tAnna\nR1\tx\nT2\tLOC 9 13\tBonn\n")
    (tmp_path / "a.txt").write_text("Anna met Bonn")
    wanted = (Label(0, 4, "PER"), Label(9, 13, "LOC"))
    for name in ("a.jsonl", "a.json", "a.conll", "a.ann"):
        (sample,) = read_labelled(tmp_path / name)
        assert (sample.text, sample.labels) == ("Anna met Bonn", wanted), name
    (sample,) = read_labelled(tmp_path)
    assert sample.id == "a"


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("x.jsonl", "{", "sample=1, fault=no JSON"),
        ("x.jsonl", LINE + '{"tekst": "a"}', "sample=2, fault=text is missing"),
        ("x.jsonl", '{"text": "Anna", "spans": 7}', "sample=1, fault=it is not of the form"),
        ("x.jsonl", LINE + LINE.replace("4", "9"), "sample=2, fault=label 1 lies outside its text"),
        ("x.jsonl", "", "fault=there is no sample in it"),
        ("x.csv", "", "fault=a file's name ends in one of .jsonl, .json"),
    ],
)
def test_a_file_that_does_not_hold_up_says_where(
    tmp_path: Path, name: str, text: str, said: str
) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(PrivacyError) as refused:
        read_labelled(tmp_path / name)
    assert refused.value.reason == errors.LABELLED_FILE_INVALID
    assert said in str(refused.value)
    assert "Anna" not in str(refused.value)
