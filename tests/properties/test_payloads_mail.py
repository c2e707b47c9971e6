"""Whatever is written into a mail is what is read in it, and the mail stays one."""

from __future__ import annotations

import re
from email import message_from_bytes, policy

from hypothesis import given, settings
from hypothesis import strategies as st

from privacy_service.payloads.decode import decode
from privacy_service.payloads.document import Changes, Document, Limits, Path

TEXTS = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=60),
    st.text(st.sampled_from("ab =?_é\n\r\t,<>\"'@.:;()\\-"), max_size=200),
    st.sampled_from(["x" * 1200, "é " * 300, "=?utf-8?q?x?=", "--=_1", "From x", ".", "\n\n"]),
)
MAIL = b"""From: Jane <jane@x.com>
Subject: s
X-Note: n
Content-Type: multipart/mixed; boundary=b

--b

one
--b
Content-Disposition: attachment; filename=f

two
--b--
""".replace(b"\n", b"\r\n")


PLACES = [
    ("headers", "from", 0, "name"),
    ("headers", "from", 0, "address"),
    ("headers", "subject"),
    ("headers", "x-note"),
    ("parts", 0, "body"),
    ("parts", 1, "filename"),
    ("parts", 1, "body"),
]


def read(payload: bytes) -> Document:
    return decode("message/rfc822", payload, limits=Limits())


def as_held(path: Path, text: str) -> str:
    """The text as its place can hold it: a field has one line, and a body has its own line ends."""
    if path[-1] == "body":
        return re.sub(r"\r\n?", "\n", text)
    return re.sub(r"[\x00-\x1f\x7f\x85\u2028\u2029]+", " ", text).strip()


@given(st.lists(TEXTS, min_size=len(PLACES), max_size=len(PLACES)))
@settings(max_examples=60, deadline=None)
def test_what_is_written_is_what_is_read(texts: list[str]) -> None:
    document = read(MAIL)
    nodes = [node for node in document.nodes if node.kind.scalar]
    assert [node.path for node in nodes] == PLACES
    told = {
        node.index: (text[:400] if "address" in node.path else text)
        if as_held(node.path, text)
        else "x"
        for node, text in zip(nodes, texts, strict=True)
    }
    rendered = document.render(Changes(values=told))
    assert {node.path: node.text for node in read(rendered).nodes if node.kind.scalar} == {
        node.path: as_held(node.path, told[node.index]) for node in nodes
    }
    assert read(rendered).render(Changes()) == rendered
    message = message_from_bytes(rendered, policy=policy.compat32)
    assert not [part.defects for part in message.walk() if part.defects]
    assert max(map(len, rendered.split(b"\r\n"))) <= 998
