"""What a check answered as bytes, to be sealed: a JSON head with its length in front, then the
content.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

from privacy_service.behavior.answer import CheckAnswer, ExpectationVerdict, FiredFailure
from privacy_service.behavior.judgement import Judgement, Verdict
from privacy_service.behavior.model import Outcome, Severity
from privacy_service.custody.answers import read_warnings, warnings_written
from privacy_service.enforcement.answer import Answer
from privacy_service.evidence.entries import ContractRef

_LENGTH: Final = 4


def to_bytes(answer: CheckAnswer, *, inner: tuple[str, str] | None = None) -> bytes:
    """The answer without its audit stamp. `inner` names the transfer that keeps its content, by
    sender and id: it is then not written twice.
    """
    head = {
        "outcome": answer.outcome.value,
        "released": answer.content is not None,
        "content_type": answer.content_type,
        "verdicts": [_verdict(one) for one in answer.verdicts],
        "failures": [[one.id, one.category, one.severity.value] for one in answer.failures],
        "ask": list(answer.ask),
        "substituted": answer.substituted,
        "contract": [answer.contract.id, answer.contract.number, answer.contract.digest],
        "inner": inner,
        "review_id": answer.review_id,
        **warnings_written(answer.warnings),
    }
    written = json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode()
    content = answer.content if inner is None else None
    return len(written).to_bytes(_LENGTH, "big") + written + (content or b"")


def from_bytes(written: bytes, answered: Callable[[str, str], Answer]) -> CheckAnswer:
    """The answer that `to_bytes` wrote; `answered` gives that of the inner transfer."""
    end = _LENGTH + int.from_bytes(written[:_LENGTH], "big")
    head = json.loads(written[_LENGTH:end])
    shared = None if head["inner"] is None else answered(*head["inner"])
    content = written[end:] if shared is None else shared.payload
    contract_id, number, digest = head["contract"]
    return CheckAnswer(
        outcome=Outcome(head["outcome"]),
        content=content if head["released"] else None,
        content_type=head["content_type"],
        verdicts=tuple(_read_verdict(*one) for one in head["verdicts"]),
        failures=tuple(
            FiredFailure(id=i, category=c, severity=Severity(s)) for i, c, s in head["failures"]
        ),
        ask=tuple(head["ask"]),
        substituted=head["substituted"],
        contract=ContractRef(id=contract_id, number=number, digest=digest),
        personal_data=shared,
        review_id=head.get("review_id"),
        warnings=read_warnings(head),
    )


def _verdict(one: ExpectationVerdict) -> list[Any]:
    judged = one.judgement
    return [
        one.id, one.severity.value, judged.verdict.value, judged.why, judged.count, judged.bound,
        judged.name, judged.path,
    ]  # fmt: skip


def _read_verdict(
    name: str,
    severity: str,
    verdict: str,
    why: str,
    count: float | None,
    bound: float | None,
    word: str | None,
    path: str | None,
) -> ExpectationVerdict:
    return ExpectationVerdict(
        id=name,
        severity=Severity(severity),
        judgement=Judgement(
            verdict=Verdict(verdict), why=why, count=count, bound=bound, name=word, path=path
        ),
    )
