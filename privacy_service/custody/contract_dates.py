"""Contracts whose dates come near, over all that are in force."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from typing import Final

from privacy_service.behavior import in_force
from privacy_service.behavior.in_force import BehaviorVersion
from privacy_service.contracts.dates import Dated, DateWarning, warnings_of
from privacy_service.contracts.model import ContractVersion
from privacy_service.custody.behavior_versions import as_behavior
from privacy_service.desks.versions import as_version, dated
from privacy_service.errors import PrivacyError
from privacy_service.store.views import View

_PAGE: Final = 200


def near_dates(view: View, now: datetime) -> Iterator[DateWarning]:
    """Every date that comes near or is past, of the contracts that are not at their end."""
    for one in versions_in_force(view):
        course = view.courses.get(one.contract_id)
        if course.retirement is None:
            yield from warnings_of(one, course, now=now)


def versions_in_force(view: View) -> Iterator[Dated]:
    """The dates of the version in force of every contract of either kind that can be read; nothing
    passes under the others.
    """
    for version in _versions(view):
        yield dated(version) if isinstance(version, ContractVersion) else in_force.dated(version)


def _versions(view: View) -> Iterator[ContractVersion | BehaviorVersion]:
    after = None
    while shared := view.contracts.list(after=after, limit=_PAGE):
        for row in shared:
            with suppress(PrivacyError):
                yield as_version(row)
        after = shared[-1].id
    after = None
    while judged := view.behavior.list(after=after, limit=_PAGE):
        for one in judged:
            with suppress(PrivacyError):
                yield as_behavior(one)
        after = judged[-1].id
