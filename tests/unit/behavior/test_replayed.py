"""The fate of checks under another version: what is known of it, and what is not, and why."""

from __future__ import annotations

from typing import Any

import pytest

from privacy_service.behavior.model import Outcome, Side
from privacy_service.behavior.read import read
from privacy_service.behavior.replayed import BehaviorReplay
from privacy_service.behavior.report import Tally
from privacy_service.contracts.impact import Fate
from tests.unit.behavior.behavior_texts import HEAD

BASE = f"""{HEAD}expectations:
  - {{id: short, length: {{unit: words, most: 9}}, otherwise: note}}
  - {{id: plain, wording: {{forbid: [never]}}, otherwise: {{ask-again: Say it plainly.}}}}
"""


def tally(outcome: Outcome, *broken: str, **more: Any) -> Tally:
    said: dict[str, Any] = {
        "side": Side.OUTPUT, "outcome": outcome, "broken": broken, "failures": (), "checks": 1,
        "words": 5, "treated": 0, "confidence": 0.0, "confidences": 0, "latency_ms": 0,
        "latencies": 0,
    }  # fmt: skip
    return Tally(**(said | more))


def fate(candidate: str, one: Tally, base: str = BASE) -> Fate:
    return BehaviorReplay(read(base, name="base"), read(candidate, name="candidate")).fate(one)


KEPT, SHORT = tally(Outcome.ACCEPTED), tally(Outcome.ACCEPTED, "short")


@pytest.mark.parametrize(
    ("changed", "one", "expected"),
    [
        (("for a test", "for tests"), SHORT, "ACCEPTED"),
        (("otherwise: note", "otherwise: refuse"), SHORT, "REFUSED"),
        (("otherwise: note", "otherwise: refuse"), KEPT, "ACCEPTED"),
        (("otherwise: note", "otherwise: redact"), SHORT, "TREATED"),
        (("{ask-again: Say it plainly.}", "note"), tally(Outcome.ASK_AGAIN, "plain"), "ACCEPTED"),
        (("{ask-again: Say it plainly.}", "note"), tally(Outcome.REFUSED, "plain"), ""),
        (("most: 9", "most: 8"), KEPT, ""),
        (("most: 9", "most: 8"), tally(Outcome.REFUSED, "plain"), ""),
        (("scope: x", "scope: x"), KEPT, "ACCEPTED"),
    ],
)
def test_what_it_would_come_to(changed: tuple[str, str], one: Tally, expected: str) -> None:
    found = fate(BASE.replace(*changed), one)
    assert found.outcome == expected
    assert bool(found.why) is not bool(expected)


def test_a_refusal_that_is_sure_needs_no_text() -> None:
    candidate = BASE.replace("otherwise: note", "otherwise: refuse").replace("never", "ever")
    assert fate(candidate, SHORT).outcome == "REFUSED"
    assert fate(candidate, KEPT) == Fate(why="the text is not kept (expectations:plain)")


def test_personal_data_and_confidence_are_not_kept_apart() -> None:
    treated = f"{BASE}personal_data_purpose: dpv:CustomerCare\n"
    assert "personal_data_purpose" in fate(treated, KEPT).why
    unsure = f"{BASE}confidence: {{answer: 0.8, partial: 0.5, say: No.}}\n"
    assert "confidence" in fate(unsure, KEPT).why
