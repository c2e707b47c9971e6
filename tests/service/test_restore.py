"""What was deleted stays deleted, whatever backup is restored: whole services, and real tools."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import grpc
import psycopg
import pytest
from typer.testing import CliRunner

from privacy_service import errors
from privacy_service.__main__ import app
from privacy_service.app.running import running
from privacy_service.commands.trial import Trial, set_up
from privacy_service.errors import PrivacyError
from privacy_service.settings import DetectionSettings, TombstoneSettings
from privacy_service.v1 import records_pb2
from tests.faults.served import as_environment
from tests.service.conftest import CONTRACTS, PARTNERS, Service, reason_of
from tests.service.test_holds import place
from tests.stores.databases import Server, empty_url, own_server, programs, server

PATTERNS = DetectionSettings(model="none", processes=1)


@contextmanager
def serving(trial: Trial) -> Iterator[Service]:
    with running(trial.settings) as one:
        service = Service(trial, one)
        try:
            yield service
        finally:
            service.close()


def prepared(folder: Path, database: str | None = None) -> Trial:
    trial = set_up(folder / "trial", PARTNERS, detection=PATTERNS, database=database)
    journal = TombstoneSettings(journal=str(folder / "elsewhere"))
    settings = trial.settings.model_copy(update={"tombstones": journal})
    return Trial(**{**vars_of(trial), "settings": settings})


def vars_of(trial: Trial) -> dict[str, Any]:
    return {name: getattr(trial, name) for name in Trial.__slots__}


def put_records(service: Service) -> None:
    service.partner("acme-shop").put_contract((CONTRACTS / "delivery.yaml").read_text())
    for name in ("maria", "peter", "nobody"):
        request = records_pb2.PutRecordRequest(
            partner="acme-shop",
            record_id=f"about-{name}",
            content_type="text/plain",
            content=f"{name} lives in Ulm".encode(),
            subjects=[{"type": "email", "value": f"{name}@mail.example"}],
            request_id=str(uuid.uuid4()),
        )
        service.partner("acme-shop").records.PutRecord(request, timeout=10)


def forget_two(service: Service) -> None:
    """Maria's key is shredded, and the record about Peter deleted."""
    digest = service.running.desks.records.digest("email", "maria@mail.example")  # type: ignore[attr-defined]
    now = datetime.now(UTC)
    database = service.running.database
    database.commit(lambda tx: tx.data_keys.shred("acme-shop", digest, at=now))
    service.partner("acme-shop").records.DeleteRecord(
        records_pb2.DeleteRecordRequest(
            partner="acme-shop", record_id="about-peter", request_id=str(uuid.uuid4())
        ),
        timeout=10,
    )


def content_or_reason(service: Service, name: str) -> str:
    wanted = records_pb2.GetRecordRequest(partner="acme-shop", record_id=f"about-{name}")
    try:
        answer = service.partner("acme-shop").records.GetRecord(wanted, timeout=10)
    except grpc.RpcError as error:
        return reason_of(error)
    return answer.record.content.decode()


def check_forgotten(service: Service) -> None:
    assert content_or_reason(service, "maria") == "RECORD_UNREADABLE"
    assert content_or_reason(service, "peter") == "RECORD_NOT_FOUND"
    assert content_or_reason(service, "nobody") == "nobody lives in Ulm"


def run(trial: Trial, *command: str) -> Any:
    """A command as an operator runs it, with the service's own environment."""
    done = CliRunner(env=as_environment(trial.settings)).invoke(app, [*command, "--json"])
    return done.exit_code, json.loads(done.stdout or "null")


def test_an_embedded_service_forgets_again_what_its_backup_remembers(tmp_path: Path) -> None:
    trial = prepared(tmp_path)
    database, backup = tmp_path / "trial" / "privacy.sqlite", tmp_path / "backup.sqlite"
    with serving(trial) as service:
        put_records(service)
        assert content_or_reason(service, "maria") == "maria lives in Ulm"
        code, made = run(trial, "backup", str(backup))
        assert (code, made["size"] > 0) == (0, True)
        forget_two(service)
        check_forgotten(service)
    assert backup.stat().st_mode & 0o777 == 0o600

    assert run(trial, "restore", str(backup))[0] == 1  # never over a database
    for file in database.parent.glob("privacy.sqlite*"):
        file.unlink()
    code, restored = run(trial, "restore", str(backup))
    assert (code, restored["replayed"]) == (
        0,
        {"notes": 1, "tombstones": 2, "buried": 2, "lost": []},
    )
    with serving(trial) as service:
        check_forgotten(service)

    # Someone who copies the file back by hand.
    for file in database.parent.glob("privacy.sqlite*"):
        file.unlink()
    shutil.copy(backup, database)
    with pytest.raises(PrivacyError) as refusal, serving(trial):
        pass
    assert refusal.value.reason is errors.DATABASE_RESTORED
    assert run(trial, "tombstones", "status") == (
        1,
        {"notes": 1, "behind": 1, "unwritten": 0, "alive": 2, "lost": []},
    )
    assert run(trial, "tombstones", "replay")[0] == 0
    with serving(trial) as service:
        check_forgotten(service)


def test_what_was_decided_since_the_backup_is_missed_and_not_in_silence(tmp_path: Path) -> None:
    trial = prepared(tmp_path)
    database, backup = tmp_path / "trial" / "privacy.sqlite", tmp_path / "backup.sqlite"
    with serving(trial) as service:
        put_records(service)
        assert run(trial, "backup", str(backup))[0] == 0
        hold = place(service.person("officer"), partner="acme-shop")
        contract = (CONTRACTS / "delivery.yaml").read_text()
        service.partner("acme-shop").put_contract(f"{contract}\n# The same terms, said anew.\n")
    for file in database.parent.glob("privacy.sqlite*"):
        file.unlink()

    code, said = run(trial, "restore", str(backup))
    assert (code, said["error"]["reason"]) == (1, "DECISIONS_LOST")
    assert not database.exists()  # nobody is served from it

    shutil.copy(backup, database)  # someone who does it by hand
    with pytest.raises(PrivacyError) as refusal, serving(trial):
        pass
    assert refusal.value.reason is errors.DATABASE_RESTORED
    code, status = run(trial, "tombstones", "status")
    lost = {one["action"]: one["about"] for one in status["lost"]}
    assert code == 1
    assert lost["LegalHoldService/PlaceHold"] == hold.hold_id
    assert "ContractService/PutContract" in lost
    assert run(trial, "tombstones", "replay")[1]["error"]["reason"] == "DECISIONS_LOST"
    code, replayed = run(trial, "tombstones", "replay", "--without-decisions")
    assert (code, replayed["lost"]) == (0, status["lost"])
    with serving(trial) as service:
        assert place(service.person("officer"), partner="acme-shop").hold_id != hold.hold_id
    assert run(trial, "tombstones", "status")[1]["lost"] == []


def test_an_embedded_service_forgets_again_what_its_litestream_replica_remembers(
    tmp_path: Path,
) -> None:
    trial = prepared(tmp_path)
    database, copy = tmp_path / "trial" / "privacy.sqlite", tmp_path / "copy.sqlite"
    replica = f"file://{tmp_path / 'replica'}"
    litestream = str(Path(sys.executable).with_name("litestream"))
    with serving(trial) as service:
        put_records(service)
        subprocess.run([litestream, "replicate", "-once", str(database), replica], check=True)
        forget_two(service)
        check_forgotten(service)
    for file in database.parent.glob("privacy.sqlite*"):
        file.unlink()
    subprocess.run([litestream, "restore", "-o", str(copy), replica], check=True)
    code, restored = run(trial, "restore", str(copy))
    assert (code, restored["replayed"]) == (
        0,
        {"notes": 1, "tombstones": 2, "buried": 2, "lost": []},
    )
    with serving(trial) as service:
        check_forgotten(service)


def test_a_restore_without_a_journal_has_to_be_asked_for(tmp_path: Path) -> None:
    trial = set_up(tmp_path / "trial", PARTNERS, detection=PATTERNS)
    backup, database = tmp_path / "backup.sqlite", tmp_path / "trial" / "privacy.sqlite"
    with serving(trial) as service:
        put_records(service)
        assert run(trial, "backup", str(backup))[0] == 0
    database.unlink()
    code, said = run(trial, "restore", str(backup))
    assert (code, said["error"]["reason"]) == (1, "RESTORE_UNSAFE")
    assert not database.exists()
    assert run(trial, "restore", str(backup), "--without-tombstones")[0] == 0
    with serving(trial) as service:
        assert content_or_reason(service, "maria") == "maria lives in Ulm"


def test_what_is_no_backup_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    trial = prepared(tmp_path)
    broken = tmp_path / "broken.sqlite"
    broken.write_bytes(b"SQLite format 3\x00" + b"x" * 5000)
    for file in (broken, tmp_path / "nothing.sqlite"):
        code, said = run(trial, "restore", str(file))
        assert (code, said["error"]["reason"]) == (3, "STORE_UNAVAILABLE")
    assert not list((tmp_path / "trial").glob("privacy.sqlite*"))


def test_postgresql_forgets_again_what_its_dump_remembers(tmp_path: Path) -> None:
    url = empty_url("postgresql", tmp_path)
    name = url.partition("@/")[2].partition("?")[0]
    trial = prepared(tmp_path, url)
    dump = tmp_path / "privacy.dump"
    with serving(trial) as service:
        put_records(service)
        postgresql("pg_dump", "-Fc", "-f", str(dump), name)
        forget_two(service)
        check_forgotten(service)
        # Restored below a service that runs: it notices, and refuses.
        bring_back(name, dump)
        found = [content_or_reason(service, who) for who in ("maria", "peter", "nobody")]
        assert set(found) <= {"STORE_UNAVAILABLE", "DATABASE_RESTORED"}
        assert content_or_reason(service, "maria") == "DATABASE_RESTORED"
        time.sleep(1.1)
        with pytest.raises(grpc.RpcError) as caught:
            service.partner("acme-shop").transfer('{"order_id": "SO-1"}')
        assert reason_of(caught.value) == "DATABASE_RESTORED"

    with pytest.raises(PrivacyError) as refusal, serving(trial):
        pass
    assert refusal.value.reason is errors.DATABASE_RESTORED
    assert run(trial, "backup", str(tmp_path / "no"))[0] == 1  # PostgreSQL has its own tools
    code, replayed = run(trial, "tombstones", "replay")
    assert (code, replayed) == (0, {"notes": 1, "tombstones": 2, "buried": 2, "lost": []})
    with serving(trial) as service:
        check_forgotten(service)


def bring_back(name: str, dump: Path) -> None:
    postgresql("dropdb", "--force", name)
    postgresql("createdb", name)
    postgresql("pg_restore", "--exit-on-error", "-d", name, str(dump))


def postgresql(program: str, *arguments: str) -> None:
    command = [str(programs() / program), "-h", server(), "-U", "postgres", *arguments]
    subprocess.run(command, check=True)


def test_postgresql_forgets_again_at_a_point_in_time(tmp_path: Path) -> None:
    """A base backup, and the write-ahead log up to a point that lies after it."""
    machine = own_server()
    place = Path(tempfile.mkdtemp(prefix="privacy-pg-backup-"))
    place.chmod(0o777)  # PostgreSQL runs as a user of its own
    base, archive = place / "base", place / "wal"
    archive.mkdir()
    archive.chmod(0o777)
    says(machine, "ALTER SYSTEM SET fsync = off")
    says(machine, "ALTER SYSTEM SET archive_mode = on")
    # Under its name once it is whole: what is there by half is taken for damaged.
    whole_only = f"cp %p {archive}/%f.part && mv {archive}/%f.part {archive}/%f"
    says(machine, f"ALTER SYSTEM SET archive_command = '{whole_only}'")
    machine.crash()
    machine.start()
    trial = prepared(tmp_path, machine.url())
    with serving(trial) as service:
        whole = ("-c", "fast", "-D", str(base), "-h", machine.directory, "-U", "postgres")
        machine.run("pg_basebackup", *whole)
        put_records(service)
        says(machine, "SELECT pg_create_restore_point('then')")
        forget_two(service)
        check_forgotten(service)
        last = says(machine, "SELECT pg_walfile_name(pg_switch_wal())")
        until = time.monotonic() + 20
        while not (archive / last).exists():
            assert time.monotonic() < until
            time.sleep(0.05)

    machine.crash()
    shutil.rmtree(machine.directory)
    base.rename(machine.directory)
    with (Path(machine.directory) / "postgresql.auto.conf").open("a") as settings:
        settings.write(f"restore_command = 'cp {archive}/%f %p'\n")
        settings.write("recovery_target_name = 'then'\nrecovery_target_action = 'promote'\n")
    (Path(machine.directory) / "recovery.signal").touch()
    # The socket is in the data directory here, so that its lock came along.
    (Path(machine.directory) / ".s.PGSQL.5432.lock").unlink()
    machine.start()
    with pytest.raises(PrivacyError) as refusal, serving(trial):
        pass
    assert refusal.value.reason is errors.DATABASE_RESTORED
    code, replayed = run(trial, "tombstones", "replay")
    assert (code, replayed) == (0, {"notes": 1, "tombstones": 2, "buried": 2, "lost": []})
    with serving(trial) as service:
        check_forgotten(service)
    shutil.rmtree(place)


def says(machine: Server, statement: str) -> str:
    """What PostgreSQL answers, in a word."""
    with psycopg.connect(host=machine.directory, user="postgres", autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        row = cursor.fetchone() if cursor.description else None
    return "" if row is None else str(row[0])
