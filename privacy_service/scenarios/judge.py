"""The judge on this machine: a contract and a stage, with nothing recorded."""

from __future__ import annotations

from dataclasses import dataclass

from privacy_service.behavior.compiled import Compiled
from privacy_service.behavior.judgement import Verdict
from privacy_service.behavior.model import Side
from privacy_service.behavior.rehearse import Stage
from privacy_service.behavior.subject import Company
from privacy_service.scenarios.ports import Judged


@dataclass(frozen=True, slots=True)
class LocalJudge:
    """What a contract makes of texts. Personal data is left as it is: that is the sharing
    contract's. `playbooks` are those that would start.
    """

    compiled: Compiled
    stage: Stage

    def prompt(self, text: str, company: Company) -> Judged:
        """See `Judge.prompt`."""
        return self._judged(Side.PROMPT, text, company)

    def output(self, text: str, company: Company) -> Judged:
        """See `Judge.output`."""
        return self._judged(Side.OUTPUT, text, company)

    def _judged(self, side: Side, text: str, company: Company) -> Judged:
        checked = self.stage.checked(
            self.compiled,
            side=side,
            content=text.encode("utf-8", "replace"),
            content_type="text/plain",
            company=company,
        )
        started = (mode.playbook for mode in checked.failures)
        return Judged(
            outcome=checked.outcome.value,
            content=None if checked.content is None else checked.content.decode("utf-8", "replace"),
            broken=tuple(
                one.expectation.id
                for one in checked.results
                if one.judgement.verdict is not Verdict.KEPT
            ),
            failures=tuple(mode.id for mode in checked.failures),
            playbooks=tuple(one for one in started if one is not None),
            ask=checked.ask,
        )
