"""Rehearse: a contract's own examples, run for real, with nothing recorded."""

from __future__ import annotations

import json
from dataclasses import dataclass

from privacy_service.clock import Clock
from privacy_service.contracts.compile import compile_terms
from privacy_service.contracts.model import ContractVersion, Example
from privacy_service.contracts.terms import Terms
from privacy_service.enforcement.answer import Effect
from privacy_service.enforcement.deadline import Deadline
from privacy_service.enforcement.examine import Decode, Examination, Examined, subjects_of
from privacy_service.enforcement.findings import Detector
from privacy_service.enforcement.mint import TransferMint
from privacy_service.enforcement.ports import Pair, Pseudonyms
from privacy_service.errors import PrivacyError
from privacy_service.payloads.document import Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """What came of one example.

    `effect` is the decision's, or the reason of the error that came instead. `output` is None
    where nothing was released. `as_expected` is True where the example expects nothing else.
    """

    name: str
    effect: str
    expected_effect: str | None
    output: str | None
    expected_output: str | None
    reasons: tuple[str, ...]
    as_expected: bool


def rehearse(
    version: ContractVersion,
    *,
    detector: Detector,
    pseudonyms: Pseudonyms,
    decode: Decode,
    clock: Clock,
    limits: Limits,
) -> tuple[Rehearsal, ...]:
    """Every example of the contract under its terms alone, as if it were in force."""
    terms = compile_terms(version)
    rehearsals = []
    for example in version.contract.examples:
        try:
            examined = _examined(example, terms, detector, pseudonyms, decode, clock, limits)
        except PrivacyError as error:
            rehearsals.append(_told(example, error.reason.code, None, ()))
        else:
            output = None if examined.payload is None else examined.payload.decode()
            codes = tuple(reason.code for reason in examined.decision.reasons)
            rehearsals.append(_told(example, examined.decision.effect, output, codes))
    return tuple(rehearsals)


def _examined(
    example: Example,
    terms: Terms,
    detector: Detector,
    pseudonyms: Pseudonyms,
    decode: Decode,
    clock: Clock,
    limits: Limits,
) -> Examined:
    document = decode(example.content_type, example.payload.encode())
    pair = Pair(sender=terms.sender, recipient=terms.recipient, purpose=terms.purposes[0])
    mint = TransferMint(
        pseudonyms,
        pair,
        subjects_of(document, terms, pseudonyms.subject_digest),
        terms.recipient_key,
        terms.refs[0].contract.id,
    )
    deadline = Deadline.after(None, clock)
    examination = Examination(terms, detector, mint, decode, deadline, limits)
    return examination.examine(document, example.content_type)


def _told(
    example: Example, effect: Effect | str, output: str | None, reasons: tuple[str, ...]
) -> Rehearsal:
    shown = effect.value if isinstance(effect, Effect) else effect
    right_effect = example.effect is None or example.effect == shown
    right_output = example.output is None or _same(example.output, output, example.content_type)
    return Rehearsal(
        name=example.name,
        effect=shown,
        expected_effect=example.effect,
        output=output,
        expected_output=example.output,
        reasons=reasons,
        as_expected=right_effect and right_output,
    )


def _same(expected: str, output: str | None, content_type: str) -> bool:
    """Equal; for JSON, equal whatever the space between tokens. A last newline does not count."""
    if output is None:
        return False
    if "json" in content_type and "ndjson" not in content_type:
        try:
            return bool(json.loads(expected) == json.loads(output))
        except ValueError:
            return False
    return expected.rstrip("\r\n") == output.rstrip("\r\n")
