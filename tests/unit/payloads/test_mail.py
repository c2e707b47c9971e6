from __future__ import annotations

import base64
import time
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from privacy_service import errors
from privacy_service.payloads.document import Changes, Document, NodeKind, Path
from tests.unit.payloads.documents import at, read, refusal, scalars

MAIL = "message/rfc822"
PLAIN = """From: "Doe, Jane" <jane@x.com>
To: bob@y.com,
 =?utf-8?q?Zo=C3=AB?= <zoe@z.com>
Subject: =?utf-8?b?R3LDvMOfZQ==?= and more
Received: from a
Received: from b
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

Grüße, call +1 415 555 2671.
Jane
""".replace("\n", "\r\n")


def mixed() -> bytes:
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"], mail["Subject"] = "jane@x.com", "Photos"
    mail.set_content("Hello Jöhn,\nsee the photo.\n", cte="base64")
    mail.add_alternative("<p>Hello J&ouml;hn</p>", subtype="html", cte="quoted-printable")
    mail.add_attachment(b"\x89PNG....", maintype="image", subtype="png", filename="jane.png")
    json = b'{"mail": "jane@x.com"}'
    mail.add_attachment(json, maintype="application", subtype="json", filename="jane doe.json")
    inner = EmailMessage(policy=policy.SMTP)
    inner["From"] = "zoe@z.com"
    inner.set_content("forwarded")
    mail.add_attachment(inner)
    mail.set_boundary("b1")
    return mail.as_bytes()


def mail_of(payload: bytes) -> EmailMessage:
    message = message_from_bytes(payload, policy=policy.default)
    assert isinstance(message, EmailMessage)
    assert not [part for part in message.walk() if part.defects]
    return message


def without(document: Document, *paths: Path) -> bytes:
    gone = frozenset(node.index for node in document.nodes if node.path in paths)
    return document.render(Changes(removed=gone))


def test_fields_mailboxes_and_text_are_places() -> None:
    document = read(PLAIN, MAIL)
    assert [(node.path, node.text) for node in document.nodes if node.kind.scalar] == [
        (("headers", "from", 0, "name"), "Doe, Jane"),
        (("headers", "from", 0, "address"), "jane@x.com"),
        (("headers", "to", 0, "address"), "bob@y.com"),
        (("headers", "to", 1, "name"), "Zoë"),
        (("headers", "to", 1, "address"), "zoe@z.com"),
        (("headers", "subject"), "Grüße and more"),
        (("headers", "received"), "from a"),
        (("headers", "received"), "from b"),
        (("body",), "Grüße, call +1 415 555 2671.\nJane\n"),
    ]
    assert [node.key.text for node in document.nodes if node.key] == [
        "From",
        "To",
        "Subject",
        "Received",
        "Received",
    ]
    assert document.unread == []


def test_places_are_places_of_the_payload() -> None:
    document = read(PLAIN, MAIL)

    def original(*path: str | int, text: str) -> str:
        node = at(document, *path)
        start = node.text.index(text)
        start, end = node.origin.span(start, start + len(text))
        return PLAIN[start:end]

    assert original("headers", "from", 0, "address", text="jane@x.com") == "jane@x.com"
    assert original("headers", "from", 0, "name", text="Doe, Jane") == "Doe, Jane"
    assert original("headers", "to", 1, "address", text="zoe@z.com") == "zoe@z.com"
    assert original("headers", "subject", text="and") == "=?utf-8?b?R3LDvMOfZQ==?= and more"
    assert original("body", text="+1 415 555 2671") == "+1 415 555 2671"
    assert original("body", text="Jane") == "Jane"
    key = at(document, "headers", "subject").key
    assert key is not None
    start, end = key.origin.span(0, 7)
    assert PLAIN[start:end] == "Subject"


def test_parts_are_read_as_deep_as_they_go() -> None:
    payload = mixed()
    document = read(payload, MAIL)
    assert scalars(document) == {
        ("headers", "from", 0, "address"): "jane@x.com",
        ("headers", "subject"): "Photos",
        ("parts", 0, "parts", 0, "body"): "Hello Jöhn,\nsee the photo.\n",
        ("parts", 0, "parts", 1, "body"): "<p>Hello J&ouml;hn</p>\n",
        ("parts", 2, "filename"): "jane doe.json",
        ("parts", 2, "body", "mail"): "jane@x.com",
        ("parts", 3, "message", "headers", "from", 0, "address"): "zoe@z.com",
        ("parts", 3, "message", "body"): "forwarded\n",
    }
    (unread,) = document.unread
    assert (unread.path, unread.size) == (("parts", 1, "attachment"), 8)
    text = at(document, "parts", 0, "parts", 0, "body")
    start, end = text.origin.span(0, 5)
    assert base64.b64decode(payload[start:end]).decode().startswith("Hello")


def test_a_rendered_mail_is_a_mail_that_says_the_same() -> None:
    for payload in (PLAIN.encode(), mixed()):
        document = read(payload, MAIL)
        rendered = document.render(Changes())
        again = read(rendered, MAIL)
        kept = {path: text for path, text in scalars(document).items() if "parts" not in path[:1]}
        assert scalars(again).items() >= kept.items()
        assert again.render(Changes()) == rendered
        assert mail_of(rendered)["subject"] == mail_of(payload)["subject"]


def test_what_is_no_text_does_not_leave() -> None:
    rendered = read(mixed(), MAIL).render(Changes())
    assert b"PNG" not in base64.b64decode(b"".join(rendered.split()), validate=False)
    assert [part.get_content_type() for part in mail_of(rendered).walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "application/json",
        "message/rfc822",
        "text/plain",
    ]


def test_new_values_are_written_as_mail() -> None:
    document = read(PLAIN, MAIL)
    values = {
        at(document, "headers", "from", 0, "name").index: "<PERSON>",
        at(document, "headers", "from", 0, "address").index: 'tok "1"\\<E>',
        at(document, "headers", "to", 1, "address").index: "t1@partner.example",
        at(document, "headers", "subject").index: "Grüße\r\nBcc: all@x.com",
        at(document, "body").index: "a" * 2000 + "\nü\x00\r\n.\nFrom x\n",
    }
    rendered = document.render(Changes(values=values))
    mail = mail_of(rendered)
    assert mail["from"].addresses[0].display_name == "<PERSON>"
    assert mail["from"].addresses[0].domain == "removed.invalid"
    assert mail["to"].addresses[1].addr_spec == "t1@partner.example"
    assert mail["subject"] == "Grüße Bcc: all@x.com"
    assert mail["bcc"] is None
    assert mail.get_content().replace("\r\n", "\n") == "a" * 2000 + "\nü\x00\n.\nFrom x\n"
    assert max(map(len, rendered.split(b"\r\n"))) < 998
    again = scalars(read(rendered, MAIL))
    assert again["headers", "from", 0, "address"] == 'tok "1"\\<E>'
    assert again["body",] == "a" * 2000 + "\nü\x00\n.\nFrom x\n"


def test_removed_places_vanish_for_good() -> None:
    document = read(PLAIN, MAIL)
    rendered = without(
        document,
        ("headers", "from", 0, "name"),
        ("headers", "to", 0),
        ("headers", "to", 1, "address"),
        ("headers", "received"),
        ("body",),
    )
    again = read(rendered, MAIL)
    assert scalars(again) == {
        ("headers", "from", 0, "address"): "jane@x.com",
        ("headers", "to", 0, "name"): "Zoë",
        ("headers", "subject"): "Grüße and more",
    }
    assert without(document, ()) == b"\r\n"
    assert [node.kind for node in read(b"\r\n", MAIL).nodes] == [NodeKind.OBJECT]
    assert without(document, ("headers",), ("body",)) == b"\r\n"
    parts = read(mixed(), MAIL)
    rendered = without(parts, ("parts", 0), ("parts", 1), ("parts", 3, "message"))
    assert set(scalars(read(rendered, MAIL))) == {
        ("headers", "from", 0, "address"),
        ("headers", "subject"),
        ("parts", 0, "filename"),
        ("parts", 0, "body", "mail"),
    }
    assert not mail_of(without(parts, ("parts",))).is_multipart()


def test_a_changed_document_in_a_part_stays_a_document() -> None:
    document = read(mixed(), MAIL)
    node = at(document, "parts", 2, "body", "mail")
    rendered = document.render(Changes(values={node.index: '"x"'}))
    part = next(p for p in mail_of(rendered).walk() if p.get_content_type() == "application/json")
    assert part.get_payload(decode=True) == b'{"mail": "\\"x\\""}'


def test_renamed_fields_have_names_that_mail_permits() -> None:
    document = read("X-jane@x.com: 1\nY: 2\nZ: 3\n\n", MAIL)
    one, two, three = (node.index for node in document.nodes if node.key)
    keys = {one: "X-<E>", two: "Content-Type", three: "To"}
    assert scalars(read(document.render(Changes(keys=keys)), MAIL)) == {
        ("headers", "x--e"): "1",
        ("headers", "x-content-type"): "2",
        ("headers", "x-to"): "3",
    }


@pytest.mark.parametrize(
    "payload",
    [
        "no mail at all",
        '{"a": 1}',
        "From: a@x.com\nContent-Type: multipart/mixed\n\nx",
        "From: a@x.com\nContent-Type: multipart/mixed; boundary=b\n\nno boundary here",
        "From: a@x.com\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nnot closed",
        "From: a@x.com\nContent-Transfer-Encoding: base64\n\n!!!",
        "From: a@x.com\nno field here\n\nx",
    ],
)
def test_what_is_no_mail_is_refused(payload: str) -> None:
    details = refusal(errors.PAYLOAD_MALFORMED, lambda: read(payload, MAIL))
    assert details.keys() == {"line", "column"}


def test_a_single_field_twice_is_refused() -> None:
    payload = "From: a@x.com\nfrom: b@x.com\n\nx"
    assert refusal(errors.DUPLICATE_KEY, lambda: read(payload, MAIL))["line"] in (1, 2)


@pytest.mark.parametrize(
    ("payload", "path"),
    [
        (b"A: 1\nSubject: =?x-unknown?q?jane?=\n\n", ("headers", "subject")),
        (b"A: 1\nSubject: \xff\n\n", ("headers", "subject")),
        (b"A: 1\nSubject: =?punycode?q?jane?=\n\n", ("headers", "subject")),
        (b"A: 1\nContent-Type: text/plain; charset=x-unknown\n\njane", ("body",)),
        (b"A: 1\nContent-Type: text/plain; charset=utf-8\n\njane \xff", ("body",)),
        (b"A: 1\nContent-Type: application/pdf\n\n%PDF jane", ("attachment",)),
    ],
)
def test_what_does_not_decode_is_told_and_does_not_leave(payload: bytes, path: Path) -> None:
    document = read(payload, MAIL)
    assert [part.path for part in document.unread] == [path]
    rendered = document.render(Changes())
    assert b"jane" not in rendered
    assert read(rendered, MAIL).unread == []
    assert scalars(read(rendered, MAIL)) == {("headers", "a"): "1"}


def test_other_charsets_are_decoded() -> None:
    payload = "A: =?iso-8859-1?q?J=F6hn?=\nContent-Type: text/plain; charset=cp1252\n\nJöhn €"
    document = read(payload.encode("cp1252"), MAIL)
    assert scalars(document) == {("headers", "a"): "Jöhn", ("body",): "Jöhn €"}


def test_odd_address_fields_are_texts() -> None:
    payload = "To: undisclosed-recipients:;\nCc: a b c\nBcc: " + "(" * 5000 + "\n\n"
    assert set(scalars(read(payload, MAIL))) == {
        ("headers", "to"),
        ("headers", "cc"),
        ("headers", "bcc"),
    }


def test_hostile_mail_is_refused_fast() -> None:
    nest = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (level, level)
        for level in range(5_000)
    )
    wide = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\n\n" * 100_000
    started = time.process_time()
    details = refusal(errors.PAYLOAD_TOO_DEEP, lambda: read(b"A: 1\r\n" + nest, MAIL))
    assert details["limit"] == "depth"
    refusal(errors.PAYLOAD_TOO_MANY_VALUES, lambda: read(wide, MAIL, values=10_000))
    lines = b"A: 1\n" + b"Content-Type: multipart/mixed; boundary=b\n\n--b\n" * 20 + b"\n" * 10**6
    refusal(errors.PAYLOAD_TOO_MANY_VALUES, lambda: read(lines, MAIL))
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    "field",
    [
        b"Subject: " + b"=?a?q?x " * 30_000,
        b"To: " + b"a@b," * 60_000,
        b"To: " + b">" * 250_000,
        b"Subject: " + b"a" * 250_000,
        b"Subject: " + b"=?utf-8?q?a?=" * 19_000,
    ],
    ids=lambda field: field[:16].decode(),
)
def test_a_hostile_field_is_read_and_written_in_good_time(field: bytes) -> None:
    started = time.process_time()
    read(b"A: 1\r\n" + field + b"\r\n\r\n", MAIL).render(Changes())
    assert time.process_time() - started < 10


def test_header_fields_are_bounded() -> None:
    details = refusal(
        errors.PAYLOAD_TOO_LARGE, lambda: read(b"A: " + b"a" * 300_000 + b"\r\n\r\n", MAIL)
    )
    assert (details["limit"], details["maximum"]) == ("mail_header_bytes", 262_144)
    started = time.process_time()
    for field in (b"Content-Type: multipart/mixed; x=", b"A: 1\r\nContent-Disposition: inline; x="):
        long = field + b'"' + b";" * 500_000 + b'"\r\n\r\nx'
        refusal(errors.PAYLOAD_MALFORMED, lambda: read(long, MAIL))  # noqa: B023
    assert time.process_time() - started < 2


def test_a_container_has_no_new_value_and_surrogates_are_refused() -> None:
    document = read(PLAIN, MAIL)
    refusal(errors.TREATMENT_FAILED, lambda: document.render(Changes(values={0: "x"})))
    body = at(document, "body").index
    details = refusal(
        errors.TREATMENT_FAILED, lambda: document.render(Changes(values={body: "\ud800"}))
    )
    assert details == {"path": "/body"}
    address = at(document, "headers", "from", 0, "address").index
    details = refusal(
        errors.TREATMENT_FAILED, lambda: document.render(Changes(values={address: "x" * 401}))
    )
    assert details == {"path": "/headers/from/0/address"}
