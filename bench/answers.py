"""The service that judges answers, alone in a process: `python -m bench.answers FOLDER CORE`.

Like `bench.serving`, without a language model, and with the behavior contracts that are measured.
"""

from __future__ import annotations

import json
import os
import sys
import uuid
from pathlib import Path

from bench.serving import CONTRACTS

BEHAVIOR = Path(__file__).parent / "behavior_contracts"


def main(folder: str, core: str) -> None:
    os.sched_setaffinity(0, {int(core)})
    from privacy_service import logs
    from privacy_service.app.running import running
    from privacy_service.commands.client import Connection
    from privacy_service.commands.examples import partners_of, put_examples
    from privacy_service.commands.serving import spare_collector
    from privacy_service.commands.trial import set_up
    from privacy_service.settings import DetectionSettings
    from privacy_service.v1 import behavior_pb2, behavior_pb2_grpc

    logs.silence_libraries()
    detection = DetectionSettings(model="none", second_opinion="none", processes=1)
    trial = set_up(Path(folder), partners_of(CONTRACTS), detection=detection)
    with running(trial.settings) as service:
        put_examples(trial, service.port, CONTRACTS)
        files = trial.partners["bench-shop"]
        connection = Connection(
            address=f"127.0.0.1:{service.port}",
            authority=files.authority,
            certificate=files.certificate,
            private_key=files.private_key,
        )
        with connection.open() as channel:
            stub = behavior_pb2_grpc.BehaviorServiceStub(channel)
            for file in sorted(BEHAVIOR.glob("*.yaml")):
                source, request_id = file.read_text("utf-8"), str(uuid.uuid4())
                stub.PutBehaviorContract(
                    behavior_pb2.PutBehaviorContractRequest(source=source, request_id=request_id),
                    timeout=10,
                )
        spare_collector()
        said = {
            "port": service.port,
            "authority": str(files.authority),
            "certificate": str(files.certificate),
            "private_key": str(files.private_key),
        }
        print(json.dumps(said), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main(*sys.argv[1:])
