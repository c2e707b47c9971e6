"""The behavior contract: what an AI partner may be asked and may answer, as one immutable value.

It stands beside the sharing contract of the same two partners, which says what happens to personal
data. Expectations say what a good prompt or output is; what breaks one has a remedy. Failure modes
say what it means when several things come together, and their remedies come on top.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import Enum, StrEnum

from privacy_service.contracts.governance import UNGOVERNED, Governance


class Side(StrEnum):
    """Which of the two an expectation is about."""

    PROMPT = "prompt"
    OUTPUT = "output"


class Severity(StrEnum):
    """How bad it is when it happens, from bad to worst."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """Its place in the order."""
        return list(Severity).index(self)


class Category(StrEnum):
    """What kind of failure it is."""

    HALLUCINATION = "hallucination"
    MISREAD_INTENT = "misread-intent"
    PRIVATE_DATA = "private-data"
    SECRET = "secret"  # noqa: S105 - a category, not one
    INJECTION = "injection"
    UNSAFE = "unsafe"
    BIAS = "bias"
    OUT_OF_SCOPE = "out-of-scope"
    FORMAT = "format"
    STYLE = "style"
    REFUSAL = "refusal"
    UNCERTAIN = "uncertain"
    LATENCY = "latency"
    DRIFT = "drift"
    OTHER = "other"


class RemedyKind(Enum):
    """What is done about it. In order of strictness: where several are due, the last one wins."""

    NOTE = "note"
    """It is said in the answer and recorded; nothing else."""
    REDACT = "redact"
    """What broke the expectation is replaced by a placeholder."""
    HOLD = "hold"
    """What would be released waits for a person, who releases it, edits it or refuses it."""
    ASK_AGAIN = "ask-again"
    """Nothing is released; the answer says what to ask the model for."""
    REPLACE = "replace"
    """A safe answer of the contract's takes its place."""
    ABSTAIN = "abstain"
    """A sentence of the contract's says that there is no answer."""
    REFUSE = "refuse"
    """Nothing is released."""

    @property
    def strictness(self) -> int:
        """Its place in the order."""
        return list(RemedyKind).index(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """What is done, and the words for it: what to ask for (`ask-again`), or what is said instead
    (`replace`, `abstain`).
    """

    kind: RemedyKind
    say: str | None = None


# -- What is expected -------------------------------------------------------------------------


class Unit(StrEnum):
    """What a length counts."""

    CHARACTERS = "characters"
    """Code points."""
    WORDS = "words"
    SENTENCES = "sentences"
    ITEMS = "items"
    """The elements of a JSON array; in other texts, the lines that start as items of a list."""
    TOKENS = "tokens"
    """What a tokenizer of the operator's makes of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """The form: its media type, its JSON Schema (draft 2020-12), an RE2 pattern for all of it, or
    the texts that it may be. What is None is not asked.
    """

    media_type: str | None = None
    schema: Mapping[str, object] | None = field(default=None, hash=False)
    matches: str | None = None
    one_of: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Length:
    """At least and at most so many of a unit; tokens are those of the tokenizer that is named."""

    unit: Unit
    least: int | None = None
    most: int | None = None
    tokenizer: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """One of these languages (ISO 639-1). A text too short to tell is in any."""

    one_of: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Readability:
    """At most so hard to read, by LIX (Bjornsson 1968): below 30 very easy, above 60 very hard."""

    most_lix: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """Phrases that must or must not stand there: whole words, in any case and any disguise."""

    require: tuple[str, ...] = ()
    forbid: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Patterns:
    """RE2 patterns that must or must not be found."""

    require: tuple[str, ...] = ()
    forbid: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A topic that is known by its words, and by RE2 patterns."""

    name: str
    words: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Topics:
    """None of these topics."""

    forbid: tuple[Topic, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Citations:
    """References as `[id]` to the sources that came with the request: all of them there, and at
    least so many.
    """

    least: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotes:
    """What stands in quotation marks and has at least so many words stands in a source, word for
    word.
    """

    words: int = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounding:
    """What is said comes from the sources or the prompt: `numbers`, `names` (people, places and
    organizations that the detector finds), and at least `share` of the words that say something.
    """

    numbers: bool = False
    names: bool = False
    share: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoSecrets:
    """No key, password or other secret of any kind that the detector knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoInjection:
    """No sign of text that would give the model other orders; `most` is the score that is borne,
    from 0 to 1.
    """

    most: float = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class NoPromptLeak:
    """No `words` words in a row of the system prompt, in any disguise."""

    words: int = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A tool that may be called, and the JSON Schema of its arguments (None: any object)."""

    name: str
    arguments: Mapping[str, object] | None = field(default=None, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCalls:
    """Calls of these tools only, with arguments that fit."""

    allow: tuple[Tool, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tone:
    """At most so many of what tells a tone: exclamation marks, question marks, words in capitals,
    pictures (emoji), and words of apology. What is None is not asked.
    """

    exclamations: int | None = None
    questions: int | None = None
    shouting: int | None = None
    emoji: int | None = None
    apologies: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Classified:
    """No label of a classifier of yours scores more than is borne, from 0 to 1."""

    name: str
    most: Mapping[str, float] = field(hash=False)


Must = (
    Format
    | Length
    | Language
    | Readability
    | Wording
    | Patterns
    | Topics
    | Citations
    | Quotes
    | Grounding
    | NoSecrets
    | NoInjection
    | NoPromptLeak
    | ToolCalls
    | Classified
    | Tone
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """One thing that is expected of a side, and what is done where it is not so."""

    id: str
    side: Side
    must: Must
    otherwise: Remedy
    severity: Severity = Severity.MEDIUM


@dataclass(frozen=True, slots=True, kw_only=True)
class Confidence:
    """What the confidence that the caller states, from 0 to 1, comes to.

    At least `answer`: as it is. At least `partial`: released, and marked partial. At least
    `person`, where there is one: a person decides. Less: `say` in its place. A caller that states
    none is treated as if it stated `unstated`.
    """

    answer: float
    partial: float
    say: str
    unstated: float = 0.0
    person: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """Who is told, at these mailboxes, where nobody has decided so long `after` it was due."""

    role: str
    to: tuple[str, ...]
    after: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """What whoever decides or judges has to have acknowledged, and not longer ago than `valid`
    (None: once and for all).
    """

    id: str
    title: str
    valid: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Who answers for it on either side, and where whoever uses it or disagrees with it is heard.
    For people.
    """

    party: tuple[str, ...] = ()
    provider: tuple[str, ...] = ()
    feedback: str | None = None
    dissent: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewing:
    """How what is held waits for a person.

    It waits `within`; then `otherwise` is done (REFUSE or ABSTAIN). Somebody should have decided
    by `due` (None: by the end). From the severity `four_eyes` on, two people must approve (None:
    one does). Where there are `reasons`, a decision names one of them. `escalation` is in order of
    time. Nobody decides or judges without the `training`. What was approved is kept for `keep`,
    with the intent, the rationale and all that came along, and never longer than the service keeps
    what it is not told about (None: as long as that).
    """

    within: timedelta = timedelta(days=1)
    due: timedelta | None = None
    otherwise: Remedy = Remedy(kind=RemedyKind.REFUSE)
    four_eyes: Severity | None = None
    reasons: tuple[str, ...] = ()
    escalation: tuple[Escalation, ...] = ()
    training: tuple[Training, ...] = ()
    keep: timedelta | None = None


# -- Windows ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The checks of one side of the last time, under the version that says it: the one in force, or
    a canary. With fewer than `least` of them nothing is said. `use_case` None: of all.
    """

    last: timedelta
    least: int = 30
    side: Side = Side.OUTPUT
    use_case: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """With what a window is compared: the checks of the time before it, `before` long, under any
    version; or those from `since` until `until`.
    """

    before: timedelta | None = None
    since: datetime | None = None
    until: datetime | None = None
    significance: float = 0.001


class Good(StrEnum):
    """Which outputs an objective counts as good."""

    KEPT = "kept"
    """Those that break nothing."""
    ACCEPTED = "accepted"
    """Those that were released and did not abstain."""
    ANSWERED = "answered"
    """Those for which something was released, the contract's words too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """At least this share of outputs is good, over a time. What may be bad is the error budget."""

    id: str
    good: Good
    share: float
    over: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitor:
    """How the contract's checks are watched."""

    baseline: Baseline | None = None
    objectives: tuple[Objective, ...] = ()


# -- Playbooks --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Halt:
    """Nothing passes. After `half_open_after`, `probes` checks are let through: where none of them
    fails, all pass again, else it waits anew. None: until a person resumes it.
    """

    half_open_after: timedelta | None = None
    probes: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Throttle:
    """At most so many checks pass in a time."""

    most: int
    per: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class FallBack:
    """Another partner is to be asked, `provider`; None: the last good version of the contract
    judges, which is the newest earlier one under which the failure never started a run.
    """

    provider: str | None = None


@dataclass(frozen=True, slots=True)
class HaltCollection:
    """No prompt goes to the provider, so that it is given nothing more about anybody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notify:
    """People are mailed. `says` may name `{run}`, `{contract}`, `{failure}`, `{severity}`,
    `{provider}`, `{party}` and `{playbook}`.
    """

    to: tuple[str, ...]
    says: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenIncident:
    """A breach is opened at the breach desk. `natures` are those of `breaches/`."""

    natures: tuple[str, ...] = ()


class TaskKind(StrEnum):
    """What a person has to do."""

    RETRAINING = "retraining"
    RULE = "rule"
    POST_MORTEM = "post-mortem"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A person has to do something, and show that it was done."""

    kind: TaskKind
    title: str
    owner: str


Act = Remedy | Halt | Throttle | FallBack | HaltCollection | Notify | OpenIncident | Task
"""What a step does. A Remedy decides about the answer itself, in the path."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a playbook. `within` is its time limit, counted from when it is its turn."""

    act: Act
    within: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """How soon it is to be detected, contained and resolved. None: not aimed at."""

    detect: timedelta | None = None
    contain: timedelta | None = None
    resolve: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Playbook:
    """What is done about a failure, step by step."""

    id: str
    title: str
    owner: str | None = None
    targets: Targets = Targets()
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskShare:
    """The share of the answers for which a CEL condition over the signals holds."""

    when: str
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """Which released outputs people look at afterwards: `share` of all, more where one is risky.

    Of these, the share `double` is looked at by two people. A sample waits `within`; whoever looks
    at it gives it one of the `labels`.
    """

    share: float = 0.0
    risk: tuple[RiskShare, ...] = ()
    double: float = 0.0
    within: timedelta = timedelta(days=14)
    labels: tuple[str, ...] = ("good", "minor", "bad")


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureMode:
    """A way in which the partner fails.

    `when` is a CEL condition over the signals of a check (`signals.py`) or, with `over`, over those
    of a window (`windows.py`). `playbook` is run where it fires.
    `symptoms` and `impact` are for people.
    """

    id: str
    category: Category
    severity: Severity
    when: str
    remedy: Remedy
    symptoms: str | None = None
    impact: str | None = None
    owner: str | None = None
    playbook: str | None = None
    over: Window | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """What counts as success: a signal of windows, over a time, is at least or at most a target,
    give or take `variance`. `use_case` None: whatever the use case. `says` is for people.
    """

    id: str
    signal: str
    over: timedelta
    at_least: float | None = None
    at_most: float | None = None
    variance: float = 0.0
    use_case: str | None = None
    says: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What the partner is used for. `use_cases` are the ones that a request may name."""

    use_cases: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    audiences: tuple[str, ...] = ()
    out_of_scope: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    success: tuple[Criterion, ...] = ()


class Outcome(StrEnum):
    """What became of a prompt or an output."""

    ACCEPTED = "ACCEPTED"
    """Released as it came."""
    TREATED = "TREATED"
    """Released, changed."""
    PARTIAL = "PARTIAL"
    """Released, changed or not, and marked as less than a whole answer."""
    ABSTAINED = "ABSTAINED"
    """A sentence of the contract's stands in its place."""
    HELD = "HELD"
    """Not released yet: it waits for a person."""
    ASK_AGAIN = "ASK_AGAIN"
    """Not released; the model should be asked again."""
    REFUSED = "REFUSED"
    """Not released."""

    @property
    def releases(self) -> bool:
        """Whether there is something to pass on."""
        return self not in (Outcome.HELD, Outcome.ASK_AGAIN, Outcome.REFUSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What an answer may rest on: its id, by which it is cited, and its text."""

    id: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A prompt or an output, and what the contract makes of it; run by `behavior test`.

    `broken` are the expectations that it breaks (None: not compared), `failures` the failure modes
    that fire.
    """

    name: str
    side: Side
    content_type: str
    content: str
    outcome: Outcome | None = None
    broken: tuple[str, ...] | None = None
    failures: tuple[str, ...] | None = None
    prompt: str | None = None
    system_prompt: str | None = None
    sources: tuple[Source, ...] = ()
    confidence: float | None = None
    use_case: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Streaming:
    """How outputs may stream.

    `may_break_off`: what stands before the place at which an expectation is broken may be out when
    it is found. Else whatever takes the text back holds the whole of it.
    """

    may_break_off: bool = False


class Status(StrEnum):
    """Whether the party lets the contract work. Suspended: everything under it is refused."""

    ACTIVE = "active"
    SUSPENDED = "suspended"


@dataclass(frozen=True, slots=True, kw_only=True)
class BehaviorContract:
    """What one partner (`party`) expects of the AI of another (`provider`), in a span of time.

    `personal_data_purpose` is the purpose of the sharing contract by which personal data in
    prompts and outputs is treated; None: personal data is not looked at here.
    """

    id: str
    title: str
    party: str
    provider: str
    status: Status = Status.ACTIVE
    effective_from: datetime
    effective_until: datetime | None = None
    review_by: date | None = None
    owner: str | None = None
    governance: Governance = UNGOVERNED
    scope: Scope = Scope()
    personal_data_purpose: str | None = None
    expectations: tuple[Expectation, ...] = ()
    confidence: Confidence | None = None
    failure_modes: tuple[FailureMode, ...] = ()
    review: Reviewing = Reviewing()
    streaming: Streaming | None = None
    sampling: Sampling | None = None
    people: People = People()
    examples: tuple[Example, ...] = ()
    playbooks: tuple[Playbook, ...] = ()
    monitor: Monitor = Monitor()

    def playbook_of(self, mode: FailureMode) -> Playbook | None:
        """The playbook that a failure mode of its starts, if one."""
        return next((one for one in self.playbooks if one.id == mode.playbook), None)
