"""Receipts: issued once the deleting of a round has ended, and when everything has.

The receipt is signed, its digest goes into the audit log with what it makes true, and whoever asks
for it gets the proof of that with it (`evidence/proven_note.py`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from privacy_service import errors
from privacy_service.clock import Clock
from privacy_service.custody.acts import SERVICE, log_own_act
from privacy_service.custody.certificates import proof_of
from privacy_service.custody.consents import withdrawn_at
from privacy_service.errors import PrivacyError
from privacy_service.evidence.note import Signer, sign_note
from privacy_service.evidence.proven_note import RECEIPT, ProvenNote, written
from privacy_service.store.audit import AuditReading
from privacy_service.store.database import Database
from privacy_service.store.requests import HistoryLine
from privacy_service.store.views import View, Writing
from privacy_service.subjects.corrections import LEFT
from privacy_service.subjects.erasures import Count, Erasure, Phase, Thing
from privacy_service.subjects.notices import Notice
from privacy_service.subjects.reasons import JUSTIFICATIONS
from privacy_service.subjects.requests import (
    DELETING_NOTHING,
    RequestKind,
    RequestState,
    SubjectRequest,
)

ACTION: Final = "SubjectRequestService/IssueReceipt"
_UNDER_WAY: Final = frozenset({Phase.DELETING, Phase.UPHOLDING, Phase.LIFTING, Phase.CORRECTING})


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipts:
    """Issues receipts, and proves them. Thread-safe.

    `checkpoint` signs the log's head; `backups_for` is how long backups are kept.
    """

    database: Database
    signer: Callable[[], Signer]
    checkpoint: Callable[[AuditReading], str]
    origin: str
    clock: Clock
    backups_for: timedelta

    def issue(self, request_id: str) -> str:
        """Issues the receipt of how far the erasure is, unless that was done; the outcome.

        With the last one the request is completed, or partly completed.
        """
        with self.database.reading() as view:
            request, erasure = view.requests.get(request_id), view.erasures.get(request_id)
            if erasure is None or erasure.phase in _UNDER_WAY or erasure.final:
                return "" if erasure is None else erasure.phase.value
            content = self._content(view, request, erasure)
        if erasure.receipt is not None and _same(erasure.receipt, content):
            return str(content["outcome"])
        text = written(content)
        note = sign_note(text, name=self.origin, signers=(self.signer(),))
        self.database.commit(lambda tx: self._record(tx, request_id, erasure, text, note))
        return str(content["outcome"])

    def file(self, request_id: str) -> str:
        """The newest receipt with its proof. Raises RECEIPT_NOT_READY, SUBJECT_REQUEST_NOT_FOUND,
        and what signing the log's head raises.
        """
        with self.database.reading() as view:
            view.requests.get(request_id)
            erasure = view.erasures.get(request_id)
            if erasure is None or erasure.receipt is None or erasure.receipt_position is None:
                raise PrivacyError(errors.RECEIPT_NOT_READY, request=request_id)
            proof = proof_of(view, erasure.receipt_position, self.checkpoint)
        return str(ProvenNote(form=RECEIPT, note=erasure.receipt, proof=proof))

    # -- What it says -------------------------------------------------------------------------

    def _content(self, view: View, request: SubjectRequest, erasure: Erasure) -> dict[str, Any]:
        notices = view.notices.of_request(request.id)
        final = erasure.phase is Phase.TELLING and all(one.settled for one in notices)
        corrects = request.kind is RequestKind.RECTIFICATION
        nothing = corrects or request.kind in DELETING_NOTHING
        gone = [one for one in erasure.deleted if not corrects or one.thing is Thing.ANSWER]
        corrected = [one for one in erasure.deleted if one not in gone]
        disclosed = sum(view.erasures.disclosed(one) for one in request.identifiers)
        return {
            "origin": self.origin,
            "request": request.id,
            "kind": request.kind.value,
            "round": erasure.round,
            "outcome": _outcome(erasure, request, final=final),
            "final": final,
            "subjects": list(request.digests),
            "regime": request.regime,
            "place": request.place,
            "rule": {"id": request.deadline.rule, "digest": request.deadline.digest},
            "identity_level": request.identity_level and request.identity_level.value,
            "received_at": _instant(request.received_at),
            "due_at": _instant(request.deadline.legal or request.deadline.conservative),
            "started_at": _instant(erasure.started_at),
            "erased_at": _instant(erasure.erased_at),
            "issued_at": _instant(self.clock.now()),
            "deleted": [_counted(one) for one in gone],
            "corrected": [_counted(one) for one in corrected],
            "fields": _fields(view, request.id),
            "purpose": request.purpose,
            "withdrawn": _withdrawn(view, request, erasure),
            "kept": [*_kept(erasure), *([] if nothing else _kept_as_evidence(disclosed))],
            "not_reached": [*map(_text, request.texts), *_left(erasure)],
            "told": [_told(one) for one in notices],
            "backups": self._backups(erasure, corrects) if corrects or not nothing else None,
        }

    def _backups(self, erasure: Erasure, corrects: bool) -> dict[str, Any]:  # noqa: FBT001
        erased = erasure.erased_at or erasure.started_at
        until = _instant(erased + self.backups_for)
        after = "is to be corrected again" if corrects else "is erased again"
        return {
            "until": until,
            "says": f"backups may hold it until {until}; what is restored {after}",
        }

    # -- Recording it -------------------------------------------------------------------------

    def _record(self, tx: Writing, request_id: str, seen: Erasure, text: str, note: str) -> None:
        erasure, request = tx.erasures.get(request_id), tx.requests.get(request_id)
        if erasure is None or (erasure.phase, erasure.round) != (seen.phase, seen.round):
            return  # another worker was quicker; what it wrote will be looked at again
        final = bool(json.loads(text)["final"])
        position = self._log(tx, request, text, "FINAL" if final else "INTERIM")
        erasure = replace(erasure, receipt=note, receipt_position=position, final=final)
        if final:
            erasure = replace(erasure, phase=Phase.DONE)
            partly = bool(erasure.kept or request.texts)
            coded = (one.reason for one in erasure.kept if one.reason in JUSTIFICATIONS)
            reason = next(coded, None)
            now = self.clock.now()
            if request.state is RequestState.IN_PROGRESS:
                changed = request.completed(partly=partly, reason=reason, at=now)
                line = HistoryLine(
                    at=now, by=SERVICE, step="complete", state=changed.state.value,
                    says=reason or "",
                )  # fmt: skip
                tx.requests.change(changed, line)
        tx.erasures.keep(erasure)

    def _log(self, tx: Writing, request: SubjectRequest, text: str, outcome: str) -> int:
        return log_own_act(
            tx,
            ACTION,
            at=self.clock.now(),
            resource=request.id,
            outcome=outcome,
            subjects=request.digests,
            reason=RECEIPT.commitment(text),
        )


def _outcome(erasure: Erasure, request: SubjectRequest, *, final: bool) -> str:
    if erasure.phase in (Phase.BLOCKED, Phase.WAITING):
        return RequestState.BLOCKED.value
    if request.state is RequestState.LIFTED:
        return RequestState.LIFTED.value
    if not final and request.kind is RequestKind.RECTIFICATION:
        return "corrected"
    if not final:
        return "upheld" if request.kind in DELETING_NOTHING else "erased"
    partly = erasure.kept or request.texts
    return (RequestState.PARTLY_COMPLETED if partly else RequestState.COMPLETED).value


def _counted(one: Count) -> dict[str, Any]:
    return {"partner": one.partner, "what": one.thing.value, "count": one.count}


def _kept(erasure: Erasure) -> Iterator[dict[str, Any]]:
    for one in erasure.kept:
        if one.reason not in JUSTIFICATIONS:
            continue  # what a correction did not fit: `_left`
        why = JUSTIFICATIONS[one.reason]
        yield {
            "partner": one.partner, "what": one.thing.value, "count": one.count,
            "code": why.code, "term": why.term, "article": why.article, "says": why.says,
        }  # fmt: skip


def _left(erasure: Erasure) -> Iterator[dict[str, Any]]:
    """Records that corrections mean and that nobody but a person can correct."""
    for one in erasure.kept:
        if one.reason in LEFT:
            yield {
                "what": one.thing.value,
                "name": f"{one.count} of {one.partner}",
                "says": LEFT[one.reason],
            }


def _fields(view: View, request_id: str) -> list[str]:
    """The fields that a request corrects."""
    kept = view.corrections.get(request_id)
    return [] if kept is None else list(kept.fields)


def _kept_as_evidence(disclosed: int) -> Iterator[dict[str, Any]]:
    """What is never deleted: who received what, by keyed digest, without the data itself."""
    if disclosed:
        why = JUSTIFICATIONS["LEGAL_OBLIGATION"]
        yield {
            "partner": "*", "what": "disclosure", "count": disclosed, "code": why.code,
            "term": why.term, "article": "GDPR Art. 5(2), 17(3)(b), 19",
            "says": "Who received what is kept by keyed digest, without the data itself.",
        }  # fmt: skip


def _withdrawn(view: View, request: SubjectRequest, erasure: Erasure) -> int:
    """How many consents the request withdrew."""
    if request.kind is not RequestKind.CONSENT_WITHDRAWAL:
        return 0
    return withdrawn_at(view, request, erasure.started_at)


def _text(name: str) -> dict[str, str]:
    return {
        "what": "contract",
        "name": name,
        "says": "an identifier stands in it outside of its examples, where no version is changed",
    }


def _told(notice: Notice) -> dict[str, Any]:
    return {
        "recipient": notice.recipient,
        "notice": notice.id,
        "of": notice.kind.value,
        "channel": notice.channel.value,
        "state": notice.state.value,
        "told_at": _instant(notice.told_at),
        "confirmed_at": _instant(notice.confirmed_at),
        "reason": notice.reason,
    }


def _instant(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat(timespec="seconds")


def _same(note: str, content: dict[str, Any]) -> bool:
    """Whether a receipt says the same, but for when it was issued."""
    before = json.loads(note.partition("\n")[0])
    return all(before.get(name) == value for name, value in content.items() if name != "issued_at")
