"""The documents say what the code does."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import typer

from privacy_service.__main__ import app
from privacy_service.contracts.model import TreatmentKind
from tools.documents import LISTS, ROOT, written

DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_the_lists_are_those_of_the_code(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    assert written(text) == text


def test_every_list_stands_in_some_document() -> None:
    text = "".join(document.read_text(encoding="utf-8") for document in DOCUMENTS)
    assert {name for name in LISTS if f"<!-- list: {name} -->" in text} == set(LISTS)


def test_every_treatment_is_explained() -> None:
    text = (ROOT / "docs" / "contracts.md").read_text(encoding="utf-8")
    words = set(re.findall(r"[a-z_]+", text))
    assert {kind.value for kind in TreatmentKind} - words == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text(encoding="utf-8"))
    assert [link for link in links if not (document.parent / link).exists()] == []


def test_each_decision_has_a_number_of_its_own() -> None:
    files = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    numbers = [int(file.name[:4]) for file in files]
    assert numbers == list(range(1, len(files) + 1))
    titles = [file.read_text(encoding="utf-8").partition("\n")[0] for file in files]
    assert [title[:8] for title in titles] == [f"# {number:04}: " for number in numbers]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_no_merge_was_left_undecided(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    assert re.search(r"^(?:<{7}|>{7}) ", text, re.MULTILINE) is None


def commands(command: Any, name: str = "") -> dict[str, Any]:
    if not hasattr(command, "commands"):
        return {name: command}
    return {
        path: leaf
        for word, inner in command.commands.items()
        for path, leaf in commands(inner, f"{name} {word}".strip()).items()
    }


COMMANDS = commands(typer.main.get_command(app))


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_an_example_and_json(name: str) -> None:
    command = COMMANDS[name]
    assert "Example" in (command.help or "") or "Example" in (command.epilog or "")
    if name not in ("serve", "worker", "console"):  # they answer nobody
        assert any("--json" in option.opts or "--jsonl" in option.opts for option in command.params)
