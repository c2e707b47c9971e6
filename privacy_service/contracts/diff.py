"""What changed between two versions of a contract, and which way.

A change tightens if the recipient learns less, keeps it for less long, or may do less with it;
it weakens if it is not known to tighten; it is neutral if it changes nothing about the data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Final, TypeVar

from privacy_service.contracts import dpv, regions
from privacy_service.contracts.fields import FieldTerms
from privacy_service.contracts.model import (
    EntityTerm,
    FieldTerm,
    Quota,
    SharingContract,
    Status,
)
from privacy_service.contracts.paths import parse
from privacy_service.contracts.strictness import (
    declares_entity,
    stricter_entity,
    stricter_field,
    tighter_quotas,
)
from privacy_service.contracts.values import OTHER_ENTITIES
from privacy_service.contracts.written import (
    Written,
    as_written,
)


class Effect(StrEnum):
    """Which way a change goes. A weakening needs a second person (`design.md`, rule 9)."""

    TIGHTENS = "tightens"
    WEAKENS = "weakens"
    NEUTRAL = "neutral"
