"""The one interceptor: every method behind its guard, and in its lane.

Health and reflection need no caller and tell nothing of anybody. Everything else on the server,
also what somebody adds one day, is guarded, and a method that `access.ACCESS` does not name is
refused to everyone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import grpc

from privacy_service.rpc.guard import Gate, Guard
from privacy_service.rpc.lanes import Lane, Run

PACKAGE: Final = "privacy_service.v1."
_HEALTH: Final = "grpc.health.v1.Health"
_REFLECTION: Final = "grpc.reflection.v1alpha.ServerReflection"

_Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lanes:
    """One for single calls, one for streams, one for streams of services that are not of the API,
    one each for health and reflection, and one in which calls are refused that have no room in
    theirs.
    """

    calls: Lane
    streams: Lane
    beside: Lane
    health: Lane
    reflection: Lane
    refusals: Lane

    def close(self) -> None:
        for lane in (self.calls, self.streams, self.beside, self.health, self.reflection):
            lane.close()
        self.refusals.close()


@dataclass(frozen=True, slots=True)
class _Way:
    """How a method is answered, and how it is refused when its lane is full."""

    lane: Lane
    answer: _Handler
    refusal: _Handler


class Chain(grpc.ServerInterceptor):
    """Puts every method behind its guard. Made once for each server."""

    def __init__(self, gate: Gate, lanes: Lanes) -> None:
        self._gate = gate
        self._lanes = lanes
        self._ways: dict[str, _Way] = {}

    def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], _Handler | None],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> _Handler | None:
        """The guarded handler of the method called; None (UNIMPLEMENTED) where there is none.

        gRPC asks in the one thread in which it accepts calls, so this does no more than look.
        """
        method = handler_call_details.method
        way = self._ways.get(method)
        if way is None:
            handler = continuation(handler_call_details)
            if handler is None:
                return None
            way = self._ways[method] = self._way(method, handler)
        return way.refusal if way.lane.full else way.answer

    def _way(self, method: str, handler: _Handler) -> _Way:
        service, _, name = method.lstrip("/").rpartition("/")
        guard = _guard(self._gate, f"{service.removeprefix(PACKAGE)}/{name}", handler)
        refusal: _Handler = grpc.stream_stream_rpc_method_handler(
            Run(guard.turn_away, self._lanes.refusals)
        )
        if service in (_HEALTH, _REFLECTION):
            lane = self._lanes.health if service == _HEALTH else self._lanes.reflection
            return _Way(lane, _moved(handler, lane), refusal)
        streams = self._lanes.streams if service.startswith(PACKAGE) else self._lanes.beside
        lane, answer = self._guarded(guard, handler, streams)
        return _Way(lane, answer, refusal)

    def _guarded(self, guard: Guard, handler: _Handler, streams: Lane) -> tuple[Lane, _Handler]:
        """Both kinds take their messages as a stream, to look at the caller before they do."""
        if handler.response_streaming:
            answer = guard.answer_each if handler.request_streaming else guard.answer_in_pieces
            return streams, grpc.stream_stream_rpc_method_handler(Run(answer, streams))
        lane = self._lanes.calls
        return lane, grpc.stream_unary_rpc_method_handler(Run(guard.answer, lane))


def _guard(gate: Gate, rpc: str, handler: _Handler) -> Guard:
    read, write = handler.request_deserializer, handler.response_serializer
    if read is None or write is None:
        raise TypeError("a handler without message types")
    return Guard(gate, rpc, _behavior(handler), read=read, write=write)


def _behavior(handler: _Handler) -> Callable[..., Any]:
    found = (
        handler.unary_unary or handler.unary_stream or handler.stream_unary or handler.stream_stream
    )
    if found is None:
        raise TypeError("a handler without behavior")
    return found


def _moved(handler: _Handler, lane: Lane) -> _Handler:
    """The same handler, run in the lane."""
    make: Callable[..., _Handler] = {
        (False, False): grpc.unary_unary_rpc_method_handler,
        (False, True): grpc.unary_stream_rpc_method_handler,
        (True, False): grpc.stream_unary_rpc_method_handler,
        (True, True): grpc.stream_stream_rpc_method_handler,
    }[handler.request_streaming, handler.response_streaming]
    behavior = _behavior(handler)
    callback = bool(getattr(behavior, "experimental_non_blocking", False))
    run = Run(behavior, lane, callback=callback)
    return make(run, handler.request_deserializer, handler.response_serializer)
