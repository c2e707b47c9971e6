"""The fate of decisions under another version of a sharing contract, by what the log has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from privacy_service.contracts.change import Change, Way
from privacy_service.contracts.compile import compile_terms
from privacy_service.contracts.diff import diff
from privacy_service.contracts.entities import canonical
from privacy_service.contracts.impact import Fate
from privacy_service.contracts.merge import stricter
from privacy_service.contracts.model import ContractVersion, TreatmentKind
from privacy_service.contracts.sides import Side
from privacy_service.contracts.terms import Terms
from privacy_service.enforcement.answer import Effect
from privacy_service.errors import PrivacyError
from privacy_service.evidence.entries import AuditEntry

_DECISIONS: Final = frozenset(effect.value for effect in Effect)
_SAYS_NOTHING: Final = (
    "title", "examples", "review_by", "governance.", "retention.", "storage", "legal_basis",
    "party.role", "counterparty.role", "subjects:", "consent_proof.on_withdrawal", "review.within",
    "review.four_eyes", "erased_subjects",
)  # fmt: skip
"""Terms that decide nothing about what passes."""
_GATES: Final = ("consent", "regions", "party.", "counterparty.", "quota", "id", "recipient_key")
"""Terms that ask for what came with a request, which is not kept."""
_TEXTS: Final = ("free_text", "unknown_fields", "review.incomplete")
"""Terms that depend on what stood in the payload."""


@dataclass(frozen=True, slots=True)
class SharingReplay:
    """Judges decisions under `base` as if `candidate` had been in force. `others` are the other
    partner's versions by id and number: where they took part, the stricter of both holds.
    """

    base: ContractVersion
    candidate: ContractVersion
    others: Mapping[tuple[str, int], ContractVersion]
    _changes: tuple[Change, ...] = field(init=False)
    _terms: dict[tuple[str, int] | None, Terms | None] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        found = diff(self.base.contract, self.candidate.contract)
        kept = (one for one in found if not one.path.startswith(_SAYS_NOTHING))
        object.__setattr__(self, "_changes", tuple(kept))

    def fate(self, entry: AuditEntry) -> Fate:
        """What the effect of a transfer would be."""
        if entry.outcome not in _DECISIONS:
            return Fate(why=f"it was refused before it was decided ({entry.outcome})")
        if not self._changes:
            return Fate(outcome=entry.outcome)
        terms = self._with(entry)
        if terms is None or not self._covers(terms, entry):
            return Fate(outcome=Effect.REFUSE.value)
        if entry.outcome == Effect.REFUSE.value:
            return self._refused_before(entry)
        return self._found(entry, terms)

    # -- Parts --------------------------------------------------------------------------------

    def _with(self, entry: AuditEntry) -> Terms | None:
        """The candidate's terms beside the other partner's; None where the two contradict."""
        mine = self.base.contract.id
        other = next(((ref.id, ref.number) for ref in entry.contracts if ref.id != mine), None)
        if other not in self._terms:
            self._terms[other] = self._merged(other, entry)
        return self._terms[other]

    def _merged(self, other: tuple[str, int] | None, entry: AuditEntry) -> Terms | None:
        ours = compile_terms(self.candidate)
        theirs = None if other is None else self.others.get(other)
        sends = self.candidate.contract.party.partner == entry.partner
        beside = None if theirs is None else compile_terms(theirs)
        try:
            return stricter(ours, beside) if sends else stricter(beside, ours)
        except (PrivacyError, ValueError):
            return None

    @staticmethod
    def _covers(terms: Terms, entry: AuditEntry) -> bool:
        begun = terms.effective_from <= entry.at
        until = terms.effective_until
        return (
            (entry.purpose is None or terms.covers(entry.purpose))
            and begun
            and (until is None or entry.at < until)
        )

    def _refused_before(self, entry: AuditEntry) -> Fate:
        """A refusal stays one under stricter terms; under weaker ones the rest would be read."""
        weaker = next((one.path for one in self._changes if one.direction is Way.WEAKENS), None)
        if weaker is None:
            return Fate(outcome=entry.outcome)
        return Fate(why=f"it was refused, and whether {weaker} changes that depends on the payload")

    def _found(self, entry: AuditEntry, terms: Terms) -> Fate:
        kinds = {canonical(one.entity): one.treatment for one in entry.categories}
        changed = {
            one.path.partition(":")[2] for one in self._changes if one.path.startswith("entities:")
        }
        after = {name: _after(terms, name, was, changed) for name, was in kinds.items()}
        if TreatmentKind.REFUSE.value in after.values():
            return Fate(outcome=Effect.REFUSE.value)
        because = self._unknown(terms, kinds, changed)
        if because is not None:
            return Fate(why=because)
        if entry.outcome == Effect.HOLD.value or set(terms.review.entities) & set(kinds):
            held = self._holds(entry, terms, kinds)
            return Fate(outcome=Effect.HOLD.value) if held else Fate(why=_UNHELD)
        removed = "FIELDS_REMOVED" in (entry.reason or "")
        treated = removed or any(kind != TreatmentKind.KEEP.value for kind in after.values())
        return Fate(outcome=(Effect.TREATED if treated else Effect.ALLOW).value)

    @staticmethod
    def _holds(entry: AuditEntry, terms: Terms, kinds: Mapping[str, str]) -> bool:
        return bool(set(terms.review.entities) & set(kinds)) or "COVERAGE_HELD" in (
            entry.reason or ""
        )

    def _unknown(
        self, terms: Terms, kinds: Mapping[str, str], changed: Iterable[str]
    ) -> str | None:
        """Why the decision can't be judged; None where it can."""
        for one in self._changes:
            if one.path.startswith("fields:"):
                return f"which fields a payload had is not kept ({one.path})"
            if one.path.startswith(_GATES):
                return f"what came with a request is not kept ({one.path})"
            if one.path.startswith(_TEXTS):
                return f"what stood in a payload is not kept ({one.path})"
        for name in changed:
            if self._lowered(name):
                return f"what would be found with another threshold is not known (entities:{name})"
            if _is_declared(terms.sides, name, kinds):
                return f"whether a field or the text held it is not kept (entities:{name})"
        return None

    def _lowered(self, name: str) -> bool:
        """Whether more, or less, of an entity would count as found."""
        return _threshold(self.base, name) != _threshold(self.candidate, name)


_UNHELD: Final = "it waited for a person, who decided what is not kept"


def _after(terms: Terms, name: str, was: str, changed: Iterable[str]) -> str:
    """The treatment of an entity that was found: as it was, unless its own term has changed."""
    touched = name in changed or ("default" in changed and not _names(terms, name))
    return terms.entity(name).treatment.kind.value if touched else was


def _names(terms: Terms, name: str) -> bool:
    return all(name in side.entities for side in terms.sides)


def _is_declared(sides: Iterable[Side], name: str, kinds: Mapping[str, str]) -> bool:
    """Whether a field's own treatment, and not the entity's, may have been what was recorded."""
    return name in kinds and any(
        term.treatment is not None for side in sides for term in side.version.contract.fields
    )


def _threshold(version: ContractVersion, name: str) -> float:
    contract = version.contract
    return dict(contract.entities).get(name, contract.other_entities).threshold
