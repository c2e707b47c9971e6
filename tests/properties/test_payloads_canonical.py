"""No encoding hides a text: every encoded form has a view that shows it, and the way back."""

from __future__ import annotations

import base64
import html
import json
import quopri
from collections.abc import Callable
from itertools import pairwise
from unittest import mock
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy_service.payloads import canonical
from privacy_service.payloads.canonical import View, views

NEEDLES = st.sampled_from(["jane.doe@example.com", "4111 1111 1111 1111", "536-90-4399"])
NOISE = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), max_size=24)
PLAIN_NOISE = st.text(st.sampled_from("abcXYZ019 .,:;!?%&\\=<>#+-_/"), max_size=24)

Encode = Callable[[str], str]

BY_CHARACTER: dict[str, Encode] = {
    "percent": lambda text: quote(text, safe=""),
    "percent, all of it": lambda text: "".join(f"%{byte:02x}" for byte in text.encode()),
    "decimal entities": lambda text: "".join(f"&#{ord(char)};" for char in text),
    "hexadecimal entities": lambda text: "".join(f"&#x{ord(char):X};" for char in text),
    "named entities": html.escape,
    "JSON escapes": lambda text: json.dumps(text)[1:-1],
    "JSON escapes, all of it": lambda text: "".join(
        f"\\u{text.encode('utf-16-be')[at : at + 2].hex()}"
        for at in range(0, len(text.encode("utf-16-be")), 2)
    ),
    "hexadecimal escapes": lambda text: "".join(f"\\x{byte:02x}" for byte in text.encode()),
    "quoted-printable": lambda text: quopri.encodestring(text.encode()).decode(),
}
WHOLE: dict[str, Encode] = {
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64url": lambda text: base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
    "base64 in lines": lambda text: base64.encodebytes(text.encode()).decode().rstrip("\n"),
    "hexadecimal": lambda text: text.encode().hex(),
    "hexadecimal pairs": lambda text: text.encode().hex(":"),
}
LOOKS: dict[str, Encode] = {
    "full width": lambda text: "".join(
        chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text
    ),
    "zero width": "\u200b".join,
    "soft hyphens": "\u00ad".join,
    "odd blanks and hyphens": lambda text: text.replace(" ", "\u00a0").replace("-", "\u2011"),
    "tags": "<b></b>".join,
}
ALL = BY_CHARACTER | WHOLE | LOOKS

PLAIN_SCRAPS = [" ", " and ", "2026-11-26T10", "030-12345-6789", "letter/words", "a-b_c+d", "4111-"]
PLAIN_SCRAPS += ["\u00e9t\u00e9", "\u2019", "4111 1111", "\n", " \r\n", "9-\n", "\udc41", "~", "\\"]
PLAIN_SCRAPS += ["12:34:56:78:9a:bc:de:f0", "(", "7"]
SCRAPS = [
    "jane",
    "@",
    "%40",
    "%",
    "&",
    "&#64;",
    "&amp;",
    "\\",
    "\\u0040",
    "=40",
    "=\n",
    "<b>",
    "</p>",
]
SCRAPS += ["<", "é", "e\u0301", "\u200b", "ﬁ", "ｘ", "\u00a0", "/", "+", "0x", "а", "ﷺ", " "]
SCRAPS += ["_", "x", "4111111111111111", "ab-123456789", "4111 1111\n", "1111 1111"]
SCRAPS += ["amFuZUB4LmNvbQ==", "6a616e6540782e636f6d", "%E2%82%AC", "\\ud83d\\ude00"]


def showing(text: str, needle: str) -> tuple[View, int] | None:
    for view in views(text).views:
        at = view.text.find(needle)
        if at >= 0:
            return view, at
    return None


@pytest.mark.parametrize("name", [*BY_CHARACTER, *WHOLE])
@given(before=NOISE, needle=NEEDLES, after=NOISE)
@settings(max_examples=60, deadline=None)
def test_an_encoded_text_is_seen_through(name: str, before: str, needle: str, after: str) -> None:
    encoded = ALL[name](before + needle + after)
    seen = showing(encoded, needle)
    assert seen is not None
    view, at = seen
    start, end = view.span(at, at + len(needle))
    assert 0 <= start < end <= len(encoded)
    assert showing(encoded[start:end], needle) is not None
    if name in WHOLE:
        assert (start, end) == (0, len(encoded))


@pytest.mark.parametrize("name", ALL)
@given(before=PLAIN_NOISE, needle=NEEDLES, after=PLAIN_NOISE)
@settings(max_examples=60, deadline=None)
def test_an_encoded_part_is_seen_through_whatever_stands_beside_it(
    name: str, before: str, needle: str, after: str
) -> None:
    encoded = ALL[name](needle)
    text = f"{before} {encoded} {after}"
    seen = showing(text, needle)
    assert seen is not None
    view, at = seen
    start, end = view.span(at, at + len(needle))
    assert showing(text[start:end], needle) is not None


@given(
    before=PLAIN_NOISE,
    needle=NEEDLES,
    after=PLAIN_NOISE,
    names=st.lists(st.sampled_from(list(BY_CHARACTER | WHOLE)), min_size=2, max_size=3),
)
@settings(max_examples=150, deadline=None)
def test_encodings_of_encodings_are_seen_through(
    before: str, needle: str, after: str, names: list[str]
) -> None:
    text = f"{before} , {needle} , {after}"
    for name in names:
        text = ALL[name](text)
    assert showing(text, needle) is not None


@given(st.lists(st.sampled_from(SCRAPS), max_size=20).map("".join))
@settings(max_examples=200, deadline=None)
def test_every_view_knows_the_way_back(text: str) -> None:
    for view in views(text).views:
        spans = [view.span(at, at + 1) for at in range(len(view.text))]
        assert all(0 <= start < end <= len(text) for start, end in spans)
        assert all(a <= c and b <= d for (a, b), (c, d) in pairwise(spans))
        if spans:
            assert view.span(0, len(view.text)) == (spans[0][0], spans[-1][1])


@given(st.text())
@settings(max_examples=200, deadline=None)
def test_the_first_view_is_the_text_but_for_odd_blanks(text: str) -> None:
    first = views(text).views[0]
    assert len(first.text) == len(text)
    assert all(a == b or (a.isspace() and b == " ") for a, b in zip(text, first.text, strict=True))


@given(
    st.one_of(
        st.lists(st.sampled_from(pieces), min_size=12, max_size=40)
        for pieces in (PLAIN_SCRAPS, [*SCRAPS, *PLAIN_SCRAPS])
    ).map("".join)
)
@settings(max_examples=200)
def test_a_long_text_has_the_forms_that_it_has_without_the_short_cut(text: str) -> None:
    with mock.patch.object(canonical, "_LONG", 1 << 40):
        without = views(text).views

    assert [(one.text, one.how) for one in views(text).views] == [
        (one.text, one.how) for one in without
    ]
