"""Published checkpoints as the command line reads them: from wherever they are, into a folder."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from privacy_service import errors
from privacy_service.errors import PrivacyError
from privacy_service.evidence.archive import ANCHOR_NOTE, ANCHOR_STAMP
from privacy_service.evidence.checkpoint import claimed
from privacy_service.evidence.stored_zip import walked
from privacy_service.publishing.places import place_at
from privacy_service.publishing.published import NOTE, STAMP, name_of


@contextmanager
def fetched(where: str) -> Iterator[Path]:
    """A folder with what is published there. Raises PUBLICATION_UNAVAILABLE where nothing is."""
    place = place_at(where)
    names = [*place.names(NOTE), *place.names(STAMP)]
    if not names:
        raise PrivacyError(errors.PUBLICATION_UNAVAILABLE, found=0)
    with tempfile.TemporaryDirectory(prefix="privacy-published-") as folder:
        for name in names:
            (Path(folder) / Path(name).name).write_bytes(place.read(name) or b"")
        yield Path(folder)


@contextmanager
def anchored(archive: Path) -> Iterator[Path]:
    """A folder with the published checkpoint that an evidence archive holds, and its time stamp."""
    try:
        files = {file.name: file.content for file in walked(archive.read_bytes())}
        size = claimed(files[ANCHOR_NOTE].decode()).size
    except (OSError, ValueError, KeyError):
        files, size = {}, 0  # it holds none; what else is wrong with it is told by its check
    with tempfile.TemporaryDirectory(prefix="privacy-anchor-") as folder:
        for name, suffix in ((ANCHOR_NOTE, NOTE), (ANCHOR_STAMP, STAMP)):
            if name in files:
                (Path(folder) / name_of(size, suffix)).write_bytes(files[name])
        yield Path(folder)


def time_stamped(folder: Path, roots: Path, *, say: Callable[[str], None]) -> int:
    """Says which time stamps hold. The exit status: 1 where one does not, or none is there."""
    from privacy_service.publishing.time_stamps import StampInvalid, TrustedRoots

    trusted, stamped, failed = TrustedRoots.read(roots), 0, 0
    for stamp in sorted(folder.glob(f"*{STAMP}")):
        try:
            at = trusted.verify(stamp.read_bytes(), stamp.with_suffix(NOTE).read_bytes())
        except (OSError, StampInvalid) as why:
            failed += 1
            say(f"{stamp.name}: {why}")
            continue
        stamped += 1
        say(f"{stamp.name}: {int(stamp.stem)} entries existed by {at.isoformat()}")
    if not stamped:
        say("no published checkpoint is time-stamped")
    return 1 if failed or not stamped else 0
