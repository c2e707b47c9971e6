"""Rules from YAML: ours, and those that users write. Checked as they are read.

A rule file is a list of rules; docs/detectors.md describes each key. Users' patterns run on RE2,
whose time is linear in the text whatever the pattern. Ours run on `re`: each of their repetitions
is bounded, and a test holds their time to the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import re2
import yaml

from privacy_service.detection.rules import Rule
from privacy_service.detection.validators import validator

_EDGES: Final = {
    "none": ("", ""),
    "word": (r"(?<!\w)", r"(?!\w)"),
    "strict": (r"(?<!\w)(?<!\w[-./])(?<![\d][,:])", r"(?!\w)(?![-/]\w)(?!\.\d)(?!:\d)"),
}
"""What may not stand beside a match. `strict`: nor a longer number or name that it is a part of."""

_KEYS: Final = frozenset(
    [
        "name",
        "entity",
        "pattern",
        "ignore_case",
        "digits",
        "edges",
        "validator",
        "score",
        "in_context",
        "unchecked",
        "names",
        "context",
        "topics",
        "needs",
        "languages",
        "shape",
        "match",
        "miss",
    ]
)

_LISTS: Final = frozenset({"names", "context", "topics", "needs", "languages", "match", "miss"})


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleText:
    """A rule as written. `names` are field names that say what it finds; they are context too."""

    name: str
    entity: str
    pattern: str
    ignore_case: bool = False
    digits: int = 0
    edges: str = "word"
    validator: str | None = None
    score: float = 0.0
    in_context: float = 0.0
    unchecked: float = 0.0
    names: tuple[str, ...] = ()
    context: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    shape: str = "identifier"
    match: tuple[str, ...] = ()
    miss: tuple[str, ...] = ()

    def phrases(self) -> Iterator[tuple[str, str]]:
        """(phrase, topic) of what speaks for it."""
        for phrase in (*self.names, *self.context):
            yield phrase, f"rule:{self.name}"

    def compiled(self, *, users: bool = False) -> Rule:
        """The rule, ready to run. Raises ValueError, KeyError or re2.error for what does not."""
        own = (f"rule:{self.name}",) if self.names or self.context else ()
        return Rule(
            name=self.name,
            entity=self.entity,
            pattern=self._users_pattern() if users else self._our_pattern(),
            check=None if self.validator is None else validator(self.validator),
            alone=self.score,
            in_context=self.in_context,
            unchecked=self.unchecked,
            topics=frozenset((*self.topics, *own)),
            needs=self.needs,
            digits=self.digits,
            in_runs=self.digits > 1 and self.edges != "none" and not users,
            languages=frozenset(self.languages),
        )

    def _our_pattern(self) -> re.Pattern[str]:
        before, after = _EDGES[self.edges]
        flags = re.IGNORECASE if self.ignore_case else 0
        return re.compile(f"{before}(?:{self.pattern}){after}", flags)

    def _users_pattern(self) -> Any:
        options = re2.Options()
        options.case_sensitive = not self.ignore_case
        options.log_errors = False
        options.max_mem = 8 << 20
        edge = "" if self.edges == "none" else r"\b"
        return re2.compile(f"{edge}(?:{self.pattern}){edge}", options)


def our_rules() -> list[RuleText]:
    """The rules that come with the service."""
    folder = files("privacy_service.detection") / "patterns"
    rules: list[RuleText] = []
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".yaml"):
            read = yaml.load(file.read_text("utf-8"), Loader=yaml.CSafeLoader)
            rules.extend(_rule(entry) for entry in read)
    return rules


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFault:
    """One thing that is wrong with a rule file, and where. `rule` is empty if no rule is meant."""

    line: int
    rule: str
    says: str

    def __str__(self) -> str:
        return (
            f"{self.line}: {self.rule}: {self.says}" if self.rule else f"{self.line}: {self.says}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFile:
    """A user's file as it was read: the rules that hold up, where each begins, all the faults."""

    rules: tuple[RuleText, ...] = ()
    lines: tuple[int, ...] = ()
    faults: tuple[RuleFault, ...] = ()


def read_rules(path: Path) -> RuleFile:
    """One user's file, whatever is wrong with it. Raises nothing."""
    try:
        text = path.read_text("utf-8")
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
        entries = yaml.load(text, Loader=yaml.CSafeLoader)
        if not isinstance(entries, list) or not isinstance(node, yaml.SequenceNode):
            raise ValueError("a rule file is a list of rules")
    except (OSError, ValueError, yaml.YAMLError) as cause:
        return RuleFile(faults=(_unread(cause),))
    rules: dict[str, tuple[RuleText, int]] = {}
    faults: list[RuleFault] = []
    for entry, part in zip(entries, node.value, strict=True):
        line = part.start_mark.line + 1
        named = str(entry.get("name", "?")) if isinstance(entry, Mapping) else "?"
        said = faults_of(entry)
        if named in rules:
            said.append(f"the rule of line {rules[named][1]} has this name already")
        faults += [RuleFault(line=line, rule=named, says=one) for one in said]
        if not said:
            rules[named] = (_rule(entry), line)
    return RuleFile(
        rules=tuple(rule for rule, _line in rules.values()),
        lines=tuple(line for _rule, line in rules.values()),
        faults=tuple(faults),
    )


def _unread(cause: Exception) -> RuleFault:
    """Why a file is no list of rules, with the line if there is one."""
    if isinstance(cause, yaml.MarkedYAMLError) and cause.problem_mark is not None:
        return RuleFault(line=cause.problem_mark.line + 1, rule="", says=str(cause.problem))
    if isinstance(cause, OSError):
        says = cause.strerror or "it cannot be read"
    else:
        says = "it is not UTF-8" if isinstance(cause, UnicodeError) else str(cause)
    return RuleFault(line=1, rule="", says=says)


def faults_of(entry: object) -> list[str]:
    """What is wrong with one entry of a rule file, in plain words."""
    if not isinstance(entry, Mapping):
        return ["a rule is a mapping with name, entity and pattern"]
    faults = [_unknown(str(key)) for key in entry if key not in _KEYS]
    faults += [f"{key} is missing" for key in ("name", "entity", "pattern") if key not in entry]
    return faults or _faults_in(entry)


def _unknown(key: str) -> str:
    near = get_close_matches(key, _KEYS, n=1)
    return f"unknown key {key}" + (f"; did you mean {near[0]}?" if near else "")


def _faults_in(entry: Mapping[str, Any]) -> list[str]:
    from privacy_service.detection.shapes import SHAPES

    try:
        text = _rule(entry)
        text.compiled(users=True)
    except KeyError as unknown:
        return [f"there is no validator {unknown}"]
    except re2.error as wrong:
        said = wrong.args[0] if wrong.args else b""
        told = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
        return [f"the pattern does not compile under RE2: {told}"]
    except (ValueError, TypeError) as wrong:
        return [str(wrong)]
    faults = []
    if re2.fullmatch(text.pattern, "") is not None:
        faults.append("the pattern matches what is empty, and so would be found everywhere")
    if text.shape not in SHAPES:
        faults.append(f"there is no shape {text.shape}")
    if not re.fullmatch(r"[A-Z][A-Z0-9_]{1,63}", text.entity):
        faults.append("an entity is named in capitals, digits and underscores")
    if not (text.score or text.in_context):
        faults.append("score or in_context must be above 0")
    if text.in_context and not (text.names or text.context or text.topics):
        faults.append("in_context needs names, context or topics")
    return faults


def _rule(entry: Mapping[str, Any]) -> RuleText:
    written: dict[str, Any] = dict(entry)
    for key in _LISTS & written.keys():
        written[key] = tuple(str(one) for one in _list(written[key]))
    return RuleText(**written)


def _list(value: object) -> Iterable[object]:
    if isinstance(value, str):
        return [value]
    if not isinstance(value, Sequence):
        raise ValueError("a list is wanted here")
    return value
