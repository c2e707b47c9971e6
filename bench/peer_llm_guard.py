"""llm-guard doing our checks: run by the Python of its own environment, and by nothing else.

Reads {"texts", "timed", "phrases", "patterns", "secrets", "seconds"} from its standard input.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import time

os.environ["HF_HUB_OFFLINE"] = "1"

import structlog
from llm_guard.input_scanners import Secrets
from llm_guard.output_scanners import BanSubstrings, Regex


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    asked = json.load(sys.stdin)
    scanners = [
        BanSubstrings(substrings=asked["phrases"], match_type="word", case_sensitive=False),
        Regex(patterns=asked["patterns"], is_blocked=True, redact=False),
    ]
    secrets = Secrets() if asked["secrets"] else None

    def passes(text: str) -> bool:
        valid = [scanner.scan("", text)[1] for scanner in scanners]
        if secrets is not None:
            valid.append(secrets.scan(text)[1])
        return all(valid)

    json.dump(measured(passes, asked), sys.stdout)


def measured(passes: object, asked: dict[str, object]) -> dict[str, object]:
    verdicts = [passes(text) for text in asked["texts"]]
    rates = {}
    for name, text in asked["timed"].items():
        passes(text)
        began, calls, times = time.process_time(), 0, []
        while time.process_time() - began < asked["seconds"] or calls < 5:
            before = time.perf_counter()
            passes(text)
            times.append(time.perf_counter() - before)
            calls += 1
        rates[name] = {
            "rate": calls / (time.process_time() - began),
            "median_ms": 1000 * sorted(times)[len(times) // 2],
        }
    return {"verdicts": verdicts, "rates": rates}


if __name__ == "__main__":
    main()
