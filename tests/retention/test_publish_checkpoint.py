"""The job that publishes the log's head: by its schedule, or now."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner, Result

from privacy_service.__main__ import app
from privacy_service.clock import SystemClock
from privacy_service.store.database import Database
from tests.stores.databases import empty_url
from tests.stores.samples import entry


def run(tmp_path: Path, url: str, **more: str) -> Result:
    environment = {
        "PRIVACY_DATABASE__URL": url,
        "PRIVACY_KEYS__PROVIDER": f"file:{tmp_path / 'keyring.json'}",
        "PRIVACY_KEYS__CREATE": "true",
        "PRIVACY_EVIDENCE__ORIGIN": "demo.example/audit",
    }
    command = ["jobs", "run", "publish-checkpoint", "--json"]
    return CliRunner().invoke(app, command, env=environment | more)


def test_the_job_publishes_where_a_place_is_set(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    url, published = empty_url("sqlite", tmp_path), tmp_path / "published"
    assert run(tmp_path, url).exit_code == 0  # the keyring is made before anything is sealed
    with Database.open(url, clock=SystemClock(), origin="demo.example/audit") as database:
        database.commit(lambda tx: tx.audit.append(entry()))
    done = run(tmp_path, url)
    assert done.exit_code == 0, done.output
    assert not published.exists()
    for _ in range(2):
        done = run(tmp_path, url, PRIVACY_EVIDENCE__PUBLISH_TO=str(published))
        assert (done.exit_code, json.loads(done.stdout)["ended"]) == (0, True), done.output
    assert [file.name for file in published.iterdir()] == [f"{1:020d}.note"]
