"""Has what a model wrote checked before anybody reads it, and prints what may be shown.

    python check.py acme-shop parrot-ai order-status "Where is my order?" "It is on its way."

Where the service is and who you are come from the environment, as in send.py. The stubs are those
of the installed package; in a project of your own, generate them from proto/.
"""

import sys
import uuid

import grpc
from send import channel, reason_of

from privacy_service.v1 import behavior_pb2 as pb
from privacy_service.v1.behavior_pb2_grpc import BehaviorServiceStub


def main() -> int:
    """Prints what may be shown; says what became of it on the standard error."""
    party, provider, use_case, prompt, answer = sys.argv[1:]
    request = pb.CheckOutputRequest(
        party=party,
        provider=provider,
        use_case=use_case,
        content_type="text/plain",
        content=answer.encode(),
        prompt=prompt,
        # Keep it: by this id you say afterwards how the answer really was (ReportOutcome).
        request_id=str(uuid.uuid4()),
    )
    with channel() as opened:
        try:
            checked = BehaviorServiceStub(opened).CheckOutput(request, timeout=5).result
        except grpc.RpcError as error:
            # Nothing could be judged, so nothing is shown.
            print(f"{reason_of(error)}: {error.details()}", file=sys.stderr)
            return 1
    print(f"{pb.Outcome.Name(checked.outcome)}, check {request.request_id}", file=sys.stderr)
    for verdict in checked.verdicts:
        if verdict.why:
            print(f"  {verdict.expectation_id}: {verdict.why}", file=sys.stderr)
    for ask in checked.ask:
        print(f"  ask the model again: {ask}", file=sys.stderr)
    if checked.review_id:
        print(f"  a person decides it: review {checked.review_id}", file=sys.stderr)
    if not checked.HasField("content"):
        return 1
    print(checked.content.decode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
