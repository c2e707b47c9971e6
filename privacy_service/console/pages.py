"""The console as a web application: who is signed in, which page, which act, how it is shown."""

from __future__ import annotations

import hashlib
import logging
import secrets
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.resources import files
from itertools import groupby
from typing import Any, Final
from urllib.parse import unquote

import grpc
from jinja2 import Environment, PackageLoader
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, Headers, UploadFile
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Match, Route

from privacy_service.console.asking import Ask, Refused
from privacy_service.console.blocks import Act, Block, Done, Form, Page, Saved, Trouble
from privacy_service.console.room import Room, Visit
from privacy_service.console.rooms import (
    answers,
    breaches,
    consents,
    contracts,
    keys,
    ledger,
    protections,
    recipients,
    requests,
    retention,
    reviews,
    today,
)
from privacy_service.console.sessions import Session, Sessions
from privacy_service.console.times import Times
from privacy_service.v1 import audit_pb2
from privacy_service.v1.audit_pb2_grpc import AuditServiceStub

ROOMS: Final[Sequence[Room]] = (
    today.ROOM,
    reviews.ROOM,
    breaches.ROOM,
    requests.ROOM,
    consents.ROOM,
    contracts.ROOM,
    answers.ROOM,
    recipients.ROOM,
    retention.ROOM,
    protections.ROOM,
    keys.ROOM,
    ledger.ROOM,
)
COOKIE: Final = "privacy-console"
_MOST_BYTES: Final = 16 * 1024 * 1024
_MOST_FIELDS: Final = 50
_HEADERS: Final = {
    "content-security-policy": "default-src 'none'; style-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
_UNREAD: Final = Trouble(
    title="Not done",
    reason="INPUT_UNCLEAR",
    message="A field could not be read.",
    remedy="Numbers are digits, times are YYYY-MM-DD HH:MM, people are type=value.",
)
_log: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Console:
    """The pages over one channel to the service.

    `hosts` are the names it answers to, `secure` says whether it is served over TLS. `start` is
    the key of a link that signs in once with `token`: for the one who started it.
    """

    channel: grpc.Channel
    sessions: Sessions
    times: Times
    hosts: Sequence[str]
    secure: bool
    start: dict[str, str] = field(default_factory=dict, repr=False)

    def application(self) -> Starlette:
        """What a web server runs."""
        pages = [
            Route(path, self._page(room, make), methods=["GET"])
            for room in ROOMS
            for path, make in room.pages.items()
        ]
        return Starlette(
            routes=[
                *pages,
                Route("/acts/{act}", self._act, methods=["POST"]),
                Route("/sign-in", self._sign_in, methods=["GET", "POST"]),
                Route("/start/{key}", self._started, methods=["GET"]),
                Route("/sign-out", self._sign_out, methods=["POST"]),
                Route("/console.css", _style, methods=["GET"]),
                Route("/healthz", _alive, methods=["GET"]),
            ],
            middleware=[
                Middleware(TrustedHostMiddleware, allowed_hosts=list(self.hosts)),
                Middleware(_Guarded),
            ],
            exception_handlers={HTTPException: _no_such_page, Exception: _broken},
        )

    # -- Pages --------------------------------------------------------------------------------

    def _page(
        self, room: Room, make: Callable[[Visit], Page]
    ) -> Callable[[Request], Awaitable[Response]]:
        async def shown(request: Request) -> Response:
            session = self._session(request)
            if session is None:
                return _to_sign_in(request)
            visit = self._visit(session, request.path_params, dict(request.query_params))
            page = await run_in_threadpool(_made, room, make, visit)
            return self._html(session, page)

        return shown

    def _visit(self, session: Session, names: Mapping[str, str], query: Mapping[str, str]) -> Visit:
        return Visit(Ask(self.channel, session.token), self.times, names, query, who=session.name)

    def _html(self, session: Session, page: Page, status: int = 200) -> Response:
        says, session.says = session.says, ""
        return HTMLResponse(
            _TEMPLATES.get_template("page.html").render(
                page=page,
                rooms=_GROUPS,
                session=session,
                says=says or page.says,
                fresh=lambda: str(uuid.uuid4()),
            ),
            status_code=status,
        )

    # -- Acts ---------------------------------------------------------------------------------

    async def _act(self, request: Request) -> Response:
        session = self._session(request)
        if session is None:
            return _to_sign_in(request)
        act = _ACTS.get(request.path_params["act"])
        if act is None:
            raise HTTPException(404)
        async with request.form(
            max_fields=_MOST_FIELDS, max_files=1, max_part_size=_MOST_BYTES
        ) as form:
            said, secret, request_id = await _said(form)
        if not session.holds(secret):
            raise HTTPException(403)
        return await run_in_threadpool(self._answer, session, act, said, request_id)

    def _answer(
        self, session: Session, act: Act, said: Mapping[str, str], request_id: str
    ) -> Response:
        ask = Ask(self.channel, session.token)
        try:
            done: Done = act.does(ask, self.times, said, request_id)
        except Refused as refused:
            return self._refused(session, act, said, refused.trouble("Not done"))
        except (ValueError, TypeError):
            # Whatever could not be read may be a person's; its message is not repeated.
            return self._refused(session, act, said, _UNREAD)
        if done.saved is not None:
            return _file(done.saved)
        if done.page is not None:
            return self._html(session, done.page)
        session.says = done.says
        return RedirectResponse(done.href, status_code=303)

    def _refused(
        self, session: Session, act: Act, said: Mapping[str, str], trouble: Trouble
    ) -> Response:
        """The page that the form was on, with the refusal and what was written."""
        page = self._page_at(session, act.href(said))
        meant = _meant(page, act, said)
        blocks: list[Block] = [trouble]
        blocks += [_filled(block, said) if block is meant else block for block in page.blocks]
        return self._html(session, replace(page, blocks=blocks), status=422)

    def _page_at(self, session: Session, href: str) -> Page:
        at = unquote(href.partition("?")[0])
        scope = {"type": "http", "path": at, "method": "GET"}
        for room in ROOMS:
            for path, make in room.pages.items():
                match, child = Route(path, _alive).matches(scope)
                if match is Match.FULL:
                    visit = self._visit(session, child["path_params"], {})
                    return _made(room, make, visit)
        return Page(title="Not done", room="", blocks=[])

    # -- Signing in ---------------------------------------------------------------------------

    def _session(self, request: Request) -> Session | None:
        return self.sessions.find(request.cookies.get(COOKIE, ""))

    async def _sign_in(self, request: Request) -> Response:
        trouble: Trouble | None = None
        if request.method == "POST":
            async with request.form(max_fields=2, max_files=0) as form:
                token = "".join(str(form.get("token", "")).split())
            trouble = await run_in_threadpool(self._accepts, token)
            if trouble is None:
                return self._signed_in(token, _local(request.query_params.get("next", "/")))
        page = _TEMPLATES.get_template("sign_in.html").render(
            trouble=trouble, next=_local(request.query_params.get("next", "/"))
        )
        return HTMLResponse(page, status_code=200 if trouble is None else 403)

    def _accepts(self, token: str) -> Trouble | None:
        """Why the service does not take the token; None if it does."""
        try:
            Ask(self.channel, token)(
                AuditServiceStub, "GetCheckpoint", audit_pb2.GetCheckpointRequest()
            )
        except Refused as refused:
            return refused.trouble("Not signed in")
        except (ValueError, TypeError):  # no letters that a header may have
            return Trouble(
                title="Not signed in", reason="TOKEN_INVALID", message="This is no token."
            )
        return None

    async def _started(self, request: Request) -> Response:
        token = self.start.pop(request.path_params["key"], None)
        return _to_sign_in(request) if token is None else self._signed_in(token, "/")

    def _signed_in(self, token: str, href: str) -> Response:
        session = self.sessions.begin(token)
        response = RedirectResponse(href, status_code=303)
        response.set_cookie(
            COOKIE, session.key, httponly=True, secure=self.secure, samesite="lax", path="/"
        )
        return response

    async def _sign_out(self, request: Request) -> Response:
        session = self._session(request)
        if session is not None:
            async with request.form(max_fields=2, max_files=0) as form:
                if not session.holds(str(form.get("_secret", ""))):
                    raise HTTPException(403)
            self.sessions.end(session.key)
        response = RedirectResponse("/sign-in", status_code=303)
        response.delete_cookie(COOKIE)
        return response


_GROUPS: Final = tuple(
    (group, tuple(rooms)) for group, rooms in groupby(ROOMS, lambda room: room.group)
)
_ACTS: Final[Mapping[str, Act]] = {act.name: act for room in ROOMS for act in room.acts}
_TEMPLATES: Final = Environment(
    loader=PackageLoader("privacy_service.console"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)


def drawn() -> str:
    """A fresh text that nobody can guess."""
    return secrets.token_urlsafe(32)


def _made(room: Room, make: Callable[[Visit], Page], visit: Visit) -> Page:
    """The page; where the service refuses all of it, a page that says so."""
    try:
        return make(visit)
    except Refused as refused:
        return Page(title=room.title, room=room.name, blocks=[refused.trouble("Not shown")])


async def _said(form: FormData) -> tuple[dict[str, str], str, str]:
    """What a form says, the secret of its page, and its request id. Of a file only the SHA-256."""
    said: dict[str, str] = _Said()
    for name, value in form.items():
        if isinstance(value, UploadFile):
            digest = hashlib.sha256()
            while piece := await value.read(65_536):
                digest.update(piece)
            said[name] = digest.hexdigest() if value.size else ""
        else:
            said[name] = value.replace("\r\n", "\n").strip()
    return said, said.pop("_secret", ""), said.pop("_request", "")


class _Said(dict[str, str]):
    """A form; what it leaves out is empty, as an unticked box is."""

    def __missing__(self, name: str) -> str:
        return ""


def _meant(page: Page, act: Act, said: Mapping[str, str]) -> Form | None:
    """Of the forms of an act, the one that was sent: several differ by what is sent along."""
    forms = [
        one
        for one in page.blocks
        if isinstance(one, Form) and act.name in (one.act, *dict(one.also))
    ]
    same = [one for one in forms if one.hidden.items() <= said.items()]
    return next(iter(same or forms), None)


def _filled(form: Form, said: Mapping[str, str]) -> Form:
    inputs = tuple(
        one if one.file else replace(one, value=said.get(one.name, one.value))
        for one in form.inputs
    )
    return replace(form, inputs=inputs, folded=False)


def _file(saved: Saved) -> Response:
    name = "".join(one if one.isalnum() or one in ".-_" else "-" for one in saved.name)
    return Response(
        saved.content,
        media_type=saved.content_type,
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


def _to_sign_in(request: Request) -> Response:
    href = "/sign-in" if request.method != "GET" else f"/sign-in?next={request.url.path}"
    return RedirectResponse(href, status_code=303)


def _local(href: str) -> str:
    """A path of this console, whatever an address asks for."""
    return href if href.startswith("/") and not href.startswith(("//", "/\\")) else "/"


class _Guarded:
    """Headers of every answer; a bound on what is sent; no form of another site's page."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)

        async def guarded(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    *message["headers"],
                    *((name.encode(), value.encode()) for name, value in _HEADERS.items()),
                ]
            await send(message)

        refusal = _refusal(scope["method"], headers)
        await (self._app if refusal is None else refusal)(scope, receive, guarded)


def _refusal(method: str, headers: Mapping[str, str]) -> Response | None:
    if method not in ("GET", "HEAD", "POST"):
        return PlainTextResponse("method not allowed", status_code=405)
    if method == "POST":
        if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return PlainTextResponse("forms are sent from the console's own pages", status_code=403)
        length = headers.get("content-length", "")
        if not length.isdigit() or int(length) > _MOST_BYTES:
            return PlainTextResponse("at most 16 MiB, with a content-length", status_code=413)
    return None


async def _style(_request: Request) -> Response:
    return Response(_STYLE, media_type="text/css")


async def _alive(_request: Request) -> Response:
    return PlainTextResponse("ok")


async def _no_such_page(_request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    page = _TEMPLATES.get_template("nothing.html").render(status=status)
    return HTMLResponse(page, status_code=status)


async def _broken(_request: Request, error: Exception) -> Response:
    # The message of an exception may hold what an officer wrote; its type does not.
    _log.error("console_failed type=%s", type(error).__name__)
    return HTMLResponse(_TEMPLATES.get_template("nothing.html").render(status=500), 500)


_STYLE: Final = (files("privacy_service.console") / "static" / "console.css").read_text("utf-8")
