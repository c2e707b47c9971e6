"""The shape of a behavior contract's YAML: what an editor completes, and what is checked first.

These models never leave the reader: it turns them into `model.py`'s dataclasses at once. The
published JSON Schema (`schema.py`) is made from them, so each key has its description here.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Discriminator, Field, StringConstraints, Tag, model_validator

from privacy_service.behavior.model import (
    Category,
    Good,
    Outcome,
    Severity,
    Side,
    Status,
    TaskKind,
    Unit,
)
from privacy_service.contracts import values
from privacy_service.contracts.shape import (
    ContractId,
    Day,
    FixedDuration,
    GovernanceShape,
    Instant,
    PartnerName,
    Purpose,
    Title,
)
from privacy_service.contracts.shape_treatments import Shape

Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9._-]{0,62}[a-z0-9])?$")]
Sentence = Annotated[str, StringConstraints(min_length=1, max_length=4000)]
Phrase = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"\S")]
Pattern = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
LanguageCode = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]
Share = Annotated[float, Field(ge=0, le=1)]
MailAddress = Annotated[str, StringConstraints(pattern=r"^[^@\s<>,;]{1,64}@[^@\s<>,;]{1,189}$")]
JsonSchema = dict[str, Any]
_MANY = 2000


# -- Remedies ---------------------------------------------------------------------------------

RemedyWord = Literal["note", "redact", "hold", "ask-again", "refuse"]


class SaidRemedy(Shape):
    """A remedy with its words: one key."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1, "maxProperties": 1})

    ask_again: Sentence | None = Field(
        default=None, alias="ask-again", description="What to ask the model for."
    )
    replace: Sentence | None = Field(default=None, description="The safe answer in its place.")
    abstain: Sentence | None = Field(
        default=None, description="The sentence that says that there is no answer."
    )

    @model_validator(mode="after")
    def _is_one(self) -> SaidRemedy:
        if len(self.model_fields_set) != 1:
            raise values.wrong("a remedy is one thing", "leave one of the keys")
        return self


def _remedy_form(written: object) -> str:
    return "mapping" if isinstance(written, dict) else "word"


RemedyShape = Annotated[
    Annotated[RemedyWord, Tag("word")] | Annotated[SaidRemedy, Tag("mapping")],
    Discriminator(_remedy_form),
]
REMEDIES_WITH_WORDS = {
    "replace": "write {replace: What is said instead.}",
    "abstain": "write {abstain: That there is no answer.}",
}


# -- Expectations -----------------------------------------------------------------------------


class FormatShape(Shape):
    """The form of it. What is left out is not asked."""

    media_type: str | None = Field(
        default=None,
        max_length=100,
        description="Its media type, without parameters.",
        examples=["application/json"],
    )
    json_schema: JsonSchema | None = Field(
        default=None, description="A JSON Schema (draft 2020-12). A $ref leads within it."
    )
    matches: Pattern | None = Field(
        default=None, description="An RE2 pattern that all of it matches.", examples=["[A-Z]{3}"]
    )
    one_of: list[str] | None = Field(
        default=None,
        min_length=1,
        max_length=_MANY,
        description="The texts that it may be.",
        examples=[["yes", "no", "unknown"]],
    )


class LengthShape(Shape):
    """At least and at most so many of a unit."""

    unit: Unit = Field(strict=False, description="What is counted.", examples=["words"])
    least: int | None = Field(default=None, ge=0, description="At least so many.")
    most: int | None = Field(default=None, ge=0, description="At most so many.")
    tokenizer: Id | None = Field(
        default=None,
        description="Whose tokens, in PRIVACY_DETECTION__TOKENIZERS.",
        examples=["assistant"],
    )


class LanguageShape(Shape):
    """The languages that it may be in."""

    one_of: list[LanguageCode] = Field(
        min_length=1, max_length=50, description="ISO 639-1 codes.", examples=[["en", "de"]]
    )


class ReadabilityShape(Shape):
    """At most so hard to read."""

    most_lix: int = Field(
        ge=10,
        le=120,
        description="LIX: 30 is easy, 40 a newspaper, 50 hard, 60 very hard.",
        examples=[45],
    )


class WordingShape(Shape):
    """Phrases, as whole words in any case."""

    require: list[Phrase] = Field(
        default=[], max_length=_MANY, description="Each must stand in it."
    )
    forbid: list[Phrase] = Field(default=[], max_length=_MANY, description="None may.")


class PatternsShape(Shape):
    """RE2 patterns."""

    require: list[Pattern] = Field(default=[], max_length=200, description="Each must be found.")
    forbid: list[Pattern] = Field(default=[], max_length=200, description="None may.")


class TopicShape(Shape):
    """A topic by its words and patterns."""

    name: Title = Field(description="What it is called.", examples=["legal advice"])
    words: list[Phrase] = Field(
        default=[], max_length=_MANY, description="Words and phrases that tell it."
    )
    patterns: list[Pattern] = Field(
        default=[], max_length=200, description="RE2 patterns that tell it."
    )


class TopicsShape(Shape):
    """Topics that are none of its business."""

    forbid: list[TopicShape] = Field(min_length=1, max_length=200, description="The topics.")


class CitationsShape(Shape):
    """References, as [id], to the sources of the request."""

    least: int = Field(default=0, ge=0, le=1000, description="At least so many.")


class QuotesShape(Shape):
    """Quotations stand in a source, word for word."""

    words: int = Field(
        default=4, ge=1, le=100, description="Quotations of at least so many words are looked up."
    )


class GroundingShape(Shape):
    """What is said comes from the sources or the prompt."""

    numbers: bool = Field(default=False, description="Every number does.")
    names: bool = Field(default=False, description="Every person, place and organization does.")
    share: Share | None = Field(
        default=None, description="At least this share of the words that say something does."
    )


class SecretsShape(Shape):
    """No key, password or other secret."""


class InjectionShape(Shape):
    """It does not read like orders to a model."""

    most: Share = Field(default=0.5, description="The score that is borne.")


class PromptLeakShape(Shape):
    """Nothing of the system prompt stands in it."""

    words: int = Field(default=8, ge=3, le=200, description="So many words in a row are too many.")


class ToolShape(Shape):
    """A tool that may be called."""

    name: str = Field(min_length=1, max_length=128, description="Its name.")
    arguments: JsonSchema | None = Field(
        default=None, description="The JSON Schema of its arguments. Left out: any object."
    )


class ToolCallsShape(Shape):
    """Calls of tools, and nothing else."""

    allow: list[ToolShape] = Field(min_length=1, max_length=500, description="The tools.")


class ToneShape(Shape):
    """At most so many of what tells a tone. What is left out is not asked."""

    exclamations: int | None = Field(default=None, ge=0, description="Exclamation marks.")
    questions: int | None = Field(default=None, ge=0, description="Question marks.")
    shouting: int | None = Field(
        default=None, ge=0, description="Words of four letters and more, all in capitals."
    )
    emoji: int | None = Field(default=None, ge=0, description="Pictures.")
    apologies: int | None = Field(
        default=None, ge=0, description="Words of apology, in eight languages."
    )


class ClassifierShape(Shape):
    """What a classifier of yours may at most say."""

    name: Id = Field(
        description="Its name, in PRIVACY_DETECTION__CLASSIFIERS.", examples=["moderation"]
    )
    most: dict[str, Share] = Field(
        min_length=1,
        max_length=100,
        description="The score that is borne, by label.",
        examples=[{"hate": 0.5, "threat": 0.3}],
    )


class ExpectationShape(Shape):
    """One thing that is expected: an id, one kind of expectation, and a remedy."""

    id: Id = Field(description="Its name, in answers and statistics.", examples=["short"])
    side: Side = Field(
        default=Side.OUTPUT, strict=False, description="What it is about: output or prompt."
    )
    otherwise: RemedyShape = Field(
        description="What is done where it is not so: note, redact, hold, ask-again, refuse, or "
        "{replace: …}, {abstain: …}, {ask-again: …}.",
        examples=["refuse", {"ask-again": "Answer in at most 120 words."}],
    )
    severity: Severity = Field(default=Severity.MEDIUM, strict=False, description="How bad it is.")
    format: FormatShape | None = Field(default=None, description="The form of it.")
    length: LengthShape | None = Field(default=None, description="How long it is.")
    language: LanguageShape | None = Field(default=None, description="Its language.")
    readability: ReadabilityShape | None = Field(default=None, description="How easy to read.")
    wording: WordingShape | None = Field(default=None, description="Phrases.")
    patterns: PatternsShape | None = Field(default=None, description="RE2 patterns.")
    topics: TopicsShape | None = Field(default=None, description="Forbidden topics.")
    citations: CitationsShape | None = Field(default=None, description="References to sources.")
    quotes: QuotesShape | None = Field(default=None, description="Quotations of sources.")
    grounding: GroundingShape | None = Field(
        default=None, description="Numbers, names and words come from sources or prompt."
    )
    secrets: SecretsShape | None = Field(default=None, description="No secrets: write {}.")
    injection: InjectionShape | None = Field(default=None, description="No orders to a model.")
    prompt_leak: PromptLeakShape | None = Field(
        default=None, description="Nothing of the system prompt."
    )
    tool_calls: ToolCallsShape | None = Field(default=None, description="Calls of tools.")
    tone: ToneShape | None = Field(default=None, description="What tells its tone.")
    classifier: ClassifierShape | None = Field(
        default=None, description="What a classifier of yours says."
    )

    @model_validator(mode="after")
    def _is_one(self) -> ExpectationShape:
        if len(self.kinds) != 1:
            raise values.wrong(
                "an expectation expects one thing", "write one of " + ", ".join(sorted(KINDS))
            )
        return self

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds that are written."""
        return tuple(name for name in KINDS if getattr(self, name) is not None)


KINDS = tuple(
    name
    for name in ExpectationShape.model_fields
    if name not in ("id", "side", "otherwise", "severity")
)


# -- The rest ---------------------------------------------------------------------------------


class EffectiveShape(Shape):
    """When the contract is in force."""

    start: Instant = Field(
        alias="from",
        description="The first instant. A date is midnight in UTC.",
        examples=["2026-01-01"],
    )
    until: Instant | None = Field(
        default=None, description="The first instant at which it is no longer in force."
    )


class CriterionShape(Shape):
    """What counts as success, in numbers."""

    id: Id = Field(description="Its name.", examples=["helps"])
    says: Title | None = Field(default=None, description="What it means.")
    signal: str = Field(
        max_length=64,
        description="A signal of windows that is one number.",
        examples=["acceptance_rate"],
    )
    at_least: float | None = Field(
        default=None, description="The target, where more is better.", examples=[0.9]
    )
    at_most: float | None = Field(default=None, description="The target, where less is better.")
    variance: float = Field(
        default=0.0, ge=0, description="So far from the target it may be.", examples=[0.05]
    )
    over: FixedDuration = Field(description="In this time, up to now.", examples=["P7D"])
    use_case: Id | None = Field(default=None, description="Of this use case. Left out: of all.")

    @model_validator(mode="after")
    def _has_one_target(self) -> CriterionShape:
        if (self.at_least is None) is (self.at_most is None):
            raise values.wrong("a criterion has one target", "write at_least or at_most")
        return self


class ScopeShape(Shape):
    """What the partner is used for. For people, but for the use cases and what is success."""

    use_cases: list[Id] = Field(
        default=[], max_length=200, description="The ones that a request may name."
    )
    domains: list[Title] = Field(
        default=[], max_length=50, description="The trades that it knows about."
    )
    audiences: list[Title] = Field(default=[], max_length=50, description="Who reads it.")
    out_of_scope: list[Title] = Field(default=[], max_length=200, description="What it is not for.")
    constraints: list[Title] = Field(
        default=[], max_length=200, description="Legal and ethical limits."
    )
    success: list[CriterionShape] = Field(
        default=[], max_length=50, description="What counts as success, in numbers."
    )


class ConfidenceShape(Shape):
    """What the confidence that a caller states comes to."""

    answer: Share = Field(description="From here on it is an answer.", examples=[0.8])
    partial: Share = Field(
        description="From here on it is a part of one, and marked so. Below: `say`.",
        examples=[0.5],
    )
    say: Sentence = Field(description="What is said instead.", examples=["I do not know."])
    unstated: Share = Field(default=0.0, description="What a caller that states none has.")
    person: Share | None = Field(
        default=None,
        description="From here on, below `partial`, a person decides. Left out: nobody is asked.",
        examples=[0.3],
    )


class EscalationShape(Shape):
    """Who is told that something is overdue."""

    role: Title = Field(description="Who it is.", examples=["Head of customer care"])
    to: list[MailAddress] = Field(
        min_length=1, max_length=20, description="Mailboxes of roles, not of persons."
    )
    after: FixedDuration | None = Field(
        default=None,
        description="So long after it was due. Left out: at once.",
        examples=["PT2H"],
    )


class TrainingShape(Shape):
    """What a reviewer has to have acknowledged."""

    id: Id = Field(description="Its name.", examples=["reviewer-basics"])
    title: Title = Field(description="What it is about.")
    valid: FixedDuration | None = Field(
        default=None,
        description="How long an acknowledgement holds. Left out: for good.",
        examples=["P365D"],
    )


class PeopleShape(Shape):
    """Who answers for it, and where others are heard. For people."""

    party: list[Title] = Field(
        default=[], max_length=20, description="Who answers for it at the party: roles."
    )
    provider: list[Title] = Field(
        default=[], max_length=20, description="Who answers for it at the provider: roles."
    )
    feedback: Title | None = Field(
        default=None, description="Where whoever uses it is heard.", examples=["/feedback"]
    )
    dissent: Title | None = Field(
        default=None, description="Where whoever disagrees with it is heard."
    )


class ReviewingShape(Shape):
    """How what is held waits for a person."""

    within: FixedDuration = Field(
        default=timedelta(days=1),
        validate_default=False,
        description="How long it waits; then `otherwise` is done. Left out: a day.",
        examples=["PT4H"],
    )
    due: FixedDuration | None = Field(
        default=None,
        description="By when somebody should have decided. Left out: by the end.",
        examples=["PT1H"],
    )
    otherwise: RemedyShape = Field(
        default="refuse",
        description="What is done where nobody decides in time: refuse, or {abstain: …}.",
        examples=[{"abstain": "A colleague will get back to you."}],
    )
    four_eyes: Severity | None = Field(
        default=None,
        strict=False,
        description="From this severity on, two people must approve. Left out: one does.",
    )
    reasons: list[Id] = Field(
        default=[],
        max_length=100,
        description="The reasons that a decision may name; it has to name one of them.",
        examples=[["wrong-fact", "tone", "fine"]],
    )
    escalation: list[EscalationShape] = Field(
        default=[], max_length=20, description="Who is told of what is overdue, in order of time."
    )
    training: list[TrainingShape] = Field(
        default=[],
        max_length=20,
        description="What whoever decides or judges has to have acknowledged.",
    )
    keep: FixedDuration | None = Field(
        default=None,
        description="How long what was approved is kept, with the intent, the rationale and all "
        "that came along. Left out, or longer: as long as the service keeps it by its setting.",
        examples=["P2D"],
    )


class RiskShareShape(Shape):
    """A share of the answers that are risky."""

    when: Sentence = Field(
        description="A CEL condition over the signals.",
        examples=["has_confidence && confidence < 0.6"],
    )
    share: Share = Field(description="This share of them is looked at.", examples=[0.2])


class SamplingShape(Shape):
    """Which released outputs people look at afterwards. The caller notices nothing."""

    share: Share = Field(default=0.0, description="This share of all.", examples=[0.01])
    risk: list[RiskShareShape] = Field(
        default=[], max_length=50, description="Larger shares, where an answer is risky."
    )
    double: Share = Field(
        default=0.0, description="This share of the samples is looked at by two people."
    )
    within: FixedDuration = Field(
        default=timedelta(days=14),
        validate_default=False,
        description="How long a sample waits; then it is let go. Left out: 14 days.",
        examples=["P7D"],
    )
    labels: list[Id] = Field(
        default=["good", "minor", "bad"],
        min_length=2,
        max_length=20,
        description="What whoever looks at it may say of it.",
    )


# -- Windows ----------------------------------------------------------------------------------


class WindowShape(Shape):
    """The checks of the last time, under the newest version."""

    last: FixedDuration = Field(
        description="How far back: from PT1M to P90D.", examples=["PT15M", "P1D"]
    )
    least: int = Field(
        default=30, ge=1, description="With fewer checks it says nothing.", examples=[50]
    )
    side: Side = Field(
        default=Side.OUTPUT, strict=False, description="Checks of what: output or prompt."
    )
    use_case: Id | None = Field(default=None, description="Of this use case alone.")


class BaselineShape(Shape):
    """With what windows are compared, to see whether they have drifted."""

    before: FixedDuration | None = Field(
        default=None, description="So long before the window.", examples=["P7D"]
    )
    since: Instant | None = Field(default=None, description="Or from this instant …")
    until: Instant | None = Field(default=None, description="… until this one.")
    significance: float = Field(
        default=0.001,
        gt=0,
        le=0.05,
        description="How improbable it has to be that nothing has moved.",
    )

    @model_validator(mode="after")
    def _is_one(self) -> BaselineShape:
        fixed = self.since is not None and self.until is not None and self.since < self.until
        if (self.before is None) is not fixed or (self.before and (self.since or self.until)):
            raise values.wrong("a baseline is one time", "write before, or since and until")
        return self


class ObjectiveShape(Shape):
    """A share of outputs that is good; the rest is the error budget."""

    id: Id = Field(description="Its name.", examples=["kept"])
    good: Good = Field(
        strict=False,
        description="Good are: kept (nothing broken), accepted (released, and did not abstain), "
        "answered (something was released).",
    )
    share: Share = Field(description="At least so many.", examples=[0.98])
    over: FixedDuration = Field(description="In this time, up to now.", examples=["P28D"])


class MonitorShape(Shape):
    """How checks are watched."""

    baseline: BaselineShape | None = Field(default=None, description="What drift is measured by.")
    objectives: list[ObjectiveShape] = Field(
        default=[], max_length=20, description="What share of outputs has to be good."
    )


# -- Playbooks --------------------------------------------------------------------------------


class HaltShape(Shape):
    """Nothing passes, until probes show that it may."""

    half_open_after: FixedDuration | None = Field(
        default=None,
        description="When the first checks are let through again. Left out: a person resumes it.",
        examples=["PT10M"],
    )
    probes: int = Field(
        default=3, ge=1, le=1000, description="So many have to go well; one that fails halts anew."
    )


class ThrottleShape(Shape):
    """At most so many checks in a time."""

    most: int = Field(ge=1, description="So many pass.", examples=[60])
    per: FixedDuration = Field(description="In this time.", examples=["PT1H"])


class FallBackShape(Shape):
    """Who is asked instead."""

    provider: PartnerName | None = Field(
        default=None,
        description="The partner to ask. Left out: the contract's last good version judges.",
    )


class NotifyShape(Shape):
    """Who is mailed, and what."""

    to: list[MailAddress] = Field(
        min_length=1, max_length=20, description="Mailboxes of roles, not of persons."
    )
    says: Sentence | None = Field(
        default=None,
        description="The text. {run}, {contract}, {failure}, {severity}, {provider}, {party} and "
        "{playbook} are filled in.",
    )


class IncidentShape(Shape):
    """A breach is opened."""

    natures: list[Literal["confidentiality", "integrity", "availability"]] = Field(
        default=[], max_length=3, description="What may be hurt."
    )


class TaskShape(Shape):
    """What a person has to do."""

    kind: TaskKind = Field(
        strict=False, description="retraining, rule, post-mortem or other.", examples=["retraining"]
    )
    title: Title = Field(description="What it is.", examples=["Retrain on order texts"])
    owner: Title = Field(description="The role that does it.", examples=["ML team"])


class StepShape(Shape):
    """One step: what is done, and its time limit."""

    answer: RemedyShape | None = Field(
        default=None, description="What is done about the answer, in the path.", examples=["refuse"]
    )
    halt: HaltShape | None = Field(default=None, description="Nothing passes: write {} or more.")
    throttle: ThrottleShape | None = Field(default=None, description="Fewer pass.")
    fall_back: FallBackShape | None = Field(
        default=None, description="To another partner, or to the last good version: write {}."
    )
    halt_collection: Literal[True] | None = Field(
        default=None, description="No prompt goes to the provider: write true."
    )
    notify: NotifyShape | None = Field(default=None, description="People are mailed.")
    incident: IncidentShape | None = Field(
        default=None, description="A breach is opened: write {}."
    )
    task: TaskShape | None = Field(default=None, description="A person does something.")
    within: FixedDuration | None = Field(
        default=None,
        description="Its time limit: for a task, its due time; for others, how long it is tried. "
        "Left out: 7 days for a task, 5 minutes else.",
        examples=["PT5M"],
    )

    @model_validator(mode="after")
    def _is_one(self) -> StepShape:
        if len(self.acts) != 1:
            raise values.wrong("a step does one thing", "write one of " + ", ".join(STEPS))
        return self

    @property
    def acts(self) -> tuple[str, ...]:
        """What is written that it does."""
        return tuple(name for name in STEPS if getattr(self, name) is not None)


STEPS = tuple(name for name in StepShape.model_fields if name != "within")


class TargetsShape(Shape):
    """How soon."""

    detect: FixedDuration | None = Field(default=None, description="From its beginning.")
    contain: FixedDuration | None = Field(default=None, description="From when it was detected.")
    resolve: FixedDuration | None = Field(default=None, description="From when it was detected.")


class PlaybookShape(Shape):
    """What is done about a failure, in order."""

    id: Id = Field(description="Its name.", examples=["stop-inventing"])
    title: Title = Field(description="What it is for.")
    owner: Title | None = Field(default=None, description="Who answers for it.")
    targets: TargetsShape = Field(default=TargetsShape(), description="How soon it is to be over.")
    steps: list[StepShape] = Field(min_length=1, max_length=50, description="What is done.")


class FailureModeShape(Shape):
    """A way in which it fails."""

    id: Id = Field(description="Its name.", examples=["invents-orders"])
    category: Category = Field(strict=False, description="What kind of failure.")
    severity: Severity = Field(strict=False, description="How bad it is.")
    when: Sentence = Field(
        description="A CEL condition over the signals.",
        examples=["'grounded' in broken && confidence > 0.8"],
    )
    remedy: RemedyShape | None = Field(
        default=None,
        description="What is done about the answer. Left out: what its playbook answers, or note.",
        examples=["refuse"],
    )
    playbook: Id | None = Field(default=None, description="The playbook that is run.")
    over: WindowShape | None = Field(
        default=None, description="`when` is about a window of checks, not about one."
    )
    symptoms: Sentence | None = Field(default=None, description="How a person recognizes it.")
    impact: Sentence | None = Field(default=None, description="What it does to whom.")
    owner: Title | None = Field(default=None, description="Who answers for it.")


class StreamingShape(Shape):
    """How outputs may stream."""

    may_break_off: bool = Field(
        default=False,
        description="An answer may break off: what stands before the place at which an expectation "
        "is broken may be out by then. Else whatever takes a text back holds the whole of it.",
    )


class SourceShape(Shape):
    """A source of an example."""

    id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$")] = Field(
        description="By which it is cited."
    )
    text: str = Field(description="Its text.")


class ExampleShape(Shape):
    """A prompt or an output, and what the contract makes of it."""

    name: Title = Field(description="What it shows.")
    side: Side = Field(default=Side.OUTPUT, strict=False, description="output or prompt.")
    content_type: str = Field(default="text/plain", max_length=256, description="Its media type.")
    content: str = Field(description="The prompt or the output.")
    outcome: Outcome | None = Field(
        default=None, strict=False, description="What becomes of it.", examples=["ACCEPTED"]
    )
    broken: list[Id] | None = Field(default=None, description="The expectations that it breaks.")
    failures: list[Id] | None = Field(default=None, description="The failure modes that fire.")
    prompt: str | None = Field(default=None, description="What was asked.")
    system_prompt: str | None = Field(default=None, description="The system prompt.")
    sources: list[SourceShape] = Field(default=[], max_length=100, description="What it rests on.")
    confidence: Share | None = Field(default=None, description="The confidence stated.")
    use_case: Id | None = Field(default=None, description="The use case named.")


class BehaviorShape(Shape):
    """What one partner expects of the AI of another, and what is done where it is not so."""

    api_version: Literal["privacy-service/v1"] = Field(
        alias="apiVersion", description="The version of this format."
    )
    kind: Literal["BehaviorContract"] = Field(description="What this file is.")
    id: ContractId = Field(description="The contract's name.", examples=["helpdesk-answers"])
    title: Title = Field(description="What it is about.", examples=["Answers of the help desk"])
    party: PartnerName = Field(
        description="The partner whose people read the answers.", examples=["acme-shop"]
    )
    provider: PartnerName = Field(
        description="The partner whose model answers.", examples=["parrot-ai"]
    )
    status: Status = Field(
        default=Status.ACTIVE, strict=False, description="suspended: everything is refused."
    )
    effective: EffectiveShape = Field(description="When it is in force.")
    review_by: Day | None = Field(default=None, description="The day by which it is reviewed.")
    owner: Title | None = Field(default=None, description="Who answers for it.")
    governance: GovernanceShape = Field(
        default_factory=GovernanceShape,
        description="How the contract may be changed.",
        examples=[{"approval": "weakening", "approvers": "both", "notice": "P14D"}],
    )
    scope: ScopeShape = Field(default=ScopeShape(), description="What the partner is used for.")
    personal_data_purpose: Purpose | None = Field(
        default=None,
        description="The purpose of the sharing contract by which personal data is treated. "
        "Left out: personal data is not looked at.",
        examples=["dpv:CustomerCare"],
    )
    expectations: list[ExpectationShape] = Field(
        default=[], max_length=1000, description="What a good prompt or output is."
    )
    confidence: ConfidenceShape | None = Field(
        default=None, description="What stated confidence comes to."
    )
    failure_modes: list[FailureModeShape] = Field(
        default=[], max_length=500, description="The ways in which it fails."
    )
    people: PeopleShape = Field(
        default=PeopleShape(), description="Who answers for it, and where others are heard."
    )
    sampling: SamplingShape | None = Field(
        default=None, description="Which outputs people look at afterwards."
    )
    playbooks: list[PlaybookShape] = Field(
        default=[], max_length=100, description="What is done about failures, step by step."
    )
    review: ReviewingShape = Field(
        default=ReviewingShape(), description="How what is held waits for a person."
    )
    streaming: StreamingShape | None = Field(
        default=None,
        description="How outputs may stream. With it, lint says what holds a whole text back.",
    )
    monitor: MonitorShape = Field(default=MonitorShape(), description="How checks are watched.")
    examples: list[ExampleShape] = Field(
        default=[], max_length=500, description="Run by `behavior test`."
    )
