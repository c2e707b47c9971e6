"""One HTTP exchange, message by message: what Envoy shows, and what it is answered.

Whatever does not fit ends the exchange with an error. Nothing here ends a stream well while a
half that is to be treated has not been: one that is closed cleanly tells Envoy to go on alone.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Sequence
from http import HTTPStatus
from typing import Final, TypeAlias

from privacy_service import errors
from privacy_service.errors import PrivacyError
from privacy_service.gateway.deciding import CONSENT, SUBJECT, Decided, Shown, Words
from privacy_service.gateway.head import (
    Head,
    read_head,
    require_request_can_be_seen,
    require_response_can_be_seen,
    require_whole,
)
from privacy_service.gateway.problem import CONTENT_TYPE, Problem
from privacy_service.gateway.route import Half, Query, Route, Way
from privacy_service.gateway.v3 import ext_proc_pb2 as pb

Decide: TypeAlias = Callable[[Shown], Decided]

_DUPLEX: Final = pb.BODY_MODE_FULL_DUPLEX_STREAMED
_KEEPS_BACK: Final = frozenset({pb.BODY_MODE_BUFFERED, _DUPLEX})
_PIECE: Final = 64 * 1024
"""How large a piece of a body may be in full-duplex mode, as Envoy recommends."""

_OURS: Final = (
    "privacy-decision",
    "privacy-disclosure",
    "privacy-review",
    "privacy-audit-position",
)
_OURS_OF_RESPONSE: Final = tuple(name.replace("privacy-", "privacy-response-") for name in _OURS)
_OURS_OF_QUERY: Final = tuple(name.replace("privacy-", "privacy-query-") for name in _OURS)
_FORM: Final = "application/x-www-form-urlencoded"
_OF_THE_BODY: Final = (
    "content-digest", "repr-digest", "digest", "content-md5", "etag", "content-encoding",
)  # fmt: skip
"""Fields that are true of the body that came, and of no other."""
_ASKS_FOR_PARTS: Final = ("accept-encoding", "range", "if-range")
"""What would have a response come that can't be read, or not as a whole."""


class Kept(Exception):  # noqa: N818 -- it says what is so
    """The half does not pass: this is sent in the exchange's place."""

    def __init__(self, reply: Problem | Words, told: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__()
        self.reply = reply
        self.told = told


class Exchange:
    """The state of one exchange under a route. `decide` may raise PrivacyError and Kept."""

    def __init__(self, route: Route, decide: Decide, *, most: int) -> None:
        self._route = route
        self._decide = decide
        self._most = most
        self._halves: dict[Half, _Half] = {}
        self._request = Head()
        self._prompt: str | None = None
        self._told: tuple[tuple[str, str], ...] = ()
        self._target: str | None = None
        self.half = Half.REQUEST
        """Which half is at work."""

    @property
    def is_grpc(self) -> bool:
        return self._request.is_grpc

    @property
    def told(self) -> tuple[tuple[str, str], ...]:
        """Header fields that say what was decided so far."""
        return self._told

    def answers(self, message: pb.ProcessingRequest) -> Iterator[pb.ProcessingResponse]:
        """The answers to one message.

        Raises BODY_NOT_SHOWN, EXCHANGE_NOT_COVERED, QUERY_NOT_PERMITTED, PAYLOAD_TOO_LARGE,
        BODY_INCOMPLETE, and what `decide` raises.
        """
        kind = message.WhichOneof("request")
        if kind is None:
            raise PrivacyError(errors.BODY_NOT_SHOWN, because="the message says nothing known")
        if not self._halves:
            self._begin(message)
        word, _, part = kind.partition("_")
        self.half = Half(word)
        half = self._halves[self.half]
        if part == "headers":
            yield from self._headers(half, getattr(message, kind))
        elif part == "body":
            yield from self._body(half, getattr(message, kind))
        else:
            yield from self._trailers(half)

    def _begin(self, message: pb.ProcessingRequest) -> None:
        """Holds what the first message says of how bodies are shown against the route."""
        config = message.protocol_config
        modes = {
            Half.REQUEST: config.request_body_mode,
            Half.RESPONSE: config.response_body_mode,
        }
        for half, mode in modes.items():
            way = self._route.way(half)
            if way is not Way.PASS and mode not in _KEEPS_BACK:
                raise PrivacyError(errors.BODY_NOT_SHOWN, mode=f"{half.value}_body_mode")
            self._halves[half] = _Half(half, way, duplex=mode == _DUPLEX)
        if message.observability_mode:
            raise PrivacyError(errors.BODY_NOT_SHOWN, mode="observability_mode")
        if message.WhichOneof("request") != "request_headers":
            raise PrivacyError(errors.BODY_NOT_SHOWN, mode="request_header_mode")

    def _headers(self, half: _Half, headers: pb.HttpHeaders) -> Iterator[pb.ProcessingResponse]:
        half.begin(read_head(headers))
        if half.half is Half.REQUEST:
            self._request = half.head
        if half.way is not Way.PASS:
            self._require_can_be_seen(half)
        if half.half is Half.REQUEST and self._route.query is Query.TRANSFER:
            self._transfer_query(half.head)
        if half.way is Way.PASS or half.head.bare or not half.duplex:
            yield half.to_headers(self._of_headers(half))

    def _require_can_be_seen(self, half: _Half) -> None:
        if half.half is Half.REQUEST:
            refused = self._route.query is Query.REFUSE
            require_request_can_be_seen(half.head, query_refused=refused)
        else:
            require_response_can_be_seen(half.head)

    def _transfer_query(self, head: Head) -> None:
        """The query is a form, and transferred as one."""
        path, _, query = head.target.partition("?")
        if not query:
            return
        form = Head(fields=(("content-type", _FORM),))
        body = query.encode("latin-1")
        decided = self._decide(
            Shown(
                route=self._route,
                half=Half.REQUEST,
                request=head,
                head=form,
                body=body,
                is_query=True,
            )
        )
        if decided.instead is not None:
            raise Kept(decided.instead, decided.told)
        left = (decided.body or b"").decode("latin-1")
        self._target = f"{path}?{left}" if left else path
        self._told = decided.told

    def _of_headers(self, half: _Half) -> pb.HeaderMutation:
        """What changes in headers whatever the body is."""
        removed: list[str] = []
        if half.half is Half.RESPONSE:
            removed += (*_OURS, *_OURS_OF_QUERY) if self._route.request is not Way.PASS else ()
            removed += (*_OURS_OF_RESPONSE, CONSENT, SUBJECT) if half.way is not Way.PASS else ()
            return _mutation(self._told, [name for name in removed if name not in dict(self._told)])
        changes: list[tuple[str, str]] = []
        if half.way is not Way.PASS:
            removed += (*_OURS, *_OURS_OF_QUERY, CONSENT, SUBJECT)
        if self._route.response is not Way.PASS:
            removed += _ASKS_FOR_PARTS
        if self._target is not None:
            changes += [(":path", self._target), *self._told]
        return _mutation(changes, [name for name in removed if name not in dict(changes)])

    def _body(self, half: _Half, body: pb.HttpBody) -> Iterator[pb.ProcessingResponse]:
        if half.way is Way.PASS:
            yield half.echo(body)
            return
        half.take(body, self._most)
        if not half.duplex:
            yield self._treated(half).whole()
        elif body.end_of_stream:
            yield from self._treated(half).pieces(self._of_headers(half), last=True)

    def _trailers(self, half: _Half) -> Iterator[pb.ProcessingResponse]:
        if half.way is not Way.PASS and half.duplex:
            yield from self._treated(half).pieces(self._of_headers(half), last=False)
        half.end()
        yield half.to_trailers()

    def _treated(self, half: _Half) -> _Half:
        """The half with what goes on in its place."""
        body = half.whole_body()
        half.end()
        if not body:
            return half
        require_whole(half.head, body)
        decided = self._decide(
            Shown(
                route=self._route,
                half=half.half,
                request=self._request,
                head=half.head,
                body=body,
                prompt=self._prompt,
            )
        )
        if decided.instead is not None:
            raise Kept(decided.instead, decided.told)
        if half.half is Half.REQUEST:
            self._prompt, self._told = decided.prompt, (*self._told, *decided.told)
        half.replace(body, decided)
        return half


class _Half:
    """One half: what was shown of it, and what goes on in its place."""

    def __init__(self, half: Half, way: Way, *, duplex: bool) -> None:
        self.half = half
        self.way = way
        self.duplex = duplex
        self.head = Head()
        self._begun = False
        self._ended = False
        self._pieces: list[bytes] = []
        self._size = 0
        self._body: bytes | None = None
        self._fields: pb.HeaderMutation = pb.HeaderMutation()

    def begin(self, head: Head) -> None:
        if self._begun:
            raise PrivacyError(errors.EXCHANGE_NOT_COVERED, because="headers came twice")
        self._begun = True
        self.head = head

    def take(self, body: pb.HttpBody, most: int) -> None:
        """Keeps a piece. Whatever is shown before its headers, or behind the end, is refused."""
        if not self._begun:
            raise PrivacyError(errors.BODY_NOT_SHOWN, mode=f"{self.half.value}_header_mode")
        if self._ended:
            raise PrivacyError(errors.EXCHANGE_NOT_COVERED, because="a body goes on behind its end")
        self._size += len(body.body)
        if self._size > most:
            raise PrivacyError(errors.PAYLOAD_TOO_LARGE, limit="payload_bytes", maximum=most)
        self._pieces.append(body.body)

    def whole_body(self) -> bytes:
        body = b"".join(self._pieces)
        self._pieces.clear()
        return body

    def end(self) -> None:
        self._ended = True

    def replace(self, came: bytes, decided: Decided) -> None:
        assert decided.body is not None
        self._body = decided.body
        changes = [*decided.told, ("content-length", str(len(decided.body)))]
        if decided.content_type is not None:
            changes.append(("content-type", decided.content_type))
        removed = list(_OF_THE_BODY) if decided.body != came else []
        self._fields = _mutation(changes, [] if self.head.is_grpc else removed)

    # -- Answers ------------------------------------------------------------------------------

    def to_headers(self, fields: pb.HeaderMutation) -> pb.ProcessingResponse:
        response = pb.HeadersResponse(response=pb.CommonResponse(header_mutation=fields))
        if self.half is Half.REQUEST:
            return pb.ProcessingResponse(request_headers=response)
        return pb.ProcessingResponse(response_headers=response)

    def to_trailers(self) -> pb.ProcessingResponse:
        if self.half is Half.REQUEST:
            return pb.ProcessingResponse(request_trailers=pb.TrailersResponse())
        return pb.ProcessingResponse(response_trailers=pb.TrailersResponse())

    def echo(self, body: pb.HttpBody) -> pb.ProcessingResponse:
        """A piece that passes as it came."""
        if not self.duplex:
            return self._to_body(pb.CommonResponse())
        return self._piece(body.body, end=body.end_of_stream)

    def whole(self) -> pb.ProcessingResponse:
        """What goes on in the place of the whole."""
        if self._body is None:
            return self._to_body(pb.CommonResponse())
        mutation = pb.BodyMutation(body=self._body)
        return self._to_body(
            pb.CommonResponse(header_mutation=self._fields, body_mutation=mutation)
        )

    def pieces(self, fields: pb.HeaderMutation, *, last: bool) -> Iterator[pb.ProcessingResponse]:
        """Headers and body in pieces. `last`: no trailers follow."""
        fields.MergeFrom(self._fields)
        yield self.to_headers(fields)
        body = self._body or b""
        starts = range(0, max(len(body), 1), _PIECE)
        for start in starts:
            end = last and start == starts[-1]
            yield self._piece(body[start : start + _PIECE], end=end)

    def _piece(self, body: bytes, *, end: bool) -> pb.ProcessingResponse:
        piece = pb.StreamedBodyResponse(body=body, end_of_stream=end)
        return self._to_body(
            pb.CommonResponse(body_mutation=pb.BodyMutation(streamed_response=piece))
        )

    def _to_body(self, common: pb.CommonResponse) -> pb.ProcessingResponse:
        response = pb.BodyResponse(response=common)
        if self.half is Half.REQUEST:
            return pb.ProcessingResponse(request_body=response)
        return pb.ProcessingResponse(response_body=response)


def immediate(kept: Kept, exchange: Exchange | None) -> pb.ProcessingResponse:
    """What is said in the place of the exchange, with what was decided of it before."""
    reply = kept.reply
    told = [*(exchange.told if exchange is not None else ()), *kept.told]
    if isinstance(reply, Words):
        response = _response(HTTPStatus.OK, reply.content_type, reply.body, told)
        response.details = "privacy_words"
        return pb.ProcessingResponse(immediate_response=response)
    if reply.retry_after is not None:
        told.append(("retry-after", str(reply.retry_after)))
    response = _response(reply.status, CONTENT_TYPE, reply.document, told)
    response.details = f"privacy_{reply.reason.lower()}"
    if exchange is not None and exchange.is_grpc:  # the body becomes grpc-message
        response.headers.CopyFrom(_mutation(told, ()))
        response.body = " ".join(filter(None, (reply.sentence, reply.remedy))).encode()
        response.grpc_status.status = reply.grpc_code
        details = base64.b64encode(reply.grpc_details).rstrip(b"=").decode()
        response.headers.MergeFrom(_mutation([("grpc-status-details-bin", details)], ()))
    return pb.ProcessingResponse(immediate_response=response)


def _response(
    status: HTTPStatus, content_type: str, body: bytes, told: Sequence[tuple[str, str]]
) -> pb.ImmediateResponse:
    fields = [*told, ("content-type", content_type), ("cache-control", "no-store")]
    return pb.ImmediateResponse(
        status=pb.HttpStatus(code=status.value), headers=_mutation(fields, ()), body=body
    )


def _mutation(fields: Sequence[tuple[str, str]], removed: Sequence[str]) -> pb.HeaderMutation:
    return pb.HeaderMutation(
        set_headers=[
            pb.HeaderValueOption(
                header=pb.HeaderValue(key=name, raw_value=value.encode("latin-1", "replace")),
                append_action=pb.HeaderValueOption.APPEND_ACTION_OVERWRITE_IF_EXISTS_OR_ADD,
            )
            for name, value in fields
        ],
        remove_headers=removed,
    )
