"""Which answers people look at afterwards, to see whether the contract says what is meant.

Whether an answer is drawn follows from its check id under a secret key: nobody can choose what is
looked at, and the same check is drawn again wherever and whenever it is asked. The caller notices
nothing of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from privacy_service.behavior.answer import CheckAnswer
from privacy_service.behavior.check import Checked, known_of
from privacy_service.behavior.compiled import Compiled
from privacy_service.behavior.model import Outcome, Side
from privacy_service.behavior.ports import HeldCheck, Sample
from privacy_service.behavior.request import CheckRequest
from privacy_service.behavior.signals import ConditionFault, values_of
from privacy_service.behavior.subject import Subject

_SAMPLED: Final = (Outcome.ACCEPTED, Outcome.TREATED, Outcome.PARTIAL)
RANDOM: Final = "SAMPLED"
BY_RISK: Final = "SAMPLED_BY_RISK"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampler:
    """Draws samples. `commitment` is keyed; `new_id` gives a fresh identifier for a review."""

    commitment: Callable[[bytes], str]
    new_id: Callable[[], str]

    def sample(
        self,
        compiled: Compiled,
        request: CheckRequest,
        subject: Subject,
        checked: Checked,
        answer: CheckAnswer,
        *,
        at: datetime,
    ) -> Sample | None:
        """The sample of an output that was released, if it is drawn."""
        terms = compiled.contract.sampling
        if terms is None or request.side is not Side.OUTPUT or answer.content is None:
            return None
        if answer.outcome not in _SAMPLED or answer.substituted:
            return None
        share, reason = _share(compiled, subject, checked)
        contract_id = compiled.contract.id
        if self._drawn("sample", contract_id, request.request_id) >= share:
            return None
        review_id = self.new_id()
        return Sample(
            held=HeldCheck(
                review_id=review_id,
                request=replace(request, content=b""),
                answer=replace(answer, review_id=review_id),
                release=None,
            ),
            seen=self.commitment(answer.content),
            reason=reason,
            held_at=at,
            expires_at=at + terms.within,
            doubly=self._drawn("double", contract_id, request.request_id) < terms.double,
        )

    def _drawn(self, what: str, contract_id: str, check_id: str) -> float:
        """A number from 0 to 1 (without 1), even over checks, and the same for the same one."""
        keyed = self.commitment(f"{what} {contract_id} {check_id}".encode())
        return int.from_bytes(hashlib.sha256(keyed.encode()).digest()[:6], "big") / 2**48


def _share(compiled: Compiled, subject: Subject, checked: Checked) -> tuple[float, str]:
    """The largest share that is due, and why. What cannot be worked out counts as a risk."""
    terms = compiled.contract.sampling
    assert terms is not None
    share, reason = terms.share, RANDOM
    if not compiled.risks:
        return share, reason
    names = sorted({name for _share, condition in compiled.risks for name in condition.names})
    values = values_of(subject, known_of(checked.results), names)
    for risky, condition in compiled.risks:
        try:
            due = condition.holds(values)
        except ConditionFault:
            due = True
        if due and risky > share:
            share, reason = risky, BY_RISK
    return share, reason
