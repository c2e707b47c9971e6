"""Which texts are read as one."""

from __future__ import annotations

import pytest

from privacy_service.enforcement.mixed import sentences
from privacy_service.payloads.decode import decode
from privacy_service.payloads.document import Limits

MAIL = "From: Acme Support <support@acme.example>\r\nSubject: hello\r\n\r\nhello\r\n"


@pytest.mark.parametrize(
    ("content_type", "payload", "expected"),
    [
        ("application/xml", "<p>jane<b>@x</b>.example</p>", ["jane@x.example"]),
        ("application/xml", "<o><a>one</a><b>two</b></o>", []),
        # The parts of an address have names of their own: nothing lies across them.
        ("message/rfc822", MAIL, []),
        ("application/json", '{"a": ["one", "two"]}', []),
    ],
)
def test_only_the_text_of_one_element_is_one(
    content_type: str, payload: str, expected: list[str]
) -> None:
    document = decode(content_type, payload.encode(), limits=Limits())
    scalars = [node for node in document.nodes if node.kind.scalar]
    found = sentences(document.nodes, {node.index for node in scalars}, scalars)
    assert [sentence.text for sentence in found] == expected
