"""What somebody meets who mistypes a file or forgets the authority."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from privacy_service.commands.trial import ORIGIN, set_up

ROOT = Path(__file__).parents[3]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "privacy_service", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_file_that_is_not_there_is_named_in_a_sentence() -> None:
    done = run("contract", "lint", "nowhere.yaml")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "nowhere.yaml: No such file or directory\n"


def test_a_call_in_plain_text_says_so() -> None:
    done = run("contract", "list", "--address", "127.0.0.1:1")
    assert done.returncode == 3
    assert "No --ca was given" in done.stderr


def test_a_trial_takes_what_is_not_its_own_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRIVACY_SERVER__METRICS_ADDRESS", "127.0.0.1:9464")
    monkeypatch.setenv("PRIVACY_SERVER__ADDRESS", "127.0.0.1:1")
    monkeypatch.setenv("PRIVACY_DETECTION__MODEL", "none")
    settings = set_up(tmp_path, ["acme-shop"], address="127.0.0.1:0").settings
    assert settings.server.metrics_address == "127.0.0.1:9464"
    assert settings.detection.model == "none"
    assert settings.server.address == "127.0.0.1:0"
    assert settings.evidence.origin == ORIGIN
