"""What is found by entry points is there, and the packages stand in one direction."""

from __future__ import annotations

import tomllib
from importlib import import_module
from pathlib import Path

import pytest

from privacy_service.commands.companions import COMMANDS, COMPANIONS
from retention.registry import all_jobs

PROJECT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
POINTS = {
    f"{group} {name}": where
    for group, points in PROJECT["entry-points"].items()
    for name, where in points.items()
}


@pytest.mark.parametrize("point", sorted(POINTS))
def test_every_entry_point_leads_somewhere(point: str) -> None:
    module, _, name = POINTS[point].partition(":")
    assert callable(getattr(import_module(module), name))


def test_the_groups_are_those_that_are_looked_at() -> None:
    assert set(PROJECT["entry-points"]) == {COMMANDS, COMPANIONS}


def test_every_job_says_what_it_does() -> None:
    for job in all_jobs():
        assert job.says.endswith("."), job.name
