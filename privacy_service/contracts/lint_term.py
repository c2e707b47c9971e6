"""What may be wrong with how long a contract holds: of either kind, sharing or behavior."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Protocol

from privacy_service.contracts.faults import Fault
from privacy_service.contracts.telling import Marked


class _Dated(Protocol):
    @property
    def effective_from(self) -> datetime: ...
    @property
    def effective_until(self) -> datetime | None: ...
    @property
    def review_by(self) -> date | None: ...


def term_faults(marked: Marked, contract: _Dated, today: date) -> Iterator[Fault]:
    """An end before the beginning; and, as warnings, an end or a day of review that has passed."""
    until = contract.effective_until
    if until is not None and until <= contract.effective_from:
        yield marked.fault(
            ("effective", "until"), "it ends before it begins", "make until later than from"
        )
    elif until is not None and until <= datetime.combine(today, datetime.min.time(), UTC):
        yield marked.warning(("effective", "until"), "the contract has lapsed", "agree a later end")
    if contract.review_by is not None and contract.review_by < today:
        yield marked.warning(
            ("review_by",), "the day of its review has passed", "review it, and set the next day"
        )
