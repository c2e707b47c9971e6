"""What is wrong, or doubtful, in a contract that reads well.

An error is a term that cannot hold: the contract must not be put with it. A warning is one that
may not mean what its author thinks. What cannot be read at all is told by `read.py`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from typing import Final

from privacy_service.contracts import dpv, regions
from privacy_service.contracts.faults import ContractFault, Fault, Severity
from privacy_service.contracts.lint_fields import field_faults
from privacy_service.contracts.lint_term import term_faults
from privacy_service.contracts.lint_treatments import treatment_faults
from privacy_service.contracts.model import (
    ConsentProof,
    ConsentTerm,
    Direction,
    OnWithdrawal,
    Party,
    SharingContract,
    Storage,
)
from privacy_service.contracts.read import Reading, read_with_marks


def lint(text: str, *, name: str, today: date) -> tuple[Fault, ...]:
    """Every fault and warning of a contract's YAML, by position; empty if all is well."""
    try:
        reading = read_with_marks(text, name=name)
    except ContractFault as unreadable:
        return unreadable.faults
    faults = [fault for rule in _RULES for fault in rule(reading, today)]
    return tuple(sorted(faults, key=lambda fault: (fault.line, fault.column)))


def check(text: str, *, name: str, today: date) -> SharingContract:
    """The contract, if it may be put. Raises ContractFault with its errors if it may not."""
    reading = read_with_marks(text, name=name)
    faults = [fault for rule in _RULES for fault in rule(reading, today)]
    errors = [fault for fault in faults if fault.severity is Severity.ERROR]
    if errors:
        raise ContractFault(name, errors)
    return reading.contract


def _parties(reading: Reading, _today: date) -> Iterator[Fault]:
    contract = reading.contract
    if contract.party.partner == contract.counterparty.partner:
        yield reading.fault(
            ("counterparty", "partner"),
            "both parties are one partner",
            "name the other one",
        )


def _term(reading: Reading, today: date) -> Iterator[Fault]:
    return term_faults(reading, reading.contract, today)


def _regions(reading: Reading, _today: date) -> Iterator[Fault]:
    contract = reading.contract
    for at, region in enumerate(contract.regions):
        others = (*contract.regions[:at], *contract.regions[at + 1 :])
        if regions.within(region, contract.regions[:at]) or (
            regions.within(region, others) and region not in others
        ):
            yield reading.warning(
                ("regions", at), f"{region} is permitted by another entry", "leave one out"
            )
    for key, recipient in _recipients(contract) if contract.regions else ():
        if recipient.region is None:
            yield reading.warning(
                (key,),
                "the recipient's region is not stated, so that each request must state it",
                f"add `region` to the {key}",
            )
        elif not regions.within(recipient.region, contract.regions):
            yield reading.fault(
                (key, "region"),
                f"the recipient is in {recipient.region}, which `regions` does not permit",
                "permit its region, or mend it",
            )


def _recipients(contract: SharingContract) -> Iterator[tuple[str, Party]]:
    if contract.direction is not Direction.INBOUND:
        yield "counterparty", contract.counterparty
    if contract.direction is not Direction.OUTBOUND:
        yield "party", contract.party


def _grounds(reading: Reading, _today: date) -> Iterator[Fault]:
    contract = reading.contract
    if contract.legal_basis in dpv.consent_bases() and not contract.consent:
        yield reading.warning(
            ("legal_basis",),
            "the legal basis is consent, but transfers pass without a consent record",
            "add `consent: true`",
        )
    for at, purpose in enumerate(contract.purposes):
        others = (*contract.purposes[:at], *contract.purposes[at + 1 :])
        wider = [one for one in others if dpv.covers(one, purpose)]
        if (purpose in contract.purposes[:at]) or (wider and purpose not in wider):
            yield reading.warning(
                ("purposes", at), f"{wider[0]} covers it already", "leave one of them out"
            )


def _proof(reading: Reading, _today: date) -> Iterator[Fault]:
    contract, proof = reading.contract, reading.contract.consent_proof
    if proof != ConsentTerm() and not contract.consent:
        yield reading.fault(
            ("consent_proof",),
            "consent is not asked for, so that this says nothing",
            "add `consent: true`, or leave it out",
        )
    elif proof.by is ConsentProof.SENDER and proof.on_withdrawal is OnWithdrawal.ERASE:
        yield reading.fault(
            ("consent_proof", "on_withdrawal"),
            "a withdrawal is known of consents in our ledger only",
            "write `by: ledger`, or leave it out",
        )
    elif proof.by is ConsentProof.LEDGER and proof.max_age is not None:
        yield reading.warning(
            ("consent_proof", "max_age"),
            "our ledger is asked at the moment of release, so that this says nothing",
            "leave it out, or write `by: sender`",
        )
    elif proof.by is ConsentProof.LEDGER and not contract.subjects:
        yield reading.warning(
            ("consent_proof", "by"),
            "no field names the people, so that each request must name them",
            "add `subjects`, or see that each request has them",
        )


def _keeping(reading: Reading, _today: date) -> Iterator[Fault]:
    contract = reading.contract
    kept = contract.retention.ours
    if contract.storage is Storage.SEALED_COPY and kept is None:
        yield reading.warning(
            ("storage",),
            "the sealed copy is kept without a limit",
            "add `retention: {ours: P90D}`, or as long as is needed",
        )
    if contract.storage is Storage.NONE and kept is not None:
        yield reading.warning(
            ("retention", "ours"),
            "no copy is kept, so that this says nothing",
            "add `storage: sealed-copy`, or leave it out",
        )


def _subjects(reading: Reading, _today: date) -> Iterator[Fault]:
    met: set[str] = set()
    for at, subject in enumerate(reading.contract.subjects):
        if subject.path in met:
            yield reading.fault(("subjects", at), "this path stands twice", "keep one")
        met.add(subject.path)


def _examples(reading: Reading, _today: date) -> Iterator[Fault]:
    names = Counter(example.name for example in reading.contract.examples)
    for at, example in enumerate(reading.contract.examples):
        if names[example.name] > 1:
            yield reading.fault(
                ("examples", at, "name"), "two examples have this name", "name each differently"
            )
        media_type = example.content_type.partition(";")[0].strip()
        for key, payload in (("payload", example.payload), ("output", example.output)):
            if payload is not None and not _may_parse(media_type, payload):
                yield reading.fault(("examples", at, key), f"this is not {media_type}", "mend it")


def _may_parse(media_type: str, payload: str) -> bool:
    """Whether JSON parses. Other types are left to `contract test`, which reads them for real."""
    if media_type != "application/json" and not media_type.endswith("+json"):
        return True
    try:
        json.loads(payload)
    except (ValueError, RecursionError):
        return False
    return True


_Rule = Callable[[Reading, date], Iterator[Fault]]
_RULES: Final[tuple[_Rule, ...]] = (
    _parties,
    _term,
    _regions,
    _grounds,
    _proof,
    _keeping,
    _subjects,
    _examples,
    field_faults,
    treatment_faults,
)
