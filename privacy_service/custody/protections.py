"""What stands against a deletion: asked inside the transaction that deletes, for each row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

from privacy_service.store.views import View, Writing
from privacy_service.subjects.holds import LegalHold
from privacy_service.subjects.kept import KeptThing

FREE: Final = ""
HELD: Final = "LEGAL_CLAIM"
RESTRICTED: Final = "RESTRICTED"
ASKED_FOR: Final = "THIRD_PARTY_RIGHTS"
PASSING: Final = frozenset({HELD, RESTRICTED, ASKED_FOR})
"""Reasons that end: what they protect is deleted once they do. Any other is for good."""


class Protections(Protocol):
    """Why things must not be deleted now: a code of `subjects/reasons.py`, or "" where nothing
    stands against it. One answer for each thing.
    """

    def __call__(
        self, tx: View | Writing, things: Sequence[KeptThing], *, request_id: str | None
    ) -> list[str]: ...


def protections(
    tx: View | Writing, things: Sequence[KeptThing], *, request_id: str | None
) -> list[str]:
    """`Protections`: legal holds, and people who are still to be given what is kept about them.
    `request_id` is the request that the deletion is for.
    """
    subjects = {subject for thing in things for subject in thing.subjects}
    active = tx.holds.active(subjects)
    asking = tx.requests.asking(subjects, but=request_id)
    return [
        _held(active.over(thing)) or (FREE if asking.isdisjoint(thing.subjects) else ASKED_FOR)
        for thing in things
    ]


def _held(over: Sequence[LegalHold]) -> str:
    """Why the holds over a thing protect it: a claim before a restriction."""
    if not over:
        return FREE
    return RESTRICTED if all(hold.request_id for hold in over) else HELD
