"""Opt-out preference signals: what a person objects to whose browser says `Sec-GPC: 1`."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Final, cast

from ruamel.yaml import YAML

from privacy_service.contracts import dpv

SIGNAL: Final = "sec-gpc"
"""The request metadata that carries the signal; only the value `1` says anything."""


def objects_to(purpose: str) -> bool:
    """Whether a person with the signal objects to this purpose: it is sale or sharing."""
    return any(dpv.covers(one, purpose) for one in _purposes())


@cache
def _purposes() -> tuple[str, ...]:
    text = files(__package__).joinpath("opt_out.yaml").read_text(encoding="utf-8")
    return tuple(cast("list[str]", YAML(typ="safe", pure=True).load(text)["purposes"]))
