"""Why a request is refused, delayed or answered in part: coded, with the article it rests on.

Terms of the W3C Data Privacy Vocabulary 2.3: its justifications for the GDPR
(https://w3id.org/dpv/legal/eu/gdpr#) and those of no one law (https://w3id.org/dpv/justifications#).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from privacy_service import errors
from privacy_service.errors import PrivacyError

_GDPR: Final = "https://w3id.org/dpv/legal/eu/gdpr#"
_ANY: Final = "https://w3id.org/dpv/justifications#"


class Serves(Enum):
    """What a reason may be given for."""

    REFUSAL = "refusal"
    DELAY = "delay"
    KEEPING = "keeping"
    """That something was not deleted, or a recipient not told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Justification:
    """One reason. `code` is stable; `term` is its IRI; `article` where the law says so."""

    code: str
    term: str
    article: str
    says: str
    serves: frozenset[Serves]


def _one(code: str, term: str, article: str, says: str, *serves: Serves) -> Justification:
    return Justification(code=code, term=term, article=article, says=says, serves=frozenset(serves))


_ALL: Final = (
    _one(
        "COMPLEXITY", f"{_GDPR}JustificationA12Complexity", "GDPR Art. 12(3)",
        "The request is complex.", Serves.DELAY,
    ),
    _one(
        "HIGH_VOLUME", f"{_GDPR}JustificationA12HighVolume", "GDPR Art. 12(3)",
        "There are many requests.", Serves.DELAY,
    ),
    _one(
        "IDENTITY_REQUIRED", f"{_GDPR}JustificationA12IdentityRequired", "GDPR Art. 12(6)",
        "The person was asked who they are.", Serves.DELAY,
    ),
    _one(
        "INFORMATION_REQUIRED", f"{_GDPR}JustificationA12InformationRequired", "GDPR Art. 12(6)",
        "The person was asked for more information.", Serves.DELAY,
    ),
    _one(
        "IDENTITY_FAILURE", f"{_GDPR}JustificationA12IdentityFailure", "GDPR Art. 12(2), 11(2)",
        "It could not be established who the person is.", Serves.REFUSAL,
    ),
    _one(
        "MANIFESTLY_UNFOUNDED", f"{_GDPR}JustificationA12ManifestlyUnfounded", "GDPR Art. 12(5)(b)",
        "The request is manifestly unfounded.", Serves.REFUSAL,
    ),
    _one(
        "MANIFESTLY_EXCESSIVE", f"{_GDPR}JustificationA12ManifestlyExcessive", "GDPR Art. 12(5)(b)",
        "The request is manifestly excessive.", Serves.REFUSAL,
    ),
    _one(
        "LEGAL_OBLIGATION", f"{_ANY}LegalObligationImpaired", "GDPR Art. 17(3)(b)",
        "A legal obligation demands that it is kept.", Serves.REFUSAL, Serves.KEEPING,
    ),
    _one(
        "LEGAL_CLAIM", f"{_ANY}LegalClaimImpaired", "GDPR Art. 17(3)(e)",
        "It is needed for a legal claim.", Serves.REFUSAL, Serves.KEEPING,
    ),
    _one(
        "THIRD_PARTY_RIGHTS", f"{_ANY}ThirdPartyRightsImpaired", "GDPR Art. 15(4), 18",
        "Another person's right would be impaired.", Serves.REFUSAL, Serves.KEEPING,
    ),
    _one(
        "RESTRICTED", f"{_GDPR}A18", "GDPR Art. 18(2)",
        "The person has had its use restricted: it is stored, and nothing else.", Serves.KEEPING,
    ),
    _one(
        "COMPELLING_GROUNDS", f"{_GDPR}A21", "GDPR Art. 21(1)",
        "Compelling legitimate grounds override the objection.", Serves.REFUSAL,
    ),
    _one(
        "ACCURATE", f"{_GDPR}A16", "GDPR Art. 16",
        "What is kept is accurate and complete.", Serves.REFUSAL,
    ),
    _one(
        "DISPROPORTIONATE_EFFORT", f"{_GDPR}JustificationDisproportionateEffort", "GDPR Art. 19",
        "To tell the recipient is impossible or would take a disproportionate effort.",
        Serves.KEEPING,
    ),
)  # fmt: skip

JUSTIFICATIONS: Final = {one.code: one for one in _ALL}
"""Every reason, by its code."""


def justified(code: str, serves: Serves) -> Justification:
    """The reason of that code. Raises JUSTIFICATION_UNKNOWN where there is none that serves."""
    found = JUSTIFICATIONS.get(code)
    if found is None or serves not in found.serves:
        known = ", ".join(one for one, is_ in JUSTIFICATIONS.items() if serves in is_.serves)
        raise PrivacyError(
            errors.JUSTIFICATION_UNKNOWN, code=code[:64], serves=serves.value, known=known
        )
    return found
