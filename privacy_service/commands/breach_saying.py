"""What the `breach` commands say of a breach: a command for each kind of statement."""

from __future__ import annotations

import functools
import inspect
import uuid
from collections.abc import Callable
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from privacy_service.commands.breach import breach
from privacy_service.commands.breach_options import (
    BreachDesk,
    BreachId,
    Entry,
    Evidence,
    Zone,
    nature_of,
    people_of,
    require_day,
    stamp_of,
    time_of,
    zone_of,
)
from privacy_service.commands.client import Connection, calling
from privacy_service.commands.screen import AsJson
from privacy_service.commands.subjects import RequestId
from privacy_service.v1 import breaches_pb2 as pb

Saying = Callable[..., pb.BreachStatement]


def _statement(name: str) -> Callable[[Saying], Saying]:
    """A command that says something of a breach: the function makes the statement of its options,
    which gets `clock`, and everything round it is the same.
    """

    def command(says: Saying) -> Saying:
        own = [
            option
            for option in inspect.signature(says, eval_str=True).parameters.values()
            if option.name != "clock"
        ]

        @functools.wraps(says)
        def run(**given: Any) -> None:
            clock = zone_of(given["zone"])
            said = says(clock=clock, **{option.name: given[option.name] for option in own})
            request = pb.RecordStatementRequest(
                breach_id=given["breach_id"],
                statement=said,
                expected_entry=given["expected_entry"],
                request_id=given["request_id"] or str(uuid.uuid4()),
            )
            desk = BreachDesk(given["connection"], clock, given["as_json"])
            desk.show(desk.call(lambda stub, **how: stub.RecordStatement(request, **how)))

        first, *around = inspect.signature(_around, eval_str=True).parameters.values()
        # What Typer reads to make the command's options.
        run.__signature__ = inspect.Signature([first, *own, *around])  # type: ignore[attr-defined]
        run.__annotations__ = {one.name: one.annotation for one in (first, *own, *around)}
        breach.command(name)(calling(run))
        return says

    return command


def _around(
    breach_id: BreachId,
    expected_entry: Entry = 0,
    zone: Zone = "UTC",
    request_id: RequestId = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """The options of every command that says something."""


@_statement("time")
def say_time(
    clock: ZoneInfo,
    at: Annotated[str, typer.Option("--at", help="awareness=2026-06-05T16:00.")],
    evidence: Evidence,
) -> pb.BreachStatement:
    """Says when something was: a correction is said the same way, and the earlier one stays.

    Example: privacy-service breach time breach-3f6d12ab9c0e4477 --at awareness=2026-06-05T16:00
    --evidence "mail of the carrier" --zone Europe/Berlin --token officer.jwt
    """
    return pb.BreachStatement(time=time_of(at, clock, evidence))


@_statement("facts")
def say_facts(
    clock: ZoneInfo,
    people: Annotated[str, typer.Option(help="All people: 1200, or ~1200 for about.")] = "",
    resident: Annotated[
        list[str] | None, typer.Option(help="People by where they live: DE=900, US-CA=~300.")
    ] = None,
    capacity: Annotated[list[str] | None, typer.Option(help="What you are in it.")] = None,
    seat: Annotated[list[str] | None, typer.Option(help="Where you are established.")] = None,
    nature: Annotated[list[str] | None, typer.Option(help="What was hurt.")] = None,
    encrypted: Annotated[bool | None, typer.Option(help="Whether all of it was encrypted.")] = None,
    key_exposed: Annotated[bool | None, typer.Option(help="Whether its key was exposed.")] = None,
    evidence: Evidence = "",
) -> pb.BreachStatement:
    """Says what is known: how many people, where, whether it was encrypted.

    Example: privacy-service breach facts breach-3f6d12ab9c0e4477 --people ~1200 --resident DE=~900
    --no-encrypted --token officer.jwt
    """
    del clock
    homes = dict(text.partition("=")[::2] for text in resident or ())
    return pb.BreachStatement(
        facts=pb.FactsStatement(
            total=people_of(people) if people else None,
            residents={home: people_of(count) for home, count in homes.items()},
            capacities=capacity or (),
            seats=seat or (),
            natures=[nature_of(word) for word in nature or ()],
            encrypted=encrypted,
            key_exposed=key_exposed,
            evidence=evidence,
        )
    )


@_statement("assess")
def say_assessment(
    clock: ZoneInfo,
    decided: Annotated[
        list[str], typer.Option("--decide", help="risk, no-high_risk, hipaa_breach; repeatable.")
    ],
    decider: Annotated[str, typer.Option(help="Who decides.")],
    reasons: Annotated[str, typer.Option(help="Why.")],
    method: Annotated[str, typer.Option(help="Whose factors: edpb, hipaa or own.")] = "own",
    factor: Annotated[
        list[str] | None, typer.Option(help="An answer to a factor: severity=low; repeatable.")
    ] = None,
) -> pb.BreachStatement:
    """Decides about the risk. That no notice is needed is documented the same way.

    Example: privacy-service breach assess breach-3f6d12ab9c0e4477 --decide risk
    --decide no-high_risk --decider "A. Okafor, DPO"
    --reasons "addresses alone, returned unread" --token officer.jwt
    """
    del clock
    return pb.BreachStatement(
        assessment=pb.AssessmentStatement(
            method=method,
            factors=dict(text.partition("=")[::2] for text in factor or ()),
            decided={word.removeprefix("no-"): not word.startswith("no-") for word in decided},
            decider=decider,
            reasons=reasons,
        )
    )


@_statement("pause")
def say_pause(
    clock: ZoneInfo,
    pause: Annotated[str, typer.Option(help="law_enforcement, national_security.")],
    start: Annotated[str, typer.Option(help="From when.")],
    asked_by: Annotated[str, typer.Option(help="Who asked for it.")],
    until: Annotated[str | None, typer.Option(help="Until when; none: no end is known.")] = None,
    written: Annotated[bool, typer.Option("--written", help="It was asked in writing.")] = False,
) -> pb.BreachStatement:
    """Holds clocks, for law enforcement for example; said again with --until it ends the pause.

    Example: privacy-service breach pause breach-3f6d12ab9c0e4477 --pause law_enforcement
    --start 2026-06-06T10:00 --asked-by "LKA Berlin" --written --token officer.jwt
    """
    said = pb.PauseStatement(
        pause_id=pause, start=stamp_of(start, clock), asked_by=asked_by, written=written
    )
    if until is not None:
        said.until.CopyFrom(stamp_of(until, clock))
    return pb.BreachStatement(pause=said)


@_statement("extend")
def say_extension(
    clock: ZoneInfo,
    rule: Annotated[str, typer.Option(help="Under which rule.")],
    extension: Annotated[str, typer.Option(help="Which of its extensions.")],
    told_at: Annotated[str, typer.Option(help="When that was told.")],
    reasons: Annotated[str, typer.Option(help="Why.")],
) -> pb.BreachStatement:
    """Takes a longer period, where a rule has one.

    Example: privacy-service breach extend breach-3f6d12ab9c0e4477 --rule us-fl.individuals
    --extension good_cause --told-at 2026-06-20T10:00 --reasons "scope unclear" --token officer.jwt
    """
    return pb.BreachStatement(
        extension=pb.ExtensionStatement(
            rule_id=rule, extension_id=extension, told_at=stamp_of(told_at, clock), reasons=reasons
        )
    )


@_statement("file")
def say_filing(
    clock: ZoneInfo,
    rule: Annotated[str, typer.Option(help="The rule that it answers.")],
    at: Annotated[str, typer.Option(help="When it was filed.")],
    channel: Annotated[str, typer.Option(help="How: portal, e-mail, letter.")],
    reference: Annotated[str, typer.Option(help="What the recipient calls it.")] = "",
    place: Annotated[str, typer.Option(help="At which authority, where there are several.")] = "",
    reasons_for_delay: Annotated[str, typer.Option(help="Why it is late.")] = "",
) -> pb.BreachStatement:
    """Says that a notice or report reached its recipient.

    Example: privacy-service breach file breach-3f6d12ab9c0e4477 --rule eu-gdpr.33-1
    --at 2026-06-07T11:30 --channel portal --reference 12/345 --token officer.jwt
    """
    return pb.BreachStatement(
        filing=pb.FilingStatement(
            rule_id=rule,
            at=stamp_of(at, clock),
            channel=channel,
            reference=reference,
            place=place,
            reasons_for_delay=reasons_for_delay,
        )
    )


@_statement("measure")
def say_measure(
    clock: ZoneInfo,
    what: Annotated[str, typer.Option(help="What, in a word: isolated_host.")],
    says: Annotated[str, typer.Option(help="What was done.")],
    at: Annotated[str, typer.Option(help="When.")],
    contained: Annotated[
        bool, typer.Option("--contained", help="The breach was contained with it.")
    ] = False,
) -> pb.BreachStatement:
    """Says what was done to contain, mitigate or prevent.

    Example: privacy-service breach measure breach-3f6d12ab9c0e4477 --what recalled_mail
    --says "the carrier has deleted the list" --at 2026-06-05T18:10 --contained --token officer.jwt
    """
    return pb.BreachStatement(
        measure=pb.MeasureStatement(
            what=what, at=stamp_of(at, clock), says=says, contained=contained
        )
    )


@_statement("task")
def say_task(
    clock: ZoneInfo,
    task: Annotated[str, typer.Option(help="Its name: ask-carrier.")],
    title: Annotated[str, typer.Option(help="What; not needed with --done.")] = "",
    owner: Annotated[str, typer.Option(help="Who; not needed with --done.")] = "",
    due_on: Annotated[str, typer.Option("--due", help="Until when: YYYY-MM-DD.")] = "",
    corrective: Annotated[
        bool, typer.Option("--corrective", help="It may go on after the breach is closed.")
    ] = False,
    done: Annotated[str, typer.Option(help="It is done, and what was done.")] = "",
) -> pb.BreachStatement:
    """Gives somebody something to do, or says that it is done.

    Example: privacy-service breach task breach-3f6d12ab9c0e4477 --task ask-carrier
    --title "Written confirmation of deletion" --owner legal --due 2026-06-09 --token officer.jwt
    """
    del clock
    if done:
        return pb.BreachStatement(task_done=pb.TaskDoneStatement(task_id=task, says=done))
    require_day(due_on)
    said = pb.TaskStatement(
        task_id=task, title=title, owner=owner, due_date=due_on, corrective=corrective
    )
    return pb.BreachStatement(task=said)


@_statement("close")
def say_closing(
    clock: ZoneInfo,
    causes: Annotated[str, typer.Option(help="What caused it.")],
    lessons: Annotated[str, typer.Option(help="What was learnt.")] = "",
    no_breach: Annotated[
        bool, typer.Option("--no-breach", help="It was found that there was none.")
    ] = False,
) -> pb.BreachStatement:
    """Closes a breach. Refused while something is neither done nor decided.

    Example: privacy-service breach close breach-3f6d12ab9c0e4477 --causes "wrong address book"
    --lessons "exports go through a sharing contract" --token officer.jwt
    """
    del clock
    return pb.BreachStatement(
        closing=pb.ClosingStatement(causes=causes, lessons=lessons, no_breach=no_breach)
    )


@_statement("reopen")
def say_reopening(
    clock: ZoneInfo, reasons: Annotated[str, typer.Option(help="Why.")]
) -> pb.BreachStatement:
    """Opens a closed breach again.

    Example: privacy-service breach reopen breach-3f6d12ab9c0e4477 --reasons "a second list"
    --token officer.jwt
    """
    del clock
    return pb.BreachStatement(reopening=pb.ReopeningStatement(reasons=reasons))
