"""One party's contract, made ready for use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from privacy_service.contracts.entities import canonical
from privacy_service.contracts.fields import FieldTerms
from privacy_service.contracts.model import ContractVersion, Direction, SharingContract, TermSource
from privacy_service.contracts.sides import Side
from privacy_service.contracts.subjects import SubjectFields
from privacy_service.contracts.terms import Terms


def compile_terms(version: ContractVersion) -> Terms:
    """The terms of one contract, as if it were the only one.

    Its party is the recipient if the contract is inbound, else the sender. Raises PathError for
    a pattern that is none; a contract that `read.py` gave has none of those.
    """
    contract = version.contract
    inbound = contract.direction is Direction.INBOUND
    return _terms(
        Side(
            version=version,
            source=TermSource.RECIPIENT if inbound else TermSource.SENDER,
            fields=FieldTerms(contract.fields),
            subjects=SubjectFields(contract.subjects),
            entities={canonical(name): term for name, term in contract.entities},
        )
    )


def acting_as(terms: Terms, source: TermSource) -> Terms:
    """The terms of one contract, with its party on this side of the transfer.

    Raises ValueError if the contract's direction does not allow that.
    """
    (side,) = terms.sides
    allowed = {
        Direction.OUTBOUND: {TermSource.SENDER},
        Direction.INBOUND: {TermSource.RECIPIENT},
        Direction.BOTH: {TermSource.SENDER, TermSource.RECIPIENT},
    }
    if source not in allowed[side.version.contract.direction]:
        raise ValueError("the contract's direction is another")
    return terms if side.source is source else _terms(replace(side, source=source))


def _terms(side: Side) -> Terms:
    contract = side.version.contract
    sends = side.source is TermSource.SENDER
    ends = (contract.party, contract.counterparty)
    sender, recipient = ends if sends else reversed(ends)
    terms = Terms(
        sides=(side,),
        sender=sender.partner,
        recipient=recipient.partner,
        purposes=contract.purposes,
        legal_basis=contract.legal_basis,
        consent=contract.consent,
        consent_proof=contract.consent_proof,
        effective_from=contract.effective_from,
        effective_until=contract.effective_until,
        unknown_fields=contract.unknown_fields,
        erased_subjects=contract.erased_subjects,
        free_text=contract.free_text,
        subjects=contract.subjects,
        regions=contract.regions,
        recipient_regions=(recipient.region,) if recipient.region else (),
        quotas=(contract.quota,) if contract.quota else (),
        retention=contract.retention,
        storage=contract.storage,
        review=contract.review,
        recipient_key=_recipient_key(contract, side.source),
        won={},
    )
    return replace(terms, won=dict.fromkeys(plain_terms(terms), side.source))


def _recipient_key(contract: SharingContract, source: TermSource) -> str | None:
    """The contract's key, if it is the recipient's in this transfer.

    A contract for both directions holds the counterparty's key: it is of no use for what the
    counterparty sends.
    """
    is_the_recipients = source is TermSource.SENDER or contract.direction is Direction.INBOUND
    return contract.recipient_key if is_the_recipients else None


def plain_terms(terms: Terms) -> Mapping[str, object]:
    """The terms that are neither fields nor entities, by the names that `Terms.source` knows."""
    return {
        "purposes": terms.purposes,
        "legal_basis": terms.legal_basis,
        "consent": terms.consent,
        "consent_proof.by": terms.consent_proof.by,
        "consent_proof.max_age": terms.consent_proof.max_age,
        "consent_proof.on_withdrawal": terms.consent_proof.on_withdrawal,
        "effective.from": terms.effective_from,
        "effective.until": terms.effective_until,
        "unknown_fields": terms.unknown_fields,
        "erased_subjects": terms.erased_subjects,
        "free_text": terms.free_text,
        "subjects": terms.subjects,
        "regions": terms.regions,
        "quota": terms.quotas,
        "review.entities": terms.review.entities,
        "review.incomplete": terms.review.incomplete,
        "review.within": terms.review.within,
        "review.four_eyes": terms.review.four_eyes,
        "retention.ours": terms.retention.ours,
        "retention.recipient": terms.retention.recipient,
        "retention.at_end": terms.retention.at_end,
        "storage": terms.storage,
        "recipient_key": terms.recipient_key,
    }
