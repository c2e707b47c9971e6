"""What is wrong with a rule pack as it was written."""

from __future__ import annotations

from collections.abc import Iterable

from privacy_service import errors
from privacy_service.contracts.faults import Fault, WrittenFault


class LawFault(WrittenFault):
    """RULE_PACK_INVALID."""

    def __init__(self, name: str, faults: Iterable[Fault]) -> None:
        super().__init__(name, errors.RULE_PACK_INVALID, faults, pack=name)
