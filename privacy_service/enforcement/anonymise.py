"""Anonymise: what a retention schedule lets stay of a record once its time is over.

Only the fields that the schedule names stay, as they are or coarser. Everything else goes: other
fields, member names that the schedule does not itself name, and every word that stands for a value
(a token, a keyed hash, a ciphertext), wherever it is. So does what does not take its coarser form.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from privacy_service.contracts.model import TreatmentKind
from privacy_service.contracts.paths import parse
from privacy_service.contracts.trie import Trie
from privacy_service.enforcement.generalize import generalize
from privacy_service.payloads.document import Changes, Document, NewValue, Node, NodeKind
from privacy_service.schedules.schedule import Staying

_STANDS_FOR_A_VALUE: Final = re.compile(r"\btok_[a-z2-7]{26}\b|\b[0-9a-f]{64}\b|\bhpke:v1:")


@dataclass(frozen=True, slots=True)
class _Gone:
    """A value of which nothing stays."""


def anonymous(document: Document, staying: Iterable[Staying]) -> bytes | None:
    """The payload with what stays; None where nothing does."""
    trie = Trie((parse(one.path), one) for one in staying)
    values: dict[int, NewValue] = {}
    stays: set[int] = set()
    for node in document.nodes:
        if not node.kind.scalar:
            continue
        left = _left(node, trie)
        if isinstance(left, _Gone):
            continue
        if left != node.text:
            values[node.index] = left
        stays |= set(_upwards(document, node))
    if not stays:
        return None
    gone = frozenset(
        node.index
        for node in document.nodes
        if node.index not in stays and (node.parent is None or node.parent in stays)
    )
    return document.render(Changes(removed=gone, values=values))


def _left(node: Node, trie: Trie[Staying]) -> NewValue | _Gone:
    """What stays of a value."""
    *_, matching = trie.places(node.path)
    named = all(isinstance(step, int) or step in trie.vocabulary for step in node.path)
    if not matching or not named or _STANDS_FOR_A_VALUE.search(node.text):
        return _Gone()
    term = max(matching, key=lambda entry: entry.pattern.specificity).value
    if term.treatment.kind is TreatmentKind.KEEP:
        return node.text
    coarser = generalize(node.text, term.treatment)
    if coarser is None:
        return _Gone()
    number = node.kind is NodeKind.NUMBER and re.fullmatch(r"-?\d{1,30}", coarser)
    return int(coarser) if number else coarser


def _upwards(document: Document, node: Node) -> Iterator[int]:
    """The node and all that it stands in."""
    at: Node | None = node
    while at is not None:
        yield at.index
        at = None if at.parent is None else document.nodes[at.parent]
