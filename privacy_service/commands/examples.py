"""The example contracts: which partners they are about, and putting them into a running trial."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import typer

from privacy_service.commands.client import Connection
from privacy_service.commands.trial import Trial
from privacy_service.contracts.model import SharingContract
from privacy_service.contracts.read import read
from privacy_service.v1 import contracts_pb2, contracts_pb2_grpc


def contracts_in(folder: Path) -> Iterator[tuple[Path, str, SharingContract]]:
    """Each contract file of a folder, by name, with its source and what it says."""
    files = sorted(folder.glob("*.yaml"))
    if not files:
        raise typer.BadParameter(f"there is no contract in {folder}")
    for file in files:
        source = file.read_text(encoding="utf-8")
        yield file, source, read(source, name=file.name)


def partners_of(folder: Path) -> list[str]:
    """Every partner that the contracts of a folder name."""
    named = set()
    for _file, _source, contract in contracts_in(folder):
        named |= {contract.party.partner, contract.counterparty.partner}
    return sorted(named)


def put_examples(trial: Trial, port: int, folder: Path) -> None:
    """Puts every contract as the party that it belongs to."""
    for _file, source, contract in contracts_in(folder):
        files = trial.partners[contract.party.partner]
        connection = Connection(
            address=f"127.0.0.1:{port}",
            authority=files.authority,
            certificate=files.certificate,
            private_key=files.private_key,
        )
        with connection.open() as channel:
            contracts_pb2_grpc.ContractServiceStub(channel).PutContract(
                contracts_pb2.PutContractRequest(source=source, request_id=str(uuid.uuid4())),
                timeout=10,
            )
