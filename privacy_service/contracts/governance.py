"""How a contract may be changed: who has to approve, and how long before it is announced.

The governance of the version in force says how that version may be replaced; a contract of which
no version is in force yet goes by its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from privacy_service import errors
from privacy_service.errors import PrivacyError

USUAL_GRACE: Final = timedelta(days=30)
"""How long after it was due for recertification a contract still works, if it does not say."""


class Approval(StrEnum):
    """Which changes somebody else than their author approves."""

    NONE = "none"
    """None has to be: a new version may be put at once."""
    WEAKENING = "weakening"
    ALWAYS = "always"


class Approvers(StrEnum):
    """Whose approval it takes."""

    PARTY = "party"
    BOTH = "both"
    """The party's and the counterparty's or provider's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Governance:
    """How a contract may be changed. `notice` is how long before it is in force a change is
    proposed. `recertify` is how long it may go without an officer's looking at it again, and
    `grace` how long after that it is refused (None: 30 days).
    """

    approval: Approval = Approval.NONE
    approvers: Approvers = Approvers.PARTY
    notice: timedelta | None = None
    recertify: timedelta | None = None
    grace: timedelta | None = None

    def asks_approval(self, *, weakens: bool) -> bool:
        """Whether somebody else approves a change."""
        if self.approval is Approval.ALWAYS:
            return True
        return self.approval is Approval.WEAKENING and weakens

    def sides(self, party: str, other: str) -> tuple[str, ...]:
        """Whose approval a change takes, where it takes one."""
        return (party, other) if self.approvers is Approvers.BOTH else (party,)

    def due(self, certified_at: datetime) -> datetime | None:
        """When it has to be recertified; None for one that never has."""
        return None if self.recertify is None else certified_at + self.recertify

    def lapses(self, certified_at: datetime) -> datetime | None:
        """From when on nothing passes under it, if nobody has recertified it by then."""
        due = self.due(certified_at)
        return None if due is None else due + (USUAL_GRACE if self.grace is None else self.grace)

    def require_short_path(self, contract: str, *, weakens: bool) -> None:
        """Raises CONTRACT_NEEDS_PROPOSAL where a change may not just be put."""
        because = None if self.notice is None else "notice"
        because = "approval" if self.asks_approval(weakens=weakens) else because
        if because is not None:
            raise PrivacyError(errors.CONTRACT_NEEDS_PROPOSAL, contract=contract, because=because)


UNGOVERNED: Final = Governance()
"""Any version may be put at once."""

STRICTNESS: Final[Mapping[StrEnum, int]] = {
    Approval.NONE: 0, Approval.WEAKENING: 1, Approval.ALWAYS: 2,
    Approvers.PARTY: 0, Approvers.BOTH: 1,
}  # fmt: skip
"""Of two approvals or two approvers, the one with the greater number asks for more."""
