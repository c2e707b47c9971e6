"""Every kind of keyring, for the one suite: each connects views, and can be lost and restored."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import boto3
import pkcs11
from botocore.config import Config

from privacy_service.clock import SteppedClock
from privacy_service.custody.keys_kept import StoredSecrets
from privacy_service.records.aws_provider import AwsProvider, AwsReference
from privacy_service.records.file_keyring import FileKeyring
from privacy_service.records.keyring import Keyring
from privacy_service.records.pkcs11_provider import HsmReference, Pkcs11Provider
from privacy_service.records.provided_keyring import ProvidedKeyring
from privacy_service.records.provider import KeyProvider
from privacy_service.records.ring_format import Argon2Cost
from privacy_service.records.transit_provider import TransitProvider, TransitReference
from privacy_service.store.database import Database
from tests.ports import key_servers
from tests.ports.line import Line

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SECONDS = 300.0


class Provider(Protocol):
    """What holds keys, and any number of processes' views of it."""

    clock: SteppedClock
    remembers: bool
    """Whether it says when a version was retired, and when it was made by our clock."""

    def connected(self) -> Keyring: ...

    def settle(self) -> None:
        """Lets as much time pass as a view may be late by."""
        ...

    def lose(self) -> None: ...

    def restore(self) -> None: ...

    def close(self) -> None: ...


class FileProvider:
    """A file, and any number of processes' views of it."""

    remembers = True

    def __init__(self, directory: Path, passphrase: bytes | None) -> None:
        self.clock = SteppedClock(AT)
        self._path = directory / "keyring"
        self._given: dict[str, Any] = {
            "random": os.urandom,
            "clock": self.clock,
            "passphrase": passphrase,
            "cost": Argon2Cost(memory_kib=32, iterations=1, lanes=1),
        }
        FileKeyring.create(self._path, **self._given)

    def connected(self) -> Keyring:
        return FileKeyring.open(self._path, **self._given)

    def settle(self) -> None:
        """A file is looked at every time."""

    def lose(self) -> None:
        self._path.rename(self._path.with_name("away"))

    def restore(self) -> None:
        self._path.with_name("away").rename(self._path)

    def close(self) -> None:
        pass


class Elsewhere:
    """A provider that is not a file: its secrets are in a real database."""

    remembers = False

    def __init__(self, directory: Path) -> None:
        self.clock = SteppedClock(AT)
        self._database = Database.open(f"sqlite:///{directory / 'kept.db'}", clock=self.clock)
        database = self._database.__enter__()
        database.migrate()
        self.shelf = StoredSecrets(database)
        self._set_up = False

    def provider(self) -> KeyProvider:
        raise NotImplementedError

    def connected(self) -> Keyring:
        made = ProvidedKeyring if self._set_up else ProvidedKeyring.create
        self._set_up = True
        return made(
            self.provider(), self.shelf, random=os.urandom, clock=self.clock, seconds=SECONDS
        )

    def settle(self) -> None:
        self.clock.step(timedelta(seconds=SECONDS))

    def lose(self) -> None:
        self.settle()  # until then it goes on with what it holds

    def restore(self) -> None:
        self.clock.step(timedelta(seconds=1))

    def close(self) -> None:
        self._database.__exit__(None, None, None)


class HsmProvider(Elsewhere):
    """A token of SoftHSM. It is lost as a network HSM is: its client finds no token any more."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self._label = f"t{secrets.token_hex(6)}"
        self._folder = key_servers.new_token(self._label)
        self._away = self._folder.parents[1] / self._label

    def provider(self) -> KeyProvider:
        uri = f"pkcs11:token={self._label};object=ring?module-path={key_servers.MODULE}"
        return Pkcs11Provider(
            HsmReference.parse(uri),
            pin=lambda: key_servers.PIN,
            random=os.urandom,
            clock=self.clock,
        )

    def lose(self) -> None:
        super().lose()
        self.lose_at_once()

    def lose_at_once(self) -> None:
        self._folder.rename(self._away)
        pkcs11.lib(str(key_servers.MODULE)).finalize()

    def restore(self) -> None:
        super().restore()
        self._away.rename(self._folder)


class TransitServer(Elsewhere):
    """Keys under a prefix of their own in a real OpenBao."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self._line = Line(key_servers.openbao())
        self._prefix = f"ring-{secrets.token_hex(6)}"

    def provider(self) -> KeyProvider:
        url = f"transit:http://127.0.0.1:{self._line.port}/transit/{self._prefix}"
        return TransitProvider(TransitReference.parse(url), token=lambda: key_servers.ROOT_TOKEN)

    def lose(self) -> None:
        super().lose()
        self._line.cut()

    def restore(self) -> None:
        super().restore()
        self._line.mend()

    def close(self) -> None:
        self._line.cut()
        super().close()


class AwsServer(Elsewhere):
    """Keys under a prefix of their own in moto's KMS."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self._line = Line(key_servers.kms())
        self._prefix = f"ring-{secrets.token_hex(6)}"

    def provider(self) -> KeyProvider:
        arn = f"awskms:arn:aws:kms:eu-central-1:123456789012:alias/{self._prefix}"
        client = boto3.client(
            "kms",
            region_name="eu-central-1",
            endpoint_url=f"http://127.0.0.1:{self._line.port}",
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(retries={"total_max_attempts": 1}),
        )
        return AwsProvider(AwsReference.parse(arn), clock=self.clock, client=client)

    def lose(self) -> None:
        super().lose()
        self._line.cut()

    def restore(self) -> None:
        super().restore()
        self._line.mend()

    def close(self) -> None:
        self._line.cut()
        super().close()


PROVIDERS: dict[str, Callable[[Path], Provider]] = {
    "file": lambda path: FileProvider(path, None),
    "file under a passphrase": lambda path: FileProvider(path, b"correct horse"),
    "PKCS#11": HsmProvider,
    "Transit": TransitServer,
    "AWS KMS": AwsServer,
}
