"""`privacy-service contract`, with all that it does: files, putting, standing, scenarios."""

from __future__ import annotations

from privacy_service.commands import contract_course as _course
from privacy_service.commands import validating as _validating
from privacy_service.commands.contract import contract

# Their commands are part of `contract` once they are imported.
assert _course
assert _validating

__all__ = ["contract"]
