"""One replica, alone in a process: `python -m bench.replica SETTINGS`, a file of settings in JSON.

It prints one line of JSON when it is SERVING, and serves until its standard input closes.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path


def main(settings: str) -> None:
    from privacy_service import logs
    from privacy_service.app.running import running
    from privacy_service.settings import Settings

    logs.silence_libraries()
    with running(Settings.model_validate_json(Path(settings).read_text("utf-8"))) as service:
        print(json.dumps({"port": service.port}), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main(sys.argv[1])
