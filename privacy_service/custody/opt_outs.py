"""Opt-out signals are remembered for the people who are known (11 CCR 7025(c)(1)).

The next transfer is stopped without the signal, too, until the person has consented to it later
(7025(c)(3)).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from privacy_service import errors
from privacy_service.custody.acts import log_own_act
from privacy_service.enforcement.ports import Pair
from privacy_service.errors import PrivacyError
from privacy_service.store.views import View, Writing
from privacy_service.subjects.consent import ConsentRecord, Expression
from privacy_service.subjects.opt_out import objects_to

ACTION: Final = "ConsentService/OptOut"


def remember(tx: Writing, pair: Pair, subjects: Iterable[str], *, at: datetime) -> None:
    """Keeps that these people have opted out at the sender, with an entry in the log. Who has, and
    has not consented since, is not written anew: a browser says it with every request.
    """
    people = sorted(set(subjects))
    known = tx.opt_outs.at_partner(pair.sender, people)
    consents = tx.consents.about(pair.sender, known)
    fresh = [
        one
        for one in people
        if one not in known or any(_later(record, one, known[one]) for record in consents)
    ]
    for one in fresh:
        tx.opt_outs.put(pair.sender, one, at)
    if fresh:
        log_own_act(
            tx,
            ACTION,
            at=at,
            counterparty=pair.recipient,
            resource=pair.sender,
            outcome="OPTED_OUT",
            subjects=tuple(fresh),
        )


def require_not_opted_out(
    tx: View | Writing, pair: Pair, subjects: Iterable[str], *, at: datetime
) -> None:
    """Raises PURPOSE_OBJECTED where somebody has opted out at the sender, the purpose is sale or
    sharing, and no later explicit consent of theirs is to this purpose and recipient.
    """
    if not objects_to(pair.purpose):
        return
    known = tx.opt_outs.at_partner(pair.sender, subjects)
    consents = tx.consents.about(pair.sender, known)
    for subject, said_at in known.items():
        if not any(
            _later(record, subject, said_at) and record.permits(pair.purpose, pair.recipient, at=at)
            for record in consents
        ):
            raise PrivacyError(errors.PURPOSE_OBJECTED)


def _later(record: ConsentRecord, subject: str, than: datetime) -> bool:
    """Whether the person has said something explicitly, after that instant."""
    last = record.events[-1]
    return subject in record.subjects and last.at > than and last.expression is Expression.EXPLICIT
