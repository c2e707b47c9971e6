"""docs/payloads.md says what the code does."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from privacy_service import errors
from privacy_service.contracts.paths import written
from privacy_service.errors import PrivacyError, Reason
from privacy_service.payloads.decode import decode
from privacy_service.payloads.document import Limits
from tests.unit.payloads.documents import read

PAGE = (Path(__file__).parents[3] / "docs" / "payloads.md").read_text("utf-8")
SECTIONS = {section.split("\n")[0]: section for section in PAGE.split("\n## ")}
EXAMPLES = [name for name, section in SECTIONS.items() if "\n```" in section]


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_has_the_places_that_the_page_says(name: str) -> None:
    section = SECTIONS[name]
    content_type = re.search(r"`([a-z]+/[a-z0-9.+-]+)`", section)
    payload = re.search(r"\n```[a-z]*\n(.*?\n)```", section, re.DOTALL)
    assert content_type
    assert payload
    text = payload[1].removesuffix("\n") if content_type[1] != "message/rfc822" else payload[1]
    document = read(text, content_type[1])
    places = re.findall(r"^\| `(\$[^`]*)` \| `+(.*?)`+ \|$", section, re.MULTILINE)
    assert places
    assert places == [(written(n.path), n.text) for n in document.nodes if n.kind.scalar]


def test_every_section_of_a_type_that_is_text_has_an_example() -> None:
    assert EXAMPLES == ["JSON", "NDJSON", "CSV", "XML", "Form", "Text", "Mail"]


def test_every_content_type_of_the_page_can_be_read() -> None:
    table = PAGE.split("\n\nAny other")[0]
    named = re.findall(r"`([a-z]+/[a-z0-9.+-]+)`", table)
    assert len(named) == 14
    for content_type in named:
        assert reason_of(content_type) is not errors.CONTENT_TYPE_UNKNOWN, content_type


def reason_of(content_type: str) -> Reason | None:
    """Why an empty payload of the type is refused, if it is."""
    try:
        decode(content_type, b"", limits=Limits())
    except PrivacyError as error:
        return error.reason
    return None


def test_every_limit_is_on_the_page() -> None:
    rows = re.findall(r"^\| `([a-z_]+)` \| ([0-9]+) \|", SECTIONS["Limits"], re.MULTILINE)
    assert rows == [(field.name, str(getattr(Limits(), field.name))) for field in fields(Limits)]
