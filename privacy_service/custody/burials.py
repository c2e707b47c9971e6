"""What is deleted is put down for the tombstone journal, in the unit of work that deletes it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from privacy_service.store.erasures import KeptAnswer, KeptReview
from privacy_service.store.rows import RecordSummary, StoredToken, UnwrittenTombstone
from privacy_service.store.tokens import token_key
from privacy_service.store.views import Writing
from privacy_service.subjects.journal import Buried

Deleted = RecordSummary | StoredToken | KeptAnswer | KeptReview


def note_deleted(tx: Writing, deleted: Sequence[Deleted], *, at: datetime) -> None:
    """From now on no backup brings them back, once the journal has been written."""
    tx.tombstones.note_each([_tombstone(one, at) for one in deleted])


def _tombstone(deleted: Deleted, at: datetime) -> UnwrittenTombstone:
    match deleted:
        case RecordSummary():
            kind, partner, name = Buried.RECORD, deleted.partner, deleted.id
        case StoredToken():
            kind, partner, name = Buried.TOKEN, deleted.sender, "/".join(token_key(deleted))
        case KeptAnswer():
            kind, partner, name = Buried.ANSWER, deleted.partner, deleted.request_id
        case KeptReview():
            kind, partner, name = Buried.REVIEW, deleted.sender, deleted.id
    return UnwrittenTombstone(kind=kind, partner=partner, word=name, at=at)
