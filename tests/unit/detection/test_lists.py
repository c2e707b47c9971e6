"""Values that users know: let through, or found wherever they stand."""

from __future__ import annotations

from pathlib import Path

import pytest

from privacy_service import errors
from privacy_service.detection.lists import digest, listed_form
from privacy_service.detection.local import LocalDetector
from privacy_service.detection.settings import DetectionSettings
from privacy_service.enforcement.findings import Passage
from privacy_service.errors import PrivacyError

SALT = bytes.fromhex("9f3c11aa")


def detector(tmp_path: Path, *, allow: str = "", deny: str = "") -> LocalDetector:
    files = []
    for name, text in (("allow", allow), ("deny", deny)):
        (tmp_path / name).write_text(text, "utf-8")
        files.append(tmp_path / name)
    return LocalDetector.load(
        DetectionSettings(model=None, allow_files=(files[0],), deny_files=(files[1],))
    )


def entities(found: LocalDetector, text: str) -> list[tuple[str, str]]:
    (answer,) = found.detect([Passage(text=text)])
    return [(span.entity, text[span.start : span.end]) for span in answer.spans]


def test_an_allowed_value_is_let_through_for_its_entity(tmp_path: Path) -> None:
    found = detector(tmp_path, allow="# ours\nEMAIL_ADDRESS\tSupport@Example.com\n")
    assert entities(found, "write to support@example.com") == []
    assert entities(found, "write to anna@example.com") == [("EMAIL_ADDRESS", "anna@example.com")]


def test_a_denied_value_is_found_wherever_it_stands(tmp_path: Path) -> None:
    found = detector(tmp_path, deny="PERSON\tProject Nachtigall\n")
    assert entities(found, "about PROJECT  nachtigall.") == [("PERSON", "PROJECT  nachtigall")]
    assert "PERSON" in found.entities


def test_lists_work_by_digest(tmp_path: Path) -> None:
    deny = f"salt\t{SALT.hex()}\nPERSON\t{digest(SALT, 'Ödön Müller')}\n"
    allow = f"salt\t{SALT.hex()}\n*\t{digest(SALT, 'anna@example.com')}\n"
    found = detector(tmp_path, allow=allow, deny=deny)
    assert entities(found, "ask odon MULLER or anna@example.com") == [("PERSON", "odon MULLER")]


def test_the_compared_form_forgets_case_accents_and_marks() -> None:
    assert listed_form("  Ödön-Müller ") == listed_form("odon muller")
    assert listed_form("+") == "+"


@pytest.mark.parametrize("text", ["PERSON", "PERSON\t ", "salt\tzz"])
def test_a_line_that_is_none_is_named(tmp_path: Path, text: str) -> None:
    with pytest.raises(PrivacyError) as refused:
        detector(tmp_path, deny=f"# a comment\n\n{text}\n")
    assert refused.value.reason == errors.DETECTOR_FILE_INVALID
    assert refused.value.details["line"] == 3
