"""What enforcement is asked: the requests of its four verbs, as values that hold up.

The rules stand in the .proto files as well, for callers; here they hold for every other way in
(the command line, the gateway, tests). A request that breaks one raises REQUEST_INVALID with the
field's name and never its value. Payloads, subject values, tokens and reasons do not print.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from privacy_service import errors
from privacy_service.access import is_partner_name
from privacy_service.contracts.model import USUAL_THRESHOLD
from privacy_service.errors import PrivacyError

_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

_RECORD_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/#+=-]{0,255}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectRef:
    """A person whom the payload is about, by one identifier (`email`, `a@b.example`)."""

    type: str
    value: str = field(repr=False)

    def __post_init__(self) -> None:
        _require("subjects.type", bool(self.type))
        _require("subjects.value", bool(self.value))


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """The consent that a transfer rests on. `record_id` names it in the sender's own records.

    `checked_at` is when the sender last looked that it still holds, None if it does not say. The id
    is kept in the ledger as it is: letters, digits and . _ : / # + = - only, and no address.
    """

    record_id: str
    checked_at: datetime | None = None

    def __post_init__(self) -> None:
        _require("consent.record_id", _RECORD_ID.fullmatch(self.record_id))


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewRequest:
    """What would go from whom to whom and why.

    `purpose` is a DPV purpose term. `content_type` is a media type, parameters allowed.
    `recipient_region` is where the recipient will keep the data, ISO 3166-1 alpha-2 (or EU);
    None: as its contract says. `opted_out` says that the person's browser said `Sec-GPC: 1`.
    """

    sender: str
    recipient: str
    purpose: str
    content_type: str
    payload: bytes = field(repr=False)
    subjects: tuple[SubjectRef, ...] = ()
    consent: Consent | None = None
    recipient_region: str | None = None
    opted_out: bool = False

    def __post_init__(self) -> None:
        _require_pair(self.sender, self.recipient)
        _require("purpose", bool(self.purpose))
        _require("content_type", bool(self.content_type))
        region = self.recipient_region
        _require("recipient_region", region is None or _is_region(region))


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferRequest(PreviewRequest):
    """What goes from whom to whom and why, for good.

    `request_id` is a UUID in lower case that the sender chose (AIP-155): the same id with the same
    request gets the same answer and has one effect. `claim` is the id of the legal hold for whose
    matter it is sent, None if it is for none.
    """

    request_id: str
    claim: str | None = None

    def __post_init__(self) -> None:
        # No zero-argument super(): a slotted dataclass is a second class, which `super` misses.
        PreviewRequest.__post_init__(self)
        _require("request_id", _is_uuid(self.request_id))


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectRequest:
    """A payload to look into, without contract or effect.

    Findings that score below `threshold` are left out.
    """

    content_type: str
    payload: bytes = field(repr=False)
    threshold: float = USUAL_THRESHOLD

    def __post_init__(self) -> None:
        _require("content_type", bool(self.content_type))
        _require("threshold", 0.0 <= self.threshold <= 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class RevealRequest:
    """A token to turn back into the value that it stands for, and why that is needed.

    Pair and purpose are those it was minted for. `reason` goes into the audit log as it is.
    `claim` is the id of the legal hold for whose matter it is needed, None if it is for none.
    `subjects` are those whose value is meant, where several people share it.
    """

    sender: str
    recipient: str
    purpose: str
    token: str = field(repr=False)
    reason: str = field(repr=False)
    claim: str | None = None
    subjects: tuple[SubjectRef, ...] = ()

    def __post_init__(self) -> None:
        _require_pair(self.sender, self.recipient)
        _require("purpose", bool(self.purpose))
        _require("token", bool(self.token))
        _require("reason", bool(self.reason.strip()))


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreRequest:
    """Content that came back with tokens in it, and why their values are needed.

    Pair and purpose are those the tokens were minted for. `reason` goes into the audit log.
    `subjects` are those whose values are meant, where others share some.
    """

    sender: str
    recipient: str
    purpose: str
    content_type: str
    content: bytes = field(repr=False)
    reason: str = field(repr=False)
    subjects: tuple[SubjectRef, ...] = ()

    def __post_init__(self) -> None:
        _require_pair(self.sender, self.recipient)
        _require("purpose", bool(self.purpose))
        _require("content_type", bool(self.content_type))
        _require("reason", bool(self.reason.strip()))


def _require_pair(sender: str, recipient: str) -> None:
    _require("sender", is_partner_name(sender))
    _require("recipient", is_partner_name(recipient) and recipient != sender)


def _require(name: str, holds: object, /) -> None:
    if not holds:
        raise PrivacyError(errors.REQUEST_INVALID, field=name)


def _is_uuid(text: str) -> bool:
    return _UUID.fullmatch(text) is not None


def _is_region(text: str) -> bool:
    return len(text) == 2 and text.isascii() and text.isalpha() and text.isupper()
