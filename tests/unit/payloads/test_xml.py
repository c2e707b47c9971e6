from __future__ import annotations

import time
from xml.etree import ElementTree as ET

import pytest

from privacy_service import errors
from privacy_service.payloads.document import Changes, Document, NodeKind, Path
from tests.unit.payloads.documents import at, read, refusal, shape

XML = "application/xml"
ORDER = """<?xml version="1.0" encoding="UTF-8"?>
<!-- for jane@x.com -->
<order xmlns="urn:shop" id="A&amp;1">
  <customer>
    <mail lang='en'>jane&#64;x.com</mail>
    <name>Jane &lt;JD&gt;</name>
  </customer>
  <item>1</item><item/>
  <note>Hello <b>Jane</b>, bye<!-- secret --> now<![CDATA[ <&> ]]></note>
  <?pi jane@x.com?>
</order>
"""


def texts(document: Document) -> list[tuple[Path, str]]:
    return [(node.path, node.text) for node in document.nodes if node.kind.scalar]


def test_elements_attributes_and_texts_are_places() -> None:
    assert texts(read(ORDER, XML)) == [
        (("order", "@xmlns"), "urn:shop"),
        (("order", "@id"), "A&1"),
        (("order", "customer", "mail", "@lang"), "en"),
        (("order", "customer", "mail"), "jane@x.com"),
        (("order", "customer", "name"), "Jane <JD>"),
        (("order", "item"), "1"),
        (("order", "item"), ""),
        (("order", "note"), "Hello "),
        (("order", "note", "b"), "Jane"),
        (("order", "note"), ", bye now <&> "),
    ]


def test_an_element_with_only_text_is_a_text() -> None:
    assert shape(read("<a><b>x</b><c k='v'/></a>", XML)) == [
        (NodeKind.OBJECT, (), ""),
        (NodeKind.OBJECT, ("a",), ""),
        (NodeKind.TEXT, ("a", "b"), "x"),
        (NodeKind.OBJECT, ("a", "c"), ""),
        (NodeKind.TEXT, ("a", "c", "@k"), "v"),
    ]
    assert shape(read("<a/>", "text/xml"))[1] == (NodeKind.TEXT, ("a",), "")
    assert shape(read("<a> </a>", "image/svg+xml"))[1] == (NodeKind.TEXT, ("a",), " ")


def test_a_blank_between_words_in_elements_is_a_text() -> None:
    document = read("<p>\n <b>Jane</b> <i>Doe</i>\n</p>", XML)
    assert [text for _path, text in texts(document)] == ["Jane", " ", "Doe"]


def test_comments_and_instructions_do_not_leave() -> None:
    rendered = read(ORDER, XML).render(Changes()).decode()
    assert "jane@x.com" not in rendered.replace("jane&#64;x.com", "")
    assert "secret" not in rendered
    assert rendered.startswith('<?xml version="1.0" encoding="UTF-8"?>\n')
    assert texts(read(rendered, XML)) == texts(read(ORDER, XML))
    assert read("<a>x</a>\n", XML).render(Changes()) == b"<a>x</a>\n"


def test_places_are_places_of_the_payload() -> None:
    document = read(ORDER, XML)
    mail = at(document, "order", "customer", "mail")
    start, end = mail.origin.span(0, 10)
    assert ORDER[start:end] == "jane&#64;x.com"
    note = at(document, "order", "note")
    start, end = note.origin.span(2, 5)
    assert ORDER[start:end] == "bye<!-- secret -->"
    start, end = note.origin.span(11, 12)
    assert ORDER[start:end] == "&"
    identifier = at(document, "order", "@id")
    start, end = identifier.origin.span(1, 2)
    assert ORDER[start:end] == "&amp;"
    assert identifier.key is not None
    assert identifier.key.text == "id"
    start, end = identifier.key.origin.span(0, 2)
    assert ORDER[start:end] == "id"


def test_line_ends_and_blanks_are_what_xml_says() -> None:
    document = read("<a k='1\t2\r\n3&#10;4'>x\r\ny\rz&#13;</a>", XML)
    assert texts(document) == [(("a", "@k"), "1 2 3\n4"), (("a",), "x\ny\nz\r")]
    root = ET.fromstring("<a k='1\t2\r\n3&#10;4'>x\r\ny\rz&#13;</a>")
    assert [root.attrib["k"], root.text] == [node.text for node in document.nodes[2:]]
    assert document.nodes[3].origin.span(1, 2) == (21, 23)


@pytest.mark.parametrize(
    ("payload", "line", "column"),
    [
        ("", 1, 1),
        ("x", 1, 1),
        ("<a>", 1, 4),
        ("<a></b>", 1, 6),
        ("<a/><b/>", 1, 5),
        ("<a k=1/>", 1, 6),
        ("<a k='1' k='2'/>", 1, 10),
        ("<a>&nbsp;</a>", 1, 4),
        ("<a>&#0;</a>", 1, 4),
        ("<p:a/>", 1, 1),
        ("<é>\n <b></é>", 2, 7),
        ("<!DOCTYPE a><a/>", 1, 1),
        ("<!-- <!DOCTYPE --><!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>", 1, 19),
        ('<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', 1, 1),
        ("<a>\x01</a>", 1, 4),
    ],
)
def test_what_is_not_xml_is_refused_with_its_place(payload: str, line: int, column: int) -> None:
    details = refusal(errors.PAYLOAD_MALFORMED, lambda: read(payload, XML))
    assert details == {"line": line, "column": column}


def test_a_declaration_carries_nothing_else() -> None:
    refusal(
        errors.PAYLOAD_MALFORMED,
        lambda: read("<?xml version='1.0maria.gonzales'?><a/>", "application/xml"),
    )


def test_another_encoding_is_refused() -> None:
    refusal(
        errors.PAYLOAD_NOT_UTF8,
        lambda: read("<?xml version='1.0' encoding='iso-8859-1'?><a/>", XML),
    )
    assert texts(read("\ufeff<?xml version='1.0' encoding='utf-8'?><a>x</a>", XML))


def test_ten_thousand_levels_are_refused_fast() -> None:
    started = time.process_time()
    payload = "<a>" * 10_000 + "</a>" * 10_000
    details = refusal(errors.PAYLOAD_TOO_DEEP, lambda: read(payload, XML))
    assert details["limit"] == "depth"
    assert time.process_time() - started < 1
    assert len(read("<a>" * 2_000 + "</a>" * 2_000, XML, depth=2_001).nodes) == 2_001


def test_new_values_are_escaped() -> None:
    document = read("<r><a k='1'>x</a><b/><c></c>t<d>y</d>u</r>", XML)
    values = {at(document, "r", "a", "@k").index: "<\"'\n&>", at(document, "r", "a").index: "<&]]>"}
    values |= {at(document, "r", "b").index: "b\r", at(document, "r", "c").index: "c"}
    values |= {document.nodes[-1].index: "", document.nodes[-2].index: "Y"}
    changed = document.render(Changes(values=values))
    assert changed == (
        b'<r><a k="&lt;&quot;\'&#10;&amp;&gt;">&lt;&amp;]]&gt;</a>'
        b"<b>b&#13;</b><c>c</c>t<d>Y</d></r>"
    )
    root = ET.fromstring(changed)
    assert [root[0].attrib["k"], root[0].text, root[1].text] == ["<\"'\n&>", "<&]]>", "b\r"]


def test_removed_places_vanish_with_their_names() -> None:
    document = read(ORDER, XML)
    gone = [("order", "@id"), ("order", "customer", "mail"), ("order", "note", "b")]
    removed = frozenset(
        node.index for node in document.nodes if node.path in gone and (node.key is not None)
    )
    rendered = document.render(Changes(removed=removed)).decode()
    assert [path for path, _ in texts(read(rendered, XML))] == [
        ("order", "@xmlns"),
        ("order", "customer", "name"),
        ("order", "item"),
        ("order", "item"),
        ("order", "note"),
    ]
    assert "<note>Hello , bye now<![CDATA[ <&> ]]></note>" in rendered


def test_one_of_several_elements_of_one_name_is_changed() -> None:
    document = read("<r><i>1</i><i>2</i><i>3</i></r>", XML)
    changes = Changes(values={3: "x"}, removed=frozenset({2}))
    assert document.render(changes) == b"<r><i>x</i><i>3</i></r>"


@pytest.mark.parametrize("index", [0, 1])
def test_without_its_root_element_a_document_is_empty(index: int) -> None:
    rendered = read(ORDER, XML).render(Changes(removed=frozenset({index})))
    assert rendered == b"<removed/>"
    assert shape(read(rendered, XML)) == [(NodeKind.OBJECT, (), "")]
    assert read(rendered, XML).render(Changes()) == b"<removed/>"


def test_renamed_elements_and_attributes_have_names_that_xml_permits() -> None:
    document = read("<r><Jane k='1' m='2'>x</Jane><Bob/><i/><i/></r>", XML)
    keys = {
        at(document, "r", "Jane").index - 3: "<PERSON>",
        at(document, "r", "Jane", "@k").index: "4111 1111",
        at(document, "r", "Jane", "@m").index: "_4111_1111",
        at(document, "r", "Bob").index: "<PERSON>",
    }
    changed = document.render(Changes(keys=keys))
    assert changed == (
        b"<r><PERSON _4111_1111='1' _4111_1111_2='2'>x</PERSON><PERSON_2/><i/><i/></r>"
    )


def test_renamed_and_changed_at_once() -> None:
    document = read("<r><a/><b>1</b></r>", XML)
    changes = Changes(keys={2: "x", 3: "y"}, values={2: "1", 3: "2"})
    assert document.render(changes) == b"<r><x>1</x><y>2</y></r>"


def test_a_prefix_stays_declared_where_it_stays_in_use() -> None:
    text = "<p:r xmlns:p='urn:p' xmlns:q='urn:q'><q:a>1</q:a><p:b>2</p:b></p:r>"
    document = read(text, XML)
    p, q, a = 2, 3, 4
    details = refusal(
        errors.TREATMENT_FAILED, lambda: document.render(Changes(removed=frozenset({p})))
    )
    assert details == {"path": "/p:r/@xmlns:p"}
    refusal(errors.TREATMENT_FAILED, lambda: document.render(Changes(keys={q: "x"})))
    refusal(errors.TREATMENT_FAILED, lambda: document.render(Changes(values={q: None})))
    rendered = document.render(Changes(removed=frozenset({q, a})))
    assert rendered == b"<p:r xmlns:p='urn:p'><p:b>2</p:b></p:r>"
    assert document.render(Changes(keys={a: "a"}, removed=frozenset({q}))) == (
        b"<p:r xmlns:p='urn:p'><a>1</a><p:b>2</p:b></p:r>"
    )


def test_json_in_xml_is_read_and_written_as_text() -> None:
    text = '<r k=\'{&quot;a&quot;: 1}\'><j><![CDATA[["x", "<y>"]]]></j></r>'
    document = read(text, XML)
    one, two = at(document, "r", "@k", "a").index, at(document, "r", "j", 1).index
    changed = document.render(Changes(values={one: "<", two: "&"}))
    assert changed == (b'<r k="{&quot;a&quot;: &quot;&lt;&quot;}"><j>["x", "&amp;"]</j></r>')


def test_what_xml_cannot_write_is_refused_with_its_path() -> None:
    document = read("<r><a>1</a></r>", XML)
    for index, value, path in ((2, "\x00", "/r/a"), (2, "\ufffe", "/r/a"), (1, "x", "/r")):
        changes = Changes(values={index: value})
        details = refusal(errors.TREATMENT_FAILED, lambda: document.render(changes))  # noqa: B023
        assert details == {"path": path}
