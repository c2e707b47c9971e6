"""Names in the environment that are meant as settings and are none.

A setting that is misspelt is one that does not hold: `PRIVACY_TOMBSTONES_JOURNAL` keeps no journal.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from difflib import get_close_matches

_PREFIX = "PRIVACY_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Misnamed:
    """A name that is none of a setting, and the setting that it is most like, if there is one."""

    name: str
    meant: str | None


def misnamed(names: Iterable[str], settings: Collection[str]) -> tuple[Misnamed, ...]:
    """Those of the names that were meant as settings and are none, in order.

    Meant is what has the prefix and two underscores in a row after it, and what would be a setting
    if it had. What else starts with the prefix is others': the command line's
    (`PRIVACY_ADDRESS`), or what an orchestrator sets for a service of that name
    (`PRIVACY_SERVICE_PORT`).
    """
    by_letters = {setting.replace("__", "_"): setting for setting in settings}
    found = []
    for name in sorted(names):
        if not name.startswith(_PREFIX) or name in settings:
            continue
        meant = by_letters.get(name.replace("__", "_"))
        if "__" in name:
            near = get_close_matches(name, settings, n=1, cutoff=0.8)
            meant = meant or (near[0] if near else None)
        elif meant is None:
            continue
        found.append(Misnamed(name=name, meant=meant))
    return tuple(found)
