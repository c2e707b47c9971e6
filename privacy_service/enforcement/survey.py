"""Survey: every finding in payloads, under no contract. What `Inspect` answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from privacy_service.enforcement.answer import InspectAnswer, LocatedFinding
from privacy_service.enforcement.beside import names_beside
from privacy_service.enforcement.deadline import Deadline
from privacy_service.enforcement.findings import Detector, Place
from privacy_service.enforcement.inspect import Inspector, Look, Seen, Tally, merged
from privacy_service.payloads.document import Document, Limits, NodeKind, pointer


def survey(
    documents: Sequence[Document],
    *,
    threshold: float,
    detector: Detector,
    deadline: Deadline,
    limits: Limits,
    prose: bool = True,
) -> list[InspectAnswer]:
    """Per document, the findings that score at least `threshold`, in order, without overlap.

    The documents go to the detector together. `limits.findings` bounds each of them. Without
    `prose` no language model reads them.
    """
    looks = [list(_looks(document, prose=prose)) for document in documents]
    inspector = Inspector(detector, deadline, limits)
    seen = iter(inspector.look([look for several in looks for look in several]))
    answers = []
    for document, several in zip(documents, looks, strict=True):
        own = [next(seen) for _ in several]
        _add_across(inspector, document, several, own, prose=prose)
        inspector.require_bounded(own)
        answers.append(_answer(document, several, own, threshold))
    return answers


def _answer(
    document: Document, looks: Sequence[Look], seen: Sequence[Seen], threshold: float
) -> InspectAnswer:
    tally = Tally()
    findings: list[LocatedFinding] = []
    for look, one in zip(looks, seen, strict=True):
        (tally.value if look.place is Place.VALUE else tally.key)(one, look.node.path)
        findings.extend(_located(look, one, threshold))
    for part in document.unread:
        tally.unread(part)
    return InspectAnswer(findings=tuple(findings), coverage=tally.coverage(rounds=1))


def _add_across(
    inspector: Inspector,
    document: Document,
    looks: Sequence[Look],
    seen: list[Seen],
    *,
    prose: bool,
) -> None:
    """Adds what lies across elements, to what each of its parts came to."""
    values = {look.node.index: at for at, look in enumerate(looks) if look.place is Place.VALUE}
    for index, more in inspector.look_across(document.nodes, values, document.nodes, prose=prose):
        seen[values[index]] = seen[values[index]].and_also(more)


def _looks(document: Document, *, prose: bool) -> Iterator[Look]:
    places: set[tuple[int, int, str]] = set()
    named = names_beside(document.nodes)
    for node in document.nodes:
        # The header of a table is the key of every row, but stands in the payload once.
        if node.key is not None:
            at = (*node.key.origin.span(0, len(node.key.text)), node.key.text)
            if at not in places:
                yield Look(node, Place.KEY, node.key.text, None, prose=prose)
            places.add(at)
        if node.kind.scalar:
            is_text = node.kind is NodeKind.TEXT
            name = named.get(node.index)
            yield Look(node, Place.VALUE, node.text, None, prose=prose and is_text, named=name)


def _located(look: Look, seen: Seen, threshold: float) -> Iterator[LocatedFinding]:
    node = look.node
    origin = node.key.origin if look.place is Place.KEY and node.key else node.origin
    for span in merged(span for span in seen.spans if span.score >= threshold):
        start, end = origin.span(span.start, span.end)
        yield LocatedFinding(
            entity=span.entity,
            path=pointer(node.path),
            place=look.place,
            start=span.start,
            end=span.end,
            original_start=start,
            original_end=end,
            score=span.score,
            detector=span.detector,
        )
