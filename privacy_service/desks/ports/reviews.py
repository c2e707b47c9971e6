"""What is asked of the review desk."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from privacy_service.access import Caller
from privacy_service.behavior.answer import CheckAnswer
from privacy_service.behavior.ports import HeldCheck
from privacy_service.desks.ports.pages import FIRST_PAGE, Page, Place
from privacy_service.enforcement.answer import Answer, AuditStamp
from privacy_service.reviews.agreement import Agreement
from privacy_service.reviews.review import Review, ReviewKind


@dataclass(frozen=True, slots=True, kw_only=True)
class ListReviews:
    """`partner` matches either side; `decided`: also those that were decided; `kind` and
    `assigned_to`: only those.
    """

    partner: str | None = None
    decided: bool = False
    kind: ReviewKind | None = None
    assigned_to: str | None = None
    place: Place = FIRST_PAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenReview:
    review_id: str
    reason: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedReview:
    """A review with what waits. `answer` is what approval would give by the sharing contract, None
    where none is asked; `check` has what a prompt or an output was judged with, and came to.
    """

    review: Review
    payload: bytes = field(repr=False)
    answer: Answer | None
    check: HeldCheck | None = None
    audit: AuditStamp


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignReview:
    """`to` empty: anybody. `reason` is written into the audit log as it is."""

    review_id: str
    to: str
    request_id: str
    reason: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideReview:
    """`seen` is the digest of what was looked at; `code` one of the contract's reasons."""

    review_id: str
    seen: str
    note: str
    request_id: str
    code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EditReview:
    review_id: str
    seen: str
    payload: bytes = field(repr=False)
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectCheck:
    """`wait` is how many seconds an answer may take where nobody has decided yet."""

    review_id: str
    wait: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeSample:
    """`seen` is the digest of what was looked at; `label` one of the contract's."""

    review_id: str
    seen: str
    label: str
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GetAgreement:
    """`until` None: now; `since` None: 90 days before."""

    contract_id: str
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgeTraining:
    contract_id: str
    training: str
    request_id: str


class SampleDesk(Protocol):
    """What ReviewService knows of samples, and of those who judge and decide."""

    def acknowledge_training(
        self, caller: Caller, request: AcknowledgeTraining, *, seconds: float | None
    ) -> tuple[datetime | None, AuditStamp]: ...

    def judge_sample(
        self, caller: Caller, request: JudgeSample, *, seconds: float | None
    ) -> tuple[Review, AuditStamp]: ...

    def get_agreement(
        self, caller: Caller, request: GetAgreement, *, seconds: float | None
    ) -> Agreement: ...


class ReviewDesk(Protocol):
    """ReviewService. The most urgent reviews come first, and then those that are due first."""

    def list_reviews(
        self, caller: Caller, request: ListReviews, *, seconds: float | None
    ) -> Page[Review]: ...

    def get_review(self, caller: Caller, review_id: str, *, seconds: float | None) -> Review: ...

    def open_review(
        self, caller: Caller, request: OpenReview, *, seconds: float | None
    ) -> OpenedReview: ...

    def assign_review(
        self, caller: Caller, request: AssignReview, *, seconds: float | None
    ) -> tuple[Review, AuditStamp]: ...

    def approve_review(
        self, caller: Caller, request: DecideReview, *, seconds: float | None
    ) -> tuple[Review, AuditStamp]: ...

    def reject_review(
        self, caller: Caller, request: DecideReview, *, seconds: float | None
    ) -> tuple[Review, AuditStamp]: ...

    def edit_review(
        self, caller: Caller, request: EditReview, *, seconds: float | None
    ) -> tuple[Review, AuditStamp]: ...

    def collect_review(
        self, caller: Caller, review_id: str, *, seconds: float | None
    ) -> Answer: ...

    def collect_check(
        self, caller: Caller, request: CollectCheck, *, seconds: float | None
    ) -> CheckAnswer: ...
