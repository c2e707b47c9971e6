"""What is no table."""

from __future__ import annotations

from privacy_service.detection.candidates import NOTHING
from privacy_service.detection.fields import FieldTable
from privacy_service.detection.recognize import Recognizers
from privacy_service.detection.settings import DetectionSettings
from privacy_service.detection.tables import read_tables

TABLE: FieldTable = Recognizers.load(DetectionSettings(model=None))._table


def found(text: str) -> list[str]:
    claims = (one for one in read_tables(text, TABLE).claims if one.entity != NOTHING)
    return [text[one.start : one.end] for one in claims]


def test_a_sentence_with_placeholders_heads_no_table() -> None:
    text = "It should go to <STREET_ADDRESS>, <POSTCODE> Berlin.\nBest regards,\nMaria\n"
    assert found(text) == []


def test_an_empty_line_ends_a_table() -> None:
    text = "name,city\nMaria Gonzales,Berlin\n\nBest regards,\nthe team\n"
    assert found(text) == ["Maria Gonzales", "Berlin"]
