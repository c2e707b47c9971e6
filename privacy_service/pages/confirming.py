"""The page on which a partner sees a notice and confirms it.

    GET  /notices/{link}    shows what has to be done, and changes nothing: mail scanners open links
    POST /notices/{link}    confirms

A link that is wrong and one of somebody else look the same. No page has a script, is kept by a
browser, tells where it was left for, or is shown inside another page.
"""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Final, Protocol

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from privacy_service import errors
from privacy_service.errors import Kind, PrivacyError
from privacy_service.subjects.letters import ENGLISH
from privacy_service.subjects.notices import CorrectedField, Notice, NoticeState

PATH: Final = "/notices/"
_HEADERS: Final = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "x-robots-tag": "noindex, nofollow",
}
_STYLE: Final = (
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem}"
    "button{font:inherit;padding:.5rem 1rem}code{overflow-wrap:anywhere}"
    "ul{max-height:20rem;overflow:auto}"
)
_FORM: Final = (
    '<form method="post"><p>By confirming you state that this has been done.</p>'
    '<button type="submit">Confirm</button></form>'
)
_TITLES: Final = {
    errors.LINK_INVALID: (404, "This link does not hold"),
    errors.LINK_EXPIRED: (410, "This link has run out"),
}


class LinkDesk(Protocol):
    """What a link is good for. Both raise LINK_INVALID, LINK_EXPIRED."""

    def seen(self, link: str) -> Notice: ...

    def confirm(self, link: str) -> Notice: ...


def confirming(desk: LinkDesk, *, contact: str, failed: Callable[[str], None]) -> Starlette:
    """The pages. `failed` is told the reason of what is not the visitor's fault."""

    async def show(request: Request) -> Response:
        return await _answered(lambda: _shown(desk.seen(request.path_params["link"]), contact))

    async def confirm(request: Request) -> Response:
        link = request.path_params["link"]
        return await _answered(lambda: _confirmed(desk.confirm(link), contact))

    async def _answered(make: Callable[[], Response]) -> Response:
        try:
            return await run_in_threadpool(make)
        except PrivacyError as error:
            if error.reason in _TITLES:
                status, title = _TITLES[error.reason]
                return _page(title, [error.reason.says, error.reason.remedy], contact, status)
            failed(error.reason.code)
            return _later(503 if error.reason.kind is Kind.UNAVAILABLE else 500, contact)
        except Exception as error:  # noqa: BLE001 -- whatever it is, the page says nothing of it
            failed(type(error).__name__)
            return _later(500, contact)

    async def nothing(request: Request, error: Exception) -> Response:
        del request, error
        status, title = _TITLES[errors.LINK_INVALID]
        return _page(title, [errors.LINK_INVALID.says], contact, status)

    route = PATH + "{link}"
    return Starlette(
        routes=[
            Route(route, show, methods=["GET"]),
            Route(route, confirm, methods=["POST"]),
        ],
        exception_handlers={404: nothing, 405: nothing},
    )


def _shown(notice: Notice, contact: str) -> Response:
    if notice.settled and notice.state is not NoticeState.ESCALATED:
        return _confirmed(notice, contact)
    asks = ENGLISH.asks.get(notice.kind.value, ENGLISH.else_asks)
    named = notice.concerns
    more = ["There are more than these; NoticeService.ListNotices has them."] if named.more else []
    body = [
        f"<p>To {html.escape(notice.recipient)}: {html.escape(asks)}</p>",
        f"<p>To be confirmed by {notice.deadline:%Y-%m-%d %H:%M} UTC.</p>",
        *_listed("Disclosures: the ids came with what you were given", named.disclosures),
        *_listed("Tokens that you hold for this person", named.tokens),
        *_listed("Fields that were corrected", tuple(map(_correction, named.corrected))),
        *(f"<p>{html.escape(line)}</p>" for line in more),
        _FORM,
    ]
    return _html("Please act on data that you were given", body, contact, 200)


def _correction(one: CorrectedField) -> str:
    """The field, and the words that stand for the wrong value and for the right one."""
    old = f": {', '.join(one.old_words)}" if one.old_words else ""
    new = f" → {one.new_word}" if one.new_word else " → with the sender's next transfer"
    return f"{one.field}{old}{new}"


def _confirmed(notice: Notice, contact: str) -> Response:
    if notice.state is NoticeState.EXCUSED:
        return _page("Nothing to do", ["This notice was taken back."], contact, 200)
    when = notice.confirmed_at
    says = f"This was confirmed on {when:%Y-%m-%d %H:%M} UTC." if when else "This was confirmed."
    return _page("Confirmed", [says, "Nothing more has to be done."], contact, 200)


def _later(status: int, contact: str) -> Response:
    return _page("Not now", ["Nothing was confirmed. Please try again later."], contact, status)


def _listed(title: str, found: tuple[str, ...]) -> list[str]:
    if not found:
        return []
    items = "".join(f"<li><code>{html.escape(one)}</code></li>" for one in found)
    return [f"<h2>{html.escape(title)}</h2><ul>{items}</ul>"]


def _page(title: str, lines: list[str], contact: str, status: int) -> Response:
    return _html(title, [f"<p>{html.escape(line)}</p>" for line in lines], contact, status)


def _html(title: str, body: list[str], contact: str, status: int) -> Response:
    asks = [f"<p><small>Questions: {html.escape(contact)}</small></p>"] if contact else []
    inside = "\n".join([*body, *asks])
    content = (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{html.escape(title)}</title><style>{_STYLE}</style></head>\n"
        f"<body><h1>{html.escape(title)}</h1>\n{inside}\n</body></html>\n"
    )
    return HTMLResponse(content, status_code=status, headers=_HEADERS)
