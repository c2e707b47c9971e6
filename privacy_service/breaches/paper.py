"""A notice about a breach as it is printed: what stands on the page, and the page as HTML.

Nothing in a notice is mark-up. The page says what was approved and by whom, by its digest, so that
who holds the paper can tell whether it is that notice.
"""

from __future__ import annotations

import html
from dataclasses import dataclass, field
from typing import Final

from privacy_service.breaches.notices import BreachNotice, NoticeState
from privacy_service.breaches.wording import wording

_UNAPPROVED: Final = frozenset({NoticeState.DRAFT, NoticeState.REVIEWED})
_STYLE: Final = (
    "body{font:12pt serif;max-width:42em;margin:3em auto}p{white-space:pre-line}"
    ".banner{font-weight:bold;border:1pt solid}dl{font-size:9pt;border-top:1pt solid}"
    "dt{float:left;clear:left;width:9em}dd{overflow-wrap:anywhere;margin-left:9em}"
    "@page{@bottom-right{content:counter(page) ' / ' counter(pages)}}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What is printed, in order: banners, title, paragraphs, and what the paper is."""

    language: str
    banners: tuple[str, ...]
    title: str = field(repr=False)
    paragraphs: tuple[str, ...] = field(repr=False)
    facts: tuple[tuple[str, str], ...]
    page_word: str


def page_of(notice: BreachNotice) -> Page:
    """The notice as it is printed. The same notice always gives the same page."""
    words = wording(notice.language).paper
    banners = []
    if notice.drill:
        banners.append(words["drill"])
    if notice.state in _UNAPPROVED:
        banners.append(words["draft"])
    facts = [
        (words["notice"], notice.id),
        (words["breach"], notice.breach),
        (words["rule"], f"{notice.rule} ({notice.place}), {notice.phase.value}"),
        (words["digest"], notice.digest),
    ]
    if notice.approved_at is not None:
        facts.append((words["approved"], f"{notice.approved_at:%Y-%m-%d %H:%M} UTC"))
    return Page(
        language=notice.language,
        banners=tuple(banners),
        title=notice.subject,
        paragraphs=tuple(notice.text.rstrip("\n").split("\n\n")),
        facts=tuple(facts),
        page_word=words["page"],
    )


def as_html(page: Page) -> str:
    """The page to print or to copy into a portal."""
    banners = "".join(f'<p class="banner">{html.escape(one)}</p>\n' for one in page.banners)
    body = "\n".join(f'<p dir="auto">{html.escape(part)}</p>' for part in page.paragraphs)
    facts = "".join(
        f"<dt>{html.escape(name)}</dt><dd>{html.escape(value)}</dd>\n" for name, value in page.facts
    )
    title = html.escape(page.title)
    return (
        f'<!doctype html>\n<html lang="{html.escape(page.language)}"><head><meta charset="utf-8">'
        f"<title>{title}</title><style>{_STYLE}</style></head>\n"
        f'<body>\n{banners}<h1 dir="auto">{title}</h1>\n{body}\n'
        f"<dl>\n{facts}</dl>\n</body></html>\n"
    )
