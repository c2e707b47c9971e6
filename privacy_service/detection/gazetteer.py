"""Lists of names, places and groups, and the stop words of eight languages: evidence, not proof."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from runpy import run_path
from typing import Final

import yaml

from privacy_service.detection.words import folded, folded_case_kept

LEXICON: Final = files("privacy_service.detection") / "lexicon"

LANGUAGES: Final = ("en", "de", "fr", "es", "it", "nl", "pt", "pl")

_ELSEWHERE: Final = (
    "af", "ca", "cs", "da", "et", "fi", "ga", "hr", "hu", "id", "is", "lt", "lv", "nb", "ro", "sk",
    "sl", "sq", "sv", "tr", "vi",
)  # fmt: skip
"""Languages in Latin letters that are told from ours by their function words, to know them as
others.
"""


def read_yaml(name: str) -> object:
    """One of our own YAML files."""
    return yaml.load((LEXICON / name).read_text("utf-8"), Loader=yaml.CSafeLoader)


@cache
def given_names() -> tuple[frozenset[str], frozenset[str]]:
    """Given names, folded; and those among them that are common words too."""
    clear, ambiguous = _lines("given_names.txt").split("\n--\n")
    words = frozenset(ambiguous.split())
    return frozenset(clear.split()) | words, words


@cache
def surnames() -> frozenset[str]:
    """Family names, folded."""
    return frozenset(_lines("surnames.txt").split())


@cache
def stop_words() -> frozenset[str]:
    """Function words of all eight languages, folded."""
    return frozenset().union(*(stop_words_of(language) for language in LANGUAGES))


@cache
def words_elsewhere() -> frozenset[str]:
    """Function words of other languages in Latin letters that are no words of ours, folded."""
    theirs = frozenset().union(*(stop_words_of(language) for language in _ELSEWHERE))
    ours = stop_words() | common_words() | given_names()[0] | surnames()
    return frozenset(word for word in theirs - ours if len(word) > 1 and word.isalpha())


@cache
def stop_words_of(language: str) -> frozenset[str]:
    """SpaCy's stop words of one language, folded."""
    spec = find_spec("spacy")
    assert spec is not None
    assert spec.origin is not None
    # Run by its path: importing it would import its whole language, whose tokenizer rules take
    # seconds to compile (French) and are not used.
    words = run_path(str(Path(spec.origin).parent / "lang" / language / "stop_words.py"))
    return frozenset(folded(word) for word in words["STOP_WORDS"])


@cache
def common_words() -> frozenset[str]:
    """Ordinary words that begin sentences, label fields or fill forms, folded."""
    return frozenset(_lines("common_words.txt").split())


@cache
def english_words() -> frozenset[str]:
    """English words that are nobody's name, folded."""
    return frozenset(_lines("english_words.txt").split("\n--\n")[0].split())


@cache
def named_words() -> frozenset[str]:
    """English words that are somebody's name as well, folded."""
    return frozenset(_lines("english_words.txt").split("\n--\n")[1].split())


def ordinary(word: str) -> bool:
    """Whether a folded word is one of the language and nobody's name."""
    return word in common_words() or word in stop_words() or word in english_words()


@cache
def census_names() -> tuple[frozenset[str], frozenset[str]]:
    """Given and family names of the census of the United States that are no words, folded."""
    given = frozenset(_lines("census_given_names.txt").split())
    return given | given_names()[0], frozenset(_lines("census_surnames.txt").split()) | surnames()


@cache
def world_names() -> tuple[frozenset[str], frozenset[str]]:
    """Given and family names of people all over the world that are no words, folded; the shorter
    lists among them.
    """
    given, family = _lines("world_names.txt").split("\n--\n")
    return (
        frozenset(given.split()) | given_names()[0],
        frozenset(family.split()) | surnames(),
    )


@cache
def places() -> tuple[frozenset[str], frozenset[str]]:
    """Places that are little else, and places that are also names or words; as folded phrases."""
    read = read_yaml("places.yaml")
    assert isinstance(read, dict)
    doubtful = _phrases(read["also_words"])
    towns = frozenset(_lines("towns.txt").splitlines()) - _things_by_name()
    return (_phrases(read["sure"]) | towns) - doubtful, doubtful


def listed_places() -> frozenset[str]:
    """The places that are listed by hand, as folded phrases."""
    read = read_yaml("places.yaml")
    assert isinstance(read, dict)
    return _phrases(read["sure"]) | _phrases(read["also_words"])


@cache
def _things() -> Mapping[str, frozenset[str]]:
    read = read_yaml("things.yaml")
    assert isinstance(read, dict)
    return {kind: frozenset(map(str.strip, listed.split(","))) for kind, listed in read.items()}


def organizations() -> frozenset[str]:
    """Nouns at the end or the beginning of an organization's name, folded."""
    return _things()["organizations"]


@cache
def medicines() -> frozenset[str]:
    """Medicines by name, folded."""
    return _things()["medicines"]


@cache
def _things_by_name() -> frozenset[str]:
    listed = _things()
    kinds = ("companies", "products", "programs", "medicines", "others")
    return frozenset().union(*(listed[kind] for kind in kinds))


@cache
def _stems() -> tuple[str, ...]:
    return tuple(_things()["medicine_stems"])


def a_thing(word: str) -> bool:
    """Whether a folded word is the name of a thing: a company, a product, a medicine."""
    return word in _things_by_name() or word.endswith(_stems())


@cache
def groups() -> frozenset[str]:
    """Nationalities, religions and parties as folded phrases, in singular and plural."""
    read = read_yaml("groups.yaml")
    assert isinstance(read, dict)
    names = frozenset().union(*(_phrases(listed) for listed in read.values()))
    return names | {f"{name}s" for name in names if not name.endswith(("s", "h", "e"))}


def _phrases(listed: str) -> frozenset[str]:
    return frozenset(
        folded_case_kept(name).lower().strip() for name in listed.split(",") if name.strip()
    )


def _lines(name: str) -> str:
    lines = (LEXICON / name).read_text("utf-8").splitlines()
    return "\n".join(line for line in lines if not line.startswith("#"))


@cache
def _word_lists() -> dict[str, frozenset[str]]:
    read = read_yaml("words.yaml")
    assert isinstance(read, dict)
    return {
        name: frozenset(word.strip() for word in str(listed).split(",") if word.strip())
        for name, listed in read.items()
    }


def word_list(name: str) -> frozenset[str]:
    """One of the short lists of lexicon/words.yaml."""
    return _word_lists()[name]


@cache
def place_leads() -> frozenset[str]:
    """Words before a place that may also be a name or a word."""
    return word_list("place_leads")
