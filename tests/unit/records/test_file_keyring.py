"""The keyring file: whom it trusts, how it is written, and what it survives."""

from __future__ import annotations

import base64
import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from privacy_service import errors
from privacy_service.clock import SteppedClock
from privacy_service.errors import PrivacyError, Reason
from privacy_service.records import private_file
from privacy_service.records.file_keyring import FileKeyring
from privacy_service.records.keyring import SecretName
from privacy_service.records.ring_format import Argon2Cost

CLOCK = SteppedClock(datetime(2026, 11, 23, 9, 0, tzinfo=UTC))
CHEAP = Argon2Cost(memory_kib=32, iterations=1, lanes=1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    tmp_path.chmod(0o700)
    return tmp_path / "keyring"


def created(path: Path, passphrase: bytes | None = None) -> FileKeyring:
    return FileKeyring.create(
        path, random=os.urandom, clock=CLOCK, passphrase=passphrase, cost=CHEAP
    )


def opened(path: Path, passphrase: bytes | None = None) -> FileKeyring:
    return FileKeyring.open(path, random=os.urandom, clock=CLOCK, passphrase=passphrase, cost=CHEAP)


def refused(reason: Reason, work: Callable[[], object]) -> PrivacyError:
    with pytest.raises(PrivacyError) as caught:
        work()
    assert caught.value.reason is reason
    return caught.value


def test_the_file_is_its_owners_alone_whatever_the_umask(path: Path) -> None:
    before = os.umask(0)
    try:
        keyring = created(path)
        keyring.rotate("shop")
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert sorted(file.name for file in path.parent.iterdir()) == ["keyring", "keyring.lock"]
    assert stat.S_IMODE(path.with_name("keyring.lock").stat().st_mode) == 0o600


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o620, 0o602, 0o610, 0o777])
def test_a_file_that_others_reach_is_refused(path: Path, mode: int) -> None:
    created(path)
    path.chmod(mode)
    told = refused(errors.KEYRING_EXPOSED, lambda: opened(path))
    assert told.details == {"mode": f"{mode:04o}"}


def test_a_file_that_is_opened_to_others_later_is_refused_at_the_next_call(path: Path) -> None:
    keyring = created(path)
    path.chmod(0o644)
    refused(errors.KEYRING_EXPOSED, lambda: keyring.secret(SecretName.COMMITMENT))
    path.chmod(0o600)
    keyring.secret(SecretName.COMMITMENT)


@pytest.mark.parametrize("mode", [0o770, 0o703, 0o777, 0o1777])
def test_a_directory_that_others_write_to_is_refused(path: Path, mode: int) -> None:
    path.parent.chmod(mode)
    refused(errors.KEYRING_EXPOSED, lambda: created(path))
    assert not path.exists()
    path.parent.chmod(0o700)
    created(path)
    path.parent.chmod(mode)
    refused(errors.KEYRING_EXPOSED, lambda: opened(path))


def test_a_link_is_not_followed(path: Path, tmp_path: Path) -> None:
    created(path)
    link = tmp_path / "link"
    link.symlink_to(path)
    refused(errors.KEYS_UNAVAILABLE, lambda: opened(link))
    refused(errors.KEYRING_EXISTS, lambda: created(link))


def test_a_file_of_another_user_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    created(path)
    mine = os.geteuid()
    monkeypatch.setattr(private_file.os, "geteuid", lambda: mine + 1)
    refused(errors.KEYRING_EXPOSED, lambda: opened(path))


def test_a_keyring_is_never_written_over_nor_made_unasked(path: Path) -> None:
    refused(errors.KEYS_UNAVAILABLE, lambda: opened(path))
    assert not path.exists()
    created(path)
    content = path.read_bytes()
    refused(errors.KEYRING_EXISTS, lambda: created(path))
    assert path.read_bytes() == content


def ring(keys: bytes) -> bytes:
    start = b'{"format":"privacy-service-keyring","version":1,"ring":{"id":"1","keys":'
    return start + keys + b"}}"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff",
        b"[]",
        b"null",
        b"{}",
        b"[" * 100_000,
        b'{"format":"privacy-service-keyring","version":2,"ring":{"id":"1","keys":{}}}',
        b'{"format":"other","version":1,"ring":{"id":"1","keys":{}}}',
        b'{"format":"privacy-service-keyring","version":1}',
        ring(b"[1]"),
        ring(b'{"a":[{}]}'),
        ring(b'{"a":[{"created_at":"2026-01-01","key":"!"}]}'),
        ring(b'{"a":[{"created_at":"2026-01-01"}]}'),
    ],
)
def test_a_file_that_is_no_keyring_is_refused(path: Path, content: bytes) -> None:
    path.touch(mode=0o600)
    path.write_bytes(content)
    refused(errors.KEYRING_INVALID, lambda: opened(path))
    refused(errors.KEYRING_INVALID, lambda: opened(path, b"passphrase"))


def test_the_passphrase_hides_every_key_and_name(path: Path) -> None:
    keyring = created(path, b"correct horse")
    keyring.rotate("shop")
    content = path.read_bytes()
    for hidden in (
        b"shop",
        b"secret/",
        base64.b64encode(keyring.secret(SecretName.COMMITMENT).value),
    ):
        assert hidden not in content
    same = opened(path, b"correct horse")
    assert same.secret(SecretName.COMMITMENT) == keyring.secret(SecretName.COMMITMENT)


def test_the_passphrase_must_be_the_one_and_must_be_asked_for(path: Path) -> None:
    created(path, b"correct horse")
    refused(errors.KEYRING_INVALID, lambda: opened(path, b"wrong horse"))
    refused(errors.KEYRING_INVALID, lambda: opened(path))
    path.unlink()
    created(path)
    refused(errors.KEYRING_INVALID, lambda: opened(path, b"correct horse"))


@pytest.mark.parametrize(
    "change",
    [
        {"memory_kib": 64},
        {"iterations": 2},
        {"lanes": 2},
        {"salt": base64.b64encode(bytes(16)).decode()},
        {"kdf": "pbkdf2"},
        {"memory_kib": 1 << 30},
        {"iterations": 1 << 30},
        {"more": 1},
    ],
)
def test_the_parameters_of_the_passphrase_are_bound(path: Path, change: dict[str, Any]) -> None:
    created(path, b"correct horse")
    written = json.loads(path.read_text())
    written["passphrase"] |= change
    path.write_text(json.dumps(written))
    refused(errors.KEYRING_INVALID, lambda: opened(path, b"correct horse"))


def test_each_write_has_a_new_salt_and_nonce(path: Path) -> None:
    keyring = created(path, b"correct horse")
    first = json.loads(path.read_text())
    keyring.rotate("shop")
    second = json.loads(path.read_text())
    assert first["passphrase"]["salt"] != second["passphrase"]["salt"]
    assert first["sealed"][:16] != second["sealed"][:16]


def test_retired_material_is_gone_from_the_file(path: Path) -> None:
    keyring = created(path)
    keyring.rotate("shop")
    (one,) = json.loads(path.read_text())["ring"]["keys"]["partner/shop"]
    keyring.rotate("shop")
    keyring.retire("shop", 1)
    assert one["key"] not in path.read_text()
    assert [status.retired_at is None for status in keyring.status()][:2] == [False, True]


def test_the_keys_come_from_the_given_randomness(path: Path) -> None:
    asked = []

    def counted(size: int) -> bytes:
        asked.append(size)
        return bytes([len(asked)]) * size

    keyring = FileKeyring.create(path, random=counted, clock=CLOCK)
    assert keyring.secret(SecretName.BLIND_INDEX).value == bytes([2]) * 32
    assert asked == [8, 32, 32, 32, 32, 32]


def test_a_failed_write_changes_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keyring = created(path)
    before = path.read_bytes()

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(private_file.os, "fsync", full)
    told = refused(errors.KEYS_UNAVAILABLE, lambda: keyring.rotate("shop"))
    assert told.details == {"cause": "No space left on device"}
    monkeypatch.undo()
    assert path.read_bytes() == before
    assert sorted(file.name for file in path.parent.iterdir()) == ["keyring", "keyring.lock"]
    assert keyring.rotate("shop") == 1


def test_a_write_that_failed_but_persisted_is_seen(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyring = created(path)
    sync = os.fsync

    def of_files_only(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(5, "Input/output error")
        sync(descriptor)

    monkeypatch.setattr(private_file.os, "fsync", of_files_only)
    refused(errors.KEYS_UNAVAILABLE, lambda: keyring.rotate("shop"))
    monkeypatch.undo()
    assert [s.version for s in keyring.status() if s.name == "partner/shop"] == [1]
    assert keyring.rotate("shop") == 2


def test_what_a_killed_process_left_behind_is_in_nobodys_way(path: Path) -> None:
    keyring = created(path)
    path.with_name(f".keyring.{os.getpid()}.new").write_text("half")
    assert keyring.rotate("shop") == 1
    assert opened(path).rotate("shop") == 2


def test_a_lock_that_is_never_given_back_refuses(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyring = created(path)
    monkeypatch.setattr(private_file, "_TRIES", 3)
    with private_file.PrivateFile(path).locked():
        refused(errors.KEYS_UNAVAILABLE, lambda: keyring.rotate("shop"))
        keyring.secret(SecretName.COMMITMENT)
    assert keyring.rotate("shop") == 1


PROGRAM = """
import os, sys
from pathlib import Path
from privacy_service.clock import SystemClock
from privacy_service.records.file_keyring import FileKeyring

keyring = FileKeyring.open(Path(sys.argv[1]), random=os.urandom, clock=SystemClock())
print(*(keyring.rotate("shop") for _ in range(15)))
"""


def test_processes_do_not_lose_each_others_keys(path: Path) -> None:
    created(path)
    command = [sys.executable, "-c", PROGRAM, str(path)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    versions = [int(word) for one in running for word in one.communicate()[0].split()]
    assert [one.returncode for one in running] == [0, 0]
    assert sorted(versions) == list(range(1, 31))
