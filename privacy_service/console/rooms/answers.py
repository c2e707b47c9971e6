"""What AI partners answer: whether it is as agreed, how it fails, and what was done about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, Final

from privacy_service.commands.monitors import canary_says, target_of
from privacy_service.console.asking import Ask, part
from privacy_service.console.blocks import (
    Block,
    Cell,
    Facts,
    Links,
    Page,
    Table,
    Tone,
    link,
    spoken,
    word,
)
from privacy_service.console.room import PAGE, Room, Visit, going_on, path
from privacy_service.console.rooms import runs
from privacy_service.console.times import Times, span
from privacy_service.v1 import behavior_pb2, monitors_pb2, playbooks_pb2
from privacy_service.v1.behavior_pb2_grpc import BehaviorServiceStub as Behavior
from privacy_service.v1.monitors_pb2_grpc import MonitorServiceStub as Monitors
from privacy_service.v1.playbooks_pb2_grpc import PlaybookServiceStub as Playbooks

_DAY: Final = 86_400
_SPANS: Final = (("1h", 3_600), ("1d", _DAY), ("7d", 7 * _DAY), ("28d", 28 * _DAY))
"""How far back a page may look, by the word in its address."""
_SAID: Final = {"1h": "hour", "1d": "day", "7d": "7 days", "28d": "28 days"}
_SHARES: Final = (
    ("acceptance_rate", "accepted"),
    ("violation_rate", "broke an expectation"),
    ("abstention_rate", "abstained"),
    ("ask_again_rate", "to be asked again"),
    ("refusal_rate", "refused"),
    ("held_rate", "held for a person"),
)
_MEASURES: Final = (
    ("personal_data_per_thousand", "personal data treated, per thousand"),
    ("mean_confidence", "stated confidence, on average"),
    ("calibration_error", "how far that is from being right"),
    ("mean_words", "words, on average"),
    ("mean_latency_ms", "milliseconds, on average"),
    ("latency_p95_ms", "milliseconds, 19 of 20"),
)
_DRIFTS: Final = ("outcomes", "violations", "confidence", "length", "latency", "personal_data")
_SEVERE: Final = {"critical": Tone.BAD, "high": Tone.BAD, "medium": Tone.SOON}
_MODES: Final = 200


def listed(visit: Visit) -> Page:
    """Every behavior contract with how it is kept, and what is open."""
    return Page(
        title="What AI partners answer",
        room="answers",
        blocks=[
            part("Contracts", lambda: _contracts(visit)),
            part("In the way of checks", lambda: runs.curbs(visit.ask, visit.times, "")),
            part("Open runs", lambda: runs.open_runs(visit.ask, visit.times, "")),
            part("How they failed", lambda: _failures(visit, "", 30 * _DAY, "the last 30 days")),
        ],
    )


def _contracts(visit: Visit) -> Table:
    request = behavior_pb2.ListBehaviorContractsRequest(page_size=PAGE, page_token=visit.page_token)
    answer = visit.ask(Behavior, "ListBehaviorContracts", request)
    stopped = _stopped(visit.ask)
    return Table(
        title="The last day",
        heads=("contract", "party", "asks", "now", "outputs", "accepted", "broke something",
               "error budget"),
        rows=[_contract(visit, one, stopped) for one in answer.contracts],
        empty="None yet: docs/behavior.md says how to write one.",
        next_href=going_on("answers", visit, answer.next_page_token),
    )  # fmt: skip


def _contract(visit: Visit, one: Any, stopped: Mapping[str, str]) -> tuple[Cell, ...]:
    found = _monitors(visit.ask, one.contract_id, _DAY)
    outputs = [each for each in found.series if each.side == "output"]
    checks = sum(each.checks for each in outputs)
    spent = max((each.budget_spent for each in found.objectives), default=None)
    return (
        link(one.contract_id, path("answers", one.contract_id)),
        word(one.party),
        word(one.provider),
        _now(found, stopped.get(one.contract_id, ""), suspended=one.suspended),
        word(checks),
        word(_share(outputs, "acceptance_rate") if checks else ""),
        word(_share(outputs, "violation_rate") if checks else ""),
        word("") if spent is None else _budget(spent),
    )


def _now(found: Any, stopped: str, *, suspended: bool) -> Cell:
    if suspended:
        return word("suspended", Tone.BAD)
    wrong = _wrong(found)
    if stopped or wrong:
        return Cell(text=stopped or "fails", tone=Tone.BAD, more=wrong)
    return word("works", Tone.GOOD)


def _wrong(found: Any) -> tuple[str, ...]:
    """What is not as agreed now: failures over a window, and error budgets that are used up."""
    return (
        *(
            f"{one.failure_id} fires{_under(found, one.version)}"
            for one in found.windows
            if one.fires
        ),
        *(
            f"the error budget of `{one.objective_id}` is used up"
            for one in found.objectives
            if one.budget_spent >= 1
        ),
        *(
            f"`{one.criterion_id}` is missed: {one.says or one.signal}"
            for one in found.criteria
            if one.standing == monitors_pb2.CRITERION_STANDING_MISSED
        ),
    )


def _under(found: Any, version: int) -> str:
    """Said of what is the canary's."""
    return f" under the canary, version {version}" if version == found.canary_version else ""


def _share(series: Any, signal: str) -> str:
    """A share over several series, each with the weight of its checks."""
    checks = sum(one.checks for one in series)
    return f"{sum(one.signals[signal] * one.checks for one in series) / checks:.1%}"


def _budget(spent: float) -> Cell:
    tone = Tone.BAD if spent >= 1 else Tone.SOON if spent >= 0.75 else Tone.PLAIN
    return word(f"{spent:.0%} spent", tone)


def _stopped(ask: Ask) -> dict[str, str]:
    """What stands in the way of each contract's checks, in a word."""
    request = playbooks_pb2.ListCurbsRequest(page_size=1_000)
    return {
        one.contract_id: runs.curb_says(one) for one in ask(Playbooks, "ListCurbs", request).curbs
    }


def _monitors(ask: Ask, contract_id: str, seconds: int) -> Any:
    request = monitors_pb2.GetMonitorsRequest(contract_id=contract_id, last_seconds=seconds)
    return ask(Monitors, "GetMonitors", request)


# -- One contract -------------------------------------------------------------------------------


def shown(visit: Visit) -> Page:
    """How one contract is kept: now, over a time, and what can be done."""
    contract_id = visit.names["id"]
    back = visit.query.get("last", "")
    back = back if back in _SAID else "1d"
    seconds = dict(_SPANS)[back]
    found = _monitors(visit.ask, contract_id, seconds)
    said = f"the last {_SAID[back]}"
    blocks: list[Block] = [
        _others(contract_id, back),
        *_criteria(found),
        part("In the way of checks", lambda: runs.curbs(visit.ask, visit.times, contract_id)),
        *runs.lifts(visit.ask, contract_id),
        part("Open runs", lambda: runs.open_runs(visit.ask, visit.times, contract_id)),
        *_objectives(found),
        *_windows(found),
        *_series(found, said),
        part("How it fails", lambda: _failures(visit, contract_id, seconds, said)),
        part("How right it was", lambda: _accuracies(visit, contract_id, seconds)),
        *runs.acting(visit.ask, contract_id),
    ]
    curbed = _stopped(visit.ask).get(contract_id, "")
    return Page(
        title=f"Answers under {contract_id}", room="answers", blocks=blocks,
        lead=_lead(found, curbed, said),
    )  # fmt: skip


def _lead(found: Any, curbed: str, said: str) -> Cell:
    wrong = _wrong(found)
    outputs = [one for one in found.series if one.side == "output"]
    checks = sum(one.checks for one in outputs)
    kept = "No output was checked" if not checks else (
        f"{_share(outputs, 'acceptance_rate')} of {checks} outputs were accepted"
    )  # fmt: skip
    rates = f"{kept} in {said}."
    if found.canary_version:
        rates = f"{rates} {canary_says(found).capitalize()}."
    if curbed:
        return Cell(text=f"It is held up: {curbed}.", tone=Tone.BAD, more=(*wrong, rates))
    if wrong:
        return Cell(text="It is not as agreed.", tone=Tone.BAD, more=(*wrong, rates))
    return Cell(text=rates, more=("Nothing fires, and nothing stands in its way.",))


def _others(contract_id: str, back: str) -> Links:
    spans = [
        word(f"the last {_SAID[name]}")
        if name == back
        else link(f"the last {_SAID[name]}", path("answers", contract_id, last=name))
        for name, _seconds in _SPANS
    ]
    return Links(title="See", links=[*spans, link("its terms", path("contracts", contract_id))])


def _criteria(found: Any) -> Iterator[Block]:
    """What counts as success, first of all that the contract is about."""
    if found.criteria:
        yield Table(
            title="Success",
            heads=("criterion", "target", "over", "outputs", "is", "stands"),
            rows=[
                (
                    Cell(
                        text=one.says or one.criterion_id,
                        more=(f"{one.signal}, {one.use_case or 'all use cases'}",),
                    ),
                    word(target_of(one)),
                    word(span(timedelta(seconds=one.over_seconds))),
                    word(one.checks),
                    word(f"{one.value:.4g}" if one.HasField("value") else ""),
                    _stands(one.standing),
                )
                for one in found.criteria
            ],
            empty="",
        )


def _stands(number: int) -> Cell:
    said = spoken(monitors_pb2.CriterionStanding, number)
    return {
        "met": word("reached", Tone.GOOD),
        "within": word("not quite, within what may be", Tone.SOON),
        "missed": word("missed", Tone.BAD),
    }.get(said, word("nothing to tell it by yet"))


def _objectives(found: Any) -> Iterator[Block]:
    if found.objectives:
        yield Table(
            title="Objectives",
            heads=("objective", "of outputs have to be good", "over", "outputs", "bad",
                   "error budget"),
            rows=[
                (
                    word(one.objective_id), word(f"{one.share:.2%}"),
                    word(span(timedelta(seconds=one.over_seconds))), word(one.checks),
                    word(one.bad), _budget(one.budget_spent),
                )
                for one in found.objectives
            ],
            empty="",
        )  # fmt: skip


def _windows(found: Any) -> Iterator[Block]:
    if found.windows:
        yield Table(
            title="Failures over a window",
            heads=("failure", "severity", "window", "checks in it", "fires", "run"),
            rows=[
                (
                    Cell(
                        text=one.failure_id,
                        href=_mode(found.contract_id, one.failure_id),
                        more=(f"version {one.version}",),
                    ),
                    _severity(one.severity),
                    word(span(timedelta(seconds=one.window_seconds))),
                    Cell(
                        text=str(one.checks),
                        more=()
                        if one.checks >= one.least
                        else (f"says nothing with fewer than {one.least}",),
                    ),
                    word("yes", Tone.BAD) if one.fires else word("no"),
                    link(one.run_id, path("runs", one.run_id)) if one.run_id else word(""),
                )
                for one in found.windows
            ],
            empty="",
        )


def _series(found: Any, said: str) -> Iterator[Block]:
    series = sorted(found.series, key=lambda one: (one.side, one.use_case, -one.version))
    heads = ("", *(_of(one) for one in series))
    rows = [(word("checks"), *(word(one.checks) for one in series))]
    rows += [
        (word(label), *(word(f"{one.signals[name]:.1%}") for one in series))
        for name, label in _SHARES
    ]
    rows += [(word(label), *(_measure(one, name) for one in series)) for name, label in _MEASURES]
    rows += [
        (
            word(f"drift of {name.replace('_', ' ')}"),
            *(_drift(one.signals[f"drift_{name}"]) for one in series),
        )
        for name in _DRIFTS
    ]
    yield Table(
        title=f"Rates and drift over {said}",
        heads=heads,
        rows=rows if series else [],
        empty=f"No checks were counted in {said}.",
    )
    broken = [
        (word(_of(one)), word(name), word(f"{rate:.1%}"))
        for one in series
        for name, rate in sorted(one.broken_rate.items(), key=lambda item: -item[1])
    ]
    if broken:
        yield Table(
            title="Expectations that were broken",
            heads=("of", "expectation", "share"),
            rows=broken,
            empty="",
        )


def _of(one: Any) -> str:
    use_case = f", {one.use_case}" if one.use_case else ""
    return f"{one.side}s{use_case}, version {one.version}"


def _measure(one: Any, name: str) -> Cell:
    if name not in one.signals:
        right = name == "calibration_error"
        return word("not known: nobody said " + ("how checks really were" if right else "it"))
    value = one.signals[name]
    return word(f"{value:,.0f}" if value >= 100 else f"{value:.3g}")


def _drift(far: float) -> Cell:
    return word(f"{far:.2f}", Tone.SOON) if far else word("none")


def _severity(number: int) -> Cell:
    said = spoken(behavior_pb2.Severity, number)
    return word(said, _SEVERE.get(said, Tone.PLAIN))


def _failures(visit: Visit, contract_id: str, seconds: int, said: str) -> Table:
    """The catalogue, what fired most first; over all contracts only what fired or was reported."""
    found = [
        one
        for one in _modes(visit, contract_id, seconds).failures
        if contract_id or one.fired or one.reported
    ]
    found.sort(key=lambda one: (-one.fired, -one.severity))
    heads = ("failure", "what it is", "severity", "fired", "last", "reported", "answered by")
    return Table(
        title=f"How it failed in {said}" if contract_id else f"How they failed in {said}",
        heads=heads if contract_id else ("contract", *heads),
        rows=[
            _failure(one, visit.times)
            if contract_id
            else (link(one.contract_id, path("answers", one.contract_id)),
                  *_failure(one, visit.times))
            for one in found
        ],
        empty="The contract names no failure modes." if contract_id else "No failure mode fired.",
    )  # fmt: skip


def _failure(one: Any, times: Times) -> tuple[Cell, ...]:
    reported = tuple(
        f"{each.count} {spoken(behavior_pb2.OutcomeKind, each.kind)}" for each in one.reported
    )
    return (
        link(one.failure_id, _mode(one.contract_id, one.failure_id)),
        Cell(text=one.category, more=(one.symptoms,) if one.symptoms else ()),
        _severity(one.severity) if one.fired else word(spoken(behavior_pb2.Severity, one.severity)),
        word(one.fired, Tone.SOON if one.fired else Tone.PLAIN),
        times.at(one.last_fire_time),
        Cell(text="", more=reported),
        word(" · ".join(filter(None, (one.remedy, one.playbook)))),
    )


def _modes(visit: Visit, contract_id: str, seconds: int) -> Any:
    request = behavior_pb2.ListFailureModesRequest(contract_id=contract_id, page_size=_MODES)
    until = visit.times.now()
    request.since.FromDatetime(until - timedelta(seconds=seconds))
    request.until.FromDatetime(until)
    return visit.ask(Behavior, "ListFailureModes", request)


def _accuracies(visit: Visit, contract_id: str, seconds: int) -> Table:
    found = _modes(visit, contract_id, seconds).accuracies
    return Table(
        title="How right each expectation was, by what people said afterwards",
        heads=("expectation", "truly broken, not noticed", "called broken, truly kept"),
        rows=[
            (
                word(one.expectation_id),
                word(f"{one.missed} of {one.missed + one.noticed}"),
                word(f"{one.alarmed} of {one.alarmed + one.passed}"),
            )
            for one in found
        ],
        empty="Nobody has said how a check really was: `privacy-service behavior outcome`.",
    )


# -- One failure mode ---------------------------------------------------------------------------


def failure(visit: Visit) -> Page:
    """One failure mode: what it means, when it fired, what answers it."""
    contract_id, failure_id = visit.names["id"], visit.names["failure"]
    request = behavior_pb2.GetFailureModeRequest(contract_id=contract_id, failure_id=failure_id)
    until = visit.times.now()
    request.since.FromDatetime(until - timedelta(days=90))
    request.until.FromDatetime(until)
    one = visit.ask(Behavior, "GetFailureMode", request).failure
    return Page(
        title=f"{failure_id} of {contract_id}",
        room="answers",
        lead=Cell(text=one.symptoms or one.category, more=(one.impact,) if one.impact else ()),
        blocks=[
            Facts(
                title="",
                facts=[
                    ("contract", link(contract_id, path("answers", contract_id))),
                    ("category", word(one.category)),
                    ("severity", _severity(one.severity)),
                    ("fires when", word(one.condition)),
                    ("then", word(one.remedy)),
                    ("playbook", word(one.playbook)),
                    ("owner", word(one.owner)),
                    ("last", visit.times.at(one.last_fire_time)),
                ],
            ),
            Table(
                title=f"Fired {one.fired} times in 90 days",
                heads=("day", "times"),
                rows=[
                    (word(day), word(many))
                    for day, many in sorted(one.fired_by_day.items(), reverse=True)
                ],
                empty="Never.",
            ),
            *runs.starting(visit.ask, contract_id, one.playbook),
        ],
    )


def _mode(contract_id: str, failure_id: str) -> str:
    return path("answers", contract_id, "failures", failure_id)


# -- Acts ---------------------------------------------------------------------------------------


ROOM: Final = Room(
    name="answers",
    title="AI answers",
    home="/answers",
    group="Partners",
    pages={
        "/answers": listed,
        "/answers/{id}": shown,
        "/answers/{id}/failures/{failure}": failure,
        "/runs/{id}": runs.shown,
    },
    acts=runs.ACTS,
)
