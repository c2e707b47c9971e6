"""Publishes the log's head: checked, signed, cosigned, written where nothing is replaced, stamped.

One run is bounded and may be repeated at any time, by any replica: what is there already is found
and left. A run that was cut off leaves either nothing or a whole checkpoint; what is missing of it
(its time stamp) is made up by the next run.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import NoReturn, Protocol

import httpx

from privacy_service import errors
from privacy_service.errors import PrivacyError
from privacy_service.evidence.checkpoint import Checkpoint
from privacy_service.evidence.merkle import consistency_proof, read_together
from privacy_service.publishing.head import Log, SignedHead
from privacy_service.publishing.http import client
from privacy_service.publishing.places import Taken
from privacy_service.publishing.published import STAMP, Published, PublishedCheckpoint, name_of
from privacy_service.publishing.witnesses import Uncooperative, Witness


class Stamping(Protocol):
    """An authority that time-stamps bytes."""

    def stamp(self, stamped: bytes, client: httpx.Client, /) -> bytes:
        """The stamp, checked. Raises ValueError and httpx.HTTPError."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """What one run came to.

    `file` is the newest checkpoint's name in the place; `new` says whether this run put it there.
    `cosigned` names the witnesses that cosigned it in this run. `missing` says what could not be
    had, and why: a checkpoint without a witness or a time stamp is still published.
    """

    checkpoint: Checkpoint
    file: str
    new: bool
    cosigned: tuple[str, ...] = ()
    stamped: bool = False
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Publisher:
    """Publishes one log. `time_stamps` None: none are asked for."""

    log: Callable[[], AbstractContextManager[Log]]
    head: SignedHead
    published: Published
    witnesses: tuple[Witness, ...] = ()
    time_stamps: Stamping | None = None

    def publish(self) -> Publication:
        """Publishes the log's head, unless it is published already.

        Raises LOG_CONTRADICTS_CHECKPOINT where the log does not continue what was published of it
        or what a witness has seen: then nothing is signed. PUBLICATION_UNAVAILABLE,
        STORE_UNAVAILABLE, KEYS_UNAVAILABLE: try again.
        """
        before = self.published.newest()
        if before is not None:
            self.head.remember(before.checkpoint)
        with self.log() as log:
            checkpoint = self.head.checked(log)
        with client() as asking:
            if before is not None and before.checkpoint.size == checkpoint.size:
                return self._stamped(before, asking, new=False)
            return self._first(checkpoint, before, asking)

    def _first(
        self, checkpoint: Checkpoint, before: PublishedCheckpoint | None, asking: httpx.Client
    ) -> Publication:
        def prove(seen: int) -> tuple[bytes, ...]:
            # A transaction of its own: none is kept open while others are waited for, and what a
            # log has held it holds.
            with self.log() as log:
                if seen > checkpoint.size:
                    _explain(seen, log.frontier().size)
                return read_together(
                    lambda read: consistency_proof(seen, checkpoint.size, read), log.nodes
                )

        seen = before.checkpoint.size if before else 0
        note = self.head.signed(checkpoint)
        cosigned, missing = [], []
        for witness in self.witnesses:
            try:
                note += witness.cosign(note, seen=seen, prove=prove, client=asking)
                cosigned.append(witness.key.name)
            except Uncooperative as why:
                missing.append(f"witness {witness.key.name}: {why}")
        written, new = self._written(note, checkpoint)
        return self._stamped(
            written, asking, new=new, cosigned=tuple(cosigned) if new else (), missing=missing
        )

    def _written(self, note: str, checkpoint: Checkpoint) -> tuple[PublishedCheckpoint, bool]:
        """The checkpoint in its place, and whether it was put there now."""
        try:
            self.published.place.create(name_of(checkpoint.size), note.encode())
        except Taken:  # another replica was quicker
            found = self.published.of_size(checkpoint.size)
            if found is None or found.checkpoint != checkpoint:
                raise PrivacyError(
                    errors.LOG_CONTRADICTS_CHECKPOINT, file=name_of(checkpoint.size)
                ) from None
            return found, False
        return PublishedCheckpoint(note=note, checkpoint=checkpoint), True

    def _stamped(
        self,
        published: PublishedCheckpoint,
        asking: httpx.Client,
        *,
        new: bool,
        cosigned: tuple[str, ...] = (),
        missing: list[str] | None = None,
    ) -> Publication:
        """The same with its time stamp, where one is asked for."""
        lacking = missing or []
        stamped = False
        if self.time_stamps is not None:
            try:
                stamped = self._stamp(published, self.time_stamps, asking)
            except (ValueError, httpx.HTTPError) as why:
                lacking.append(f"time stamp: {why or type(why).__name__}")
        return Publication(
            checkpoint=published.checkpoint,
            file=name_of(published.checkpoint.size),
            new=new,
            cosigned=cosigned,
            stamped=stamped,
            missing=tuple(lacking),
        )

    def _stamp(
        self, published: PublishedCheckpoint, authority: Stamping, asking: httpx.Client
    ) -> bool:
        name, place = name_of(published.checkpoint.size, STAMP), self.published.place
        if place.read(name) is None:
            try:
                place.create(name, authority.stamp(published.note.encode(), asking))
            except Taken:
                return True  # of the same note, by another replica
        return True


def _explain(seen: int, size: int) -> NoReturn:
    """Why a witness has seen more than was to be published: another replica was quicker, or the log
    has lost what it held.
    """
    if size >= seen:
        raise Uncooperative("it has seen a newer checkpoint already")
    raise PrivacyError(errors.LOG_CONTRADICTS_CHECKPOINT, seen=seen, size=size)
