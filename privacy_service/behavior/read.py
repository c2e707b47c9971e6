"""Reads a behavior contract's YAML into the model, or says all that is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel, ValidationError

from privacy_service.behavior import shape
from privacy_service.behavior.model import BehaviorContract
from privacy_service.behavior.shaped import as_contract
from privacy_service.contracts.faults import ContractFault
from privacy_service.contracts.shape import GovernanceShape
from privacy_service.contracts.source import read_source
from privacy_service.contracts.telling import Marked, Place, Teller, fault_at, find, require_kind

GUIDE: Final = "docs/behavior.md"
_KINDS: Final[dict[str, tuple[type[BaseModel], ...]]] = {
    "format": (shape.FormatShape,),
    "length": (shape.LengthShape,),
    "language": (shape.LanguageShape,),
    "readability": (shape.ReadabilityShape,),
    "wording": (shape.WordingShape,),
    "patterns": (shape.PatternsShape,),
    "topics": (shape.TopicsShape,),
    "citations": (shape.CitationsShape,),
    "quotes": (shape.QuotesShape,),
    "grounding": (shape.GroundingShape,),
    "secrets": (shape.SecretsShape,),
    "injection": (shape.InjectionShape,),
    "prompt_leak": (shape.PromptLeakShape,),
    "tool_calls": (shape.ToolCallsShape,),
}
_TELLER: Final = Teller(
    models={
        "": (shape.BehaviorShape,),
        "effective": (shape.EffectiveShape,),
        "governance": (GovernanceShape,),
        "scope": (shape.ScopeShape,),
        "success": (shape.CriterionShape,),
        "expectations": (shape.ExpectationShape,),
        "otherwise": (shape.SaidRemedy,),
        "remedy": (shape.SaidRemedy,),
        "confidence": (shape.ConfidenceShape,),
        "failure_modes": (shape.FailureModeShape,),
        "streaming": (shape.StreamingShape,),
        "examples": (shape.ExampleShape,),
        "sources": (shape.SourceShape,),
        "playbooks": (shape.PlaybookShape,),
        "over": (shape.WindowShape,),
        "monitor": (shape.MonitorShape,),
        "baseline": (shape.BaselineShape,),
        "objectives": (shape.ObjectiveShape,),
        "targets": (shape.TargetsShape,),
        "steps": (shape.StepShape,),
        "answer": (shape.SaidRemedy,),
        "halt": (shape.HaltShape,),
        "throttle": (shape.ThrottleShape,),
        "fall_back": (shape.FallBackShape,),
        "notify": (shape.NotifyShape,),
        "incident": (shape.IncidentShape,),
        "task": (shape.TaskShape,),
        "forbid": (shape.TopicShape,),
        "allow": (shape.ToolShape,),
        **_KINDS,
    },
    guide=GUIDE,
    parameters=shape.REMEDIES_WITH_WORDS,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading(Marked):
    """A contract, and where its keys stand."""

    contract: BehaviorContract

    def is_written(self, place: Place) -> bool:
        """Whether the YAML has exactly this place."""
        return find(self.root, place).path == find(self.root, place[:-1]).path + f".{place[-1]}"


def read(text: str, *, name: str) -> BehaviorContract:
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
        root, name, other="SharingContract", says="this is a sharing contract",
        fix="ContractService takes it: `privacy-service contract put`",
    )  # fmt: skip
    try:
        shaped = shape.BehaviorShape.model_validate(root.plain())
    except ValidationError as error:
        raise ContractFault(name, _TELLER.faults(root, error)) from None
    return Reading(contract=as_contract(shaped), root=root)
