"""The evidence about a request in one file: its acts, what was disclosed, and the receipt."""

from __future__ import annotations

import json
from pathlib import Path

from privacy_service.evidence.archive_verify import verify_archive
from privacy_service.evidence.note import VerifierKey
from privacy_service.evidence.proven_note import RECEIPT, ProvenNote
from privacy_service.evidence.stored_zip import walked
from privacy_service.v1 import audit_pb2
from retention.jobs.erase import JOB as ERASE
from tests.retention.people import MARIA, people


def test_an_erasure_is_evidence_in_one_file(tmp_path: Path) -> None:
    with people(tmp_path) as house:
        house.put_record("r-1", MARIA)
        sent = house.transfer(MARIA)
        house.transfer("peter@mail.example")
        request = house.begin(MARIA)
        house.run(ERASE)
        (notice,) = house.notices("swift-parcel")
        house.confirm("swift-parcel", notice.notice_id)
        house.run(ERASE)
        auditor = house.service.person("auditor")
        asked = audit_pb2.ExportEvidenceRequest(resource=request, with_disclosures=True)
        pieces = auditor.audit.ExportEvidence(asked, metadata=auditor.metadata, timeout=60)
        archive = b"".join(piece.chunk for piece in pieces)
        key = VerifierKey.parse(house.service.running.verifier_key)
    report = verify_archive(archive, keys=[key])
    assert report.faults == ()
    assert report.disclosures == 1
    files = {file.name: file.content for file in walked(archive)}
    index = json.loads(files["index.json"])
    assert index["disclosures"][0]["id"] == sent.disclosure_id
    acts = {entry["action"] for entry in index["entries"] if entry["resource"] == request}
    assert "SubjectRequestService/IssueReceipt" in acts
    receipt = ProvenNote.parse(files["attached/erasure-receipt.json"].decode(), RECEIPT).verify(key)
    assert receipt.content["outcome"] == "completed"
    assert MARIA.encode() not in archive
