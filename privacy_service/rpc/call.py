"""A call that was admitted: what a servicer may know of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

import grpc
from google.protobuf.message import Message
from google.rpc.status_pb2 import Status

from privacy_service.access import Caller

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

    `longest` is the server's own bound in seconds, for callers that set no deadline.
    """

    id: str
    rpc: str
    caller: Caller
    context: grpc.ServicerContext
    longest: float
    attempt_item: Attempt

    def seconds(self) -> float:
        """What is left of the deadline, at most `longest`; 0 when it has passed."""
        return min(self.context.time_remaining(), self.longest)

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
