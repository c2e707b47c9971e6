"""What a person asks: subject requests and their life.

    received ──check identity──▶ identified ──start──▶ in progress ──▶ completed · partly completed
       │ └──ask──▶ (the clock may stand still)              │  ▲
       └──refuse──▶ refused ◀──refuse── identified          ▼  │ what blocked it was lifted
                                                        blocked by hold

A restriction and an objection hold from `start` on, and after they are completed, until they are
lifted; a restriction only after it was said that the person was told (`lift_announced`).

`TRANSITIONS` is the one table: what may be done in which state, where it leads, and who may do it.
A request never holds an identifier in clear: people are keyed digests.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from privacy_service import errors
from privacy_service.access import Role
from privacy_service.contracts import dpv
from privacy_service.errors import PrivacyError
from privacy_service.subjects.examples import NamedExample
from privacy_service.subjects.reasons import Serves, justified


class RequestKind(StrEnum):
    """What is asked for."""

    ERASURE = "erasure"
    ACCESS = "access"
    PORTABILITY = "portability"
    RESTRICTION = "restriction"
    OBJECTION = "objection"
    CONSENT_WITHDRAWAL = "consent_withdrawal"
    RECTIFICATION = "rectification"


DISCLOSED: Final = frozenset({RequestKind.ACCESS, RequestKind.PORTABILITY})
"""The kinds that are answered with a bundle. While one is open, nothing of the person goes."""
UPHELD: Final = frozenset({RequestKind.RESTRICTION, RequestKind.OBJECTION})
"""The kinds that stop something from `start` on until they are lifted."""
DELETING_NOTHING: Final = UPHELD | {RequestKind.CONSENT_WITHDRAWAL}
"""The kinds that are true with `start`; what is left is that recipients are told."""


class RequestState(StrEnum):
    """Where a request stands."""

    RECEIVED = "received"
    IDENTIFIED = "identified"
    IN_PROGRESS = "in_progress"
    BLOCKED = "blocked"
    COMPLETED = "completed"
    PARTLY_COMPLETED = "partly_completed"
    REFUSED = "refused"
    LIFT_ANNOUNCED = "lift_announced"
    LIFTED = "lifted"


OPEN: Final = frozenset(
    {
        RequestState.RECEIVED,
        RequestState.IDENTIFIED,
        RequestState.IN_PROGRESS,
        RequestState.BLOCKED,
    }
)
"""The states in which something is still owed."""
CLOSED: Final = frozenset(RequestState) - OPEN
_DONE: Final = frozenset({RequestState.COMPLETED, RequestState.PARTLY_COMPLETED})
HOLDING: Final = _DONE | {RequestState.IN_PROGRESS, RequestState.LIFT_ANNOUNCED}
"""The states in which a request that is upheld stops what it stops."""
_MARKETING: Final = "dpv:Marketing"
_WHO_ASKS: Final = frozenset({"IDENTITY_FAILURE", "MANIFESTLY_UNFOUNDED", "MANIFESTLY_EXCESSIVE"})
"""The only reasons to refuse an objection to marketing: they are about the request itself."""


class IdentityLevel(StrEnum):
    """How surely the person was identified (the levels of eIDAS, Art. 8)."""

    LOW = "low"
    SUBSTANTIAL = "substantial"
    HIGH = "high"


class Step(StrEnum):
    """What can be done to a request."""

    CHECK_IDENTITY = "check_identity"
    ASK = "ask"
    ANSWERED = "answered"
    ACKNOWLEDGE = "acknowledge"
    EXTEND = "extend"
    START = "start"
    DISCLOSE = "disclose"
    CORRECT = "correct"
    REFUSE = "refuse"
    NOTE = "note"
    ANNOUNCE_LIFT = "announce_lift"
    LIFT = "lift"
    BLOCK = "block"
    UNBLOCK = "unblock"
    COMPLETE = "complete"
    COMPLETE_PARTLY = "complete_partly"


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """In which states a step may be taken, where it leads (None: it stays), who may take it (no
    role: the service alone, in its jobs), and what it needs, in words.
    """

    states: frozenset[RequestState]
    to: RequestState | None
    roles: frozenset[Role] = frozenset({Role.OFFICER})
    needs: str = ""


_SERVICE: Final[frozenset[Role]] = frozenset()
TRANSITIONS: Final[dict[Step, Transition]] = {
    Step.CHECK_IDENTITY: Transition(
        states=frozenset({RequestState.RECEIVED}),
        to=RequestState.IDENTIFIED,
        needs="the level, and the SHA-256 of the evidence",
    ),
    Step.ASK: Transition(
        states=frozenset({RequestState.RECEIVED}), to=None, needs="a reason for delay"
    ),
    Step.ANSWERED: Transition(
        states=frozenset({RequestState.RECEIVED}), to=None, needs="a question that was asked"
    ),
    Step.ACKNOWLEDGE: Transition(
        states=OPEN, to=None, needs="a regime that asks for it; the person was told that it came"
    ),
    Step.EXTEND: Transition(
        states=OPEN, to=None, needs="a reason for delay, before the first deadline, once"
    ),
    Step.START: Transition(
        states=frozenset({RequestState.IDENTIFIED}),
        to=RequestState.IN_PROGRESS,
        needs="a request for erasure or restriction, an objection, or a consent withdrawal",
    ),
    Step.DISCLOSE: Transition(
        states=frozenset({RequestState.IDENTIFIED}),
        to=RequestState.IN_PROGRESS,
        needs="a request for access or portability, and the public key that the bundle is made for",
    ),
    Step.CORRECT: Transition(
        states=frozenset({RequestState.IDENTIFIED}),
        to=RequestState.IN_PROGRESS,
        needs="a request for rectification, and the corrections, or a statement that completes",
    ),
    Step.REFUSE: Transition(
        states=frozenset({RequestState.RECEIVED, RequestState.IDENTIFIED}),
        to=RequestState.REFUSED,
        needs="a reason for refusal",
    ),
    Step.NOTE: Transition(states=frozenset(RequestState), to=None, needs="a text without a person"),
    Step.ANNOUNCE_LIFT: Transition(
        states=_DONE,
        to=RequestState.LIFT_ANNOUNCED,
        needs="a restriction, of whose end the person was told",
    ),
    Step.LIFT: Transition(
        states=_DONE | {RequestState.LIFT_ANNOUNCED},
        to=RequestState.LIFTED,
        needs="a restriction whose end was announced, or an objection that was taken back",
    ),
    Step.BLOCK: Transition(
        states=frozenset({RequestState.IN_PROGRESS}), to=RequestState.BLOCKED, roles=_SERVICE
    ),
    Step.UNBLOCK: Transition(
        states=frozenset({RequestState.BLOCKED}), to=RequestState.IN_PROGRESS, roles=_SERVICE
    ),
    Step.COMPLETE: Transition(
        states=frozenset({RequestState.IN_PROGRESS}), to=RequestState.COMPLETED, roles=_SERVICE
    ),
    Step.COMPLETE_PARTLY: Transition(
        states=frozenset({RequestState.IN_PROGRESS, RequestState.BLOCKED}),
        to=RequestState.PARTLY_COMPLETED,
        roles=_SERVICE,
    ),
}
"""What may be done, when, by whom, and where it leads."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Identifier:
    """One way in which the person is known: a keyed digest, at one partner or everywhere.

    A customer id means something at its partner alone; an e-mail address does everywhere.
    """

    digest: str
    partner: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question to the person, during which the clock may stand still; `reason` is coded."""

    reason: str
    at: datetime
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Extended:
    """That the deadline was extended, and why; the person was told at `at`."""

    reason: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """When the answer is due, by law and to be safe, and why then: a sentence for each step.

    `legal` None: the law names no number here, or the clock stands still. `rule` names the duty in
    the rule packs, `standing` how it stands (law, own policy, unverified …), `digest` its text.
    """

    legal: datetime | None
    conservative: datetime | None
    rule: str
    standing: str
    digest: str = ""
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectRequest:
    """One request. `contracts` name what holds one of the identifiers: examples (`NamedExample`),
    and versions that have it in other words (`texts`). `purpose` is what the person objects to, a
    DPV term. `acknowledge_by` is until when the person has to be
    told that it came; None where they were, or need not be.

    `evidence` is the SHA-256 of what showed the person's identity; it is dropped with the decision.
    """

    id: str
    kind: RequestKind
    state: RequestState
    identifiers: tuple[Identifier, ...]
    regime: str
    place: str
    received_at: datetime
    opened_by: str
    deadline: Deadline
    first_deadline: datetime | None
    asked: tuple[Asked, ...] = ()
    extended: Extended | None = None
    identity_level: IdentityLevel | None = None
    evidence: str | None = field(default=None, repr=False)
    reason: str | None = None
    contracts: tuple[str, ...] = ()
    purpose: str | None = None
    merged: int = 0
    closed_at: datetime | None = None
    acknowledge_by: datetime | None = None

    def __post_init__(self) -> None:
        objects = self.kind is RequestKind.OBJECTION
        known = self.purpose in dpv.purposes() if objects else self.purpose is None
        if not known:
            says = "an objection names what it is to, as dpv:Marketing; no other request does"
            raise PrivacyError(errors.REQUEST_INVALID, field="purpose", says=says)

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def digests(self) -> tuple[str, ...]:
        """The person's keyed digests, each once."""
        return tuple(sorted({one.digest for one in self.identifiers}))

    @property
    def texts(self) -> tuple[str, ...]:
        """Versions of contracts with an identifier outside of their examples."""
        return tuple(one for one in self.contracts if NamedExample.parse(one) is None)

    def overdue(self, now: datetime) -> bool:
        """Whether it is open and the law's deadline, or our own where there is none, has passed."""
        last = self.deadline.legal or self.deadline.conservative
        return self.is_open and last is not None and last < now

    # -- What officers do ---------------------------------------------------------------------

    def identified(self, *, level: IdentityLevel, evidence: str) -> SubjectRequest:
        """With the person's identity checked. Raises REQUEST_STATE."""
        return replace(self._after(Step.CHECK_IDENTITY), identity_level=level, evidence=evidence)

    def asking(self, *, reason: str, at: datetime) -> SubjectRequest:
        """While the person is asked. Raises REQUEST_STATE, JUSTIFICATION_UNKNOWN."""
        justified(reason, Serves.DELAY)
        self._require(Step.ASK, all(one.answered_at for one in self.asked))
        return replace(self._after(Step.ASK), asked=(*self.asked, Asked(reason=reason, at=at)))

    def answered(self, *, at: datetime) -> SubjectRequest:
        """Once the person has answered. Raises REQUEST_STATE."""
        self._require(Step.ANSWERED, self.asked and self.asked[-1].answered_at is None)
        last = replace(self.asked[-1], answered_at=at)
        return replace(self._after(Step.ANSWERED), asked=(*self.asked[:-1], last))

    def acknowledged(self) -> SubjectRequest:
        """Once the person was told that it came. Raises REQUEST_STATE."""
        self._require(Step.ACKNOWLEDGE, self.acknowledge_by is not None)
        return replace(self._after(Step.ACKNOWLEDGE), acknowledge_by=None)

    def extended_for(self, *, reason: str, at: datetime) -> SubjectRequest:
        """With a later deadline.

        Raises REQUEST_STATE, JUSTIFICATION_UNKNOWN, and TOO_LATE_TO_EXTEND once the first deadline
        has passed.
        """
        justified(reason, Serves.DELAY)
        self._require(Step.EXTEND, self.extended is None)
        if self.first_deadline is not None and at > self.first_deadline:
            raise PrivacyError(errors.TOO_LATE_TO_EXTEND, request=self.id)
        return replace(self._after(Step.EXTEND), extended=Extended(reason=reason, at=at))

    def started(self) -> SubjectRequest:
        """Decided: it is done from now on. The evidence of identity is dropped.

        Raises REQUEST_STATE, also for one that is answered with a bundle, or with corrections.
        """
        self._require(Step.START, self.kind not in DISCLOSED | {RequestKind.RECTIFICATION})
        return replace(self._after(Step.START), evidence=None)

    def disclosed(self) -> SubjectRequest:
        """Decided: a bundle is made from now on. The evidence of identity is dropped.

        Raises REQUEST_STATE, also for one that asks for something else.
        """
        self._require(Step.DISCLOSE, self.kind in DISCLOSED)
        return replace(self._after(Step.DISCLOSE), evidence=None)

    def corrected(self) -> SubjectRequest:
        """Decided: what is wrong is corrected from now on. The evidence of identity is dropped.

        Raises REQUEST_STATE, also for one that asks for something else.
        """
        self._require(Step.CORRECT, self.kind is RequestKind.RECTIFICATION)
        return replace(self._after(Step.CORRECT), evidence=None)

    def require_rectification(self) -> None:
        """Raises REQUEST_STATE for one that asks for something else."""
        self._require(Step.CORRECT, self.kind is RequestKind.RECTIFICATION)

    def refused(self, *, reason: str, at: datetime) -> SubjectRequest:
        """Refused, for a coded reason; the evidence of identity is dropped.

        Raises REQUEST_STATE, JUSTIFICATION_UNKNOWN, and OBJECTION_ABSOLUTE where a person objects
        to marketing: no interest outweighs that (GDPR Art. 21(3)).
        """
        justified(reason, Serves.REFUSAL)
        to_marketing = self.purpose is not None and dpv.covers(_MARKETING, self.purpose)
        if to_marketing and reason not in _WHO_ASKS:
            raise PrivacyError(errors.OBJECTION_ABSOLUTE, request=self.id)
        return replace(self._after(Step.REFUSE), reason=reason, evidence=None, closed_at=at)

    def noted(self) -> SubjectRequest:
        """The same: whoever may note, may do so at any time."""
        return self._after(Step.NOTE)

    def lift_announced(self) -> SubjectRequest:
        """Once the person was told that the restriction ends; until then it holds.

        Raises REQUEST_STATE.
        """
        self._require(Step.ANNOUNCE_LIFT, self.kind is RequestKind.RESTRICTION)
        return self._after(Step.ANNOUNCE_LIFT)

    def lifted(self) -> SubjectRequest:
        """It stops nothing any more. Raises REQUEST_STATE, also for what stops nothing."""
        self._require(Step.LIFT, self.kind in UPHELD)
        return self._after(Step.LIFT)

    # -- What the service does ----------------------------------------------------------------

    def blocked(self) -> SubjectRequest:
        """What is left is under a hold. Raises REQUEST_STATE."""
        return self._after(Step.BLOCK)

    def unblocked(self) -> SubjectRequest:
        """It goes on. Raises REQUEST_STATE."""
        return self._after(Step.UNBLOCK)

    def completed(self, *, partly: bool, reason: str | None, at: datetime) -> SubjectRequest:
        """Done, or what could be done is. Raises REQUEST_STATE."""
        step = Step.COMPLETE_PARTLY if partly else Step.COMPLETE
        return replace(self._after(step), reason=reason, closed_at=at)

    def _after(self, step: Step) -> SubjectRequest:
        to = TRANSITIONS[step].to
        self._require(step, self.state in TRANSITIONS[step].states)
        return self if to is None else replace(self, state=to)

    def _require(self, step: Step, holds: object) -> None:
        if not holds:
            raise PrivacyError(
                errors.REQUEST_STATE,
                request=self.id,
                state=self.state.value,
                step=step.value,
                needs=_needed(step),
                possible=", ".join(one.value for one in Step if self._people_may(one)),
            )

    def _people_may(self, step: Step) -> bool:
        """Whether it is a step of people that its state lets them take."""
        leads = TRANSITIONS[step]
        return self.state in leads.states and bool(leads.roles)


def _needed(step: Step) -> str:
    """What a step needs, in words: the states in which it may be taken, and what else."""
    leads = TRANSITIONS[step]
    states = " or ".join(state.value for state in RequestState if state in leads.states)
    return f"{states}; {leads.needs}" if leads.needs else states


EVERYWHERE: Final = frozenset({"email", "phone"})
"""Kinds of identifiers that mean the same person whichever partner has them. Every other kind (a
customer id) is the word of one partner, and must be given with it."""


def identifier_partner(kind: str, partner: str | None) -> str:
    """Where an identifier of this kind is looked for: "" is everywhere.

    `kind` is canonical. Raises REQUEST_INVALID where a partner's own word comes without it.
    """
    if partner is None and kind not in EVERYWHERE:
        says = "write whose word it is: PARTNER/TYPE=VALUE"
        raise PrivacyError(
            errors.REQUEST_INVALID, field="identifiers.partner", type=kind[:32], says=says
        )
    return partner or ""
