"""Which way each change of a behavior contract goes: what is not known to tighten weakens."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from privacy_service.__main__ import app
from privacy_service.behavior import diff as rules
from privacy_service.behavior import model
from privacy_service.behavior.diff import diff
from privacy_service.behavior.model import BehaviorContract, Must
from privacy_service.behavior.read import read
from privacy_service.contracts.change import Way, overall
from privacy_service.contracts.governance import Governance
from tests.unit.behavior.behavior_texts import HEAD, expecting

HELPDESK = Path(__file__).parents[3] / "examples" / "behavior" / "helpdesk-answers.yaml"


def way(old: str, new: str) -> Way:
    return overall(change.direction for change in diff(read(old, name="o"), read(new, name="n")))


STRICTER = [
    ("length: {unit: words, most: 120}", "length: {unit: words, most: 100}"),
    ("length: {unit: words, most: 120}", "length: {unit: words, least: 3, most: 120}"),
    ("language: {one_of: [en, de]}", "language: {one_of: [en]}"),
    ("readability: {most_lix: 50}", "readability: {most_lix: 40}"),
    ("wording: {forbid: [never]}", "wording: {forbid: [never, always]}"),
    ("patterns: {require: [a]}", "patterns: {require: [a, b]}"),
    (
        "topics: {forbid: [{name: law, words: [court]}]}",
        "topics: {forbid: [{name: law, words: [court, judge]}]}",
    ),
    ("citations: {least: 1}", "citations: {least: 2}"),
    ("quotes: {words: 6}", "quotes: {words: 4}"),
    ("grounding: {numbers: true}", "grounding: {numbers: true, share: 0.5}"),
    ("injection: {most: 0.5}", "injection: {most: 0.3}"),
    ("prompt_leak: {words: 8}", "prompt_leak: {words: 6}"),
    ("tool_calls: {allow: [{name: a}, {name: b}]}", "tool_calls: {allow: [{name: a}]}"),
    ("format: {one_of: [sure, maybe]}", "format: {one_of: [sure]}"),
    ("format: {media_type: text/plain}", "format: {media_type: text/plain, matches: 'a+'}"),
]


@pytest.mark.parametrize(("milder", "stricter"), STRICTER)
def test_what_asks_for_more_tightens_and_back_it_weakens(milder: str, stricter: str) -> None:
    assert way(expecting(milder), expecting(stricter)) is Way.TIGHTENS
    assert way(expecting(stricter), expecting(milder)) is Way.WEAKENS
    assert way(expecting(milder), expecting(milder)) is Way.NEUTRAL


SHORT = "length: {unit: words, most: 9}"


def succeeding(target: str) -> str:
    """A scope with one success criterion."""
    return f"scope: {{success: [{{id: c, signal: violation_rate, over: P7D, {target}}}]}}\n"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (HEAD, expecting(SHORT), Way.TIGHTENS),
        (expecting(SHORT), HEAD, Way.WEAKENS),
        (expecting(SHORT), expecting("length: {unit: characters, most: 9}"), Way.WEAKENS),
        (expecting(SHORT), expecting("language: {one_of: [en]}"), Way.WEAKENS),
        (expecting(SHORT, "note"), expecting(SHORT, "refuse"), Way.TIGHTENS),
        (expecting(SHORT, "refuse"), expecting(SHORT, "{replace: Sorry.}"), Way.WEAKENS),
        (expecting(SHORT, "{replace: No.}"), expecting(SHORT, "{replace: Yes.}"), Way.WEAKENS),
        (expecting(SHORT, "{ask-again: a}"), expecting(SHORT, "{ask-again: b}"), Way.NEUTRAL),
        (HEAD, HEAD.replace("for a test", "for tests"), Way.NEUTRAL),
        (HEAD, f"{HEAD}status: suspended\n", Way.TIGHTENS),
        (HEAD, HEAD.replace("parrot-ai", "crow-ai"), Way.WEAKENS),
        (HEAD, f"{HEAD}personal_data_purpose: dpv:CustomerCare\n", Way.TIGHTENS),
        (HEAD, f"{HEAD}scope: {{use_cases: [a]}}\n", Way.WEAKENS),
        (
            f"{HEAD}scope: {{use_cases: [a, b]}}\n",
            f"{HEAD}scope: {{use_cases: [a]}}\n",
            Way.TIGHTENS,
        ),
        (HEAD, HEAD + succeeding("at_least: 0.9"), Way.TIGHTENS),
        (
            HEAD + succeeding("at_least: 0.9"),
            HEAD + succeeding("at_least: 0.9, variance: 0.05"),
            Way.WEAKENS,
        ),
        (
            HEAD + succeeding("at_most: 0.5, variance: 0.2"),
            HEAD + succeeding("at_most: 0.6"),
            Way.TIGHTENS,
        ),
        (
            f"{HEAD}confidence: {{answer: 0.8, partial: 0.5, say: No.}}\n",
            f"{HEAD}confidence: {{answer: 0.9, partial: 0.5, say: No.}}\n",
            Way.TIGHTENS,
        ),
        (f"{HEAD}confidence: {{answer: 0.8, partial: 0.5, say: No.}}\n", HEAD, Way.WEAKENS),
    ],
)  # fmt: skip
def test_which_way_it_goes(old: str, new: str, expected: Way) -> None:
    assert way(old, new) is expected


BREAKS_OFF = "streaming: {may_break_off: true}"
PLAYED = """playbooks:
- {id: stop, title: Stop it, steps: [{halt: {}, within: PT1M}]}
"""


@pytest.mark.parametrize(
    ("stricter", "milder"),
    [
        ("streaming: {may_break_off: false}", BREAKS_OFF),
        ("", BREAKS_OFF),
        ("review: {within: PT1H}", "review: {within: P2D}"),
        ("review: {four_eyes: low}", "review: {four_eyes: high}"),
        ("review: {keep: PT6H}", "review: {keep: P2D}"),
        ("review: {keep: P2D}", ""),
        ("review: {reasons: [wrong, rude]}", ""),
        ("review: {training: [{id: gdpr, title: GDPR}]}", ""),
        ("review: {otherwise: refuse}", "review: {otherwise: {abstain: Sorry.}}"),
        (PLAYED, ""),
        (PLAYED, PLAYED.replace("PT1M", "P1D")),
        (
            "monitor: {objectives: [{id: good, good: kept, share: 0.99, over: P7D}]}",
            "monitor: {objectives: [{id: good, good: kept, share: 0.9, over: P7D}]}",
        ),
    ],
)  # fmt: skip
def test_what_is_compared_whole_goes_one_way_and_back_the_other(stricter: str, milder: str) -> None:
    ours, theirs = f"{HEAD}{stricter}\n", f"{HEAD}{milder}\n"
    assert way(ours, theirs) is Way.WEAKENS
    back = Way.WEAKENS if "P1D" in milder else Way.TIGHTENS
    assert way(theirs, ours) is back


def test_to_say_that_nothing_breaks_off_changes_nothing() -> None:
    assert way(HEAD, f"{HEAD}streaming: {{may_break_off: false}}\n") is Way.NEUTRAL


RULED = {
    model.BehaviorContract: rules._CONTRACT,
    model.Scope: rules._SCOPE,
    Governance: rules._GOVERNANCE,
    model.Confidence: rules._CONFIDENCE,
    model.Reviewing: rules._REVIEW,
    model.Expectation: rules._EXPECTATION,
    model.FailureMode: rules._MODE,
    **rules._MUST,
}
APART = {
    model.BehaviorContract: rules._APART,
    model.Reviewing: {"otherwise"},
    model.Expectation: {"id", "must", "otherwise"},
    model.FailureMode: {"id", "remedy"},
}
WHOLE = {
    model.Streaming: {"may_break_off"},
    model.Monitor: {"baseline", "objectives"},
    model.Objective: {"id", "good", "share", "over"},
    model.Playbook: {"id", "title", "owner", "targets", "steps"},
    model.Criterion: {
        "id",
        "says",
        "signal",
        "over",
        "at_least",
        "at_most",
        "variance",
        "use_case",
    },
    model.Topic: {"name", "words", "patterns"},
    model.Tool: {"name", "arguments"},
    model.Remedy: {"kind", "say"},
}
EQUAL = (
    model.Sampling, model.RiskShare, model.Window, model.Baseline, model.Targets, model.Step,
    model.Escalation, model.Training, model.People, model.Example, model.Source, model.Halt,
    model.Throttle, model.FallBack, model.HaltCollection, model.Notify, model.OpenIncident,
    model.Task,
)  # fmt: skip
"""Those of which any change is another one, or says nothing about what is released."""


def test_every_field_of_the_model_has_its_rule() -> None:
    kinds = [one for one in vars(model).values() if is_dataclass(one) and isinstance(one, type)]
    assert {*kinds} == {*RULED, *WHOLE, *EQUAL}
    for kind in kinds:
        known = {term.name for term in RULED.get(kind, ())} | {*APART.get(kind, ())}
        known |= WHOLE.get(kind, set())
        if kind not in EQUAL:
            assert known == {one.name for one in fields(kind)}, kind.__name__


def test_a_term_without_a_rule_weakens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "_CONTRACT", ())
    (change,) = diff(read(HEAD, name="o"), read(HEAD.replace("for a test", "for tests"), name="n"))
    assert (change.direction, change.path) == (Way.WEAKENS, "title")


def test_every_kind_of_expectation_has_its_rules() -> None:
    for kind in Must.__args__:
        known = {term.name for term in rules._MUST[kind]}
        assert known == {one.name for one in fields(kind)}


def test_each_change_of_a_real_contract_is_named() -> None:
    old = read(HELPDESK.read_text("utf-8"), name="helpdesk")
    for expectation in old.expectations:
        rest = tuple(one for one in old.expectations if one is not expectation)
        (change,) = diff(old, replace(old, expectations=rest))
        assert (change.path, change.direction) == (f"expectations:{expectation.id}", Way.WEAKENS)
    assert diff(old, _reordered(old)) == ()


def _reordered(contract: BehaviorContract) -> BehaviorContract:
    return replace(
        contract,
        expectations=contract.expectations[::-1],
        failure_modes=contract.failure_modes[::-1],
    )


def test_the_command_ends_with_1_where_one_weakens(tmp_path: Path) -> None:
    old, new = tmp_path / "old.yaml", tmp_path / "new.yaml"
    old.write_text(expecting(SHORT))
    new.write_text(HEAD)
    assert CliRunner().invoke(app, ["behavior", "diff", str(new), str(old)]).exit_code == 0
    weaker = CliRunner().invoke(app, ["behavior", "diff", str(old), str(new), "--json"])
    assert weaker.exit_code == 1
    assert '"weakens"' in weaker.stdout
