"""The service that Envoy's filter `envoy.filters.http.ext_proc` calls."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, Protocol

import grpc
from google.protobuf.message import Message
from google.rpc.status_pb2 import Status

from privacy_service import errors
from privacy_service.access import Caller
from privacy_service.errors import PrivacyError
from privacy_service.gateway.deciding import Decided, Deciding, Shown
from privacy_service.gateway.exchange import Exchange, Kept, immediate
from privacy_service.gateway.problem import error_of, problem_of
from privacy_service.gateway.route import Half, read_route
from privacy_service.gateway.v3 import ext_proc_pb2 as pb

SERVICE: Final = "envoy.service.ext_proc.v3.ExternalProcessor"


class Call(Protocol):
    """A call that was let in: who calls, and how its pieces of work are done and logged."""

    @property
    def caller(self) -> Caller: ...

    @property
    def context(self) -> grpc.ServicerContext: ...

    def seconds(self) -> float: ...

    def attempt(self, request: Any, work: Callable[[Any], Any], /) -> Any:
        """What `work` makes of a message, or the status that its error is."""
        ...


class Gateway:
    """Answers Envoy. `admitted` gives the call behind a context, and fails for any other; one
    partner may have `most_of_one` exchanges open, so that its waiting leaves room for others'.
    """

    def __init__(
        self, deciding: Deciding, admitted: Callable[[object], Call], *, most_of_one: int
    ) -> None:
        self._deciding = deciding
        self._admitted = admitted
        self._most_of_one = most_of_one
        self._open: Counter[str] = Counter()
        self._lock = threading.Lock()

    def register(self, server: grpc.Server) -> None:
        handler: grpc.RpcMethodHandler[Any, Any] = grpc.stream_stream_rpc_method_handler(
            self.process,
            request_deserializer=pb.ProcessingRequest.FromString,
            response_serializer=pb.ProcessingResponse.SerializeToString,
        )
        services = grpc.method_handlers_generic_handler(SERVICE, {"Process": handler})
        server.add_generic_rpc_handlers((services,))

    def process(
        self, messages: Iterator[pb.ProcessingRequest], context: object
    ) -> Iterator[pb.ProcessingResponse]:
        """One stream, which is one HTTP exchange.

        It ends when Envoy ends it. What does not pass is told Envoy in the exchange's place, and
        then the stream fails: an Envoy that was set up to ignore the first minds the second.
        """
        call = self._admitted(context)
        exchange: Exchange | None = None
        try:
            exchange = self._exchange(call)
            with self._counted(call):
                for message in messages:
                    yield from exchange.answers(message)
        except Kept as kept:
            yield immediate(kept, exchange)
            raise PrivacyError(errors.NOT_RELEASED) from None
        except PrivacyError as error:
            _log(call, error)
            half = exchange.half if exchange is not None else Half.REQUEST
            yield immediate(Kept(problem_of(error, half)), exchange)
            raise

    @contextmanager
    def _counted(self, call: Call) -> Iterator[None]:
        """Counts an open exchange. Raises SERVER_BUSY."""
        partner = call.caller.partner or ""
        with self._lock:
            if self._open[partner] >= self._most_of_one:
                raise PrivacyError(errors.SERVER_BUSY, limit="exchanges", most=self._most_of_one)
            self._open[partner] += 1
        try:
            yield
        finally:
            with self._lock:
                self._open[partner] -= 1

    def _exchange(self, call: Call) -> Exchange:
        route = read_route(_pairs(call.context.invocation_metadata()))
        call.caller.require_partner(route.partner)
        return Exchange(route, lambda shown: self._decided(call, shown), most=self._deciding.most)

    def _decided(self, call: Call, shown: Shown) -> Decided:
        """What becomes of a body; it is worked on and logged as an item of a stream is.

        Raises Kept for an error too, which is logged then.
        """
        made: list[Decided] = []

        def work(body: pb.HttpBody) -> Message:
            del body
            made.append(self._deciding.decide(call.caller, shown, seconds=call.seconds()))
            return made[0].logged

        answer = call.attempt(pb.HttpBody(body=shown.body), work)
        if isinstance(answer, Status):
            raise Kept(problem_of(error_of(answer), shown.half))
        return made[0]


def _log(call: Call, error: PrivacyError) -> None:
    """Envoy cancels the stream once it has its answer, so that its own line would not say why."""

    def work(nothing: pb.HttpBody) -> Message:
        del nothing
        raise error

    call.attempt(pb.HttpBody(), work)


def _pairs(metadata: Sequence[Any] | None) -> list[tuple[str, str | bytes]]:
    return [(name, value) for name, value in metadata or ()]
