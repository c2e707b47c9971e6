"""How commands reach a running service: options, channel, and errors as the service gave them."""

from __future__ import annotations

import inspect
import mimetypes
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, TypeVar, cast

import grpc
import typer
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from privacy_service.commands.screen import Exit, end, errors_console, print_json

T = TypeVar("T")

Address = Annotated[
    str, typer.Option("--address", envvar="PRIVACY_ADDRESS", help="host:port of the service.")
]
Authority = Annotated[
    Path | None,
    typer.Option("--ca", envvar="PRIVACY_CA", help="PEM file of the service's authority."),
]
Certificate = Annotated[
    Path | None,
    typer.Option("--cert", envvar="PRIVACY_CERT", help="PEM file of your client certificate."),
]
PrivateKey = Annotated[
    Path | None,
    typer.Option("--key", envvar="PRIVACY_KEY", help="PEM file of its private key."),
]
TokenFile = Annotated[
    Path | None,
    typer.Option("--token", envvar="PRIVACY_TOKEN", help="File that holds a bearer token."),
]

DEFAULT_ADDRESS = "127.0.0.1:8443"
_UNREACHABLE = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)
_MESSAGE_BYTES = 64 * 1024 * 1024

mimetypes.add_type("application/x-ndjson", ".ndjson")
mimetypes.add_type("application/x-ndjson", ".jsonl")
mimetypes.add_type("message/rfc822", ".eml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """Where the service is and who calls."""

    address: str = DEFAULT_ADDRESS
    authority: Path | None = None
    certificate: Path | None = None
    private_key: Path | None = None
    token: Path | None = None

    @contextmanager
    def open(self) -> Iterator[grpc.Channel]:
        """A channel over TLS; over plain text where no authority is given, for loopback only."""
        options = [("grpc.max_receive_message_length", _MESSAGE_BYTES)]
        if self.authority is None:
            channel = grpc.insecure_channel(self.address, options=options)
        else:
            credentials = grpc.ssl_channel_credentials(
                root_certificates=self.authority.read_bytes(),
                private_key=self.private_key.read_bytes() if self.private_key else None,
                certificate_chain=self.certificate.read_bytes() if self.certificate else None,
            )
            channel = grpc.secure_channel(self.address, credentials, options=options)
        with channel:
            yield channel

    @property
    def metadata(self) -> tuple[tuple[str, str], ...]:
        """What every call carries: the bearer token, if there is one."""
        if self.token is None:
            return ()
        return (("authorization", f"Bearer {self.token.read_text(encoding='utf-8').strip()}"),)


def _options(
    address: Address = DEFAULT_ADDRESS,
    ca: Authority = None,
    cert: Certificate = None,
    key: PrivateKey = None,
    token: TokenFile = None,
) -> Connection:
    return Connection(address=address, authority=ca, certificate=cert, private_key=key, token=token)


def calling(command: Callable[..., T]) -> Callable[..., T]:
    """A command that calls a service: where it takes a `connection`, it has the options of one; the
    error of a call is printed with its reason and remedy, and ends it.
    """
    taken = inspect.signature(command, eval_str=True).parameters.values()
    options = inspect.signature(_options, eval_str=True).parameters

    @wraps(command)
    def guarded(**given: Any) -> T:
        if any(one.name == "connection" for one in taken):
            given["connection"] = _options(**{name: given.pop(name) for name in options})
        try:
            return command(**given)
        except grpc.RpcError as error:
            status = cast("grpc.Call", error)  # what a stub raises is both
            print_status(status, as_json=bool(given.get("as_json")))
            unreachable = status.code() in _UNREACHABLE
            if unreachable and _in_plain(given):
                errors_console.print(
                    "  No --ca was given (nor PRIVACY_CA), so it was called in plain text.",
                    markup=False,
                )
            end(Exit.UNREACHABLE if unreachable else Exit.NO)

    # What Typer reads to make the command's options.
    shown = [
        option
        for one in taken
        for option in (options.values() if one.name == "connection" else (one,))
    ]
    named = [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in shown]
    guarded.__signature__ = inspect.Signature(named)  # type: ignore[attr-defined]
    guarded.__annotations__ = {one.name: one.annotation for one in named}
    return guarded


def _in_plain(given: Mapping[str, Any]) -> bool:
    """Whether the command was given no authority, though it might have been."""
    connection = given.get("connection")
    return given.get("ca", ()) is None if connection is None else connection.authority is None


def print_status(error: grpc.Call, *, as_json: bool) -> None:
    """What the service said, from `google.rpc.Status` (AIP-193)."""
    info = error_info(error)
    details = dict(info.metadata) if info else {}
    remedy = details.pop("remedy", "")
    code = error.code().name
    if as_json:
        reason = info.reason if info else code
        print_json(
            {
                "error": {
                    "status": code,
                    "reason": reason,
                    "message": error.details(),
                    "remedy": remedy,
                    "details": details,
                    "violations": dict(_violations(error)),
                }
            }
        )
        return
    errors_console.print(f"[bold red]{info.reason if info else code}[/] ({code})")
    errors_console.print(f"  {error.details()}", markup=False)
    said = error.details() or ""
    for name, value in {**details, **dict(_violations(error))}.items():
        if f"{name}={value}" not in said:
            errors_console.print(f"  {name}: {value}", markup=False)
    if remedy and remedy not in said:
        errors_console.print(f"  {remedy}", markup=False)


def plain(message: Message) -> dict[str, Any]:
    """A message as JSON has it. Zeros, empty texts and empty lists are said, too, so that a script
    finds the same keys at every call; what was not stated at all is left out.
    """
    said: dict[str, Any] = MessageToDict(
        message, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
    )
    return said


def error_info(error: grpc.Call) -> error_details_pb2.ErrorInfo | None:
    """The error's reason and metadata, if the service gave one."""
    status = rpc_status.from_call(error)
    for detail in status.details if status else ():
        info = error_details_pb2.ErrorInfo()
        if detail.Is(info.DESCRIPTOR):
            detail.Unpack(info)
            return info
    return None


def _violations(error: grpc.Call) -> Iterator[tuple[str, str]]:
    """The fields that break a rule, each with what the rule asks; the request itself for a rule on
    several.
    """
    status = rpc_status.from_call(error)
    for detail in status.details if status else ():
        bad = error_details_pb2.BadRequest()
        if detail.Unpack(bad):
            for one in bad.field_violations:
                yield one.field, one.description


def guessed_type(path: Path) -> str:
    """The content type that a file's name stands for, `text/plain` where it stands for none."""
    return mimetypes.guess_type(path.name)[0] or "text/plain"
