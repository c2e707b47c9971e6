"""What a start does not wait for."""

from __future__ import annotations

import subprocess
import sys

import pytest

from privacy_service.__main__ import COMMANDS, application


def loaded_after(program: str) -> set[str]:
    """The top-level modules that a fresh interpreter holds after `program`."""
    shown = subprocess.run(
        [sys.executable, "-c", f"{program}\nimport sys; print(*sys.modules)"],
        check=True,
        capture_output=True,
        text=True,
    )
    return {name.split(".")[0] for name in shown.stdout.split()}


def test_workers_are_started_before_the_server_is_imported() -> None:
    loaded = loaded_after("import privacy_service.commands.serving")
    assert not loaded & {"grpc", "sqlalchemy", "spacy", "cryptography", "jsonpath"}


def test_a_worker_imports_neither_the_server_nor_presidio() -> None:
    loaded = loaded_after(
        "import privacy_service.detection.worker_program as program\n"
        "from privacy_service.detection.loading import LocalLoad\n"
        "from privacy_service.detection.settings import DetectionSettings\n"
        "program.warm(LocalLoad(DetectionSettings())())"
    )
    assert "spacy" in loaded
    assert not loaded & {"grpc", "sqlalchemy", "cryptography", "presidio_analyzer"}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_alone_goes_by_its_name(name: str) -> None:
    (alone,) = [
        each.name
        for app in [application(name)]
        for each in (*app.registered_commands, *app.registered_groups)
    ]
    assert alone == name
