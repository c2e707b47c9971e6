"""What speaks for a word being a name or a place, in log-odds.

Fitted by logistic regression on the words that any reader named in four sets (docs/accuracy.md has
which), with readers left out at random so that any choice of them is weighed on one scale; rounded,
and moderated where a set's own habits showed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

PERSON: Final = "PERSON"
PLACE: Final = "LOCATION"


@dataclass(frozen=True, slots=True)
class Weights:
    """Log-odds of one reader's votes for one kind: yes, none, another kind, and neither."""

    yes: float
    none: float
    other: float
    neither: float


@dataclass(frozen=True, slots=True)
class Kind:
    """What speaks for a word being of one kind, beside the readers.

    `unsure`: a yes with a low probability. `evidence`: what the word is and what stands beside it
    (`testimony` says when each holds).
    """

    bias: float
    unsure: float
    evidence: Mapping[str, float]
    readers: Mapping[str, Weights]


KINDS: Final = {
    PERSON: Kind(
        bias=-1.9, unsure=-0.9,
        evidence={
            "near_street": -0.7, "capital": 2.0, "upper": -0.8, "given": 1.8, "wide_given": 1.5,
            "surname": 0.9, "wide_surname": 0.9, "place": -2.4, "common": -1.0, "word": -1.9,
            "scrambled": -3.0, "role": 1.9, "lead": -1.3, "handle": -0.3, "thing": -3.6,
            "named_thing": -2.4, "among_things": -2.8, "group": -2.5, "small": -0.5,
            "organization": -1.8, "institution": -1.0, "polite": -1.5, "contraction": -3.0,
        },
        readers={
            "small": Weights(0.6, -0.6, -0.1, -0.5),
            "medium": Weights(1.2, -1.2, -1.3, -1.1),
            "rampart": Weights(2.0, -0.9, -3.2, 0.0),
            "capitals": Weights(1.7, -0.1, -0.5, 0.0),
            "english": Weights(0.3, 0.1, -0.8, 0.0),
        },
    ),
    PLACE: Kind(
        bias=-1.3, unsure=-1.7,
        evidence={
            "street": 0.3, "near_street": 1.7, "capital": 1.9, "upper": 0.8, "given": -1.0,
            "wide_given": -0.5, "surname": -0.9, "wide_surname": 0.2, "place": 2.0,
            "common": -1.2, "common_alone": -2.5, "word": -0.9,
            "scrambled": -3.0, "role": -0.8, "lead": 0.6,
            "initial": -0.5, "handle": -0.7, "thing": -2.8, "named_thing": -2.0,
            "among_things": -1.0, "group": -1.2, "small": -0.7, "organization": -1.8,
            "institution": -1.0, "polite": -1.5, "contraction": -3.0,
        },
        readers={
            "small": Weights(0.1, 0.0, -0.2, -0.5),
            "medium": Weights(0.6, -0.1, -0.5, -1.0),
            "rampart": Weights(1.7, -0.8, -2.3, 0.0),
            "capitals": Weights(1.3, 0.2, -0.8, 0.0),
            "english": Weights(1.0, 0.1, -0.3, 0.0),
        },
    ),
}  # fmt: skip
