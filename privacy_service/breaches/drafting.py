"""Drafts the text of a notice: a template per recipient and language, filled from the breach.

Which contents stand in it is the rule's affair: each content that the law asks for is a section,
filled from what was said of the breach or by the officer, or named as missing. What the rule
forbids is left out. A template of yours is looked for first by rule, then by recipient.

Values are data, never template: whatever stands in a name, nothing of it is run.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any, Final

from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from privacy_service import errors
from privacy_service.breaches.breach import Breach
from privacy_service.breaches.notices import Phase
from privacy_service.breaches.scope import entities_left
from privacy_service.breaches.statements import LIFTED, FactsSaid, MeasureTaken
from privacy_service.breaches.wording import Wording, wording
from privacy_service.errors import PrivacyError
from privacy_service.law.reach import Count
from privacy_service.law.rules import Recipient, Rule

LONGEST: Final = 100_000
"""Characters that a notice may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """In whose name notices go, and who can be asked."""

    organisation: str = ""
    contact: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A text, and what the law asks for that it does not have."""

    subject: str
    text: str = field(repr=False)
    missing: tuple[str, ...]


Templates = Callable[[str], str | None]
"""The source of a template by its file name, None where there is none."""


def draft(
    breach: Breach,
    rule: Rule,
    *,
    phase: Phase,
    language: str,
    given: Mapping[str, str],
    sender: Sender,
    now: datetime,
    templates: Templates,
    reasons_for_delay: str = "",
) -> Draft:
    """The notice that a rule asks for. `given` are contents in the officer's words, by their id;
    they stand before what follows from the breach.

    Raises TEMPLATE_NOT_FOUND, TEMPLATE_INVALID, NOTICE_FORBIDS for a content that may not stand.
    """
    forbidden = sorted(set(given) & set(rule.must_not_hold))
    if forbidden:
        raise PrivacyError(errors.NOTICE_FORBIDS, rule=rule.id, contents=", ".join(forbidden))
    words = wording(language)
    known = _known(breach, rule, sender, words) | {
        name: text.strip() for name, text in given.items()
    }
    asked = {content.id: content.says for content in rule.contents}
    extra = [name for name in given if name not in asked]
    sections = [
        {"id": name, "asks": asked.get(name, name), "says": known.get(name, "")}
        for name in (*asked, *extra)
        if name not in rule.must_not_hold
    ]
    source = _source(rule, language, templates)
    rendered = _render(
        source,
        {
            "sections": sections,
            "rule": {"id": rule.id, "title": rule.title, "citation": rule.citation, "to": rule.to},
            "breach": _breach(breach),
            "phase": phase.value,
            "organisation": sender.organisation,
            "contact": sender.contact,
            "reasons_for_delay": reasons_for_delay,
            "today": f"{now:%Y-%m-%d}",
        },
    )
    subject, _, text = rendered.partition("\n")
    return Draft(
        subject=_one_line(subject),
        text=text.strip() + "\n",
        missing=tuple(str(one["id"]) for one in sections if not one["says"]),
    )


def shipped_template(name: str) -> str | None:
    """A template that ships with the product."""
    return _shipped().get(name)


@cache
def _shipped() -> Mapping[str, str]:
    folder = files(__package__).joinpath("templates")
    return {
        one.name: one.read_text(encoding="utf-8")
        for one in folder.iterdir()
        if one.name.endswith(".txt.j2")
    }


# -- What is known ----------------------------------------------------------------------------


def _known(breach: Breach, rule: Rule, sender: Sender, words: Wording) -> dict[str, str]:
    """The contents that follow from what was said."""
    facts, scope = breach.facts, breach.scope
    happened = _period(breach, words)
    categories = entities_left(scope.categories) if scope else []
    known = {
        "nature": _nature(breach, words, timed=rule.recipient is not Recipient.SUBJECTS),
        "period": happened,
        "contact": sender.contact,
        "measures": "\n".join(f"- {text}" for text in _measures(breach, words)),
        "subject_count": _people(facts.total, words),
        "subject_categories": _people(facts.total, words),
        "record_categories": _records(categories, scope.records if scope else 0, words),
    }
    return {name: text for name, text in known.items() if text}


def _measures(breach: Breach, words: Wording) -> list[str]:
    """What was done, each once: what the service did by itself in words that name no partner and no
    key, and not that it was lifted again; what people say was done as they say it.
    """
    said = (
        words.measures.get(one.what, one.says)
        for one in breach.all(MeasureTaken)
        if not one.what.endswith(LIFTED)
    )
    return list(dict.fromkeys(said))


def _nature(breach: Breach, words: Wording, *, timed: bool) -> str:
    """What happened; when we noticed is for those who ask whether we were in time."""
    hurt = ", ".join(words.natures[nature.value] for nature in breach.natures)
    says = f"{breach.opening.title}{f' ({hurt})' if hurt else ''}."
    return f"{says} {_period(breach, words)}".strip() if timed else says


def _period(breach: Breach, words: Wording) -> str:
    times = breach.times
    said = [
        f"{word}: {times[name].at:%Y-%m-%d %H:%M} UTC"
        for name, word in words.times.items()
        if name in times
    ]
    return "; ".join(said)


def _people(total: Count | None, words: Wording) -> str:
    return "" if total is None else words.of_people(total)


def _records(categories: list[str], records: int, words: Wording) -> str:
    said = ", ".join(name.replace("_", " ").lower() for name in categories)
    return f"{said}; {words.records.format(count=records)}" if said and records else said


def _breach(breach: Breach) -> dict[str, Any]:
    residents = {home: str(count) for home, count in breach.facts.residents.items()}
    for said in breach.all(FactsSaid):
        residents |= {home: str(count) for home, count in said.residents.items()}
    return {
        "id": breach.id,
        "title": breach.opening.title,
        "drill": breach.opening.drill,
        "residents": residents,
        "times": {name: f"{said.at:%Y-%m-%d %H:%M} UTC" for name, said in breach.times.items()},
    }


# -- Rendering --------------------------------------------------------------------------------

_ENVIRONMENT: Final = ImmutableSandboxedEnvironment(
    undefined=StrictUndefined,
    autoescape=False,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)


def _source(rule: Rule, language: str, templates: Templates) -> str:
    names = [f"{stem}.{language}.txt.j2" for stem in (rule.id, rule.recipient.value, "any")]
    for name in names:
        found = templates(name)
        if found is not None:
            return found
    raise PrivacyError(errors.TEMPLATE_NOT_FOUND, rule=rule.id, language=language[:16])


def _render(source: str, values: Mapping[str, Any]) -> str:
    parts, length = [], 0
    try:
        for part in _ENVIRONMENT.from_string(source).generate(values):
            length += len(part)
            if length > LONGEST:
                raise PrivacyError(errors.TEMPLATE_INVALID, says="the notice is too long")
            parts.append(part)
    except TemplateError as error:
        # Its message may quote a value; its kind does not.
        raise PrivacyError(errors.TEMPLATE_INVALID, says=type(error).__name__) from None
    except (TypeError, ValueError, ArithmeticError, OverflowError, LookupError) as error:
        raise PrivacyError(errors.TEMPLATE_INVALID, says=type(error).__name__) from None
    return "".join(parts)


def _one_line(text: str) -> str:
    """Without anything that could begin another header."""
    return re.sub(r"[\x00-\x1f\x7f\u2028\u2029]+", " ", text).strip()[:200]
