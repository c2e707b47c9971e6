"""What was last seen of the behavior contracts of two partners, to foresee what will judge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from privacy_service.behavior.in_force import BehaviorVersion
from privacy_service.contracts.course import Course
from privacy_service.contracts.in_force import NO_COURSES

_MOST_PAIRS: Final = 4096
_Seen = tuple[Sequence[BehaviorVersion], Mapping[str, Course]]
_NOTHING: Final[_Seen] = ((), NO_COURSES)


class LastSeen:
    """The versions that may judge between two, and how their contracts stand. Thread-safe.

    It may be out of date, and is never relied on: whoever uses it confirms it in the transaction
    that makes something true.
    """

    def __init__(self) -> None:
        self._pairs: dict[tuple[str, str], _Seen] = {}

    def of(self, party: str, provider: str) -> _Seen:
        """What was last kept for the two; no versions where nothing was."""
        return self._pairs.get((party, provider), _NOTHING)

    def forget(self, party: str, provider: str) -> None:
        """Nothing is known of the two any more."""
        self._pairs.pop((party, provider), None)

    def keep(
        self,
        party: str,
        provider: str,
        versions: Sequence[BehaviorVersion],
        courses: Mapping[str, Course],
    ) -> None:
        """Takes the place of what was known of the two."""
        if len(self._pairs) >= _MOST_PAIRS:
            self._pairs.clear()  # it is only what saves a look
        self._pairs[party, provider] = (versions, courses)
