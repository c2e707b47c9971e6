"""Examples that name somebody: found in a contract's text, of either kind, and cut out of it.

An example is no term: what a version permits is the same with it and without it, and so the version
keeps its number and its digest when one is cut.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from io import StringIO
from typing import Final, cast

from ruamel.yaml import YAML

from privacy_service.contracts.faults import ContractFault
from privacy_service.contracts.source import Plain, read_source
from privacy_service.contracts.write import as_yaml
from privacy_service.contracts.written import Written

_EXAMPLES: Final = "examples"
_NEVER_FOLD: Final = 2**20


def example_texts(source: str) -> tuple[str, ...]:
    """Each example of a contract as one text, in order: equal examples, equal texts, whatever their
    spacing. None of a contract that this release cannot read.
    """
    try:
        tree = read_source(source, name="contract").plain()
    except ContractFault:
        return ()
    examples = tree.get(_EXAMPLES) if isinstance(tree, dict) else None
    return tuple(map(_compact, examples)) if isinstance(examples, list) else ()


def names(example: str, identifier: str) -> bool:
    """Whether an example, as `example_texts` has it, holds an identifier."""
    found = _whole(identifier)
    return any(found.search(text) for text in _strings(json.loads(example)))


def holds(source: str, identifier: str) -> bool:
    """Whether a contract holds an identifier anywhere, comments included."""
    found = _whole(identifier)
    if found.search(source):
        return True
    try:
        tree = read_source(source, name="contract").plain()
    except ContractFault:
        return False
    return any(found.search(text) for text in _strings(tree))


def without_examples(source: str, cut: frozenset[int], *, says: str) -> str:
    """The contract without the examples at these places, and a line in front that `says` so. All
    else means what it meant, and stands as it stood where it can.
    """
    expected = _expected(_plain(source), cut)
    kept = _cut_in_place(source, cut)
    # No contract has a null in it, which is all that the two types differ by.
    text = kept if _plain(kept) == expected else as_yaml(cast("Written", expected))
    return f"# {says}\n{text}"


def _cut_in_place(source: str, cut: frozenset[int]) -> str:
    """With comments, quotes and order as they are."""
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = _NEVER_FOLD
    yaml.indent(mapping=2, sequence=4, offset=2)
    tree = yaml.load(source)
    for place in sorted(cut, reverse=True):
        del tree[_EXAMPLES][place]
    if not tree[_EXAMPLES]:
        del tree[_EXAMPLES]
    out = StringIO()
    yaml.dump(tree, out)
    return out.getvalue()


def _expected(tree: dict[str, Plain], cut: frozenset[int]) -> dict[str, Plain]:
    examples = tree[_EXAMPLES]
    assert isinstance(examples, list)
    left: list[Plain] = [one for place, one in enumerate(examples) if place not in cut]
    rest = {name: value for name, value in tree.items() if name != _EXAMPLES}
    return {**rest, _EXAMPLES: left} if left else rest


def _plain(source: str) -> dict[str, Plain]:
    tree = read_source(source, name="contract").plain()
    if not isinstance(tree, dict):
        raise ValueError("a contract is a mapping")
    return tree


def _whole(identifier: str) -> re.Pattern[str]:
    """Finds an identifier in whatever case, and not as a part of another one: `C-77` is not in
    `C-7712`, nor `maria@mail.example` in `anna.maria@mail.example`.
    """
    text = re.escape(identifier)
    return re.compile(rf"(?<![\w+-])(?<!\w\.){text}(?![\w-])(?!\.\w)", re.IGNORECASE)


def _strings(value: Plain) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)
    elif value is not None and not isinstance(value, bool):
        yield str(value)


def _compact(example: Plain) -> str:
    return json.dumps(example, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
