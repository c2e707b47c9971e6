"""The signals of one prompt or output: what conditions of failure modes are written over.

Each has a name, a CEL type and a sentence that says what it is. A condition is type-checked when
the contract is linted, so that it cannot fail for its types when it runs. A signal that costs much
(what the detector finds) is worked out only for contracts whose conditions name it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from cel_expr_python import cel

from privacy_service.behavior.attacks import injection_score, leaked
from privacy_service.behavior.grounds import share_of_words, unsupported_numbers
from privacy_service.behavior.model import Side
from privacy_service.behavior.refusals import reads_like_refusal
from privacy_service.behavior.secrets import secrets_in
from privacy_service.behavior.subject import Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What is known once the expectations were judged: ids by verdict."""

    broken: tuple[str, ...] = ()
    undetermined: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One signal."""

    name: str
    type: str
    says: str
    of: Callable[[Subject, Judged], object]


def _seen(subject: Subject) -> int:
    return sum(len(seen.spans) for _node, seen in subject.seen)


SIGNALS: Final[tuple[Signal, ...]] = (
    Signal(
        name="side",
        type="string",
        says="`prompt` or `output`.",
        of=lambda s, _j: s.side.value,
    ),
    Signal(
        name="use_case",
        type="string",
        says="The use case that the request names; empty for none.",
        of=lambda s, _j: s.company.use_case or "",
    ),
    Signal(
        name="attempt",
        type="int",
        says="Which try of the same question it is, from 1.",
        of=lambda s, _j: s.company.attempt,
    ),
    Signal(
        name="characters",
        type="int",
        says="Code points.",
        of=lambda s, _j: s.measures.characters,
    ),
    Signal(name="words", type="int", says="Words.", of=lambda s, _j: s.measures.words),
    Signal(name="sentences", type="int", says="Sentences.", of=lambda s, _j: s.measures.sentences),
    Signal(
        name="items",
        type="int",
        says="Elements of an array, or items of lists in a text.",
        of=lambda s, _j: s.measures.items if s.elements is None else s.elements,
    ),
    Signal(name="lix", type="double", says="Readability.", of=lambda s, _j: s.measures.lix),
    Signal(
        name="language",
        type="string",
        says="ISO 639-1; empty where the text says too little to tell.",
        of=lambda s, _j: s.language or "",
    ),
    Signal(
        name="has_confidence",
        type="bool",
        says="Whether the caller stated a confidence.",
        of=lambda s, _j: s.company.confidence is not None,
    ),
    Signal(
        name="confidence",
        type="double",
        says="The confidence that the caller stated, from 0 to 1; 0 for none.",
        of=lambda s, _j: float(s.company.confidence or 0.0),
    ),
    Signal(
        name="latency_ms",
        type="int",
        says="How long the model took, as the caller states it; 0 for unknown.",
        of=lambda s, _j: s.company.latency_ms or 0,
    ),
    Signal(
        name="sources",
        type="int",
        says="How many sources came along.",
        of=lambda s, _j: len(s.company.sources),
    ),
    Signal(
        name="grounded",
        type="double",
        says="The share of the telling words that sources or prompt have.",
        of=lambda s, _j: share_of_words(s),
    ),
    Signal(
        name="unsupported_numbers",
        type="int",
        says="Numbers that neither a source nor the prompt has.",
        of=lambda s, _j: len(unsupported_numbers(s)),
    ),
    Signal(
        name="injection",
        type="double",
        says="How much it reads like orders to a model, from 0 to 1.",
        of=lambda s, _j: injection_score(s),
    ),
    Signal(
        name="leaked_words",
        type="int",
        says="The longest run of the system prompt's words.",
        of=lambda s, _j: leaked(s, 2)[0],
    ),
    Signal(
        name="refusal",
        type="bool",
        says="Whether it reads like a model that declines.",
        of=lambda s, _j: reads_like_refusal(s.text),
    ),
    Signal(
        name="personal_data",
        type="int",
        says="Findings of personal data, before anything is treated.",
        of=lambda s, _j: _seen(s),
    ),
    Signal(
        name="secrets",
        type="int",
        says="Findings of keys, passwords and other secrets.",
        of=lambda s, _j: len(secrets_in(s)),
    ),
    Signal(
        name="broken",
        type="list<string>",
        says="The ids of the expectations that are broken.",
        of=lambda _s, j: list(j.broken),
    ),
    Signal(
        name="undetermined",
        type="list<string>",
        says="The ids of the expectations that could not be judged.",
        of=lambda _s, j: list(j.undetermined),
    ),
    Signal(
        name="topics",
        type="list<string>",
        says="The forbidden topics that are touched.",
        of=lambda _s, j: list(j.topics),
    ),
)

CONSTANT: Final = frozenset(
    {"side", "use_case", "attempt", "has_confidence", "confidence", "latency_ms", "sources"}
)
"""The signals that are known before the first word of a text is."""

_TYPES: Final[Mapping[str, Any]] = {
    "string": cel.Type.STRING,
    "int": cel.Type.INT,
    "double": cel.Type.DOUBLE,
    "bool": cel.Type.BOOL,
    "list<string>": cel.Type.List(cel.Type.STRING),
    "map<string, double>": cel.Type.Map(cel.Type.STRING, cel.Type.DOUBLE),
}
Types = tuple[tuple[str, str], ...]
"""Signals by name, with their CEL types."""
_CHECK: Final[Types] = tuple((signal.name, signal.type) for signal in SIGNALS)
_SAYS: Final = re.compile(r"<input>:(\d+):(\d+): (.+)")


class ConditionFault(Exception):  # noqa: N818 - it names what it carries
    """A condition that is none: why, and at which character of it (from 0)."""

    def __init__(self, says: str, offset: int) -> None:
        super().__init__(says)
        self.says = says
        self.offset = offset


@dataclass(frozen=True, slots=True)
class Condition:
    """A compiled condition and the signals that it names."""

    text: str
    program: cel.Expression
    names: frozenset[str]

    def holds(self, values: Mapping[str, object]) -> bool:
        """Whether it holds. Raises ConditionFault where it cannot be worked out (a division by
        nothing, an index past the end).
        """
        try:
            value = self.program.eval(data={name: values[name] for name in self.names})
        except RuntimeError as error:
            raise ConditionFault(_first_line(error), 0) from None
        result = value.plain_value()
        if not isinstance(result, bool):
            raise ConditionFault("it came to no truth value", 0)
        return result


def condition(text: str, signals: Types = _CHECK) -> Condition:
    """The condition over signals (those of a check), type-checked. Raises ConditionFault."""
    try:
        program = _environment(signals).compile(text)
    except RuntimeError as error:
        found = _SAYS.search(str(error))
        if found is None:
            raise ConditionFault("this is not a condition", 0) from None
        lines = text.split("\n")[: int(found.group(1)) - 1]
        offset = sum(len(line) + 1 for line in lines) + int(found.group(2)) - 1
        raise ConditionFault(found.group(3).rstrip(" ["), min(offset, len(text))) from None
    if program.return_type() != cel.Type.BOOL:
        raise ConditionFault("a condition comes to true or false", 0)
    words = frozenset(re.findall(r"[A-Za-z_][A-Za-z0-9_]*", text))
    return Condition(text, program, words & {name for name, _type in signals})


def values_of(subject: Subject, judged: Judged, names: Sequence[str]) -> dict[str, object]:
    """The signals of these names. Raises what the detector raises."""
    return {signal.name: signal.of(subject, judged) for signal in SIGNALS if signal.name in names}


@cache
def _environment(signals: Types) -> cel.Env:
    return cel.NewEnv(variables={name: _TYPES[type_] for name, type_ in signals})


def _first_line(error: Exception) -> str:
    return str(error).split("\n", 1)[0][:200]


__all__ = ["SIGNALS", "Condition", "ConditionFault", "Judged", "Side", "condition", "values_of"]
