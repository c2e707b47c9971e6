"""Where something stands in hand-written YAML, and what a reading model has against it.

Sharing contracts are read with it, and whatever else people write for us in YAML.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from privacy_service.contracts.faults import ContractFault, Fault, Severity, did_you_mean, shown
from privacy_service.contracts.source import Mark, Node

Place = tuple[str | int, ...]
"""Where something stands in the YAML: keys and list positions, from the top."""

# -- Where ------------------------------------------------------------------------------------


def fault_at(root: Node, place: Place, says: str, fix: str) -> Fault:
    """A fault of what stands at `place`, or of the nearest thing above it."""
    found = find(root, place)
    return Fault(
        line=found.node.mark.line,
        column=found.node.mark.column,
        path=found.path,
        says=says,
        fix=fix,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """What was read of some YAML, with where everything stands in it."""

    root: Node

    def fault(self, place: Place, says: str, fix: str) -> Fault:
        """A fault of what stands at `place`, or of the nearest thing above it."""
        return fault_at(self.root, place, says, fix)

    def warning(self, place: Place, says: str, fix: str) -> Fault:
        """The same, as a warning."""
        return replace(self.fault(place, says, fix), severity=Severity.WARNING)


def require_kind(root: Node, name: str, *, other: str, says: str, fix: str) -> None:
    """Raises ContractFault, with this fault alone, for what says that it is of the other kind:
    nothing else about it would be of use.
    """
    kind = (root.members or {}).get("kind")
    if kind is not None and kind.node.plain() == other:
        raise ContractFault(name, [fault_at(root, ("kind",), says, fix)])


@dataclass(frozen=True, slots=True)
class Found:
    """A node, its path as text, and the mark of its key if it has one."""

    node: Node
    path: str = ""
    key: Mark | None = None


def find(root: Node, place: Place) -> Found:
    """What stands at `place`. Steps that the YAML does not have are passed over: what was left
    out, and the names that the reading models give to the forms of a treatment.
    """
    found = Found(root)
    for step in place:
        node = found.node
        if node.members is not None and isinstance(step, str) and step in node.members:
            member = node.members[step]
            path = f"{found.path}.{step}" if found.path else step
            found = Found(member.node, path, member.mark)
        elif node.items is not None and isinstance(step, int) and step < len(node.items):
            found = Found(node.items[step], f"{found.path}[{step}]")
    return found


# -- What -------------------------------------------------------------------------------------

OURS: Final = "contract"
"""The type of a Pydantic error that brings its own sentences (`values.wrong`)."""
_Telling = Callable[[ErrorDetails], tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Teller:
    """Turns what Pydantic has against a document into faults with a line and a column.

    `models` are the reading models by the last key that leads to them ("" for the whole);
    `parameters` are words that cannot stand alone, and how each is written; `guide` is the page
    that explains the document.
    """

    models: Mapping[str, tuple[type[BaseModel], ...]]
    guide: str
    parameters: Mapping[str, str] = field(default_factory=dict)

    def faults(self, root: Node, error: ValidationError) -> list[Fault]:
        """All that the error holds, as faults."""
        return [self._told(root, details) for details in error.errors(include_url=False)]

    def _told(self, root: Node, details: ErrorDetails) -> Fault:
        place = details["loc"]
        found = find(root, place)
        fault = fault_at(root, place, *self._sentence(details))
        if details["type"] == "extra_forbidden" and found.key is not None:
            return replace(fault, line=found.key.line, column=found.key.column)
        if place[-1:] == ("[key]",) and found.key is not None:
            return replace(fault, line=found.key.line, column=found.key.column)
        if details["type"] == OURS and found.node.verbatim:
            return replace(fault, column=fault.column + int(details["ctx"]["offset"]))
        return fault

    def _sentence(self, details: ErrorDetails) -> tuple[str, str]:
        kind, context = details["type"], details.get("ctx", {})
        if kind == OURS:
            return str(context["says"]), str(context["fix"])
        last = str(details["loc"][-1]) if details["loc"] else ""
        if kind == "missing":
            return f"`{last}` is missing", f"add `{last}: …`"
        if kind == "extra_forbidden":
            known = self._keys(details["loc"][:-1])
            return f"there is no key {shown(last)} here", did_you_mean(last, known)
        if kind in ("enum", "literal_error"):
            return self._choice(details)
        if kind in _EXPECTED:
            says, fix = _EXPECTED[kind](details)
            return says, fix.format(guide=self.guide)
        return details["msg"], f"see {self.guide}"

    def _choice(self, details: ErrorDetails) -> tuple[str, str]:
        known = re.findall(r"'([^']*)'", str(details["ctx"]["expected"]))
        written = details["input"]
        if isinstance(written, str) and written in self.parameters:
            return f"`{written}` needs its parameters", self.parameters[written]
        if isinstance(written, str):
            return f"{shown(written)} cannot stand here", did_you_mean(written, known)
        return "a word must stand here", "write one of " + ", ".join(known)

    def _keys(self, place: Place) -> Iterator[str]:
        """The keys that may stand at `place`."""
        named = [step for step in place if step in self.models]
        for model in self.models[str(named[-1]) if named else ""]:
            for name, known in model.model_fields.items():
                yield known.alias or name


def _always(says: str, fix: str) -> _Telling:
    return lambda _details: (says, fix)


def _bound(says: str, limit: str) -> _Telling:
    """For a number or length that has a limit, which Pydantic names `limit`."""
    return lambda details: (
        f"{says} {details['ctx'][limit]}",
        "choose one within the limit; {guide} has it",
    )


_EXPECTED: Final[Mapping[str, _Telling]] = {
    "string_type": _always("text must stand here", "quote it if it looks like something else"),
    "bool_type": _always("true or false must stand here", "write true or false"),
    "int_type": _always("a whole number must stand here", "write it in digits"),
    "float_type": _always("a number must stand here", "write it in digits"),
    "list_type": _always("a list must stand here", "write [ … ], or a line with - for each"),
    "dict_type": _always("a mapping must stand here", "write keys and values"),
    "model_type": _always("a mapping must stand here", "write keys and values"),
    "greater_than": _bound("the number must be more than", "gt"),
    "greater_than_equal": _bound("the number must be at least", "ge"),
    "less_than_equal": _bound("the number must be at most", "le"),
    "string_too_short": _bound("the least length is", "min_length"),
    "string_too_long": _bound("the greatest length is", "max_length"),
    "too_short": _bound("the least number of entries is", "min_length"),
    "too_long": _bound("the greatest number of entries is", "max_length"),
    "string_pattern_mismatch": _always(
        "this has a character that may not stand here, or is too long",
        "names have a-z, 0-9 and . _ - and start and end with a letter or digit",
    ),
}
