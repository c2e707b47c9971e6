"""What is wrong with a rule pack as it was written."""

from __future__ import annotations

from collections.abc import Iterable

from privacy_service import errors
from privacy_service.contracts.faults import Fault
from privacy_service.errors import PrivacyError


class LawFault(PrivacyError):  # noqa: N818 - it names what it carries
    """RULE_PACK_INVALID with every fault that was found, by position."""

    def __init__(self, name: str, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(faults, key=lambda fault: (fault.line, fault.column)))
        first = self.faults[0]
        super().__init__(
            errors.RULE_PACK_INVALID,
            pack=name,
            line=first.line,
            column=first.column,
            faults=len(self.faults),
        )
        self.name = name

    def __str__(self) -> str:
        return "\n".join(f"{self.name}:{fault}" for fault in self.faults)
