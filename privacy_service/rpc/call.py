"""A call that was admitted: what a servicer may know of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol, TypeVar

import grpc
from google.protobuf.message import Message
from google.rpc.status_pb2 import Status

from privacy_service.access import Caller
from privacy_service.rpc.room import Room
from privacy_service.rpc.rules import Rules

Request = TypeVar("Request", bound=Message)
Response = TypeVar("Response", bound=Message)


class Attempt(Protocol):
    """Runs the work for one item of a stream and lets nothing of it end the stream."""

    def __call__(
        self, call: Call, request: Request, work: Callable[[Request], Response], /
    ) -> Response | Status: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Who calls what, and how long it may take.

    `longest` is the server's own bound in seconds, for callers that set no deadline, and
    `longest_stream` that for a stream as a whole.
    """

    id: str
    rpc: str
    caller: Caller
    context: grpc.ServicerContext
    longest: float
    longest_stream: float
    room: Room
    rules: Rules
    attempt_item: Attempt

    def seconds(self) -> float:
        """What is left of the deadline, at most `longest`; 0 when it has passed."""
        return min(self.context.time_remaining(), self.longest)

    @contextmanager
    def bounded(self) -> Iterator[float]:
        """The seconds that a stream has. Once they are over it is cancelled, also where it waits
        for a caller who neither sends nor reads.
        """
        seconds = min(self.context.time_remaining(), self.longest_stream)
        over = threading.Timer(self.longest_stream, self.context.cancel)
        over.daemon = True
        over.start()
        try:
            yield seconds
        finally:
            over.cancel()

    def attempt(self, request: Request, work: Callable[[Request], Response]) -> Response | Status:
        """What `work` makes of an item, or the status that it would have ended a call with."""
        return self.attempt_item(self, request, work)


def admitted(context: object) -> Call:
    """The call behind the context that a servicer was given.

    Only the chain gives one, after the caller was identified and authorized: a servicer that is
    reached in any other way fails here. Raises TypeError.
    """
    if not isinstance(context, Call):
        raise TypeError("the call did not come through the chain")
    return context
