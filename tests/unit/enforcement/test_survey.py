"""What Inspect answers: every finding, wherever it stands."""

from __future__ import annotations

import json

from privacy_service.clock import SystemClock
from privacy_service.enforcement.deadline import Deadline
from privacy_service.enforcement.findings import Place
from privacy_service.enforcement.survey import survey
from privacy_service.payloads.document import Document
from tests.unit.enforcement.stage import LIMITS, PATTERNS, PatternDetector, decoded
from tests.unit.payloads.test_protobuf import message
from tests.unit.payloads.test_protobuf import read as read_message

ADDRESSES = PatternDetector({"EMAIL_ADDRESS": PATTERNS["EMAIL_ADDRESS"]})


def found(document: Document) -> list[tuple[str, Place, int, int]]:
    (answer,) = survey(
        [document],
        threshold=0.4,
        detector=ADDRESSES,
        deadline=Deadline.after(None, SystemClock()),
        limits=LIMITS,
    )
    return [(one.path, one.place, one.original_start, one.original_end) for one in answer.findings]


def test_names_that_stand_at_one_place_of_the_payload_are_each_inspected() -> None:
    order = message()
    order.labels["a"] = order.labels["maria@mail.example"] = "x"
    places = [(path, place) for path, place, _, _ in found(read_message(order.SerializeToString()))]
    assert places == [("/labels/maria@mail.example", Place.KEY)]


def test_a_header_is_the_name_of_every_row_and_is_found_once() -> None:
    table = b"id,maria@mail.example\n1,x\n2,y\n"
    assert found(decoded("text/csv", table)) == [("/0/maria@mail.example", Place.KEY, 3, 21)]


def test_a_value_that_elements_part_is_found_in_each_of_its_parts() -> None:
    xml = "<p>to maria@<b>mail.example</b> now</p>"
    parts = [xml[start:end] for _, _, start, end in found(decoded("application/xml", xml.encode()))]
    assert parts == ["maria@", "mail.example"]


def test_positions_are_those_of_the_payload() -> None:
    payload = json.dumps({"a": "to maria@mail.example", "b": ['{"c": "jo@mail.example"}']})
    for _path, _place, start, end in found(decoded("application/json", payload.encode())):
        assert payload[start:end].endswith("@mail.example")
