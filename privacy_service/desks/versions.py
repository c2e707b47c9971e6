"""Stored contract rows, read back into contract versions."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Protocol

from privacy_service.contracts.dates import Dated
from privacy_service.contracts.model import ContractVersion, SharingContract
from privacy_service.contracts.read import read


class StoredVersion(Protocol):
    """A contract version as the store keeps it: its source and what is queried."""

    @property
    def id(self) -> str: ...

    @property
    def number(self) -> int: ...

    @property
    def digest(self) -> str: ...

    @property
    def source(self) -> str: ...

    @property
    def put_at(self) -> datetime: ...

    @property
    def put_by(self) -> str: ...


def as_version(row: StoredVersion) -> ContractVersion:
    """The version with its contract read again. Versions never change, so each is read once.

    A source that an older release took and this one does not raises CONTRACT_INVALID: no
    transfer passes under a contract that can't be read.
    """
    return ContractVersion(
        contract=_contract(row.id, row.number, row.source),
        number=row.number,
        digest=row.digest,
        source=row.source,
        put_at=row.put_at,
        put_by=row.put_by,
    )


@lru_cache(maxsize=4096)
def _contract(id: str, number: int, source: str) -> SharingContract:  # noqa: A002
    return read(source, name=f"{id}@{number}")


def dated(version: ContractVersion) -> Dated:
    """The dates of a version."""
    contract = version.contract
    return Dated(
        contract_id=contract.id,
        governance=contract.governance,
        put_at=version.put_at,
        effective_until=contract.effective_until,
        review_by=contract.review_by,
    )
