"""The end of a contract: what there still is under it, what goes, and the receipt once all is gone.

Sealed copies go by the next sweep, recipients are asked by `asking.py`, and what reviews and
request ids hold goes when its time is over. The tokens of the pairs that were served under the
contract are deleted here, unless another contract of the pair is in force for the purpose.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from privacy_service import errors
from privacy_service.clock import Clock
from privacy_service.contracts.course import ContractKind
from privacy_service.contracts.in_force import choose
from privacy_service.contracts.model import AtEnd
from privacy_service.custody.acts import log_own_act
from privacy_service.custody.burials import note_deleted
from privacy_service.custody.certificates import proof_of
from privacy_service.custody.kept import kept_token
from privacy_service.custody.on_course import ref_of
from privacy_service.custody.protections import FREE, Protections
from privacy_service.desks.ports.courses import Decommissioning, Given
from privacy_service.desks.versions import as_version
from privacy_service.enforcement.ports import Pair
from privacy_service.errors import PrivacyError
from privacy_service.evidence.note import Signer, sign_note
from privacy_service.evidence.proven_note import DECOMMISSIONING, ProvenNote, written
from privacy_service.store.audit import AuditReading
from privacy_service.store.courses import Head
from privacy_service.store.database import Database
from privacy_service.store.tokens import token_key
from privacy_service.store.views import View, Writing

ACTION: Final = "GovernanceService/Decommission"
_BATCH: Final = 500
_MOST_SWEEPS: Final = 100
_METHOD: Final = (
    "Rows were deleted, with their indexes; SQLite overwrites what is deleted (secure_delete), "
    "PostgreSQL reuses its space after VACUUM. Backups hold it until they expire. "
    "No claim of NIST SP 800-88 Purge is made. What recipients did is what they confirmed."
)
_KEPT: Final = (
    (
        "disclosure", "GDPR Art. 5(2), 30",
        "Who received what is kept by keyed digest, without the data itself.",
    ),
    (
        "contract version", "GDPR Art. 5(2), 28(9)",
        "What was agreed, and what was done with it.",
    ),
)  # fmt: skip

_MAY_RETURN: Final = frozenset(
    {
        errors.CONTRACT_SUSPENDED, errors.CONTRACT_AMBIGUOUS, errors.CONTRACT_NOT_YET_IN_FORCE,
        errors.CONTRACT_NOT_RECERTIFIED,
    }
)  # fmt: skip
"""Why a pair is not served now, and may be again: its tokens stay."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endings:
    """Brings retired contracts to their end. Thread-safe. `checkpoint` signs the log's head."""

    database: Database
    protections: Protections
    signer: Callable[[], Signer]
    checkpoint: Callable[[AuditReading], str]
    origin: str
    clock: Clock

    def waiting(self, *, limit: int) -> tuple[str, ...]:
        """The retired contracts that have no receipt yet."""
        with self.database.reading() as view:
            return view.endings.open(limit=limit)

    def delete_tokens(self, contract_id: str, after: str) -> str:
        """Deletes the next tokens of the pairs that the contract served; the place from which to go
        on, empty once that was all. What a hold protects stays, and is looked at again later.
        """
        now = self.clock.now()

        def work(tx: Writing) -> str:
            for number, pair in enumerate(tx.endings.pairs(contract_id)):
                place = after.partition("\n")
                if number < int(place[0] or 0) or _is_served(tx, pair, now):
                    continue
                first = place[2] if number == int(place[0] or 0) else ""
                found = tx.endings.tokens(pair, after=first, limit=_BATCH)
                if not found:
                    continue
                whys = self.protections(tx, [kept_token(one) for one in found], request_id=None)
                gone = [one for one, why in zip(found, whys, strict=True) if why == FREE]
                tx.tokens.delete([token_key(one) for one in gone])
                note_deleted(tx, gone, at=now)
                tx.endings.count_tokens(contract_id, len(gone))
                return f"{number}\n{found[-1].token}"
            return ""

        return self.database.commit(work)

    def certify(self, contract_id: str) -> bool:
        """Signs and logs the receipt, once nothing is left. Whether there is one by now."""
        now = self.clock.now()
        with self.database.reading() as view:
            if view.endings.receipt(contract_id) is not None:
                return True
            head = view.courses.head(contract_id)
            end = left_of(view, head, now)
            if not end.complete:
                return False
            text = written(self._content(view, head, end, now))
        note = sign_note(text, name=self.origin, signers=(self.signer(),))

        def work(tx: Writing) -> bool:
            if tx.endings.receipt(contract_id) is None:
                ref = ref_of(tx, head, head.newest)
                position = log_own_act(
                    tx,
                    ACTION,
                    at=now,
                    resource=contract_id,
                    outcome="DONE",
                    partner=head.party,
                    counterparty=head.other,
                    contracts=() if ref is None else (ref,),
                    reason=DECOMMISSIONING.commitment(text),
                )
                tx.endings.keep_receipt(contract_id, note, position, now)
            return True

        return self.database.commit(work)

    def file(self, contract_id: str) -> str:
        """The receipt with its proof. Raises CONTRACT_NOT_FOUND, DECOMMISSIONING_NOT_DONE, and what
        signing the log's head raises.
        """
        with self.database.reading() as view:
            view.courses.head(contract_id)
            found = view.endings.receipt(contract_id)
            if found is None:
                raise PrivacyError(errors.DECOMMISSIONING_NOT_DONE, contract=contract_id)
            proof = proof_of(view, found.position, self.checkpoint)
        return str(ProvenNote(form=DECOMMISSIONING, note=found.note, proof=proof))

    def _content(
        self, view: View, head: Head, end: Decommissioning, now: datetime
    ) -> dict[str, Any]:
        retirement = view.courses.get(head.contract_id).retirement
        assert retirement is not None
        counts = view.endings.served(head.contract_id)
        versions = sorted(view.courses.once_in_force(head.contract_id))
        kept = {"disclosure": counts.disclosures, "contract version": len(versions)}
        return {
            "origin": self.origin,
            "about": head.contract_id,
            "kind": head.kind.value,
            "party": head.party,
            "other": head.other,
            "retired_at": retirement.at.isoformat(timespec="seconds"),
            "retired_by": retirement.by,
            "ended_at": now.isoformat(timespec="seconds"),
            "versions": [
                {"number": ref.number, "digest": ref.digest}
                for ref in (ref_of(view, head, number) for number in versions)
                if ref is not None
            ],
            "erased": [
                {"what": what, "count": count}
                for what, count in (("sealed copy", counts.copies), ("token", counts.tokens))
                if count
            ],
            "kept": [
                {"what": what, "count": kept[what], "article": article, "says": says}
                for what, article, says in _KEPT
                if kept[what]
            ],
            "recipients": [
                {
                    "recipient": one.recipient,
                    "disclosures": one.disclosures,
                    "asked_to": one.asked_to,
                    "notice": one.notice,
                    "state": one.state,
                }
                for one in end.given
            ],
            "sweeps": list(end.sweeps),
            "method": _METHOD,
        }


def left_of(view: View, head: Head, now: datetime) -> Decommissioning:
    """What there still is of what passed under a contract."""
    contract_id = head.contract_id
    retirement = view.courses.get(contract_id).retirement
    since = None if retirement is None else retirement.at
    receipt = view.endings.receipt(contract_id)
    return Decommissioning(
        contract_id=contract_id,
        retired_at=since,
        copies=view.endings.copies(contract_id),
        tokens=sum(
            view.endings.count_of(pair)
            for pair in view.endings.pairs(contract_id)
            if not _is_served(view, pair, now)
        ),
        reviews=_reviews(view, head),
        answers=view.endings.answers(contract_id, now),
        given=tuple(
            Given(
                recipient=one.recipient, disclosures=one.disclosures, notice=one.notice,
                state=one.state, asked_to=asked_to(view, contract_id, one.kind),
            )
            for one in view.endings.told(contract_id)
        ),
        sweeps=() if since is None else _sweeps_since(view, since),
        ended_at=None if receipt is None else receipt.ended_at,
    )  # fmt: skip


def asked_to(view: View, contract_id: str, kind: str | None) -> str:
    """What a recipient is, or will be, asked to do with what it was given."""
    if kind is not None:
        return "return" if kind == "contract_ended" else "delete"
    head = view.courses.head(contract_id)
    if head.kind is not ContractKind.SHARING or not head.newest:
        return "delete"
    version = as_version(view.contracts.version(contract_id, head.newest))
    return "return" if version.contract.retention.at_end is AtEnd.RETURN else "delete"


def let_cases_go(tx: Writing, head: Head) -> None:
    """Nothing under a retired contract is a recorded case any more."""
    for review_id in _under(tx, head):
        tx.cases.let_go(review_id)


def _reviews(view: View | Writing, head: Head) -> int:
    """How many reviews under it still hold something."""
    return sum(1 for _ in _under(view, head))


def _under(view: View | Writing, head: Head) -> Iterator[str]:
    for one in view.cases.all_of(head.party, head.other):
        if any(ref.id == head.contract_id for ref in one.contracts):
            yield one.id


def _is_served(view: View | Writing, pair: Pair, now: datetime) -> bool:
    """Whether a contract of the pair is in force for the purpose: its tokens are needed then."""
    a, b = pair.sender, pair.recipient
    courses = view.contracts.courses(a, b)
    versions = []
    for row in view.contracts.for_pair(a, b):
        course = courses.get(row.id)
        try:
            versions.append(as_version(row))
        except PrivacyError:  # nothing passes under it until it can be read again
            if course is None or course.retirement is None:
                return True
    try:
        choose(versions, sender=a, recipient=b, purpose=pair.purpose, at=now, courses=courses)
    except PrivacyError as error:
        return error.reason in _MAY_RETURN
    return True


def _sweeps_since(view: View, since: datetime) -> tuple[str, ...]:
    """The sweeps that ended since, whose certificates prove what went."""
    newest = view.retention.list(before=None, limit=_MOST_SWEEPS)
    return tuple(one.id for one in newest if one.ended_at and one.ended_at >= since)
