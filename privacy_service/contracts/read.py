"""Reads a contract's YAML into the model, or says all that is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel, ValidationError

from privacy_service.contracts import shape, shape_treatments
from privacy_service.contracts.entities import canonical
from privacy_service.contracts.faults import ContractFault, Fault
from privacy_service.contracts.model import SharingContract
from privacy_service.contracts.shaped import as_contract
from privacy_service.contracts.source import Node, read_source
from privacy_service.contracts.telling import Marked, Place, Teller, fault_at, require_kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading(Marked):
    """A contract, and where its keys stand."""

    contract: SharingContract

    def entity_place(self, name: str) -> Place:
        """Where the term for an entity stands, under whichever of its names it was written."""
        entities = (self.root.members or {}).get("entities")
        written = (entities and entities.node.members) or {}
        return ("entities", next((key for key in written if canonical(key) == name), name))


def read(text: str, *, name: str) -> SharingContract:
    """The contract that `text` writes. `name` says in each fault which contract it is.

    Raises ContractFault (CONTRACT_INVALID) with as many faults as can be told at once.
    """
    return read_with_marks(text, name=name).contract


def read_with_marks(text: str, *, name: str) -> Reading:
    """As `read`, keeping where everything stands. Raises ContractFault."""
    root = read_source(text, name=name)
    if root.members is None:
        raise ContractFault(name, [fault_at(root, (), "a contract is a mapping", "start with id:")])
    require_kind(
        root, name, other="BehaviorContract", says="this is a behavior contract",
        fix="BehaviorService takes it: `privacy-service behavior put`",
    )  # fmt: skip
    faults = list(_synonyms(root))
    try:
        shaped = shape.ContractShape.model_validate(root.plain())
    except ValidationError as error:
        faults += _TELLER.faults(root, error)
        raise ContractFault(name, faults) from None
    if faults:
        raise ContractFault(name, faults)
    return Reading(contract=as_contract(shaped), root=root)


# -- What -------------------------------------------------------------------------------------

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
    "review": (shape.ReviewShape,),
    "governance": (shape.GovernanceShape,),
    "examples": (shape.ExampleShape,),
}

_PARAMETERS: Final[Mapping[str, str]] = {
    "generalize": "write {generalize: {to: year}}",
    "shift_date": "write {shift_date: {days: 30}}",
}

_TELLER: Final = Teller(models=_MODELS, parameters=_PARAMETERS, guide="docs/contracts.md")


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
