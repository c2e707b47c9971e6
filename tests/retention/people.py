"""A service with data about people, and a workplace for jobs on its files."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc

from privacy_service.app.running import Running, running
from privacy_service.commands.trial import set_up
from privacy_service.settings import DetectionSettings
from privacy_service.v1 import (
    enforcement_pb2,
    notices_pb2,
    notices_pb2_grpc,
    records_pb2,
    requests_pb2,
    requests_pb2_grpc,
)
from retention.engine import jobs_running
from retention.job import Job
from retention.workplace import Workplace
from tests.service.conftest import CONTRACTS, DELIVERY, PARTNERS, Peer, Service
from tests.stores import databases

MARIA = "maria@mail.example"
ORIGIN = "demo.example/audit"


@dataclass(frozen=True)
class People:
    """The service, and what tests do with it."""

    service: Service
    at: Workplace
    _sent: list[str] = field(default_factory=list)

    @property
    def officer(self) -> Peer:
        return self.service.person("officer")

    def put_record(
        self,
        name: str,
        *emails: str,
        partner: str = "acme-shop",
        content: bytes = b"what is kept",
    ) -> None:
        self.service.partner(partner).records.PutRecord(
            records_pb2.PutRecordRequest(
                partner=partner,
                record_id=name,
                content_type="text/plain",
                content=content,
                subjects=[enforcement_pb2.SubjectRef(type="email", value=e) for e in emails],
                request_id=str(uuid.uuid4()),
            ),
            timeout=30,
        )

    def records(self, partner: str = "acme-shop") -> list[str]:
        answer = self.service.partner(partner).records.ListRecords(
            records_pb2.ListRecordsRequest(partner=partner, page_size=1000), timeout=30
        )
        return [record.record_id for record in answer.records]

    def transfer(self, email: str, **more: Any) -> Any:
        order = {
            "order_id": "SO-1",
            "customer": {"customer_id": "C-1", "phone": "+49 30 901820"},
        }
        return self.service.partner("acme-shop").transfer(
            json.dumps(order),
            subjects=[enforcement_pb2.SubjectRef(type="email", value=email)],
            **more,
        )

    def submit(self, *emails: str, **more: Any) -> requests_pb2.SubjectRequest:
        identifiers = [
            requests_pb2.Identifier(subject=enforcement_pb2.SubjectRef(type="email", value=email))
            for email in emails
        ] + [
            requests_pb2.Identifier(
                subject=enforcement_pb2.SubjectRef(type="customer_id", value=customer),
                partner="acme-shop",
            )
            for customer in more.pop("customers", ())
        ]
        said = {
            "kind": requests_pb2.SUBJECT_REQUEST_KIND_ERASURE,
            "identifiers": identifiers,
            "regime": "eu-gdpr",
            "place": "DE",
            "request_id": str(uuid.uuid4()),
            **more,
        }
        return self._requests.SubmitRequest(
            requests_pb2.SubmitRequestRequest(**said), metadata=self.officer.metadata, timeout=30
        ).request

    def step(self, request: str, **step: Any) -> requests_pb2.SubjectRequest:
        return self._requests.TakeStep(
            requests_pb2.TakeStepRequest(
                subject_request_id=request, **{"request_id": str(uuid.uuid4()), **step}
            ),
            metadata=self.officer.metadata,
            timeout=30,
        ).request

    def identify(self, request: str) -> requests_pb2.SubjectRequest:
        checked = requests_pb2.CheckIdentity(
            level=requests_pb2.IDENTITY_LEVEL_SUBSTANTIAL, evidence_sha256="ab" * 32
        )
        return self.step(request, check_identity=checked)

    def begin(self, *emails: str, **more: Any) -> str:
        """An erasure that was decided."""
        request = self.submit(*emails, **more).subject_request_id
        self.identify(request)
        self.step(request, start=requests_pb2.PlainStep())
        return request

    def show(self, request: str) -> requests_pb2.SubjectRequest:
        return self._requests.GetRequest(
            requests_pb2.GetRequestRequest(subject_request_id=request),
            metadata=self.officer.metadata,
            timeout=30,
        ).request

    def plan(self, request: str) -> requests_pb2.PlanErasureResponse:
        return self._requests.PlanErasure(
            requests_pb2.PlanErasureRequest(subject_request_id=request),
            metadata=self.officer.metadata,
            timeout=30,
        )

    def receipt(self, request: str) -> str:
        return self._requests.GetErasureReceipt(
            requests_pb2.GetErasureReceiptRequest(subject_request_id=request),
            metadata=self.officer.metadata,
            timeout=30,
        ).receipt

    def disclose(self, request: str, public_key: str) -> requests_pb2.SubjectRequest:
        return self.step(request, disclose=requests_pb2.Disclose(public_key=public_key))

    def part(self, request: str, number: int) -> requests_pb2.GetBundlePartResponse:
        return self._requests.GetBundlePart(
            requests_pb2.GetBundlePartRequest(subject_request_id=request, number=number),
            metadata=self.officer.metadata,
            timeout=30,
        )

    def notices(self, partner: str) -> list[notices_pb2.Notice]:
        peer = self.service.partner(partner)
        return list(
            notices_pb2_grpc.NoticeServiceStub(peer.channel)
            .ListNotices(notices_pb2.ListNoticesRequest(partner=partner), timeout=30)
            .notices
        )

    def confirm(self, partner: str, notice: str) -> notices_pb2.Notice:
        peer = self.service.partner(partner)
        return (
            notices_pb2_grpc.NoticeServiceStub(peer.channel)
            .ConfirmNotice(
                notices_pb2.ConfirmNoticeRequest(notice_id=notice, request_id=str(uuid.uuid4())),
                timeout=30,
            )
            .notice
        )

    def run(self, job: Job) -> None:
        """What waits for the job is done now."""
        with jobs_running(self.at, [job], only=job) as engine:
            assert engine.run_now(job, seconds=60)
            assert engine.agenda.report(job).failed == 0

    @property
    def _requests(self) -> requests_pb2_grpc.SubjectRequestServiceStub:
        return requests_pb2_grpc.SubjectRequestServiceStub(self.officer.channel)


@contextmanager
def people(folder: Path, kind: str = "sqlite") -> Iterator[People]:
    """A running service without a language model, with the contracts of the service tests."""
    database = None if kind == "sqlite" else databases.empty_url(kind, folder)
    trial = set_up(
        folder / "trial",
        PARTNERS,
        detection=DetectionSettings(model="none", processes=1),
        database=database,
    )
    settings = trial.settings.model_copy(
        update={"jobs": trial.settings.jobs.model_copy(update={"drain_seconds": 0.0})}
    )
    with running(settings) as serving:
        service = Service(trial, serving)
        for file in sorted(CONTRACTS.glob("*.yaml")):
            source = file.read_text()
            party = "swift-parcel" if "\nparty: {partner: swift-parcel" in source else "acme-shop"
            service.partner(party).put_contract(source)
        yield People(service, workplace_of(serving))
        service.close()


def workplace_of(serving: Running) -> Workplace:
    return Workplace(
        settings=serving.settings,
        clock=serving.clock,
        log=serving.log,
        database=serving.database,
        keyring=serving.keyring,
    )


def reason(error: grpc.RpcError) -> str:
    from tests.service.conftest import reason_of

    return reason_of(error)


__all__ = ["DELIVERY", "MARIA", "ORIGIN", "People", "people", "reason"]
