"""Has what a model writes checked while it writes, and passes on what may be.

    my-model | python answer.py acme-shop parrot-ai order-status "Where is my order?"

Where the service is and who you are come from the environment, as in send.py. The stubs are those
of the installed package; in a project of your own, generate them from proto/.
"""

import os
import sys
import uuid
from collections.abc import Iterator

import grpc
from send import channel, reason_of

from privacy_service.v1 import behavior_pb2, behavior_pb2_grpc


def pieces() -> Iterator[bytes]:
    """What the model says, as it says it. In your code: the chunks of its own stream."""
    while piece := os.read(0, 4096):
        yield piece


def requests(party: str, provider: str, use_case: str, prompt: str) -> Iterator[object]:
    """First what comes along, then the pieces, last that this was all."""
    part = behavior_pb2.CheckOutputStreamRequest
    opening = behavior_pb2.CheckOutputRequest(
        party=party,
        provider=provider,
        use_case=use_case,
        prompt=prompt,
        content_type="text/plain",
        confidence=0.9,  # if your model states one
        request_id=str(uuid.uuid4()),
    )
    yield part(opening=opening)
    for piece in pieces():
        yield part(chunk=piece)
    yield part(end=behavior_pb2.OutputEnd())  # without it, it was no whole answer


def main() -> int:
    """Prints what may be read, as it may; says what became of it on the standard error."""
    ended = None
    with channel() as opened:
        stub = behavior_pb2_grpc.BehaviorServiceStub(opened)
        try:
            for answer in stub.CheckOutputStream(requests(*sys.argv[1:]), timeout=120):
                if answer.released:
                    sys.stdout.buffer.write(answer.released)
                    sys.stdout.flush()
                elif answer.HasField("ended"):
                    ended = answer.ended
        except grpc.RpcError as error:
            print(f"{reason_of(error)}: {error.details()}", file=sys.stderr)
            return 1
    if ended is None:
        return 1
    outcome = behavior_pb2.Outcome.Name(ended.result.outcome)
    print(f"\n{outcome} at audit position {ended.result.audit.position}", file=sys.stderr)
    for verdict in ended.result.verdicts:
        if verdict.why:
            print(f"  {verdict.expectation_id}: {verdict.why}", file=sys.stderr)
    if ended.take_back:
        print("  take back what was shown", file=sys.stderr)
    return 0 if ended.result.HasField("content") else 1


if __name__ == "__main__":
    sys.exit(main())
