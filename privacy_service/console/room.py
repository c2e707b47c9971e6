"""What a page knows: who asks, by which clock, and what was asked for in its address."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote, urlencode

from privacy_service.console.asking import Ask
from privacy_service.console.blocks import Act, Page
from privacy_service.console.times import Times

PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class Visit:
    """One look at one page. `names` are the parts of its path, `query` what follows the `?`, `who`
    the one who looks, by their token.
    """

    ask: Ask
    times: Times
    names: Mapping[str, str]
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    who: str = ""

    @property
    def page_token(self) -> str:
        """Where a list goes on."""
        return self.query.get("page", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A part of the console: its pages by path (`/requests/{id}`), and its acts. Rooms of one group
    stand together.
    """

    name: str
    title: str
    home: str
    group: str = ""
    pages: Mapping[str, Callable[[Visit], Page]]
    acts: tuple[Act, ...] = ()


def path(*parts: str, **query: str) -> str:
    """A path of the console, from parts that may hold anything."""
    said = {name: value for name, value in query.items() if value}
    return (
        "/"
        + "/".join(quote(part, safe="") for part in parts)
        + (f"?{urlencode(said)}" if said else "")
    )


def going_on(home: str, visit: Visit, token: str) -> str:
    """The address of a list's next page; empty after the last one."""
    if not token:
        return ""
    return path(home, **{**visit.query, "page": token})
