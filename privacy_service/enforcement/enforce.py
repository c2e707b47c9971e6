"""The story of one transfer: the one place that decides.

1. The caller acts for the sender. 2. The attempt is recorded, by itself. 3. A request id that was
answered gets that answer instead. 4. The terms in force are found. 5. The gate: region, consent.
6. The payload is read. 7. It is examined: minimized, inspected, treated, looked at again.
8. Disclosure, sealed copy, tokens, quota, answer and audit entry become true in one transaction.
9. Only then is the answer given, and what was decided offered to a version that judges beside the
one in force (`shadowing.py`). Anything else on the way is a refusal, which is recorded too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

from privacy_service import errors
from privacy_service.access import Caller, Role
from privacy_service.clock import Clock
from privacy_service.contracts.compile import compile_terms
from privacy_service.contracts.dpv import normalise, purposes
from privacy_service.contracts.merge import stricter
from privacy_service.contracts.model import (
    USUAL_THRESHOLD,
    ConsentProof,
    ContractVersion,
    ErasedSubjects,
    Storage,
    TermSource,
)
from privacy_service.contracts.shadow import JUDGE_SECONDS, Beside, NoShadows
from privacy_service.contracts.terms import Terms
from privacy_service.enforcement.answer import (
    Answer,
    ContractStamp,
    Decision,
    Effect,
    InspectAnswer,
)
from privacy_service.enforcement.deadline import Deadline
from privacy_service.enforcement.examine import Decode, Examination, Examined, subjects_of
from privacy_service.enforcement.findings import Detector
from privacy_service.enforcement.gate import admit, quotas_at
from privacy_service.enforcement.mint import KnownSubject, TransferMint
from privacy_service.enforcement.ports import (
    ContractBook,
    Held,
    Ledger,
    Pair,
    Passing,
    Pseudonyms,
    Release,
)
from privacy_service.enforcement.reasons import COPY_NOT_KEPT, SUBJECT_DROPPED, reason
from privacy_service.enforcement.reinspect import Leftovers
from privacy_service.enforcement.request import (
    InspectRequest,
    PreviewRequest,
    TransferRequest,
)
from privacy_service.enforcement.shadowing import offers
from privacy_service.enforcement.survey import survey
from privacy_service.errors import PrivacyError
from privacy_service.evidence.disclosures import Disclosure
from privacy_service.evidence.entries import AuditEntry, ContractRef, EntryKind
from privacy_service.payloads.document import Document, Limits
from privacy_service.subjects.holds import for_claim
from privacy_service.subjects.opt_out import objects_to

TRANSFER: Final = "EnforcementService/Transfer"
_NAMES_NOBODY: Final = frozenset({"LOCATION", "NRP"})
_MOST_NAMED: Final = 5
_REFUSAL_SECONDS: Final = 2.0
"""How long a refusal may take to be recorded once the caller's own deadline has passed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Enforcement:
    """Enforces sharing contracts on payloads. Thread-safe: it holds collaborators and no state.

    `new_id` gives a fresh identifier for a disclosure.
    """

    contracts: ContractBook
    detector: Detector
    pseudonyms: Pseudonyms
    ledger: Ledger
    decode: Decode
    clock: Clock
    limits: Limits
    new_id: Callable[[], str]
    beside: Beside = field(default_factory=NoShadows)

    def transfer(
        self, caller: Caller, request: TransferRequest, *, seconds: float | None
    ) -> Answer:
        """Enforces the contract in force and releases what it permits, with proof.

        A decision, also one that refuses, is an Answer. Raises PrivacyError where no contract
        could be applied; then nothing was released, and nothing is stored but the attempt.
        """
        caller.require_partner(request.sender)
        return self._passed_on(caller, request, seconds)

    def receive(self, caller: Caller, request: TransferRequest, *, seconds: float | None) -> Answer:
        """As `transfer`, by the recipient: what it got from the sender in another way passes
        through the contract before anybody there reads it.
        """
        caller.require_partner(request.recipient)
        return self._passed_on(caller, request, seconds)

    def _passed_on(self, caller: Caller, request: TransferRequest, seconds: float | None) -> Answer:
        deadline = Deadline.after(seconds, self.clock)
        commitment = self._commitment(request)
        attempt = self._entry(EntryKind.ATTEMPT, caller, request, commitment)
        begun = self.ledger.begin(
            attempt, request_id=request.request_id, request=commitment, seconds=deadline.left()
        )
        if begun.answer is not None:
            return begun.answer
        position = begun.position
        try:
            return self._enforce_as_of_release(caller, request, commitment, position, deadline)
        except PrivacyError as error:
            self._record_refusal(attempt, position, error.reason.code)
            raise
        except Exception:
            self._record_refusal(attempt, position, errors.INTERNAL.code)
            raise

    def weigh(
        self, caller: Caller, request: TransferRequest, *, attempt: int, seconds: float | None
    ) -> Release:
        """What `transfer` or `receive` would make true at this moment, with no effect: for what a
        person decides about first. `attempt` is the entry of the act that it is weighed for.

        Raises what they raise where no contract could be applied.
        """
        deadline = Deadline.after(seconds, self.clock)
        commitment = self._commitment(request)
        return self._weighed(caller, request, commitment, attempt, deadline)[1]

    def passing(
        self, caller: Caller, request: TransferRequest, *, attempt: int, seconds: float | None
    ) -> Passing:
        """`transfer` or `receive` for whatever makes it true with an effect of its own, whose
        attempt is on record at `attempt`. Nothing is true yet. Raises what they raise where no
        contract could be applied.
        """
        deadline = Deadline.after(seconds, self.clock)
        commitment = self._commitment(request)
        entry = self._entry(EntryKind.ATTEMPT, caller, request, commitment)
        terms, release, _dropped = self._weighed(caller, request, commitment, attempt, deadline)
        return Passing(
            attempt=entry,
            release=release,
            passed=lambda answer: self._offer(request, terms, answer, release.draw),
        )

    def reexamine(self, waiting: Release, payload: bytes, *, seconds: float | None) -> Release:
        """What a release that waits for a person becomes with another payload, under the contract
        in force. What the contract has a person look at passes: a person does.

        Raises REVIEW_EDIT_REFUSED where the contract refuses it, and what reading it raises.
        """
        deadline = Deadline.after(seconds, self.clock)
        pair = waiting.pair
        terms = self.contracts.in_force(
            pair.sender, pair.recipient, pair.purpose, at=self.clock.now(), draw=waiting.draw
        )
        request = TransferRequest(
            sender=pair.sender,
            recipient=pair.recipient,
            purpose=pair.purpose,
            content_type=waiting.answer.content_type,
            payload=payload,
            request_id=waiting.request_id,
        )
        examined, mint, subjects = self._examine(request, terms, pair, deadline)
        if examined.held is not None:
            examined = examined.released()
        if examined.payload is None:
            code = examined.decision.reasons[0].code
            raise PrivacyError(errors.REVIEW_EDIT_REFUSED, because=code)
        people = tuple(sorted({*waiting.subjects, *(subject.digest for subject in subjects)}))
        refs, categories = _refs(terms), examined.categories
        return replace(
            waiting,
            entry=replace(
                waiting.entry,
                contracts=refs,
                subjects=people,
                categories=categories,
                payload_out=self.pseudonyms.commitment(examined.payload),
            ),
            answer=_answer(request, terms, examined),
            disclosure=waiting.disclosure
            and replace(waiting.disclosure, contracts=refs, subjects=people, categories=categories),
            minted=mint.minted,
            subjects=people,
            quotas=quotas_at(terms, self.clock.now()),
        )

    def preview(self, caller: Caller, request: PreviewRequest, *, seconds: float | None) -> Answer:
        """What `transfer` would answer at this moment, with no effect and no promise.

        Anyone but the sender gets other tokens, hashes and dates than the recipient does: whoever
        holds those could else try values until one gives the same.
        """
        if Role.OFFICER not in caller.roles and caller.partner != request.recipient:
            caller.require_partner(request.sender)
        deadline = Deadline.after(seconds, self.clock)
        now = self.clock.now()
        terms = self._terms(request, now)
        pair = _pair(request)
        if caller.partner != request.sender:
            pair = replace(pair, purpose=f"preview of {pair.purpose}")
        examined, _mint, _subjects = self._examine(request, terms, pair, deadline)
        return _answer(request, terms, examined)

    def inspect(
        self, caller: Caller, request: InspectRequest, *, seconds: float | None
    ) -> InspectAnswer:
        """Every finding in a payload, under no contract. Nothing is recorded."""
        del caller  # whoever may call may inspect: the payload is the caller's own
        deadline = Deadline.after(seconds, self.clock)
        document = self.decode(request.content_type, request.payload)
        (answer,) = survey(
            [document],
            threshold=request.threshold,
            detector=self.detector,
            deadline=deadline,
            limits=self.limits,
        )
        return answer

    def leftover(
        self,
        versions: Sequence[ContractVersion],
        *,
        sender: str,
        content_type: str,
        payload: bytes,
        seconds: float | None,
    ) -> Mapping[str, int]:
        """What of a payload that was released under these versions should not have left, as the
        detector finds it now: how many of which entity. Nothing is recorded.
        """
        look = Leftovers(
            decode=self.decode, detector=self.detector, limits=self.limits, clock=self.clock
        )
        return look(
            versions, sender=sender, content_type=content_type, payload=payload, seconds=seconds
        )

    def alone(
        self, version: ContractVersion, request: PreviewRequest, *, seconds: float | None
    ) -> Answer:
        """What this version by itself makes of a payload, whoever else has terms, whatever consent
        and region. Nothing is recorded.
        """
        compiled = compile_terms(version)
        sends = version.contract.party.partner == request.sender
        terms = stricter(compiled, None) if sends else stricter(None, compiled)
        deadline = Deadline.after(seconds, self.clock)
        examined, _mint, _subjects = self._examine(request, terms, _pair(request), deadline)
        return _answer(request, terms, examined)

    def require_unnamed(self, field: str, text: str, *, seconds: float | None) -> None:
        """Raises REQUEST_INVALID where a text that is kept in the open holds personal data, with of
        which kind and where. A place or a nationality alone names nobody.
        """
        (found,) = survey(
            [self.decode("text/plain", text.encode())],
            threshold=USUAL_THRESHOLD,
            detector=self.detector,
            deadline=Deadline.after(seconds, self.clock),
            limits=self.limits,
        )
        named = [one for one in found.findings if one.entity not in _NAMES_NOBODY]
        if named or not found.coverage.complete:
            where = "; ".join(
                f"{one.entity} at characters {one.start + 1} to {one.end}"
                for one in named[:_MOST_NAMED]
            )
            raise PrivacyError(
                errors.REQUEST_INVALID, field=field, holds="personal data", where=where or "unknown"
            )

    # -- The steps ----------------------------------------------------------------------------

    def _enforce_as_of_release(
        self,
        caller: Caller,
        request: TransferRequest,
        commitment: str,
        attempt: int,
        deadline: Deadline,
    ) -> Answer:
        """Once more from the terms on, where a contract was changed meanwhile."""
        try:
            return self._enforce(caller, request, commitment, attempt, deadline)
        except PrivacyError as error:
            if error.reason is not errors.CONTRACT_SUPERSEDED:
                raise
        return self._enforce(caller, request, commitment, attempt, deadline)

    def _enforce(
        self,
        caller: Caller,
        request: TransferRequest,
        commitment: str,
        attempt: int,
        deadline: Deadline,
    ) -> Answer:
        terms, release, dropped = self._weighed(caller, request, commitment, attempt, deadline)
        try:
            answer = self.ledger.release(release, seconds=deadline.left())
        except PrivacyError as error:
            if error.reason is not errors.SUBJECT_ERASED or dropped is None:
                raise
            return self.ledger.release(dropped, seconds=deadline.left())
        self._offer(request, terms, answer, release.draw)
        return answer

    def _offer(
        self, request: TransferRequest, terms: Terms, answer: Answer, draw: str | None
    ) -> None:
        """What was answered, for a version that judges beside the one in force."""
        now = self.clock.now()
        offered = offers(
            request,
            terms,
            answer,
            draw=draw or request.request_id,
            at=now,
            as_if=partial(self.contracts.as_if, terms, purpose=request.purpose, at=now),
            judge=partial(self._judged, request),
        )
        for one in offered:
            self.beside.offer(one)

    def _judged(self, request: TransferRequest, terms: Terms) -> Answer:
        """What these terms make of a request, with no effect."""
        admit(request, terms, now=self.clock.now())
        deadline = Deadline.after(JUDGE_SECONDS, self.clock)
        examined, _mint, _subjects = self._examine(request, terms, _pair(request), deadline)
        return _answer(request, terms, examined)

    def _weighed(
        self,
        caller: Caller,
        request: TransferRequest,
        commitment: str,
        attempt: int,
        deadline: Deadline,
    ) -> tuple[Terms, Release, Release | None]:
        """The terms in force, and what they make of it; and in its place, where the contract lets
        go what is about somebody who was erased, nothing of it.
        """
        now = self.clock.now()
        terms = self._found(request, now, draw=self._draw(request))
        if request.opted_out and objects_to(request.purpose):
            self._remember_opt_out(request, terms, now, deadline)
        admit(request, terms, now=now)
        examined, mint, subjects = self._examine(request, terms, _pair(request), deadline)

        def release_of(examined: Examined, about: tuple[KnownSubject, ...]) -> Release:
            return self._release(caller, request, commitment, attempt, terms, examined, now, about)

        release = release_of(examined, subjects)
        if examined.payload is not None:
            release = replace(release, minted=mint.minted)
        elif examined.held is not None:
            approved = replace(release_of(examined.released(), subjects), minted=mint.minted)
            release = _held(release, approved, terms, self.new_id())
        drops = terms.erased_subjects is ErasedSubjects.DROP
        return terms, release, release_of(_dropped(examined), ()) if drops else None

    def _draw(self, request: TransferRequest) -> str:
        """What a canary takes the request by: the people that it names, else the request itself, so
        that one person's data, and a retry, meet one version.
        """
        people = sorted(
            self.pseudonyms.subject_digest(one.type, one.value) for one in request.subjects
        )
        named = " ".join(people) or request.request_id
        return self.pseudonyms.commitment(f"canary {named}".encode())

    def _terms(self, request: PreviewRequest, now: datetime) -> Terms:
        terms = self._found(request, now, draw=None)
        admit(request, terms, now=now)
        return terms

    def _found(self, request: PreviewRequest, now: datetime, *, draw: str | None) -> Terms:
        return self.contracts.in_force(
            request.sender, request.recipient, request.purpose, at=now, draw=draw
        )

    def _remember_opt_out(
        self, request: TransferRequest, terms: Terms, now: datetime, deadline: Deadline
    ) -> None:
        """Who has opted out is known from now on, though what brought the signal is refused."""
        document = self.decode(request.content_type, request.payload)
        people = {one.digest for one in self._subjects(request, document, terms)}
        self.ledger.remember_opt_out(
            _pair(request), sorted(people), at=now, seconds=deadline.left()
        )

    def _subjects(
        self, request: PreviewRequest, document: Document, terms: Terms
    ) -> tuple[KnownSubject, ...]:
        """Whom the request and the payload name."""
        digest = self.pseudonyms.subject_digest
        return (
            *(KnownSubject(digest(ref.type, ref.value)) for ref in request.subjects),
            *subjects_of(document, terms, digest),
        )

    def _examine(
        self, request: PreviewRequest, terms: Terms, pair: Pair, deadline: Deadline
    ) -> tuple[Examined, TransferMint, tuple[KnownSubject, ...]]:
        document = self.decode(request.content_type, request.payload)
        subjects = self._subjects(request, document, terms)
        mint = TransferMint(
            self.pseudonyms, pair, subjects, terms.recipient_key, terms.refs[0].contract.id
        )
        examination = Examination(terms, self.detector, mint, self.decode, deadline, self.limits)
        examined = examination.examine(document, request.content_type)
        return _with_copy_told(examined, terms), mint, subjects

    def _release(
        self,
        caller: Caller,
        request: TransferRequest,
        commitment: str,
        attempt: int,
        terms: Terms,
        examined: Examined,
        now: datetime,
        subjects: tuple[KnownSubject, ...],
    ) -> Release:
        """Everything that becomes true with the decision, whatever it is."""
        digests = tuple(sorted({subject.digest for subject in subjects}))
        entry = self._effect_entry(
            caller, request, commitment, attempt, terms, examined, now, digests
        )
        released = examined.payload is not None
        return Release(
            request_id=request.request_id,
            request=commitment,
            entry=entry,
            answer=replace(
                _answer(request, terms, examined), warnings=self.contracts.warnings(terms, at=now)
            ),
            disclosure=self._disclosure(request, terms, examined, now, digests)
            if released
            else None,
            pair=_pair(request),
            subjects=digests,
            quotas=quotas_at(terms, now) if released else (),
            keep_copy=released and terms.storage is Storage.SEALED_COPY,
            copy_until=_after(now, terms.retention.ours),
            claim=request.claim,
            opted_out=request.opted_out,
            draw=self._draw(request),
            ask_consent_ledger=released
            and terms.consent
            and terms.consent_proof.by is ConsentProof.LEDGER,
        )

    def _disclosure(
        self,
        request: TransferRequest,
        terms: Terms,
        examined: Examined,
        now: datetime,
        subjects: tuple[str, ...],
    ) -> Disclosure:
        return Disclosure(
            id=self.new_id(),
            at=now,
            sender=request.sender,
            recipient=request.recipient,
            purpose=normalise(request.purpose),
            contracts=_refs(terms),
            subjects=subjects,
            categories=examined.categories,
            consent=request.consent.record_id if request.consent else None,
            recipient_keeps_until=_after(now, terms.retention.recipient),
        )

    # -- Evidence -----------------------------------------------------------------------------

    def _commitment(self, request: TransferRequest) -> str:
        """One keyed word for everything in the request but its id."""
        parts = [
            request.sender,
            request.recipient,
            request.purpose,
            request.content_type,
            hashlib.sha256(request.payload).hexdigest(),
            request.consent.record_id if request.consent else "",
            request.recipient_region or "",
        ]
        for ref in request.subjects:
            parts += (ref.type, ref.value)
        # Only where they are said: what earlier releases committed to stays so.
        if request.claim is not None:
            parts += ("claim", request.claim)
        if request.consent is not None and request.consent.checked_at is not None:
            parts += ("consent checked", request.consent.checked_at.isoformat())
        if request.opted_out:
            parts.append("opted out")
        framed = b"".join(
            len(part).to_bytes(4, "big") + part for part in (text.encode() for text in parts)
        )
        return self.pseudonyms.commitment(framed)

    def _entry(
        self, kind: EntryKind, caller: Caller, request: TransferRequest, commitment: str
    ) -> AuditEntry:
        return AuditEntry(
            kind=kind,
            action=TRANSFER,
            at=self.clock.now(),
            actor=caller.name,
            partner=request.sender,
            counterparty=request.recipient,
            purpose=_known_purpose(request.purpose),
            request=commitment,
            resource=request.request_id,
            reason=for_claim(request.claim),
        )

    def _effect_entry(
        self,
        caller: Caller,
        request: TransferRequest,
        commitment: str,
        attempt: int,
        terms: Terms,
        examined: Examined,
        now: datetime,
        subjects: tuple[str, ...],
    ) -> AuditEntry:
        out = examined.payload
        return AuditEntry(
            kind=EntryKind.EFFECT,
            action=TRANSFER,
            at=now,
            actor=caller.name,
            partner=request.sender,
            counterparty=request.recipient,
            purpose=_known_purpose(request.purpose),
            outcome=examined.decision.effect.value,
            attempt=attempt,
            contracts=_refs(terms),
            subjects=subjects,
            categories=examined.categories,
            request=commitment,
            payload_in=self.pseudonyms.commitment(request.payload),
            payload_out=None if out is None else self.pseudonyms.commitment(out),
            resource=request.request_id,
            reason=",".join(sorted({reason.code for reason in examined.decision.reasons})) or None,
        )

    def _effect(self, attempt: AuditEntry, position: int, outcome: str) -> AuditEntry:
        return AuditEntry(
            kind=EntryKind.EFFECT,
            action=attempt.action,
            at=self.clock.now(),
            actor=attempt.actor,
            partner=attempt.partner,
            counterparty=attempt.counterparty,
            purpose=attempt.purpose,
            outcome=outcome,
            attempt=position,
            request=attempt.request,
            resource=attempt.resource,
        )

    def _record_refusal(self, attempt: AuditEntry, position: int, code: str) -> None:
        """The effect of an attempt that came to nothing.

        If even this can't be written, the attempt stays without effect in the log, which
        `audit verify` reports as unfinished; the caller gets the first error, not this one.
        """
        try:
            self.ledger.record(self._effect(attempt, position, code), seconds=_REFUSAL_SECONDS)
        except PrivacyError:
            return


def _dropped(examined: Examined) -> Examined:
    """What is let go because it is about a person who was erased: nobody is named in it."""
    decision = Decision(effect=Effect.REFUSE, reasons=(reason(SUBJECT_DROPPED),))
    return replace(
        examined, decision=decision, payload=None, held=None, treatments=(), categories=()
    )


def _pair(request: PreviewRequest) -> Pair:
    return Pair(
        sender=request.sender, recipient=request.recipient, purpose=normalise(request.purpose)
    )


def _known_purpose(purpose: str) -> str | None:
    """The purpose, if it is one: the log is no place for whatever else a caller writes there."""
    known = normalise(purpose)
    return known if known in purposes() else None


def _answer(request: PreviewRequest, terms: Terms, examined: Examined) -> Answer:
    return Answer(
        decision=examined.decision,
        coverage=examined.coverage,
        content_type=request.content_type,
        payload=examined.payload,
        treatments=examined.treatments,
        contracts=tuple(
            ContractStamp(
                id=ref.contract.id,
                version=ref.number,
                digest=ref.digest,
                party=ref.contract.party.partner,
            )
            for ref in terms.refs
        ),
        decided_by=_won(terms),
    )


def _with_copy_told(examined: Examined, terms: Terms) -> Examined:
    """With a word to whoever asked for a sealed copy and gets none, as the other party's terms, by
    silence or in words, are the stricter.
    """
    asked = any(side.version.contract.storage is Storage.SEALED_COPY for side in terms.sides)
    leaves = examined.payload is not None or examined.held is not None
    if not leaves or not asked or terms.storage is Storage.SEALED_COPY:
        return examined
    reasons = (*examined.decision.reasons, reason(COPY_NOT_KEPT))
    return replace(examined, decision=replace(examined.decision, reasons=reasons))


def _won(terms: Terms) -> dict[str, TermSource]:
    """The terms in which one party was stricter than the other; none where only one has terms."""
    if len(terms.sides) < 2:
        return {}
    return {term: source for term, source in terms.decided.items() if source is not TermSource.BOTH}


def _held(waiting: Release, approved: Release, terms: Terms, review_id: str) -> Release:
    """A release of nothing but the word that the payload waits for this review."""
    held = Held(
        review_id=review_id,
        release=approved,
        expires_at=waiting.entry.at + terms.review.patience,
        four_eyes=terms.review.four_eyes,
    )
    return replace(waiting, answer=replace(waiting.answer, review_id=review_id), held=held)


def _refs(terms: Terms) -> tuple[ContractRef, ...]:
    return tuple(
        ContractRef(id=ref.contract.id, number=ref.number, digest=ref.digest) for ref in terms.refs
    )


def _after(now: datetime, period: timedelta | None) -> datetime | None:
    if period is None:
        return None
    try:
        return now + period
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)
