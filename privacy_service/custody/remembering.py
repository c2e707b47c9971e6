"""Decisions that a restored backup must not forget in silence are put down for the journal, in the
unit of work that takes them.

They cannot be made again from a note, as a deletion can: the journal says only that there was one,
so that nobody is served until an officer has heard of it.
"""

from __future__ import annotations

from typing import Final

from privacy_service.evidence.entries import AuditEntry
from privacy_service.store.rows import UnwrittenTombstone
from privacy_service.store.views import Writing
from privacy_service.subjects.journal import Buried, Decision

REMEMBERED: Final = frozenset(
    {
        "BehaviorService/PutBehaviorContract",
        "BreachService/ConfirmRelease",
        "BreachService/OpenBreach",
        "BreachService/Quarantine",
        "BreachService/ReportExposedKey",
        "ConsentService/OptOut",
        "ConsentService/WithdrawConsent",
        "ContractService/PutContract",
        "GovernanceService/ActivateContract",
        "GovernanceService/ResumeContract",
        "GovernanceService/RetireContract",
        "GovernanceService/RollBackContract",
        "GovernanceService/SuspendContract",
        "LegalHoldService/ConfirmLift",
        "LegalHoldService/PlaceHold",
        "PlaybookService/HaltChecks",
        "RetentionService/PutSchedule",
        "SubjectRequestService/SubmitRequest",
    }
)
"""What stops, permits or promises something from then on. Without it more would pass than was
decided, or a deadline would run that nobody knows of.
"""
REPLAYED: Final = "REPLAYED"


def note_decision(tx: Writing, effect: AuditEntry, position: int) -> None:
    """Puts a decision down, if the effect that stands at this position is of one."""
    if effect.action not in REMEMBERED or effect.outcome == REPLAYED:
        return
    about = effect.resource or ",".join(f"{one.id}@{one.number}" for one in effect.contracts)
    decision = Decision(action=effect.action, about=about, position=position)
    tx.tombstones.note(
        UnwrittenTombstone(
            kind=Buried.DECISION, partner=effect.partner or "", word=str(decision), at=effect.at
        )
    )
