"""`privacy-service law`: what law asks for, when it is due, and why then."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.table import Table

from privacy_service.app.law import open_law, open_packs
from privacy_service.commands.faults import plain
from privacy_service.commands.screen import (
    AsJson,
    Exit,
    console,
    end,
    errors_console,
    print_json,
    refusing,
)
from privacy_service.contracts.faults import Fault, Severity
from privacy_service.law.book import Law
from privacy_service.law.due import Due, Given, Paused, Taken, due
from privacy_service.law.faults import LawFault
from privacy_service.law.lint import lint as faults_of
from privacy_service.law.rules import FILING, Rule
from privacy_service.law.shape import TIMES
from privacy_service.law.words import in_words
from privacy_service.settings import load_law

law = typer.Typer(
    no_args_is_help=True,
    help="Duties and deadlines: from rule packs, with citation, source and each step.",
)

Packs = Annotated[
    list[Path] | None,
    typer.Option("--packs", help="Rule packs of your own, over those of the settings."),
]
On = Annotated[str | None, typer.Option("--on", help="As of this day: 2026-06-05.")]


@law.command("list")
@refusing
def list_rules(
    concerns: Annotated[str | None, typer.Option(help="breach or request")] = None,
    regime: Annotated[str | None, typer.Option(help="Only this regime: eu-gdpr.")] = None,
    place: Annotated[str | None, typer.Option(help="Only what holds there: DE, US-CA.")] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Also what is not followed, and why not.")
    ] = False,
    on: On = None,
    packs: Packs = None,
    as_json: AsJson = False,
) -> None:
    """Lists the rules that are followed; law, own policy and unverified are told apart.

    Example: privacy-service law list --place US-CA --all
    """
    known, today = _law(packs), _day(on)
    rules = [
        rule
        for _id, rule in sorted(known.rules.items())
        if concerns in (None, rule.concerns.value)
        and regime in (None, rule.regime)
        and (place is None or known.lies_in(known.place(place).id, rule.jurisdiction))
        and (everything or rule.followed(today))
    ]
    if as_json:
        print_json([_rule(rule, today) for rule in rules])
        return
    table = Table("rule", "standing", "who is told", "when", box=None, header_style="dim")
    for rule in rules:
        standing = rule.standing(today).value
        source = "" if rule.followed(today) else f" ({rule.confidence.value})"
        table.add_row(rule.id, standing + source, rule.to, in_words(rule))
    console.print(table)
    left = len(known.rules) - len(rules)
    console.print(f"{len(rules)} rules; {left} more with --all or other filters", markup=False)


@law.command()
@refusing
def show(
    rule_id: Annotated[str, typer.Argument(help="The rule: eu-gdpr.33-1.")],
    on: On = None,
    packs: Packs = None,
    as_json: AsJson = False,
) -> None:
    """Shows one rule with its citation, source, when it was verified, and its digest.

    Example: privacy-service law show eu-gdpr.33-1
    """
    known, today = _law(packs), _day(on)
    rule = known.rule(rule_id)
    if as_json:
        print_json(_rule(rule, today))
        return
    for line in _about(rule, today):
        console.print(line, markup=False)
    counting = known.counting(rule.deadline.counting)
    if counting is not None:
        console.print(f"counted by   {counting.citation}", markup=False)
        if counting.doubt:
            console.print(f"             {counting.doubt}", markup=False)


@law.command("due")
@refusing
def when(
    rule_id: Annotated[str, typer.Argument(help="The rule: eu-gdpr.33-1.")],
    at: Annotated[
        list[str],
        typer.Option(
            help="A time that is known: awareness=2026-06-05T16:00, local to the place unless an "
            "offset stands; filing/RULE=…; repeat for more."
        ),
    ],
    place: Annotated[
        str | None, typer.Option(help="Where: DE, US-CA. Left out: the rule's jurisdiction.")
    ] = None,
    capacity: Annotated[
        list[str] | None, typer.Option(help="What you are: controller, credit_institution.")
    ] = None,
    extension: Annotated[
        list[str] | None, typer.Option(help="An extension and when it was told: complexity=…")
    ] = None,
    pause: Annotated[
        list[str] | None,
        typer.Option(help="A pause, from and until: law_enforcement=FROM/UNTIL; without / open."),
    ] = None,
    packs: Packs = None,
    as_json: AsJson = False,
) -> None:
    """Says when it is due by law, by when it is safe, and why then, step by step.

    Example: privacy-service law due eu-gdpr.33-1 --at awareness=2026-06-05T16:00 --place DE
    """
    known = _law(packs)
    rule = known.rule(rule_id)
    where = place or rule.jurisdiction
    zone = ZoneInfo(known.place(where).time_zone)
    given = Given(
        times=dict(_time(text, zone) for text in at),
        capacities=frozenset(capacity or ()),
        extensions=tuple(_taken(text, zone) for text in extension or ()),
        pauses=tuple(_paused(text, zone) for text in pause or ()),
    )
    answer = due(rule, given, place=where, law=known)
    if as_json:
        print_json(_due(answer))
        return
    _print_due(rule, answer, zone)


@law.command()
@refusing
def places(packs: Packs = None, as_json: AsJson = False) -> None:
    """Lists the jurisdictions that are known, with their clocks and calendars of holidays.

    Example: privacy-service law places
    """
    known = _law(packs)
    if as_json:
        print_json(
            [
                {
                    "id": one.id,
                    "name": one.name,
                    "within": list(one.within),
                    "time_zone": one.time_zone,
                    "calendar": one.calendar,
                }
                for one in known.places.values()
            ]
        )
        return
    table = Table("place", "name", "lies in", "time zone", "holidays", box=None, header_style="dim")
    for one in known.places.values():
        row = (one.id, one.name, ", ".join(one.within), one.time_zone, one.calendar or "")
        table.add_row(*row)
    console.print(table)


@law.command()
def lint(
    files: Annotated[list[Path] | None, typer.Argument(help="Rule packs; none: ours.")] = None,
    as_json: AsJson = False,
) -> None:
    """Names each fault of a pack with its line and column. Ends with 1 if any is an error.

    Example: privacy-service law lint my-rules.yaml
    """
    today = datetime.now(UTC).date()
    found: list[tuple[str, Fault]] = []
    try:
        packs = open_packs(files or ())
    except LawFault as invalid:
        found = [(invalid.name, fault) for fault in invalid.faults]
    else:
        names = {str(file) for file in files or ()}
        chosen = [pack for pack in packs if not names or _is_of(pack.name, names)]
        found = [
            (one.name, fault) for one in chosen for fault in faults_of(packs, one, today=today)
        ]
    if as_json:
        print_json([plain(name, fault) for name, fault in found])
    else:
        for name, fault in found:
            console.print(f"{name}:{fault}", markup=False)
        if not found:
            console.print("no fault", markup=False)
    if any(fault.severity is Severity.ERROR for _name, fault in found):
        end(Exit.NO)


# -- In ---------------------------------------------------------------------------------------


def _law(packs: list[Path] | None) -> Law:
    settings = load_law()
    try:
        return open_law((*settings.packs, *(packs or ())))
    except LawFault as invalid:
        for fault in invalid.faults:
            errors_console.print(f"{invalid.name}:{fault}", markup=False)
        raise


def _is_of(name: str, files: Iterable[str]) -> bool:
    return any(name == file or Path(file) in Path(name).parents for file in files)


def _day(text: str | None) -> date:
    if text is None:
        return datetime.now(UTC).date()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("write a day as 2026-06-05", param_hint="--on") from None


def _instant(text: str, zone: ZoneInfo) -> datetime:
    """An instant; a date alone is noon, and a time without offset is the place's."""
    try:
        if len(text) == len("2026-06-05"):
            return datetime.combine(date.fromisoformat(text), time(12), zone)
        at = datetime.fromisoformat(text)
    except ValueError:
        says = f"{text!r} is not a time; write 2026-06-05T16:00"
        raise typer.BadParameter(says) from None
    return at if at.tzinfo else at.replace(tzinfo=zone)


def _time(text: str, zone: ZoneInfo) -> tuple[str, datetime]:
    name, _, at = text.partition("=")
    if name not in TIMES and not name.startswith(FILING):
        says = f"no clock starts with {name!r}; write one of {', '.join(TIMES)}, or {FILING}RULE"
        raise typer.BadParameter(says, param_hint="--at")
    return name, _instant(at, zone)


def _taken(text: str, zone: ZoneInfo) -> Taken:
    name, _, at = text.partition("=")
    return Taken(id=name, told_at=_instant(at, zone))


def _paused(text: str, zone: ZoneInfo) -> Paused:
    name, _, span = text.partition("=")
    start, _, until = span.partition("/")
    ended = _instant(until, zone) if until else None
    return Paused(id=name, start=_instant(start, zone), until=ended)


# -- Out --------------------------------------------------------------------------------------


def _about(rule: Rule, today: date) -> Iterable[str]:
    yield f"{rule.id}: {rule.title}"
    yield f"standing     {rule.standing(today).value}, {rule.confidence.value}"
    yield f"regime       {rule.regime}, {rule.jurisdiction}"
    yield f"who is told  {rule.to} ({rule.recipient.value})"
    yield f"when         {in_words(rule)}"
    if rule.capacities:
        yield f"binds        {', '.join(rule.capacities)}"
    if rule.conditions:
        yield f"if           {', '.join(rule.conditions)}"
    if rule.threshold is not None:
        threshold = rule.threshold
        counted = threshold.counts.value.replace("_", " ")
        compared = threshold.comparator.value.replace("_", " ")
        yield f"from         {compared} {threshold.value} {counted}"
    if rule.encryption is not None:
        yield f"encrypted    {rule.encryption.effect.value} ({rule.encryption.citation})"
    for extension in rule.extensions:
        yield f"extension    {extension.id}: {extension.adds} more, {extension.needs}"
    for pause in rule.pauses:
        yield f"pause        {pause.id}: {pause.effect.value}, {pause.says}"
    for content in rule.contents:
        yield f"contents     {content.id}: {content.says}"
    for name in rule.must_not_hold:
        yield f"must not say {name}"
    if rule.note:
        yield f"note         {rule.note}"
    yield f"citation     {rule.citation}"
    yield f"source       {rule.source}, verified on {rule.verified_on}"
    yield f"holds        from {rule.effective_from or '–'} until {rule.effective_until or '–'}"
    yield f"digest       {rule.digest}"


def _rule(rule: Rule, today: date) -> dict[str, Any]:
    return {
        "id": rule.id,
        "pack": rule.pack,
        "title": rule.title,
        "standing": rule.standing(today).value,
        "followed": rule.followed(today),
        "concerns": rule.concerns.value,
        "regime": rule.regime,
        "jurisdiction": rule.jurisdiction,
        "basis": rule.basis.value,
        "duty": rule.duty.value,
        "recipient": rule.recipient.value,
        "to": rule.to,
        "when": in_words(rule),
        "capacities": list(rule.capacities),
        "conditions": list(rule.conditions),
        "contents": [one.id for one in rule.contents],
        "citation": rule.citation,
        "source": rule.source,
        "verified_on": rule.verified_on.isoformat(),
        "confidence": rule.confidence.value,
        "effective_from": rule.effective_from and rule.effective_from.isoformat(),
        "effective_until": rule.effective_until and rule.effective_until.isoformat(),
        "note": rule.note,
        "digest": rule.digest,
    }


def _due(answer: Due) -> dict[str, Any]:
    return {
        "rule": answer.rule,
        "rule_digest": answer.rule_digest,
        "counting_digest": answer.counting_digest,
        "place": answer.place,
        "state": answer.state.value,
        "legal": answer.legal and answer.legal.isoformat(),
        "conservative": answer.conservative and answer.conservative.isoformat(),
        "waits_for": list(answer.waits_for),
        "why": list(answer.why),
    }


def _print_due(rule: Rule, answer: Due, zone: ZoneInfo) -> None:
    console.print(f"{rule.id}: {rule.title}, {rule.to}", markup=False)
    standing = rule.standing(datetime.now(UTC).date())
    console.print(f"{answer.state.value}; {standing.value}, {rule.confidence.value}", markup=False)
    safe = "own target" if rule.deadline.target else "safe by"
    for name, at in (("due by law", answer.legal), (safe, answer.conservative)):
        if at is not None:
            here = at.astimezone(zone)
            console.print(f"  {name:12} {here:%A %Y-%m-%d %H:%M:%S} {zone.key}", markup=False)
    console.print("  why then?", markup=False)
    for number, sentence in enumerate(answer.why, 1):
        console.print(f"  {number}. {sentence}", markup=False)
