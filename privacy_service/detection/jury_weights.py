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

    `unsure`: a yes with a low probability. `street`: a yes that is more exact, a street or a
    postcode. `near_street`: such a finding of another reader close by.
    """

    bias: float
    unsure: float
    street: float
    near_street: float
    capital: float
    upper: float
    given: float
    surname: float
    place: float
    common: float
    word: float
    readers: Mapping[str, Weights]


KINDS: Final = {
    PERSON: Kind(
        bias=-1.8, unsure=-1.4, street=0.0, near_street=-0.6, capital=2.1, upper=-1.0, given=1.2,
        surname=1.3, place=-2.5, common=-0.6, word=-1.2,
        readers={
            "small": Weights(0.4, -0.5, 0.0, -0.4),
            "medium": Weights(1.2, -1.2, -1.3, -1.1),
            "rampart": Weights(2.1, -1.1, -2.5, 0.0),
        },
    ),
    PLACE: Kind(
        bias=-1.1, unsure=-1.6, street=0.3, near_street=1.1, capital=1.8, upper=1.2, given=-1.4,
        surname=-1.5, place=2.3, common=-2.0, word=-1.0,
        readers={
            "small": Weights(-0.3, 0.0, 0.0, -0.1),
            "medium": Weights(0.6, -0.1, -0.5, -1.0),
            "rampart": Weights(0.8, -0.7, -1.6, 0.0),
        },
    ),
}  # fmt: skip
