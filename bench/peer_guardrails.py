"""guardrails-ai doing our checks: run by the Python of its own environment, and by nothing else.

Reads {"texts", "timed", "phrases", "patterns", "secrets", "seconds"} from its standard input.
"""

from __future__ import annotations

import json
import os
import sys
import time

os.environ |= {"OTEL_SDK_DISABLED": "true", "GUARDRAILS_RUN_SYNC": "true"}

from guardrails import Guard
from guardrails.errors import ValidationError
from guardrails_ai.ban_list import BanList
from guardrails_ai.regex_match import RegexMatch


def main() -> None:
    asked = json.load(sys.stdin)
    without = "".join(f"(?!(?:.|\n)*{pattern})" for pattern in asked["patterns"])
    validators = [
        BanList(banned_words=asked["phrases"], max_l_dist=0, on_fail="exception"),
        RegexMatch(regex=f"{without}(?:.|\n)*", match_type="fullmatch", on_fail="exception"),
    ]
    if asked["secrets"]:
        from guardrails_ai.secrets_present import SecretsPresent

        validators.append(SecretsPresent(on_fail="exception"))
    guard = Guard().use(*validators)

    def passes(text: str) -> bool:
        try:
            return bool(guard.validate(text).validation_passed)
        except ValidationError:
            return False

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
