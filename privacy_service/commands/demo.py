"""`privacy-service demo`: a real service, four payloads, and what becomes of each."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import typer

from privacy_service import logs
from privacy_service.app.running import Running, running
from privacy_service.commands.client import Connection, calling, guessed_type
from privacy_service.commands.examples import partners_of, put_examples
from privacy_service.commands.result import print_result
from privacy_service.commands.screen import (
    AsJson,
    Exit,
    console,
    end,
    print_json,
    refusing,
)
from privacy_service.commands.shipped import nearest
from privacy_service.commands.transferring import as_dict
from privacy_service.commands.trial import Trial, set_up
from privacy_service.v1 import answer_pb2, audit_pb2, audit_pb2_grpc, enforcement_pb2
from privacy_service.v1.enforcement_pb2_grpc import EnforcementServiceStub


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One payload of the demonstration, and the effect that it must have."""

    title: str
    file: str
    sender: str
    recipient: str
    purpose: str
    effect: answer_pb2.Effect.ValueType
    content_type: str | None = None


STORIES: Final = (
    Story(
        title="An order goes to the parcel service; the stricter of both partners' terms win",
        file="order.json",
        sender="acme-shop",
        recipient="swift-parcel",
        purpose="dpv:DeliveryOfGoods",
        effect=answer_pb2.EFFECT_TREATED,
    ),
    Story(
        title="A customer's e-mail goes to an AI help desk",
        file="support.eml",
        sender="acme-shop",
        recipient="helpdesk-ai",
        purpose="dpv:CommunicationForCustomerCare",
        effect=answer_pb2.EFFECT_TREATED,
    ),
    Story(
        title="A FHIR R4 Patient goes to researchers",
        file="patient.fhir.json",
        sender="st-anna-hospital",
        recipient="medlab-research",
        purpose="dpv:ScientificResearch",
        effect=answer_pb2.EFFECT_TREATED,
        content_type="application/fhir+json",
    ),
    Story(
        title="An order with a card number in the delivery note must not leave",
        file="refused.json",
        sender="acme-shop",
        recipient="swift-parcel",
        purpose="dpv:DeliveryOfGoods",
        effect=answer_pb2.EFFECT_REFUSE,
    ),
)


@refusing
@calling
def demo(
    examples: Annotated[
        Path | None,
        typer.Option(
            help="The folder that has contracts/ and payloads/; else examples, or those that ship."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Starts a service, sends four payloads over mTLS, and shows what becomes of each.

    It keeps nothing and leaves nothing running. Ends with 0 if every payload had the effect that
    its contract promises.

    Example: privacy-service demo
    """
    logs.silence_libraries()
    shown = examples or nearest()
    contracts = shown / "contracts"
    with tempfile.TemporaryDirectory(prefix="privacy-demo-") as folder:
        trial = set_up(Path(folder), partners_of(contracts))
        with running(trial.settings) as service:
            put_examples(trial, service.port, contracts)
            if not as_json:
                _introduce(trial, service)
            answers = [_tell(story, trial, service, shown, as_json=as_json) for story in STORIES]
            checkpoint = _checkpoint(trial, service)
    surprises = [
        story.title
        for story, answer in zip(STORIES, answers, strict=True)
        if answer.decision.effect != story.effect
    ]
    if as_json:
        print_json({"answers": [as_dict(answer) for answer in answers], "checkpoint": checkpoint})
    else:
        _conclude(checkpoint, surprises)
    if surprises:
        end(Exit.NO)


def _introduce(trial: Trial, service: Running) -> None:
    console.print(
        f"A privacy service is listening on 127.0.0.1:{service.port} (gRPC, mTLS), with an "
        f"embedded SQLite store and a fresh file keyring. It has the contracts of "
        f"{', '.join(trial.partners)}.\n",
        markup=False,
    )


def _tell(
    story: Story, trial: Trial, service: Running, examples: Path, *, as_json: bool
) -> answer_pb2.TransferResult:
    file = examples / "payloads" / story.file
    payload = file.read_bytes()
    with _calling_as(trial, service, story.sender) as stub:
        result = stub.Transfer(
            enforcement_pb2.TransferRequest(
                sender=story.sender,
                recipient=story.recipient,
                purpose=story.purpose,
                content_type=story.content_type or guessed_type(file),
                payload=payload,
                request_id=str(uuid.uuid4()),
            ),
            timeout=30,
        ).result
    if not as_json:
        console.heading(story.title)
        console.print(
            f"{story.sender} → {story.recipient} for {story.purpose}, {file}", style="dim"
        )
        print_result(result, payload)
    return result


@contextmanager
def _calling_as(trial: Trial, service: Running, partner: str) -> Iterator[EnforcementServiceStub]:
    files = trial.partners[partner]
    connection = Connection(
        address=f"127.0.0.1:{service.port}",
        authority=files.authority,
        certificate=files.certificate,
        private_key=files.private_key,
    )
    with connection.open() as channel:
        yield EnforcementServiceStub(channel)


def _checkpoint(trial: Trial, service: Running) -> str:
    connection = Connection(
        address=f"127.0.0.1:{service.port}",
        authority=trial.authority,
        certificate=trial.partners["acme-shop"].certificate,
        private_key=trial.partners["acme-shop"].private_key,
    )
    with connection.open() as channel:
        stub = audit_pb2_grpc.AuditServiceStub(channel)
        note: str = stub.GetCheckpoint(audit_pb2.GetCheckpointRequest(), timeout=10).signed_note
    return note


def _conclude(checkpoint: str, surprises: list[str]) -> None:
    console.heading("The audit log's signed head (C2SP checkpoint)")
    console.print(checkpoint, markup=False)
    for title in surprises:
        console.print(f"not as the contract promises: {title}", style="bold red", markup=False)
    if not surprises:
        console.print(
            "Every payload had the effect that its contract promises. Nothing is left running.\n"
            "Next: make serve, or docs/contracts.md to write your own contract.",
            markup=False,
        )
