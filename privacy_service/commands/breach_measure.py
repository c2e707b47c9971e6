"""Acts of other services that contain a breach: they stand in its timeline, too."""

from __future__ import annotations

import uuid
from typing import Annotated, Final

import typer
from google.protobuf.timestamp_pb2 import Timestamp

from privacy_service.commands.client import Connection
from privacy_service.v1 import breaches_pb2 as pb
from privacy_service.v1 import breaches_pb2_grpc as pb_grpc

_SECONDS: Final = 30.0
ForBreach = Annotated[
    str, typer.Option("--breach", metavar="BREACH", help="Put it into this breach's timeline, too.")
]


def require_breach(connection: Connection, breach_id: str) -> None:
    """Raises what the service says where there is no such breach: before anything is done."""
    if breach_id:
        with connection.open() as channel:
            pb_grpc.BreachServiceStub(channel).GetBreach(
                pb.GetBreachRequest(breach_id=breach_id),
                timeout=_SECONDS,
                metadata=connection.metadata,
            )


def say_measure(
    connection: Connection, breach_id: str, *, what: str, says: str, request_id: str
) -> None:
    """Says what was done, once for the request id of the act."""
    if not breach_id:
        return
    now = Timestamp()
    now.GetCurrentTime()
    request = pb.RecordStatementRequest(
        breach_id=breach_id,
        statement=pb.BreachStatement(measure=pb.MeasureStatement(what=what, at=now, says=says)),
        request_id=str(uuid.uuid5(uuid.NAMESPACE_OID, f"{request_id} {what}")),
    )
    with connection.open() as channel:
        pb_grpc.BreachServiceStub(channel).RecordStatement(
            request, timeout=_SECONDS, metadata=connection.metadata
        )
