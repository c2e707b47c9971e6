"""What commands print where nobody sits before them."""

from __future__ import annotations

import io

import pytest

from privacy_service.commands.screen import Screen


def test_a_heading_is_as_wide_as_a_page_where_there_is_no_terminal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    file = io.StringIO()
    screen = Screen(file=file, soft_wrap=True)
    screen.heading("An order")
    screen.print("x" * 300)
    heading, text = file.getvalue().splitlines()
    assert heading == "An order " + "─" * 91
    assert text == "x" * 300
