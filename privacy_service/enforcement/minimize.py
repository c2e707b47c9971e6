"""Minimize: only what the contract permits survives (GDPR Art. 5(1)(c))."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from privacy_service.contracts.model import FieldTerm, TreatmentKind, UnknownFields
from privacy_service.contracts.terms import Terms
from privacy_service.enforcement import reasons
from privacy_service.enforcement.answer import DecisionReason
from privacy_service.payloads.document import Node, NodeKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Minimized:
    """What is left of a document.

    `removed` are the tops of the subtrees that go. `kept` are the scalars that stay, each with
    the term that permits it, and `named` all that stays and has a name, in document order.
    `refused` is why the whole payload may not pass.
    """

    removed: tuple[Node, ...]
    kept: tuple[tuple[Node, FieldTerm], ...]
    named: tuple[Node, ...]
    refused: tuple[DecisionReason, ...]


def minimize(nodes: Sequence[Node], terms: Terms) -> Minimized:
    """Sorts a document's places into what stays and what goes.

    A container stays while something in it stays, or while the contract permits it as such; an
    empty one also where it could hold something permitted. The root stays if it is a container; a
    payload that is one value needs a term for `$` like any other value.
    """
    permits = [terms.field(node.path) for node in nodes]
    stays = _staying(nodes, permits, terms)
    removed = tuple(
        node
        for node in nodes
        if not stays[node.index]
        and (not _spent(node) if node.parent is None else stays[node.parent])
    )
    kept = tuple(
        (node, term)
        for node in nodes
        if node.kind.scalar and stays[node.index] and (term := permits[node.index]) is not None
    )
    return Minimized(
        removed=removed,
        kept=kept,
        named=tuple(node for node in nodes if stays[node.index] and node.key is not None),
        refused=_refusals(nodes, permits, terms.unknown_fields),
    )


def _staying(
    nodes: Sequence[Node], permits: Sequence[FieldTerm | None], terms: Terms
) -> list[bool]:
    """Per node, whether it stays. From the last to the first, so children come before parents."""
    stays = [False] * len(nodes)
    parents = {node.parent for node in nodes}
    for node in reversed(nodes):
        term = permits[node.index]
        permitted = term is not None and term.permit and not _removes(term)
        if not permitted and not node.kind.scalar and node.index not in parents:
            permitted = terms.permits_below(node.path)
        if permitted or (node.parent is None and not node.kind.scalar):
            stays[node.index] = True
        if stays[node.index] and node.parent is not None:
            stays[node.parent] = True
    return stays


def _spent(node: Node) -> bool:
    """Whether a node is a root that holds nothing: what is left of one that was removed."""
    empty = node.kind is NodeKind.NULL or (node.kind is NodeKind.TEXT and not node.text)
    return node.parent is None and empty


def _removes(term: FieldTerm) -> bool:
    return term.treatment is not None and term.treatment.kind is TreatmentKind.REMOVE


def _refuses(term: FieldTerm) -> bool:
    return term.treatment is not None and term.treatment.kind is TreatmentKind.REFUSE


def _refusals(
    nodes: Sequence[Node], permits: Sequence[FieldTerm | None], unknown: UnknownFields
) -> tuple[DecisionReason, ...]:
    """The first refusal of each kind: one is enough, and paths would grow with the payload."""
    found: dict[str, DecisionReason] = {}
    for node, term in zip(nodes, permits, strict=True):
        if term is None:
            if unknown is UnknownFields.REFUSE and node.kind.scalar and not _spent(node):
                found.setdefault(
                    reasons.UNKNOWN_FIELD, reasons.reason(reasons.UNKNOWN_FIELD, path=node.path)
                )
        elif _refuses(term) and node.kind.scalar and node.kind is not NodeKind.NULL:
            found.setdefault(
                reasons.FIELD_REFUSED, reasons.reason(reasons.FIELD_REFUSED, path=node.path)
            )
    return tuple(found.values())
