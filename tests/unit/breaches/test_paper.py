"""Notices on paper: everything that was approved, readable, on every page."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from privacy_service import errors
from privacy_service.breaches.notices import BreachNotice, NoticeState, Phase
from privacy_service.breaches.paper import as_html, page_of
from privacy_service.errors import PrivacyError
from privacy_service.printing.pdf import as_pdf

AT = datetime(2026, 6, 5, 16, tzinfo=UTC)


def notice(text: str = "Dear reader,\n\nit is over.\n", **fields: object) -> BreachNotice:
    said: dict[str, object] = {
        "id": "notice-1", "breach": "breach-1", "rule": "eu-gdpr.33-1", "place": "DE",
        "phase": Phase.INITIAL, "language": "en", "subject": "About your data", "missing": (),
        "drafted_by": "officer", "drafted_at": AT,
    }  # fmt: skip
    return BreachNotice(**(said | {"text": text} | fields))  # type: ignore[arg-type]


def read(one: BreachNotice) -> PdfReader:
    return PdfReader(BytesIO(as_pdf(page_of(one), made_at=AT)))


def test_a_pdf_has_its_text_its_digest_and_its_page_numbers() -> None:
    long = notice("\n\n".join(f"Part {number}: {'word ' * 80}" for number in range(30)))
    pages = [page.extract_text() for page in read(long).pages]
    assert len(pages) > 2
    for number, text in enumerate(pages, start=1):
        assert f"Page {number} / {len(pages)}" in text
        assert long.digest in text
    assert "Part 0" in pages[0]
    assert "Part 29" in pages[-2] + pages[-1]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Größe, Straße, € 5"), ("pl", "Zażółć gęślą jaźń"), ("el", "Ελληνικά: ὅτι"),
        ("uk", "Ґанок, їжак"), ("vi", "Tiếng Việt"),
    ],
)  # fmt: skip
def test_letters_of_a_language_are_text_and_the_language_is_told(language: str, text: str) -> None:
    paper = read(notice(text, language=language))
    assert text in " ".join(paper.pages[0].extract_text().split())
    assert paper.trailer["/Root"]["/Lang"] == language


def test_a_letter_that_no_font_has_is_an_error_and_not_a_gap() -> None:
    with pytest.raises(PrivacyError) as refusal:
        read(notice("漢字"))
    assert refusal.value.reason is errors.FONT_MISSING
    assert "漢" not in str(refusal.value.details)


def test_a_file_that_is_no_font_is_the_settings_fault(tmp_path: Path) -> None:
    (tmp_path / "font.ttf").write_bytes(b"no font")
    for path in (tmp_path / "font.ttf", tmp_path / "nowhere.ttf"):
        with pytest.raises(PrivacyError) as refusal:
            as_pdf(page_of(notice()), made_at=AT, fonts=[path])
        assert refusal.value.reason is errors.SETTINGS_INVALID


def test_a_draft_and_a_drill_say_so_and_an_approved_notice_does_not() -> None:
    drill = read(notice(drill=True)).pages[0].extract_text()
    assert drill.index("DRILL") < drill.index("DRAFT, not approved") < drill.index("About your")
    approved = notice(state=NoticeState.APPROVED, approved_at=AT, approved_by="officer")
    assert "DRAFT" not in read(approved).pages[0].extract_text()
    assert "DRAFT" not in as_html(page_of(approved))
    assert "2026-06-05 16:00 UTC" in as_html(page_of(approved))


def test_the_same_notice_is_the_same_file() -> None:
    assert as_pdf(page_of(notice()), made_at=AT) == as_pdf(page_of(notice()), made_at=AT)


def test_marks_that_turn_text_round_and_mark_up_are_not_printed_as_such() -> None:
    hostile = notice("safe\u202etxt.exe\x00<script>alert(1)</script>", subject="<b>\u2066x")
    assert "\u202e" not in read(hostile).pages[0].extract_text()
    page = as_html(page_of(hostile))
    assert "<script>" not in page
    assert "<b>" not in page
