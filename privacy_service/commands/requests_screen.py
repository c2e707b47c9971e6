"""What the `requests` commands show."""

from __future__ import annotations

from typing import Any

from rich.table import Table

from privacy_service.commands.client import plain
from privacy_service.commands.screen import console, print_json
from privacy_service.v1 import answer_pb2, requests_pb2


def kind_of(one: requests_pb2.SubjectRequest) -> str:
    """What is asked for, as the options spell it."""
    name = requests_pb2.SubjectRequestKind.Name(one.kind)
    return name.removeprefix("SUBJECT_REQUEST_KIND_").lower()


def state_of(one: requests_pb2.SubjectRequest) -> str:
    """How it stands."""
    name = requests_pb2.SubjectRequestState.Name(one.state)
    return name.removeprefix("SUBJECT_REQUEST_STATE_").lower().replace("_", " ")


def safe_seconds(due: requests_pb2.Due) -> float:
    """The safe time as a number to sort by; what has none comes last."""
    return due.safe_time.ToDatetime().timestamp() if due.HasField("safe_time") else float("inf")


def at(message: Any, field: str) -> str:
    """An instant in UTC, or a dash where it has not come."""
    if not message.HasField(field):
        return "–"
    return str(getattr(message, field).ToDatetime().strftime("%Y-%m-%d %H:%M")) + "Z"


def show_request(
    one: requests_pb2.SubjectRequest, audit: answer_pb2.AuditStamp | None, *, as_json: bool
) -> None:
    """One request, with why it is due then and what was done."""
    if as_json:
        print_json(plain(one))
        return
    table = Table(box=None, show_header=False)
    for name, value in _lines(one, audit):
        if value:
            table.add_row(name, value)
    console.print(table)
    for doubt in dict.fromkeys(line.says for line in one.history if line.step == "look_again"):
        console.print(f"  look again: {doubt}", markup=False)
    for number, why in enumerate(one.due.why, start=1):
        console.print(f"  why then? {number}. {why}", markup=False)
    for notice in one.notices:
        state = plain(notice)["state"].removeprefix("NOTICE_STATE_").lower()
        console.print(f"  recipient {notice.recipient}: {state} ({notice.notice_id})", markup=False)
    for line in one.history:
        said = f" {line.says}" if line.says else ""
        console.print(f"  {at(line, 'time')} {line.actor}: {line.step}{said}", markup=False)


def _lines(
    one: requests_pb2.SubjectRequest, audit: answer_pb2.AuditStamp | None
) -> list[tuple[str, str]]:
    why = f"{one.reason} ({one.reason_article})" if one.reason else ""
    return [
        ("request", one.subject_request_id),
        ("kind", kind_of(one)),
        ("purpose", one.purpose),
        ("state", state_of(one)),
        ("reason", why),
        ("received", at(one, "receive_time")),
        ("tell it came by", at(one, "acknowledge_time") if _waits(one) else ""),
        ("safe by", at(one.due, "safe_time")),
        ("due by law", at(one.due, "legal_time") + (" OVERDUE" if one.overdue else "")),
        ("rule", f"{one.due.rule}, {one.due.standing}"),
        ("merged", str(one.merged) if one.merged else ""),
        ("closed", at(one, "close_time") if one.HasField("close_time") else ""),
        ("proof", f"audit position {audit.position} in {audit.log_origin}" if audit else ""),
    ]


def _waits(one: requests_pb2.SubjectRequest) -> bool:
    """Whether the person has still to hear that the request has come."""
    return one.HasField("acknowledge_time")


_NOTHING_KNOWN = (
    "Nothing is known of a person by these identifiers. A partner's own word has the type that "
    "`subjects` gives it in the partner's contracts: compare with `privacy-service contract show`."
)


def show_plan(plan: requests_pb2.PlanErasureResponse, *, as_json: bool) -> None:
    """What an erasure, or another start, would do."""
    if as_json:
        print_json(plain(plan))
        return
    table = Table("what", "of", "count", "", box=None, header_style="dim")
    for one in plan.deleted:
        table.add_row(one.thing, one.partner, str(one.count), "would be deleted")
    for one in plan.kept:
        why = f"would be kept: {one.reason} ({one.article})"
        table.add_row(one.thing, one.partner, str(one.count), why)
    if plan.deleted or plan.kept:
        console.print(table)
    console.print(f"would be told: {', '.join(plan.recipients) or 'nobody'}", markup=False)
    if not (plan.deleted or plan.kept or plan.recipients):
        console.print(_NOTHING_KNOWN, markup=False)


def show_corrections(plan: requests_pb2.PlanCorrectionResponse, *, as_json: bool) -> None:
    """What a correction would change."""
    if as_json:
        print_json(plain(plan))
        return
    table = Table("records", "of", "", box=None, header_style="dim")
    for one in plan.counts:
        says = f"would be left: {one.reason}" if one.reason else f"{one.field} would be corrected"
        table.add_row(str(one.count), one.partner, says)
    if plan.counts:
        console.print(table)
    else:
        console.print("no record would change", markup=False)
    if plan.more:
        console.print("and more, which were not looked at for this", markup=False)
    console.print(f"would be told: {', '.join(plan.recipients) or 'nobody'}", markup=False)
    if not (plan.counts or plan.recipients):
        console.print(_NOTHING_KNOWN, markup=False)
