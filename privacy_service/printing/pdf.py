"""Makes a PDF of a page: real text with its language, page numbers, and the digest at each foot.

The font that ships has Latin, Greek and Cyrillic letters; others are named in the settings. A
letter that no font has is an error and not an empty box: an authority must be able to read it all.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import datetime
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, Final

from fontTools.ttLib import TTLibError
from fpdf import FPDF
from fpdf.errors import FPDFException

from privacy_service import errors
from privacy_service.breaches.paper import Page
from privacy_service.errors import PrivacyError

_FONT: Final = "shipped"
_JOINERS: Final = "\u200c\u200d"
_MARGIN: Final = 22.0
_LINE: Final = 5.5
_FOOT: Final = 16.0


class _Paper(FPDF):
    """A4, with a foot on every page."""

    def __init__(self, foot: str, page_word: str) -> None:
        super().__init__(format="A4")
        self._foot = foot
        self._page_word = page_word

    def footer(self) -> None:
        self.set_y(-_FOOT)
        self.set_font(_FONT, size=7)
        self.cell(self.epw * 0.8, 4, self._foot)
        self.cell(0, 4, f"{self._page_word} {self.page_no()} / {{nb}}", align="R")


def as_pdf(page: Page, *, made_at: datetime, fonts: Sequence[Path] = ()) -> bytes:
    """The page as a PDF file; the same page always gives the same bytes.

    Raises FONT_MISSING where a letter is in no font, SETTINGS_INVALID for a font that is none.
    """
    foot = "  ".join(value for _, value in page.facts[:1] + page.facts[3:4])
    paper = _Paper(foot, page.page_word)
    paper.set_margin(_MARGIN)
    paper.set_auto_page_break(auto=True, margin=_MARGIN)
    paper.set_lang(page.language)
    paper.set_title(_printable(page.title))
    paper.set_creation_date(made_at)
    paper.set_producer("privacy-service")
    _add_fonts(paper, fonts)
    _require_letters(paper, page)
    paper.set_text_shaping(True)
    paper.add_page()
    _set(paper, page)
    return bytes(paper.output())


def _add_fonts(paper: FPDF, fonts: Sequence[Path]) -> None:
    shipped = files("fontpkg_noto_sans").joinpath("files", "NotoSans[wdth,wght].ttf")
    with as_file(shipped) as file:
        paper.add_font(_FONT, fname=file)
    for number, path in enumerate(fonts):
        try:
            paper.add_font(f"own{number}", fname=path)
        except (OSError, FPDFException, TTLibError, ValueError):
            raise PrivacyError(errors.SETTINGS_INVALID, setting="notices.fonts") from None
    paper.set_font(_FONT, size=11)
    paper.set_fallback_fonts([f"own{number}" for number in range(len(fonts))], exact_match=False)


def _require_letters(paper: FPDF, page: Page) -> None:
    known: set[int] = set()
    for font in paper.fonts.values():
        known.update(_letters_of(font))
    wanted = {ord(one) for text in (page.title, *page.paragraphs) for one in _printable(text)}
    missing = wanted - known - {ord(" "), ord("\n"), *map(ord, _JOINERS)}
    if missing:
        raise PrivacyError(errors.FONT_MISSING, count=len(missing))


def _letters_of(font: Any) -> set[int]:
    return set(font.cmap)


def _set(paper: FPDF, page: Page) -> None:
    def write(text: str, size: float, after: float = 3.0) -> None:
        paper.set_font(_FONT, size=size)
        paper.multi_cell(
            0, _LINE * size / 11, _printable(text), align="L", new_x="LMARGIN", new_y="NEXT"
        )
        paper.ln(after)

    for banner in page.banners:
        write(banner, 14)
    write(page.title, 14)
    for paragraph in page.paragraphs:
        write(paragraph, 11)
    paper.line(_MARGIN, paper.get_y(), paper.w - _MARGIN, paper.get_y())
    paper.ln(2)
    for name, value in page.facts:
        write(f"{name}: {value}", 8, after=0)


def _printable(text: str) -> str:
    """Without what has no form on paper: controls, and marks that would turn the text round."""
    tidy = text.replace("\t", "    ").replace("\u00a0", " ")
    return "".join(
        one
        for one in tidy
        if one == "\n" or one in _JOINERS or not unicodedata.category(one).startswith("C")
    )
