"""A user's rules, held to the examples that stand in them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from privacy_service import errors
from privacy_service.detection.fields import FieldTable
from privacy_service.detection.phrases import Lexicon
from privacy_service.detection.rule_files import RuleText, users_rules
from privacy_service.detection.rules import RuleBook
from privacy_service.detection.sight import Sight
from privacy_service.enforcement.findings import Passage
from privacy_service.errors import PrivacyError


def checked_rules(path: Path) -> list[RuleText]:
    """The rules of one user's file, each of which finds its `match` examples and no `miss` example.

    Raises DETECTOR_FILE_INVALID with the rule, and the number of the example that is not so.
    """
    rules = users_rules(path)
    for rule in rules:
        book = RuleBook.of([rule.compiled(users=True)])
        lexicon, table = Lexicon.of(tuple(rule.phrases())), FieldTable.load(())
        for wanted, key, examples in ((True, "match", rule.match), (False, "miss", rule.miss)):
            number = _first_wrong(examples, book, lexicon, table, wanted=wanted)
            if number is not None:
                raise PrivacyError(
                    errors.DETECTOR_FILE_INVALID,
                    file=str(path),
                    rule=rule.name,
                    fault=f"{key} example {number} is {'not found' if wanted else 'found'}",
                )
    return rules


def _first_wrong(
    examples: Sequence[str], book: RuleBook, lexicon: Lexicon, table: FieldTable, *, wanted: bool
) -> int | None:
    for number, example in enumerate(examples, 1):
        sight = Sight(Passage(text=example), lexicon, table)
        if any(book.find(sight)) is not wanted:
            return number
    return None
