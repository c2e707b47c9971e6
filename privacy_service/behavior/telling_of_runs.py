"""What people are told about a run of a playbook."""

from __future__ import annotations

from typing import Final

from privacy_service.behavior.lint_playbooks import PLACEHOLDER
from privacy_service.behavior.runs import Run

_USUAL: Final = (
    "{provider} fails under {contract}: {failure}, severity {severity}.\n"
    "The playbook {playbook} is being played for {party}.\n\n"
    "    privacy-service playbooks show {run}"
)


def usual_text(run: Run) -> str:
    """What is mailed where the contract has no words of its own."""
    began = run.detected_at.isoformat(timespec="seconds")
    return f"{_USUAL}\n\nDetected {began}."


def filled(text: str, run: Run) -> str:
    """The text with what it names filled in."""
    words = {
        "run": run.id,
        "contract": run.contract_id,
        "failure": run.failure_mode or "started by a person",
        "severity": "not rated" if run.severity is None else run.severity.value,
        "provider": run.provider,
        "party": run.party,
        "playbook": run.playbook,
    }
    return PLACEHOLDER.sub(lambda found: words.get(found.group(1), found.group(0)), text)
