"""What was published of the log, read back and believed only as far as its signatures go.

A checkpoint of size n is the file `n.note` with n in twenty digits, so that names sort by size, and
its time stamp is `n.tsr`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from privacy_service import errors
from privacy_service.errors import PrivacyError
from privacy_service.evidence.checkpoint import Checkpoint, open_checkpoint
from privacy_service.evidence.note import NoteInvalid, VerifierKey
from privacy_service.publishing.places import Place

NOTE = ".note"
STAMP = ".tsr"


def name_of(size: int, suffix: str = NOTE) -> str:
    """The file's name for the checkpoint of this size."""
    return f"{size:020d}{suffix}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedCheckpoint:
    """One published note, opened."""

    note: str
    checkpoint: Checkpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """The published checkpoints of one log. `keys` are all keys that the log has signed with.

    Every method raises PUBLICATION_UNAVAILABLE, and LOG_CONTRADICTS_CHECKPOINT for a file that is
    in a checkpoint's place and is none of this log: nothing may be signed beside it.
    """

    place: Place
    keys: Callable[[], tuple[VerifierKey, ...]]

    def newest(self, after: int = 0) -> PublishedCheckpoint | None:
        """The largest one; None where there is none of more than `after` entries."""
        names = self.place.names(NOTE, after=name_of(after))
        return self._opened(names[-1]) if names else None

    def newest_to(self, most: int) -> tuple[str, bytes | None] | None:
        """The note of the largest one of at most so many entries, and its time stamp if it has one;
        None where there is none.
        """
        names = [name for name in self.place.names(NOTE) if name <= name_of(most)]
        found = self._opened(names[-1]) if names else None
        if found is None:
            return None
        return found.note, self.place.read(name_of(found.checkpoint.size, STAMP))

    def of_size(self, size: int) -> PublishedCheckpoint | None:
        """The one of this size, if there is one."""
        return self._opened(name_of(size))

    def all(self) -> Iterator[PublishedCheckpoint]:
        """Every one, the smallest first."""
        for name in self.place.names(NOTE):
            found = self._opened(name)
            if found is not None:
                yield found

    def _opened(self, name: str) -> PublishedCheckpoint | None:
        content = self.place.read(name)
        if content is None:
            return None
        try:
            note = content.decode()
            checkpoint = open_checkpoint(note, *self.keys())
        except (NoteInvalid, UnicodeDecodeError):
            raise PrivacyError(errors.LOG_CONTRADICTS_CHECKPOINT, file=name) from None
        if name != name_of(checkpoint.size):
            raise PrivacyError(errors.LOG_CONTRADICTS_CHECKPOINT, file=name)
        return PublishedCheckpoint(note=note, checkpoint=checkpoint)
