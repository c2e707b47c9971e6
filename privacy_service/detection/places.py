"""Places by name and by the words that lead to one, without a model."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from privacy_service.detection.candidates import Candidate
from privacy_service.detection.gazetteer import common_words, given_names, places, stop_words
from privacy_service.detection.words import folded, folded_case_kept

_CAPITAL: Final = re.compile(
    r"(?<![\w@./\\-])['’]?[A-ZÀ-ÖØ-ÞŁŚŻŹĆŽ][\w.'’\-]*(?:[ ](?:de|del|da|do|dos|das|di|la|le|les|am|an|der|den|of|and|the|sur|en|y)(?=[ ][A-ZÀ-Þ])|[ ](?:[A-ZÀ-ÖØ-ÞŁŚŻŹĆŽ&][\w.'’\-]*))*"
)
_LEADS: Final = re.compile(
    r"(?<!\w)(?:lives? in|living in|live in|reside[sd]? in|residing in|resident of|based in|located in|born in|"
    r"raised in|grew up in|moved (?:to|from)|move to|travel(?:l?ing|l?ed)? to|flew to|flying to|trip to|drove to|"
    r"native of|from the city of|city of|town of|village of|office in|"
    r"wohnhaft in|wohne in|wohnt in|lebt in|geboren in|aus der Stadt|Wohnort|"
    r"habite à|habite a|demeurant à|née? (?:le [\d./ ]{6,12} )?à|vit à|domiciliée? à|"
    r"vivo en|vive en|resid[eo] en|nacid[oa] en|natural de|domicilio en|domiciliad[oa] en|"
    r"vivo a|vive a|abito a|abita a|nat[oa] (?:il [\d./ ]{6,12} )?a|residente (?:in|a)|domiciliat[oa] (?:in|a)|"
    r"woon in|woont in|woonachtig (?:in|te)|geboren te|wonende te|"
    r"moro em|mora em|vive em|nascid[oa] em|residente em|natural de|nasci em|"
    r"mieszkam w|mieszka w|zamieszkał[ya] w|urodzon[ya] w)"
    r"[ ]{1,2}(?P<value>[A-ZÀ-ÖØ-ÞŁŚŻŹĆŽ][\w'’\-]{1,30}(?:[ -](?:[A-ZÀ-ÖØ-ÞŁŚŻŹĆŽ][\w'’\-]{1,30}|am|an|der|de|del|la|do|da)){0,3})"
)
_LEAD_WORDS: Final = frozenset(
    "in from to at near of visit visiting nach aus bei zu en a w z we do em no na te uit naar di da "
    "per vers depuis".split()
)
_BEFORE: Final = re.compile(r"([^\W\d_]+)[ ]$")


def find_places(text: str) -> Iterator[Candidate]:
    """Places: after words that lead to one, and by name where the name is little else."""
    for found in _LEADS.finditer(text):
        value = found["value"].rstrip(".'’-")
        if not _ordinary(value):
            yield _place(found.start("value"), len(value), 0.65, "lead")
    for found in _CAPITAL.finditer(text):
        yield from _named(text, found)


def _named(text: str, found: re.Match[str]) -> Iterator[Candidate]:
    """The longest names of places in one run of capitalized words."""
    sure, doubtful = places()
    parts = [(m.start(), m.end()) for m in re.finditer(r"\S+", found.group())]
    index = 0
    while index < len(parts):
        for end in range(min(len(parts), index + 5), index, -1):
            start, stop = parts[index][0], parts[end - 1][1]
            value = (
                found.group()[start:stop].rstrip(".'’,-")
                if end == len(parts)
                else found.group()[start:stop]
            )
            plain = folded_case_kept(value).lower()
            at = found.start() + start
            if plain in sure and not _in_a_name(found.group(), parts, index, end):
                yield _place(at, len(value), 0.6, "listed")
            elif plain in doubtful and _led_to(text, at):
                yield _place(at, len(value), 0.45, "listed")
            else:
                continue
            index = end - 1
            break
        index += 1


def _in_a_name(run: str, parts: list[tuple[int, int]], index: int, end: int) -> bool:
    """Whether a given name stands before it: `Jack London`."""
    before = folded(run[slice(*parts[index - 1])]) if index else ""
    return before in given_names()[0]


def _led_to(text: str, at: int) -> bool:
    before = _BEFORE.search(text[max(0, at - 20) : at])
    return before is not None and folded(before[1]) in _LEAD_WORDS


def _ordinary(value: str) -> bool:
    word = folded(value.split()[0].strip("."))
    return word in common_words() or word in stop_words()


def _place(start: int, length: int, score: float, how: str) -> Candidate:
    return Candidate("LOCATION", start, start + length, score, f"place:{how}", how)
