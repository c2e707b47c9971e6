"""What the `breach` commands print: a breach, what it asks for, its timeline."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from google.protobuf.timestamp_pb2 import Timestamp

from privacy_service.commands.client import plain
from privacy_service.commands.screen import console, print_json
from privacy_service.v1 import answer_pb2
from privacy_service.v1 import breaches_pb2 as pb

_MOST_SHOWN: Final = 6
"""Duties that are shown one by one below what would decide them."""


def show_breach(
    breach: pb.Breach,
    obligations: Iterable[pb.Obligation],
    audit: answer_pb2.AuditStamp | None,
    *,
    zone: ZoneInfo,
    as_json: bool,
) -> None:
    """The breach, who is affected, and what is due when."""
    if as_json:
        shown = {
            "breach": plain(breach),
            "obligations": [plain(one) for one in obligations],
        }
        print_json(shown | ({} if audit is None else {"audit": plain(audit)}))
        return
    _print_breach(breach, zone)
    listed = list(obligations)
    open_ = {question.question_id for question in breach.questions}
    print_obligations([one for one in listed if not _asks(one, open_)], zone)
    for question in breach.questions:
        depend = [one for one in listed if _asks(one, {question.question_id})]
        _print_question(question, depend, breach, zone)
    if any("awareness" in one.waits_for for one in listed):
        how = f"privacy-service breach time {breach.breach_id} --at awareness=… --evidence …"
        console.print(f"say when you became aware of it: {how}", markup=False)
    for doubt in breach.doubts:
        console.print(f"look again: {doubt}", markup=False)
    if audit is not None:
        console.print(f"proof: audit position {audit.position} in {audit.log_origin}", markup=False)


def print_obligations(
    obligations: Iterable[pb.Obligation], zone: ZoneInfo, *, why: bool = False
) -> None:
    """What is due when, and why then."""
    listed = list(obligations)
    for one in listed:
        safe = shown(one.conservative_due_time, zone) if one.conservative_due_time.seconds else ""
        console.print(f"{safe or 'no time yet':20}  {_status(one)}", markup=False)
        console.print(f"    {one.title}: {one.to}", markup=False)
        console.print(f"    {one.rule_id} ({one.place}){_by_law(one, zone)}", markup=False)
    for one in listed if why else ():
        console.print(f"\n{one.rule_id} ({one.place}): {one.title}, {one.citation}", markup=False)
        for sentence in one.because:
            console.print(f"  applies: {sentence}", markup=False)
        for number, sentence in enumerate(one.why_then, 1):
            console.print(f"  {number}. {sentence}", markup=False)


def print_scope(scope: pb.BreachScope) -> None:
    """What was found to be concerned."""
    asked = ", ".join(f"{name} {value}" for name, value in sorted(scope.question.items()))
    console.print(f"  asked         {asked or 'everything'}", markup=False)
    nameless = scope.unnamed_disclosures
    unnamed = f", {nameless} of them naming nobody" if nameless else ""
    several = scope.several_identifiers
    about = "about " if nameless else "at most " if several else ""
    console.print(f"  people        {about}{scope.subjects}", markup=False)
    if several:
        says = f"{several} disclosures or records name several, which may be one person's"
        console.print(f"  identifiers   {says}", markup=False)
    if scope.disclosures or not scope.tokens:
        console.print(f"  disclosures   {scope.disclosures}{unnamed}", markup=False)
    console.print(f"  records       {scope.records}", markup=False)
    if scope.tokens:
        console.print(f"  tokens        {scope.tokens}{unnamed}", markup=False)
    for label, counts in (
        ("recipients", scope.recipients),
        ("contracts", scope.contracts),
        ("regions", scope.approximate_regions),
        ("categories", scope.categories),
        ("values left", scope.protection),
        ("key exposed", scope.exposed_records),
    ):
        about = "about " if label == "regions" else ""
        listed = ", ".join(f"{name}: {about}{number}" for name, number in sorted(counts.items()))
        if listed:
            console.print(f"  {label:13} {listed}", markup=False)


def print_entries(entries: Iterable[pb.BreachEntry], zone: ZoneInfo) -> None:
    """The timeline."""
    for entry in entries:
        said = json.loads(entry.statement_json)
        when = shown(entry.time, zone)
        console.print(f"{entry.number:4}  {when}  {entry.by}", markup=False)
        told = _said(entry.kind, said, zone)
        console.print(f"      {entry.kind.replace('_', ' ')}: {told}", markup=False, soft_wrap=True)


def shown(stamp: Timestamp, zone: ZoneInfo) -> str:
    """An instant on the clock of that zone."""
    at = stamp.ToDatetime(tzinfo=UTC).astimezone(zone)
    return f"{at:%a %Y-%m-%d %H:%M}"


def state_of(breach: pb.Breach) -> str:
    """Whether it is over, as a word."""
    return pb.BreachState.Name(breach.state).removeprefix("BREACH_STATE_").lower()


def _print_breach(breach: pb.Breach, zone: ZoneInfo) -> None:
    drill = "DRILL  " if breach.drill else ""
    console.print(f"{drill}{breach.breach_id}  {state_of(breach)}  {breach.title}", markup=False)
    console.print(f"  entry         {breach.newest_entry}, times in {zone.key}", markup=False)
    if breach.reported_by:
        console.print(f"  told by       {breach.reported_by}", markup=False)
    for sign in breach.signs[:1] and (breach.signs[0], *breach.signs[1:][-1:]):
        where = f"; audit {_positions(sign)}" if sign.positions else ""
        console.print(f"  noticed       {sign.severity}: {sign.says}{where}", markup=False)
    for name, at in sorted(breach.times.items(), key=lambda one: one[1].ToDatetime()):
        console.print(f"  {name:13} {shown(at, zone)}", markup=False)
    if breach.HasField("total"):
        console.print(f"  people        {_count(breach.total)}", markup=False)
    homes = ", ".join(f"{home}: {_count(one)}" for home, one in sorted(breach.residents.items()))
    if homes:
        console.print(f"  live in       {homes}", markup=False)
    decided = ", ".join(
        f"{'' if yes else 'no '}{name.replace('_', ' ')}" for name, yes in breach.decided.items()
    )
    if decided:
        console.print(f"  decided       {decided}", markup=False)
    if breach.HasField("scope"):
        print_scope(breach.scope)
    for task in breach.tasks:
        done = "done" if task.HasField("done_time") else f"by {task.due_date}"
        console.print(f"  task          {task.task_id}: {task.title} ({task.owner}, {done})")
    took = ", ".join(
        f"to {what} {timedelta(seconds=breach.seconds_to[what])}"
        for what in ("detect", "contain", "notify", "close")
        if what in breach.seconds_to
    )
    if took:
        console.print(f"  took          {took}", markup=False)
    if breach.keep_until:
        console.print(f"  keep until    {breach.keep_until}", markup=False)
    if breach.delete_after:
        console.print(f"  deleted after {breach.delete_after}, unless it is held", markup=False)


def _asks(one: pb.Obligation, questions: set[str]) -> bool:
    """Whether the first thing that would decide it is one of these."""
    over = one.status in (pb.OBLIGATION_STATUS_DONE, pb.OBLIGATION_STATUS_DONE_LATE)
    return bool(one.depends_on) and one.depends_on[0] in questions and not over


def _print_question(
    asked: pb.OpenQuestion, duties: list[pb.Obligation], breach: pb.Breach, zone: ZoneInfo
) -> None:
    """What is to be found out or decided, and what depends on it: many duties are counted."""
    many = len(duties)
    on_it = "1 duty depends" if many == 1 else f"{many} duties depend"
    console.print(f"\n{asked.asks} {on_it} on it.", markup=False)
    if many <= _MOST_SHOWN:
        print_obligations(duties, zone)
    else:
        by = asked.earliest_due_time
        first = f", the first by {shown(by, zone)}" if asked.HasField("earliest_due_time") else ""
        named = ", ".join(asked.rule_ids[:_MOST_SHOWN])
        console.print(f"    {named}, …{first}", markup=False)
        console.print(f"    each: privacy-service breach due {breach.breach_id}", markup=False)
    command, _, rest = _answer(asked, breach).partition(" ")
    console.print(
        f"    say it: privacy-service breach {command} {breach.breach_id} {rest}",
        markup=False,
        soft_wrap=True,
    )


def _answer(one: pb.OpenQuestion, breach: pb.Breach) -> str:
    """How it is answered; where people live, as the ledger has it where it does."""
    homes = sorted(breach.scope.approximate_regions.items())
    if one.question_id != "residents" or not homes:
        return one.answer
    return "facts " + " ".join(f"--resident {home}=~{many}" for home, many in homes)


def _positions(sign: pb.BreachSign) -> str:
    shown = ", ".join(str(position) for position in sign.positions[:5])
    return shown if len(sign.positions) <= 5 else f"{shown}, …"


def _count(count: pb.PeopleCount) -> str:
    return f"about {count.number}" if count.approximate else str(count.number)


def _by_law(one: pb.Obligation, zone: ZoneInfo) -> str:
    if one.HasField("legal_due_time"):
        return f", by law {shown(one.legal_due_time, zone)}"
    return ", the law names no number" if _is_target(one) else ""


def _is_target(one: pb.Obligation) -> bool:
    return one.clock == "own target"


def _status(one: pb.Obligation) -> str:
    status = pb.ObligationStatus.Name(one.status).removeprefix("OBLIGATION_STATUS_").lower()
    words = status.replace("_", " ")
    if one.status == pb.OBLIGATION_STATUS_TO_DECIDE:
        return f"{words}: {'; '.join(one.because)}"
    if one.clock == "expected":
        return f"{words} for {', '.join(one.waits_for)}; at the latest then"
    if one.status == pb.OBLIGATION_STATUS_WAITING:
        return f"{words} for {' or '.join(one.waits_for)}"
    if one.standing == "own policy" or _is_target(one):
        return f"{words}, own policy"
    return words


def _said(kind: str, said: dict[str, Any], zone: ZoneInfo) -> str:
    """A statement in a line."""
    match kind:
        case "obligations":
            return f"{len(said['found'])} are asked for now"
        case "time":
            return f"{said['name']} {_at(said['at'], zone)}: {said['evidence']}"
        case "reminder":
            due = (
                f", due {_at(said['due'], zone)}" if "T" in said["due"] else f", due {said['due']}"
            )
            return (
                f"{said['stage'].replace('_', ' ')}: {said['rule']} {said['place']}".rstrip() + due
            )
        case "scope":
            asked = ", ".join(f"{name} {value}" for name, value in said["question"].items())
            counts = (f"{said[name]} {word}" for name, word in _SCOPED)
            return f"{', '.join(counts)}; asked: {asked or 'everything'}"
        case "measure":
            contained = "; the breach is contained" if said["contained"] else ""
            what = str(said["what"]).replace("_", " ")
            return f"{what}, {_at(said['at'], zone)}: {said['says']}{contained}"
        case "noticed":
            counted = ", ".join(f"{many} {what}" for what, many in said["counts"].items())
            listed = ", ".join(map(str, said["positions"][:5]))
            where = f"; audit {listed}" if listed else ""
            about = f"{said['severity']}, {said['about']}"
            return f"{about}: {said['says']} ({counted}{where})"
    return ", ".join(
        f"{name.replace('_', ' ')} {_value(value, zone)}"
        for name, value in sorted(said.items())
        if value not in (None, "", [], {}, False)
    )


_SCOPED: Final = (("subjects", "people"), ("disclosures", "disclosures"), ("records", "records"))


def _value(value: Any, zone: ZoneInfo) -> str:
    """A value of a statement in words."""
    match value:
        case True:
            return "yes"
        case {"number": int(many), **rest}:
            return f"about {many}" if rest.get("approximate") else str(many)
        case dict():
            return ", ".join(
                f"{name}: {'no' if each is False else _value(each, zone)}"
                for name, each in value.items()
            )
        case list():
            return ", ".join(_value(each, zone) for each in value)
        case str() if len(value) > _INSTANT and value[:4].isdigit() and "T" in value[:11]:
            return _at(value, zone)
    return str(value)


_INSTANT: Final = len("2026-06-05T16:00")


def _at(written: str, zone: ZoneInfo) -> str:
    try:
        at = datetime.fromisoformat(written)
    except ValueError:
        return written
    return f"{at.astimezone(zone):%a %Y-%m-%d %H:%M}"
