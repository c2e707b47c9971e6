"""What a shadow saw, on the screen."""

from __future__ import annotations

from privacy_service.commands.contract_course import in_short, when
from privacy_service.commands.screen import console, table
from privacy_service.v1 import governance_pb2 as pb


def show_seen(one: pb.ContractShadow) -> None:
    """What it saw: what would have been decided, what differs, and which requests to look up."""
    console.print(f"beside the version in force: {in_short(one)}", markup=False)
    outcomes = table("in force", "candidate", "requests")
    for each in one.outcomes:
        same = each.candidate == each.active
        outcomes.add_row(each.active, "the same" if same else each.candidate, str(each.count))
    if one.outcomes:
        console.print(outcomes)
    differs = table("what", "in force", "candidate", "requests")
    for said in one.differs:
        differs.add_row(said.what, said.active or "–", said.candidate or "–", str(said.count))
    if one.differs:
        console.print(differs)
    for name, counts in (("failed", one.failed_by), ("dropped", one.dropped_by)):
        for why, count in sorted(counts.items()):
            console.print(f"{name}: {count} {why}", markup=False)
    newest = table("when", "request", "audit", "in force", "candidate")
    for case in one.newest[:20]:
        newest.add_row(
            when(case.at), case.request_id, str(case.audit_position), case.active, case.candidate
        )
    if one.newest:
        console.print(newest)
