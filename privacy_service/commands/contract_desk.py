"""`privacy-service contract`, with all that it does: files, putting, standing, scenarios."""

from __future__ import annotations

from privacy_service.commands import contract_cases as _cases
from privacy_service.commands import contract_change as _change
from privacy_service.commands import contract_course as _course
from privacy_service.commands import contract_end as _end
from privacy_service.commands import contract_shadow as _shadow
from privacy_service.commands import validating as _validating
from privacy_service.commands.contract import contract

# Their commands are part of `contract` once they are imported.
assert _cases
assert _change
assert _course
assert _validating
assert _end
assert _shadow

__all__ = ["contract"]
