"""Patterns of field paths: what a contract writes to say which places of a payload it means.

A pattern is a JSONPath (RFC 9535) of names, indexes, wildcards and descent, or a JSON Pointer
(RFC 6901) in which the token `*` is a wildcard. Filters, slices, functions, negative indexes and
several selectors in one bracket are refused: what they match depends on values or on lengths, and
a contract must mean the same places in every content type.

Steps are the same for every content type: an XML attribute is the step `@name`
(`$.order['@id']`), a row of NDJSON or CSV is an index, and the root of a text is `$`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import cast

from jsonpath import JSONPath, JSONPathEnvironment, JSONPathError
from jsonpath.segments import JSONPathRecursiveDescentSegment, JSONPathSegment
from jsonpath.selectors import IndexSelector, NameSelector, WildcardSelector

from privacy_service.payloads.document import Path, Step

_LONGEST = 2_000
_DEEPEST = 100
_RFC_9535 = JSONPathEnvironment(strict=True)
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_INDEX_TOKEN = re.compile(r"0|[1-9][0-9]*")


class PathError(ValueError):
    """A pattern that cannot be used. `offset` counts code points from its start."""

    def __init__(self, says: str, *, offset: int, fix: str) -> None:
        super().__init__(says)
        self.says = says
        self.offset = offset
        self.fix = fix


class StepKind(Enum):
    """What one step of a pattern matches."""

    NAME = "name"
    INDEX = "index"
    EITHER = "name or index"
    """A JSON Pointer token of digits: the name and the index (RFC 6901, section 4)."""
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Selector:
    """One step of a pattern. With `deep`, any number of steps may come before it."""

    kind: StepKind
    step: Step = ""
    deep: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """A pattern, read. `text` is how the contract wrote it."""

    text: str
    selectors: tuple[Selector, ...]

    @property
    def deep(self) -> bool:
        """Whether it has a descent (`..`): such a pattern names no one container."""
        return any(selector.deep for selector in self.selectors)

    @property
    def specificity(self) -> tuple[int, int, int, int]:
        """Larger is more specific, among patterns that match the same place.

        More names win; then more indexes; then fewer descents; then fewer wildcards.
        """
        kinds = [selector.kind for selector in self.selectors]
        return (
            kinds.count(StepKind.NAME),
            kinds.count(StepKind.INDEX) + kinds.count(StepKind.EITHER),
            -sum(selector.deep for selector in self.selectors),
            -kinds.count(StepKind.ANY),
        )

    @property
    def sample(self) -> Path:
        """One path that it matches: `*` for each wildcard, nothing for a descent."""
        return tuple("*" if s.kind is StepKind.ANY else s.step for s in self.selectors)


def parse(text: str) -> Pattern:
    """The pattern that `text` writes. Raises PathError with the offset of what is wrong."""
    if len(text) > _LONGEST:
        raise PathError(
            f"the path is longer than {_LONGEST} characters", offset=0, fix="write a shorter path"
        )
    if text == "" or text.startswith("/"):
        selectors = _pointer_selectors(text)
    elif text.startswith("$"):
        selectors = _jsonpath_selectors(text)
    else:
        raise PathError(
            "a path starts with $ (JSONPath) or / (JSON Pointer)", offset=0, fix=f"write $.{text}"
        )
    if len(selectors) > _DEEPEST:
        raise PathError(
            f"the path has more than {_DEEPEST} steps", offset=0, fix="write a shorter path"
        )
    return Pattern(text=text, selectors=selectors)


def written(path: Path) -> str:
    """The path as a JSONPath: `$.items[0]['first name']`."""
    return "$" + "".join(map(_written_step, path))


def _written_step(step: Step) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    if _PLAIN_NAME.fullmatch(step):
        return f".{step}"
    quoted = step.replace("\\", "\\\\").replace("'", "\\'")
    return "['" + re.sub(r"[\x00-\x1f]", lambda c: f"\\u{ord(c[0]):04x}", quoted) + "']"


def _pointer_selectors(text: str) -> tuple[Selector, ...]:
    selectors, offset = [], 0
    for part in text.split("/")[1:]:
        offset += 1
        selectors.append(_pointer_selector(part, offset))
        offset += len(part)
    return tuple(selectors)


def _pointer_selector(part: str, offset: int) -> Selector:
    if part == "*":
        return Selector(StepKind.ANY)
    stray = re.search(r"~(?![01])", part)
    if stray:
        raise PathError(
            "in a JSON Pointer, ~ stands only before 0 or 1",
            offset=offset + stray.start(),
            fix="write ~0 for ~ and ~1 for /",
        )
    step = part.replace("~1", "/").replace("~0", "~")
    return Selector(StepKind.EITHER if _INDEX_TOKEN.fullmatch(step) else StepKind.NAME, step)


def _jsonpath_selectors(text: str) -> tuple[Selector, ...]:
    try:
        query = cast("JSONPath", _RFC_9535.compile(text))
    except JSONPathError as error:
        raise PathError(
            "this is not a JSONPath (RFC 9535)",
            offset=_offset(error, text),
            fix="write names, [0], [*] and .. only; quote an odd name: $['first name']",
        ) from None
    except (RecursionError, ValueError, OverflowError):
        raise PathError("this is not a JSONPath (RFC 9535)", offset=0, fix="simplify it") from None
    return tuple(map(_selector, query.segments))


def _offset(error: JSONPathError, text: str) -> int:
    index = error.token.index if error.token is not None else -1
    return index if 0 <= index <= len(text) else len(text)


def _selector(segment: JSONPathSegment) -> Selector:
    deep, at = isinstance(segment, JSONPathRecursiveDescentSegment), segment.token.index
    if len(segment.selectors) != 1:
        raise PathError("a bracket may hold one selector", offset=at, fix="write a term for each")
    match segment.selectors[0]:
        case NameSelector(name=name):
            return Selector(StepKind.NAME, name, deep)
        case WildcardSelector():
            return Selector(StepKind.ANY, deep=deep)
        case IndexSelector(index=index) if index >= 0:
            return Selector(StepKind.INDEX, index, deep)
    raise PathError(
        "filters, slices, functions and negative indexes cannot be used in a contract",
        offset=at,
        fix="name the field, or use [*] for every element",
    )
