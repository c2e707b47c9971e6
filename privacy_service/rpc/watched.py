"""Values read from files that may change while the service runs: certificates and public keys."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

import structlog

from privacy_service import errors
from privacy_service.errors import PrivacyError

T = TypeVar("T")

_Signature = tuple[tuple[int, int, int] | None, ...]


class Watched(Generic[T]):
    """What `load` makes of some files, read again when one of them changes. Thread-safe.

    `holds` says what the files have to hold. The first reading must succeed: it raises
    SETTINGS_INVALID with the setting's name, and with the file that cannot be read. A later one
    that fails (half-written files, a key that does not fit its certificate) keeps the last good
    value and says so once in the log; the next change is tried again.
    """

    def __init__(
        self,
        *paths: Path,
        load: Callable[[], T],
        setting: str,
        holds: str,
        log: structlog.typing.FilteringBoundLogger,
    ) -> None:
        self._paths = paths
        self._load = load
        self._setting = setting
        self._log = log
        self._lock = threading.Lock()
        self._signature = self._look()
        try:
            self._value = load()
        except OSError as error:
            says = f"{error.filename}: {error.strerror}"
            raise PrivacyError(errors.SETTINGS_INVALID, setting=setting, says=says) from None
        except ValueError:
            says = f"these have to hold {holds}: {', '.join(map(str, paths))}"
            raise PrivacyError(errors.SETTINGS_INVALID, setting=setting, says=says) from None

    def current(self) -> T:
        """The value of the files as they are now."""
        # Looked at before it is read: a change in between is seen by the next call.
        signature = self._look()
        if signature != self._signature:
            with self._lock:
                if signature != self._signature:
                    self._signature = signature
                    self._reload()
        return self._value

    def _reload(self) -> None:
        try:
            self._value = self._load()
        except (OSError, ValueError) as error:
            self._log.error(
                "file_not_reloaded", setting=self._setting, exception=type(error).__name__
            )
        else:
            self._log.info("file_reloaded", setting=self._setting)

    def _look(self) -> _Signature:
        return tuple(_signature(path) for path in self._paths)


def _signature(path: Path) -> tuple[int, int, int] | None:
    try:
        seen = path.stat()
    except OSError:
        return None
    return seen.st_mtime_ns, seen.st_size, seen.st_ino
