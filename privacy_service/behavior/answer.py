"""What a check answers."""

from __future__ import annotations

from dataclasses import dataclass, field

from privacy_service.behavior.judgement import Judgement, Verdict
from privacy_service.behavior.model import Outcome, Severity
from privacy_service.contracts.dates import DateWarning
from privacy_service.enforcement.answer import Answer, AuditStamp
from privacy_service.evidence.entries import ContractRef


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectationVerdict:
    """An expectation of the contract, and what judging it came to."""

    id: str
    severity: Severity
    judgement: Judgement


@dataclass(frozen=True, slots=True, kw_only=True)
class FiredFailure:
    """A failure mode whose condition held. `category` is a `Category`'s value."""

    id: str
    category: str
    severity: Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckAnswer:
    """What a prompt or an output comes to, with proof.

    `content` is None unless the outcome releases. `substituted`: the contract's own words stand in
    it. `personal_data` is what the sharing contract made of it, None where it was not asked.
    `review_id` names the review that it waits for, or waited for. `warnings` are dates of the
    contract that come near or are past.
    """

    outcome: Outcome
    content: bytes | None = field(repr=False)
    content_type: str
    verdicts: tuple[ExpectationVerdict, ...]
    failures: tuple[FiredFailure, ...]
    ask: tuple[str, ...]
    contract: ContractRef
    substituted: bool = False
    personal_data: Answer | None = None
    audit: AuditStamp | None = None
    review_id: str | None = None
    warnings: tuple[DateWarning, ...] = ()

    @property
    def broken(self) -> tuple[str, ...]:
        """The ids of the expectations that are not kept, or could not be judged."""
        return tuple(one.id for one in self.verdicts if one.judgement.verdict is not Verdict.KEPT)
