"""What of a streamed text may go out, and what is held back until more of it is there.

1. What came is put behind what is held. 2. Every rule says up to where it is settled, and where it
is broken. 3. The text is cut at a blank before the least of these, so that nothing that is found
or could still be found stands on both sides. 4. What was found before the cut is redacted, as it
would be in the whole text. 5. That goes out.

What a rule refuses stays held for good, and all that follows. The last word is always that of
judging the whole text: it ends with the same answer as one that came in one piece.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from privacy_service.behavior.check import redacted_text
from privacy_service.behavior.model import (
    BehaviorContract,
    Expectation,
    NoInjection,
    RemedyKind,
    Side,
)
from privacy_service.behavior.reach import Reach, settled
from privacy_service.behavior.signals import CONSTANT, ConditionFault, condition
from privacy_service.behavior.subject import Subject
from privacy_service.behavior.watches import Bound, Part, Seen, Spans, Watched, watched

LONGEST: Final = 16_384
"""Characters that are held back at most: where more would have to be, the rest is held whole."""
_SHARE: Final = 16
"""A held text is looked at again once it grew by one part in so many: each look reads all of it."""
_IN_NUMBER: Final = re.compile(r"[0-9]\s+\Z")
_CONTEXT: Final = re.compile(r"\S\s*\Z")
_LOOKS_BACK: Final = 64

SubjectOf = Callable[[str], Subject]
"""A part of the text as something to judge."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeText:
    """Why the whole text is held: what in the contract asks for it, and where that stands."""

    name: str
    place: tuple[str | int, ...]
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamPlan:
    """How outputs stream under a contract: why not at all, or by which rules they are watched."""

    whole: tuple[WholeText, ...]
    watched: tuple[tuple[Expectation, Watched], ...]

    @property
    def bound(self) -> Bound:
        """What is held back at most, over all rules."""
        bounds = [how.bound for _rule, how in self.watched]
        return Bound(
            characters=max((one.characters for one in bounds), default=0),
            words=max((one.words for one in bounds), default=1),
            lines=max((one.lines for one in bounds), default=0),
        )

    @property
    def bounds(self) -> tuple[tuple[str, Bound], ...]:
        """What each rule holds back at most, by its id."""
        return tuple((one.id, how.bound) for one, how in self.watched)


def plan(contract: BehaviorContract) -> StreamPlan:
    """How outputs stream under this contract."""
    whole: list[WholeText] = []
    rules: list[tuple[Expectation, Watched]] = []
    if contract.personal_data_purpose is not None:
        whole.append(_whole_for_personal_data())
    for at, one in enumerate(contract.expectations):
        if one.side is not Side.OUTPUT or one.otherwise.kind is RemedyKind.NOTE:
            continue
        why = _why_whole(contract, one, at)
        how = None if _redacts_a_sum(one) else watched(one.must)
        if why is None and how is not None:
            rules.append((one, how))
        else:
            says = "this can be told of the whole text only"
            whole.append(why or WholeText(name=one.id, place=("expectations", at), says=says))
    whole += _whole_for_modes(contract)
    return StreamPlan(whole=tuple(whole), watched=tuple(rules))


def _whole_for_personal_data() -> WholeText:
    return WholeText(
        name="personal_data_purpose",
        place=("personal_data_purpose",),
        says="the sharing contract is applied to the whole: what follows may tell a name",
    )


def _redacts_a_sum(one: Expectation) -> bool:
    """Signs of an injection are redacted once they come to too much together, also earlier ones."""
    return isinstance(one.must, NoInjection) and one.otherwise.kind is RemedyKind.REDACT


def _why_whole(contract: BehaviorContract, one: Expectation, at: int) -> WholeText | None:
    breaks_off = contract.streaming is not None and contract.streaming.may_break_off
    if one.otherwise.kind is RemedyKind.REDACT or breaks_off:
        return None
    return WholeText(
        name=one.id,
        place=("expectations", at, "otherwise"),
        says="this takes the whole text back, wherever it is broken",
    )


def _whole_for_modes(contract: BehaviorContract) -> list[WholeText]:
    found = []
    for at, mode in enumerate(contract.failure_modes):
        try:
            names = condition(mode.when).names
        except ConditionFault:
            continue
        if mode.remedy.kind is not RemedyKind.NOTE and not names <= CONSTANT:
            says = "whether it fires is known at the end of the text only"
            place = ("failure_modes", at, "when")
            found.append(WholeText(name=mode.id, place=place, says=says))
    return found


class Outflow:
    """One text as it streams, and what of it is held back. Not thread-safe.

    `whole`: nothing goes out before the end.
    """

    def __init__(self, plan: StreamPlan, subject_of: SubjectOf, *, whole: bool) -> None:
        self.stopped = False
        """Whether it is sure that nothing more will go out before the end."""
        self._rules = [(one, how.reaches, how.watch()) for one, how in plan.watched]
        self._redacting = tuple(
            reach
            for one, reaches, _watch in self._rules
            if one.otherwise.kind is RemedyKind.REDACT
            for reach in reaches
        )
        self._subject_of = subject_of
        self._whole = whole
        self._held = ""
        self._context = ""
        self._looked_at = 0
        self._begun = False
        self._characters = 0
        self._words = 0

    def add(self, text: str) -> str:
        """What may go out now that this came; it is treated."""
        if self._whole or self.stopped:
            return ""
        self._held += text
        if not self._begun and not self._begins():
            return ""
        grown = len(self._held) - self._looked_at
        if grown * _SHARE < len(self._held):
            return ""
        self._looked_at = len(self._held)
        return self._release()

    def hold_the_rest(self) -> None:
        """Nothing more goes out before the end."""
        self._whole = True
        self._held = ""

    def _begins(self) -> bool:
        """Whether it is known what it is: a text that is JSON as a whole is judged as a whole."""
        start = self._held.lstrip()
        if start[:1] in ("{", "["):
            self.hold_the_rest()
            return False
        self._begun = bool(start)
        return self._begun

    def _release(self) -> str:
        part = self._part(self._context + self._held, len(self._context))
        if part.subject.has_more_forms or len(self._held) > LONGEST:
            self.hold_the_rest()
            return ""
        seen = [(one, watch(part)) for one, _reaches, watch in self._rules]
        cut, redactions = self._cut(part, seen)
        if self.stopped or cut <= part.first:
            return ""
        raw = part.text[part.first : cut]
        out = self._treated(raw, part.first, tuple(span for span in redactions if span[1] <= cut))
        if out is None:
            self.hold_the_rest()
            return ""
        self._went(raw, part.text[:cut])
        return out

    def _part(self, text: str, first: int) -> Part:
        return Part(self._subject_of(text), first, words=self._words, characters=self._characters)

    def _cut(self, part: Part, seen: Sequence[tuple[Expectation, Seen]]) -> tuple[int, Spans]:
        """Where to cut, and what is redacted."""
        redactions: list[tuple[int, int]] = []
        joined: list[tuple[int, int]] = []
        cut = min((one.until for _rule, one in seen), default=part.until(Reach(blanks=0)))
        for rule, one in seen:
            joined += one.joined
            if rule.otherwise.kind is RemedyKind.REDACT:
                redactions += one.spans
                continue
            self.stopped |= one.broken or any(end <= one.until for _start, end in one.spans)
            cut = min([cut, *(start for start, _end in one.spans)])
        before = -1
        while cut != before:
            before = cut
            cut = self._beside(part.text, cut, redactions)
            cut = min([cut, *(start for start, end in joined if start < cut < end)])
            cut = _boundary(part.text, cut, part.first)
        return cut, tuple(redactions)

    def _beside(self, text: str, cut: int, redactions: Sequence[tuple[int, int]]) -> int:
        """The cut, so far from what is redacted that what stands around it goes out with it."""
        for start, end in redactions:
            near = min((settled(text, start, one) for one in self._redacting), default=start)
            if near < cut and min(settled(text, cut, one) for one in self._redacting) <= end:
                cut = near
        return cut

    def _treated(self, raw: str, first: int, redactions: Spans) -> str | None:
        """What goes out for `raw`; None where a rule would be broken by the placeholders."""
        if not redactions:
            return raw
        out = redacted_text(raw, [(start - first, end - first) for start, end in redactions])
        part = self._part(self._context + out, first)
        for rule, _reaches, watch in self._rules:
            if rule.otherwise.kind is RemedyKind.REDACT and watch(part).spans:
                return None
        return out

    def _went(self, raw: str, until: str) -> None:
        self._characters += len(raw)
        self._words += Part(self._subject_of(raw), 0).count_words()
        self._held = self._held[len(raw) :]
        self._looked_at = len(self._held)
        found = _CONTEXT.search(until, max(0, len(until) - _LOOKS_BACK))
        self._context = found.group() if found else until[-1:]


def _boundary(text: str, cut: int, first: int) -> int:
    """The last place up to `cut` at which a text falls into two that are read each by itself."""
    for at in range(min(cut, len(text) - 1), first, -1):
        if (
            text[at - 1].isspace()
            and not text[at].isspace()
            and not _belongs_before(text[at])
            and not (text[at].isdigit() and _IN_NUMBER.search(text, max(0, at - 16), at))
        ):
            return at
    return first


def _belongs_before(char: str) -> bool:
    """Whether it is a mark on the character before, or is not seen."""
    return unicodedata.category(char) in ("Mn", "Mc", "Me", "Cf")
