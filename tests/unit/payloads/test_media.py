from __future__ import annotations

import pytest

from privacy_service import errors
from privacy_service.payloads.media import media_type
from tests.unit.payloads.documents import read, refusal


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "Application/JSON ; charset=utf-8",
        'application/json;charset="UTF-8"',
        "application/fhir+json; fhirVersion=4.0",
        "application/vnd.api+json",
    ],
)
def test_json_by_any_of_its_names(content_type: str) -> None:
    assert len(read("[1]", content_type).nodes) == 2


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "json",
        "application/",
        "image/png",
        "text/html",
        "application/json; charset=iso-8859-1",
        "application/json; charset=utf-16",
        "application/json; charset=utf-8; charset=utf-8",
        "application/json; x",
        "application/json, text/plain",
    ],
)
def test_other_types_are_refused(content_type: str) -> None:
    refusal(errors.CONTENT_TYPE_UNKNOWN, lambda: read("[1]", content_type))


def test_parameters_are_read_as_rfc_9110_has_them() -> None:
    media = media_type('Text/CSV; Delimiter=";"; x="a\\"b"; header=Absent')
    assert media.name == "text/csv"
    assert media.parameters == {"delimiter": ";", "x": 'a"b', "header": "Absent"}


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("application/json", "application/json"),
        ("Text/CSV; Header=absent;delimiter=tab", "text/csv; header=absent; delimiter=tab"),
        ('text/plain; charset="utf-8"; note="maria@mail.example"', "text/plain; charset=utf-8"),
        ("application/fhir+json; fhirVersion=4.0", "application/fhir+json"),
        ('text/csv; delimiter=";"', 'text/csv; delimiter=";"'),
    ],
)
def test_what_is_kept_of_a_content_type_is_what_a_payload_is_read_by(
    written: str, kept: str
) -> None:
    assert media_type(written).kept == kept
