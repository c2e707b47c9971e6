"""ConsentService: parse, call, render."""

from __future__ import annotations

import json
from typing import Final

from privacy_service.contracts import dpv
from privacy_service.desks.ports.consents import (
    ConsentDesk,
    ConsentNow,
    GetConsent,
    ListConsents,
    RecordConsent,
    WithdrawConsent,
)
from privacy_service.desks.ports.pages import Place
from privacy_service.rpc.answers import numbers, parse_instant, render_audit, render_instant
from privacy_service.rpc.call import admitted
from privacy_service.rpc.enforcement import parse_subject
from privacy_service.rpc.pages import PageTokens
from privacy_service.subjects.consent import (
    ConsentEvent,
    ConsentParty,
    ConsentState,
    ConsentTerms,
    Expression,
)
from privacy_service.subjects.consent_jsonld import as_jsonld
from privacy_service.v1 import consent_pb2 as pb
from privacy_service.v1 import consent_pb2_grpc as pb_grpc

STATES: Final = numbers(ConsentState, pb.ConsentState)
EXPRESSIONS: Final = numbers(Expression, pb.Expression)
_STATES: Final = {number: state for state, number in STATES.items()}
_EXPRESSIONS: Final = {number: expression for expression, number in EXPRESSIONS.items()}
_USUAL_BASIS: Final = "eu-gdpr:A6-1-a"


class ConsentServicer(pb_grpc.ConsentServiceServicer):
    """Answers ConsentService; every rule is behind the desk."""

    def __init__(self, desk: ConsentDesk, pages: PageTokens) -> None:
        self._desk = desk
        self._pages = pages

    def RecordConsent(
        self, request: pb.RecordConsentRequest, context: object
    ) -> pb.RecordConsentResponse:
        call = admitted(context)
        found, audit = self._desk.record_consent(
            call.caller, parse_record(request), seconds=call.seconds()
        )
        return pb.RecordConsentResponse(record=render_record(found), audit=render_audit(audit))

    def WithdrawConsent(
        self, request: pb.WithdrawConsentRequest, context: object
    ) -> pb.WithdrawConsentResponse:
        call = admitted(context)
        ids, audit = self._desk.withdraw_consent(
            call.caller, parse_withdraw(request), seconds=call.seconds()
        )
        return pb.WithdrawConsentResponse(record_ids=ids, audit=render_audit(audit))

    def GetConsent(self, request: pb.GetConsentRequest, context: object) -> pb.GetConsentResponse:
        call = admitted(context)
        asked = GetConsent(partner=request.partner, record_id=request.record_id)
        found = self._desk.get_consent(call.caller, asked, seconds=call.seconds())
        written = json.dumps(as_jsonld(found.record, now=found.at), ensure_ascii=False, indent=2)
        return pb.GetConsentResponse(record=render_record(found), json_ld=written)

    def ListConsents(
        self, request: pb.ListConsentsRequest, context: object
    ) -> pb.ListConsentsResponse:
        call = admitted(context)
        asked = parse_list(request, self._pages.place(call, request))
        page = self._desk.list_consents(call.caller, asked, seconds=call.seconds())
        return pb.ListConsentsResponse(
            records=[render_record(found) for found in page.items],
            next_page_token=self._pages.token(call, request, page.next),
        )

    def ListOptOuts(
        self, request: pb.ListOptOutsRequest, context: object
    ) -> pb.ListOptOutsResponse:
        call = admitted(context)
        found = self._desk.list_opt_outs(
            call.caller, parse_subject(request.subject), seconds=call.seconds()
        )
        return pb.ListOptOutsResponse(
            opt_outs=[pb.OptOut(partner=one.partner, time=render_instant(one.at)) for one in found]
        )


def parse_record(request: pb.RecordConsentRequest) -> RecordConsent:
    """Raises REQUEST_INVALID for terms that do not hold up."""
    event = request.event
    return RecordConsent(
        partner=request.partner,
        record_id=request.record_id,
        subjects=tuple(parse_subject(subject) for subject in request.subjects),
        terms=parse_terms(request.terms) if request.HasField("terms") else None,
        state=_STATES[event.state],
        at=parse_instant(event.time) if event.HasField("time") else None,
        expression=_EXPRESSIONS.get(event.expression, Expression.EXPLICIT),
        by=event.by or "data-subject",
        valid_for=event.valid_for or None,
        request_id=request.request_id.lower(),
    )


def parse_terms(terms: pb.ConsentTerms) -> ConsentTerms:
    return ConsentTerms(
        notice=terms.notice,
        language=terms.language,
        purposes=tuple(dpv.normalise(purpose) for purpose in terms.purposes),
        legal_basis=terms.legal_basis or _USUAL_BASIS,
        recipients=tuple(terms.recipients),
        personal_data=tuple(terms.personal_data),
        special_categories=tuple(terms.special_categories),
        controllers=tuple(
            ConsentParty(
                id=party.party_id,
                name=party.name,
                address=party.address,
                contact=party.contact,
                type=party.type,
            )
            for party in terms.controllers
        ),
        collection_method=terms.collection_method,
        storage_locations=tuple(terms.storage_locations),
        processing_locations=tuple(terms.processing_locations),
        retention_period=terms.retention_period,
        jurisdiction=terms.jurisdiction,
        withdrawal_method=terms.withdrawal_method,
        service=terms.service,
        rights=tuple(terms.rights),
    )


def parse_withdraw(request: pb.WithdrawConsentRequest) -> WithdrawConsent:
    named = request.WhichOneof("what") == "subject"
    return WithdrawConsent(
        partner=request.partner,
        record_id=None if named else request.record_id,
        subject=parse_subject(request.subject) if named else None,
        request_id=request.request_id.lower(),
    )


def parse_list(request: pb.ListConsentsRequest, place: Place) -> ListConsents:
    subject = parse_subject(request.subject) if request.HasField("subject") else None
    return ListConsents(partner=request.partner or None, subject=subject, place=place)


def render_record(found: ConsentNow) -> pb.ConsentRecord:
    record = found.record
    return pb.ConsentRecord(
        partner=record.partner,
        record_id=record.id,
        subject_digests=sorted(record.subjects),
        terms=render_terms(record.terms),
        terms_digest=record.terms.digest,
        events=[_event(event) for event in record.events],
        state=STATES[record.state_at(found.at)],
        expire_time=render_instant(record.events[-1].until),
    )


def render_terms(terms: ConsentTerms) -> pb.ConsentTerms:
    return pb.ConsentTerms(
        notice=terms.notice,
        language=terms.language,
        purposes=terms.purposes,
        legal_basis=terms.legal_basis,
        recipients=terms.recipients,
        personal_data=terms.personal_data,
        special_categories=terms.special_categories,
        controllers=[
            pb.ConsentParty(
                party_id=party.id,
                name=party.name,
                address=party.address,
                contact=party.contact,
                type=party.type,
            )
            for party in terms.controllers
        ],
        collection_method=terms.collection_method,
        storage_locations=terms.storage_locations,
        processing_locations=terms.processing_locations,
        retention_period=terms.retention_period,
        jurisdiction=terms.jurisdiction,
        withdrawal_method=terms.withdrawal_method,
        service=terms.service,
        rights=terms.rights,
    )


def _event(event: ConsentEvent) -> pb.ConsentEvent:
    return pb.ConsentEvent(
        state=STATES[event.state],
        time=render_instant(event.at),
        expression=EXPRESSIONS[event.expression],
        by=event.by,
        valid_for=event.valid_for or "",
    )
