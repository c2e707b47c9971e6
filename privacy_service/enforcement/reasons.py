"""Why a decision is what it is: the stable codes that stand in `Decision.reasons`.

An error (`errors.py`) says that no contract could be applied; these say what a contract that was
applied came to. docs/errors.md lists both.
"""

from __future__ import annotations

from typing import Final

from privacy_service.enforcement.answer import DecisionReason
from privacy_service.payloads.document import Path, pointer

UNKNOWN_FIELD = "UNKNOWN_FIELD"
FIELD_REFUSED = "FIELD_REFUSED"
ENTITY_REFUSED = "ENTITY_REFUSED"
COVERAGE_INCOMPLETE = "COVERAGE_INCOMPLETE"
UNREAD_PART = "UNREAD_PART"
LEFTOVER_PERSONAL_DATA = "LEFTOVER_PERSONAL_DATA"
ENTITY_HELD = "ENTITY_HELD"
COVERAGE_HELD = "COVERAGE_HELD"
SUBJECT_DROPPED = "SUBJECT_DROPPED"
FIELDS_REMOVED = "FIELDS_REMOVED"
VALUES_TREATED = "VALUES_TREATED"
COPY_NOT_KEPT = "COPY_NOT_KEPT"

MESSAGES: Final[dict[str, str]] = {
    UNKNOWN_FIELD: "The payload has a field that the sharing contract does not name, and the "
    "contract refuses such payloads. Leave it out, or agree it with the partner.",
    FIELD_REFUSED: "The payload has a field that the sharing contract refuses. Leave it out.",
    ENTITY_REFUSED: "The payload holds personal data of a kind that the sharing contract refuses. "
    "Leave it out.",
    COVERAGE_INCOMPLETE: "Part of the payload could not be inspected, so nothing of it may leave. "
    "The coverage says which part and why.",
    UNREAD_PART: "The payload has a part without text (an attachment), which cannot be inspected. "
    "Leave it out, or do not permit its field.",
    LEFTOVER_PERSONAL_DATA: "After treatment the payload still held personal data that the sharing "
    "contract does not permit, so nothing was released.",
    ENTITY_HELD: "The payload holds personal data of a kind that a person has to look at before it "
    "leaves, as the sharing contract says. It waits for a review.",
    COVERAGE_HELD: "Part of the payload could not be inspected. It waits for a person's review, as "
    "the sharing contract says.",
    SUBJECT_DROPPED: "The payload is about a person whose data was erased, and the sharing "
    "contract lets such payloads go: nothing of it was passed on.",
    FIELDS_REMOVED: "Fields that the sharing contract does not permit were removed.",
    VALUES_TREATED: "Values were changed as the sharing contract says.",
    COPY_NOT_KEPT: "One party's terms ask for a sealed copy (`storage`), the other's do not, so "
    "none is kept.",
}


def reason(code: str, *, path: Path | None = None, entity: str | None = None) -> DecisionReason:
    """The reason with its fixed sentence."""
    return DecisionReason(
        code=code,
        message=MESSAGES[code],
        path=None if path is None else pointer(path),
        entity=entity,
    )
