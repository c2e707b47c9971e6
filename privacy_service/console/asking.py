"""How pages ask the service: a call with the token of whoever looks, and its refusal in words."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar, cast

import grpc
from google.protobuf.message import Message

from privacy_service.commands.client import error_info
from privacy_service.console.blocks import Block, Trouble

T = TypeVar("T")
_SECONDS: Final = 30.0
_UNREACHABLE: Final = "Nothing answers there, or not in time."


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused(Exception):  # noqa: N818 (a refusal is an answer)
    """What the service said no with (AIP-193). Holds no value of a payload."""

    status: str
    reason: str
    message: str
    remedy: str = ""
    details: Mapping[str, str] = field(default_factory=dict)

    def trouble(self, title: str) -> Trouble:
        """The refusal as a part of a page."""
        return Trouble(
            title=title,
            reason=self.reason,
            message=self.message,
            remedy=self.remedy,
            details=self.details,
        )


@dataclass(frozen=True, slots=True)
class Ask:
    """Calls with one person's token over the console's channel."""

    channel: grpc.Channel
    token: str = field(repr=False)

    def __call__(self, stub: Callable[[grpc.Channel], Any], method: str, request: Message) -> Any:
        """The answer. Raises Refused."""
        try:
            return getattr(stub(self.channel), method)(
                request, timeout=_SECONDS, metadata=self._metadata
            )
        except grpc.RpcError as error:
            raise _refused(cast("grpc.Call", error)) from None

    def pieces(
        self, stub: Callable[[grpc.Channel], Any], method: str, request: Message
    ) -> Iterator[Any]:
        """The answers of a stream. Raises Refused."""
        try:
            yield from getattr(stub(self.channel), method)(
                request, timeout=4 * _SECONDS, metadata=self._metadata
            )
        except grpc.RpcError as error:
            raise _refused(cast("grpc.Call", error)) from None

    @property
    def _metadata(self) -> tuple[tuple[str, str], ...]:
        return (("authorization", f"Bearer {self.token}"),)


def part(title: str, made: Callable[[], Block]) -> Block:
    """A part of a page; where the service refuses it, the refusal, and the other parts go on."""
    try:
        return made()
    except Refused as refused:
        return refused.trouble(title)


def _refused(error: grpc.Call) -> Refused:
    info, code = error_info(error), error.code().name
    if info is None:
        logging.getLogger(__name__).warning("console_call_failed status=%s", code)
        return Refused(status=code, reason=code, message=_UNREACHABLE)
    details = dict(info.metadata)
    return Refused(
        status=code,
        reason=info.reason,
        message=error.details() or "",
        remedy=details.pop("remedy", ""),
        details=details,
    )
