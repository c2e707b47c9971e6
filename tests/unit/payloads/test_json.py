from __future__ import annotations

import gc
import json
import time
from decimal import Decimal

import pytest

from privacy_service import errors
from privacy_service.payloads.document import Changes, NodeKind
from tests.unit.payloads.documents import at, read, refusal, scalars, shape

ORDER = """{
  "id": "A-17", "total": 129.90, "card": 4111111111111111, "paid": true, "coupon": null,
  "emails": ["aaaa@x.com", "bbbb@y.com"],
  "lines": [{"sku": "a", "qty": 0}, {"sku": "", "qty": -0.0}],
  "empty": [], "none": {}
}"""


def test_every_scalar_and_every_key_is_a_node_in_preorder() -> None:
    document = read('{"a":1,"b":[true,null,"x",[]],"c":{"d":{}}}')
    assert shape(document) == [
        (NodeKind.OBJECT, (), ""),
        (NodeKind.NUMBER, ("a",), "1"),
        (NodeKind.ARRAY, ("b",), ""),
        (NodeKind.BOOLEAN, ("b", 0), "true"),
        (NodeKind.NULL, ("b", 1), "null"),
        (NodeKind.TEXT, ("b", 2), "x"),
        (NodeKind.ARRAY, ("b", 3), ""),
        (NodeKind.OBJECT, ("c",), ""),
        (NodeKind.OBJECT, ("c", "d"), ""),
    ]
    assert [node.index for node in document.nodes] == list(range(9))
    assert [node.parent for node in document.nodes] == [None, 0, 0, 2, 2, 2, 2, 0, 7]
    assert [node.key.text for node in document.nodes if node.key] == ["a", "b", "c", "d"]


@pytest.mark.parametrize("payload", ["1", '"x"', "null", "true", "[]", "{}", " [1] ", "-0.0e+5"])
def test_any_value_may_be_the_root(payload: str) -> None:
    assert read(payload).render(Changes()) == payload.encode()


def test_falsy_values_big_numbers_and_decimals_keep_their_letters() -> None:
    payload = '{"z":0,"e":"","f":false,"big":123456789012345678901234567890,"d":1.10E+2,"n":-0}'
    assert list(scalars(read(payload)).values()) == [
        "0",
        "",
        "false",
        "123456789012345678901234567890",
        "1.10E+2",
        "-0",
    ]
    assert read(payload).render(Changes()).decode() == payload


def test_text_is_decoded_and_its_place_in_the_payload_known() -> None:
    payload = '{"e":"jane\\u0040x.com \\ud83d\\ude00 \\n\\"q\\""}'
    node = at(read(payload), "e")
    assert node.text == 'jane@x.com 😀 \n"q"'
    start, end = node.origin.span(0, 10)
    assert payload[start:end] == "jane\\u0040x.com"
    start, end = node.origin.span(11, 12)
    assert payload[start:end] == "\\ud83d\\ude00"
    start, end = node.origin.span(0, len(node.text))
    assert json.loads(f'"{payload[start:end]}"') == node.text


def test_the_place_of_a_key_and_a_number_is_known() -> None:
    payload = '{"n\\u0061me" : 4111111111111111}'
    (node,) = [node for node in read(payload).nodes if node.key]
    assert node.key is not None
    start, end = node.key.origin.span(0, 4)
    assert (node.key.text, payload[start:end]) == ("name", "n\\u0061me")
    start, end = node.origin.span(0, 16)
    assert payload[start:end] == "4111111111111111"


# -- Refused ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("payload", "line", "column"),
    [
        ("", 1, 1),
        ("  ", 1, 3),
        ("{", 1, 2),
        ('{"a":1,}', 1, 8),
        ('{"a" 1}', 1, 6),
        ('{"a":1\n"b":2}', 2, 1),
        ("[1,]", 1, 4),
        ("[,1]", 1, 2),
        ("[1 2]", 1, 4),
        ("[1}", 1, 3),
        ("[1]]", 1, 4),
        ("1 2", 1, 3),
        ("1,", 1, 2),
        ('{"a":1}{}', 1, 8),
        ("01", 1, 2),
        ("1.", 1, 2),
        ("+1", 1, 1),
        ("NaN", 1, 1),
        ('{"a":NaN}', 1, 6),
        ("[Infinity]", 1, 2),
        ("[-Infinity]", 1, 2),
        ("'a'", 1, 1),
        ("{a:1}", 1, 2),
        ("True", 1, 1),
        ('"a\nb"', 1, 1),
        ('"\\x41"', 1, 2),
        ('["ok","\\u00g0"]', 1, 9),
        ('"\\ud800"', 1, 2),
        ('["a","b\\udc00\\ud800"]', 1, 8),
        ('\ufeff{"a":1}', 1, 1),
        ('{"a":1} // x', 1, 9),
        ("[1\u00a0]", 1, 3),
        ("[١]", 1, 2),
        ('{"a\\ud83dé":1}', 1, 4),
    ],
)
def test_what_is_not_json_is_refused_with_its_place(payload: str, line: int, column: int) -> None:
    details = refusal(errors.PAYLOAD_MALFORMED, lambda: read(payload))
    assert details == {"line": line, "column": column}


def test_a_key_twice_is_refused_however_it_is_written() -> None:
    details = refusal(errors.DUPLICATE_KEY, lambda: read('{"a":{"b":1,\n "\\u0062":2}}'))
    assert details == {"line": 2, "column": 2}
    assert scalars(read('[{"a":1},{"a":2}]')) == {(0, "a"): "1", (1, "a"): "2"}


def test_what_is_not_utf8_is_refused_with_its_byte() -> None:
    assert refusal(errors.PAYLOAD_NOT_UTF8, lambda: read(b'["a\xff"]')) == {"byte": 3}
    refusal(errors.PAYLOAD_NOT_UTF8, lambda: read('"ü"'.encode("utf-16")))


def test_limits_are_named() -> None:
    details = refusal(errors.PAYLOAD_TOO_LARGE, lambda: read("[1,2]", payload_bytes=4))
    assert details == {"limit": "payload_bytes", "maximum": 4}
    assert read("[[]]", depth=2).nodes
    details = refusal(errors.PAYLOAD_TOO_DEEP, lambda: read("[[[]]]", depth=2))
    assert details == {"limit": "depth", "maximum": 2, "line": 1, "column": 3}
    assert read("[1,2]", values=3).nodes
    details = refusal(errors.PAYLOAD_TOO_MANY_VALUES, lambda: read("[1,2,3]", values=3))
    assert details == {"limit": "values", "maximum": 3, "line": 1, "column": 6}
    deep = "[" * 50 + "1,2,3" + "]" * 50
    assert read(deep, steps=1_375).nodes
    details = refusal(errors.PAYLOAD_TOO_MANY_VALUES, lambda: read(deep, steps=1_300))
    assert (details["limit"], details["maximum"]) == ("steps", 1_300)


@pytest.mark.parametrize("payload", ["[" * 10_000, "[" * 10_000 + "]" * 10_000, '{"a":' * 10_000])
def test_ten_thousand_levels_are_refused_fast(payload: str) -> None:
    gc.collect()
    gc.freeze()  # what other tests left behind is not looked through meanwhile
    try:
        started = time.process_time()
        refusal(errors.PAYLOAD_TOO_DEEP, lambda: read(payload))
        assert time.process_time() - started < 0.5
    finally:
        gc.unfreeze()


def test_two_thousand_levels_are_read_and_rendered_where_the_limit_permits() -> None:
    payload = '{"a":' * 2_000 + "1" + "}" * 2_000
    document = read(payload, depth=2_000)
    changed = document.render(Changes(values={2_000: 2}))
    assert changed == payload.replace("1", "2").encode()


# -- Changed ------------------------------------------------------------------------------------


def test_no_changes_give_the_payload_letter_by_letter() -> None:
    assert read(ORDER).render(Changes()) == ORDER.encode()


def test_each_new_value_is_json_of_its_own_type() -> None:
    document = read('{"a":1,"b":"x","c":true,"d":null,"e":[1,2]}')
    index = {node.path[0]: node.index for node in document.nodes if len(node.path) == 1}
    values = {index["a"]: '<"A">\n', index["b"]: Decimal("1.50"), index["c"]: None}
    values |= {index["d"]: False, index["e"]: 7}
    assert document.render(Changes(values=values)) == (
        b'{"a":"<\\"A\\">\\n","b":1.50,"c":null,"d":false,"e":7}'
    )


def test_list_elements_are_not_mixed_up() -> None:
    document = read(ORDER)
    first, second = at(document, "emails", 0), at(document, "emails", 1)
    changed = json.loads(document.render(Changes(values={first.index: "1", second.index: "2"})))
    assert changed["emails"] == ["1", "2"]


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        ([("a",)], '{ "b" : [ 1 , 2 , 3 ] , "c" : {} }'),
        ([("c",)], '{ "a" : 1 , "b" : [ 1 , 2 , 3 ] }'),
        ([("a",), ("b",)], '{ "c" : {} }'),
        ([("a",), ("c",)], '{ "b" : [ 1 , 2 , 3 ] }'),
        ([("a",), ("b",), ("c",)], "{  }"),
        ([("b", 0)], '{ "a" : 1 , "b" : [ 2 , 3 ] , "c" : {} }'),
        ([("b", 1)], '{ "a" : 1 , "b" : [ 1 , 3 ] , "c" : {} }'),
        ([("b", 1), ("b", 2)], '{ "a" : 1 , "b" : [ 1 ] , "c" : {} }'),
        ([("b", 0), ("b", 1), ("b", 2)], '{ "a" : 1 , "b" : [  ] , "c" : {} }'),
        ([("b",), ("b", 1)], '{ "a" : 1 , "c" : {} }'),
        ([()], "null"),
    ],
)
def test_removed_members_and_elements_vanish_with_their_separator(
    paths: list[tuple[str | int, ...]], expected: str
) -> None:
    document = read('{ "a" : 1 , "b" : [ 1 , 2 , 3 ] , "c" : {} }')
    removed = frozenset(at(document, *path).index for path in paths)
    assert document.render(Changes(removed=removed)).decode() == expected


def test_what_is_below_a_removed_or_replaced_container_no_longer_matters() -> None:
    document = read('{"a":{"b":1,"c":2},"d":{"e":3}}')
    a, b, c, d, e = (
        at(document, *path).index for path in [("a",), ("a", "b"), ("a", "c"), ("d",), ("d", "e")]
    )
    changes = Changes(removed=frozenset({a, c}), values={b: 9, d: "x", e: 4}, keys={b: "k", e: "k"})
    assert document.render(changes) == b'{"d":"x"}'


def test_renamed_keys_stay_distinct() -> None:
    document = read('{"a@x.com":1,"b@x.com":2,"<E>":3,"c":4,"gone":5}')
    one, two, _three, four, gone = (node.index for node in document.nodes[1:])
    keys = {one: "<E>", two: "<E>", four: "gone", gone: "<E>"}
    assert document.render(Changes(keys=keys, removed=frozenset({gone}))) == (
        b'{"<E>_2":1,"<E>_3":2,"<E>":3,"gone":4}'
    )


def test_a_hundred_thousand_keys_are_renamed_to_one_name_in_linear_time() -> None:
    document = read(json.dumps({f"k{i}": i for i in range(20_000)}))
    started = time.process_time()
    keys = {node.index: "x" for node in document.nodes if node.key}
    assert len(json.loads(document.render(Changes(keys=keys)))) == 20_000
    assert time.process_time() - started < 2


def test_a_value_that_json_cannot_write_is_refused_with_its_path() -> None:
    document = read('{"a":[1]}')
    for value in (Decimal("NaN"), Decimal("Infinity"), "\ud800"):
        changes = Changes(values={2: value})
        details = refusal(errors.TREATMENT_FAILED, lambda: document.render(changes))  # noqa: B023
        assert details == {"path": "/a/0"}


# -- Documents in text --------------------------------------------------------------------------


def test_json_in_a_string_is_read_at_the_same_path() -> None:
    document = read('{"meta":" {\\"email\\":\\"jane\\\\u0040x.com\\"} "}')
    assert shape(document) == [
        (NodeKind.OBJECT, (), ""),
        (NodeKind.EMBEDDED, ("meta",), ""),
        (NodeKind.OBJECT, ("meta",), ""),
        (NodeKind.TEXT, ("meta", "email"), "jane@x.com"),
    ]
    assert [node.parent for node in document.nodes] == [None, 0, 1, 2]


def test_places_in_embedded_documents_are_places_of_the_payload() -> None:
    inner = json.dumps({"e": "jane\u0040x.com", "k\u00e9y": "é\n@"})
    for _ in range(3):
        inner = json.dumps({"in": inner})
    document = read(inner)
    node = next(n for n in document.nodes if n.text == "é\n@")
    start, end = node.origin.span(1, 2)
    assert inner[start:end].endswith("n")
    assert set(inner[start : end - 1]) == {"\\"}
    start, end = node.origin.span(2, 3)
    assert inner[start:end] == "@"


def test_changes_inside_embedded_documents_are_written_as_valid_text() -> None:
    text = json.dumps({"a": json.dumps({"b": json.dumps(["é", 1]), "c": "x"}), "d": 1})
    document = read(text)
    inner, c = at(document, "a", "b", 0), at(document, "a", "c")
    changed = document.render(Changes(values={inner.index: '"'}, removed=frozenset({c.index})))
    outer = json.loads(changed)
    middle = json.loads(outer["a"])
    assert (outer["d"], list(middle), json.loads(middle["b"])) == (1, ["b"], ['"', 1])


def test_an_embedded_document_whose_root_goes_vanishes_with_its_key() -> None:
    document = read('{"a":"[1]","b":2}')
    assert document.render(Changes(removed=frozenset({2}))) == b'{"b":2}'
    assert document.render(Changes(removed=frozenset({1}))) == b'{"b":2}'
    assert document.render(Changes(values={2: "x"})) == b'{"a":"x","b":2}'


def test_presidio_placeholder_trap_stringified_json_stays_json() -> None:
    document = read(json.dumps({"log": json.dumps({"amount": 4111111111111111})}))
    node = at(document, "log", "amount")
    changed = json.loads(document.render(Changes(values={node.index: "<CREDIT_CARD>"})))
    assert json.loads(changed["log"]) == {"amount": "<CREDIT_CARD>"}


@pytest.mark.parametrize("text", ["[x]", "{", "[1,]", '{"a" 1}', "[1] 2", "{}x", "[NaN]", "[\\"])
def test_text_that_only_looks_like_json_stays_text(text: str) -> None:
    assert scalars(read(json.dumps({"a": text}))) == {("a",): text}


def test_embedded_documents_count_against_the_limits() -> None:
    nested: object = 1
    for _ in range(4):
        nested = json.dumps([nested])
    payload = json.dumps([nested])
    assert read(payload, embedded=4, depth=9).nodes
    details = refusal(errors.PAYLOAD_TOO_DEEP, lambda: read(payload, embedded=3))
    assert (details["limit"], details["maximum"]) == ("embedded", 3)
    details = refusal(errors.PAYLOAD_TOO_DEEP, lambda: read(payload, depth=8))
    assert details["limit"] == "depth"
    refusal(errors.PAYLOAD_TOO_MANY_VALUES, lambda: read(payload, values=9))
    padded = json.dumps([json.dumps([json.dumps(["x" * 900])])])
    refusal(errors.PAYLOAD_TOO_LARGE, lambda: read(padded, payload_bytes=1_000))


def test_a_key_twice_in_an_embedded_document_is_refused_at_its_place() -> None:
    payload = json.dumps({"a": '{"b":1,"b":2}'})
    details = refusal(errors.DUPLICATE_KEY, lambda: read(payload))
    assert details == {"line": 1, "column": payload.rindex('\\"b') + 1}


def test_a_limit_that_is_passed_in_an_embedded_document_is_told_at_its_place() -> None:
    payload = json.dumps([json.dumps([json.dumps([["x"]])])])
    details = refusal(errors.PAYLOAD_TOO_DEEP, lambda: read(payload, depth=5))
    assert details["column"] == payload.rindex("[") + 1


def test_a_bomb_of_embedded_documents_is_refused_fast() -> None:
    inner = '"' + "x" * 300_000 + '"'
    for _ in range(12):
        inner = '"[' + inner.replace("\\", "\\u005c").replace('"', "\\u0022") + ']"'
    started = time.process_time()
    refusal(errors.PAYLOAD_TOO_LARGE, lambda: read(inner, payload_bytes=1_000_000))
    assert time.process_time() - started < 2
