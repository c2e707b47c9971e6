"""The disclosure ledger: who was given what, and evidence about it to hand out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from privacy_service.console.asking import Ask
from privacy_service.console.blocks import (
    Act,
    Cell,
    Done,
    Form,
    Input,
    Page,
    Prose,
    Saved,
    Table,
    word,
)
from privacy_service.console.people import person
from privacy_service.console.room import PAGE, Room, Visit, path
from privacy_service.console.times import Times
from privacy_service.v1 import audit_pb2 as pb
from privacy_service.v1.audit_pb2_grpc import AuditServiceStub as Stub

_ASKED: Final = (
    Input(name="subject", label="A person", help="type=value: email=…", required=False),
    Input(name="partner", label="A partner", required=False, most=63),
    Input(name="contract", label="A contract", required=False, most=128),
    Input(name="since", label="Since", help="YYYY-MM-DD HH:MM", required=False),
    Input(name="until", label="Until", help="YYYY-MM-DD HH:MM", required=False),
)
_HEADS: Final = ("when", "from", "to", "purpose", "contracts", "what", "kept until", "entry")


def home(visit: Visit) -> Page:
    """What can be asked. A person's identifier is sent in a form, so that no address holds it."""

    def checkpoint() -> Prose:
        answer = visit.ask(Stub, "GetCheckpoint", pb.GetCheckpointRequest())
        return Prose(title="Newest checkpoint of the log", text=answer.signed_note)

    return Page(
        title="Disclosures and evidence",
        room="ledger",
        blocks=[
            Form(
                act="find-disclosures", title="Who was given what", button="Find", inputs=_ASKED
            ),
            Form(
                act="export-evidence", title="Evidence, signed", button="Save the archive",
                explains="With proofs; anyone with the log's public key can check it offline.",
                inputs=(
                    Input(
                        name="resource", label="A request or breach", help="its id", required=False
                    ),
                    *_ASKED,
                ),
            ),
            checkpoint(),
        ],
    )  # fmt: skip


def _found(ask: Ask, times: Times, said: Mapping[str, str], _request_id: str) -> Done:
    request = pb.ListDisclosuresRequest(
        partner=said["partner"],
        contract_id=said["contract"],
        subject=person(said["subject"]) if said["subject"] else None,
        since=times.read(said["since"]),
        until=times.read(said["until"]),
        page_size=PAGE,
        page_token=said.get("page_token", ""),
    )
    answer = ask(Stub, "ListDisclosures", request)
    table = Table(
        title="Disclosures",
        heads=_HEADS,
        rows=[_row(one, times) for one in answer.disclosures],
        empty="None.",
    )
    blocks: list[Any] = [table]
    if answer.next_page_token:
        kept = {one.name: said[one.name] for one in _ASKED}
        blocks.append(
            Form(
                act="find-disclosures", title="", button="More",
                hidden={**kept, "page_token": answer.next_page_token},
            )
        )  # fmt: skip
    page = Page(title="Disclosures", room="ledger", blocks=blocks)
    return Done(says="", href=path("ledger"), page=page)


def _row(one: Any, times: Times) -> tuple[Cell, ...]:
    return (
        times.at(one.disclose_time),
        word(one.sender),
        word(one.recipient),
        word(one.purpose),
        Cell(
            text="",
            more=tuple(f"{ref.contract_id}, version {ref.version}" for ref in one.contracts),
        ),
        Cell(text="", more=tuple(f"{c.entity} {c.treatment} {c.count}" for c in one.categories)),
        times.at(one.recipient_keeps_until),
        word(one.position if one.HasField("position") else ""),
    )


def _export(ask: Ask, times: Times, said: Mapping[str, str], _request_id: str) -> Done:
    request = pb.ExportEvidenceRequest(
        resource=said["resource"],
        subject=person(said["subject"]) if said["subject"] else None,
        partner=said["partner"],
        contract_id=said["contract"],
        since=times.read(said["since"]),
        until=times.read(said["until"]),
        with_disclosures=True,
    )
    return Done(says="", href=path("ledger"), saved=archive(ask, request, "evidence.zip"))


def _of_breach(ask: Ask, _times: Times, said: Mapping[str, str], _request_id: str) -> Done:
    request = pb.ExportEvidenceRequest(resource=said["id"], with_disclosures=True)
    saved = archive(ask, request, f"{said['id']}.zip")
    return Done(says="", href=path("breaches", said["id"]), saved=saved)


def archive(ask: Ask, request: pb.ExportEvidenceRequest, name: str) -> Saved:
    """An archive, whole or not at all: what a stream breaks off is none."""
    pieces = [piece.chunk for piece in ask.pieces(Stub, "ExportEvidence", request)]
    return Saved(name=name, content_type="application/zip", content=b"".join(pieces))


ROOM: Final = Room(
    name="ledger",
    title="Evidence",
    home="/ledger",
    group="Data",
    pages={"/ledger": home},
    acts=(
        Act(name="find-disclosures", does=_found, href=lambda _said: path("ledger")),
        Act(name="export-evidence", does=_export, href=lambda _said: path("ledger")),
        Act(name="export-breach", does=_of_breach, href=lambda said: path("breaches", said["id"])),
    ),
)
