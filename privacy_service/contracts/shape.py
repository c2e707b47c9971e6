"""The shape of a contract's YAML: what an editor completes, and what `read.py` checks first.

These models never leave the reader: it turns them into `model.py`'s dataclasses at once. The
published JSON Schema (`schema.py`) is made from them, so each key has its description here.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    StringConstraints,
    WithJsonSchema,
)

from privacy_service.contracts import values
from privacy_service.contracts.governance import Approval, Approvers
from privacy_service.contracts.model import (
    AtEnd,
    ConsentProof,
    Direction,
    ErasedSubjects,
    FreeText,
    OnWithdrawal,
    PartyRole,
    Status,
    Storage,
    UnknownFields,
)
from privacy_service.contracts.shape_treatments import (
    EntityTreated,
    Shape,
    Treated,
    in_vocabulary,
)

_NAME = r"[a-z0-9]([a-z0-9._-]{0,%d}[a-z0-9])?"


# -- Values -----------------------------------------------------------------------------------

PartnerName = Annotated[str, StringConstraints(pattern=f"^{_NAME % 61}$")]
ContractId = Annotated[str, StringConstraints(pattern=f"^{_NAME % 126}$")]
Title = Annotated[
    str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")
]
Region = Annotated[str, AfterValidator(values.region), in_vocabulary("Region")]
Purpose = Annotated[str, AfterValidator(values.purpose), in_vocabulary("Purpose")]
LegalBasis = Annotated[str, AfterValidator(values.legal_basis), in_vocabulary("LegalBasis")]
FieldPath = Annotated[str, AfterValidator(values.field_path)]
TypeName = Annotated[str, AfterValidator(values.field_type), in_vocabulary("FieldType")]
EntityName = Annotated[str, AfterValidator(values.entity_name)]
EntityKey = Annotated[str, AfterValidator(values.entity_key)]
PublicKey = Annotated[str, AfterValidator(values.public_key)]
SubjectType = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,63}$")]
MediaType = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9.+-]+/[a-z0-9.+-]+( *;.*)?$", max_length=256)
]

_WRITTEN_DURATION = {"type": "string", "pattern": r"^P(?=.)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T.+)?$"}
_WRITTEN_INSTANT = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d(T.+(Z|[+-]\d\d:\d\d))?$"}
_WRITTEN_DAY = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$"}
Duration = Annotated[timedelta, BeforeValidator(values.duration), WithJsonSchema(_WRITTEN_DURATION)]
FixedDuration = Annotated[
    timedelta, BeforeValidator(values.fixed_duration), WithJsonSchema(_WRITTEN_DURATION)
]
Instant = Annotated[datetime, BeforeValidator(values.instant), WithJsonSchema(_WRITTEN_INSTANT)]
Day = Annotated[date, BeforeValidator(values.day), WithJsonSchema(_WRITTEN_DAY)]


# -- Keys -------------------------------------------------------------------------------------


class FieldShape(Shape):
    """What the contract says of the values at one pattern of paths, and below it."""

    path: FieldPath = Field(
        description="A JSONPath ($.items[*].sku, $..email) or JSON Pointer (/items/*/sku).",
        examples=["$.customer.email", "/items/*/sku", "$"],
    )
    permit: bool = Field(default=True, description="Whether the field may pass at all.")
    treatment: Treated | None = Field(
        default=None,
        description="What happens to the value. Without it, the entity terms decide.",
        examples=["tokenize", {"mask": {"keep_last": 4}}],
    )
    type: TypeName | None = Field(
        default=None,
        description="What the value looks like: text, identifier, code, number, boolean, date, or "
        "an entity. A value that does not is inspected as free text.",
        examples=["identifier", "EMAIL_ADDRESS"],
    )
    keep_type: bool = Field(
        default=False,
        description="Whether the treated value must have the original's JSON type.",
    )
    reveal: bool = Field(
        default=False, description="Whether a token made here may be turned back (`Reveal`)."
    )


class PartyShape(Shape):
    """One side of the contract."""

    partner: PartnerName = Field(
        description="The partner's name, as its certificate has it.", examples=["acme-shop"]
    )
    role: PartyRole = Field(
        strict=False, description="Its role under the GDPR.", examples=["controller"]
    )
    region: Region | None = Field(
        default=None, description="Where it keeps data.", examples=["DE", "EU"]
    )


class EffectiveShape(Shape):
    """When the contract is in force."""

    start: Instant = Field(
        alias="from",
        description="The first instant. A date is midnight in UTC.",
        examples=["2026-01-01", "2026-01-01T09:00:00+01:00"],
    )
    until: Instant | None = Field(
        default=None,
        description="The first instant at which it is no longer in force.",
        examples=["2028-01-01"],
    )


class SubjectShape(Shape):
    """Where a payload names the person that it is about."""

    path: FieldPath = Field(description="The field that names the person.", examples=["$.patient"])
    type: SubjectType = Field(
        description="What kind of identifier it is: the same person has the same one.",
        examples=["email", "customer-id"],
    )


class QuotaShape(Shape):
    """At most so many released transfers in each period."""

    transfers: int = Field(ge=1, description="How many.", examples=[10000])
    per: FixedDuration = Field(
        description="The period, counted from 1970-01-01 in UTC.", examples=["P1D", "PT1H"]
    )


class RetentionShape(Shape):
    """How long what was shared may be kept. A year is 365 days, a month 30."""

    ours: Duration | None = Field(
        default=None, description="How long the sealed copy is kept.", examples=["P90D"]
    )
    recipient: Duration | None = Field(
        default=None, description="How long the recipient may keep it.", examples=["P1Y"]
    )
    at_end: AtEnd = Field(
        default=AtEnd.DELETE,
        strict=False,
        description="What the recipient does with it when the contract is retired: deletes it, or "
        "returns it first.",
    )


class ConsentProofShape(Shape):
    """How consent is shown, where `consent` asks for it."""

    by: ConsentProof = Field(
        default=ConsentProof.SENDER,
        strict=False,
        description="What shows it: the sender's word (it names its consent record), or our "
        "consent ledger, asked in the transaction that releases.",
        examples=["ledger"],
    )
    max_age: FixedDuration | None = Field(
        default=None,
        description="How long before the transfer the sender may have looked whether it holds.",
        examples=["PT1H"],
    )
    on_withdrawal: OnWithdrawal = Field(
        default=OnWithdrawal.KEEP,
        strict=False,
        description="Whether recipients are asked to delete what they were given on a consent in "
        "our ledger once it is withdrawn.",
        examples=["erase"],
    )


class ReviewShape(Shape):
    """What waits for a person before it is released."""

    entities: list[EntityName] = Field(
        default_factory=list,
        max_length=500,
        description="A payload that would leave with one of these in it, treated or not, waits.",
        examples=[["HEALTH_CONDITION"]],
    )
    incomplete: bool = Field(
        default=False,
        description="Whether a payload that could not be inspected whole waits. Without it, such a "
        "payload is refused.",
    )
    within: FixedDuration | None = Field(
        default=None,
        description="How long it may wait; then it is refused for good. Left out: 7 days.",
        examples=["P2D", "PT4H"],
    )
    four_eyes: bool = Field(default=False, description="Whether two people must approve.")


class GovernanceShape(Shape):
    """How the contract may be changed, while this version is in force."""

    approval: Approval = Field(
        default=Approval.NONE,
        strict=False,
        description="Which changes somebody else than their author approves: none, those that "
        "weaken, or every one.",
        examples=["weakening"],
    )
    approvers: Approvers = Field(
        default=Approvers.PARTY,
        strict=False,
        description="Whose approval it takes: the party's, or that of both partners.",
        examples=["both"],
    )
    notice: FixedDuration | None = Field(
        default=None,
        description="How long a change is announced before it is in force.",
        examples=["P14D"],
    )
    recertify: FixedDuration | None = Field(
        default=None,
        description="How long it may go without a data-protection officer's looking at it again.",
        examples=["P365D"],
    )
    grace: FixedDuration | None = Field(
        default=None,
        description="How long after that nothing passes under it. Left out: 30 days.",
        examples=["P30D"],
    )


class ExampleShape(Shape):
    """A payload and what becomes of it; `contract test` runs it."""

    name: Title = Field(description="What it shows.", examples=["an order with a gift note"])
    content_type: MediaType = Field(
        description="The payload's media type.", examples=["application/json"]
    )
    payload: str = Field(max_length=256 * 1024, description="The payload, as it is sent.")
    effect: Literal["ALLOW", "TREATED", "HOLD", "REFUSE"] | None = Field(
        default=None, description="What must be decided.", examples=["TREATED"]
    )
    output: str | None = Field(
        default=None, max_length=256 * 1024, description="What must come out."
    )


class ContractShape(Shape):
    """A sharing contract: one party's terms toward one counterparty."""

    api_version: Literal["privacy-service/v1"] = Field(
        alias="apiVersion", description="Always privacy-service/v1."
    )
    kind: Literal["SharingContract"] = Field(description="Always SharingContract.")
    id: ContractId = Field(
        description="The contract's name: it stays the same in all its versions.",
        examples=["acme-shop-to-swift-parcel"],
    )
    title: Title = Field(description="For a person.", examples=["Orders for delivery"])
    party: PartyShape = Field(description="The partner whose terms these are.")
    counterparty: PartyShape = Field(description="The other partner.")
    direction: Direction = Field(
        strict=False,
        description="Which way the data goes, as the party sees it.",
        examples=["outbound"],
    )
    purposes: list[Purpose] = Field(
        min_length=1,
        max_length=100,
        description="What it is shared for: DPV purposes, each with its narrower ones.",
        examples=[["dpv:DeliveryOfGoods"]],
    )
    legal_basis: LegalBasis = Field(
        description="Why that is lawful: a DPV or GDPR legal basis.",
        examples=["dpv:ContractPerformance", "eu-gdpr:A6-1-b"],
    )
    status: Status = Field(
        default=Status.ACTIVE,
        strict=False,
        description="A suspended contract refuses every transfer that it covers.",
    )
    consent: bool = Field(
        default=False, description="Whether each transfer must come with the subject's consent."
    )
    consent_proof: ConsentProofShape = Field(
        default_factory=ConsentProofShape,
        description="How consent is shown, where `consent` asks for it.",
        examples=[{"by": "ledger"}],
    )
    effective: EffectiveShape = Field(
        description="When it is in force.", examples=[{"from": "2026-01-01"}]
    )
    fields: list[FieldShape] = Field(
        default_factory=list,
        max_length=20_000,
        description="Which fields may pass, and how. What no term names does not pass.",
    )
    entities: dict[EntityKey, EntityTreated] = Field(
        default_factory=dict,
        max_length=2_000,
        description="What happens to personal data that is found, by entity; `default` is for all "
        "others, and is redact if it is left out.",
    )
    unknown_fields: UnknownFields = Field(
        default=UnknownFields.DROP,
        strict=False,
        description="What happens to a field that no term names.",
    )
    erased_subjects: ErasedSubjects = Field(
        default=ErasedSubjects.REFUSE,
        strict=False,
        description="What happens to a payload about a person whose data was erased.",
    )
    free_text: FreeText = Field(
        default=FreeText.MODEL,
        strict=False,
        description="Whether the language model reads free text, or patterns alone do.",
    )
    subjects: list[SubjectShape] = Field(
        default_factory=list,
        max_length=1_000,
        description="Where a payload names the people that it is about.",
    )
    regions: list[Region] = Field(
        default_factory=list,
        max_length=300,
        description="Where the recipient may be. Empty: anywhere.",
        examples=[["EU"]],
    )
    quota: QuotaShape | None = Field(default=None, description="How much may be sent.")
    retention: RetentionShape = Field(
        default_factory=RetentionShape, description="How long it may be kept."
    )
    storage: Storage = Field(
        default=Storage.NONE,
        strict=False,
        description="Whether we keep the released payload, sealed for the sender.",
    )
    recipient_key: PublicKey | None = Field(
        default=None,
        description="The recipient's public X25519 key in base64, for `encrypt`.",
        examples=["hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo="],
    )
    review: ReviewShape = Field(
        default_factory=ReviewShape,
        description="What waits for a person before it is released.",
        examples=[{"entities": ["HEALTH_CONDITION"], "within": "P2D"}],
    )
    review_by: Day | None = Field(
        default=None, description="When a person should look at it again.", examples=["2027-01-01"]
    )
    governance: GovernanceShape = Field(
        default_factory=GovernanceShape,
        description="How the contract may be changed.",
        examples=[{"approval": "weakening", "approvers": "both", "notice": "P14D"}],
    )
    examples: list[ExampleShape] = Field(
        default_factory=list, max_length=100, description="Payloads and what becomes of them."
    )
