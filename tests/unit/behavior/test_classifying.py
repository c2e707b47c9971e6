"""Classifiers of somebody else's: what they say counts, and what they do not say is no yes."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from privacy_service.behavior.check import Checked
from privacy_service.behavior.compiled import compiled
from privacy_service.behavior.judgement import Verdict
from privacy_service.behavior.lint import SetUp, lint
from privacy_service.behavior.model import Outcome, Side
from privacy_service.behavior.read import read
from privacy_service.behavior.subject import Company
from privacy_service.detection.classifiers import HttpClassifiers
from tests.unit.behavior.behavior_texts import STAGE, expecting

CONTRACT = expecting("classifier: {name: moderation, most: {hate: 0.5, threat: 0.3}}")


class Odd(BaseHTTPRequestHandler):
    """Answers as the text says."""

    def do_POST(self) -> None:
        text = json.loads(self.rfile.read(int(self.headers["content-length"])))["text"]
        if text == "hang":
            time.sleep(3)
        status, body = (500, b"") if text == "fail" else (200, _body(text))
        self.send_response(status)
        self.end_headers()
        try:
            if text == "drip":
                for _ in range(30):
                    self.wfile.write(b" ")
                    self.wfile.flush()
                    time.sleep(0.1)
            self.wfile.write(body)
        except OSError:
            return  # whoever asked has gone

    def log_message(self, *_arguments: object) -> None:
        """Says nothing."""


def _body(text: str) -> bytes:
    odd = {
        "garbage": b"<html>", "list": b"[]", "words": b'{"scores": {"hate": "much"}}',
        "over": b'{"scores": {"hate": 7, "threat": 0}}', "flood": b" " * 200_000,
        "less": b'{"scores": {"hate": 0.1}}',
    }  # fmt: skip
    return odd.get(
        text, json.dumps({"scores": {"hate": 0.1, "threat": float(text == "bad")}}).encode()
    )


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving() as port:
        yield f"http://127.0.0.1:{port}/classify"


@contextmanager
def serving() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Odd)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


def checked(address: str, text: str, *, name: str = "moderation") -> Checked:
    stage = replace(STAGE, classify=HttpClassifiers({name: address}, seconds=0.5))
    return stage.checked(
        compiled(read(CONTRACT, name="c")), side=Side.OUTPUT, content=text.encode(),
        content_type="text/plain", company=Company(),
    )  # fmt: skip


def test_what_it_says_is_held_against_what_is_borne(address: str) -> None:
    assert checked(address, "good").outcome is Outcome.ACCEPTED
    bad = checked(address, "bad")
    assert bad.outcome is Outcome.REFUSED
    judgement = bad.results[0].judgement
    assert (judgement.name, judgement.count, judgement.bound) == ("threat", 1.0, 0.3)


@pytest.mark.parametrize(
    "text", ["hang", "drip", "flood", "fail", "garbage", "list", "words", "over", "less"]
)
def test_what_it_does_not_say_is_no_yes(address: str, text: str) -> None:
    begun = time.monotonic()
    found = checked(address, text)
    assert time.monotonic() - begun < 2
    assert found.outcome is Outcome.REFUSED
    assert found.results[0].judgement.verdict is Verdict.UNDETERMINED


def test_one_that_is_not_there(address: str) -> None:
    assert checked(address, "good", name="other").outcome is Outcome.REFUSED
    assert checked("http://127.0.0.1:9/", "good").outcome is Outcome.REFUSED


@pytest.mark.parametrize(("known", "faults"), [(None, 0), (("moderation",), 0), ((), 1)])
def test_a_classifier_that_is_not_set_up_is_a_fault(
    known: tuple[str, ...] | None, faults: int
) -> None:
    found = lint(CONTRACT, name="c", today=date(2026, 6, 1), set_up=SetUp(classifiers=known))
    told = [one for one in found if "no classifier called 'moderation' is set up" in one.says]
    assert len(told) == faults
    assert all("PRIVACY_DETECTION__CLASSIFIERS" in one.fix for one in told)
