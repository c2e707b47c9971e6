"""The service, alone in a process: `python -m bench.serving FOLDER CORES PROCESSES SECOND`.

It prints one line of JSON when it is SERVING, and serves until its standard input closes.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

CONTRACTS = Path(__file__).parent / "contracts"


def main(folder: str, cores: str, processes: str, second: str) -> None:
    os.sched_setaffinity(0, {int(core) for core in cores.split(",")})
    from privacy_service import logs
    from privacy_service.app.running import running
    from privacy_service.commands.examples import partners_of, put_examples
    from privacy_service.commands.serving import spare_collector
    from privacy_service.commands.trial import set_up
    from privacy_service.settings import DetectionSettings

    logs.silence_libraries()
    before = time.perf_counter()
    trial = set_up(
        Path(folder),
        partners_of(CONTRACTS),
        detection=DetectionSettings.model_validate(
            {"processes": int(processes), "seconds": 600, "second_opinion": second}
        ),
    )
    set_up_seconds = time.perf_counter() - before
    with running(trial.settings) as service:
        put_examples(trial, service.port, CONTRACTS)
        spare_collector()
        files = trial.partners["bench-shop"]
        said = {
            "port": service.port,
            "set_up_seconds": set_up_seconds,
            "authority": str(files.authority),
            "certificate": str(files.certificate),
            "private_key": str(files.private_key),
            "server_certificate": str(trial.settings.server.certificate),
            "server_key": str(trial.settings.server.private_key),
        }
        print(json.dumps(said), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main(*sys.argv[1:])
