"""The page on which a partner sees a notice and confirms it.

    GET  /notices/{link}    shows what has to be done, and changes nothing: mail scanners open links
    POST /notices/{link}    confirms

It is in the language that the visitor's browser prefers of those that there are, else in that of
the letter. A link that is wrong and one of somebody else look the same. No page has a script, is
kept by a browser, tells where it was left for, or is shown inside another page.
"""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from privacy_service import errors
from privacy_service.errors import Kind, PrivacyError
from privacy_service.subjects.letters import Words, preferred, words_in
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


class LinkDesk(Protocol):
    """What a link is good for. Both raise LINK_INVALID, LINK_EXPIRED."""

    def seen(self, link: str) -> Notice: ...

    def confirm(self, link: str) -> Notice: ...

    def language(self, recipient: str) -> str:
        """In which language a recipient is written to."""
        ...


def confirming(desk: LinkDesk, *, contact: str, failed: Callable[[str], None]) -> Starlette:
    """The pages. `failed` is told the reason of what is not the visitor's fault."""

    async def show(request: Request) -> Response:
        link = request.path_params["link"]
        return await _answered(request, lambda: desk.seen(link), _shown)

    async def confirm(request: Request) -> Response:
        link = request.path_params["link"]
        return await _answered(request, lambda: desk.confirm(link), _confirmed)

    async def _answered(
        request: Request, act: Callable[[], Notice], page: Callable[[Notice, Said], Response]
    ) -> Response:
        accepted = preferred(request.headers.get("accept-language", ""))
        said = Said(words_in(accepted or ""), contact)

        def made() -> Response:
            notice = act()
            language = accepted or desk.language(notice.recipient)
            return page(notice, Said(words_in(language), contact))

        try:
            return await run_in_threadpool(made)
        except PrivacyError as error:
            if error.reason is errors.LINK_INVALID:
                return _invalid(said)
            if error.reason is errors.LINK_EXPIRED:
                words = said.words.page
                return said.page(words.expired, [words.expired_says], 410)
            failed(error.reason.code)
            return _later(said, 503 if error.reason.kind is Kind.UNAVAILABLE else 500)
        except Exception as error:  # noqa: BLE001 -- whatever it is, the page says nothing of it
            failed(type(error).__name__)
            return _later(said, 500)

    async def nothing(request: Request, error: Exception) -> Response:
        del error
        accepted = preferred(request.headers.get("accept-language", ""))
        return _invalid(Said(words_in(accepted or ""), contact))

    route = PATH + "{link}"
    return Starlette(
        routes=[
            Route(route, show, methods=["GET"]),
            Route(route, confirm, methods=["POST"]),
        ],
        exception_handlers={404: nothing, 405: nothing},
    )


@dataclass(frozen=True, slots=True)
class Said:
    """In which words, and whom a visitor can ask."""

    words: Words
    contact: str

    def page(self, title: str, lines: list[str], status: int) -> Response:
        """A page of text."""
        return self.html(title, [f"<p>{html.escape(line)}</p>" for line in lines], status)

    def html(self, title: str, body: list[str], status: int) -> Response:
        """A page of what is mark-up already."""
        asks = self.words.page.questions.format(contact=self.contact)
        questions = [f"<p><small>{html.escape(asks)}</small></p>"] if self.contact else []
        inside = "\n".join([*body, *questions])
        content = (
            f'<!doctype html>\n<html lang="{self.words.language}"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width">'
            f"<title>{html.escape(title)}</title><style>{_STYLE}</style></head>\n"
            f"<body><h1>{html.escape(title)}</h1>\n{inside}\n</body></html>\n"
        )
        headers = {**_HEADERS, "content-language": self.words.language}
        return HTMLResponse(content, status_code=status, headers=headers)


def _shown(notice: Notice, said: Said) -> Response:
    if notice.settled and notice.state is not NoticeState.ESCALATED:
        return _confirmed(notice, said)
    letter, words = said.words.letter, said.words.page
    asks = letter.asks.get(notice.kind.value, letter.else_asks)
    named = notice.concerns
    deadline = f"{notice.deadline:%Y-%m-%d %H:%M} UTC"
    corrected = tuple(_correction(one, words.later_value) for one in named.corrected)
    body = [
        *_lines(words.to.format(recipient=notice.recipient, asks=asks)),
        *_lines(words.until.format(deadline=deadline)),
        *_listed(words.disclosures, named.disclosures),
        *_listed(words.tokens, named.tokens),
        *_listed(words.fields, corrected),
        *(_lines(words.more) if named.more else []),
        '<form method="post">',
        *_lines(words.states),
        f'<button type="submit">{html.escape(words.confirm)}</button></form>',
    ]
    return said.html(words.act, body, 200)


def _correction(one: CorrectedField, later: str) -> str:
    """The field, and the words that stand for the wrong value and for the right one."""
    old = f": {', '.join(one.old_words)}" if one.old_words else ""
    return f"{one.field}{old} → {one.new_word or later}"


def _confirmed(notice: Notice, said: Said) -> Response:
    words = said.words.page
    if notice.state is NoticeState.EXCUSED:
        return said.page(words.nothing, [words.taken_back], 200)
    when = notice.confirmed_at
    says = words.confirmed_at.format(when=f"{when:%Y-%m-%d %H:%M} UTC") if when else words.confirmed
    return said.page(words.confirmed, [says, words.nothing_more], 200)


def _invalid(said: Said) -> Response:
    words = said.words.page
    return said.page(words.invalid, [words.invalid_says], 404)


def _later(said: Said, status: int) -> Response:
    return said.page(said.words.page.not_now, [said.words.page.try_later], status)


def _listed(title: str, found: tuple[str, ...]) -> list[str]:
    if not found:
        return []
    items = "".join(f"<li><code>{html.escape(one)}</code></li>" for one in found)
    return [f"<h2>{html.escape(title)}</h2><ul>{items}</ul>"]


def _lines(*texts: str) -> list[str]:
    return [f"<p>{html.escape(text)}</p>" for text in texts]
