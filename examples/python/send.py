"""Sends one payload through a privacy service, and prints what may be passed on.

    python send.py order.json acme-shop swift-parcel dpv:DeliveryOfGoods

Where the service is and who you are come from the environment: PRIVACY_ADDRESS (host:port),
PRIVACY_CA (its authority), PRIVACY_CERT and PRIVACY_KEY (your client certificate), PEM files.

The stubs are those of the installed package. In a project of your own, generate them from proto/
(`python -m grpc_tools.protoc`): it needs grpcio and nothing else of ours.
"""

import os
import sys
import uuid
from pathlib import Path

import grpc
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from privacy_service.v1 import answer_pb2, enforcement_pb2, enforcement_pb2_grpc

# Only these two effects release. Anything else, also one that you do not know yet, means no.
RELEASED = (answer_pb2.EFFECT_ALLOW, answer_pb2.EFFECT_TREATED)


def channel() -> grpc.Channel:
    """A channel over mTLS."""
    authority, certificate, key = (
        Path(os.environ[name]).read_bytes()
        for name in ("PRIVACY_CA", "PRIVACY_CERT", "PRIVACY_KEY")
    )
    credentials = grpc.ssl_channel_credentials(authority, key, certificate)
    return grpc.secure_channel(os.environ.get("PRIVACY_ADDRESS", "localhost:8443"), credentials)


def reason_of(error: grpc.RpcError) -> str:
    """The stable reason of an error: google.rpc.ErrorInfo (AIP-193). Branch on it."""
    status = rpc_status.from_call(error)
    for detail in status.details if status else ():
        info = error_details_pb2.ErrorInfo()
        if detail.Unpack(info):
            return info.reason
    return error.code().name


def main() -> int:
    """Sends, prints the released payload, and says why if there is none."""
    file, sender, recipient, purpose, *content_type = sys.argv[1:]
    request = enforcement_pb2.TransferRequest(
        sender=sender,
        recipient=recipient,
        purpose=purpose,
        content_type=content_type[0] if content_type else "application/json",
        payload=Path(file).read_bytes(),
        # Keep the request id until you have an answer: sent again, it has one effect.
        request_id=str(uuid.uuid4()),
    )
    with channel() as opened:
        stub = enforcement_pb2_grpc.EnforcementServiceStub(opened)
        try:
            result = stub.Transfer(request, timeout=30).result
        except grpc.RpcError as error:
            print(f"{reason_of(error)}: {error.details()}", file=sys.stderr)
            return 1
    effect = answer_pb2.Effect.Name(result.decision.effect)
    print(f"{effect} at audit position {result.audit.position}", file=sys.stderr)
    for reason in result.decision.reasons:
        print(f"  {reason.code}: {reason.message}", file=sys.stderr)
    if result.decision.effect not in RELEASED:
        return 1
    sys.stdout.buffer.write(result.payload)
    return 0


if __name__ == "__main__":
    sys.exit(main())
