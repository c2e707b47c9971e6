"""The content of a file keyring: named keys in versions, as one immutable value and as JSON."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Self

from privacy_service import errors
from privacy_service.errors import PrivacyError
from privacy_service.records.keyring import KeyStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyVersion:
    """One version. `material` is None once it was retired."""

    created_at: datetime
    material: bytes | None = field(repr=False)
    retired_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ring:
    """Every key by name, its versions in order from 1; the last one is current.

    `id` is random: it tells the keys of two keyrings apart where their names are the same.
    """

    id: str
    keys: Mapping[str, tuple[KeyVersion, ...]] = field(default_factory=dict)

    def __contains__(self, name: str) -> bool:
        return name in self.keys

    def current(self, name: str) -> int:
        """The number of the current version, 0 if there is no such key."""
        return len(self.keys.get(name, ()))

    def material(self, name: str, version: int) -> bytes | None:
        """The key, or None if it was retired or never was."""
        versions = self.keys.get(name, ())
        return versions[version - 1].material if 1 <= version <= len(versions) else None

    def live(self, name: str) -> tuple[int, ...]:
        """The versions that are not retired, the current one first."""
        versions = range(self.current(name), 0, -1)
        return tuple(version for version in versions if self.material(name, version) is not None)

    def with_next(self, name: str, material: bytes, at: datetime) -> Self:
        """The ring with one more version of the key."""
        made = KeyVersion(material=material, created_at=at)
        return self._with(name, (*self.keys.get(name, ()), made))

    def without(self, name: str, version: int, at: datetime) -> Self:
        """The ring with the material of that version and of all before it destroyed.

        Raises KEY_NOT_RETIRABLE.
        """
        versions = self.keys.get(name, ())
        if not 1 <= version < len(versions):
            raise PrivacyError(errors.KEY_NOT_RETIRABLE, key=name, version=version)
        if all(one.material is None for one in versions[:version]):
            return self
        retired = (
            one if one.material is None else replace(one, material=None, retired_at=at)
            for one in versions[:version]
        )
        return self._with(name, (*retired, *versions[version:]))

    def status(self) -> Iterator[KeyStatus]:
        """Every version, without its material."""
        for name, versions in sorted(self.keys.items()):
            for number, version in enumerate(versions, start=1):
                yield KeyStatus(
                    name=name,
                    version=number,
                    current=number == len(versions),
                    created_at=version.created_at,
                    retired=version.material is None,
                    retired_at=version.retired_at,
                )

    def to_json(self) -> dict[str, Any]:
        """The ring as JSON values."""
        keys = {name: [_written(version) for version in kept] for name, kept in self.keys.items()}
        return {"id": self.id, "keys": keys}

    @classmethod
    def from_json(cls, read: Any) -> Self:
        """What `to_json` wrote. Raises ValueError, TypeError or KeyError for anything else."""
        keys = {
            str(name): tuple(_read(version) for version in kept)
            for name, kept in dict(read["keys"]).items()
        }
        return cls(id=str(read["id"]), keys=keys)

    def _with(self, name: str, versions: tuple[KeyVersion, ...]) -> Self:
        return replace(self, keys={**self.keys, name: versions})


def _written(version: KeyVersion) -> dict[str, str]:
    written = {"created_at": version.created_at.isoformat()}
    if version.material is not None:
        written["key"] = base64.b64encode(version.material).decode()
    if version.retired_at is not None:
        written["retired_at"] = version.retired_at.isoformat()
    return written


def _read(written: Any) -> KeyVersion:
    key, retired_at = written.get("key"), written.get("retired_at")
    if (key is None) != (retired_at is not None):
        raise ValueError("a key version has its key until it is retired")
    return KeyVersion(
        created_at=datetime.fromisoformat(written["created_at"]),
        material=None if key is None else base64.b64decode(key, validate=True),
        retired_at=None if retired_at is None else datetime.fromisoformat(retired_at),
    )
