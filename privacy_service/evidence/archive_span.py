"""What an archive shows of its own completeness: the span of the log that its period takes up.

Whoever makes an archive chooses what goes in, and no proof of an entry says that another one was
not left out. For a period that can be shown: the archive then has the leaf hash of every entry
between the period's first and its last, in `span.txt`, which make the root only if none is missing.
So it is seen how many of them are withheld, and where; in one of a period alone, none may be.

    first 120             the position of the first leaf
    end 4000              the position after the last one
    before 4c1f…          the subtrees before, from left to right, in base64
    leaf 9f1d…            every leaf
    after 77c0…           the subtrees after
"""

from __future__ import annotations

import base64
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from privacy_service.evidence.entries import AuditEntry
from privacy_service.evidence.merkle import ProofInvalid, RangeProof, verify_range
from privacy_service.evidence.note import NoteInvalid, decode_base64

SPAN: Final = "span.txt"
MOST_PLACES: Final = 100_000
"""Entries in a span. An archive of a longer period has none."""
_PERIOD: Final = frozenset({"since", "until"})
_WORD: Final = "that none of them belongs to the case is the word of whoever made the archive"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The leaf hashes of every entry from position `first` on, and what they need to be proven."""

    first: int
    leaves: tuple[bytes, ...]
    proof: RangeProof

    @property
    def end(self) -> int:
        """The position after the last one."""
        return self.first + len(self.leaves)

    @property
    def text(self) -> str:
        """The span as a file."""
        lines = [f"first {self.first}", f"end {self.end}"]
        named = (("before", self.proof.before), ("leaf", self.leaves), ("after", self.proof.after))
        lines += (
            f"{name} {base64.b64encode(one).decode()}" for name, many in named for one in many
        )
        return "".join(f"{line}\n" for line in lines)

    @classmethod
    def parse(cls, text: str) -> Span:
        """Reads a span. Raises ValueError for what `text` would not write."""
        words = [line.partition(" ") for line in text.splitlines()]
        hashes: dict[str, list[bytes]] = {"before": [], "leaf": [], "after": []}
        try:
            for name, _, word in words[2:]:
                hashes[name].append(decode_base64(word))
            span = cls(
                first=int(words[0][2]),
                leaves=tuple(hashes["leaf"]),
                proof=RangeProof(before=tuple(hashes["before"]), after=tuple(hashes["after"])),
            )
        except (NoteInvalid, LookupError) as error:
            raise ValueError("it is no span") from error
        if span.text != text:
            raise ValueError("it is not in canonical form")
        return span


def is_of_period(asked: Mapping[str, Any]) -> bool:
    """Whether a period was asked for, as `archive.asked` has it."""
    return not _PERIOD.isdisjoint(asked)


def is_of_period_alone(asked: Mapping[str, Any]) -> bool:
    """Whether a period was asked for and nothing else: then all of it belongs to the case."""
    return is_of_period(asked) and _PERIOD.issuperset(asked)


def completeness(
    asked: Mapping[str, Any], span: Span | None, here: Collection[int], size: int
) -> str:
    """What the archive shows of its being complete, in a sentence. `here` are the positions of its
    entries, `size` that of the log.
    """
    if span is None:
        shown = f"{len(here)} of the log's {size} entries are here, and {size - len(here)} are not"
        if is_of_period(asked):
            shown += "; how many of the period these are is not shown"
        return f"{shown}: {_WORD}"
    within = sum(span.first <= position < span.end for position in here)
    withheld = len(span.leaves) - within
    where = f"positions {span.first} to {span.end - 1}, without a gap"
    if not withheld:
        return f"complete: every entry of the period is here ({where}: {within})"
    return (
        f"the period takes up {where}: {within} of its {len(span.leaves)} entries are here, and "
        f"{withheld} are withheld; {_WORD}"
    )


def faults(
    span: Span, asked: Mapping[str, Any], *, digests: Mapping[int, bytes], size: int, root: bytes
) -> Iterator[str]:
    """What is wrong with a span. `digests` are the leaf hashes of the archive's entries, by their
    positions.
    """
    try:
        verify_range(span.leaves, first=span.first, size=size, proof=span.proof, root=root)
    except ProofInvalid as invalid:
        yield f"it is not the log's: {invalid}"
        return
    for position, digest in zip(range(span.first, span.end), span.leaves, strict=True):
        if position not in digests:
            if is_of_period_alone(asked):
                yield f"entry {position} of the period is withheld"
        elif digests[position] != digest:
            yield f"entry {position} is another one here"


def misplaced(
    span: Span, asked: Mapping[str, Any], *, read: Mapping[int, AuditEntry], size: int
) -> Iterator[str]:
    """Why the span is not the period's: an entry of the period beside it, or, where all of the
    period belongs to the case, nothing that shows where it begins and ends.
    """
    since, until = (_instant(asked.get(name)) for name in ("since", "until"))

    def within(entry: AuditEntry) -> bool:
        return (since is None or entry.at >= since) and (until is None or entry.at < until)

    for position, entry in read.items():
        if not span.first <= position < span.end and within(entry):
            yield f"entry {position} is of the period, and not in its span"
    if not is_of_period_alone(asked):
        return
    if span.first and (since is None or span.first - 1 not in read):
        yield f"nothing shows that the period does not begin before position {span.first}"
    if span.end < size and (until is None or span.end not in read):
        yield f"nothing shows that the period ends before position {span.end}"


def _instant(written: Any) -> datetime | None:
    return datetime.fromisoformat(written) if isinstance(written, str) else None
