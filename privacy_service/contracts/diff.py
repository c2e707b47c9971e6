"""What changed between two versions of a contract, and which way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

from privacy_service.contracts import dpv, regions
from privacy_service.contracts.change import Change, Way, compared
from privacy_service.contracts.diff_terms import entity_changes, field_changes
from privacy_service.contracts.governance import STRICTNESS, USUAL_GRACE
from privacy_service.contracts.model import Direction, Quota, SharingContract, Status
from privacy_service.contracts.strictness import (
    earlier,
    returned,
    shorter,
    stricter_erased_subjects,
    stricter_free_text,
    stricter_on_withdrawal,
    stricter_proof,
    stricter_storage,
    stricter_unknown_fields,
    tighter_quotas,
)
from privacy_service.contracts.written import Written, as_written


def diff(old: SharingContract, new: SharingContract) -> tuple[Change, ...]:
    """Every changed term, each with its way and why; empty for equal contracts."""
    return (
        *_plain_changes(old, new),
        *_purpose_changes(old, new),
        *field_changes(old, new),
        *entity_changes(old, new),
        *_subject_changes(old, new),
        *_other_changes(old, new),
    )


def weakens(changes: Iterable[Change]) -> bool:
    """Whether some change may let the recipient learn more."""
    return any(change.direction is Way.WEAKENS for change in changes)


@dataclass(frozen=True, slots=True)
class _Plain:
    """A term with one value. `stricter` gives what two values come to; where neither is at least
    as strict as the other it gives a third, and the change weakens.
    """

    name: str
    of: Callable[[SharingContract], Any]
    stricter: Callable[[Any, Any], Any]
    tightened: str
    weakened: str


def _neither(_old: object, _new: object) -> object:
    return _neither


def _stricter_regions(old: Sequence[str], new: Sequence[str]) -> object:
    """Empty means anywhere, and so nothing in common must not come out as empty."""
    if not old or not new:
        return tuple(old or new)
    return regions.shared(old, new) or _neither


def _stricter_quota(old: Quota | None, new: Quota | None) -> object:
    tighter = tighter_quotas(old, new)
    return tighter[0] if len(tighter) == 1 else _neither


def _stricter_direction(old: Direction, new: Direction) -> object:
    one_way = [way for way in (old, new) if way is not Direction.BOTH]
    return one_way[0] if len(one_way) == 1 else _neither


def _stricter_word(old: StrEnum, new: StrEnum) -> StrEnum:
    return max(old, new, key=STRICTNESS.__getitem__)


def _longer(old: timedelta | None, new: timedelta | None) -> timedelta | None:
    return max(old or timedelta(), new or timedelta()) or None


def _without_key(old: str | None, new: str | None) -> object:
    return _neither if old and new else None


_ANEW = "Whether it is lawful has to be judged anew."
_PLAIN: Final = (
    _Plain("id", lambda c: c.id, _neither, "", "It is another contract."),
    _Plain("party.partner", lambda c: c.party.partner, _neither, "", "Another partner takes part."),
    _Plain("party.role", lambda c: c.party.role, _neither, "", _ANEW),
    _Plain(
        "counterparty.partner",
        lambda c: c.counterparty.partner,
        _neither,
        "",
        "Another partner takes part.",
    ),
    _Plain("counterparty.role", lambda c: c.counterparty.role, _neither, "", _ANEW),
    _Plain(
        "direction",
        lambda c: c.direction,
        _stricter_direction,
        "Data goes one way only.",
        "Data goes a way that it did not go.",
    ),
    _Plain("legal_basis", lambda c: c.legal_basis, _neither, "", _ANEW),
    _Plain(
        "status",
        lambda c: c.status,
        lambda *both: Status.SUSPENDED if Status.SUSPENDED in both else Status.ACTIVE,
        "Transfers are refused.",
        "Transfers that were refused pass.",
    ),
    _Plain(
        "consent",
        lambda c: c.consent,
        lambda old, new: old or new,
        "Each transfer needs the subject's consent.",
        "Transfers pass without the subject's consent.",
    ),
    _Plain(
        "consent_proof.by",
        lambda c: c.consent_proof.by,
        stricter_proof,
        "Our consent ledger is asked, and not the sender.",
        "The sender's word is taken for it.",
    ),
    _Plain(
        "consent_proof.max_age",
        lambda c: c.consent_proof.max_age,
        shorter,
        "The sender has to have looked more lately whether the consent holds.",
        "The sender may have looked longer ago whether the consent holds.",
    ),
    _Plain(
        "consent_proof.on_withdrawal",
        lambda c: c.consent_proof.on_withdrawal,
        stricter_on_withdrawal,
        "Recipients are asked to delete what was given on a consent that is withdrawn.",
        "Recipients keep what was given on a consent that is withdrawn.",
    ),
    _Plain(
        "effective.from",
        lambda c: c.effective_from,
        max,
        "It begins later.",
        "It begins earlier.",
    ),
    _Plain(
        "effective.until",
        lambda c: c.effective_until,
        earlier,
        "It ends sooner.",
        "It ends later, or not at all.",
    ),
    _Plain(
        "unknown_fields",
        lambda c: c.unknown_fields,
        stricter_unknown_fields,
        "A payload with a field that no term names is refused.",
        "A payload with a field that no term names passes without it.",
    ),
    _Plain(
        "erased_subjects",
        lambda c: c.erased_subjects,
        stricter_erased_subjects,
        "A payload about a person who was erased is an error that the sender has to mend.",
        "A payload about a person who was erased is let go without an error.",
    ),
    _Plain(
        "free_text",
        lambda c: c.free_text,
        stricter_free_text,
        "The language model looks for names and places in free text.",
        "Names and places in free text are no longer looked for.",
    ),
    _Plain(
        "regions",
        lambda c: tuple(sorted(c.regions)),
        _stricter_regions,
        "The recipient may be in fewer places.",
        "The recipient may be in more places, or in others.",
    ),
    _Plain(
        "quota",
        lambda c: c.quota,
        _stricter_quota,
        "Less may be sent.",
        "More may be sent, or more at once.",
    ),
    _Plain(
        "retention.ours",
        lambda c: c.retention.ours,
        shorter,
        "The sealed copy is kept for less long.",
        "The sealed copy is kept for longer.",
    ),
    _Plain(
        "retention.recipient",
        lambda c: c.retention.recipient,
        shorter,
        "The recipient may keep it for less long.",
        "The recipient may keep it for longer.",
    ),
    _Plain(
        "retention.at_end",
        lambda c: c.retention.at_end,
        returned,
        "What was given comes back when it ends.",
        "What was given does not come back when it ends.",
    ),
    _Plain(
        "storage",
        lambda c: c.storage,
        stricter_storage,
        "No copy is kept.",
        "A sealed copy is kept.",
    ),
    _Plain(
        "review.entities",
        lambda c: c.review.entities,
        lambda old, new: tuple(sorted({*old, *new})),
        "More of what is found waits for a person.",
        "Less of what is found waits for a person.",
    ),
    _Plain(
        "review.incomplete",
        lambda c: c.review.incomplete,
        lambda old, new: old and new,
        "What could not be inspected is refused.",
        "What could not be inspected may be released by a person.",
    ),
    _Plain(
        "review.within",
        lambda c: c.review.patience,
        shorter,
        "It is refused sooner where nobody decides.",
        "It waits for longer where nobody decides.",
    ),
    _Plain(
        "review.four_eyes",
        lambda c: c.review.four_eyes,
        lambda old, new: old or new,
        "Two people must approve.",
        "One person may approve.",
    ),
    _Plain(
        "governance.approval",
        lambda c: c.governance.approval,
        _stricter_word,
        "More changes need an approval.",
        "Fewer changes need an approval.",
    ),
    _Plain(
        "governance.approvers",
        lambda c: c.governance.approvers,
        _stricter_word,
        "Both partners approve changes.",
        "One partner approves changes.",
    ),
    _Plain(
        "governance.notice",
        lambda c: c.governance.notice,
        _longer,
        "Changes are announced for longer.",
        "Changes are announced for less long, or not at all.",
    ),
    _Plain(
        "governance.recertify",
        lambda c: c.governance.recertify,
        shorter,
        "It is looked at again sooner.",
        "It is looked at again later, or never.",
    ),
    _Plain(
        "governance.grace",
        lambda c: c.governance.grace,
        lambda old, new: min(old or USUAL_GRACE, new or USUAL_GRACE),
        "It is refused sooner where nobody has looked at it again.",
        "It works for longer though nobody has looked at it again.",
    ),
    _Plain(
        "recipient_key",
        lambda c: c.recipient_key,
        _without_key,
        "Nothing can be encrypted to the recipient.",
        "Whoever has another key can open what is encrypted.",
    ),
)


def _plain_changes(old: SharingContract, new: SharingContract) -> Iterator[Change]:
    for term in _PLAIN:
        before, after = term.of(old), term.of(new)
        if before == after:
            continue
        strict = term.stricter(before, after)
        way = compared(tighter=strict == after, looser=strict == before)
        yield Change(
            path=term.name,
            before=_written(old, term.name),
            after=_written(new, term.name),
            direction=way,
            why=term.tightened if way is Way.TIGHTENS else term.weakened,
        )


def _purpose_changes(old: SharingContract, new: SharingContract) -> Iterator[Change]:
    for purpose in sorted({*new.purposes} - {*old.purposes}):
        covered = any(dpv.covers(one, purpose) for one in old.purposes)
        yield Change(
            path="purposes",
            before=None,
            after=purpose,
            direction=Way.NEUTRAL if covered else Way.WEAKENS,
            why="A broader purpose covered it."
            if covered
            else "Data may be used for what it could not be used for.",
        )
    for purpose in sorted({*old.purposes} - {*new.purposes}):
        covered = any(dpv.covers(one, purpose) for one in new.purposes)
        yield Change(
            path="purposes",
            before=purpose,
            after=None,
            direction=Way.NEUTRAL if covered else Way.TIGHTENS,
            why="A broader purpose covers it." if covered else "Data may not be used for it.",
        )


def _subject_changes(old: SharingContract, new: SharingContract) -> Iterator[Change]:
    for subject in (one for one in old.subjects if one not in new.subjects):
        yield Change(
            path=f"subjects:{subject.path}",
            before=subject.type,
            after=None,
            direction=Way.WEAKENS,
            why="It is no longer recorded whose data was shared by this field.",
        )
    for subject in (one for one in new.subjects if one not in old.subjects):
        yield Change(
            path=f"subjects:{subject.path}",
            before=None,
            after=subject.type,
            direction=Way.NEUTRAL,
            why="It is recorded whose data was shared by this field too.",
        )


def _other_changes(old: SharingContract, new: SharingContract) -> Iterator[Change]:
    """What says nothing about the data. The recipient's region counts where `regions` asks."""
    for name in ("title", "party.region", "counterparty.region", "review_by", "examples"):
        before, after = _written(old, name), _written(new, name)
        if before != after:
            moves = name.endswith("region") and bool(old.regions or new.regions)
            yield Change(
                path=name,
                before=before,
                after=after,
                direction=Way.WEAKENS if moves else Way.NEUTRAL,
                why="A partner is elsewhere." if moves else "It says nothing about the data.",
            )


def _written(contract: SharingContract, name: str) -> Written | None:
    """The value at a dotted name in the contract's YAML."""
    found: Written | None = dict(as_written(contract))
    for step in name.split("."):
        found = found.get(step) if isinstance(found, dict) else None
    return found
