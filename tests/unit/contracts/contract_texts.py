"""A short contract to change, as text and as a value."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from privacy_service.contracts.compile import compile_terms
from privacy_service.contracts.faults import ContractFault, Fault
from privacy_service.contracts.lint import lint
from privacy_service.contracts.merge import stricter
from privacy_service.contracts.model import (
    ContractVersion,
    Direction,
    EntityTerm,
    FieldTerm,
    Generalization,
    Party,
    PartyRole,
    SharingContract,
    Treatment,
    TreatmentKind,
)
from privacy_service.contracts.read import read
from privacy_service.contracts.terms import Terms

TODAY = date(2026, 11, 23)
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
KEY = "hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo="

MINIMAL = """\
apiVersion: privacy-service/v1
kind: SharingContract
id: acme-to-swift
title: Orders for delivery
party: {partner: acme, role: controller}
counterparty: {partner: swift, role: processor}
direction: outbound
purposes: [DeliveryOfGoods]
legal_basis: ContractPerformance
effective: {from: 2026-01-01}
fields:
  - {path: $.order_id, type: identifier}
"""


def with_lines(*lines: str) -> str:
    """The minimal contract with more lines; each replaces the line of the same key."""
    keys = tuple(line.partition(":")[0] + ":" for line in lines)
    kept = [line for line in MINIMAL.splitlines() if not line.startswith(keys)]
    if any(line.startswith("fields:") for line in lines):
        kept = [line for line in kept if not line.startswith("  - ")]
    return "\n".join([*kept, *lines]) + "\n"


def reading(*lines: str) -> SharingContract:
    """The contract that the minimal one with these lines is."""
    return read(with_lines(*lines), name="contract")


def faults_of(text: str) -> tuple[Fault, ...]:
    """What `read` says is wrong with the text."""
    with pytest.raises(ContractFault) as refused:
        read(text, name="contract")
    return refused.value.faults


def linted(*lines: str) -> list[str]:
    """What `lint` says of the minimal contract with these lines: `severity path: says`."""
    found = lint(with_lines(*lines), name="contract", today=TODAY)
    return [f"{fault.severity} {fault.path}: {fault.says}" for fault in found]


def treatment(kind: str, **parameters: Any) -> Treatment:
    """A treatment by its word."""
    if "to" in parameters:
        parameters["to"] = Generalization(parameters["to"])
    return Treatment(kind=TreatmentKind(kind), **parameters)


def field(path: str, kind: str | None = None, **rest: Any) -> FieldTerm:
    """A field term by its path and treatment's word."""
    return FieldTerm(path=path, treatment=treatment(kind) if kind else None, **rest)


def entity(kind: str, **rest: Any) -> EntityTerm:
    """An entity term by its treatment's word."""
    return EntityTerm(treatment=treatment(kind), **rest)


def contract(*fields: FieldTerm, **rest: Any) -> SharingContract:
    """A contract of `acme` for what it sends to `swift`."""
    plain = SharingContract(
        id="acme-to-swift",
        title="Orders",
        party=Party(partner="acme", role=PartyRole.CONTROLLER),
        counterparty=Party(partner="swift", role=PartyRole.PROCESSOR),
        direction=Direction.OUTBOUND,
        purposes=("dpv:DeliveryOfGoods",),
        legal_basis="dpv:ContractPerformance",
        effective_from=datetime(2026, 1, 1, tzinfo=UTC),
        fields=fields,
        other_entities=entity("redact"),
    )
    return replace(plain, **rest)


def inbound(*fields: FieldTerm, **rest: Any) -> SharingContract:
    """A contract of `swift` for what it gets from `acme`."""
    plain = contract(*fields)
    return replace(
        plain,
        **{
            "id": "swift-from-acme",
            "party": plain.counterparty,
            "counterparty": plain.party,
            "direction": Direction.INBOUND,
            **rest,
        },
    )


def version(of: SharingContract, number: int = 1) -> ContractVersion:
    """The contract as it was put."""
    return ContractVersion(
        contract=of, number=number, digest="sha256:", source="", put_at=NOON, put_by="test"
    )


def terms(of: SharingContract) -> Terms:
    """The contract's terms alone."""
    return compile_terms(version(of))


def merged(sender: SharingContract, recipient: SharingContract) -> Terms:
    """What both parties' contracts come to."""
    return stricter(terms(sender), terms(recipient))
