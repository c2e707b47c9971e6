"""What somebody meets who mistypes a file or forgets the authority."""

from __future__ import annotations

import json
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


def test_contract_commands_take_either_kind() -> None:
    shared = "examples/contracts/acme-shop-to-swift-parcel.yaml"
    judged = "examples/behavior/helpdesk-answers.yaml"
    linted = run("contract", "lint", shared, judged)
    assert (linted.returncode, linted.stdout.count("no fault")) == (0, 2)
    tried = run("contract", "test", judged, "--model", "none", "--json")
    assert tried.returncode == 0
    assert all(one["as_expected"] for one in json.loads(tried.stdout))
    assert run("contract", "diff", judged, judged).stdout == "neutral: 0 changes\n"
    mixed = run("contract", "diff", shared, judged)
    assert (mixed.returncode, mixed.stdout) == (2, "")
    assert run("contract", "show", judged).stdout.startswith("# sha256:")


def test_a_contract_of_the_other_kind_is_one_fault() -> None:
    done = run("behavior", "lint", "examples/contracts/acme-shop-to-swift-parcel.yaml")
    assert done.returncode == 1
    [fault] = done.stdout.splitlines()
    assert "kind: this is a sharing contract" in fault
