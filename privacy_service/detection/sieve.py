"""What can be ruled out quickly: that a text holds anything of a few entities.

Whoever asks for secrets alone need not have names, places and numbers looked for. A text in which
nothing would claim one of the entities has none of them, whatever else is found there and whatever
a model says; any other is looked at whole, so that the answer is the same as if all of them were.

Of most rules one scan by RE2 tells that they cannot match: it looks for the strings that they need,
and for what is left of their patterns without their looks around.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

import re2

from privacy_service.detection.fields import FieldTable
from privacy_service.detection.labels import find_labelled
from privacy_service.detection.messages import find_in_messages, phrases
from privacy_service.detection.phrases import Lexicon
from privacy_service.detection.rule_files import RuleText
from privacy_service.detection.rules import Rule
from privacy_service.detection.sight import Sight
from privacy_service.detection.special import entities as special_entities
from privacy_service.enforcement.findings import Passage

FOUND_IN_CODE: Final = special_entities() | {
    "DATE_TIME", "DOB", "LOCATION", "NRP", "PERSON", "PHONE_NUMBER", "POSTCODE", "STREET_ADDRESS",
    "CA_POSTAL_CODE", "DE_PLZ", "UK_POSTCODE", "US_ZIP_CODE", "USERNAME",
}  # fmt: skip
"""What is found by more than rules, and the names of fields: it cannot be ruled out."""

_MEMORY: Final = 64 << 20
_DIGIT: Final = ("digit",)
_FOLDED_OTHERWISE: Final = ("\u0130", "\u0131")
"""Letters that `re` takes for an i where letter case does not matter, and RE2 does not."""


class Sieve:
    """Rules out entities. One thread at a time may use it."""

    def __init__(
        self,
        only: frozenset[str],
        rules: Sequence[tuple[RuleText, Rule]],
        lexicon: Lexicon,
        table: FieldTable,
    ) -> None:
        self._only = only
        self._lexicon = lexicon
        self._table = table
        self._scan = _Scan([pair for pair in rules if pair[0].entity in only])
        self._forms = frozenset(
            form for form, said in phrases().items() if any(map(self._names, said))
        )

    def rules_out(self, passage: Passage) -> bool:
        """Whether no rule and no name would claim any of the entities."""
        sight = Sight(passage, self._lexicon, self._table)
        if sight.sense is not None and sight.sense.entity in self._only:
            return False
        return next(self._claims(sight), None) is None

    def _claims(self, sight: Sight) -> Iterator[object]:
        for rule in self._scan.met(sight.text):
            yield from rule.find(sight)
        found = find_labelled(sight) if sight.marks else ()
        yield from (one for one in found if one.entity in self._only)
        yield from (one for one in sight.tables.claims if one.entity in self._only)
        found = find_in_messages(sight.text, self._table, self._forms)
        yield from (one for one in found if one.entity in self._only)

    def _names(self, phrase: str) -> bool:
        sense = self._table.of_name(phrase)
        return sense is not None and sense.entity in self._only


class _Scan:
    """One scan of a text for what rules need."""

    def __init__(self, rules: Sequence[tuple[RuleText, Rule]]) -> None:
        options = re2.Options()
        options.max_mem = _MEMORY
        options.log_errors = False
        self._set = re2.Set.SearchSet(options)
        self._rules = [rule for _text, rule in rules]
        # It matches whatever the text is, unless the scan itself fails.
        self._always = self._set.Add("")
        self._needs = [self._needed(rule) for rule in self._rules]
        self._left = [self._sieved(text, rule) for text, rule in rules]
        self._set.Compile()

    def met(self, text: str) -> list[Rule]:
        """The rules that may match; all of them where the scan does not tell."""
        data = text.encode("utf-8", "replace")
        found = frozenset(self._set.Match(data))
        if self._always not in found or any(letter in text for letter in _FOLDED_OTHERWISE):
            return self._rules
        return [
            rule
            for rule, needs, left in zip(self._rules, self._needs, self._left, strict=True)
            if (needs is None or not needs.isdisjoint(found)) and (left is None or left in found)
        ]

    def _needed(self, rule: Rule) -> frozenset[int] | None:
        if not rule.needs or rule.needs == _DIGIT:
            return None
        return frozenset(self._set.Add(re2.escape(word)) for word in rule.needs)

    def _sieved(self, text: RuleText, rule: Rule) -> int | None:
        ours = isinstance(rule.pattern, re.Pattern)  # users' are RE2's already
        pattern = wider(text.pattern) if ours else text.pattern
        if pattern is None:
            return None
        try:
            return int(self._set.Add(f"(?i:{pattern})" if text.ignore_case else pattern))
        except re2.error:
            return None


# -- A pattern for RE2 that finds no less -----------------------------------------------------

_ASCII: Final = {"d": "0-9", "w": "0-9A-Za-z_", "s": "\\t-\\r\\x1c-\\x20"}
_BEYOND: Final = "\\x{80}-\\x{10FFFF}"
_LOOKS: Final = ("(?=", "(?!", "(?<=", "(?<!")
_BOUNDS: Final = re.compile(r"\{(\d+),\d+\}")
_PART: Final = re.compile(r"\\.|\[\^?\]?|\(\?<?[=!]|.", re.DOTALL)
_PART_OF_A_CLASS: Final = re.compile(r"\\.|.", re.DOTALL)


def wider(pattern: str) -> str | None:
    """A pattern of ours as one for RE2 that occurs in every text in which ours does; None where
    none is known.

    Looks around are left out, and upper bounds; classes of Unicode take all that is not ASCII.
    """
    parts: list[str] = []
    at, inside = 0, ""
    while at < len(pattern):
        found = (_PART_OF_A_CLASS if inside else _PART).match(pattern, at)
        assert found is not None
        word, at = found.group(), found.end()
        if word in _LOOKS:
            end = _closed(pattern, found.start())
            if end is None:
                return None
            at = end
            continue
        bounds = None if inside else _BOUNDS.match(pattern, found.start())
        put = _put(word, inside) if bounds is None else f"{{{bounds[1]},}}"
        if put is None:
            return None
        parts.append(put)
        at = at if bounds is None else bounds.end()
        if inside:
            inside = "" if word == "]" else inside
        elif word[0] == "[":
            inside = "[^" if word.startswith("[^") else "["
    return "".join(parts)


def _put(word: str, inside: str) -> str | None:
    """A part of a pattern; `inside` is how the class begins that it stands in."""
    if word in "^$" and not inside:
        return ""
    if word[0] == "\\" and word[1] in "123456789":
        return None  # what is the same as before, RE2 does not know
    if word[0] != "\\" or word[1] not in "dwsDWSbB":
        return "\\[" if word == "[" and inside else word
    kind = word[1]
    if kind in "bB":
        return None if inside else ""
    if kind in _ASCII:
        if inside == "[^":  # it leaves out less
            return _ASCII[kind]
        put = _ASCII[kind] + _BEYOND
        return put if inside else f"[{put}]"
    return None if inside else f"[^{_ASCII[kind.lower()]}]"


def _closed(pattern: str, start: int) -> int | None:
    """Where the group ends that begins at `start`."""
    depth, inside, at = 0, False, start
    while at < len(pattern):
        letter = pattern[at]
        if letter == "\\":
            at += 2
            continue
        if inside:
            inside = letter != "]"
        elif letter == "[":
            inside = True
        elif letter == "(":
            depth += 1
        elif letter == ")":
            depth -= 1
            if depth == 0:
                return at + 1
        at += 1
    return None
