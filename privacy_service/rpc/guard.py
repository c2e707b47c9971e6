"""What every call to the API goes through, in this order:

a call id; who calls; whether they may call this; the request, which is received only now; the
rules of the .proto files; the deadline; the servicer; the size of the answer. Whatever is raised
on the way becomes a google.rpc.Status, and each call is one line in the log.

Bytes come in and bytes go out. Messages are parsed and written here, in the lane's thread, so that
the one thread in which gRPC accepts calls stays free; and whoever is not known sends no payload.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import grpc
import structlog
from google.protobuf.message import DecodeError, Message
from google.rpc.status_pb2 import Status
from grpc_status import rpc_status

from privacy_service import errors
from privacy_service.access import Caller, authorize
from privacy_service.clock import Clock
from privacy_service.errors import PrivacyError
from privacy_service.rpc.call import Call, Request, Response
from privacy_service.rpc.identity import Identify
from privacy_service.rpc.room import Room
from privacy_service.rpc.rules import Rules
from privacy_service.rpc.status import STATUS, render_error
from privacy_service.v1.answer_pb2 import Effect
from privacy_service.v1.enforcement_pb2 import PreviewResponse, TransferResponse

_MESSAGE: Final = "(message)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """What the guards of all methods share.

    `longest` bounds every call, and every item of a stream, in seconds, and `longest_stream` a
    stream that is one output; `room` bounds what is
    worked on at a time, `answer_bytes` every answer. `new_call_id` gives a fresh id that says
    nothing about the call.
    """

    identify: Identify
    rules: Rules
    clock: Clock
    log: structlog.typing.FilteringBoundLogger
    new_call_id: Callable[[], str]
    longest: float
    longest_stream: float
    room: Room
    answer_bytes: int


class Line:
    """The one line that is logged of a call. It has no place for anything else."""

    def __init__(self, gate: Gate, rpc: str, event: str = "rpc_answered") -> None:
        self.call_id = gate.new_call_id()
        self.caller: Caller | None = None
        self._gate = gate
        self._rpc = rpc
        self._event = event
        self._begun = gate.clock.monotonic()

    def answered(self, response: Message | None = None) -> None:
        """The call ended well."""
        self._write("OK", effect=_effect(response))

    def gone(self, *, in_time: bool) -> None:
        """The caller left, or its deadline passed, before there was an answer."""
        self._write("CANCELLED" if in_time else "DEADLINE_EXCEEDED")

    def refused(self, error: PrivacyError, cause: Exception) -> None:
        """The call ended with `error`. Of an unforeseen cause the log has the type's name only."""
        unforeseen = None if error is cause else type(cause).__name__
        code = STATUS[error.reason.kind].name
        self._write(code, reason=error.reason.code, exception=unforeseen)

    def _write(self, code: str, **more: str | None) -> None:
        elapsed = self._gate.clock.monotonic() - self._begun
        log = self._gate.log.error if more.get("exception") else self._gate.log.info
        log(
            self._event,
            method=self._rpc,
            partner=self.caller.partner if self.caller is not None else None,
            code=code,
            duration_ms=round(elapsed * 1000, 3),
            call_id=self.call_id,
            **{name: value for name, value in more.items() if value is not None},
        )


class Guard:
    """The way into one method and out of it.

    `rpc` is `Service/Method`; `read` and `write` are its message types' own.
    """

    def __init__(
        self,
        gate: Gate,
        rpc: str,
        behavior: Callable[[Any, Any], Any],
        *,
        read: Callable[[bytes], Message],
        write: Callable[[Message], bytes],
    ) -> None:
        self._gate = gate
        self._rpc = rpc
        self._behavior = behavior
        self._read = read
        self._write = write

    def answer(self, messages: Iterator[bytes], context: grpc.ServicerContext) -> bytes:
        """One request, one response."""
        line = Line(self._gate, self._rpc)
        try:
            call = self._admit(context, line)
            message = _first(messages)
            with self._gate.room.held(len(message)):
                request = self._parsed(message)
                self._gate.rules.require(request)
                _require_time(call)
                response = self._behavior(request, call)
                written = self._written(response)
        except Exception as cause:  # noqa: BLE001 - the one place where errors become statuses
            self._refuse(context, line, cause)
            return b""
        line.answered(response)
        return written

    def answer_in_pieces(
        self, messages: Iterator[bytes], context: grpc.ServicerContext
    ) -> Iterator[bytes]:
        """One request, a stream of responses."""

        def behavior(messages: Iterator[bytes], call: Call) -> Iterator[Message]:
            message = _first(messages)
            with self._gate.room.held(len(message)):
                request = self._parsed(message)
                self._gate.rules.require(request)
                _require_time(call)
                yield from self._behavior(request, call)

        return self._streamed(behavior, messages, context)

    def answer_each(
        self, messages: Iterator[bytes], context: grpc.ServicerContext
    ) -> Iterator[bytes]:
        """A stream of requests, a stream of responses. The rules are held by `Call.attempt`."""

        def behavior(messages: Iterator[bytes], call: Call) -> Iterator[Message]:
            yield from self._behavior(map(self._parsed_item, messages), call)

        return self._streamed(behavior, messages, context)

    def _streamed(
        self,
        behavior: Callable[[Iterator[bytes], Call], Iterator[Message]],
        messages: Iterator[bytes],
        context: grpc.ServicerContext,
    ) -> Iterator[bytes]:
        line = Line(self._gate, self._rpc)
        try:
            call = self._admit(context, line)
            for response in behavior(messages, call):
                yield self._written(response)
        except GeneratorExit:
            line.gone(in_time=context.time_remaining() > 0)
            raise
        except Exception as cause:  # noqa: BLE001 - as above
            self._refuse(context, line, cause)
            return
        if context.is_active():
            line.answered()
        else:  # gRPC may end the messages of a stream that was cancelled as if it were whole
            line.gone(in_time=context.time_remaining() > 0)

    def turn_away(
        self, messages: Iterator[bytes], context: grpc.ServicerContext
    ) -> Iterator[bytes]:
        """Refuses a call for which there is no room, before anything is done for it."""
        del messages
        busy = PrivacyError(errors.SERVER_BUSY)
        self._refuse(context, Line(self._gate, self._rpc), busy)
        yield from ()

    def _admit(self, context: grpc.ServicerContext, line: Line) -> Call:
        line.caller = self._gate.identify(context)
        authorize(line.caller, self._rpc)
        return Call(
            id=line.call_id,
            rpc=self._rpc,
            caller=line.caller,
            context=context,
            longest=self._gate.longest,
            longest_stream=self._gate.longest_stream,
            room=self._gate.room,
            rules=self._gate.rules,
            attempt_item=self._attempt,
        )

    def _attempt(
        self, call: Call, request: Request, work: Callable[[Request], Response]
    ) -> Response | Status:
        """One item of a stream: its own rules, error and line in the log.

        Who calls is asked anew: a stream may outlive what it was let in by.
        """
        line = Line(self._gate, self._rpc, "item_answered")
        line.caller = call.caller
        try:
            self._gate.identify(call.context)
            with self._gate.room.held(request.ByteSize()):
                self._gate.rules.require(request)
                _require_time(call)
                response = work(request)
                _require_fits(response.ByteSize(), self._gate.answer_bytes)
        except Exception as cause:  # noqa: BLE001 - as above
            error = _said(cause)
            line.refused(error, cause)
            return render_error(error, line.call_id)
        line.answered(response)
        return response

    def _parsed(self, message: bytes) -> Message:
        try:
            return self._read(message)
        except DecodeError:
            raise PrivacyError(errors.REQUEST_INVALID, field=_MESSAGE) from None

    def _parsed_item(self, message: bytes) -> Message:
        """An item; one that does not parse is an empty one, so that the rules refuse it alone."""
        try:
            return self._read(message)
        except DecodeError:
            return self._read(b"")

    def _written(self, response: Message) -> bytes:
        written = self._write(response)
        _require_fits(len(written), self._gate.answer_bytes)
        return written

    def _refuse(self, context: grpc.ServicerContext, line: Line, cause: Exception) -> None:
        """Ends the call with the error's status. Returns only if nobody is there to hear it."""
        heard = context.is_active()
        if not heard and isinstance(cause, PrivacyError | grpc.RpcError):
            line.gone(in_time=context.time_remaining() > 0)
            return
        error = _said(cause)
        line.refused(error, cause)
        if heard:
            context.abort_with_status(rpc_status.to_status(render_error(error, line.call_id)))


def _first(messages: Iterator[bytes]) -> bytes:
    try:
        return next(messages)
    except StopIteration:
        raise PrivacyError(errors.REQUEST_INVALID, field=_MESSAGE) from None


def _said(cause: Exception) -> PrivacyError:
    """What a caller is told of an exception: of an unforeseen one, nothing."""
    return cause if isinstance(cause, PrivacyError) else PrivacyError(errors.INTERNAL)


def _require_time(call: Call) -> None:
    """Raises DEADLINE_PASSED; a call that was cancelled while it waited has no time either."""
    if call.seconds() <= 0 or not call.context.is_active():
        raise PrivacyError(errors.DEADLINE_PASSED)


def _require_fits(size: int, limit: int) -> None:
    if size > limit:
        raise PrivacyError(errors.RESPONSE_TOO_LARGE, limit="server.message_bytes", bytes=limit)


def _effect(response: Message | None) -> str | None:
    if isinstance(response, TransferResponse | PreviewResponse):
        return Effect.Name(response.result.decision.effect).removeprefix("EFFECT_")
    return None
