"""A place for checkpoints: a directory or an object store, in which nothing is ever replaced.

Both are used create-only: what is there stays as it was written, and of two writers of one name one
learns that it came second. To hold against whoever runs this service, the place itself must forbid
deletion as well: another machine's disk, an object store with object lock.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from privacy_service import errors
from privacy_service.errors import PrivacyError

if TYPE_CHECKING:
    from obstore.store import ObjectStore

MOST_BYTES: Final = 1 << 20
"""The longest file that is read: notes and time stamps have some kilobytes."""

_TRIES: Final = 2


class Taken(Exception):  # noqa: N818 - it says what is so, as our reasons do
    """There is a file of this name, which was left as it is."""


class Place(Protocol):
    """Files by name, in one folder. Every method raises PUBLICATION_UNAVAILABLE."""

    def names(self, suffix: str, *, after: str = "") -> list[str]:
        """The names that end so and come after this one, in order."""
        ...

    def read(self, name: str) -> bytes | None:
        """The file, None where there is none."""
        ...

    def create(self, name: str, content: bytes) -> None:
        """Makes the file, whole or not at all. Raises Taken."""
        ...


class Directory:
    """A directory. It is made if it is not there."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def names(self, suffix: str, *, after: str = "") -> list[str]:
        """What `Place.names` says."""
        with _translating():
            if not self._path.exists():
                return []
            names = [entry.name for entry in self._path.iterdir()]
        return sorted(name for name in names if name.endswith(suffix) and name > after)

    def read(self, name: str) -> bytes | None:
        """What `Place.read` says."""
        with _translating():
            try:
                with (self._path / name).open("rb") as file:
                    return file.read(MOST_BYTES)
            except FileNotFoundError:
                return None

    def create(self, name: str, content: bytes) -> None:
        """What `Place.create` says. The file is on the disk when this returns."""
        with _translating():
            self._path.mkdir(parents=True, exist_ok=True)
            descriptor, draft = tempfile.mkstemp(prefix=".draft-", dir=self._path)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                Path(draft).chmod(0o444)
                # A link, because a rename would replace what is there.
                os.link(draft, self._path / name)
            except FileExistsError:
                raise Taken from None
            finally:
                Path(draft).unlink()
            self._settle()

    def _settle(self) -> None:
        folder = os.open(self._path, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


class Bucket:
    """A prefix in an object store that can refuse to replace: S3, Google Cloud Storage, Azure."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    @classmethod
    def at(cls, url: str, *, setting: str) -> Bucket:
        """The prefix at `s3://bucket/prefix` (`gs://`, `az://`). Credentials, region and endpoint
        are those of the environment (`AWS_ACCESS_KEY_ID` …). Raises SETTINGS_INVALID.
        """
        try:
            from obstore.store import from_url
        except ModuleNotFoundError:
            raise PrivacyError(
                errors.SETTINGS_INVALID, setting=setting, missing="[objectstore]"
            ) from None
        try:
            # Bounded: by default it would try for three minutes.
            return cls(
                from_url(
                    url,
                    config=None,
                    client_options={
                        "timeout": "20s",
                        "connect_timeout": "5s",
                        "allow_http": os.environ.get("AWS_ALLOW_HTTP") == "true",
                    },
                    retry_config={"max_retries": _TRIES},
                )
            )
        except Exception as unusable:  # noqa: BLE001 - its own errors, and what the URL raises
            raise PrivacyError(
                errors.SETTINGS_INVALID,
                setting=setting,
                cause=type(unusable).__name__,
            ) from None

    def names(self, suffix: str, *, after: str = "") -> list[str]:
        """What `Place.names` says."""
        import obstore

        with _translating():
            pages = obstore.list(self._store, offset=after or None)
            names = [str(found["path"]) for page in pages for found in page]
        return sorted(name for name in names if name.endswith(suffix) and name > after)

    def read(self, name: str) -> bytes | None:
        """What `Place.read` says."""
        import obstore

        with _translating():
            try:
                return bytes(obstore.get(self._store, name).bytes())[:MOST_BYTES]
            except FileNotFoundError:
                return None

    def create(self, name: str, content: bytes) -> None:
        """What `Place.create` says."""
        import obstore
        from obstore.exceptions import AlreadyExistsError

        with _translating():
            try:
                obstore.put(self._store, name, content, mode="create")
            except AlreadyExistsError:
                raise Taken from None


def place_at(where: str, *, setting: str = "evidence.publish_to") -> Place:
    """A directory, or an object store where it is a URL. Raises SETTINGS_INVALID for `setting`."""
    return Bucket.at(where, setting=setting) if "://" in where else Directory(Path(where))


@contextmanager
def _translating() -> Iterator[None]:
    """Whatever keeps the place from answering becomes one reason; its type is all that is told."""
    try:
        yield
    except Taken:
        raise
    except Exception as unavailable:  # noqa: BLE001 - obstore's errors have no common base
        raise PrivacyError(
            errors.PUBLICATION_UNAVAILABLE, cause=type(unavailable).__name__
        ) from None
