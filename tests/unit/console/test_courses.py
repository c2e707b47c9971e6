"""What pages ask about contracts: all of them, however many pages a list has."""

from __future__ import annotations

from typing import Any

from privacy_service.console.rooms.courses import contracts_listed
from privacy_service.v1 import behavior_pb2, contracts_pb2


def listing(stub: Any, call: str, request: Any) -> Any:
    """Three pages of sharing contracts, two contracts each, and one of behavior contracts."""
    del stub
    if call == "ListBehaviorContracts":
        return behavior_pb2.ListBehaviorContractsResponse(contracts=[{"contract_id": "b-1"}])
    page = int(request.page_token or "0")
    names = [{"contract_id": f"s-{2 * page + one}"} for one in (1, 2)]
    return contracts_pb2.ListContractsResponse(
        contracts=names, next_page_token=str(page + 1) if page < 2 else ""
    )


def names(most: int) -> list[str]:
    return [one.contract_id for one in contracts_listed(listing, most)]


def test_every_page_of_contracts_is_asked_for() -> None:
    assert names(1000) == [*(f"s-{one}" for one in range(1, 7)), "b-1"]


def test_no_more_are_taken_than_asked_for() -> None:
    assert names(3) == ["s-1", "s-2", "s-3", "b-1"]
