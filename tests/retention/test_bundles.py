"""Access and portability: a bundle that only one key opens, for machines and to read."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import grpc
import pytest
from typer.testing import CliRunner

from privacy_service.app.rights import bundling
from privacy_service.commands.bundle import bundle as command
from privacy_service.records.hpke import decrypt, new_recipient_key
from privacy_service.subjects.bundles import joined, page, part_info
from privacy_service.v1 import requests_pb2
from retention.jobs import disclose, erase
from tests.retention.erasures import Died, DiesAfter, Plain
from tests.retention.people import People, people, reason

ACCESS = requests_pb2.SUBJECT_REQUEST_KIND_ACCESS
COPY = requests_pb2.SUBJECT_REQUEST_KIND_PORTABILITY
MINE = new_recipient_key(os.urandom)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    with people(tmp_path_factory.mktemp("house")) as house:
        yield house


def asked(house: People, *emails: str, kind: int = ACCESS, **more: Any) -> str:
    request = house.submit(*emails, kind=kind, **more).subject_request_id
    house.identify(request)
    house.disclose(request, MINE.public)
    return request


def fetched(house: People, request: str) -> dict[str, Any]:
    first = house.part(request, 0)
    parts = [first.sealed, *(house.part(request, n).sealed for n in range(1, first.parts))]
    return joined(
        json.loads(decrypt(part, private_key=MINE.private, info=part_info(request, number)))
        for number, part in enumerate(parts)
    )


def test_everything_about_the_person_and_nothing_of_others(house: People, tmp_path: Path) -> None:
    ann = "ann@mail.example"
    house.put_record("ann-1", ann, content=b"<b>Ann</b> & co")
    house.put_record("ann-2", ann, content=b"\xff\x00")
    house.put_record("ann-3", ann, "ben@mail.example")
    house.put_record("ben-1", "ben@mail.example")
    house.transfer(ann)
    request = asked(house, ann, customers=["C-1"])
    with pytest.raises(grpc.RpcError) as early:
        house.part(request, 0)
    assert reason(early.value) == "BUNDLE_NOT_READY"
    house.run(disclose.JOB)
    whole = fetched(house, request)
    records = {one["id"]: one for one in whole["records"]}
    assert len(whole["records"]) == len(records) == 3  # with the copy of what was sent
    assert records["ann-1"]["content"] == "<b>Ann</b> & co"
    assert records["ann-2"]["content_base64"] == "/wA="
    assert [one["count"] for one in whole["withheld"]] == [1]
    (recipient,) = whole["recipients"]
    assert (recipient["recipient"], recipient["count"]) == ("swift-parcel", 1)
    assert recipient["recipient_keeps_until"]
    shown = house.show(request)
    assert shown.state == requests_pb2.SUBJECT_REQUEST_STATE_PARTLY_COMPLETED
    assert shown.reason == "THIRD_PARTY_RIGHTS"
    assert "&lt;b&gt;Ann&lt;/b&gt; &amp; co" in page(whole)

    file, key = tmp_path / "ann.bundle", tmp_path / "ann.key"
    parts = house.part(request, 0).parts
    sealed = [house.part(request, number).sealed for number in range(parts)]
    file.write_text("\n".join([request, *sealed]) + "\n")
    key.write_text(MINE.private)
    words = ["open", str(file), str(tmp_path / "ann"), "--private-key", str(key)]
    assert CliRunner().invoke(command, words).exit_code == 0
    assert json.loads((tmp_path / "ann" / "bundle.json").read_text()) == whole
    for some in ([request], [request, *sealed[:-1]]):  # a file that was cut is no bundle
        file.write_text("\n".join(some) + "\n")
        cut = CliRunner().invoke(command, [*words, "--json"])
        assert (cut.exit_code, "BUNDLE_INCOMPLETE" in cut.output) == (1, True)
    file.write_text("\n".join([request, *sealed]) + "\n")
    key.write_text(new_recipient_key(os.urandom).private)
    assert CliRunner().invoke(command, words).exit_code == 1


def test_a_copy_to_take_along_is_the_records_alone(house: People) -> None:
    house.put_record("cleo-1", "cleo@mail.example", content=b"x" * 3_000_000)
    request = asked(house, "cleo@mail.example", kind=COPY)
    house.run(disclose.JOB)
    whole = fetched(house, request)
    assert "recipients" not in whole
    assert whole["records"][0]["content"] == "x" * 3_000_000
    assert house.show(request).state == requests_pb2.SUBJECT_REQUEST_STATE_COMPLETED


def test_nobody_is_given_an_empty_bundle_and_the_same_answers(house: People) -> None:
    request = asked(house, "nobody@mail.example")
    house.run(disclose.JOB)
    assert fetched(house, request)["records"] == []


def test_a_wrong_key_and_a_wrong_step_are_refused(house: People) -> None:
    request = house.submit("dora@mail.example", kind=ACCESS).subject_request_id
    house.identify(request)
    for step, wanted in (
        ({"start": requests_pb2.PlainStep()}, "REQUEST_STATE"),
        ({"disclose": requests_pb2.Disclose(public_key="A" * 44)}, "REQUEST_INVALID"),
    ):
        with pytest.raises(grpc.RpcError) as refused:
            house.step(request, **step)
        assert reason(refused.value) == wanted


def test_an_erasure_waits_until_the_person_has_the_bundle(house: People) -> None:
    emil = "emil@mail.example"
    house.put_record("emil-1", emil)
    access = asked(house, emil)
    erasure = house.begin(emil)
    house.run(erase.JOB)
    assert house.show(erasure).state == requests_pb2.SUBJECT_REQUEST_STATE_BLOCKED
    house.run(disclose.JOB)
    assert [one["id"] for one in fetched(house, access)["records"]] == ["emil-1"]
    house.run(erase.JOB)
    house.run(erase.JOB)
    assert house.show(erasure).state == requests_pb2.SUBJECT_REQUEST_STATE_COMPLETED
    assert "emil-1" not in house.records()


def test_a_machine_may_die_after_any_step(house: People) -> None:
    fred = "fred@mail.example"
    for number in range(120):
        house.put_record(f"fred-{number:03}", fred, content=f"{number}".encode())
    for steps in range(6):
        request = asked(house, fred)
        key = f"{request}@make"
        try:
            disclose.JOB.work(house.at, key, DiesAfter(steps))
        except Died:
            disclose.JOB.work(house.at, key, Plain())
        contents = [one["content"] for one in fetched(house, request)["records"]]
        assert contents == [str(number) for number in range(120)]


def test_bundles_go_after_their_days(house: People) -> None:
    request = asked(house, "gina@mail.example")
    house.run(disclose.JOB)
    assert house.part(request, 0).sealed
    days = house.at.settings.subjects.bundle_days
    with house.at.database.reading() as view:
        later = house.at.clock.now() + timedelta(days=days)
        assert request in view.bundles.ready_before(later, 100)
    bundling(house.at.settings, house.at.database, house.at.keyring, house.at.clock).drop(request)
    with pytest.raises(grpc.RpcError) as gone:
        house.part(request, 0)
    assert reason(gone.value) == "BUNDLE_NOT_READY"
