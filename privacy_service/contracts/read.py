"""Reads a contract's YAML into the model, or says all that is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from privacy_service.contracts import shape, shape_treatments
from privacy_service.contracts.entities import canonical
from privacy_service.contracts.faults import ContractFault, Fault, Severity, did_you_mean, shown
from privacy_service.contracts.model import SharingContract
from privacy_service.contracts.shaped import as_contract
from privacy_service.contracts.source import Mark, Node, read_source

Place = tuple[str | int, ...]
"""Where something stands in the YAML: keys and list positions, from the top."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A contract, and where its keys stand."""

    contract: SharingContract
    root: Node

    def fault(self, place: Place, says: str, fix: str) -> Fault:
        """A fault of what stands at `place`, or of the nearest thing above it."""
        return _fault(self.root, place, says, fix)

    def entity_place(self, name: str) -> Place:
        """Where the term for an entity stands, under whichever of its names it was written."""
        entities = (self.root.members or {}).get("entities")
        written = (entities and entities.node.members) or {}
        return ("entities", next((key for key in written if canonical(key) == name), name))

    def warning(self, place: Place, says: str, fix: str) -> Fault:
        """The same, as a warning."""
        return replace(self.fault(place, says, fix), severity=Severity.WARNING)


def read(text: str, *, name: str) -> SharingContract:
    """The contract that `text` writes. `name` says in each fault which contract it is.

    Raises ContractFault (CONTRACT_INVALID) with as many faults as can be told at once.
    """
    return read_with_marks(text, name=name).contract


def read_with_marks(text: str, *, name: str) -> Reading:
    """As `read`, keeping where everything stands. Raises ContractFault."""
    root = read_source(text, name=name)
    if root.members is None:
        raise ContractFault(name, [_fault(root, (), "a contract is a mapping", "start with id:")])
    faults = list(_synonyms(root))
    try:
        shaped = shape.ContractShape.model_validate(root.plain())
    except ValidationError as error:
        faults += [_told(root, details) for details in error.errors(include_url=False)]
        raise ContractFault(name, faults) from None
    if faults:
        raise ContractFault(name, faults)
    return Reading(as_contract(shaped), root)


# -- Where ------------------------------------------------------------------------------------


def _fault(root: Node, place: Place, says: str, fix: str) -> Fault:
    found = _find(root, place)
    return Fault(
        line=found.node.mark.line,
        column=found.node.mark.column,
        path=found.path,
        says=says,
        fix=fix,
    )


@dataclass(frozen=True, slots=True)
class _Found:
    """A node, its path as text, and the mark of its key if it has one."""

    node: Node
    path: str = ""
    key: Mark | None = None


def _find(root: Node, place: Place) -> _Found:
    """What stands at `place`. Steps that the YAML does not have are passed over: what was left
    out, and the names that the reading models give to the forms of a treatment.
    """
    found = _Found(root)
    for step in place:
        node = found.node
        if node.members is not None and isinstance(step, str) and step in node.members:
            member = node.members[step]
            path = f"{found.path}.{step}" if found.path else step
            found = _Found(member.node, path, member.mark)
        elif node.items is not None and isinstance(step, int) and step < len(node.items):
            found = _Found(node.items[step], f"{found.path}[{step}]")
    return found


# -- What -------------------------------------------------------------------------------------

_OWN = "contract"
_Telling = Callable[[ErrorDetails], tuple[str, str]]

_MODELS: Final[Mapping[str, tuple[type[BaseModel], ...]]] = {
    "": (shape.ContractShape,),
    "party": (shape.PartyShape,),
    "counterparty": (shape.PartyShape,),
    "effective": (shape.EffectiveShape,),
    "fields": (shape.FieldShape,),
    "treatment": (shape_treatments.TreatmentMapping,),
    "mask": (shape_treatments.Mask,),
    "generalize": (shape_treatments.Generalize,),
    "shift_date": (shape_treatments.ShiftDate,),
    "entities": (shape_treatments.Entity, shape_treatments.TreatmentMapping),
    "subjects": (shape.SubjectShape,),
    "quota": (shape.QuotaShape,),
    "retention": (shape.RetentionShape,),
    "examples": (shape.ExampleShape,),
}


def _told(root: Node, details: ErrorDetails) -> Fault:
    """A Pydantic error as a fault of ours."""
    place = details["loc"]
    says, fix = _sentence(details)
    found = _find(root, place)
    fault = _fault(root, place, says, fix)
    if details["type"] == "extra_forbidden" and found.key is not None:
        return replace(fault, line=found.key.line, column=found.key.column)
    if place[-1:] == ("[key]",) and found.key is not None:
        return replace(fault, line=found.key.line, column=found.key.column)
    if details["type"] == _OWN and found.node.verbatim:
        return replace(fault, column=fault.column + int(details["ctx"]["offset"]))
    return fault


def _sentence(details: ErrorDetails) -> tuple[str, str]:
    kind, context = details["type"], details.get("ctx", {})
    if kind == _OWN:
        return str(context["says"]), str(context["fix"])
    last = str(details["loc"][-1]) if details["loc"] else ""
    if kind == "missing":
        return f"`{last}` is missing", f"add `{last}: …`"
    if kind == "extra_forbidden":
        return f"there is no key {shown(last)} here", did_you_mean(last, _keys(details["loc"][:-1]))
    if kind in ("enum", "literal_error"):
        return _choice(details)
    return _EXPECTED.get(kind, _plainly)(details)


def _choice(details: ErrorDetails) -> tuple[str, str]:
    known = re.findall(r"'([^']*)'", str(details["ctx"]["expected"]))
    written = details["input"]
    if isinstance(written, str) and written in shape_treatments.PARAMETERS:
        return f"`{written}` needs its parameters", _PARAMETERS[written]
    if isinstance(written, str):
        return f"{shown(written)} cannot stand here", did_you_mean(written, known)
    return "a word must stand here", "write one of " + ", ".join(known)


_PARAMETERS: Final[Mapping[str, str]] = {
    "generalize": "write {generalize: {to: year}}",
    "shift_date": "write {shift_date: {days: 30}}",
}


def _plainly(details: ErrorDetails) -> tuple[str, str]:
    return details["msg"], "see docs/contracts.md"


def _always(says: str, fix: str) -> _Telling:
    return lambda _details: (says, fix)


def _bound(says: str, limit: str) -> _Telling:
    """For a number or length that has a limit, which Pydantic names `limit`."""
    return lambda details: (
        f"{says} {details['ctx'][limit]}",
        "choose one within the limit; docs/contracts.md has it",
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


def _keys(place: Place) -> Iterator[str]:
    """The keys that may stand at `place`."""
    named = [step for step in place if step in _MODELS]
    for model in _MODELS[str(named[-1]) if named else ""]:
        for name, known in model.model_fields.items():
            yield known.alias or name


def _synonyms(root: Node) -> Iterable[Fault]:
    """Two words for one entity: which of the two terms would hold?"""
    members = (root.members or {}).get("entities")
    met: dict[str, str] = {}
    for name, member in ((members and members.node.members) or {}).items():
        other = met.setdefault(canonical(name), name)
        if other != name:
            says = f"`{name}` and `{other}` are one entity"
            yield Fault(
                line=member.mark.line,
                column=member.mark.column,
                path=f"entities.{name}",
                says=says,
                fix="keep one",
            )
