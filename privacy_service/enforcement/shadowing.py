"""What two versions of a sharing contract make of the same payload, compared without values.

A place is named only where every name in it is one that the contracts themselves have: what a
payload calls its members may be personal data.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Final

from privacy_service import errors
from privacy_service.contracts.shadow import Compared, Differing, Offer
from privacy_service.contracts.terms import Terms
from privacy_service.enforcement.answer import Answer
from privacy_service.enforcement.request import TransferRequest
from privacy_service.errors import PrivacyError

_UNNAMED: Final = "a field that no contract names"
_REFUSALS: Final = frozenset(
    {
        errors.PURPOSE_NOT_COVERED, errors.CONTRACT_LAPSED, errors.CONTRACT_SUSPENDED,
        errors.NO_CONTRACT_IN_FORCE, errors.REGION_NOT_PERMITTED, errors.PURPOSE_OBJECTED,
        errors.CONSENT_MISSING, errors.CONSENT_STALE,
    }
)  # fmt: skip
"""What a version says where it does not apply; anything else that is raised is a fault."""


def offers(
    request: TransferRequest,
    terms: Terms,
    answer: Answer,
    *,
    draw: str,
    at: datetime,
    as_if: Callable[[str, int], Terms],
    judge: Callable[[Terms], Answer],
) -> Iterator[Offer]:
    """What was answered, for a candidate of each of its contracts to judge too. `as_if` gives the
    terms with another version of one contract, `judge` what terms make of the request.
    """

    def compare(contract_id: str, number: int) -> Compared:
        try:
            others = as_if(contract_id, number)
            theirs = judge(others)
        except PrivacyError as refused:
            if refused.reason not in _REFUSALS:
                raise
            return Compared(active=answer.decision.effect.value, candidate=refused.reason.code)
        return compared(answer, theirs, names=terms.literal_names | others.literal_names)

    for ref in terms.refs:
        yield Offer(
            contract_id=ref.contract.id,
            number=ref.number,
            draw=draw,
            size=len(request.payload),
            reference=request.request_id,
            position=0 if answer.audit is None else answer.audit.position,
            at=at,
            judge=partial(compare, ref.contract.id),
        )


def compared(active: Answer, candidate: Answer, *, names: frozenset[str]) -> Compared:
    """How the effects, the reasons, the treatments of each entity and of each field differ, and
    whether what is released does.
    """
    return Compared(
        active=active.decision.effect.value,
        candidate=candidate.decision.effect.value,
        differs=(
            *_differing("reason", _reasons(active), _reasons(candidate)),
            *_differing("treatment", _by_entity(active), _by_entity(candidate)),
            *_differing("field", _by_field(active, names), _by_field(candidate, names)),
            *_differing("content", {}, _released(active, candidate)),
        ),
    )


def _reasons(answer: Answer) -> Mapping[str, str]:
    return {one.code: "SAID" for one in answer.decision.reasons}


def _by_entity(answer: Answer) -> Mapping[str, str]:
    return _together((one.entity, one.treatment.value) for one in answer.treatments if one.entity)


def _by_field(answer: Answer, names: frozenset[str]) -> Mapping[str, str]:
    return _together((_place(one.path, names), one.treatment.value) for one in answer.treatments)


def _together(said: Iterator[tuple[str, str]]) -> Mapping[str, str]:
    kinds: dict[str, set[str]] = defaultdict(set)
    for name, treatment in said:
        kinds[name].add(treatment)
    return {name: "+".join(sorted(treatments)) for name, treatments in kinds.items()}


def _place(pointer: str, names: frozenset[str]) -> str:
    """The place without its indexes; one word for whatever the contracts do not name."""
    steps = [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]
    plain = ["*" if step.isdecimal() else step for step in steps]
    if not all(step == "*" or step in names for step in plain):
        return _UNNAMED
    return "/" + "/".join(plain) if plain else "/"


def _released(active: Answer, candidate: Answer) -> Mapping[str, str]:
    both = active.payload is not None and candidate.payload is not None
    return {"released": "OTHER"} if both and active.payload != candidate.payload else {}


def _differing(
    kind: str, ours: Mapping[str, str], theirs: Mapping[str, str]
) -> Iterator[Differing]:
    for name in sorted({*ours, *theirs}):
        active, candidate = ours.get(name, ""), theirs.get(name, "")
        if active != candidate:
            yield Differing(what=f"{kind}:{name}", active=active, candidate=candidate)
