"""Reads a rule pack's YAML, or says all that is wrong with it, with line and column."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from privacy_service.contracts.faults import ContractFault, Fault
from privacy_service.contracts.source import Node, read_source
from privacy_service.contracts.telling import Marked, Teller, fault_at
from privacy_service.law import shape
from privacy_service.law.faults import LawFault
from privacy_service.law.rules import (
    Basis,
    Confidence,
    Content,
    Counting,
    Deadline,
    Encryption,
    Extension,
    Pack,
    Pause,
    Period,
    Place,
    Rule,
    Threshold,
)

_TELLER: Final = Teller(
    models={
        "": (shape.PackShape,),
        "defaults": (shape.Shared,),
        "effective": (shape.EffectiveShape,),
        "countings": (shape.CountingShape,),
        "places": (shape.PlaceShape,),
        "rules": (shape.RuleShape,),
        "deadline": (shape.DeadlineShape,),
        "earlier_of": (shape.PeriodShape,),
        "target": (shape.PeriodShape,),
        "threshold": (shape.ThresholdShape,),
        "encryption": (shape.EncryptionShape,),
        "extensions": (shape.ExtensionShape,),
        "pauses": (shape.PauseShape,),
        "contents": (shape.ContentShape,),
    },
    guide="docs/law.md",
)
_NEEDED: Final = ("concerns", "regime", "jurisdiction", "source", "verified_on", "confidence")
"""What each rule has to have, of itself or from the pack's defaults."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading(Marked):
    """A pack, and where its keys stand."""

    pack: Pack
    name: str


def read(text: str, *, name: str, ours: bool = False) -> Reading:
    """The pack that `text` writes; `ours`: it ships with the product. Raises LawFault with as many
    faults as can be told at once.
    """
    try:
        root = read_source(text, name=name, ours=ours)
    except ContractFault as unreadable:
        raise LawFault(name, unreadable.faults) from None
    if root.members is None:
        raise LawFault(name, [fault_at(root, (), "a rule pack is a mapping", "start with id:")])
    try:
        shaped = shape.PackShape.model_validate(root.plain())
    except ValidationError as error:
        raise LawFault(name, _TELLER.faults(root, error)) from None
    faults = list(_gaps(root, shaped))
    if faults:
        raise LawFault(name, faults)
    return Reading(pack=_pack(shaped), root=root, name=name)


def _gaps(root: Node, pack: shape.PackShape) -> Iterator[Fault]:
    """What a rule leaves to defaults that the pack does not have."""
    for index, rule in enumerate(pack.rules):
        place = ("rules", index, "id")
        for key in _NEEDED:
            if _said(rule, pack, key) is None:
                fix = f"add `{key}` to the rule or to `defaults`"
                yield fault_at(root, place, f"`{rule.id}` has no `{key}`", fix)
        confirmed = _said(rule, pack, "confidence") is Confidence.CONFIRMED
        if confirmed and _said(rule, pack, "confirmed_by") is None:
            says = f"`{rule.id}` is confirmed, and nobody is named who did"
            yield fault_at(root, place, says, "add `confirmed_by` with name and role")


def _said(rule: shape.RuleShape, pack: shape.PackShape, key: str) -> Any:
    own = getattr(rule, key)
    return getattr(pack.defaults, key) if own is None else own


# -- From the reading models to the model ---------------------------------------------------------


def _pack(written: shape.PackShape) -> Pack:
    return Pack(
        id=written.id,
        title=written.title,
        rules=tuple(_rule(rule, written) for rule in written.rules),
        countings=tuple(_counting(one) for one in written.countings),
        places=tuple(_place(one) for one in written.places),
        replaces=tuple(written.replaces),
    )


def _counting(written: shape.CountingShape) -> Counting:
    return Counting(
        id=written.id,
        citation=written.citation,
        source=written.source,
        verified_on=written.verified_on,
        confidence=written.confidence,
        event_hour_counts=written.event_hour == "counts",
        hours_roll=written.hours_roll,
        days_roll=written.days_roll,
        doubt=written.doubt,
        digest=_digest(written),
    )


def _place(written: shape.PlaceShape) -> Place:
    return Place(
        id=written.id,
        name=written.name,
        within=tuple(written.within),
        time_zone=written.time_zone,
        calendar=written.calendar,
    )


def _rule(written: shape.RuleShape, pack: shape.PackShape) -> Rule:
    effective = _said(written, pack, "effective") or shape.EffectiveShape()
    rule = Rule(
        id=written.id,
        pack=pack.id,
        title=written.title,
        concerns=_said(written, pack, "concerns"),
        regime=_said(written, pack, "regime"),
        jurisdiction=_said(written, pack, "jurisdiction"),
        basis=_said(written, pack, "basis") or Basis.LAW,
        duty=written.duty,
        recipient=written.recipient,
        to=written.to,
        citation=written.citation,
        source=_said(written, pack, "source"),
        verified_on=_said(written, pack, "verified_on"),
        confidence=_said(written, pack, "confidence"),
        confirmed_by=_said(written, pack, "confirmed_by"),
        note=written.note,
        effective_from=effective.start,
        effective_until=effective.until,
        capacities=tuple(_said(written, pack, "capacities") or ()),
        not_for=tuple(written.not_for),
        conditions=tuple(written.conditions),
        requests=tuple(written.requests),
        threshold=_threshold(written.threshold),
        encryption=_encryption(written.encryption),
        deadline=_deadline(written.deadline),
        extensions=tuple(Extension(**dict(one)) for one in written.extensions),
        pauses=tuple(Pause(**dict(one)) for one in written.pauses),
        contents=tuple(Content(**dict(one)) for one in written.contents),
        must_not_hold=tuple(written.must_not_hold),
        late=_said(written, pack, "late"),
    )
    return replace(rule, digest=_digest(pack.defaults, written))


def _threshold(written: shape.ThresholdShape | None) -> Threshold | None:
    return None if written is None else Threshold(**dict(written))


def _encryption(written: shape.EncryptionShape | None) -> Encryption | None:
    return None if written is None else Encryption(**dict(written))


def _deadline(written: shape.DeadlineShape) -> Deadline:
    arms = written.earlier_of or ([written] if written.lengths() else [])
    return Deadline(
        periods=tuple(_period(arm) for arm in arms),
        no_number=written.no_number,
        target=None if written.target is None else _period(written.target),
        counting=written.counting or "",
        no_roll_for=tuple(written.no_roll_for),
    )


def _period(written: shape.PeriodShape) -> Period:
    ((kind, length),) = written.lengths().items()
    started = written.start
    assert started is not None
    return Period(
        origin=(started,) if isinstance(started, str) else tuple(started),
        shape=kind,
        length=length,
        falls_away_after=written.falls_away_after,
    )


def _digest(*written: BaseModel) -> str:
    """Of all that they say, the later ones first where both say it; order and spacing leave no
    trace.
    """
    whole: dict[str, object] = {}
    for one in written:
        whole |= one.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    text = json.dumps(whole, sort_keys=True, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()
