"""AuditService: parse, call, render."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from privacy_service.desks.ports.audit import (
    AuditDesk,
    ExportEvidence,
    GetConsistencyProof,
    GetInclusionProof,
    ListDisclosures,
    ListEntries,
    LogEntry,
)
from privacy_service.desks.ports.pages import Place
from privacy_service.evidence.disclosures import Disclosure
from privacy_service.rpc.answers import parse_instant, render_instant
from privacy_service.rpc.call import admitted
from privacy_service.rpc.enforcement import parse_subject
from privacy_service.rpc.pages import PageTokens
from privacy_service.v1 import answer_pb2 as answers
from privacy_service.v1 import audit_pb2 as pb
from privacy_service.v1 import audit_pb2_grpc as pb_grpc

_CHUNK: Final = 256 * 1024


class AuditServicer(pb_grpc.AuditServiceServicer):
    """Answers AuditService; every rule is behind the desk."""

    def __init__(self, desk: AuditDesk, pages: PageTokens) -> None:
        self._desk = desk
        self._pages = pages

    def ListEntries(
        self, request: pb.ListEntriesRequest, context: object
    ) -> pb.ListEntriesResponse:
        call = admitted(context)
        asked = parse_entries(request, self._pages.place(call, request))
        page = self._desk.list_entries(call.caller, asked, seconds=call.seconds())
        return pb.ListEntriesResponse(
            entries=[render_entry(entry) for entry in page.items],
            next_page_token=self._pages.token(call, request, page.next),
        )

    def GetCheckpoint(
        self, request: pb.GetCheckpointRequest, context: object
    ) -> pb.GetCheckpointResponse:
        del request  # it says nothing
        call = admitted(context)
        note = self._desk.get_checkpoint(call.caller, seconds=call.seconds())
        return pb.GetCheckpointResponse(signed_note=note)

    def GetInclusionProof(
        self, request: pb.GetInclusionProofRequest, context: object
    ) -> pb.GetInclusionProofResponse:
        call = admitted(context)
        asked = parse_inclusion(request)
        proof = self._desk.get_inclusion_proof(call.caller, asked, seconds=call.seconds())
        return pb.GetInclusionProofResponse(
            leaf_hash=proof.leaf_hash, hashes=proof.hashes, leaf=proof.leaf
        )

    def GetConsistencyProof(
        self, request: pb.GetConsistencyProofRequest, context: object
    ) -> pb.GetConsistencyProofResponse:
        call = admitted(context)
        asked = parse_consistency(request)
        hashes = self._desk.get_consistency_proof(call.caller, asked, seconds=call.seconds())
        return pb.GetConsistencyProofResponse(hashes=hashes)

    def ListDisclosures(
        self, request: pb.ListDisclosuresRequest, context: object
    ) -> pb.ListDisclosuresResponse:
        call = admitted(context)
        asked = parse_disclosures(request, self._pages.place(call, request))
        page = self._desk.list_disclosures(call.caller, asked, seconds=call.seconds())
        return pb.ListDisclosuresResponse(
            disclosures=[render_disclosure(disclosure) for disclosure in page.items],
            next_page_token=self._pages.token(call, request, page.next),
        )

    def ExportEvidence(
        self, request: pb.ExportEvidenceRequest, context: object
    ) -> Iterator[pb.ExportEvidenceResponse]:
        call = admitted(context)
        asked = parse_export(request)
        archive = self._desk.export_evidence(call.caller, asked, seconds=call.seconds())
        for start in range(0, len(archive), _CHUNK):
            yield pb.ExportEvidenceResponse(chunk=archive[start : start + _CHUNK])


def parse_entries(request: pb.ListEntriesRequest, place: Place) -> ListEntries:
    return ListEntries(start_position=request.start_position, place=place)


def parse_inclusion(request: pb.GetInclusionProofRequest) -> GetInclusionProof:
    return GetInclusionProof(position=request.position, tree_size=request.tree_size)


def parse_consistency(request: pb.GetConsistencyProofRequest) -> GetConsistencyProof:
    return GetConsistencyProof(
        first_tree_size=request.first_tree_size, second_tree_size=request.second_tree_size
    )


def parse_disclosures(request: pb.ListDisclosuresRequest, place: Place) -> ListDisclosures:
    return ListDisclosures(
        partner=request.partner or None,
        subject=parse_subject(request.subject) if request.HasField("subject") else None,
        sender=request.sender or None,
        recipient=request.recipient or None,
        contract_id=request.contract_id or None,
        version=request.version or None,
        since=_instant(request, "since"),
        until=_instant(request, "until"),
        place=place,
    )


def parse_export(request: pb.ExportEvidenceRequest) -> ExportEvidence:
    return ExportEvidence(
        resource=request.resource or None,
        subject=parse_subject(request.subject) if request.HasField("subject") else None,
        partner=request.partner or None,
        contract_id=request.contract_id or None,
        version=request.version or None,
        since=_instant(request, "since"),
        until=_instant(request, "until"),
        with_disclosures=request.with_disclosures,
    )


def _instant(
    request: pb.ListDisclosuresRequest | pb.ExportEvidenceRequest, name: str
) -> datetime | None:
    return parse_instant(getattr(request, name)) if request.HasField(name) else None  # type: ignore[arg-type]


def render_entry(entry: LogEntry) -> pb.LogEntry:
    # Bytes that are no text were damaged: then they are not those of the hash either way.
    leaf = entry.leaf.decode(errors="replace")
    return pb.LogEntry(position=entry.position, leaf=leaf, leaf_hash=entry.digest)


def render_disclosure(disclosure: Disclosure) -> pb.Disclosure:
    return pb.Disclosure(
        disclosure_id=disclosure.id,
        disclose_time=render_instant(disclosure.at),
        sender=disclosure.sender,
        recipient=disclosure.recipient,
        purpose=disclosure.purpose,
        contracts=[
            answers.ContractRef(contract_id=ref.id, version=ref.number, digest=ref.digest)
            for ref in disclosure.contracts
        ],
        subjects=disclosure.subjects,
        categories=[
            pb.CategoryCount(entity=one.entity, treatment=one.treatment, count=one.count)
            for one in disclosure.categories
        ],
        position=disclosure.position,
        consent_record_id=disclosure.consent,
        record_id=disclosure.record,
        recipient_keeps_until=render_instant(disclosure.recipient_keeps_until),
        ledger_consent_ids=disclosure.ledger_consents,
    )
