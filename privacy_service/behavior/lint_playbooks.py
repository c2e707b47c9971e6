"""What is wrong with the playbooks of a behavior contract, and with the failure modes that start
them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

from privacy_service.behavior.model import FallBack, Notify, Playbook, Remedy, RemedyKind
from privacy_service.behavior.read import Reading
from privacy_service.contracts.faults import Fault, did_you_mean, shown

PLACEHOLDERS: Final = ("run", "contract", "failure", "severity", "provider", "party", "playbook")
"""What a text that is mailed may have filled in."""
PLACEHOLDER: Final = re.compile(r"\{([^{}]*)\}")


def starts(reading: Reading, _today: date) -> Iterator[Fault]:
    """Failure modes: each does something, and starts a playbook that there is."""
    known = {one.id: one for one in reading.contract.playbooks}
    for at, mode in enumerate(reading.contract.failure_modes):
        place = ("failure_modes", at)
        has_remedy = reading.is_written((*place, "remedy"))
        if mode.playbook is None:
            if not has_remedy:
                yield reading.fault(place, "nothing is done about it", "add remedy or playbook")
        elif mode.playbook not in known:
            yield reading.fault(
                (*place, "playbook"),
                f"the contract has no playbook {shown(mode.playbook)}",
                did_you_mean(mode.playbook, list(known)) if known else "write it under playbooks",
            )
        elif has_remedy and _answers(known[mode.playbook]):
            yield reading.fault(
                (*place, "remedy"),
                "its playbook says already what is done about the answer",
                "leave remedy out, or the playbook's answer",
            )


def steps(reading: Reading, _today: date) -> Iterator[Fault]:
    """Steps that cannot work."""
    contract = reading.contract
    for number, playbook in enumerate(contract.playbooks):
        place = ("playbooks", number, "steps")
        answers = _answers(playbook)
        for at in answers[1:]:
            yield reading.fault((*place, at), "it answers twice", "leave one answer")
        for at, step in enumerate(playbook.steps):
            match step.act:
                case Remedy(kind=RemedyKind.REDACT):
                    yield reading.fault(
                        (*place, at, "answer"),
                        "a failure has no place that could be redacted",
                        "redact where an expectation is broken; write refuse or {replace: …} here",
                    )
                case FallBack(provider=str() as provider) if provider in (
                    contract.party,
                    contract.provider,
                ):
                    yield reading.fault(
                        (*place, at, "fall_back", "provider"),
                        "this is a side of this contract",
                        "name a third partner, or write {} for the last good version",
                    )
                case Notify(says=str() as says):
                    yield from _placeholders(reading, (*place, at, "notify", "says"), says)


def _placeholders(reading: Reading, place: tuple[str | int, ...], says: str) -> Iterator[Fault]:
    for name in PLACEHOLDER.findall(says):
        if name not in PLACEHOLDERS:
            yield reading.fault(
                place,
                f"nothing is filled in for {shown(name)}",
                did_you_mean(name, list(PLACEHOLDERS)),
            )


def _answers(playbook: Playbook) -> list[int]:
    return [at for at, step in enumerate(playbook.steps) if isinstance(step.act, Remedy)]
