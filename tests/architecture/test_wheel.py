"""What is installed has all that it needs, and works away from the repository."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

from tools.documents import ROOT


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this tree, unpacked."""
    folder = tmp_path_factory.mktemp("wheel")
    (built,) = WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])
    with zipfile.ZipFile(built) as wheel:
        wheel.extractall(folder / "site")
    return folder / "site"


def tracked(*folders: str) -> set[str]:
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-z", *folders], check=True, capture_output=True
    )
    return set(listed.stdout.decode().split("\0")) - {""}


def test_every_file_of_the_packages_and_the_examples_is_in_the_wheel(installed: Path) -> None:
    wanted = tracked("privacy_service", "retention", "buf")
    wanted |= {f"privacy_service/{name}" for name in tracked("examples")}
    assert {name for name in wanted if not (installed / name).is_file()} == set()


def test_the_examples_are_found_away_from_the_repository(installed: Path, tmp_path: Path) -> None:
    def run(*command: str) -> list[str]:
        done = subprocess.run(
            [sys.executable, "-m", "privacy_service", *command, "--json"],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(installed)},
            check=True,
            capture_output=True,
        )
        return list(json.loads(done.stdout).values())

    copied, left = run("examples", "mine")
    assert Path("mine/contracts/acme-shop-to-swift-parcel.yaml") in map(Path, copied)
    assert not left
    assert run("examples", "mine") == [[], copied]  # nothing is written over
