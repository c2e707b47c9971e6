"""What a recipient is written who is told by e-mail: what to do, until when, and how to confirm.

A letter names no person. Which disclosures and tokens it is about is not in it either, because
mail is read on the way: they are behind the link, or told over the API. What it says in each
language is in `words/`, beside what stands on the page behind the link.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Final

from ruamel.yaml import YAML

from privacy_service.subjects.notices import Notice

LANGUAGES: Final = ("en", "de", "es", "fr", "it", "nl", "pl", "pt")
"""Languages that letters and pages are written in; the first one where none is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterWords:
    """A letter's words in one language. `asks` are by kind of notice."""

    subject: str
    greeting: str
    asks: Mapping[str, str]
    else_asks: str
    until: str
    concerns: str
    by_link: str
    no_reply: str
    by_api: str
    ask: str
    again: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PageWords:
    """A page's words in one language."""

    act: str
    to: str
    until: str
    disclosures: str
    tokens: str
    fields: str
    later_value: str
    more: str
    states: str
    confirm: str
    confirmed: str
    confirmed_at: str
    nothing_more: str
    nothing: str
    taken_back: str
    not_now: str
    try_later: str
    invalid: str
    invalid_says: str
    expired: str
    expired_says: str
    questions: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Everything that is said in one language. `counted` are one and many, by what is counted."""

    language: str
    letter: LetterWords
    page: PageWords
    counted: Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    subject: str
    text: str = field(repr=False)


@cache
def words_in(language: str) -> Words:
    """The words of a language; where it is none of `LANGUAGES`, of the first of them."""
    known = language if language in LANGUAGES else LANGUAGES[0]
    text = files(__package__).joinpath("words", f"{known}.yaml").read_text(encoding="utf-8")
    said = YAML(typ="safe", pure=True).load(text)
    return Words(
        language=known,
        letter=LetterWords(**said["letter"]),
        page=PageWords(**said["page"]),
        counted={what: (one, many) for what, (one, many) in said["counted"].items()},
    )


def preferred(accepted: str) -> str | None:
    """The language that a visitor's browser prefers (`Accept-Language`) of those that there are;
    None: none of them.
    """
    ranked = []
    for place, part in enumerate(accepted[:_MOST_ACCEPTED].split(",")):
        name, _, weight = part.strip().partition(";")
        language = name.strip().partition("-")[0].casefold()
        if language in LANGUAGES:
            ranked.append((-_weight(weight), place, language))
    found = min(ranked, default=None)
    return None if found is None or found[0] == 0 else found[2]


_MOST_ACCEPTED: Final = 500


def _weight(written: str) -> float:
    try:
        weight = float(written.strip().removeprefix("q=") or 1)
    except ValueError:
        return 0.0
    return weight if 0 <= weight <= 1 else 0.0


def letter(
    notice: Notice,
    *,
    language: str,
    organisation: str,
    contact: str,
    link: str | None,
    now: datetime,
) -> Letter:
    """The letter about a notice; without a link it says how to confirm over the API."""
    known = words_in(language)
    words, named = known.letter, notice.concerns
    counts = {
        "disclosures": len(named.disclosures), "tokens": len(named.tokens),
        "fields": len(named.corrected),
    }  # fmt: skip
    what = ", ".join(
        _counted(count, known.counted[name], more=named.more)
        for name, count in counts.items()
        if count
    )
    said = {
        "recipient": notice.recipient, "notice": notice.id, "link": link or "",
        "deadline": f"{notice.deadline:%Y-%m-%d %H:%M} UTC", "contact": contact,
        "what": what, "day": f"{notice.deadline:%Y-%m-%d}",
    }  # fmt: skip
    parts = [
        words.greeting,
        *([words.again] if notice.reminder(now) else []),
        words.asks.get(notice.kind.value, words.else_asks),
        words.until,
        *([words.concerns] if what else []),
        words.by_link if link else words.by_api,
        words.no_reply,
        *([words.ask] if contact else []),
    ]
    text = "\n\n".join(part.format_map(said) for part in parts)
    return Letter(
        subject=words.subject.format_map(said), text=f"{text}\n\n{organisation}".rstrip() + "\n"
    )


def _counted(count: int, forms: tuple[str, str], *, more: bool) -> str:
    one, many = forms
    form = one if count == 1 and not more else many
    return form.format(count=f"{count}{'+' if more else ''}")
