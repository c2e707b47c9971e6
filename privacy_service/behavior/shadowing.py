"""What two versions of a behavior contract make of the same text, compared without values.

They are compared by what they say themselves: before a sharing contract treats what is released,
and before a person decides about what waits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from privacy_service.behavior.answer import CheckAnswer
from privacy_service.behavior.answering import compiled_version
from privacy_service.behavior.check import Checked, check
from privacy_service.behavior.in_force import BehaviorVersion, judging
from privacy_service.behavior.reader import Reader
from privacy_service.behavior.request import CheckRequest
from privacy_service.clock import Clock
from privacy_service.contracts.shadow import JUDGE_SECONDS, Beside, Compared, Differing, Offer
from privacy_service.enforcement.deadline import Deadline
from privacy_service.errors import PrivacyError


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckShadows:
    """Offers checks to shadows. Thread-safe. `version` reads a version of a contract."""

    beside: Beside
    reader: Reader
    version: Callable[[str, int], BehaviorVersion]
    clock: Clock

    def offer(
        self, request: CheckRequest, active: BehaviorVersion, checked: Checked, answer: CheckAnswer
    ) -> None:
        """What was answered, for a candidate to judge too. Never raises, and waits for nothing."""
        contract_id, company = active.contract.id, request.company
        texts = (company.prompt, company.system_prompt, *(one.text for one in company.sources))
        self.beside.offer(
            Offer(
                contract_id=contract_id,
                number=active.number,
                draw=request.draw or request.request_id,
                size=len(request.content) + sum(len(text) for text in texts if text),
                reference=request.request_id,
                position=0 if answer.audit is None else answer.audit.position,
                at=self.clock.now(),
                judge=lambda number: self._compared(
                    request, checked, self.version(contract_id, number)
                ),
            )
        )

    def _compared(
        self, request: CheckRequest, active: Checked, candidate: BehaviorVersion
    ) -> Compared:
        try:
            judging(
                (candidate,),
                party=candidate.contract.party,
                provider=candidate.contract.provider,
                use_case=request.company.use_case,
                at=max(self.clock.now(), candidate.contract.effective_from),
            )
        except PrivacyError as refused:
            return Compared(active=active.outcome.value, candidate=refused.reason.code)
        deadline = Deadline.after(JUDGE_SECONDS, self.clock)
        reread = self.reader.of(
            side=request.side,
            content_type=request.content_type,
            company=request.company,
            deadline=deadline,
        )
        subject = reread(request.content)
        return compared(active, check(compiled_version(candidate), subject, reread))


def compared(active: Checked, candidate: Checked) -> Compared:
    """How the outcomes, the verdict of each expectation, and the failure modes that fired differ,
    and whether what is released does.

    An expectation that only one of them has differs where it is broken or undetermined.
    """
    return Compared(
        active=active.outcome.value,
        candidate=candidate.outcome.value,
        differs=(
            *_differing("expectation", _verdicts(active), _verdicts(candidate), unsaid="KEPT"),
            *_differing("failure", _fired(active), _fired(candidate), unsaid=""),
            *_differing("content", {}, _released(active, candidate), unsaid=""),
        ),
    )


def _verdicts(checked: Checked) -> Mapping[str, str]:
    return {one.expectation.id: one.judgement.verdict.value for one in checked.results}


def _fired(checked: Checked) -> Mapping[str, str]:
    return {mode.id: "FIRED" for mode in checked.failures}


def _released(active: Checked, candidate: Checked) -> Mapping[str, str]:
    both = active.content is not None and candidate.content is not None
    return {"released": "OTHER"} if both and active.content != candidate.content else {}


def _differing(
    kind: str, ours: Mapping[str, str], theirs: Mapping[str, str], *, unsaid: str
) -> Iterator[Differing]:
    for name in sorted({*ours, *theirs}):
        active, candidate = ours.get(name, ""), theirs.get(name, "")
        if (active or unsaid) != (candidate or unsaid):
            yield Differing(what=f"{kind}:{name}", active=active, candidate=candidate)
