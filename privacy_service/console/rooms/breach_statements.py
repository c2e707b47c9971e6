"""What is stated about a breach: times, people, risk, filings, clocks that are held, its end …"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from google.protobuf.timestamp_pb2 import Timestamp

from privacy_service.breaches.factors import methods
from privacy_service.console.asking import Ask
from privacy_service.console.blocks import Act, Done, Form, Input, options, spoken
from privacy_service.console.room import path
from privacy_service.console.times import Times
from privacy_service.v1 import breaches_pb2 as pb
from privacy_service.v1.breaches_pb2_grpc import BreachServiceStub as Stub

_TIMES: Final = options(
    "suspicion", "detection", "awareness", "determination", "assessment", "classification",
    "materiality", "causal_link", "handled",
)  # fmt: skip
_YES_NO: Final = options("no", "yes")
_WHEN: Final = "YYYY-MM-DD HH:MM"
_DECIDED: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "edpb": (
        ("risk", "There is a risk for people"),
        ("high_risk", "There is a high risk for people"),
    ),
    "hipaa": (("hipaa_breach", "It is a breach of health information"),),
}
"""What an assessment by each method decides."""

_EVIDENCE: Final = Input(name="evidence", label="On what evidence", most=4_000)
_SAYS: Final = Input(name="says", label="What was done", area=True, most=4_000)


def forms(one: Any, obligations: Any, hidden: Mapping[str, str]) -> list[Form]:
    """What may be stated about a breach, as it is."""
    if spoken(pb.BreachState, one.state) != "open":
        return [
            _form("reopen", "Reopen", hidden, Input(name="reasons", label="Why", most=4_000)),
            *([_task_done(hidden)] if one.tasks else []),
        ]
    regimes = {duty.regime for duty in obligations}
    return [
        *(
            _assessing(method, hidden)
            for method in ("edpb", "hipaa")
            if method == "edpb" or any("hipaa" in regime for regime in regimes)
        ),
        _form(
            "state-time", "State a time", hidden,
            Input(name="name", label="Of", options=_TIMES),
            Input(name="at", label="It was", help=_WHEN),
            _EVIDENCE,
            explains="A time that was said before stays in the timeline.",
        ),
        _form(
            "state-people", "State who is concerned", hidden,
            Input(name="number", label="People in all"),
            Input(name="approximate", label="It is an estimate", check=True, required=False),
            Input(name="residents", label="By place", help="DE=120, US-CA=3", required=False),
            _EVIDENCE,
        ),
        _filing(obligations, hidden),
        _pausing(hidden),
        *_extending(obligations, hidden),
        _form(
            "state-measure", "State a measure", hidden,
            Input(name="what", label="What, in a word", help="rotated_keys, isolated_host"),
            Input(name="at", label="When", help=_WHEN),
            _SAYS,
            Input(name="contained", label="With it, it is contained", check=True, required=False),
        ),
        _form(
            "state-task", "Give a task", hidden,
            Input(name="task", label="Its name", help="small letters and dashes", most=64),
            Input(name="title", label="What", most=200),
            Input(name="owner", label="Whose", most=256),
            Input(name="due", label="Until", help="YYYY-MM-DD", most=10),
            Input(name="corrective", label="It may end after the breach is closed", check=True,
                  required=False),
        ),
        *([_task_done(hidden)] if one.tasks else []),
        _form(
            "close-breach", "Close it", hidden,
            Input(name="causes", label="What caused it", area=True, most=4_000),
            Input(name="lessons", label="What was learnt", area=True, most=4_000, required=False),
            Input(name="none", label="There was no breach", check=True, required=False),
            grave=True,
        ),
    ]  # fmt: skip


def _form(
    act: str,
    title: str,
    hidden: Mapping[str, str],
    *inputs: Input,
    explains: str = "",
    grave: bool = False,
) -> Form:
    return Form(
        act=act, title=title, button=title, explains=explains, inputs=inputs, hidden=hidden,
        folded=True, grave=grave,
    )  # fmt: skip


def _assessing(method: str, hidden: Mapping[str, str]) -> Form:
    said = {"edpb": "EDPB 9/2022", "hipaa": "45 CFR 164.402(2)"}[method]
    return _form(
        f"assess-{method}", f"Assess the risk ({said})", hidden,
        *(
            Input(name=f"factor-{name}", label=asks.capitalize(), area=True, most=4_000)
            for name, asks in methods()[method].items()
        ),
        *(
            Input(name=f"decided-{name}", label=label, options=_YES_NO)
            for name, label in _DECIDED[method]
        ),
        Input(name="decider", label="Who decides", most=256),
        Input(name="reasons", label="Why", area=True, most=4_000),
        explains="That no notice is needed is a decision too, and is kept with its reasons.",
    )  # fmt: skip


def _filing(obligations: Any, hidden: Mapping[str, str]) -> Form:
    rules = sorted(
        {(f"{duty.rule_id}|{duty.place}", f"{duty.title} ({duty.place})") for duty in obligations}
    )
    return _form(
        "state-filing", "State that something was filed", hidden,
        Input(name="rule", label="For", options=tuple(rules)),
        Input(name="at", label="When", help=_WHEN),
        Input(name="channel", label="How", help="portal, e-mail, letter", most=64),
        Input(name="reference", label="What they call it", required=False, most=256),
        Input(name="delay", label="Why it is late", required=False, area=True, most=4_000),
    )  # fmt: skip


def _pausing(hidden: Mapping[str, str]) -> Form:
    return _form(
        "state-pause", "State that clocks are held", hidden,
        Input(
            name="pause", label="By what", most=64,
            help="law_enforcement, national_security; `privacy-service law show RULE` has a rule's",
        ),
        Input(name="at", label="Since", help=_WHEN),
        Input(name="until", label="Until", help=_WHEN, required=False),
        Input(name="asked", label="Who asked for it", most=256),
        Input(name="written", label="In writing", check=True, required=False),
        explains="Said again with an end it ends the pause that began then.",
    )  # fmt: skip


def _extending(obligations: Any, hidden: Mapping[str, str]) -> Iterator[Form]:
    rules = sorted({(duty.rule_id, duty.title) for duty in obligations})
    if rules:
        yield _form(
            "state-extension", "State that a longer period is taken", hidden,
            Input(name="rule", label="For", options=tuple(rules)),
            Input(
                name="extension", label="Which", most=64,
                help="good_cause; `privacy-service law show RULE` has a rule's",
            ),
            Input(name="at", label="Told at", help=_WHEN),
            Input(name="reasons", label="Why", area=True, most=4_000),
        )  # fmt: skip


def _task_done(hidden: Mapping[str, str]) -> Form:
    return _form(
        "task-done", "A task is done", hidden,
        Input(name="task", label="Its name", most=64),
        Input(name="says", label="What was done", area=True, required=False, most=4_000),
    )  # fmt: skip


# -- Acts ---------------------------------------------------------------------------------------

Statement = Callable[[Times, Mapping[str, str]], pb.BreachStatement]


def _stating(make: Statement) -> Any:
    """The act that states what a form says, if nobody has said anything since it was shown."""

    def act(ask: Ask, times: Times, said: Mapping[str, str], request_id: str) -> Done:
        request = pb.RecordStatementRequest(
            breach_id=said["id"],
            statement=make(times, said),
            expected_entry=int(said["entry"]),
            request_id=request_id,
        )
        ask(Stub, "RecordStatement", request)
        return Done(says="Stated.", href=_home(said))

    return act


def _when(times: Times, said: Mapping[str, str]) -> Timestamp:
    at = times.read(said["at"])
    if at is None:
        raise ValueError("a time is missing")
    return at


def _time(times: Times, said: Mapping[str, str]) -> pb.BreachStatement:
    time = pb.TimeStatement(name=said["name"], at=_when(times, said), evidence=said["evidence"])
    return pb.BreachStatement(time=time)


def _people(_times: Times, said: Mapping[str, str]) -> pb.BreachStatement:
    approximate = said["approximate"] == "yes"
    facts = pb.FactsStatement(
        total=pb.PeopleCount(number=int(said["number"]), approximate=approximate),
        evidence=said["evidence"],
    )
    for one in filter(None, (one.strip() for one in said["residents"].split(","))):
        place, _equals, number = one.partition("=")
        count = pb.PeopleCount(number=int(number), approximate=approximate)
        facts.residents[place.strip()].CopyFrom(count)
    return pb.BreachStatement(facts=facts)


def _assessed(method: str) -> Statement:
    def make(_times: Times, said: Mapping[str, str]) -> pb.BreachStatement:
        assessment = pb.AssessmentStatement(
            method=method,
            factors={name: said[f"factor-{name}"] for name in methods()[method]},
            decided={name: said[f"decided-{name}"] == "yes" for name, _ in _DECIDED[method]},
            decider=said["decider"],
            reasons=said["reasons"],
        )
        return pb.BreachStatement(assessment=assessment)

    return make


def _filed(times: Times, said: Mapping[str, str]) -> pb.BreachStatement:
    rule, _bar, place = said["rule"].partition("|")
    filing = pb.FilingStatement(
        rule_id=rule,
        place=place,
        at=_when(times, said),
        channel=said["channel"],
        reference=said["reference"],
        reasons_for_delay=said["delay"],
    )
    return pb.BreachStatement(filing=filing)


def _paused(times: Times, said: Mapping[str, str]) -> pb.BreachStatement:
    return pb.BreachStatement(
        pause=pb.PauseStatement(
            pause_id=said["pause"],
            start=_when(times, said),
            until=times.read(said["until"]),
            asked_by=said["asked"],
            written=said["written"] == "yes",
        )
    )


def _extended(times: Times, said: Mapping[str, str]) -> pb.BreachStatement:
    return pb.BreachStatement(
        extension=pb.ExtensionStatement(
            rule_id=said["rule"],
            extension_id=said["extension"],
            told_at=_when(times, said),
            reasons=said["reasons"],
        )
    )


def _measure(times: Times, said: Mapping[str, str]) -> pb.BreachStatement:
    measure = pb.MeasureStatement(
        what=said["what"],
        at=_when(times, said),
        says=said["says"],
        contained=said["contained"] == "yes",
    )
    return pb.BreachStatement(measure=measure)


def _task(_times: Times, said: Mapping[str, str]) -> pb.BreachStatement:
    task = pb.TaskStatement(
        task_id=said["task"],
        title=said["title"],
        owner=said["owner"],
        due_date=said["due"],
        corrective=said["corrective"] == "yes",
    )
    return pb.BreachStatement(task=task)


def _done(_times: Times, said: Mapping[str, str]) -> pb.BreachStatement:
    done = pb.TaskDoneStatement(task_id=said["task"], says=said["says"])
    return pb.BreachStatement(task_done=done)


def _closed(_times: Times, said: Mapping[str, str]) -> pb.BreachStatement:
    closing = pb.ClosingStatement(
        causes=said["causes"], lessons=said["lessons"], no_breach=said["none"] == "yes"
    )
    return pb.BreachStatement(closing=closing)


def _reopened(_times: Times, said: Mapping[str, str]) -> pb.BreachStatement:
    return pb.BreachStatement(reopening=pb.ReopeningStatement(reasons=said["reasons"]))


def _home(said: Mapping[str, str]) -> str:
    return path("breaches", said["id"])


ACTS: Final = tuple(
    Act(name=name, does=_stating(make), href=_home)
    for name, make in {
        "state-time": _time,
        "state-people": _people,
        "assess-edpb": _assessed("edpb"),
        "assess-hipaa": _assessed("hipaa"),
        "state-filing": _filed,
        "state-pause": _paused,
        "state-extension": _extended,
        "state-measure": _measure,
        "state-task": _task,
        "task-done": _done,
        "close-breach": _closed,
        "reopen": _reopened,
    }.items()
)
