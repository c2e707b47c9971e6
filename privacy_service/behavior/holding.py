"""What waits for a person: how it begins to wait, and what an edit of it comes to.

What waits is what would be released: judged by the behavior contract, and as the sharing contract
leaves it. Nothing is disclosed before somebody approves. What that person needs to decide, and what
an edit is judged with, waits with it: the prompt, the sources, what the caller stated.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from privacy_service import errors
from privacy_service.access import Caller
from privacy_service.behavior.answering import answer_of, as_shared, compiled_version, in_form
from privacy_service.behavior.check import Checked, Reread, Waiting, check
from privacy_service.behavior.in_force import BehaviorVersion
from privacy_service.behavior.model import Outcome
from privacy_service.behavior.ports import CheckLedger, HeldCheck, Hold, PersonalData
from privacy_service.behavior.reader import Reader
from privacy_service.behavior.request import CheckRequest, as_transfer
from privacy_service.clock import Clock
from privacy_service.enforcement.deadline import Deadline
from privacy_service.enforcement.ports import Held
from privacy_service.errors import PrivacyError


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """Has checks wait for a person. Thread-safe. `new_id` gives a fresh identifier for a review."""

    reader: Reader
    personal_data: PersonalData
    ledger: CheckLedger
    commitment: Callable[[bytes], str]
    clock: Clock
    new_id: Callable[[], str]

    def hold(
        self,
        caller: Caller,
        request: CheckRequest,
        version: BehaviorVersion,
        checked: Checked,
        reread: Reread,
        *,
        attempt: int | None,
        deadline: Deadline,
    ) -> Hold | None:
        """The hold of a check that waits. None where the sharing contract would not let it pass,
        whoever approves it. `attempt` is asked for by that alone.
        """
        waits = checked.waits
        assert waits is not None
        answer = answer_of(version, waits.approved)
        release, shared = None, None
        transfer = as_transfer(request, version, answer, self.new_id())
        if transfer is not None:
            assert attempt is not None
            weighed = self.personal_data.weigh(
                caller, transfer, attempt=attempt, seconds=deadline.left()
            )
            shared = weighed.held
            release = weighed if shared is None else shared.release
            answer = as_shared(answer, release.answer)
            answer = in_form(compiled_version(version), waits.approved, answer, reread)
        if answer.content is None:
            return None
        review_id = self.new_id()
        held = HeldCheck(
            review_id=review_id,
            request=replace(request, content=b""),
            answer=replace(answer, review_id=review_id),
            release=release,
        )
        return _hold(
            held, waits, version, shared, self.commitment(answer.content), self.clock.now()
        )

    def recheck(self, held: HeldCheck, content: bytes, *, seconds: float | None) -> HeldCheck:
        """What waits with another content, under the contracts in force. What they have a person
        look at passes: a person does.

        Raises REVIEW_EDIT_REFUSED where they refuse it, and what reading it raises.
        """
        deadline = Deadline.after(seconds, self.clock)
        request = held.request
        version = self.ledger.in_force(request, at=self.clock.now())
        reread = self.reader.of(
            side=request.side,
            content_type=held.answer.content_type,
            company=request.company,
            deadline=deadline,
        )
        checked = check(compiled_version(version), reread(content), reread)
        checked = checked if checked.waits is None else checked.waits.approved
        if not checked.outcome.releases or checked.substituted:
            raise PrivacyError(errors.REVIEW_EDIT_REFUSED, because=checked.outcome.value)
        answer, release = answer_of(version, checked), held.release
        if release is not None:
            release = self.personal_data.reexamine(
                release, answer.content or b"", seconds=deadline.left()
            )
            answer = as_shared(answer, release.answer)
            answer = in_form(compiled_version(version), checked, answer, reread)
        if answer.content is None:
            raise PrivacyError(errors.REVIEW_EDIT_REFUSED, because=answer.outcome.value)
        edited = Outcome.TREATED if answer.outcome is Outcome.ACCEPTED else answer.outcome
        answer = replace(answer, outcome=edited, review_id=held.review_id)
        return replace(held, answer=answer, release=release)


def _hold(
    held: HeldCheck,
    waits: Waiting,
    version: BehaviorVersion,
    shared: Held | None,
    seen: str,
    now: datetime,
) -> Hold:
    """Where the sharing contract has a person look too, the stricter of each holds."""
    terms = version.contract.review
    expires_at = now + terms.within
    reasons, four_eyes = waits.reasons, False
    if terms.four_eyes is not None:
        four_eyes = waits.severity.rank >= terms.four_eyes.rank
    if shared is not None:
        expires_at = min(expires_at, shared.expires_at)
        four_eyes = four_eyes or shared.four_eyes
        reasons = (*reasons, "HELD_BY_SHARING_CONTRACT")
    return Hold(
        held=held,
        seen=seen,
        reasons=reasons,
        severity=waits.severity,
        held_at=now,
        due_at=min(expires_at, now + (terms.due or terms.within)),
        expires_at=expires_at,
        four_eyes=four_eyes,
    )
