"""Restoring a text: tokens that came back from a recipient, turned into their values again.

A sender gives a text with tokens out, to a language model for example, and gets another text back.
What in it is a token that was minted for exactly this sender, recipient and purpose, and that the
contract lets be revealed, is replaced by its value. Everything else stays what it is: a token that
was forged, invented, minted for another pair, or is dead because its subject was shredded. The text
is gone over once, so a value that reads like a token stays a value. Types and shape survive, as
in every payload.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from privacy_service.enforcement.answer import RestoredEntity
from privacy_service.payloads.document import Changes, Document, NodeKind

TOKEN: Final = re.compile(r"(?<![A-Za-z0-9_])tok_[a-z2-7]{26}(?![A-Za-z0-9_])")
"""What could be a token: the letters of one, and no letter, digit or underscore on either side."""


def tokens_in(document: Document) -> frozenset[str]:
    """Every word in the document's texts and keys that could be a token."""
    return frozenset(word for text in _texts(document) for word in TOKEN.findall(text))


def _texts(document: Document) -> Iterator[str]:
    for node in document.nodes:
        if node.key is not None:
            yield node.key.text
        if node.kind is NodeKind.TEXT:
            yield node.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What changes in the document, and how often what was put in the place of a token."""

    changes: Changes
    entities: tuple[RestoredEntity, ...]
    left: int


def restored(
    document: Document, values: Mapping[str, str], entities: Mapping[str, str]
) -> Restored:
    """The document's tokens replaced by their values, where `values` has one. `entities` says what
    each of them is.
    """
    put: Counter[str] = Counter()
    left = 0

    def replaced(text: str) -> str:
        def one(found: re.Match[str]) -> str:
            nonlocal left
            value = values.get(found[0])
            if value is None:
                left += 1
                return found[0]
            put[entities[found[0]]] += 1
            return value

        return TOKEN.sub(one, text)

    new_values, new_keys = {}, {}
    for node in document.nodes:
        if node.key is not None and (key := replaced(node.key.text)) != node.key.text:
            new_keys[node.index] = key
        if node.kind is NodeKind.TEXT and (text := replaced(node.text)) != node.text:
            new_values[node.index] = text
    return Restored(
        changes=Changes(values=new_values, keys=new_keys),
        entities=tuple(
            RestoredEntity(entity=entity, count=count) for entity, count in sorted(put.items())
        ),
        left=left,
    )
