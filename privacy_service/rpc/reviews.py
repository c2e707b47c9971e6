"""ReviewService: parse, call, render."""

from __future__ import annotations

from typing import Final

from privacy_service.behavior.ports import HeldCheck
from privacy_service.desks.ports.pages import Place
from privacy_service.desks.ports.reviews import (
    AcknowledgeTraining,
    AssignReview,
    CollectCheck,
    DecideReview,
    EditReview,
    GetAgreement,
    JudgeSample,
    ListReviews,
    OpenReview,
    ReviewDesk,
    SampleDesk,
)
from privacy_service.reviews.review import Priority, Review, ReviewKind, ReviewState
from privacy_service.rpc.answers import (
    numbers,
    parse_instant,
    render_audit,
    render_coverage,
    render_instant,
    render_result,
    render_treatment,
)
from privacy_service.rpc.behavior import render_check
from privacy_service.rpc.call import admitted
from privacy_service.rpc.pages import PageTokens
from privacy_service.v1 import answer_pb2, behavior_pb2
from privacy_service.v1 import reviews_pb2 as pb
from privacy_service.v1 import reviews_pb2_grpc as pb_grpc

STATES: Final = numbers(ReviewState, pb.ReviewState)
KINDS: Final = numbers(ReviewKind, pb.ReviewKind)
_KIND_OF: Final = {number: kind for kind, number in KINDS.items()}
PRIORITIES: Final = numbers(Priority, pb.ReviewPriority)


class ReviewServicer(pb_grpc.ReviewServiceServicer):
    """Answers ReviewService; every rule is behind the desk."""

    def __init__(self, desk: ReviewDesk, samples: SampleDesk, pages: PageTokens) -> None:
        self._desk = desk
        self._samples = samples
        self._pages = pages

    def ListReviews(
        self, request: pb.ListReviewsRequest, context: object
    ) -> pb.ListReviewsResponse:
        call = admitted(context)
        asked = parse_list(request, self._pages.place(call, request))
        page = self._desk.list_reviews(call.caller, asked, seconds=call.seconds())
        return pb.ListReviewsResponse(
            reviews=[render_review(review) for review in page.items],
            next_page_token=self._pages.token(call, request, page.next),
        )

    def GetReview(self, request: pb.GetReviewRequest, context: object) -> pb.GetReviewResponse:
        call = admitted(context)
        review = self._desk.get_review(call.caller, request.review_id, seconds=call.seconds())
        return pb.GetReviewResponse(review=render_review(review))

    def OpenReview(self, request: pb.OpenReviewRequest, context: object) -> pb.OpenReviewResponse:
        call = admitted(context)
        asked = OpenReview(review_id=request.review_id, reason=request.reason)
        opened = self._desk.open_review(call.caller, asked, seconds=call.seconds())
        answer = opened.answer
        return pb.OpenReviewResponse(
            review=render_review(opened.review),
            payload=opened.payload,
            seen=opened.review.seen,
            treatments=[render_treatment(line) for line in answer.treatments] if answer else [],
            coverage=render_coverage(answer.coverage) if answer else None,
            audit=render_audit(opened.audit),
            check=None if opened.check is None else render_held(opened.check),
        )

    def AssignReview(
        self, request: pb.AssignReviewRequest, context: object
    ) -> pb.AssignReviewResponse:
        call = admitted(context)
        asked = AssignReview(
            review_id=request.review_id,
            to=request.assign_to,
            request_id=request.request_id.lower(),
            reason=request.reason,
        )
        review, audit = self._desk.assign_review(call.caller, asked, seconds=call.seconds())
        return pb.AssignReviewResponse(review=render_review(review), audit=render_audit(audit))

    def ApproveReview(
        self, request: pb.ApproveReviewRequest, context: object
    ) -> pb.ApproveReviewResponse:
        call = admitted(context)
        asked = parse_decision(request)
        review, audit = self._desk.approve_review(call.caller, asked, seconds=call.seconds())
        return pb.ApproveReviewResponse(review=render_review(review), audit=render_audit(audit))

    def RejectReview(
        self, request: pb.RejectReviewRequest, context: object
    ) -> pb.RejectReviewResponse:
        call = admitted(context)
        asked = parse_decision(request)
        review, audit = self._desk.reject_review(call.caller, asked, seconds=call.seconds())
        return pb.RejectReviewResponse(review=render_review(review), audit=render_audit(audit))

    def EditReview(self, request: pb.EditReviewRequest, context: object) -> pb.EditReviewResponse:
        call = admitted(context)
        asked = EditReview(
            review_id=request.review_id,
            seen=request.seen,
            payload=request.payload,
            request_id=request.request_id.lower(),
        )
        review, audit = self._desk.edit_review(call.caller, asked, seconds=call.seconds())
        return pb.EditReviewResponse(review=render_review(review), audit=render_audit(audit))

    def CollectReview(
        self, request: pb.CollectReviewRequest, context: object
    ) -> pb.CollectReviewResponse:
        call = admitted(context)
        answer = self._desk.collect_review(call.caller, request.review_id, seconds=call.seconds())
        return pb.CollectReviewResponse(result=render_result(answer))

    def CollectCheck(
        self, request: pb.CollectCheckRequest, context: object
    ) -> pb.CollectCheckResponse:
        call = admitted(context)
        asked = CollectCheck(
            review_id=request.review_id, wait=request.wait.ToTimedelta().total_seconds()
        )
        answer = self._desk.collect_check(call.caller, asked, seconds=call.seconds())
        return pb.CollectCheckResponse(result=render_check(answer))

    def JudgeSample(
        self, request: pb.JudgeSampleRequest, context: object
    ) -> pb.JudgeSampleResponse:
        call = admitted(context)
        asked = JudgeSample(
            review_id=request.review_id,
            seen=request.seen,
            label=request.label,
            request_id=request.request_id.lower(),
        )
        review, audit = self._samples.judge_sample(call.caller, asked, seconds=call.seconds())
        return pb.JudgeSampleResponse(review=render_review(review), audit=render_audit(audit))

    def AcknowledgeTraining(
        self, request: pb.AcknowledgeTrainingRequest, context: object
    ) -> pb.AcknowledgeTrainingResponse:
        call = admitted(context)
        asked = AcknowledgeTraining(
            contract_id=request.contract_id,
            training=request.training_id,
            request_id=request.request_id.lower(),
        )
        until, audit = self._samples.acknowledge_training(
            call.caller, asked, seconds=call.seconds()
        )
        return pb.AcknowledgeTrainingResponse(
            valid_until=render_instant(until), audit=render_audit(audit)
        )

    def GetAgreement(
        self, request: pb.GetAgreementRequest, context: object
    ) -> pb.GetAgreementResponse:
        call = admitted(context)
        asked = GetAgreement(
            contract_id=request.contract_id,
            since=parse_instant(request.since) if request.HasField("since") else None,
            until=parse_instant(request.until) if request.HasField("until") else None,
        )
        found = self._samples.get_agreement(call.caller, asked, seconds=call.seconds())
        return pb.GetAgreementResponse(
            judged=found.judged,
            doubly=found.doubly,
            agreed=found.agreed,
            alpha=found.alpha,
            labels=found.labels,
        )


def parse_list(request: pb.ListReviewsRequest, place: Place) -> ListReviews:
    return ListReviews(
        partner=request.partner or None,
        decided=request.decided,
        kind=_KIND_OF.get(request.kind),
        assigned_to=request.assigned_to or None,
        place=place,
    )


def parse_decision(request: pb.ApproveReviewRequest | pb.RejectReviewRequest) -> DecideReview:
    return DecideReview(
        review_id=request.review_id,
        seen=request.seen,
        note=request.note,
        request_id=request.request_id.lower(),
        code=request.reason_code or None,
    )


def render_review(review: Review) -> pb.Review:
    """A review, without what waits."""
    return pb.Review(
        review_id=review.id,
        sender=review.sender,
        recipient=review.recipient,
        purpose=review.purpose,
        content_type=review.content_type,
        contracts=[
            answer_pb2.ContractRef(contract_id=ref.id, version=ref.number, digest=ref.digest)
            for ref in review.contracts
        ],
        reasons=review.reasons,
        held_time=render_instant(review.held_at),
        expire_time=render_instant(review.expires_at),
        four_eyes=review.four_eyes,
        state=STATES[review.state],
        assigned_to=review.assigned_to or "",
        approvals=review.approvals,
        decided_by=review.decided_by or "",
        decide_time=render_instant(review.decided_at),
        note=review.note or "",
        kind=KINDS[review.kind],
        party=review.party or "",
        priority=PRIORITIES[review.priority],
        due_time=render_instant(review.due),
        reason_code=review.reason_code or "",
        escalated=review.escalated,
        forget_time=render_instant(review.forget_at),
    )


def render_held(check: HeldCheck) -> pb.HeldCheck:
    """What a prompt or an output was judged with, and what that came to."""
    company, judged = check.request.company, render_check(check.answer)
    return pb.HeldCheck(
        outcome=judged.outcome,
        verdicts=judged.verdicts,
        failures=judged.failures,
        use_case=company.use_case or "",
        prompt=company.prompt or "",
        system_prompt=company.system_prompt or "",
        sources=[behavior_pb2.Source(id=one.id, text=one.text) for one in company.sources],
        confidence=company.confidence,
        attempt=company.attempt,
        intent=company.intent or "",
        rationale=company.rationale or "",
    )
