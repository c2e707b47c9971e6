"""Two parties' terms for one transfer: the stricter of each wins, and it is known whose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from privacy_service import errors
from privacy_service.contracts import dpv, regions
from privacy_service.contracts.compile import acting_as, plain_terms
from privacy_service.contracts.model import ConsentTerm, Quota, Retention, TermSource
from privacy_service.contracts.sides import whose
from privacy_service.contracts.strictness import (
    earlier,
    returned,
    shorter,
    stricter_erased_subjects,
    stricter_free_text,
    stricter_on_withdrawal,
    stricter_proof,
    stricter_review,
    stricter_storage,
    stricter_unknown_fields,
    tighter_quotas,
)
from privacy_service.contracts.terms import Terms
from privacy_service.errors import PrivacyError


def stricter(sender: Terms | None, recipient: Terms | None) -> Terms:
    """The terms of a transfer from the party of `sender`'s contract to that of `recipient`'s.

    Each argument is the terms of that party's contract alone, or None if it has none. The answer
    permits nothing that either would not.

    Raises NO_CONTRACT_IN_FORCE if there is neither; CONTRACTS_CONTRADICT, with the term's name,
    if no transfer could satisfy both: no purpose, region or instant in common, or two keys for
    one recipient. Raises ValueError for contracts that are not of one pair of partners, or whose
    direction is another.
    """
    ours = acting_as(sender, TermSource.SENDER) if sender else None
    theirs = acting_as(recipient, TermSource.RECIPIENT) if recipient else None
    if ours is None or theirs is None:
        alone = ours or theirs
        if alone is None:
            raise PrivacyError(errors.NO_CONTRACT_IN_FORCE)
        return alone
    if (ours.sender, ours.recipient) != (theirs.sender, theirs.recipient):
        raise ValueError("the contracts are of two pairs of partners")
    return _merged(ours, theirs)


def _merged(ours: Terms, theirs: Terms) -> Terms:
    merged = Terms(
        sides=ours.sides + theirs.sides,
        sender=ours.sender,
        recipient=ours.recipient,
        purposes=_purposes(ours, theirs),
        # Each party needs a basis of its own; the disclosure rests on the sender's.
        legal_basis=ours.legal_basis,
        consent=ours.consent or theirs.consent,
        consent_proof=ConsentTerm(
            by=stricter_proof(ours.consent_proof.by, theirs.consent_proof.by),
            max_age=shorter(ours.consent_proof.max_age, theirs.consent_proof.max_age),
            on_withdrawal=stricter_on_withdrawal(
                ours.consent_proof.on_withdrawal, theirs.consent_proof.on_withdrawal
            ),
        ),
        effective_from=max(ours.effective_from, theirs.effective_from),
        effective_until=earlier(ours.effective_until, theirs.effective_until),
        unknown_fields=stricter_unknown_fields(ours.unknown_fields, theirs.unknown_fields),
        erased_subjects=stricter_erased_subjects(ours.erased_subjects, theirs.erased_subjects),
        free_text=stricter_free_text(ours.free_text, theirs.free_text),
        subjects=tuple(dict.fromkeys(ours.subjects + theirs.subjects)),
        regions=_regions(ours, theirs),
        recipient_regions=tuple(dict.fromkeys(ours.recipient_regions + theirs.recipient_regions)),
        quotas=tighter_quotas(_quota(ours), _quota(theirs)),
        retention=Retention(
            ours=shorter(ours.retention.ours, theirs.retention.ours),
            recipient=shorter(ours.retention.recipient, theirs.retention.recipient),
            at_end=returned(ours.retention.at_end, theirs.retention.at_end),
        ),
        storage=stricter_storage(ours.storage, theirs.storage),
        review=stricter_review(ours.review, theirs.review),
        recipient_key=_recipient_key(ours, theirs),
        won={},
    )
    if merged.effective_until is not None and merged.effective_until <= merged.effective_from:
        raise _contradiction(ours, theirs, "effective")
    return replace(merged, won=_won(merged, ours, theirs))


def _won(merged: Terms, ours: Terms, theirs: Terms) -> Mapping[str, TermSource]:
    end, mine, yours = (plain_terms(terms) for terms in (merged, ours, theirs))
    return {
        name: whose(
            end[name], [(TermSource.SENDER, mine[name]), (TermSource.RECIPIENT, yours[name])]
        )
        for name in end
    }


def _purposes(ours: Terms, theirs: Terms) -> tuple[str, ...]:
    purposes = dpv.shared(ours.purposes, theirs.purposes)
    if not purposes:
        raise _contradiction(ours, theirs, "purposes")
    return purposes


def _regions(ours: Terms, theirs: Terms) -> tuple[str, ...]:
    """Empty means anywhere, so that nowhere must be an error."""
    if not ours.regions or not theirs.regions:
        return ours.regions or theirs.regions
    both = regions.shared(ours.regions, theirs.regions)
    if not both:
        raise _contradiction(ours, theirs, "regions")
    return both


def _recipient_key(ours: Terms, theirs: Terms) -> str | None:
    keys = {key for key in (ours.recipient_key, theirs.recipient_key) if key is not None}
    if len(keys) > 1:
        raise _contradiction(ours, theirs, "recipient_key")
    return keys.pop() if keys else None


def _quota(terms: Terms) -> Quota | None:
    return terms.quotas[0] if terms.quotas else None


def _contradiction(ours: Terms, theirs: Terms, term: str) -> PrivacyError:
    return PrivacyError(
        errors.CONTRACTS_CONTRADICT,
        sender_contract=ours.refs[0].contract.id,
        recipient_contract=theirs.refs[0].contract.id,
        term=term,
    )
