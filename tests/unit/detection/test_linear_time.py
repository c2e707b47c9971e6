"""Work grows with the text, whatever the text is."""

from __future__ import annotations

import time

import pytest

from privacy_service.detection.recognize import Recognizers
from privacy_service.detection.settings import DetectionSettings
from privacy_service.enforcement.findings import Passage

pytestmark = pytest.mark.alone

RECOGNIZERS = Recognizers.load(DetectionSettings())
SEEDS = (
    "a", "1", " ", "a.", "a@", "a@a.", "1-", "1 ", "((1", ":", "a=1 ", "<a", "|", "http://",
    "eyJa.", "Aa ", "de Aa ", "Aa, ", "12 Aa ", "Rue Aa ", "1 rue ", "ul. Aa ", "Via ", "::",
    "Anna: x\n",
    "INSERT INTO t (name) VALUES ('", "name,email\n", "'", "my name is ", "Dear ", "Jan 1 ",
    "DE44 ", "-----BEGIN PRIVATE KEY-----", "legal ", "user a1 ", "zip 12345 ", "Aa-Aa-",
    "a\u0301", "password is ", "card 4111111111111111 ", "SSN 514-69-0360, ",
    "MSH|^~\\&|A\rPID|1||Ada^", "ISA*", "UNB+A'NAD+BY+A:", "BEGIN:VCARD\nN:;", ";A=", "dn: a=",
    ":50K:A\n",
)  # fmt: skip


def seconds(text: str) -> float:
    """The least of three: a look of the garbage collector through all tests is not the text's."""
    return min(once(text) for _ in range(3))


def once(text: str) -> float:
    started = time.process_time()
    RECOGNIZERS.find(Passage(text=text))
    return time.process_time() - started


@pytest.mark.parametrize("seed", SEEDS, ids=repr)
def test_four_times_the_text_is_no_sixteen_times_the_work(seed: str) -> None:
    short, long = ((seed * size)[:size] for size in (4_000, 16_000))
    assert seconds(long) < 9 * seconds(short) + 0.15
