"""What was taken out stays out: a payload that was minimized is minimal when it is read again."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy_service.payloads.document import Changes, Document, Node, NodeKind, alike
from tests.properties.payload_samples import PAYLOADS, read

MAILS = st.lists(
    st.sampled_from(
        [
            b"Content-Type: text/plain\r\n\r\nhello",
            b"Content-Type: text/html\r\nX-A: 1\r\n\r\n<p>hello</p>",
            b"Content-Type: image/png\r\n\r\nPNG",
            b'Content-Type: application/json\r\n\r\n{"a": [1, {"b": "c"}]}',
            b"Content-Disposition: attachment; filename=f.txt\r\n\r\nfile",
            b"Content-Type: message/rfc822\r\n\r\nFrom: Zoe <z@x.com>\r\n\r\ninner",
        ]
    ),
    max_size=4,
).map(
    lambda parts: (
        b"From: Jane <jane@x.com>, bob@y.com\r\nSubject: s\r\nReceived: a\r\n"
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
        + b"".join(b"--b\r\n" + part + b"\r\n" for part in (*parts, b"\r\nlast"))
        + b"--b--\r\n"
    )
)
SAMPLES: dict[str, st.SearchStrategy[str | bytes]] = {**PAYLOADS, "message/rfc822": MAILS}


def too_much(document: Document, permitted: set[str]) -> frozenset[int]:
    """The tops of what holds nothing that is permitted, as `minimize` has it: a root stays if it
    is a container, or what is left of one that was removed.
    """
    stays = [False] * len(document.nodes)
    for node in reversed(document.nodes):
        root = node.parent is None and (not node.kind.scalar or not said(node))
        stays[node.index] |= root or alike(node.path) in permitted
        if stays[node.index] and node.parent is not None:
            stays[node.parent] = True
    return frozenset(
        node.index
        for node in document.nodes
        if not stays[node.index] and (node.parent is None or stays[node.parent])
    )


def said(node: Node) -> bool:
    """Whether a scalar says anything; null at the root is what is left without one."""
    spent = node.parent is None and node.kind is NodeKind.NULL
    return node.kind.scalar and bool(node.text.strip()) and not spent


def texts(document: Document) -> set[tuple[str, str]]:
    return {(alike(node.path), node.text) for node in document.nodes if said(node)}


@pytest.mark.parametrize("content_type", SAMPLES)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_what_was_taken_out_stays_out(content_type: str, data: st.DataObject) -> None:
    document = read(content_type, data.draw(SAMPLES[content_type]))
    places = sorted({alike(node.path) for node in document.nodes if node.kind.scalar})
    permitted = set(data.draw(st.lists(st.sampled_from(places)))) if places else set()
    before = texts(document)
    for _ in range(3):
        document = read(
            content_type, document.render(Changes(removed=too_much(document, permitted)))
        )
        if not too_much(document, permitted):
            break
    assert not too_much(document, permitted)
    if content_type != "application/xml":  # there texts come together when what parted them goes
        assert texts(document) == {(place, text) for place, text in before if place in permitted}
