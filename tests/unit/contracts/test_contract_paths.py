"""Patterns of paths: what is taken, what is refused and where."""

from __future__ import annotations

import pytest

from privacy_service.contracts.paths import PathError, parse, written


@pytest.mark.parametrize(
    ("text", "sample"),
    [
        ("$", ()),
        ("", ()),
        ("$.a.b", ("a", "b")),
        ("$['first name']", ("first name",)),
        ("$.order['@id']", ("order", "@id")),
        ("$.items[*].sku", ("items", "*", "sku")),
        ("$.items[0]", ("items", 0)),
        ("$..email", ("email",)),
        ("$..[0]", (0,)),
        ("$.straße", ("straße",)),
        ("/a/b", ("a", "b")),
        ("/a~1b/c~0d", ("a/b", "c~d")),
        ("/items/*/sku", ("items", "*", "sku")),
        ("/items/0", ("items", "0")),
        ("/", ("",)),
        ("/@id", ("@id",)),
    ],
)
def test_patterns_that_are_taken(text: str, sample: tuple[object, ...]) -> None:
    assert parse(text).sample == sample


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("a.b", 0),
        ("$.a[?@.b]", 3),
        ("$.a[1:2]", 3),
        ("$.a[-1]", 3),
        ("$['a','b']", 1),
        ("$.a.length()", 10),
        ("$.a.", 4),
        ("$.a[", 4),
        ("$.a b", 4),
        ("$.a | $.b", 4),
        ("/a~2", 2),
        ("/a/b~", 4),
        ("$" + ".a" * 101, 0),
        ("$" + ".a" * 2000, 0),
        ("$[?" + "(" * 900, 0),
    ],
)
def test_patterns_that_are_refused_and_where(text: str, offset: int) -> None:
    with pytest.raises(PathError) as refused:
        parse(text)
    if offset:
        assert refused.value.offset == offset
    assert refused.value.fix


def test_specificity_is_names_then_indexes_then_descents_then_wildcards() -> None:
    order = ["$..*", "$.*", "$..[0]", "$[0]", "$..a", "$.a", "$.*.a.b", "$.a.b.c"]
    assert sorted(order, key=lambda text: parse(text).specificity) == order


def test_a_path_is_written_as_a_jsonpath() -> None:
    assert written(()) == "$"
    assert written(("items", 0, "sku")) == "$.items[0].sku"
    assert written(("first name", "it's", "a\\b", "straße")) == (
        "$['first name']['it\\'s']['a\\\\b']['straße']"
    )
