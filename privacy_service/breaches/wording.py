"""What notices say of a breach by themselves, in the language of the notice: `words/`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from ruamel.yaml import YAML

from privacy_service.law.reach import Count

LANGUAGES: Final = ("en", "de", "es", "fr", "it", "nl", "pl", "pt")
"""Languages that notices ship in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """The words of one language. `measures` are by what a measure is called, `paper` what stands
    beside a notice that is printed.
    """

    people: str
    about: str
    records: str
    natures: Mapping[str, str]
    times: Mapping[str, str]
    measures: Mapping[str, str]
    paper: Mapping[str, str]

    def of_people(self, count: Count) -> str:
        """How many people."""
        number = str(count.number)
        said = self.about.format(count=number) if count.approximate else number
        return self.people.format(count=said)


def wording(language: str) -> Wording:
    """The words of a language (`pt` for `pt-BR`); of English where there are none."""
    known = language.partition("-")[0]
    return _read(known if known in LANGUAGES else LANGUAGES[0])


@cache
def _read(language: str) -> Wording:
    text = files(__package__).joinpath("words", f"{language}.yaml").read_text(encoding="utf-8")
    return Wording(**YAML(typ="safe", pure=True).load(text))
