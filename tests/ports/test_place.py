"""What every place for checkpoints promises: a directory, and an object store over its real API."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from privacy_service import errors
from privacy_service.errors import PrivacyError
from privacy_service.publishing.places import Directory, Place, Taken, place_at


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """A bucket in an S3 that runs in this process, and the environment that leads to it."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    environment = {
        "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "eu-central-1",
        "AWS_ENDPOINT_URL": f"http://{host}:{port}", "AWS_ALLOW_HTTP": "true",
    }  # fmt: skip
    with pytest.MonkeyPatch.context() as patched:
        for name, value in environment.items():
            patched.setenv(name, value)
        import boto3

        client = boto3.client("s3", endpoint_url=environment["AWS_ENDPOINT_URL"])
        client.create_bucket(
            Bucket="evidence", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
        )
        yield "s3://evidence"
    server.stop()


@pytest.fixture(params=["directory", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "directory":
        return place_at(str(tmp_path / "not" / "there" / "yet"))
    return place_at(f"{request.getfixturevalue('s3')}/{tmp_path.name}")


def test_what_is_created_is_read(place: Place) -> None:
    place.create("a.note", b"one")
    assert place.read("a.note") == b"one"
    assert place.read("b.note") is None


def test_nothing_is_replaced(place: Place) -> None:
    place.create("a.note", b"one")
    with pytest.raises(Taken):
        place.create("a.note", b"two")
    with pytest.raises(Taken):
        place.create("a.note", b"one")
    assert place.read("a.note") == b"one"


def test_of_many_who_create_one_wins(place: Place) -> None:
    def create(number: int) -> bytes | None:
        try:
            place.create("a.note", content := f"{number}".encode() * 1000)
        except Taken:
            return None
        return content

    with ThreadPoolExecutor(8) as crowd:
        (won,) = [done for done in crowd.map(create, range(8)) if done is not None]
    assert place.read("a.note") == won
    assert place.names("") == ["a.note"], "nothing half-made is left"


def test_names_come_in_order_and_after_one(place: Place) -> None:
    assert place.names(".note") == []
    for name in ("00020.note", "00003.note", "00003.tsr", "00100.note"):
        place.create(name, b"x")
    assert place.names(".note") == ["00003.note", "00020.note", "00100.note"]
    assert place.names(".note", after="00003.note") == ["00020.note", "00100.note"]
    assert place.names(".note", after="00100.note") == []


def test_a_directory_that_cannot_be_used_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    place = Directory(tmp_path / "file" / "below")
    with pytest.raises(PrivacyError) as refusal:
        place.create("a.note", b"x")
    assert refusal.value.reason is errors.PUBLICATION_UNAVAILABLE


def test_a_file_in_a_directory_is_not_writable(tmp_path: Path) -> None:
    Directory(tmp_path).create("a.note", b"x")
    assert (tmp_path / "a.note").stat().st_mode & 0o777 == 0o444


def test_a_store_that_does_not_answer_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_ALLOW_HTTP": "true",
        "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_REGION": "x",
    }.items():  # fmt: skip
        monkeypatch.setitem(os.environ, name, value)
    with pytest.raises(PrivacyError) as refusal:
        place_at("s3://evidence/x").read("a.note")
    assert refusal.value.reason is errors.PUBLICATION_UNAVAILABLE


def test_a_url_that_is_no_object_store_is_a_wrong_setting() -> None:
    with pytest.raises(PrivacyError) as refusal:
        place_at("ftp://example.com/x")
    assert refusal.value.reason is errors.SETTINGS_INVALID
