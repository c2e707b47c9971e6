"""The one way to a signature over the log's head: never one that contradicts an earlier one.

What was signed and published before is remembered outside the database. A log that does not
continue it was cut or rewritten, and whoever holds the key must not lend it to that.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

from privacy_service import errors
from privacy_service.clock import Clock
from privacy_service.errors import PrivacyError
from privacy_service.evidence.checkpoint import Checkpoint, sign
from privacy_service.evidence.merkle import (
    Frontier,
    ProofInvalid,
    consistency_proof,
    read_together,
    verify_consistency,
)
from privacy_service.evidence.note import Signer
from privacy_service.publishing.published import Published


class Log(Protocol):
    """The audit log, in one read transaction."""

    def frontier(self, size: int | None = None) -> Frontier: ...

    def nodes(self, wanted: Sequence[tuple[int, int]], /) -> Mapping[tuple[int, int], bytes]: ...


@dataclass(slots=True)
class _Known:
    """The largest checkpoint that is known, and when the place was asked last."""

    checkpoint: Checkpoint | None = None
    asked: float = float("-inf")


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedHead:
    """Signs the log's head. Thread-safe.

    `log` opens the log as it is now.
    `published` None: nothing is published, and only this process remembers what it signed. The
    place is asked at most every `seconds`: so late does a replica see what another has published.
    """

    origin: str
    log: Callable[[], AbstractContextManager[Log]]
    signers: Callable[[], tuple[Signer, ...]]
    published: Published | None
    clock: Clock
    seconds: float = 60.0
    _known: _Known = field(default_factory=_Known)
    _mutex: threading.Lock = field(default_factory=threading.Lock)

    def note(self, log: Log) -> str:
        """The signed checkpoint of the log as it is.

        Raises LOG_CONTRADICTS_CHECKPOINT where it does not continue what is known of it, and
        PUBLICATION_UNAVAILABLE where that cannot be looked up.
        """
        return self.signed(self.checked(log))

    def signed(self, checkpoint: Checkpoint) -> str:
        """The note of a checkpoint that was checked."""
        note = sign(checkpoint, *self.signers())
        self.remember(checkpoint)
        return note

    def checked(self, log: Log) -> Checkpoint:
        """The log's head, unsigned, once it was shown to agree with what is known of it."""
        known = self._newest()
        checkpoint = self._head(log)
        if known is not None and known.size <= checkpoint.size:
            _require_continues(log, known, checkpoint)
        elif known is not None:
            self._require_older(checkpoint, known)
        return checkpoint

    def _require_older(self, checkpoint: Checkpoint, known: Checkpoint) -> None:
        """Tells a state that was read before others appended and signed from a log that was cut:
        the log as it is now must continue both.
        """
        with self.log() as now:
            head = self._head(now)
            _require_continues(now, known, head)
            _require_continues(now, checkpoint, head)

    def _head(self, log: Log) -> Checkpoint:
        head = log.frontier()
        return Checkpoint(origin=self.origin, size=head.size, root=head.root())

    def remember(self, checkpoint: Checkpoint) -> None:
        """Takes note of a checkpoint that was signed or published."""
        with self._mutex:
            known = self._known.checkpoint
            if known is None or checkpoint.size > known.size:
                self._known.checkpoint = checkpoint

    def _newest(self) -> Checkpoint | None:
        if self.published is not None and self._is_time():
            known = self._known.checkpoint
            found = self.published.newest(known.size if known else 0)
            if found is not None:
                self.remember(found.checkpoint)
            self._known.asked = self.clock.monotonic()
        return self._known.checkpoint

    def _is_time(self) -> bool:
        return self.clock.monotonic() - self._known.asked >= self.seconds


def _require_continues(log: Log, known: Checkpoint, head: Checkpoint) -> None:
    """Raises LOG_CONTRADICTS_CHECKPOINT unless the tree of `head` begins with that of `known`."""
    try:
        verify_consistency(
            first=known.size,
            first_root=known.root,
            second=head.size,
            second_root=head.root,
            proof=read_together(
                lambda read: consistency_proof(known.size, head.size, read), log.nodes
            ),
        )
    except ProofInvalid:
        raise _contradicts(known, head) from None
    except PrivacyError as error:  # nodes that the log must have, and has not
        if error.reason is not errors.AUDIT_RANGE_INVALID:
            raise
        raise _contradicts(known, head) from None


def _contradicts(known: Checkpoint, head: Checkpoint) -> PrivacyError:
    return PrivacyError(errors.LOG_CONTRADICTS_CHECKPOINT, known=known.size, size=head.size)
