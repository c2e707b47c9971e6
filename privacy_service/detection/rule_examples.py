"""A user's rules, held to the examples that stand in them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from privacy_service import errors
from privacy_service.detection.fields import FieldTable
from privacy_service.detection.phrases import Lexicon
from privacy_service.detection.rule_files import RuleFault, RuleFile, RuleText, read_rules
from privacy_service.detection.rules import RuleBook
from privacy_service.detection.sight import Sight
from privacy_service.enforcement.findings import Passage
from privacy_service.errors import PrivacyError


def checked_rules(path: Path) -> tuple[RuleText, ...]:
    """The rules of one user's file, each of which finds its `match` examples and no `miss` example.

    Raises DETECTOR_FILE_INVALID with the first fault: its line, its rule, what is wrong.
    """
    read = tried(read_rules(path))
    for fault in read.faults:
        raise PrivacyError(
            errors.DETECTOR_FILE_INVALID,
            file=str(path),
            line=fault.line,
            **({"rule": fault.rule} if fault.rule else {}),
            fault=fault.says,
        )
    return read.rules


def tried(read: RuleFile) -> RuleFile:
    """The file with the faults that its examples show beside those it had, by line."""
    table = FieldTable.load(())
    wrong = [
        RuleFault(line=line, rule=rule.name, says=says)
        for rule, line in zip(read.rules, read.lines, strict=True)
        for says in _wrong_examples(rule, table)
    ]
    faults = sorted((*read.faults, *wrong), key=lambda fault: fault.line)
    return RuleFile(rules=read.rules, lines=read.lines, faults=tuple(faults))


def _wrong_examples(rule: RuleText, table: FieldTable) -> Iterator[str]:
    """What its examples say against a rule: by key and number, counted from 1."""
    book = RuleBook.of([rule.compiled(users=True)])
    lexicon = Lexicon.of(tuple(rule.phrases()))
    for wanted, key, examples in ((True, "match", rule.match), (False, "miss", rule.miss)):
        for number, example in enumerate(examples, 1):
            sight = Sight(Passage(text=example), lexicon, table)
            if any(book.find(sight)) is not wanted:
                yield f"{key} example {number} is {'not found' if wanted else 'found'}"
