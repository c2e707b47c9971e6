"""A prompt or an output that waits for a person, as it is kept: under the keys of the people it is
about, or of the two partners where nobody is named.

The sealed bytes are three parts, each after its length: what was asked, as JSON; the answer that
approval gives (`check_answers.py`); and what the sharing contract makes true with it (`held.py`),
which is empty where none is asked.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, Final

from privacy_service import errors
from privacy_service.behavior.answer import CheckAnswer
from privacy_service.behavior.check import worded
from privacy_service.behavior.in_force import BehaviorVersion
from privacy_service.behavior.model import BehaviorContract, Outcome, RemedyKind, Side, Source
from privacy_service.behavior.ports import HeldCheck, Hold, Sample
from privacy_service.behavior.request import CheckRequest
from privacy_service.behavior.subject import Company
from privacy_service.custody import check_answers, held
from privacy_service.custody.behavior_versions import as_behavior
from privacy_service.custody.keys import SubjectKeys, scopes
from privacy_service.enforcement.answer import Answer
from privacy_service.enforcement.request import SubjectRef
from privacy_service.errors import PrivacyError
from privacy_service.evidence.entries import ContractRef
from privacy_service.records.framing import framed
from privacy_service.records.seal import Sealer
from privacy_service.reviews.review import Priority, Review, ReviewKind, ReviewState
from privacy_service.store.reviews import HeldContent
from privacy_service.store.rows import StoredDataKey
from privacy_service.store.views import View, Writing

_LENGTH: Final = 4


def review_of(hold: Hold) -> Review:
    """The review of a check that waits."""
    request, answer = hold.held.request, hold.held.answer
    outward = request.side is Side.PROMPT
    release = hold.held.release
    return Review(
        id=hold.held.review_id,
        sender=request.party if outward else request.provider,
        recipient=request.provider if outward else request.party,
        purpose="" if release is None else release.pair.purpose,
        content_type=answer.content_type,
        contracts=contracts_of(hold.held),
        reasons=hold.reasons,
        seen=hold.seen,
        held_at=hold.held_at,
        expires_at=hold.expires_at,
        four_eyes=hold.four_eyes,
        kind=ReviewKind(request.side.value),
        party=request.party,
        priority=Priority(hold.severity.rank),
        due_at=hold.due_at,
    )


def sample_of(sample: Sample) -> Review:
    """The review of a sample."""
    request, answer = sample.held.request, sample.held.answer
    shared = () if answer.personal_data is None else answer.personal_data.contracts
    refs = (ContractRef(id=one.id, number=one.version, digest=one.digest) for one in shared)
    return Review(
        id=sample.held.review_id,
        sender=request.provider,
        recipient=request.party,
        purpose="",
        content_type=answer.content_type,
        contracts=(answer.contract, *refs),
        reasons=(sample.reason,),
        seen=sample.seen,
        held_at=sample.held_at,
        expires_at=sample.expires_at,
        four_eyes=sample.doubly,
        kind=ReviewKind.SAMPLE,
        party=request.party,
        priority=Priority.LOW,
    )


def contracts_of(check: HeldCheck) -> tuple[ContractRef, ...]:
    """The versions that it waits under: the behavior contract, then the sharing contracts."""
    shared = () if check.release is None else check.release.entry.contracts
    return (check.answer.contract, *shared)


def held_keys(
    keys: SubjectKeys, check: HeldCheck, review: Review, *, seconds: float | None
) -> tuple[StoredDataKey, ...]:
    """The keys that it is sealed under. Raises SUBJECT_SHREDDED."""
    about = () if check.release is None else check.release.subjects
    return keys.of(review.sender, scopes(about, review.recipient), seconds=seconds)


def sealed_check(
    check: HeldCheck,
    review: Review,
    sealer: Sealer,
    keys: Sequence[StoredDataKey],
    about: tuple[str, ...] = (),
) -> HeldContent:
    """It, sealed. `about` are the people where there is no release that says so."""
    return HeldContent(
        subjects=about if check.release is None else check.release.subjects,
        data_keys=tuple(key.id for key in keys),
        sealed=sealer.seal(
            _to_bytes(check), slot=held.slot_of(review.id, review.sender), keys=keys
        ),
    )


def unreleased(view: View, review: Review) -> CheckAnswer:
    """What the party is told of a check that was not approved: that it waits, that it was refused,
    or, where nobody decided in time, what the contract says then.
    """
    contract = contract_of(view, review)
    answer = CheckAnswer(
        outcome=Outcome.HELD if review.state is ReviewState.WAITING else Outcome.REFUSED,
        content=None,
        content_type=review.content_type,
        verdicts=(),
        failures=(),
        ask=(),
        contract=review.contracts[0],
        review_id=review.id,
    )
    otherwise = contract.review.otherwise
    if review.state is not ReviewState.EXPIRED or otherwise.kind is not RemedyKind.ABSTAIN:
        return answer
    content, content_type = worded(otherwise.say or "", review.content_type)
    return replace(
        answer,
        outcome=Outcome.ABSTAINED,
        content=content,
        content_type=content_type,
        substituted=True,
    )


def forgotten_at(tx: Writing, review: Review, approved_at: datetime) -> datetime | None:
    """Until when what is approved is kept, by the contract that it waits under; None: it says
    nothing about that.
    """
    if not review.kind.is_check:
        return None
    keep = contract_of(tx, review).review.keep
    return None if keep is None else approved_at + keep


def require_code(tx: Writing, review: Review, code: str | None) -> None:
    """Raises REVIEW_REASON_UNKNOWN unless the contract lists this reason, or none and none is
    named.
    """
    known = contract_of(tx, review).review.reasons if review.kind.is_check else ()
    if code not in (known or (None,)):
        raise PrivacyError(errors.REVIEW_REASON_UNKNOWN, review=review.id)


def require_trained(tx: Writing, review: Review, person: str, now: datetime) -> None:
    """Raises TRAINING_MISSING where the contract that a check or a sample is under asks for a
    training that this person has not acknowledged, or too long ago.
    """
    if review.kind is ReviewKind.TRANSFER:
        return
    asked = contract_of(tx, review).review.training
    known = tx.reviews.acknowledged(person, review.contracts[0].id) if asked else {}
    for one in asked:
        at = known.get(one.id)
        if at is None or (one.valid is not None and at + one.valid <= now):
            raise PrivacyError(errors.TRAINING_MISSING, training=one.id, review=review.id)


def version_of(
    view: View | Writing, contract_id: str, number: int | None = None
) -> BehaviorVersion:
    """A version of a behavior contract; the newest if none is named. Raises CONTRACT_NOT_FOUND."""
    if number is None:
        return as_behavior(view.behavior.newest(contract_id))
    return as_behavior(view.behavior.version(contract_id, number))


def contract_of(view: View | Writing, review: Review) -> BehaviorContract:
    """The behavior contract that it waits under."""
    ref = review.contracts[0]
    return version_of(view, ref.id, ref.number).contract


def _to_bytes(check: HeldCheck) -> bytes:
    request = asdict(check.request)
    del request["content"]
    asked = json.dumps(request, separators=(",", ":")).encode()
    release = b"" if check.release is None else held.to_bytes(check.release)
    return framed(asked, check_answers.to_bytes(check.answer), release)


def from_bytes(opened: bytes) -> HeldCheck:
    """The check that `sealed_check` sealed."""
    asked, answered, released = _parts(opened)
    answer = check_answers.from_bytes(answered, _no_inner)
    release = held.from_bytes(released) if released else None
    return HeldCheck(
        review_id=answer.review_id or "",
        request=_request(json.loads(asked)),
        answer=replace(answer, personal_data=None if release is None else release.answer),
        release=release,
    )


def _parts(opened: bytes) -> list[bytes]:
    parts, at = [], 0
    while at < len(opened):
        end = at + _LENGTH + int.from_bytes(opened[at : at + _LENGTH], "big")
        parts.append(opened[at + _LENGTH : end])
        at = end
    return parts


def _no_inner(_sender: str, _request_id: str) -> Answer:
    raise PrivacyError(errors.INTERNAL)  # what waits has not passed through a transfer


def _request(written: dict[str, Any]) -> CheckRequest:
    company = written.pop("company")
    company["sources"] = tuple(Source(**one) for one in company["sources"])
    subjects = tuple(SubjectRef(**one) for one in written.pop("subjects", ()))
    return CheckRequest(
        **{**written, "side": Side(written["side"])},
        content=b"",
        company=Company(**company),
        subjects=subjects,
    )
