"""The sharing contract: what partners agreed about data, as one immutable value.

A contract holds one party's terms toward one counterparty. Where both parties have terms for a
transfer, `merge.py` takes the stricter of each. Terms are W3C DPV 2 words where DPV has them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum, StrEnum
from typing import Final

from privacy_service.contracts.governance import UNGOVERNED, Governance

USUAL_THRESHOLD: Final = 0.4
"""From which score on a finding counts where nothing else is said."""

LEAST_SCORE: Final = 0.3
"""A detector leaves out what it is less sure of, whatever threshold a term has."""


class Direction(StrEnum):
    """Which way the data goes, as the party sees it."""

    OUTBOUND = "outbound"
    INBOUND = "inbound"
    BOTH = "both"


class Status(StrEnum):
    """Whether the party lets the contract work."""

    ACTIVE = "active"
    SUSPENDED = "suspended"


class PartyRole(StrEnum):
    """GDPR Art. 4(7), 4(8), 26."""

    CONTROLLER = "controller"
    JOINT_CONTROLLER = "joint-controller"
    PROCESSOR = "processor"
    RECIPIENT = "recipient"


class TreatmentKind(StrEnum):
    """What happens to a field or a finding. In order of strictness: see docs/decisions/0004."""

    KEEP = "keep"
    ENCRYPT = "encrypt"
    SHIFT_DATE = "shift_date"
    GENERALIZE = "generalize"
    MASK = "mask"
    TOKENIZE = "tokenize"
    HASH = "hash"
    REDACT = "redact"
    REMOVE = "remove"
    REFUSE = "refuse"
    """Not a change: the presence of such a field or finding refuses the whole transfer."""


class Generalization(StrEnum):
    """What `generalize` makes of a value."""

    YEAR = "year"
    MONTH = "month"
    AGE_BAND = "age-band"
    """Ten-year bands; 90 and over is one (45 CFR 164.514(b)(2)(i)(C))."""
    ZIP3 = "zip3"
    """First three digits, 000 for the sparse areas (45 CFR 164.514(b)(2)(i)(B))."""
    BUCKET = "bucket"
    NETWORK = "network"
    """An IPv4 address to its /24, an IPv6 address to its /48."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Treatment:
    """A treatment and its parameters; a parameter that its kind does not use is None.

    `keep_last`: characters that `mask` leaves at the end. `to` and `size`: what `generalize` makes,
    and the width of a bucket. `days`: the largest shift of `shift_date`, either way.
    """

    kind: TreatmentKind
    keep_last: int | None = None
    to: Generalization | None = None
    size: int | None = None
    days: int | None = None


class FieldType(StrEnum):
    """What a field's value must look like. An entity name (`EMAIL_ADDRESS`) may stand instead.

    A value that does not look like its declared type is inspected as free text.
    """

    TEXT = "text"
    """Free text: patterns and, unless the contract says otherwise, the language model."""
    IDENTIFIER = "identifier"
    """An opaque id: one word of letters, digits and . _ : / - (no blank), at most 128 long."""
    CODE = "code"
    """One of a small vocabulary (`paid`, `EUR`): one word, at most 32 long."""
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    """ISO 8601 date or date-time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldTerm:
    """What the contract says of the values at one pattern of paths.

    `path` is a JSONPath (`$.items[*].sku`, `$..email`) or JSON Pointer (`/items/*/sku`) of names,
    indexes, wildcards and descent. `type` is a FieldType's value or an entity name. `keep_type`:
    the treated value must have the JSON type of the original, or the transfer is refused.
    `reveal`: a token minted here may be revealed.
    """

    path: str
    permit: bool = True
    treatment: Treatment | None = None
    type: str | None = None
    keep_type: bool = False
    reveal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityTerm:
    """What happens to findings of one entity whose score reaches the threshold."""

    treatment: Treatment
    threshold: float = USUAL_THRESHOLD
    reveal: bool = False


class UnknownFields(StrEnum):
    """What happens to a field that no term names."""

    DROP = "drop"
    REFUSE = "refuse"


class ErasedSubjects(StrEnum):
    """What happens to a payload about a person whose data was erased."""

    REFUSE = "refuse"
    """The call is an error: the sender has to take the person out."""
    DROP = "drop"
    """The payload is let go: the decision is REFUSE, and nothing of it is passed on."""


class FreeText(StrEnum):
    """How free text is inspected."""

    MODEL = "model"
    """Patterns, checksums, context, and the language model."""
    PATTERNS = "patterns"
    """No language model: names and places in running text are not looked for."""


class Storage(StrEnum):
    """What we keep of the payload."""

    NONE = "none"
    SEALED_COPY = "sealed-copy"
    """The treated payload, as released, sealed for the sender."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """One side of the contract. `region` is ISO 3166-1 alpha-2 (or EU), where it keeps data."""

    partner: str
    role: PartyRole
    region: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectField:
    """Where a payload names the person it is about. `type` names the identifier (`email`)."""

    path: str
    type: str


class ConsentProof(StrEnum):
    """What shows that a subject consents."""

    SENDER = "sender"
    """The sender's word: it names its consent record."""
    LEDGER = "ledger"
    """Our consent ledger, asked in the transaction that releases."""


class OnWithdrawal(StrEnum):
    """What becomes of what was given on a consent that is withdrawn."""

    KEEP = "keep"
    """Nothing more is given; what was given lawfully stays until its time is over."""
    ERASE = "erase"
    """Recipients are asked to delete it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentTerm:
    """How consent is shown, where `consent` asks for it. `max_age` bounds how long before the
    transfer the sender may have looked whether the consent still holds.
    """

    by: ConsentProof = ConsentProof.SENDER
    max_age: timedelta | None = None
    on_withdrawal: OnWithdrawal = OnWithdrawal.KEEP


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """At most so many released transfers in each period, counted from the UTC start of it."""

    transfers: int
    period: timedelta


class AtEnd(StrEnum):
    """What recipients do with what they were given when the contract is retired."""

    DELETE = "delete"
    RETURN = "return"
    """They send it back, and then delete it (GDPR Art. 28(3)(g))."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long what was shared may be kept: by us (the sealed copy), and by the recipient.
    `at_end` is what recipients do with it when the contract is retired.
    """

    ours: timedelta | None = None
    recipient: timedelta | None = None
    at_end: AtEnd = AtEnd.DELETE


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewTerm:
    """What waits for a person before it is released.

    `entities`: a payload that leaves with one of these in it, treated or not. `incomplete`: a
    payload that could not be inspected whole, which else is refused. `within` is how long it may
    wait before it is refused for good; with `four_eyes` two people must approve.
    """

    entities: tuple[str, ...] = ()
    incomplete: bool = False
    within: timedelta | None = None
    four_eyes: bool = False

    @property
    def patience(self) -> timedelta:
        """How long it may wait, also where the contract does not say."""
        return self.within or timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A payload and what the contract makes of it; run by `contract test`.

    `output` is the expected payload (None: not compared), `effect` the expected decision
    (`ALLOW`, `TREATED`, `HOLD`, `REFUSE`).
    """

    name: str
    content_type: str
    payload: str
    effect: str | None = None
    output: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SharingContract:
    """One party's terms toward one counterparty, for some purposes, in a span of time.

    `purposes` are DPV purpose terms (`dpv:FulfilmentOfObligation` or without the prefix); a
    transfer for a sub-purpose matches. `legal_basis` is a DPV legal basis. `recipient_key` is the
    public X25519 key (base64) to which `encrypt` encrypts: the counterparty's, or in an inbound
    contract the party's own. `regions` are where the recipient may be; empty means anywhere.
    """

    id: str
    title: str
    party: Party
    counterparty: Party
    direction: Direction
    purposes: tuple[str, ...]
    legal_basis: str
    status: Status = Status.ACTIVE
    consent: bool = False
    consent_proof: ConsentTerm = ConsentTerm()
    effective_from: datetime
    effective_until: datetime | None = None
    fields: tuple[FieldTerm, ...] = ()
    entities: tuple[tuple[str, EntityTerm], ...] = ()
    other_entities: EntityTerm
    unknown_fields: UnknownFields = UnknownFields.DROP
    erased_subjects: ErasedSubjects = ErasedSubjects.REFUSE
    free_text: FreeText = FreeText.MODEL
    subjects: tuple[SubjectField, ...] = ()
    regions: tuple[str, ...] = ()
    quota: Quota | None = None
    retention: Retention = Retention()
    storage: Storage = Storage.NONE
    review: ReviewTerm = ReviewTerm()
    recipient_key: str | None = None
    review_by: date | None = None
    governance: Governance = UNGOVERNED
    examples: tuple[Example, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractVersion:
    """An immutable version of a contract, as it was put.

    `number` counts from 1 per contract; `digest` is `sha256:` and the hex digest of the contract's
    canonical form (`canonical.py`), the same on every machine; `source` is the YAML as put.
    """

    contract: SharingContract
    number: int
    digest: str
    source: str
    put_at: datetime
    put_by: str


class TermSource(Enum):
    """Whose term won where both parties have one."""

    SENDER = "sender"
    RECIPIENT = "recipient"
    BOTH = "both"
