"""The auditor's way through a real service, and a service that finds its log cut."""

from __future__ import annotations

import json
import sqlite3
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from privacy_service import errors
from privacy_service.__main__ import app
from privacy_service.app.detector import detector_settings, load_detector
from privacy_service.app.running import Running, running
from privacy_service.commands.examples import partners_of, put_examples
from privacy_service.commands.trial import Trial, set_up
from privacy_service.errors import PrivacyError
from privacy_service.evidence.checkpoint import open_checkpoint
from privacy_service.evidence.merkle import Frontier, leaf_hash
from privacy_service.evidence.note import VerifierKey
from privacy_service.settings import DetectionSettings
from tests.publishing.authority import Authority
from tests.publishing.witness import SmallWitness

CONTRACTS = Path(__file__).parents[2] / "examples" / "contracts"
PATTERNS = DetectionSettings(model="none")


@dataclass
class Audited:
    """A trial whose log is published to a directory, and the command line to look at it."""

    trial: Trial
    published: Path
    service: Running | None = None

    @property
    def environment(self) -> dict[str, str]:
        settings = self.trial.settings
        return {
            "PRIVACY_DATABASE__URL": settings.database.url,
            "PRIVACY_KEYS__PROVIDER": settings.keys.provider,
            "PRIVACY_EVIDENCE__ORIGIN": settings.evidence.origin,
            "PRIVACY_EVIDENCE__PUBLISH_TO": str(self.published),
            "COLUMNS": "400",
        }

    def command(self, *arguments: str, **environment: str) -> Result:
        return CliRunner().invoke(app, list(arguments), env=self.environment | environment)

    def asking(self, *arguments: str, group: str = "audit", role: str = "auditor") -> Result:
        """A command that calls the service, as the auditor unless told otherwise."""
        assert self.service is not None
        at = f"localhost:{self.service.token_port}"
        return self.command(
            *(group, *arguments, "--address", at, "--ca", str(self.trial.authority)),
            *("--token", str(getattr(self.trial, f"{role}_token"))),
        )


@pytest.fixture
def audited(tmp_path: Path) -> Audited:
    trial = set_up(tmp_path / "trial", partners_of(CONTRACTS), detection=PATTERNS)
    published = tmp_path / "published"
    evidence = trial.settings.evidence.model_copy(update={"publish_to": str(published)})
    settings = trial.settings.model_copy(update={"evidence": evidence})
    return Audited(trial=replace(trial, settings=settings), published=published)


def start(audited: Audited) -> AbstractContextManager[Running]:
    return running(audited.trial.settings, detector=load_detector(detector_settings(PATTERNS)))


def done(result: Result, code: int = 0) -> str:
    assert result.exit_code == code, result.output
    return result.output


def test_the_auditors_way(audited: Audited, tmp_path: Path) -> None:
    with start(audited) as service:
        audited.service = service
        key = service.verifier_key
        put_examples(audited.trial, service.port, CONTRACTS)
        first = json.loads(done(audited.command("audit", "publish", "--json")))
        assert (first["new"], first["missing"]) == (True, [])
        assert "was published already" in done(audited.command("audit", "publish"))
        put_examples(audited.trial, service.port, CONTRACTS)

        kept = audited.published / first["file"]
        consistent = audited.asking("consistency", str(kept), "--verifier-key", key)
        assert f"begins with the {first['size']} of" in done(consistent)

        proof = tmp_path / "1.tlog-proof"
        done(audited.asking("prove", "1", "--out", str(proof)))
        under = audited.asking("prove", "1", "--checkpoint", str(kept))
        assert done(under).endswith(kept.read_text())
        export = tmp_path / "audit.jsonl"
        done(audited.asking("export", str(export), "--verifier-key", key))
        archive = tmp_path / "case.zip"
        done(audited.asking("export", str(archive), "--partner", "acme-shop", group="evidence"))
        done(audited.command("audit", "publish"))

    check = ("evidence", "verify", str(archive), "--key", key)
    told = done(audited.command(*check, "--published", str(audited.published)))
    assert f"continues the published checkpoint of {first['size']} entries" in told
    assert f"kept checkpoint 1 (size {first['size']}) is confirmed" in told
    assert done(audited.command("audit", "verify", str(proof), "--key", key)).endswith("sound\n")
    (newest,) = audited.published.glob(f"*{first['size'] * 2}.note")
    whole = ("audit", "verify", str(export), "--key", key, "--published", str(audited.published))
    told = done(audited.command(*whole))
    assert "checkpoints confirmed: 3" in told
    export.write_text("".join(export.read_text().splitlines(keepends=True)[:-2]))
    assert "tail-cut" in done(audited.command(*whole), 1)
    newest.chmod(0o644)
    newest.write_text(newest.read_text().replace("\n", "\nX", 1))
    assert "signature" in done(audited.command(*whole), 1)


def test_a_service_does_not_start_on_a_log_that_was_cut(audited: Audited) -> None:
    with start(audited) as service:
        put_examples(audited.trial, service.port, CONTRACTS)
        done(audited.command("audit", "publish"))
    database = Path(audited.trial.settings.database.url.removeprefix("sqlite:///"))
    whole = database.read_bytes()
    cut(database)
    with pytest.raises(PrivacyError) as refusal, start(audited):
        pass
    assert refusal.value.reason is errors.LOG_CONTRADICTS_CHECKPOINT
    assert "LOG_CONTRADICTS_CHECKPOINT" in done(audited.command("audit", "publish"), 1)
    database.write_bytes(whole)
    with start(audited):
        pass


def test_a_service_starts_while_the_place_is_away_and_signs_nothing(audited: Audited) -> None:
    audited.published.write_bytes(b"not a directory")
    with start(audited) as service:
        audited.service = service
        put_examples(audited.trial, service.port, CONTRACTS)
        assert "PUBLICATION_UNAVAILABLE" in done(audited.asking("checkpoint"), 3)
        audited.published.unlink()
        assert "demo.example/audit" in done(audited.asking("checkpoint"))


def test_witnesses_and_time_stamps_by_settings(audited: Audited, tmp_path: Path) -> None:
    with start(audited) as service:
        audited.service = service
        key = service.verifier_key
        put_examples(audited.trial, service.port, CONTRACTS)
        witness, authority = SmallWitness((VerifierKey.parse(key),)), Authority()
        roots = authority.write_roots(tmp_path / "roots.pem")
        with witness.serving() as at, authority.serving() as stamps:
            published = audited.command(
                "audit", "publish", "--json",
                PRIVACY_EVIDENCE__WITNESSES=json.dumps({str(witness.key): at}),
                PRIVACY_EVIDENCE__TIME_STAMP_URL=stamps,
                PRIVACY_EVIDENCE__TIME_STAMP_ROOTS=str(roots),
            )  # fmt: skip
        told = json.loads(done(published))
        assert (told["cosigned"], told["stamped"]) == ([witness.name], True)
        export, archive = tmp_path / "audit.jsonl", tmp_path / "case.zip"
        done(audited.asking("export", str(export), "--verifier-key", key))
        done(audited.asking("export", str(archive), "--partner", "acme-shop", group="evidence"))
    case = ["evidence", "verify", str(archive), "--key", key, "--witness", str(witness.key)]
    told_of = done(audited.command(*case, "--time-stamp-roots", str(roots)))
    assert f"{told['size']} entries existed by" in told_of
    stranger = Authority().write_roots(tmp_path / "stranger.pem")
    done(audited.command(*case, "--time-stamp-roots", str(stranger)), 1)
    asked = ["audit", "verify", str(export), "--key", key, "--published", str(audited.published)]
    asked += ["--witness", str(witness.key), "--time-stamp-roots", str(roots)]
    assert f"witness {witness.name}: saw {told['size']} entries" in done(audited.command(*asked))
    (audited.published / told["file"].replace(".note", ".tsr")).unlink()
    assert "no published checkpoint is time-stamped" in done(audited.command(*asked), 1)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("PRIVACY_EVIDENCE__PUBLISH_TO", ""),
        ("PRIVACY_EVIDENCE__WITNESSES", '{"not a key": "http://x"}'),
        ("PRIVACY_EVIDENCE__TIME_STAMP_URL", "http://x"),
    ],
)
def test_settings_that_do_not_hold_up(audited: Audited, setting: str, value: str) -> None:
    wrong = {"PRIVACY_KEYS__CREATE": "true", setting: value}
    assert "SETTINGS_INVALID" in done(audited.command("audit", "publish", **wrong), 1)


def cut(database: Path) -> None:
    """Removes the last two entries, as whoever has the database can: without a trace in it."""
    with sqlite3.connect(database) as connection:
        leaves = [row[0] for row in connection.execute("SELECT leaf FROM audit_entries")][:-2]
        edge, nodes = Frontier().append_many(map(leaf_hash, leaves))
        connection.execute("DELETE FROM audit_nodes")
        connection.executemany(
            "INSERT INTO audit_nodes VALUES (?, ?, ?)",
            [(n.level, n.index, n.digest) for n in nodes if n.level],
        )
        connection.execute("DELETE FROM audit_entries WHERE position >= ?", [len(leaves)])
        connection.execute(
            "UPDATE audit_log SET size = ?, frontier = ?", [len(leaves), b"".join(edge.hashes)]
        )
    connection.close()


def test_who_knows_only_a_replaced_key_can_still_check(audited: Audited, tmp_path: Path) -> None:
    with start(audited) as service:
        audited.service = service
        old = service.verifier_key
        put_examples(audited.trial, service.port, CONTRACTS)
        done(audited.command("audit", "publish"))
        rotated = audited.asking("rotate", "--signer", group="keys", role="operator")
        assert "signer is at version 2" in done(rotated)
        put_examples(audited.trial, service.port, CONTRACTS)
        done(audited.command("audit", "publish"))
        archive, note = tmp_path / "case.zip", tmp_path / "new.note"
        done(audited.asking("export", str(archive), "--partner", "acme-shop", group="evidence"))
        note.write_text(done(audited.asking("checkpoint")))
    with start(audited) as service:
        new = service.verifier_key
    assert old != new
    assert done(audited.command("keys", "verifier")).split() == [new, old]
    for key in (old, new):
        done(audited.command("evidence", "verify", str(archive), "--key", key))
        open_checkpoint(note.read_text(), VerifierKey.parse(key))
    # What was published before the replacement is signed with the old key alone.
    both = ("--key", new, "--key", old, "--published", str(audited.published))
    done(audited.command("evidence", "verify", str(archive), *both))
