"""Examples in contracts that hold an identifier of a person who is erased: cut, version by version.

Versions are immutable in what they permit: number, digest and every term stay. An example is no
term, and is gone from each version that has it. Where an identifier stands in other words of a
contract, no version is changed, and the receipt says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Final

from privacy_service.contracts.cutting import example_texts, holds, names, without_examples
from privacy_service.custody.protections import Protections
from privacy_service.store.contract_texts import ContractText
from privacy_service.store.rows import UnwrittenTombstone
from privacy_service.store.views import View, Writing
from privacy_service.subjects.erasures import Count, Thing
from privacy_service.subjects.examples import NamedExample, mark_of
from privacy_service.subjects.journal import Buried
from privacy_service.subjects.kept import KeptThing
from privacy_service.subjects.requests import SubjectRequest

Digests = Callable[[bytes], tuple[str, ...]]
"""Keyed digests of bytes under every key version, the current one first."""
_LABEL: Final = b"contract example\n"
_BATCH: Final = 5
"""Versions that one transaction changes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """An example that goes, in one version: at which places it stands."""

    example: NamedExample
    text: ContractText
    places: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """One version without an example that it has."""

    spot: Spot
    text: str


def named_in(view: View, identifiers: Iterable[str], digests: Digests, *, limit: int) -> set[str]:
    """What a request keeps of contracts that hold an identifier: the examples, and the versions
    that have it in other words as well.
    """
    found: set[str] = set()
    for identifier in identifiers:
        for text in view.contract_texts.holding(identifier, limit=limit):
            if not holds(text.source, identifier):
                continue  # it is a part of another word
            examples = [one for one in example_texts(text.source) if names(one, identifier)]
            for one in examples:
                mark = mark_of(_digests(one, digests)[0])
                found.add(str(NamedExample(contract=text.id, mark=mark)))
            if not examples or _elsewhere(text, examples, identifier):
                found.add(f"{text.id} version {text.number}")
    return found


def spots(view: View | Writing, request: SubjectRequest, digests: Digests) -> Iterator[Spot]:
    """Where the examples of a request stand, version by version."""
    for written in request.contracts:
        example = NamedExample.parse(written)
        if example is not None:
            yield from _spots(view, example, digests)


def counted(
    view: View, request: SubjectRequest, digests: Digests, protections: Protections
) -> tuple[Count, ...]:
    """The examples that are there, with why they must be kept."""
    found = list(spots(view, request, digests))
    reasons = protections(view, [_kept(one, request) for one in found], request_id=request.id)
    return tuple(_count(one, reason=why) for one, why in zip(found, reasons, strict=True))


def prepared(view: View, request: SubjectRequest, digests: Digests, *, at: datetime) -> list[Cut]:
    """The next versions without the examples of a request: reading them takes longer than a
    transaction should.
    """
    return [
        _cut(spot, at=at, why=request.id) for spot in islice(spots(view, request, digests), _BATCH)
    ]


def cut_each(
    tx: Writing,
    request: SubjectRequest,
    cuts: Sequence[Cut],
    protections: Protections,
    *,
    at: datetime,
) -> tuple[Count, ...]:
    """Puts the versions without the examples in their place, where nothing protects them and they
    are still as they were. What was cut.
    """
    reasons = protections(tx, [_kept(one.spot, request) for one in cuts], request_id=request.id)
    return tuple(
        _count(one.spot)
        for one, why in zip(cuts, reasons, strict=True)
        if not why and _put(tx, one, at=at)
    )


def bury(tx: Writing, word: str, digests: Digests, *, at: datetime) -> None:
    """Cuts an example again that a restored backup brought back, by the name that it has in the
    tombstone journal.
    """
    contract, _, mark = word.rpartition("/")
    example = NamedExample(contract=contract, mark=mark)
    for spot in list(_spots(tx, example, digests)):
        _put(tx, _cut(spot, at=at, why="a backup had brought it back"), at=at)


def example_names(view: View, party: str, digests: Digests) -> Iterator[str]:
    """Every name under which the tombstone journal may know an example of a party's contracts."""
    for text in view.contract_texts.of_party(party):
        for one in example_texts(text.source):
            for digest in _digests(one, digests):
                yield name_of(NamedExample(contract=text.id, mark=mark_of(digest)))


def name_of(example: NamedExample) -> str:
    """Its name for the tombstone journal."""
    return f"{example.contract}/{example.mark}"


def _cut(spot: Spot, *, at: datetime, why: str) -> Cut:
    says = f"An example was erased on {at:%Y-%m-%d} ({why}). The terms and their digest stay."
    return Cut(spot=spot, text=without_examples(spot.text.source, spot.places, says=says))


def _put(tx: Writing, one: Cut, *, at: datetime) -> bool:
    """Puts it in the place of the version as it was, and the journal gets to know of it."""
    if not tx.contract_texts.rewrite(one.spot.text, one.text):
        return False
    tx.contracts.touch()
    name = name_of(one.spot.example)
    tx.tombstones.note(
        UnwrittenTombstone(kind=Buried.EXAMPLE, partner=one.spot.text.party, word=name, at=at)
    )
    return True


def _spots(view: View | Writing, example: NamedExample, digests: Digests) -> Iterator[Spot]:
    for text in view.contract_texts.versions(example.contract):
        places = frozenset(
            place
            for place, one in enumerate(example_texts(text.source))
            if example.is_one_of(_digests(one, digests))
        )
        if places:
            yield Spot(example=example, text=text, places=places)


def _digests(example: str, digests: Digests) -> tuple[str, ...]:
    return digests(_LABEL + example.encode("utf-8", "surrogatepass"))


def _elsewhere(text: ContractText, examples: list[str], identifier: str) -> bool:
    """Whether the identifier stands in other words of the version, too."""
    places = frozenset(
        place for place, one in enumerate(example_texts(text.source)) if one in examples
    )
    left = without_examples(text.source, places, says="")
    return holds(left, identifier)


def _kept(spot: Spot, request: SubjectRequest) -> KeptThing:
    return KeptThing(
        partners=(spot.text.party, spot.text.other),
        subjects=request.digests,
        contracts=(spot.text.id,),
    )


def _count(spot: Spot, *, reason: str = "") -> Count:
    return Count(
        partner=spot.text.party, thing=Thing.EXAMPLE, reason=reason, count=len(spot.places)
    )
