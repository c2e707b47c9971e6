"""Where a recipient may be: ISO 3166-1 alpha-2 codes, and the unions `EU` and `EEA`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import cast

from privacy_service.contracts.shelf import shelved


@cache
def countries() -> frozenset[str]:
    """The codes of ISO 3166-1 alpha-2."""
    return frozenset(cast("Sequence[str]", shelved("regions.yaml")["countries"]))


@cache
def unions() -> Mapping[str, frozenset[str]]:
    """What each union holds, itself apart."""
    written = cast("Mapping[str, Sequence[str]]", shelved("regions.yaml")["unions"])
    return {name: frozenset(members) for name, members in written.items()}


def known(region: str) -> bool:
    """Whether a contract may name this region."""
    return region in countries() or region in unions()


def within(region: str, permitted: Iterable[str]) -> bool:
    """Whether data that may go to `permitted` may go to `region`, by itself or by its union."""
    return any(region == one or region in unions().get(one, ()) for one in permitted)


def shared(ours: Iterable[str], theirs: Iterable[str]) -> tuple[str, ...]:
    """The regions that both lists permit, sorted."""
    ours, theirs = tuple(ours), tuple(theirs)
    both = {one for one in ours if within(one, theirs)} | {
        one for one in theirs if within(one, ours)
    }
    return tuple(sorted(one for one in both if not within(one, both - {one})))
