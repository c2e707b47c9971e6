"""The one entry: `python -m bench`, or `python -m bench runtimes detection service --full`."""

from __future__ import annotations

import argparse
import os

# Side by side means on one core each: numpy would take all of them, spaCy's own library takes one.
os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")

from bench import (
    behavior,
    detection,
    erasure,
    gateway,
    keys,
    log,
    machine,
    opinions,
    replicas,
    runtimes,
    service,
    store,
    sweeps,
)
from bench.report import Report

BENCHES = {
    "runtimes": runtimes.run,
    "detection": detection.run,
    "opinions": opinions.run,
    "service": service.run,
    "gateway": gateway.run,
    "behavior": behavior.run,
    "store": store.run,
    "log": log.run,
    "replicas": replicas.run,
    "erasure": erasure.run,
    "keys": keys.run,
    "sweeps": sweeps.run,
}


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    asked.add_argument("bench", nargs="*", help=f"which of {', '.join(BENCHES)}; default: all")
    asked.add_argument("--full", action="store_true", help="up to 10 MB, which takes long")
    options = asked.parse_args()
    for name in options.bench or BENCHES:
        report = Report(name, machine.description())
        BENCHES[name](report, full=options.full)
        print(f"written to {report.write()}\n")


if __name__ == "__main__":
    main()
