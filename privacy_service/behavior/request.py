"""What is asked of a behavior contract: one prompt or one output, with what came along."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from privacy_service import errors
from privacy_service.access import is_partner_name
from privacy_service.behavior.answer import CheckAnswer
from privacy_service.behavior.in_force import BehaviorVersion
from privacy_service.behavior.model import Side
from privacy_service.behavior.subject import Company
from privacy_service.enforcement.request import SubjectRef, TransferRequest
from privacy_service.errors import PrivacyError

_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRequest:
    """A prompt or an output to judge, for good. `subjects` are whom it is about, as the sharing
    contract is told.

    `request_id` is a UUID in lower case that the caller chose (AIP-155). Requests of one
    `conversation` are judged by one version while another is tried on a share;
    `draw` is the keyed word for that, which enforcement adds. Raises REQUEST_INVALID.
    """

    side: Side
    party: str
    provider: str
    content_type: str
    content: bytes = field(repr=False)
    company: Company
    request_id: str
    conversation: str | None = None
    draw: str | None = None
    subjects: tuple[SubjectRef, ...] = ()

    def __post_init__(self) -> None:
        _require("party", is_partner_name(self.party))
        _require("provider", is_partner_name(self.provider) and self.provider != self.party)
        _require("content_type", bool(self.content_type))
        _require("request_id", _UUID.fullmatch(self.request_id))
        confidence = self.company.confidence
        _require("confidence", confidence is None or 0 <= confidence <= 1)
        ids = [source.id for source in self.company.sources]
        _require("sources.id", len(ids) == len(set(ids)))


def as_transfer(
    request: CheckRequest, version: BehaviorVersion, answer: CheckAnswer, transfer_id: str
) -> TransferRequest | None:
    """The transfer by which an answer passes through the sharing contract of the two.

    None where the contract names no purpose, nothing is released, or the words are the contract's
    own: they are nobody's.
    """
    purpose = version.contract.personal_data_purpose
    if purpose is None or answer.content is None or answer.substituted:
        return None
    outward = request.side is Side.PROMPT
    return TransferRequest(
        sender=request.party if outward else request.provider,
        recipient=request.provider if outward else request.party,
        purpose=purpose,
        content_type=answer.content_type,
        payload=answer.content,
        request_id=transfer_id,
        subjects=request.subjects,
    )


def _require(name: str, holds: object, /) -> None:
    if not holds:
        raise PrivacyError(errors.REQUEST_INVALID, field=name)
