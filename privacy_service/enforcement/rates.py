"""How often something may be done: so many in a period, for one caller, whatever the replica.

The state of a caller is one instant: when all that was done would be paid off, at a steady pace
(the generic cell rate algorithm). So a caller may use a whole period's worth at once, and then has
as much back as time has passed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from privacy_service import errors
from privacy_service.errors import PrivacyError


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """At most `most` in any period that begins with nothing owed, and that pace after."""

    most: int
    per: timedelta = timedelta(hours=1)

    def taken(self, paid_at: datetime | None, many: int, *, now: datetime) -> datetime:
        """When all will be paid off, these `many` included.

        Raises REVEAL_LIMITED with the seconds after which so many may be done; without, where so
        many may never be done at once.
        """
        if many > self.most:
            raise PrivacyError(errors.REVEAL_LIMITED, maximum=self.most)
        owed = max(paid_at or now, now) + self.per * many / self.most
        if owed - now > self.per:
            wait = math.ceil((owed - now - self.per).total_seconds())
            raise PrivacyError(errors.REVEAL_LIMITED, maximum=self.most, retry_seconds=wait)
        return owed


@dataclass(frozen=True, slots=True, kw_only=True)
class RevealRates:
    """For one caller: values that are revealed one by one, and tokens that are restored."""

    reveals: Rate = Rate(most=60)
    restored: Rate = Rate(most=20_000)
