"""Recipients are told: of what became of a request, and of what was corrected (GDPR Art. 19).

A notice names no one. Of a correction it has the field, what the sharing contract did to it before
it left, and, where that was a word that follows from the value (a token, a hash), the old word and
the new one: by these the recipient finds what it has to correct. A value is never in a notice: who
has it in clear gets the right one with the sender's next transfer, under the contract.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from privacy_service import errors
from privacy_service.clock import Clock
from privacy_service.contracts.compile import compile_terms
from privacy_service.contracts.merge import stricter
from privacy_service.contracts.model import Treatment, TreatmentKind
from privacy_service.contracts.paths import parse
from privacy_service.contracts.strictness import declares_entity
from privacy_service.contracts.terms import Terms
from privacy_service.desks.versions import as_version
from privacy_service.enforcement.ports import Pair
from privacy_service.errors import PrivacyError
from privacy_service.evidence.disclosures import Disclosure
from privacy_service.evidence.entries import ContractRef
from privacy_service.evidence.queries import DisclosureQuery
from privacy_service.records.pseudonyms import Pseudonyms
from privacy_service.store.database import Database
from privacy_service.store.views import Writing
from privacy_service.subjects.corrections import STATEMENT, Correction, Corrections
from privacy_service.subjects.notices import (
    MOST_NAMED,
    Channel,
    Concerns,
    CorrectedField,
    Notice,
    NoticeKind,
    NoticeState,
)
from privacy_service.subjects.requests import SubjectRequest

SECOND: Final = frozenset({NoticeKind.RESTRICTION_LIFTED, NoticeKind.OBJECTION_LIFTED})
"""Kinds of which a request has one for a recipient that it has told of something before."""
_NOT_GIVEN: Final = frozenset({TreatmentKind.REMOVE, TreatmentKind.REDACT, TreatmentKind.REFUSE})
_NONE: Final = TreatmentKind.REMOVE.value
_PAGE: Final = 500


def add_notices(
    tx: Writing,
    request: SubjectRequest,
    kind: NoticeKind,
    told: Mapping[str, Concerns],
    *,
    now: datetime,
    within: timedelta,
) -> None:
    """One notice for each recipient, where there is none yet. `within` is how long they have to
    confirm, where the request's own deadline is not earlier.
    """
    for recipient, concerns in sorted(told.items()):
        address = tx.notices.address(recipient)
        tx.notices.add(
            Notice(
                id=_notice_id(request.id, kind, recipient),
                request_id=request.id,
                recipient=recipient,
                kind=kind,
                concerns=concerns,
                state=NoticeState.WAITING,
                channel=Channel.PULL if address is None else address.channel,
                next_at=now,
                deadline=_deadline(request, now, within),
                made_at=now,
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Informing:
    """Tells recipients of corrections. Thread-safe."""

    database: Database
    pseudonyms: Pseudonyms
    clock: Clock
    confirm_within: timedelta

    def tell(self, request: SubjectRequest, corrections: Corrections) -> int:
        """Makes a notice for every recipient that was given what is corrected. How many."""
        told, now = self.concerned(request, corrections), self.clock.now()

        def work(tx: Writing) -> None:
            add_notices(
                tx, request, NoticeKind.RECTIFICATION, told, now=now, within=self.confirm_within
            )

        self.database.commit(work)
        return len(told)

    def concerned(self, request: SubjectRequest, corrections: Corrections) -> dict[str, Concerns]:
        """Every recipient that was given one of the fields, by the contracts that it was given
        under, or anything that a statement completes.

        A field that none of a sender's contracts knows may stand in its payloads by another name:
        then all who were given something about the person are told of it.
        """
        found, known = _Found(), dict[tuple[ContractRef, ...], Terms | None]()
        for disclosure in self._disclosed(request, corrections):
            found.gave(disclosure)
            if disclosure.contracts not in known:
                known[disclosure.contracts] = self._terms(disclosure)
            for one in corrections.of(disclosure.sender):
                said = self._said(disclosure, one, known[disclosure.contracts])
                if said is not None:
                    found.add(disclosure, said)
            if corrections.statement and corrections.statement.partner == disclosure.sender:
                found.add(disclosure, CorrectedField(field="$", treatment=STATEMENT))
        return found.concerns(corrections.fields)

    def _terms(self, disclosure: Disclosure) -> Terms | None:
        """What the contracts say that something was given under; None for what an older release
        could read, and this one cannot.
        """
        try:
            with self.database.reading() as view:
                versions = [
                    as_version(view.contracts.version(ref.id, ref.number))
                    for ref in disclosure.contracts
                ]
        except PrivacyError as error:
            if error.reason is not errors.CONTRACT_INVALID:
                raise
            return None
        by_party = {one.contract.party.partner: compile_terms(one) for one in versions}
        return stricter(by_party.get(disclosure.sender), by_party.get(disclosure.recipient))

    def _said(
        self, disclosure: Disclosure, one: Correction, terms: Terms | None
    ) -> CorrectedField | None:
        """What the recipient was given of the field; None: no contract knows it."""
        if terms is None:
            return CorrectedField(field=one.path)
        path = parse(one.path).sample
        term = terms.field(path)
        if term is None:
            return None
        entity = term.type if declares_entity(term.type) else None
        treatment = term.treatment
        if treatment is None and entity is not None:
            treatment = terms.finding(path, entity).treatment
        if not term.permit or (treatment is not None and treatment.kind in _NOT_GIVEN):
            return CorrectedField(field=one.path, treatment=_NONE)
        if treatment is None:
            return CorrectedField(field=one.path)
        return self._worded(disclosure, one, treatment, entity or "REDACTED")

    def _worded(
        self, disclosure: Disclosure, one: Correction, treatment: Treatment, label: str
    ) -> CorrectedField:
        pair = Pair(
            sender=disclosure.sender, recipient=disclosure.recipient, purpose=disclosure.purpose
        )
        old, new = tuple[str, ...](), ""
        if one.was is not None and treatment.kind is TreatmentKind.TOKENIZE:
            old = self.pseudonyms.tokens(pair, label, one.was)
            new = self.pseudonyms.token(pair, label, one.value)
        elif one.was is not None and treatment.kind is TreatmentKind.HASH:
            old = (self.pseudonyms.keyed_hash(pair, label, one.was),)
            new = self.pseudonyms.keyed_hash(pair, label, one.value)
        return CorrectedField(
            field=one.path, treatment=treatment.kind.value, old_words=old, new_word=new
        )

    def _disclosed(self, request: SubjectRequest, corrections: Corrections) -> Iterator[Disclosure]:
        for of in request.identifiers:
            for partner in corrections.partners:
                if of.partner in ("", partner):
                    yield from self._pages(DisclosureQuery(subjects=(of.digest,), sender=partner))

    def _pages(self, query: DisclosureQuery) -> Iterator[Disclosure]:
        after = -1
        while True:
            with self.database.reading() as view:
                rows = view.disclosures.list(query, after=after, limit=_PAGE)
            yield from rows
            if len(rows) < _PAGE:
                return
            after = rows[-1].position or after


@dataclass(frozen=True, slots=True)
class _Found:
    """What each recipient was given, bounded."""

    known: set[str] = field(default_factory=set)
    all_: dict[str, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))
    disclosures: dict[str, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))
    corrected: dict[str, dict[CorrectedField, None]] = field(
        default_factory=lambda: defaultdict(dict)
    )

    def gave(self, disclosure: Disclosure) -> None:
        """Something about the person, whatever it was. One more than is named shows that there is
        more.
        """
        _put(self.all_[disclosure.recipient], disclosure.id)

    def add(self, disclosure: Disclosure, said: CorrectedField) -> None:
        self.known.add(said.field)
        if said.treatment != _NONE:
            _put(self.disclosures[disclosure.recipient], disclosure.id)
            self.corrected[disclosure.recipient][said] = None

    def concerns(self, fields: tuple[str, ...]) -> dict[str, Concerns]:
        unknown = [CorrectedField(field=name) for name in fields if name not in self.known]
        told = self.all_ if unknown else self.corrected
        return {
            recipient: Concerns(
                disclosures=tuple(named)[:MOST_NAMED],
                more=len(named) > MOST_NAMED,
                corrected=(*self.corrected[recipient], *unknown),
            )
            for recipient in told
            for named in ((self.all_ if unknown else self.disclosures)[recipient],)
        }


def _put(named: dict[str, None], disclosure: str) -> None:
    if len(named) <= MOST_NAMED:
        named[disclosure] = None


def _deadline(request: SubjectRequest, now: datetime, within: timedelta) -> datetime:
    latest = now + within
    safe = request.deadline.conservative or request.deadline.legal or latest
    # One that is late already still gives its recipients a day.
    return max(min(latest, safe), now + timedelta(days=1))


def _notice_id(request_id: str, kind: NoticeKind, recipient: str) -> str:
    said = [request_id, recipient, *([kind.value] if kind in SECOND else [])]
    digest = hashlib.sha256("\n".join(said).encode()).hexdigest()
    return f"notice-{digest[:20]}"
