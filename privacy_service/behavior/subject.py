"""What is judged: one prompt or one output, read, with all that came along with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar

from privacy_service.behavior.measures import Measures
from privacy_service.behavior.model import Side, Source
from privacy_service.behavior.tokens import CountTokens, no_tokenizer
from privacy_service.enforcement.beside import names_beside
from privacy_service.enforcement.findings import Gap, Place
from privacy_service.enforcement.inspect import Inspector, Look, Seen
from privacy_service.payloads.canonical import View, Views, views
from privacy_service.payloads.document import Changes, Document, Node, NodeKind, Unread
from privacy_service.payloads.plain_text import plain

T = TypeVar("T")
LanguageOf = Callable[[str], str | None]
"""The language of a text (ISO 639-1), or None if it says too little to tell."""


class TextSpan(NamedTuple):
    """Code points `start` to `end` of the value of one node."""

    node: int
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """What came along: it is never released, and never looked at but to compare.

    `confidence` is what the caller states, from 0 to 1; `latency_ms` how long the model took.
    `intent` (what the person wanted) and `rationale` (why the model says so) are for whoever
    reviews it, and nothing else looks at them.
    """

    prompt: str | None = field(default=None, repr=False)
    system_prompt: str | None = field(default=None, repr=False)
    sources: tuple[Source, ...] = ()
    confidence: float | None = None
    latency_ms: int | None = None
    attempt: int = 1
    use_case: str | None = None
    intent: str | None = field(default=None, repr=False)
    rationale: str | None = field(default=None, repr=False)


class _Once(Generic[T]):
    """Something of a subject that is worked out when it is first asked for, and then kept.

    `functools.cached_property` takes a lock for that (until Python 3.12), which costs more than
    most of what is worked out. A subject is judged in one thread.
    """

    def __init__(self, work: Callable[[Subject], T]) -> None:
        self._work = work
        self._name = work.__name__
        self.__doc__ = work.__doc__

    def __get__(self, subject: Subject, _owner: type[Subject]) -> T:
        worked_out = self._work(subject)
        subject.__dict__[self._name] = worked_out
        return worked_out


class Subject:
    """One prompt or output to judge, in one thread. What is asked of it is worked out once."""

    def __init__(
        self,
        *,
        side: Side,
        content: bytes,
        document: Document,
        company: Company,
        inspector: Inspector,
        language_of: LanguageOf,
        classify: Callable[[str, str], Mapping[str, float]] | None = None,
        count_tokens: CountTokens = no_tokenizer,
    ) -> None:
        self.side = side
        self.content = content
        self.document = document
        self.company = company
        self._inspector = inspector
        self._language_of = language_of
        self._classify = classify
        self._count_tokens = count_tokens
        self._scores: dict[str, Mapping[str, float]] = {}
        self._seen_of: dict[frozenset[str], Sequence[tuple[Node, Seen]]] = {}

    @_Once
    def nodes(self) -> tuple[Node, ...]:
        """The values that hold text, in order."""
        return tuple([node for node in self.document.nodes if node.kind is NodeKind.TEXT])

    @_Once
    def text(self) -> str:
        """All its text: the values, one after the other on lines of their own."""
        return "\n".join(node.text for node in self.nodes)

    @_Once
    def measures(self) -> Measures:
        """Counts of `text`; where the payload is an array, `items` are its elements."""
        return Measures(self.text)

    @_Once
    def elements(self) -> int | None:
        """The elements of the payload, if it is an array as a whole."""
        root = self.document.nodes[0]
        if root.kind is not NodeKind.ARRAY:
            return None
        return sum(1 for node in self.document.nodes if node.parent == root.index)

    @_Once
    def language(self) -> str | None:
        """The language of `text`, if it says enough to tell."""
        return self._language_of(self.text)

    def tokens(self, tokenizer: str) -> int:
        """How many tokens `text` is to a tokenizer. Raises TokenizerFault."""
        return self._count_tokens(tokenizer, self.text)

    def scores(self, classifier: str) -> Mapping[str, float]:
        """What a classifier says of `text`, asked once; nothing where there is none to ask. Raises
        ClassifierFault.
        """
        if self._classify is None:
            return {}
        if classifier not in self._scores:
            self._scores[classifier] = self._classify(classifier, self.text)
        return self._scores[classifier]

    @_Once
    def views(self) -> tuple[tuple[Node, View], ...]:
        """Every value in every form in which a person could read it."""
        return tuple([(node, view) for node, forms in self._forms for view in forms.views])

    @_Once
    def encoded(self) -> tuple[tuple[Node, View, bytes], ...]:
        """`views`, with each text in UTF-8: a lone surrogate is one `?` there."""
        return tuple(
            [
                (node, view, view.text.encode("utf-8", "replace"))
                for node, forms in self._forms
                for view in forms.views
            ]
        )

    @property
    def has_more_forms(self) -> bool:
        """Whether a value may have forms that were not made, for there are bounds to it."""
        return any(forms.bounded for _node, forms in self._forms)

    @_Once
    def _forms(self) -> tuple[tuple[Node, Views], ...]:
        texts = [node for node in self.document.nodes if node.kind is NodeKind.TEXT]
        return tuple([(node, views(node.text)) for node in texts])

    @_Once
    def seen(self) -> Sequence[tuple[Node, Seen]]:
        """What the detector finds in each value, numbers too.

        Raises what the detector raises, and DEADLINE_PASSED.
        """
        return self._looked(None)

    def seen_of(self, only: frozenset[str]) -> Sequence[tuple[Node, Seen]]:
        """What the detector finds of these entities, and perhaps others; asked once. Raises what
        `seen` does.
        """
        if "seen" in self.__dict__:
            return self.seen
        if only not in self._seen_of:
            self._seen_of[only] = self._looked(only)
        return self._seen_of[only]

    def _looked(self, only: frozenset[str] | None) -> Sequence[tuple[Node, Seen]]:
        looked = [n for n in self.document.nodes if n.kind in (NodeKind.TEXT, NodeKind.NUMBER)]
        named = names_beside(self.document.nodes)
        forms = {node.index: read for node, read in self._forms}
        looks = [
            Look(
                node,
                Place.VALUE,
                node.text,
                None,
                prose=node.kind is NodeKind.TEXT,
                named=named.get(node.index),
                only=only,
                forms=forms.get(node.index),
            )
            for node in looked
        ]
        return list(zip(looked, self._inspector.look(looks), strict=True))

    @_Once
    def gaps(self) -> frozenset[Gap]:
        """What the detector could not look at."""
        return frozenset(gap for _node, seen in self.seen for gap in seen.gaps)


@dataclass(frozen=True, slots=True)
class _PlainPart:
    """A part of a plain text, as a document of one value."""

    nodes: tuple[Node, ...]
    content_type: str = "text/plain"
    unread: tuple[Unread, ...] = ()

    def render(self, changes: Changes) -> bytes:
        """See `Document.render`: the text, or what stands for it."""
        (node,) = self.nodes
        return plain(changes.values.get(node.index, node.text)).encode()


def part_of(
    text: str, *, side: Side, company: Company, inspector: Inspector, language_of: LanguageOf
) -> Subject:
    """A part of a plain text as a subject of its own."""
    node = Node(0, NodeKind.TEXT, (), None, text, 0)
    return Subject(
        side=side,
        content=b"",
        document=_PlainPart((node,)),
        company=company,
        inspector=inspector,
        language_of=language_of,
    )
