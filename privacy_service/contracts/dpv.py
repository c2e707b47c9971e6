"""The words for why data is shared: DPV purposes, which form a hierarchy, and legal bases.

A purpose is written `dpv:DeliveryOfGoods`, without the prefix, or as its IRI; all three are the
same purpose. The terms, their source and their licence stand in `dpv.yaml`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import cast

from privacy_service.contracts.shelf import shelved

_PREFIXES = {
    "https://w3id.org/dpv/legal/eu/gdpr#": "eu-gdpr:",
    "https://w3id.org/dpv#": "dpv:",
}


def normalise(term: str) -> str:
    """The term with its short prefix: `DeliveryOfGoods` and its IRI become `dpv:DeliveryOfGoods`.

    Letters are left as they are, and a term that DPV does not know comes back prefixed too.
    """
    for iri, prefix in _PREFIXES.items():
        if term.startswith(iri):
            return prefix + term.removeprefix(iri)
    return term if ":" in term else f"dpv:{term}"


@cache
def purposes() -> frozenset[str]:
    """Every purpose that a contract may name, prefixed."""
    return frozenset(_broader())


@cache
def legal_bases() -> frozenset[str]:
    """Every legal basis that a contract may name, prefixed."""
    return frozenset(cast("Sequence[str]", shelved("dpv.yaml")["legal_bases"]))


@cache
def consent_bases() -> frozenset[str]:
    """The legal bases that rest on the subject's consent, prefixed."""
    return frozenset(cast("Sequence[str]", shelved("dpv.yaml")["consent_bases"]))


def covers(contract_purpose: str, asked: str) -> bool:
    """Whether a contract for one purpose lets data pass for another: the same, or a narrower one.

    A purpose that DPV does not know covers only itself.
    """
    return normalise(contract_purpose) in _self_and_broader(normalise(asked))


def shared(ours: Iterable[str], theirs: Iterable[str]) -> tuple[str, ...]:
    """The broadest purposes that both lists cover, prefixed and sorted.

    Usually the narrower of each pair; two purposes with a common narrower one share that.
    """
    ours, theirs = tuple(ours), tuple(theirs)
    candidates = purposes().union(map(normalise, ours), map(normalise, theirs))
    both = {
        term
        for term in candidates
        if any(covers(one, term) for one in ours) and any(covers(one, term) for one in theirs)
    }
    return tuple(sorted(term for term in both if not (_self_and_broader(term) - {term}) & both))


@cache
def _broader() -> Mapping[str, tuple[str, ...]]:
    written = cast("Mapping[str, Sequence[str]]", shelved("dpv.yaml")["purposes"])
    return {normalise(term): tuple(map(normalise, above)) for term, above in written.items()}


def _self_and_broader(term: str) -> frozenset[str]:
    return _ancestry().get(term, frozenset({term}))


@cache
def _ancestry() -> Mapping[str, frozenset[str]]:
    def climb(term: str) -> frozenset[str]:
        return frozenset({term}).union(*(climb(above) for above in _broader()[term]))

    return {term: climb(term) for term in _broader()}
