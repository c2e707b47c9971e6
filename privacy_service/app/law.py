"""The rule packs that ship, with those of the settings over them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from privacy_service import errors
from privacy_service.contracts.faults import ContractFault
from privacy_service.contracts.source import decode
from privacy_service.errors import PrivacyError
from privacy_service.law.book import Law, bound, readings
from privacy_service.law.faults import LawFault
from privacy_service.law.read import Reading


def open_law(packs: Sequence[Path]) -> Law:
    """All rules. Raises RULE_PACK_INVALID with line and column, and SETTINGS_INVALID for a file
    that cannot be read.
    """
    return bound(open_packs(packs))


def open_packs(packs: Sequence[Path]) -> tuple[Reading, ...]:
    """All packs that count, ours first. Raises as `open_law`."""
    return readings(_texts(packs))


def _texts(packs: Sequence[Path]) -> Iterator[tuple[str, str]]:
    for path in packs:
        for file in sorted(path.glob("*.yaml")) if path.is_dir() else [path]:
            try:
                yield str(file), decode(file.read_bytes(), name=str(file))
            except OSError:
                says = "the rule pack cannot be read"
                raise PrivacyError(
                    errors.SETTINGS_INVALID, setting="law.packs", says=says
                ) from None
            except ContractFault as unreadable:
                raise LawFault(str(file), unreadable.faults) from None
