"""A payload that is a text: rendered by editing that text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from privacy_service import errors
from privacy_service.errors import PrivacyError
from privacy_service.payloads.document import Changes, Node, Unread, pointer
from privacy_service.payloads.json_text import JSON
from privacy_service.payloads.splice import Edit, Plan, by_source, settle, source_of, spliced
from privacy_service.payloads.tree import Tree


class Writer(Protocol):
    """How one content type writes changes."""

    @property
    def empty(self) -> str:
        """The document without its root."""
        ...

    def edits(self, tree: Tree, text: str, plan: Plan) -> Iterable[Edit]:
        """The edits that make the changes; the root is not removed in them.

        Raises TREATMENT_FAILED where a value cannot be written.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TextDocument:
    """A document whose nodes stand in a text, and in texts embedded there."""

    content_type: str
    text: str
    tree: Tree
    writer: Writer

    @property
    def nodes(self) -> Sequence[Node]:
        return self.tree.nodes

    @property
    def unread(self) -> Sequence[Unread]:
        return ()

    def render(self, changes: Changes) -> bytes:
        """See `Document.render`."""
        plan = embedded_rendered(self.tree, settle(self.tree, changes))
        if plan.removed[:1] == [0]:
            return self.writer.empty.encode()
        text = spliced(self.text, self.writer.edits(self.tree, self.text, plan))
        try:
            return text.encode()
        except UnicodeEncodeError:
            raise unwritable(self.tree, changes) from None


def embedded_rendered(tree: Tree, plan: Plan) -> Plan:
    """The plan for the payload's own text: each changed embedded document is a new value there."""
    plans = by_source(tree, plan)
    for source, text in reversed(tree.sources.items()):  # the innermost first
        if source in plans:
            new = spliced(text, JSON.edits(tree, text, plans[source]))
            plans.setdefault(source_of(tree, source), Plan()).values[source] = new
    return plans[None]


def unwritable(tree: Tree, changes: Changes) -> PrivacyError:
    """The refusal of a new text with lone surrogates, which UTF-8 cannot write."""
    texts = [*changes.values.items(), *changes.keys.items()]
    index = next((at for at, new in texts if isinstance(new, str) and _lone(new)), 0)
    return PrivacyError(errors.TREATMENT_FAILED, path=pointer(tree.nodes[index].path))


def _lone(text: str) -> bool:
    return any("\ud800" <= char <= "\udfff" for char in text)
