"""Dates of contracts that come near, on the screen."""

from __future__ import annotations

from collections.abc import Iterable

from privacy_service.commands.screen import console
from privacy_service.v1 import answer_pb2

_SAYS = {
    answer_pb2.CONTRACT_DATE_KIND_RECERTIFY: "to be recertified by",
    answer_pb2.CONTRACT_DATE_KIND_ENDS: "ends on",
    answer_pb2.CONTRACT_DATE_KIND_REVIEW_BY: "to be looked at by",
}


def print_dates(dates: Iterable[answer_pb2.ContractDate]) -> None:
    """One line for each."""
    for one in dates:
        console.print(f"  [yellow]{in_words(one)}[/]")


def in_words(one: answer_pb2.ContractDate) -> str:
    """What comes near, and what comes of it."""
    due = f"{one.due_time.ToDatetime():%Y-%m-%d}"
    refused = f"; nothing passes from {one.refuse_time.ToDatetime():%Y-%m-%d} on"
    says = _SAYS.get(one.kind, "due on")
    return f"{one.contract_id} {says} {due}{refused if one.HasField('refuse_time') else ''}"
