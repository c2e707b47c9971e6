"""Lengths in tokens, by a tokenizer from a file of the operator's."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from tokenizers.processors import TemplateProcessing

from privacy_service import errors
from privacy_service.behavior.compiled import compiled
from privacy_service.behavior.judgement import Judgement, Verdict
from privacy_service.behavior.lint import SetUp, lint
from privacy_service.behavior.model import Side
from privacy_service.behavior.read import read
from privacy_service.behavior.subject import Company
from privacy_service.detection.tokenizers import FileTokenizers
from privacy_service.errors import PrivacyError
from tests.unit.behavior.behavior_texts import STAGE, expecting

AT_MOST_FOUR = expecting("length: {unit: tokens, tokenizer: assistant, most: 4}")


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small tokenizer that truncates and marks the ends, as those of models do."""
    tokenizer = Tokenizer(WordLevel({"[UNK]": 0, "[CLS]": 1, "[SEP]": 2}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    marks = [("[CLS]", 1), ("[SEP]", 2)]
    tokenizer.post_processor = TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=marks)
    tokenizer.enable_truncation(3)
    path = tmp_path_factory.mktemp("tokenizer") / "tokenizer.json"
    tokenizer.save(str(path))
    return path


def judged(contract: str, text: str, files: dict[str, Path]) -> Judgement:
    stage = replace(STAGE, count_tokens=FileTokenizers(files))
    (one,) = stage.checked(
        compiled(read(contract, name="answers")),
        side=Side.OUTPUT,
        content=text.encode(),
        content_type="text/plain",
        company=Company(),
    ).results
    return one.judgement


@pytest.mark.parametrize(
    ("text", "verdict", "count"),
    [
        ("one two, three", Verdict.KEPT, 4),
        ("one two, three four", Verdict.BROKEN, 5),
        ("", Verdict.KEPT, 0),
    ],
)
def test_tokens_are_counted_whole_and_without_marks(
    file: Path, text: str, verdict: Verdict, count: int
) -> None:
    judgement = judged(AT_MOST_FOUR, text, {"assistant": file})
    assert (judgement.verdict, judgement.count) == (verdict, count)


def test_odd_letters_are_counted_too(file: Path) -> None:
    assert FileTokenizers({"assistant": file})("assistant", "a \ud800 🙂") == 3


def test_without_the_tokenizer_it_cannot_be_judged(file: Path) -> None:
    assert judged(AT_MOST_FOUR, "one", {}).verdict is Verdict.UNDETERMINED
    assert judged(AT_MOST_FOUR, "one", {"other": file}).verdict is Verdict.UNDETERMINED


def test_a_file_that_holds_none_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "odd.json").write_text("{}")
    for path in (tmp_path / "odd.json", tmp_path / "missing.json"):
        with pytest.raises(PrivacyError) as refused:
            FileTokenizers({"assistant": path})
        assert refused.value.reason is errors.SETTINGS_INVALID


@pytest.mark.parametrize(
    ("length", "known", "said"),
    [
        ("{unit: tokens, most: 4}", None, "tokens are those of a tokenizer"),
        ("{unit: words, tokenizer: assistant, most: 4}", None, "tokens are those of a tokenizer"),
        ("{unit: tokens, tokenizer: assistant, most: 4}", (), "is set up where this would judge"),
        ("{unit: tokens, tokenizer: assistant, most: 4}", ("assist",), "is set up where"),
        ("{unit: tokens, tokenizer: assistant, most: 4}", ("assistant",), None),
        ("{unit: tokens, tokenizer: assistant, most: 4}", None, None),
    ],
)
def test_lint_says_what_is_missing(
    length: str, known: tuple[str, ...] | None, said: str | None
) -> None:
    faults = lint(
        expecting(f"length: {length}"),
        name="c",
        today=date(2026, 6, 1),
        set_up=SetUp(tokenizers=known),
    )
    told = [fault.says for fault in faults if "token" in fault.says]
    assert told == [] if said is None else said in told[0]
