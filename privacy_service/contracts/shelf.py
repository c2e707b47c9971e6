"""The vocabularies that ship beside the code, as plain mappings, each read once."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import cast

from ruamel.yaml import YAML


@cache
def shelved(name: str) -> Mapping[str, object]:
    """The YAML mapping in the package file `name`. Callers must not change it."""
    text = files(__package__).joinpath(name).read_text(encoding="utf-8")
    return cast("Mapping[str, object]", YAML(typ="safe", pure=True).load(text))
