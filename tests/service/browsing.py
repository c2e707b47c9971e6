"""A person at a browser, without script: reads pages, fills in forms, presses buttons."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import httpx
import uvicorn
from httpx import Response
from starlette.applications import Starlette

if TYPE_CHECKING:
    from tests.service.conftest import Service


@dataclass
class Shown(HTMLParser):
    """What a page shows: its text, links and forms (address and what each field holds)."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.links: dict[str, str] = {}
        self.forms: list[dict[str, str]] = []
        self._href = ""
        self._area = ""
        self._select = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "a":
            self._href = said.get("href", "")
        elif tag == "form":
            self.forms.append({"": said["action"]})
        elif tag == "input" and said.get("type") not in ("checkbox", "file"):
            self.forms[-1][said["name"]] = said.get("value", "")
        elif tag == "button" and "formaction" in said:
            self.forms.append(self.forms[-1] | {"": said["formaction"]})
        elif tag == "textarea":
            self._area = said["name"]
            self.forms[-1][self._area] = ""
        elif tag == "select":
            self._select = said["name"]
        elif tag == "option" and ("selected" in said or self._select not in self.forms[-1]):
            self.forms[-1][self._select] = said["value"]

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = ""
        elif tag == "a":
            self._href = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.forms[-1][self._area] += data.removeprefix("\n")
        else:
            self.text += f"{data} "
            if self._href and data.strip():
                self.links[data.strip()] = self._href


@dataclass
class Browser:
    """One person's browser."""

    client: httpx.Client
    last: Response | None = field(default=None)

    def sign_in(self, token: str) -> Shown:
        return self._keep(self.client.post("/sign-in", data={"token": token}))

    def go(self, href: str) -> Shown:
        return self._keep(self.client.get(href))

    def press(
        self, page: Shown, act: str, *, file: bytes | None = None, where: str = "", **written: str
    ) -> Shown:
        """Fills in the form of `act` (of several, that whose field `where` says), and sends it."""
        forms = [one for one in page.forms if one[""] == f"/acts/{act}"]
        name, _equals, value = where.partition("=")
        form = next(one for one in forms if not where or one[name] == value)
        data = {name: value for name, value in (form | written).items() if name}
        # A form goes out as multipart, as the page says; one without a file has none.
        files = {name: (None, value) for name, value in data.items()}
        if file is not None:
            files["evidence"] = ("passport.pdf", file)  # type: ignore[assignment]
        return self._keep(self.client.post(form[""], files=files))

    def _keep(self, response: Response) -> Shown:
        self.last = response
        return Shown(response.text)

    @property
    def status(self) -> int:
        assert self.last is not None
        return self.last.status_code

    @property
    def path(self) -> str:
        assert self.last is not None
        return self.last.url.path


class Hands:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


def token(service: Service, name: str = "officer") -> str:
    return (service.trial.folder / "tls" / f"{name}.jwt").read_text()


@contextmanager
def served(pages: Starlette) -> Iterator[str]:
    """The pages on a free port of this machine, until the block ends: their address."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(pages, log_level="error", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join(10)


def words(page: Shown) -> str:
    """The page's text with single blanks."""
    return re.sub(r"\s+", " ", page.text)
