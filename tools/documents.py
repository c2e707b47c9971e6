"""Writes the lists in the documents from the code: `python -m tools.documents [--check]`.

A list stands between `<!-- list: NAME -->` and `<!-- /list -->`. With `--check` nothing is written,
and a list that is not what the code says ends the command with 1.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from pydantic.fields import FieldInfo

from privacy_service.behavior.signals import SIGNALS
from privacy_service.behavior.windows import WINDOW_SIGNALS
from privacy_service.enforcement.reasons import MESSAGES
from privacy_service.errors import REASONS
from privacy_service.law.book import law_of
from privacy_service.law.rules import FOLLOWED
from privacy_service.law.words import in_words
from privacy_service.rpc.status import STATUS
from privacy_service.settings import by_name
from privacy_service.subjects.reasons import JUSTIFICATIONS
from privacy_service.subjects.requests import TRANSITIONS, RequestState
from retention.registry import all_jobs

ROOT = Path(__file__).parent.parent
_LIST = re.compile(r"(<!-- list: (?P<name>[\w-]+) -->\n).*?(<!-- /list -->)", re.DOTALL)


def settings() -> Iterator[str]:
    """Every setting, its default and what it is for."""
    yield "| setting | default | what it is |"
    yield "|---|---|---|"
    for name, field in by_name().items():
        yield f"| `{name}` | {_default(field)} | {field.description} |"


def errors() -> Iterator[str]:
    """Every reason of an error, with what to do."""
    yield "| reason | gRPC status | what happened | what to do |"
    yield "|---|---|---|---|"
    for reason in REASONS.values():
        yield f"| `{reason.code}` | {STATUS[reason.kind].name} | {reason.says} | {reason.remedy} |"


def decisions() -> Iterator[str]:
    """Every reason of a decision."""
    yield "| reason | what it says |"
    yield "|---|---|"
    for code, message in MESSAGES.items():
        yield f"| `{code}` | {message} |"


def jobs() -> Iterator[str]:
    """Every job, when it runs unless the settings say otherwise, and what it does."""
    yield "| job | runs (UTC) | what it does |"
    yield "|---|---|---|"
    for job in all_jobs():
        yield f"| `{job.name}` | `{job.cron}` | {job.says} |"


def signals() -> Iterator[str]:
    """Every signal that a condition of a behavior contract may name."""
    yield "| signal | type | what it is |"
    yield "|---|---|---|"
    for signal in SIGNALS:
        yield f"| `{signal.name}` | {signal.type} | {signal.says} |"


def window_signals() -> Iterator[str]:
    """Every signal that a condition over a window may name."""
    yield "| signal | type | what it is |"
    yield "|---|---|---|"
    for signal in WINDOW_SIGNALS:
        yield f"| `{signal.name}` | {signal.type} | {signal.says} |"


def law() -> Iterator[str]:
    """Every rule that ships, with what it rests on."""
    yield "| rule | who is told | when | citation | sourced | holds |"
    yield "|---|---|---|---|---|---|"
    for _id, rule in sorted(law_of().rules.items()):
        holds = f"from {rule.effective_from}" if rule.effective_from else "proposal"
        if rule.effective_until:
            holds += f" until {rule.effective_until}"
        followed = "" if rule.confidence in FOLLOWED else ", not followed"
        sourced = f"{rule.confidence.value}{followed}"
        who, when = rule.to, in_words(rule)
        yield f"| `{rule.id}` | {who} | {when} | {rule.citation} | {sourced} | {holds} |"


def justifications() -> Iterator[str]:
    """Every coded reason, with the article that it rests on."""
    yield "| code | serves for | article | term | what it says |"
    yield "|---|---|---|---|---|"
    for one in JUSTIFICATIONS.values():
        serves = ", ".join(sorted(use.value for use in one.serves))
        yield f"| `{one.code}` | {serves} | {one.article} | `{one.term}` | {one.says} |"


def transitions() -> Iterator[str]:
    """What may be done to a subject request, in which states, and where it leads."""
    yield "| step | in the states | leads to | who | needs |"
    yield "|---|---|---|---|---|"
    for step, way in TRANSITIONS.items():
        states = ", ".join(state.value for state in RequestState if state in way.states)
        to = way.to.value if way.to else "the same"
        who = ", ".join(sorted(role.value for role in way.roles)) or "the service"
        yield f"| `{step.value}` | {states} | {to} | {who} | {way.needs or '–'} |"


LISTS: dict[str, Callable[[], Iterator[str]]] = {
    "settings": settings,
    "errors": errors,
    "decisions": decisions,
    "jobs": jobs,
    "justifications": justifications,
    "transitions": transitions,
    "signals": signals,
    "window-signals": window_signals,
    "law": law,
}


def written(text: str) -> str:
    """The document with each of its lists as the code has it."""

    def fill(found: re.Match[str]) -> str:
        return found[1] + "\n".join(LISTS[found["name"]]()) + "\n" + found[3]

    return _LIST.sub(fill, text)


def _default(field: FieldInfo) -> str:
    value = field.get_default(call_default_factory=True)
    if value is None or value in ("", {}, ()):
        return "–"
    return f"`{value}`"


def main(arguments: list[str]) -> int:
    """Writes, or checks."""
    drifted = []
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        text = path.read_text(encoding="utf-8")
        new = written(text)
        if new != text:
            drifted.append(path.relative_to(ROOT))
            if "--check" not in arguments:
                path.write_text(new, encoding="utf-8")
    for path in drifted:
        sys.stderr.write(f"{path}: its lists were not what the code says\n")
    return 1 if drifted and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
