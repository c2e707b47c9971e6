"""Bundles for people, made part by part: opened, and encrypted to the one key at once.

A job calls `head`, then `part` until it says that there is no more, then `finish`; each may be
called again. Every part that opens records has its entry in the audit log.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from privacy_service import errors
from privacy_service.clock import Clock
from privacy_service.custody.acts import SERVICE, log_own_act
from privacy_service.custody.ledger import PAYLOAD
from privacy_service.errors import PrivacyError
from privacy_service.evidence.disclosures import Disclosure
from privacy_service.evidence.queries import DisclosureQuery
from privacy_service.records import hpke
from privacy_service.records.seal import Sealer, Slot
from privacy_service.store.database import Database
from privacy_service.store.requests import HistoryLine
from privacy_service.store.rows import RecordSummary
from privacy_service.store.views import View, Writing
from privacy_service.subjects.bundles import FORMAT, VERSION, Bundle, BundlePhase, part_info
from privacy_service.subjects.reasons import JUSTIFICATIONS
from privacy_service.subjects.requests import RequestKind, RequestState, SubjectRequest

ACTION: Final = "SubjectRequestService/Disclose"
_RECORDS: Final = 50
_BYTES: Final = 1 << 20
"""Of content, in one part; one larger record has a part of its own."""
_PIECE: Final = 2 << 20
"""Characters of one record's content in one part: a part has to fit into an answer."""
_PAGE: Final = 1000
OTHERS: Final = "THIRD_PARTY_RIGHTS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundling:
    """Makes the bundle of a request. Thread-safe."""

    database: Database
    sealer: Sealer
    origin: str
    clock: Clock

    def head(self, request_id: str) -> None:
        """The first part: what was asked, and (for access) who received what, why, how long."""
        with self.database.reading() as view:
            request, bundle = view.requests.get(request_id), _existing(view, request_id)
        if bundle.parts > 0:
            return
        said: dict[str, Any] = {
            "format": FORMAT,
            "version": VERSION,
            "kind": request.kind.value,
            "request": request.id,
            "origin": self.origin,
            "made_at": _instant(self.clock.now()),
        }
        if request.kind is RequestKind.ACCESS:
            said["recipients"] = [one.said() for one in self._recipients(request)]
        self._put(bundle, [said], replace(bundle, parts=1))

    def part(self, request_id: str) -> int:
        """The next part: some of the records that are about the person alone. How many records
        were looked at; 0: there are no more.
        """
        with self.database.reading() as view:
            request, bundle = view.requests.get(request_id), _existing(view, request_id)
            index, after = _place(bundle.cursor)
            rows: Sequence[RecordSummary] = ()
            while not rows and index < len(request.identifiers):
                of = request.identifiers[index]
                rows = view.erasures.records(of, after=after, limit=_RECORDS)
                if not rows:
                    index, after = index + 1, ("", "")
        if not rows:
            return 0
        rows = _fitting(rows)
        own = [row for row in rows if _about_alone(row, request, index)]
        others = sum(not _alone(row, request) for row in rows)
        said = _pieces([one for row in own for one in self._opened(row)])
        moved = replace(
            bundle,
            cursor=json.dumps([index, rows[-1].partner, rows[-1].id]),
            parts=bundle.parts + len(said),
            withheld=bundle.withheld + others,
        )
        self._put(bundle, said, moved, opened=own)
        return len(rows)

    def finish(self, request_id: str) -> None:
        """The last part, and the end of the request."""
        with self.database.reading() as view:
            bundle = _existing(view, request_id)
        if bundle.phase is not BundlePhase.MAKING:
            return
        why = JUSTIFICATIONS[OTHERS]
        withheld = [
            {
                "count": bundle.withheld, "code": why.code, "term": why.term,
                "article": why.article, "says": "They are about others as well.",
            }
        ] if bundle.withheld else []  # fmt: skip
        now = self.clock.now()
        ready = replace(bundle, phase=BundlePhase.READY, parts=bundle.parts + 1, ready_at=now)
        self._put(bundle, [{"withheld": withheld}], ready, closing=True)

    def drop(self, request_id: str) -> None:
        """Deletes a bundle that was there long enough."""

        def work(tx: Writing) -> None:
            bundle = tx.bundles.get(request_id)
            if bundle is not None:
                tx.bundles.drop_parts(request_id)
                tx.bundles.keep(replace(bundle, phase=BundlePhase.GONE, parts=0))

        self.database.commit(work)

    # -- How ----------------------------------------------------------------------------------

    def _put(
        self,
        was: Bundle,
        said: Sequence[dict[str, Any]],
        now: Bundle,
        *,
        opened: Sequence[RecordSummary] = (),
        closing: bool = False,
    ) -> None:
        """Adds parts and moves the bundle on, unless another worker has."""
        sealed = {
            number: _sealed(was, number, one) for number, one in enumerate(said, start=was.parts)
        }

        def work(tx: Writing) -> None:
            if tx.bundles.get(was.request_id) != was:
                return
            for number, part in sealed.items():
                tx.bundles.put_part(was.request_id, number, part)
            tx.bundles.keep(now)
            request = tx.requests.get(was.request_id)
            if opened:
                self._log(tx, request, "OPENED", f"{len(opened)} records")
            if closing and request.state is RequestState.IN_PROGRESS:
                self._close(tx, request, partly=was.withheld > 0)

        self.database.commit(work)

    def _close(self, tx: Writing, request: SubjectRequest, *, partly: bool) -> None:
        at, reason = self.clock.now(), OTHERS if partly else None
        changed = request.completed(partly=partly, reason=reason, at=at)
        line = HistoryLine(
            at=at, by=SERVICE, step="complete", state=changed.state.value, says=reason or ""
        )
        tx.requests.change(changed, line)
        self._log(tx, request, changed.state.value.upper(), None)

    def _log(self, tx: Writing, request: SubjectRequest, outcome: str, says: str | None) -> None:
        log_own_act(
            tx,
            ACTION,
            at=self.clock.now(),
            resource=request.id,
            outcome=outcome,
            subjects=request.digests,
            reason=says,
        )

    def _opened(self, row: RecordSummary) -> Iterator[dict[str, Any]]:
        """The record with its content; nothing where it was deleted meanwhile."""
        try:
            with self.database.reading() as view:
                record = view.records.get(row.partner, row.id)
                keys = tuple(view.data_keys.by_id(record.data_keys).values())
        except PrivacyError as error:
            if error.reason is not errors.RECORD_NOT_FOUND:
                raise
            return
        slot = Slot(partner=record.partner, record=record.id, field=PAYLOAD)
        content = self.sealer.open(record.sealed, slot=slot, keys=keys)
        yield {
            "partner": record.partner,
            "id": record.id,
            "content_type": record.content_type,
            "created_at": _instant(record.created_at),
            "keep_until": _instant(record.keep_until),
            "contracts": [f"{ref.id} version {ref.number}" for ref in record.contracts],
            **_content(content),
        }

    def _recipients(self, request: SubjectRequest) -> list[_Recipient]:
        found: dict[tuple[str, str, str], _Recipient] = {}
        for of in request.identifiers:
            after = -1
            while True:
                asked = DisclosureQuery(subjects=(of.digest,), sender=of.partner or None)
                with self.database.reading() as view:
                    rows = view.disclosures.list(asked, after=after, limit=_PAGE)
                for row in rows:
                    place = (row.sender, row.recipient, row.purpose)
                    found.setdefault(place, _Recipient(*place)).add(row)
                if len(rows) < _PAGE:
                    break
                after = rows[-1].position or after
        return [found[place] for place in sorted(found)]


@dataclass(slots=True)
class _Recipient:
    """What one recipient was given for one purpose, added up."""

    sender: str
    recipient: str
    purpose: str
    seen: set[str] = field(default_factory=set)
    categories: set[str] = field(default_factory=set)
    first: datetime | None = None
    last: datetime | None = None
    keeps: datetime | None = None

    def add(self, row: Disclosure) -> None:
        self.seen.add(row.id)
        self.categories |= {one.entity for one in row.categories if one.entity}
        self.first = min(filter(None, (self.first, row.at)))
        self.last = max(filter(None, (self.last, row.at)))
        self.keeps = max(filter(None, (self.keeps, row.recipient_keeps_until)), default=None)

    def said(self) -> dict[str, Any]:
        return {
            "sender": self.sender,
            "recipient": self.recipient,
            "purpose": self.purpose,
            "categories": sorted(self.categories),
            "count": len(self.seen),
            "first": _instant(self.first),
            "last": _instant(self.last),
            "recipient_keeps_until": _instant(self.keeps),
        }


def _existing(view: View, request_id: str) -> Bundle:
    bundle = view.bundles.get(request_id)
    if bundle is None:
        raise ValueError("the request has no bundle")
    return bundle


def _place(cursor: str) -> tuple[int, tuple[str, str]]:
    if not cursor:
        return 0, ("", "")
    index, partner, name = json.loads(cursor)
    return index, (partner, name)


def _fitting(rows: Sequence[RecordSummary]) -> Sequence[RecordSummary]:
    """As many of the rows as one part has room for, at least one."""
    size = 0
    for number, row in enumerate(rows):
        size += row.size
        if size > _BYTES and number:
            return rows[:number]
    return rows


def _alone(row: RecordSummary, request: SubjectRequest) -> bool:
    """Whether the record is about nobody but the person."""
    return set(row.subjects) <= set(request.digests)


def _about_alone(row: RecordSummary, request: SubjectRequest, index: int) -> bool:
    """And whether no earlier identifier of the request has found it."""
    earlier = request.identifiers[:index]
    found = any(one.digest in row.subjects and one.partner in ("", row.partner) for one in earlier)
    return _alone(row, request) and not found


def _content(content: bytes) -> dict[str, str]:
    try:
        return {"content": content.decode()}
    except UnicodeDecodeError:
        return {"content_base64": base64.b64encode(content).decode()}


def _pieces(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The records as parts: one, but for a large record, which is alone and goes in pieces."""
    if not records:
        return []
    whole = records[0].get("content_base64") or records[0].get("content", "")
    if len(records) > 1 or len(whole) <= _PIECE:
        return [{"records": records}]
    name = "content" if "content" in records[0] else "content_base64"
    cut = [whole[start : start + _PIECE] for start in range(0, len(whole), _PIECE)]
    return [
        {"records": [{**records[0], name: cut[0]}]},
        *({"more": [name, one]} for one in cut[1:]),
    ]


def _sealed(bundle: Bundle, number: int, said: dict[str, Any]) -> str:
    return hpke.encrypt(
        json.dumps(said, ensure_ascii=False),
        recipient_key=bundle.key,
        info=part_info(bundle.request_id, number),
    )


def _instant(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat(timespec="seconds")
