"""Markers of tone, counted."""

from __future__ import annotations

import pytest

from privacy_service.behavior.model import Outcome
from tests.unit.behavior.behavior_texts import checked, expecting

CALM = expecting("tone: {exclamations: 1, questions: 2, shouting: 0, emoji: 0, apologies: 1}")


@pytest.mark.parametrize(
    ("text", "marker"),
    [
        ("It is on its way! The EU and ISO agree. Is that fine? Sorry.", None),
        ("Great!! Thanks!", "exclamations"),
        ("What? How? Why?", "questions"),
        ("You have to PAY NOWW.", "shouting"),
        ("ÄRGERLICH ist das.", "shouting"),
        ("On its way \U0001f69a", "emoji"),
        ("Sorry, we apologise. Es tut uns leid.", "apologies"),
    ],
)
def test_what_is_more_than_is_borne_is_named(text: str, marker: str | None) -> None:
    found = checked(CALM, text)
    assert found.outcome is (Outcome.ACCEPTED if marker is None else Outcome.REFUSED)
    assert found.results[0].judgement.name == marker


def test_it_can_be_redacted() -> None:
    found = checked(expecting("tone: {exclamations: 0}", "redact"), "Fine! Really!")
    assert found.content == b"Fine<REDACTED> Really<REDACTED>"
