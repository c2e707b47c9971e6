"""The commands, and the worker beside a server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.faults.served import as_environment, served
from tests.retention.workers import ROOT, await_


def command(settings: dict[str, str], *words: str) -> tuple[int, str]:
    ran = subprocess.run(
        [sys.executable, "-m", "privacy_service", "jobs", *words],
        env={**os.environ, **settings},
        capture_output=True,
        check=False,
        cwd=ROOT,
    )
    return ran.returncode, ran.stdout.decode()


def test_a_worker_runs_beside_a_server_and_can_be_seen(tmp_path: Path) -> None:
    with served(tmp_path, log={"level": "info"}) as service:
        await_(lambda: "jobs_running" in service.said.read_text())
        environment = as_environment(service.settings)
        code, said = command(environment, "list", "--json")
        seen = json.loads(said)
        assert (code, seen["workers"]) == (0, 1)
        assert "forget-work" in {job["job"] for job in seen["jobs"]}
        assert service.stop() == 0
    code, said = command(environment, "list")
    assert code == 3
    assert "workers alive: 0" in said
    code, said = command(environment, "run", "forget-work", "--json")
    assert (code, json.loads(said)["ended"]) == (0, True)
    code, said = command(environment, "run", "nothing", "--json")
    assert (code, json.loads(said)["error"]["reason"]) == (1, "JOB_NOT_FOUND")
