"""What becomes of a half of an exchange: the desks decide, as for Transfer and the checks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from threading import BoundedSemaphore
from typing import Any, Final

from google.protobuf.message import Message
from google.rpc import code_pb2

from privacy_service import errors
from privacy_service.access import Caller
from privacy_service.behavior.answer import CheckAnswer
from privacy_service.behavior.model import Outcome, Side
from privacy_service.behavior.request import CheckRequest
from privacy_service.behavior.subject import Company
from privacy_service.desks.ports.behavior import BehaviorDesk
from privacy_service.desks.ports.enforcement import EnforcementDesk
from privacy_service.desks.ports.reviews import CollectCheck, ReviewDesk
from privacy_service.enforcement.answer import Answer, AuditStamp, Effect
from privacy_service.enforcement.request import Consent, SubjectRef, TransferRequest
from privacy_service.errors import PrivacyError
from privacy_service.gateway.coding import decoded, framed, unframed
from privacy_service.gateway.head import Head
from privacy_service.gateway.identifiers import request_id_of
from privacy_service.gateway.problem import Problem, status_for
from privacy_service.gateway.route import Half, Route, Way
from privacy_service.subjects.opt_out import SIGNAL
from privacy_service.v1 import answer_pb2, behavior_pb2, enforcement_pb2

CONSENT: Final = "privacy-consent"
SUBJECT: Final = "privacy-subject"
_MODEL_SAYS: Final[Mapping[Outcome, str]] = {
    Outcome.HELD: "It waits for a person.",
    Outcome.ASK_AGAIN: "The behavior contract has the model asked again.",
    Outcome.REFUSED: "The behavior contract does not accept it.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A half, as Envoy shows it, or the query of a request. `request` is the head of the request,
    also of its response.
    """

    route: Route
    half: Half
    request: Head
    head: Head
    body: bytes = field(repr=False)
    is_query: bool = False
    prompt: str | None = field(default=None, repr=False)
    """What was asked, where a response is checked and its request was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The contract's own words, for whoever asked: the model is not asked."""

    content_type: str
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What goes on in its place; or, where nothing does, what is answered `instead`.

    `content_type` is set where the body has another than came; `told` are header fields that say
    what was decided; `logged` is what the log may know.
    """

    body: bytes | None = field(repr=False)
    content_type: str | None = None
    prompt: str | None = field(default=None, repr=False)
    told: tuple[tuple[str, str], ...] = ()
    instead: Problem | Words | None = None
    logged: Message = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deciding:
    """Decides by the desks. Thread-safe.

    `turns` bound how many bodies are worked on at a time; `commit` gives keyed digests; `new_id`
    fresh UUIDs; `most` is the largest payload.
    """

    enforcement: EnforcementDesk
    behavior: BehaviorDesk
    reviews: ReviewDesk
    turns: BoundedSemaphore
    commit: Callable[[bytes], str]
    new_id: Callable[[], str]
    most: int

    def decide(self, caller: Caller, shown: Shown, *, seconds: float) -> Decided:
        """What may go on. Raises PrivacyError where no contract could be applied."""
        caller.require_partner(shown.route.partner)
        content_type, payload = _payload(shown, self.most)
        request_id = request_id_of(
            shown.route, shown.half, shown.request, shown.body,
            part="query" if shown.is_query else "body", commit=self.commit, new_id=self.new_id,
        )  # fmt: skip
        if not self.turns.acquire(timeout=seconds):
            raise PrivacyError(errors.SERVER_BUSY)
        try:
            if shown.route.way(shown.half) is Way.CHECK:
                check = self._checked(caller, shown, content_type, payload, request_id, seconds)
                return _of_check(shown, check, content_type, payload)
            answer = self._transferred(caller, shown, content_type, payload, request_id, seconds)
            return _of_transfer(shown, answer)
        finally:
            self.turns.release()

    def _transferred(
        self,
        caller: Caller,
        shown: Shown,
        content_type: str,
        payload: bytes,
        request_id: str,
        seconds: float,
    ) -> Answer:
        route = shown.route
        named = shown.request if shown.half is Half.REQUEST else shown.head
        consent = named.get(CONSENT)
        request = TransferRequest(
            sender=route.partner,
            recipient=route.counterparty,
            purpose=route.purpose or "",
            content_type=content_type,
            payload=payload,
            subjects=tuple(_subject(said) for said in named.values(SUBJECT)),
            consent=Consent(record_id=consent) if consent else None,
            recipient_region=route.region,
            opted_out=shown.request.get(SIGNAL) == "1",
            request_id=request_id,
        )
        answer = self.enforcement.transfer(caller, request, seconds=seconds)
        if answer.review_id is None or answer.payload is not None:
            return answer
        try:  # a repeated request is given what was approved meanwhile
            return self.reviews.collect_review(caller, answer.review_id, seconds=seconds)
        except PrivacyError as error:
            if error.reason is not errors.REVIEW_WAITS:
                raise
        return answer

    def _checked(
        self,
        caller: Caller,
        shown: Shown,
        content_type: str,
        payload: bytes,
        request_id: str,
        seconds: float,
    ) -> CheckAnswer:
        route = shown.route
        request = CheckRequest(
            side=Side.PROMPT if shown.half is Half.REQUEST else Side.OUTPUT,
            party=route.partner,
            provider=route.counterparty,
            content_type=content_type,
            content=payload,
            company=Company(use_case=route.use_case, prompt=shown.prompt),
            request_id=request_id,
        )
        answer = self.behavior.check(caller, request, seconds=seconds)
        if answer.outcome is not Outcome.HELD or answer.review_id is None:
            return answer
        collect = CollectCheck(review_id=answer.review_id)
        return self.reviews.collect_check(caller, collect, seconds=seconds)


def _subject(said: str) -> SubjectRef:
    """`email=maria@mail.example`. Raises REQUEST_INVALID."""
    kind, _, value = said.partition("=")
    return SubjectRef(type=kind.strip(), value=value.strip())


def _payload(shown: Shown, most: int) -> tuple[str, bytes]:
    """What the body holds, and its media type."""
    head = shown.head
    if not head.is_grpc:
        if not head.content_type:
            raise PrivacyError(errors.CONTENT_TYPE_UNKNOWN)
        return head.content_type, decoded(shown.body, head.get("content-encoding"), most=most)
    message = unframed(shown.body, head.get("grpc-encoding"), most=most)
    if head.content_type.partition(";")[0].strip().lower().endswith("+json"):
        return "application/json", message
    named = shown.route.message_type(shown.half)
    if named is None:
        raise PrivacyError(errors.ROUTE_INVALID, key=f"privacy-{shown.half.value}-type")
    return f"application/x-protobuf; messageType={named}", message


def _of_transfer(shown: Shown, answer: Answer) -> Decided:
    effect = answer.decision.effect
    told = _told(shown, effect.value, answer.disclosure_id, answer.review_id, answer.audit)
    logged = enforcement_pb2.TransferResponse(
        result=answer_pb2.TransferResult(
            decision=answer_pb2.Decision(effect=answer_pb2.Effect.Value(f"EFFECT_{effect.value}")),
            payload=answer.payload,
        )
    )
    if answer.payload is None:
        problem = _refused(shown.half, answer, effect)
        return Decided(body=None, told=told, logged=logged, instead=problem)
    return Decided(body=_wrapped(shown, answer.payload), told=told, logged=logged)


def _of_check(shown: Shown, answer: CheckAnswer, content_type: str, prompt: bytes) -> Decided:
    word = answer.outcome.value
    shared = answer.personal_data.disclosure_id if answer.personal_data else None
    told = _told(shown, word, shared, answer.review_id, answer.audit)
    logged = behavior_pb2.CheckOutputResponse(
        result=behavior_pb2.CheckResult(content=answer.content)
    )
    if answer.content is None:
        problem = _unaccepted(shown.half, answer)
        return Decided(body=None, told=told, logged=logged, instead=problem)
    if answer.substituted and shown.head.is_grpc:
        raise PrivacyError(errors.EXCHANGE_NOT_COVERED, because="a message can't hold a sentence")
    if shown.half is Half.REQUEST and answer.outcome is Outcome.ABSTAINED:
        words = Words(content_type=answer.content_type, body=answer.content)
        return Decided(body=None, told=told, logged=logged, instead=words)
    return Decided(
        body=_wrapped(shown, answer.content),
        content_type=None if answer.content_type == content_type else answer.content_type,
        prompt=prompt.decode(errors="replace"),
        told=told,
        logged=logged,
    )


def _wrapped(shown: Shown, payload: bytes) -> bytes:
    return framed(payload) if shown.head.is_grpc else payload


def _told(
    shown: Shown,
    word: str,
    disclosure: str | None,
    review: str | None,
    audit: AuditStamp | None,
) -> tuple[tuple[str, str], ...]:
    """Header fields of the response; those about itself, and about the query, are named apart."""
    before = "privacy-" if shown.half is Half.REQUEST else "privacy-response-"
    if shown.is_query:
        before = "privacy-query-"
    said = {
        "decision": word,
        "disclosure": disclosure,
        "review": review,
        "audit-position": None if audit is None else str(audit.position),
    }
    return tuple((before + name, value) for name, value in said.items() if value)


def _refused(half: Half, answer: Answer, effect: Effect) -> Problem:
    first = answer.decision.reasons[0]
    reasons = [
        _without_nothing(
            {"code": one.code, "message": one.message, "path": one.path, "entity": one.entity}
        )
        for one in answer.decision.reasons
    ]
    contracts = [
        {"id": one.id, "version": one.version, "party": one.party} for one in answer.contracts
    ]
    more = {"effect": effect.value, "reasons": reasons, "contracts": contracts}
    return _problem(half, first.code, first.message, more, answer.review_id, answer.audit)


def _unaccepted(half: Half, answer: CheckAnswer) -> Problem:
    contract = {"id": answer.contract.id, "version": answer.contract.number}
    more: dict[str, Any] = {
        "outcome": answer.outcome.value,
        "broken": list(answer.broken),
        "contract": contract,
    }
    if answer.ask:
        more["ask"] = list(answer.ask)
    word = f"OUTPUT_{answer.outcome.value}" if half is Half.RESPONSE else "PROMPT_REFUSED"
    says = _MODEL_SAYS[answer.outcome]
    return _problem(half, word, says, more, answer.review_id, answer.audit)


def _problem(
    half: Half,
    code: str,
    says: str,
    more: Mapping[str, Any],
    review: str | None,
    audit: AuditStamp | None,
) -> Problem:
    where = None if audit is None else {"position": audit.position, "log": audit.origin}
    beside = _without_nothing({"review": review, "audit": where})
    return Problem(
        status=status_for(HTTPStatus.FORBIDDEN, half),
        grpc_code=code_pb2.PERMISSION_DENIED,
        reason=code,
        detail=says,
        more={"of": half.value, **more, **beside},
    )


def _without_nothing(said: Mapping[str, Any]) -> dict[str, Any]:
    return dict(_there(said))


def _there(said: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    return ((name, value) for name, value in said.items() if value is not None)
