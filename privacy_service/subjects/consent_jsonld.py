"""A consent record as JSON-LD: ISO/IEC TS 27560:2023 in DPV, by the profile of the DPVCG.

The profile is named in `dct:conformsTo`. The person stands in it by a keyed digest.
Source: "Consent Records and Receipts as per ISO/IEC TS 27560:2023 using DPV", final report of the
W3C Data Privacy Vocabularies and Controls Community Group (https://w3id.org/dpv/guides/consent-27560).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from privacy_service.subjects.consent import (
    ConsentEvent,
    ConsentParty,
    ConsentRecord,
    ConsentState,
    ConsentTerms,
    Expression,
)

CONTEXT: Final = {
    "dpv": "https://w3id.org/dpv#",
    "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
    "pd": "https://w3id.org/dpv/pd#",
    "loc": "https://w3id.org/dpv/loc#",
    "dct": "http://purl.org/dc/terms/",
    "schema": "https://schema.org/",
    "entity": "urn:privacy-service:entity:",
    "partner": "urn:privacy-service:partner:",
    "subject": "urn:privacy-service:subject:",
}
PROFILE: Final = "https://w3id.org/dpv/schema/dpv-27560#record-eu-gdpr"
_STATES: Final = {
    ConsentState.REQUESTED: "dpv:ConsentRequested",
    ConsentState.DEFERRED: "dpv:ConsentRequestDeferred",
    ConsentState.REFUSED: "dpv:ConsentRefused",
    ConsentState.GIVEN: "dpv:ConsentGiven",
    ConsentState.RENEWED: "dpv:RenewedConsentGiven",
    ConsentState.EXPIRED: "dpv:ConsentExpired",
    ConsentState.INVALIDATED: "dpv:ConsentInvalidated",
    ConsentState.REVOKED: "dpv:ConsentRevoked",
    ConsentState.WITHDRAWN: "dpv:ConsentWithdrawn",
}
_EXPRESSIONS: Final = {
    Expression.EXPLICIT: "dpv:ExplicitlyExpressedConsent",
    Expression.EXPRESSED: "dpv:ExpressedConsent",
    Expression.IMPLIED: "dpv:ImpliedConsent",
}


def as_jsonld(record: ConsentRecord, *, now: datetime) -> dict[str, Any]:
    """The record with its events, and its state at this instant."""
    terms = record.terms
    return {
        "@context": CONTEXT,
        "@id": f"urn:privacy-service:consent:{record.partner}:{record.id}",
        "@type": "dpv:ConsentRecord",
        "dct:identifier": record.id,
        "dct:conformsTo": PROFILE,
        "schema:version": "ISO/IEC TS 27560:2023",
        "dpv:hasDataSubject": [
            {"@id": f"subject:{digest}", "@type": "dpv:DataSubject"}
            for digest in sorted(record.subjects)
        ],
        "dpv:hasDataController": [_party(party) for party in terms.controllers],
        "dpv:hasJurisdiction": f"loc:{terms.jurisdiction}",
        "dpv:hasLegalBasis": terms.legal_basis,
        "dpv:hasNotice": {
            "@type": "dpv:ConsentNotice",
            "@id": terms.notice,
            "dct:language": terms.language,
            "schema:sha256": terms.digest.removeprefix("sha256:"),
        },
        "dpv:hasProcess": _process(terms),
        "dpv:hasRight": list(terms.rights),
        "dpv:hasConsentControl": {
            "@type": "dpv:WithdrawConsent",
            "dct:description": terms.withdrawal_method,
        },
        "dpv:hasConsentStatus": _STATES[record.state_at(now)],
        "dpv:hasActivity": [_event(event) for event in record.events],
    }


def _party(party: ConsentParty) -> dict[str, Any]:
    return {
        "@id": f"partner:{party.id}",
        "@type": "dpv:DataController",
        "dpv:hasName": party.name,
        "dpv:hasAddress": party.address,
        "dpv:hasContact": party.contact,
        "schema:additionalType": party.type,
    }


def _process(terms: ConsentTerms) -> dict[str, Any]:
    locations = [f"loc:{one}" for one in terms.processing_locations]
    process: dict[str, Any] = {
        "@type": "dpv:Process",
        "dpv:hasPurpose": list(terms.purposes),
        "dpv:hasPersonalData": [_personal_data(one, terms) for one in terms.personal_data],
        "dpv:hasRecipientThirdParty": [f"partner:{one}" for one in terms.recipients],
        "dpv:hasProcessing": [{"@type": "dpv:Collect", "dct:description": terms.collection_method}],
        "dpv:hasStorageCondition": [
            {
                "@type": "dpv:StorageLocation",
                "dpv:hasLocation": [f"loc:{one}" for one in terms.storage_locations],
            },
            {"@type": "dpv:StorageDuration", "dpv:hasDuration": terms.retention_period},
        ],
    }
    if locations:
        process["dpv:hasLocation"] = locations
    if terms.service:
        process["dpv:hasService"] = terms.service
    return process


def _personal_data(term: str, terms: ConsentTerms) -> dict[str, str]:
    special = term in terms.special_categories
    return {
        "@id": term if ":" in term else f"entity:{term}",
        "@type": "dpv:SpecialCategoryPersonalData" if special else "dpv:PersonalData",
    }


def _event(event: ConsentEvent) -> dict[str, Any]:
    said: dict[str, Any] = {
        "@type": _EXPRESSIONS[event.expression],
        "dpv:hasConsentStatus": _STATES[event.state],
        "dpv:isIndicatedAtTime": event.at.isoformat(),
        "dpv:isIndicatedBy": event.by,
    }
    if event.valid_for is not None:
        said["dpv:hasDuration"] = event.valid_for
    return said
