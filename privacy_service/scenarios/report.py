"""What playing scenarios came to: for people (HTML), for CI (JUnit XML) and for programs (JSON).

It names scenarios, outcomes, expectations and failure modes, and has no word that was asked or
answered.
"""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, Template

from privacy_service.evidence.entries import ContractRef
from privacy_service.scenarios.play import StepResult
from privacy_service.scenarios.ports import Judged


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """Everything that was played under one contract. `partner` says whose answers they were."""

    contract: ContractRef
    partner: str
    at: datetime
    results: tuple[tuple[str, StepResult], ...]
    """Each with the title of its play."""

    @property
    def faults(self) -> int:
        """Steps that are not as they have to be."""
        return sum(not one.passed for _title, one in self.results)

    @property
    def missed(self) -> tuple[StepResult, ...]:
        """Steps of which it is known that they go through, and that do."""
        return tuple(
            one for _title, one in self.results if one.step.known_miss is not None and one.faults
        )

    @property
    def passed(self) -> bool:
        """Whether all is as it has to be."""
        return self.faults == 0


def as_json(validation: Validation) -> dict[str, Any]:
    """The report as plain values."""
    return {
        "contract": {
            "id": validation.contract.id,
            "version": validation.contract.number,
            "digest": validation.contract.digest,
        },
        "partner": validation.partner,
        "at": validation.at.isoformat(),
        "passed": validation.passed,
        "counts": counts(validation),
        "steps": [_plain(title, one) for title, one in validation.results],
    }


def counts(validation: Validation) -> dict[str, int]:
    """How many steps were played, are as they have to be, are not, and are known to go through."""
    known = len(validation.missed)
    return {
        "steps": len(validation.results),
        "as_expected": len(validation.results) - validation.faults - known,
        "faults": validation.faults,
        "known_misses": known,
    }


def as_junit(validation: Validation) -> str:
    """JUnit XML, as CI systems read it: a suite for each play, a case for each step."""
    root = ET.Element("testsuites", name=validation.contract.id)
    for title, results in _by_title(validation.results).items():
        suite = ET.SubElement(
            root,
            "testsuite",
            name=title,
            tests=str(len(results)),
            failures=str(sum(not one.passed for one in results)),
            skipped=str(sum(_is_miss(one) for one in results)),
            time=f"{sum(one.seconds for one in results):.3f}",
        )
        for one in results:
            _case(suite, one)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def as_html(validation: Validation) -> str:
    """One page for people, with nothing fetched from elsewhere."""
    kinds: Counter[tuple[str, bool]] = Counter(
        (one.scenario.kind.value, one.passed) for _title, one in validation.results
    )
    return _page().render(
        validation=validation,
        counts=counts(validation),
        kinds=[
            (kind, kinds[kind, True], kinds[kind, False])
            for kind in sorted({kind for kind, _passed in kinds})
        ],
        plays={
            title: [_plain(title, one) for one in results]
            for title, results in _by_title(validation.results).items()
        },
    )


def name_of(result: StepResult) -> str:
    """`scenario`, or `scenario, step 2` where there are several."""
    several = len(result.scenario.steps) > 1
    return f"{result.scenario.name}, step {result.number}" if several else result.scenario.name


def _case(suite: ET.Element, one: StepResult) -> None:
    case = ET.SubElement(
        suite,
        "testcase",
        name=name_of(one),
        classname=one.scenario.kind.value,
        time=f"{one.seconds:.3f}",
    )
    if _is_miss(one):
        ET.SubElement(case, "skipped", message=f"known miss: {one.step.known_miss}")
    elif one.faults:
        failure = ET.SubElement(case, "failure", message=one.faults[0], type=one.outcome)
        failure.text = "\n".join(one.faults)


def _is_miss(one: StepResult) -> bool:
    return one.step.known_miss is not None and bool(one.faults)


def _plain(title: str, one: StepResult) -> dict[str, Any]:
    return {
        "play": title,
        "scenario": one.scenario.name,
        "kind": one.scenario.kind.value,
        "step": one.number,
        "name": name_of(one),
        "outcome": one.outcome,
        "passed": one.passed,
        "faults": list(one.faults),
        "known_miss": one.step.known_miss,
        "missed": _is_miss(one),
        "tries": one.tries,
        "seconds": round(one.seconds, 4),
        "prompt": _judged(one.prompt),
        "output": _judged(one.output),
    }


def _judged(judged: Judged | None) -> dict[str, Any] | None:
    if judged is None:
        return None
    return {
        "outcome": judged.outcome,
        "broken": list(judged.broken),
        "failures": list(judged.failures),
        "playbooks": list(judged.playbooks),
    }


def _by_title(results: Sequence[tuple[str, StepResult]]) -> Mapping[str, list[StepResult]]:
    found: dict[str, list[StepResult]] = {}
    for title, one in results:
        found.setdefault(title, []).append(one)
    return found


def json_text(validation: Validation) -> str:
    """The report as JSON."""
    return json.dumps(as_json(validation), ensure_ascii=False, indent=2) + "\n"


@cache
def _page() -> Template:
    loader = PackageLoader("privacy_service.scenarios", ".")
    return Environment(loader=loader, autoescape=True).get_template("report.html.jinja")
