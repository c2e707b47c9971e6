from __future__ import annotations

import base64
import json
import time
import tracemalloc
from urllib.parse import quote

import pytest

from privacy_service.payloads.canonical import Bounds, views

EMAIL = "jane.doe@example.com"
AS_TAGS = "".join(chr(0xE0000 + ord(char)) for char in EMAIL)
AS_SELECTORS = "".join(chr(0xE0100 + ord(char) - 16) for char in EMAIL)


def found(text: str, needle: str) -> str | None:
    """What of the text a find of the needle lands on; None where no view has it."""
    for view in views(text).views:
        at = view.text.find(needle)
        if at >= 0:
            start, end = view.span(at, at + len(needle))
            return text[start:end]
    return None


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        EMAIL,
        "Please ring twice, and leave it with the neighbour.",
        "+1 415 555 2671",
        "415-555-2671",
        "2024-05-01T10:20:30Z",
        "50% off, 3 < 5",
        "Zoë Müller, Łódź – x"[:16],
        "“quoted” – x"[:8],
    ],
)
def test_plain_text_has_one_form_itself(text: str) -> None:
    answer = views(text)
    assert [(view.text, view.how) for view in answer.views] == [(text, ())]
    assert answer.views[0].span(0, len(text)) == (0, len(text))
    assert not answer.bounded


@pytest.mark.parametrize(
    ("text", "needle", "original"),
    [
        # Presidio's silent misses (peers.md, 1.1).
        ("to jane.doe\u200b@example.com now", EMAIL, "jane.doe\u200b@example.com"),
        ("ｊａｎｅ@x.com", "jane@x.com", "ｊａｎｅ@x.com"),
        ("４１１１ 1111 1111 1111", "4111 1111 1111 1111", "４１１１ 1111 1111 1111"),
        ("4111\u00a01111\u00a01111\u00a01111", "4111 1111 1111 1111", None),
        ("536\u201190\u20114399", "536-90-4399", None),
        ("mail=jane.doe%40example.com", EMAIL, "jane.doe%40example.com"),
        ("jane.doe\\u0040example.com", EMAIL, None),
        ("see amFuZS5kb2VAZXhhbXBsZS5jb20= ok", EMAIL, "amFuZS5kb2VAZXhhbXBsZS5jb20="),
        ("to akB4LmNvbQ== now", "j@x.com", "akB4LmNvbQ=="),
        ("jane.doe@example。com", EMAIL, None),
        ("🅙ane.🅳🅾🅴@example.com", "Jane.DOE@example.com", None),
        ("🇯🇦ne@x.com", "JAne@x.com", None),
        # Letters that nobody sees, and programs read: tags, and bytes as variation selectors.
        (f"hi{AS_TAGS}!", EMAIL, AS_TAGS),
        (f"😀{AS_SELECTORS}", EMAIL, AS_SELECTORS),
        (f"ok{AS_TAGS}", f"ok {EMAIL} ", None),
        (f"jane.doe{AS_TAGS[8:]}", EMAIL, None),
        (base64.b64encode(EMAIL.encode("utf-16-le")).decode(), EMAIL, None),
        (EMAIL.encode("utf-16-be").hex(), EMAIL, None),
        ("jane.doe<b>@</b>example.com", EMAIL, None),
        ("jane.doe<STREET_ADDRESS>@<x.y>example.com", EMAIL, None),
        ("jane.doe&#64;example&period;com", EMAIL, None),
        # Other ways to write the same.
        ("jane.doe&#x0040;example.com", EMAIL, None),
        ("jane.doe&commat;example.com", EMAIL, None),
        ("jane.doe&#0000064example.com", EMAIL, None),
        ("j\u00adane.doe@exam\u00adple.com", EMAIL, None),
        ("\u202ejane.doe@example.com", EMAIL, EMAIL),
        ("jane.doe@example.c\u043em", EMAIL, None),
        ("j\u0336a\u0336n\u0336e.doe@example.com", EMAIL, None),
        ("٥٣٦-٩٠-٤٣٩٩", "536-90-4399", None),
        ("𝓳𝓪𝓷𝓮@x.com", "jane@x.com", None),
        ("Zoe\u0308", "Zoë", None),
        ("jane.doe\\x40example.com", EMAIL, None),
        ("jane.doe\\100example.com", EMAIL, None),
        ("jane.doe\\u{40}example.com", EMAIL, None),
        ("jane.doe\\U00000040example.com", EMAIL, None),
        ("jane\\.doe\\@example.com", EMAIL, None),
        ("\\ud83d\\ude00", "😀", None),
        ("\\xf0\\x9f\\x98\\x80", "😀", None),
        ("%F0%9F%98%80", "😀", None),
        ("M%FCller", "Müller", None),
        ("jane.doe%u0040example.com", EMAIL, None),
        ("jane.doe=40exa=\r\nmple.com", EMAIL, None),
        ("6a616e652e646f65406578616d706c652e636f6d", EMAIL, None),
        ("0x6a616e652e646f65406578616d706c652e636f6d", EMAIL, None),
        ("6a:61:6e:65:40:78:2e:63:6f:6d", "jane@x.com", None),
        ("6a 61 6e 65 40 78 2e 63 6f 6d", "jane@x.com", None),
        ("/u/amFuZS5kb2VAZXhhbXBsZS5jb20/x", EMAIL, "amFuZS5kb2VAZXhhbXBsZS5jb20"),
        (
            "eyJhbGciOiJIUzI1NiJ9.eyJlIjoiamFuZS5kb2VAZXhhbXBsZS5jb20ifQ.c2ln",
            EMAIL,
            "eyJlIjoiamFuZS5kb2VAZXhhbXBsZS5jb20ifQ",
        ),
        ("<p>jane.doe@example.com</p>Bob", EMAIL, EMAIL),
        ("jane.doe@example.com<br>Bob", EMAIL, EMAIL),
        ("jane.doe<!-- x -->@example.com", EMAIL, None),
        # Elements of a line are one word, those of data are values, and cells stay in their rows.
        ("j<x>an</x><x>e.</x>doe@example.com", EMAIL, None),
        (
            '<a><mail t="s">jane@x.com</mail><page>77</page></a>',
            "jane@x.com\n77",
            "jane@x.com</mail><page>77",
        ),
        (
            "<tr><th>a</th><th>b</th></tr>\n<tr>\n <td>\n c </td><td></td>",
            "a\tb\t\nc\t",
            "a</th><th>b</th></tr>\n<tr>\n <td>\n c </td>",
        ),
        ("<dl><dt>Name</dt>\n <dd>Ada</dd></dl>", "Name: Ada", "Name</dt>\n <dd>Ada"),
        ("%3Cb%3Ejane.doe%3C/b%3E@example.com", EMAIL, "jane.doe%3C/b%3E@example.com"),
    ],
)
def test_what_is_written_otherwise_is_found_where_it_stands(
    text: str, needle: str, original: str | None
) -> None:
    assert found(text, needle) == (text if original is None else original)


@pytest.mark.parametrize(
    "text",
    [
        # Undone, each of these would say something else than what is plain to see.
        "jane@x.com\u2122",
        "jane@x.com\u200bBob",
        "jane@x.com\u2014Bob",
        "price 100%41 jane@x.com",
        "https://x.com/?id=4111111111111111&copy=jane@x.com",
        "<a jane@x.com>",
    ],
)
def test_what_is_plain_to_see_stays_in_a_view(text: str) -> None:
    assert views(text).views[0].text == text


def test_encodings_inside_encodings() -> None:
    inner = json.dumps({"log": json.dumps({"mail": "jane.doe\u0040example.com"})})
    text = quote(base64.b64encode(inner.replace("@", "\\u0040").encode()).decode())
    assert found(text, EMAIL) is not None
    assert found("jane.doe%2525252540example.com", EMAIL) is not None
    assert found("jane.doe&amp;amp;amp;#64;example.com", EMAIL) is not None
    twice = base64.b64encode(base64.b64encode(EMAIL.encode())).decode()
    assert found(f"x {twice} y", EMAIL) == twice
    assert found("jane.doe&#<b></b>64;example.com", EMAIL) is not None


@pytest.mark.parametrize(
    "inner",
    ["6a:61:6e:65:40:78:2e:63:6f:=\n6d:20:2c:20", "&#106;&#97;ne&#6=\n4;x.com"],
)
def test_what_must_be_undone_in_another_order_is_undone(inner: str) -> None:
    assert found(quote(inner, safe=""), "jane@x.com") is not None


def test_base64_in_lines_is_one_token() -> None:
    text = base64.encodebytes(b"x" * 100 + b" jane.doe@example.com " + b"y" * 100).decode()
    assert found(text, EMAIL) == text.rstrip("\n")


def test_numbers_and_ids_are_not_taken_for_encodings() -> None:
    for text in ("4111111111111111", "550e8400-e29b-41d4-a716-446655440000", "relationship"):
        assert len(views(text).views) == 1


def test_bounds_are_kept_and_told() -> None:
    nested = "jane%" + "25" * 20 + "40x.com"
    assert views(nested).bounded
    assert not views(nested, bounds=Bounds(depth=30)).bounded
    assert found("jane%25252540x.com", "jane@x.com") is not None
    assert views("&amp;" * 100, bounds=Bounds(growth=0, spare=400)).bounded
    assert len(views("a%41&amp;\\x41" * 3, bounds=Bounds(views=2)).views) == 2


def nested_base64() -> str:
    text = EMAIL
    for _ in range(30):
        text = base64.b64encode(text.encode()).decode()
    return text


MEGABYTE = 1_000_000


@pytest.mark.parametrize(
    "text",
    [
        nested_base64(),
        "&" + "amp;" * (MEGABYTE // 4),
        "&amp;" * (MEGABYTE // 5),
        "%" + "25" * (MEGABYTE // 2),
        "%41" * (MEGABYTE // 3),
        "&#" + "0" * MEGABYTE + "64;",
        "<" * MEGABYTE,
        "<!--" * (MEGABYTE // 4),
        "<a " * (MEGABYTE // 3),
        "A" * MEGABYTE,
        "A/" * (MEGABYTE // 2),
        "6a " * (MEGABYTE // 3),
        "=" + " " * MEGABYTE,
        "a" + "\u0301\u0316" * 200_000,
        "ﷺ" * 100_000,
    ],
    ids=lambda text: f"{text[:6]!a}",
)
def test_hostile_text_ends_soon(text: str) -> None:
    started = time.process_time()
    answer = views(text)
    assert time.process_time() - started < 10
    assert sum(len(view.text) for view in answer.views) <= 16 * len(text) + 65_536


@pytest.mark.parametrize(
    ("text", "needle", "original"),
    [
        # A word boundary does not part a digit from a letter or an underscore (peers.md, 1.1).
        ("jane_doe_4111111111111111_x", " 4111111111111111 ", "_4111111111111111_"),
        ("card4111111111111111", " 4111111111111111", "d4111111111111111"),
        ("card-4111111111111111", " 4111111111111111", "-4111111111111111"),
        ("no4111-1111-1111-1111x", " 4111-1111-1111-1111 ", "o4111-1111-1111-1111x"),
        ("SSN536-90-4399", "SSN 536-90-4399", "SSN536-90-4399"),
        ("ssn_536904399", "ssn 536904399", "ssn_536904399"),
        ("card 4111 1111\r\n1111 1111", "4111 1111 1111 1111", "4111 1111\r\n1111 1111"),
        ("card 4111-1111-\n  1111-1111", "4111-1111-1111-1111", "4111-1111-\n  1111-1111"),
    ],
)
def test_digits_that_are_glued_to_letters_or_broken_by_a_line_stand_alone(
    text: str, needle: str, original: str
) -> None:
    assert found(text, needle) == original


@pytest.mark.parametrize(
    "text",
    [
        "3f2b8c1e-1234-4567-8901-123456789012",
        "order_12345678",
        "SO-1042-A7",
        "2024-05-01T10:20:30.123456Z",
        "rooms 1201\n1202\n1203",
    ],
)
def test_identifiers_are_not_taken_apart(text: str) -> None:
    assert "seams" not in {step for view in views(text).views for step in view.how}


def test_a_long_run_of_hexadecimal_digits_takes_memory_in_proportion() -> None:
    text = "a" * 2_000_001
    tracemalloc.start()
    try:
        views(text)
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 16 * len(text)
