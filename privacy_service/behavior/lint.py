"""What is wrong with a behavior contract beyond its shape: what cannot work, and what may not mean
what it says. Patterns, schemas and conditions are compiled here, so that none fails when it runs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import re2

from privacy_service.behavior import forms, lint_playbooks, lint_windows, wording
from privacy_service.behavior.model import (
    BehaviorContract,
    Classified,
    Expectation,
    Format,
    Grounding,
    Language,
    Length,
    NoPromptLeak,
    Patterns,
    Readability,
    RemedyKind,
    Side,
    Tone,
    ToolCalls,
    Topics,
    Unit,
    Wording,
)
from privacy_service.behavior.outflow import plan
from privacy_service.behavior.read import Reading, read_with_marks
from privacy_service.behavior.signals import ConditionFault, condition
from privacy_service.contracts.faults import ContractFault, Fault, Severity, did_you_mean, shown
from privacy_service.contracts.lint_term import term_faults
from privacy_service.contracts.telling import Place

_MOST_STEPS: Final = 4_000
_COLLECTED: Final = timedelta(hours=1)
"""What is approved can be collected for so long at least."""
"""Phrases and patterns of one contract together: each is looked for in every text."""
_WITHOUT_PLACES: Final = (Format, Length, Language, Readability, ToolCalls, Classified)
"""What is broken as a whole, so that nothing could be redacted."""
_NEEDS_OUTPUT: Final = (NoPromptLeak, Grounding)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetUp:
    """The tokenizers and classifiers that are set up where a contract will judge, by name. None:
    that is not known, and nothing is said about them.
    """

    tokenizers: Collection[str] | None = None
    classifiers: Collection[str] | None = None


ANYWHERE: Final = SetUp()


def lint(text: str, *, name: str, today: date, set_up: SetUp = ANYWHERE) -> tuple[Fault, ...]:
    """Every fault, by position. Raises ContractFault for a text that cannot be read."""
    reading = read_with_marks(text, name=name)
    faults = [fault for rule in _RULES for fault in rule(reading, today)]
    faults += _not_set_up(reading, set_up)
    return tuple(sorted(faults, key=lambda fault: (fault.line, fault.column)))


def check_contract(
    text: str, *, name: str, today: date, set_up: SetUp = ANYWHERE
) -> BehaviorContract:
    """The contract, if it may be put. Raises ContractFault with its errors if it may not."""
    reading = read_with_marks(text, name=name)
    faults = [fault for rule in _RULES for fault in rule(reading, today)]
    faults += _not_set_up(reading, set_up)
    errors = [fault for fault in faults if fault.severity is Severity.ERROR]
    if errors:
        raise ContractFault(name, errors)
    return reading.contract


def _not_set_up(reading: Reading, set_up: SetUp) -> Iterator[Fault]:
    for at, one in enumerate(reading.contract.expectations):
        must, place = one.must, ("expectations", at)
        if isinstance(must, Length) and must.tokenizer is not None:
            where = (*place, "length", "tokenizer")
            yield from _unknown(reading, where, must.tokenizer, set_up.tokenizers)
        elif isinstance(must, Classified):
            where = (*place, "classifier", "name")
            yield from _unknown(reading, where, must.name, set_up.classifiers)


def _unknown(
    reading: Reading, place: Place, name: str, known: Collection[str] | None
) -> Iterator[Fault]:
    """That a tokenizer or a classifier is not set up, where it is known which are."""
    if known is None or name in known:
        return
    what = str(place[-1]) if place[-1] == "tokenizer" else "classifier"
    yield reading.fault(
        place,
        f"no {what} called {shown(name)} is set up where this would judge",
        did_you_mean(name, known)
        if known
        else f"have the operator name it in PRIVACY_DETECTION__{what.upper()}S",
    )


def _parties(reading: Reading, _today: date) -> Iterator[Fault]:
    if reading.contract.party == reading.contract.provider:
        yield reading.fault(("provider",), "both parties are one partner", "name the other one")


def _term(reading: Reading, today: date) -> Iterator[Fault]:
    return term_faults(reading, reading.contract, today)


def _ids(reading: Reading, _today: date) -> Iterator[Fault]:
    contract = reading.contract
    for key, ids in (
        ("expectations", [one.id for one in contract.expectations]),
        ("failure_modes", [one.id for one in contract.failure_modes]),
        ("examples", [one.name for one in contract.examples]),
        ("playbooks", [one.id for one in contract.playbooks]),
        ("monitor.objectives", [one.id for one in contract.monitor.objectives]),
        ("scope.success", [one.id for one in contract.scope.success]),
    ):
        counts = Counter(ids)
        for at, name in enumerate(ids):
            if counts[name] > 1 and name in ids[:at]:
                yield reading.fault(
                    (*key.split("."), at, "name" if key == "examples" else "id"),
                    f"two of them are called {shown(name)}",
                    "name each differently",
                )


def _remedies(reading: Reading, _today: date) -> Iterator[Fault]:
    for at, one in enumerate(reading.contract.expectations):
        if one.otherwise.kind is RemedyKind.REDACT and not _has_places(one):
            yield reading.fault(
                ("expectations", at, "otherwise"),
                "there is nothing to redact where this is broken: it is broken as a whole",
                "write ask-again, refuse, {replace: …} or {abstain: …}",
            )
        if one.side is Side.PROMPT and one.otherwise.kind is RemedyKind.ASK_AGAIN:
            yield reading.fault(
                ("expectations", at, "otherwise"),
                "a prompt is not asked for again",
                "write refuse, or {abstain: …} with what the person is told",
            )
    for at, mode in enumerate(reading.contract.failure_modes):
        if mode.remedy.kind is RemedyKind.REDACT:
            yield reading.fault(
                ("failure_modes", at, "remedy"),
                "a failure mode has no place that could be redacted",
                "redact where an expectation is broken; write refuse or {replace: …} here",
            )


def _has_places(one: Expectation) -> bool:
    must = one.must
    if isinstance(must, Wording | Patterns):
        return bool(must.forbid) and not must.require
    if isinstance(must, Grounding):
        return must.share is None
    return not isinstance(must, _WITHOUT_PLACES)


def _patterns(reading: Reading, _today: date) -> Iterator[Fault]:
    steps = 0
    for at, one in enumerate(reading.contract.expectations):
        for place, pattern in _written_patterns(one):
            steps += 1
            if fault := _pattern_fault(pattern):
                yield reading.fault(("expectations", at, *place), *fault)
        steps += _phrases(one)
    if steps > _MOST_STEPS:
        yield reading.fault(
            ("expectations",),
            f"there are {steps} phrases and patterns, more than {_MOST_STEPS}",
            "put fewer, or part them over contracts for different use cases",
        )


def _phrases(one: Expectation) -> int:
    if isinstance(one.must, Wording):
        return len(one.must.forbid) + len(one.must.require)
    if isinstance(one.must, Topics):
        return sum(len(topic.words) for topic in one.must.forbid)
    return 0


def _written_patterns(one: Expectation) -> Iterator[tuple[tuple[str | int, ...], str]]:
    match one.must:
        case Format(matches=str() as pattern):
            yield ("format", "matches"), pattern
        case Patterns() as must:
            for key, listed in (("require", must.require), ("forbid", must.forbid)):
                for at, pattern in enumerate(listed):
                    yield ("patterns", key, at), pattern
        case Topics() as must:
            for at, topic in enumerate(must.forbid):
                for index, pattern in enumerate(topic.patterns):
                    yield ("topics", "forbid", at, "patterns", index), pattern


def _pattern_fault(pattern: str) -> tuple[str, str] | None:
    try:
        compiled = wording.sought(pattern)
    except re2.error:
        return (
            "this is not an RE2 pattern",
            "look-around and back-references are not in RE2; see github.com/google/re2/wiki/Syntax",
        )
    if compiled.pattern.search("") is not None:
        return "this is found in every text, also in an empty one", "make it match something"
    return None


def _schemas(reading: Reading, _today: date) -> Iterator[Fault]:
    for at, one in enumerate(reading.contract.expectations):
        written: list[tuple[Place, Mapping[str, object]]] = []
        if isinstance(one.must, Format) and one.must.schema is not None:
            written.append((("format", "json_schema"), one.must.schema))
        if isinstance(one.must, ToolCalls):
            written += [
                (("tool_calls", "allow", index, "arguments"), tool.arguments)
                for index, tool in enumerate(one.must.allow)
                if tool.arguments is not None
            ]
        for place, schema in written:
            try:
                forms.schema(schema)
            except forms.SchemaFault as fault:
                steps = [int(step) if step.isdigit() else step for step in fault.path.split("/")]
                yield reading.fault(
                    ("expectations", at, *place, *steps[1:]),
                    "this is not a JSON Schema (draft 2020-12), or its $ref leads out of it",
                    "mend it; a $ref starts with #",
                )


def _conditions(reading: Reading, _today: date) -> Iterator[Fault]:
    for at, mode in enumerate(reading.contract.failure_modes):
        if mode.over is not None:
            continue
        try:
            compiled = condition(mode.when)
        except ConditionFault as fault:
            yield reading.fault(
                ("failure_modes", at, "when"),
                f"{fault.says} (character {fault.offset + 1})",
                "the signals and their types are in docs/behavior.md",
            )
            continue
        if not compiled.names:
            yield reading.warning(
                ("failure_modes", at, "when"),
                "the condition names no signal, so that it holds always or never",
                "write it over the signals in docs/behavior.md",
            )
        yield from _named_ids(reading, at, mode.when)


def _risks(reading: Reading, _today: date) -> Iterator[Fault]:
    terms = reading.contract.sampling
    for at, risk in enumerate(() if terms is None else terms.risk):
        try:
            condition(risk.when)
        except ConditionFault as fault:
            yield reading.fault(
                ("sampling", "risk", at, "when"),
                f"{fault.says} (character {fault.offset + 1})",
                "the signals and their types are in docs/behavior.md",
            )
        if terms is not None and risk.share <= terms.share:
            yield reading.warning(
                ("sampling", "risk", at, "share"),
                "this share is not more than that of all answers",
                "make it larger, or leave it out",
            )
    if terms is not None and not terms.share and not terms.risk:
        yield reading.warning(("sampling",), "nothing is sampled", "add share or risk")


def _escalation(reading: Reading, _today: date) -> Iterator[Fault]:
    review = reading.contract.review
    left = review.within - (review.due or review.within)
    before = None
    for at, step in enumerate(review.escalation):
        if before is not None and step.after <= before:
            yield reading.fault(
                ("review", "escalation", at),
                "it comes no later than the step before it",
                "put the steps in order of time",
            )
        if step.after >= left:
            yield reading.fault(
                ("review", "escalation", at),
                "by then the time of what waits is over: nobody would be told",
                "make review.due or after shorter, or review.within longer",
            )
        before = step.after
    names = [one.id for one in review.training]
    for at, name in enumerate(names):
        if name in names[:at]:
            yield reading.fault(
                ("review", "training", at, "id"),
                f"two of them are called {shown(name)}",
                "name each differently",
            )


def _named_ids(reading: Reading, at: int, when: str) -> Iterator[Fault]:
    """Ids that a condition looks for among broken expectations and that the contract lacks."""
    known = [one.id for one in reading.contract.expectations]
    for name in _looked_for(when):
        if name not in known:
            yield reading.fault(
                ("failure_modes", at, "when"),
                f"there is no expectation {shown(name)}",
                did_you_mean(name, known),
            )


_IN_BROKEN: Final = re2.compile(r"""["']([^"'\n]+)["']\s+in\s+(?:broken|undetermined)\b""")


def _looked_for(when: str) -> list[str]:
    return [match.group(1) for match in _IN_BROKEN.finditer(when)]


def _bounds(reading: Reading, _today: date) -> Iterator[Fault]:
    for at, one in enumerate(reading.contract.expectations):
        must = one.must
        if isinstance(must, Length):
            if must.least is None and must.most is None:
                yield reading.fault(
                    ("expectations", at, "length"), "it has no bound", "add least or most"
                )
            elif must.least is not None and must.most is not None and must.least > must.most:
                yield reading.fault(
                    ("expectations", at, "length"), "least is more than most", "mend one of them"
                )
            if (must.unit is Unit.TOKENS) != (must.tokenizer is not None):
                yield reading.fault(
                    ("expectations", at, "length"),
                    "tokens are those of a tokenizer, and nothing else is",
                    "write unit: tokens and tokenizer: NAME, or neither",
                )
        empty = (
            (isinstance(must, Wording | Patterns) and not (must.forbid or must.require))
            or (isinstance(must, Format) and must == Format())
            or (isinstance(must, Grounding) and must == Grounding())
            or (isinstance(must, Tone) and must == Tone())
            or (isinstance(must, Topics) and any(not (t.words or t.patterns) for t in must.forbid))
        )
        if empty:
            yield reading.fault(("expectations", at), "it expects nothing", "say what is expected")
        if one.side is Side.PROMPT and isinstance(must, _NEEDS_OUTPUT):
            yield reading.fault(
                ("expectations", at, "side"),
                "this can be expected of an output only",
                "leave it out",
            )
    yield from _review_bounds(reading)
    bands = reading.contract.confidence
    if bands is not None and bands.partial > bands.answer:
        yield reading.fault(
            ("confidence", "partial"), "partial is more than answer", "mend one of them"
        )
    if bands is not None and bands.person is not None and bands.person > bands.partial:
        yield reading.fault(
            ("confidence", "person"), "person is more than partial", "mend one of them"
        )


def _review_bounds(reading: Reading) -> Iterator[Fault]:
    review = reading.contract.review
    if review.due is not None and review.due > review.within:
        yield reading.fault(
            ("review", "due"), "it is due after its time is over", "mend due or within"
        )
    if review.keep is not None and review.keep < _COLLECTED:
        yield reading.fault(
            ("review", "keep"),
            "what was approved is gone before it can well be collected",
            "write PT1H or more",
        )
    if review.otherwise.kind not in (RemedyKind.REFUSE, RemedyKind.ABSTAIN):
        yield reading.fault(
            ("review", "otherwise"),
            "what nobody decides is not released",
            "write refuse, or {abstain: …} with what is said instead",
        )


def _streams(reading: Reading, _today: date) -> Iterator[Fault]:
    """What holds whole texts back, where the contract says that outputs stream."""
    if reading.contract.streaming is None:
        return
    try:
        whole = plan(reading.contract).whole
    except (re2.error, forms.SchemaFault):
        return  # told by the rule for patterns
    for one in whole:
        yield reading.warning(
            one.place,
            f"{one.name} holds every streamed text back to its end: {one.says}",
            "leave it, or see docs/behavior.md on what streams",
        )


def _says_nothing(reading: Reading, _today: date) -> Iterator[Fault]:
    contract = reading.contract
    if contract.personal_data_purpose is None:
        yield reading.warning(
            (),
            "personal data in prompts and outputs is not looked at",
            "add personal_data_purpose: the purpose of the sharing contract of the two",
        )
    if not contract.examples:
        yield reading.warning((), "it has no examples", "add one that must pass and one that not")


def _examples(reading: Reading, _today: date) -> Iterator[Fault]:
    contract = reading.contract
    expectations = [one.id for one in contract.expectations]
    modes = [one.id for one in contract.failure_modes]
    for at, example in enumerate(contract.examples):
        for key, named, known in (
            ("broken", example.broken or (), expectations),
            ("failures", example.failures or (), modes),
        ):
            for index, name in enumerate(named):
                if name not in known:
                    yield reading.fault(
                        ("examples", at, key, index),
                        f"the contract has no {shown(name)}",
                        did_you_mean(name, known),
                    )
        yield from _use_case(reading, at, contract.scope.use_cases)


def _use_case(reading: Reading, at: int, known: Sequence[str]) -> Iterator[Fault]:
    named = reading.contract.examples[at].use_case
    if named is not None and named not in known:
        yield reading.fault(
            ("examples", at, "use_case"),
            f"the scope has no use case {shown(named)}",
            did_you_mean(named, known) if known else "add it to scope.use_cases",
        )


_Rule = Callable[[Reading, date], Iterator[Fault]]
_RULES: Final[tuple[_Rule, ...]] = (
    _parties,
    _term,
    _ids,
    _remedies,
    _patterns,
    _schemas,
    _conditions,
    _risks,
    _escalation,
    _bounds,
    _says_nothing,
    _streams,
    _examples,
    lint_playbooks.starts,
    lint_playbooks.steps,
    lint_windows.windows,
    lint_windows.monitors,
)
