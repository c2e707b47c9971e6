"""How well findings match labels: per family, in characters, with what was missed and mixed up.

Only letters and digits count, so that punctuation at a rim never matters. A label is found when at
least half of it lies under findings of its family; a finding is right when at least half of it lies
under labels of its family. Findings of one family that only punctuation parts are judged as one.
The leak is the share of labelled characters under no finding at all, whatever its entity; the
over-redaction is the share of all other characters under one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from privacy_service.detection.families import Families, families

ENOUGH = 0.5
"""The share of a label or finding that must be covered."""

_GAP = 3
"""Characters of punctuation or blanks that part two findings of one thing at most."""


@dataclass(frozen=True, slots=True)
class Label:
    """A labelled or found span: code points `start` to `end`, and what it is."""

    start: int
    end: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A text and what somebody says is in it."""

    id: str
    text: str
    labels: tuple[Label, ...]
    content_type: str = "text/plain"
    language: str | None = None


@dataclass(slots=True)
class Tally:
    """Counts of one family: labels, those found, findings, those right."""

    labels: int = 0
    found: int = 0
    findings: int = 0
    right: int = 0

    def add(self, other: Tally) -> None:
        """Adds another tally to this one."""
        self.labels += other.labels
        self.found += other.found
        self.findings += other.findings
        self.right += other.right

    @property
    def precision(self) -> float:
        """Share of the findings that are right; 1 where there is none."""
        return self.right / self.findings if self.findings else 1.0

    @property
    def recall(self) -> float:
        """Share of the labels that are found; 1 where there is none."""
        return self.found / self.labels if self.labels else 1.0

    def f(self, beta: float = 1.0) -> float:
        """The F measure; recall weighs `beta` squared times precision."""
        weighted = beta * beta * self.precision + self.recall
        return (1 + beta * beta) * self.precision * self.recall / weighted if weighted else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Miss:
    """A label that was not found, or a finding that is wrong: where, never what."""

    sample: str
    family: str
    start: int
    end: int
    kind: str
    """`missed` or `false alarm`."""


@dataclass(slots=True, kw_only=True)
class Outcome:
    """One sample's counts. `taken_for` counts labels by the families that lie over them."""

    families: dict[str, Tally] = field(default_factory=dict)
    labelled: int = 0
    leaked: int = 0
    innocent: int = 0
    covered: int = 0
    taken_for: Counter[tuple[str, str]] = field(default_factory=Counter)
    misses: list[Miss] = field(default_factory=list)

    def of(self, family: str) -> Tally:
        """The tally of one family."""
        return self.families.setdefault(family, Tally())


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The outcomes of all samples together."""

    outcomes: tuple[Outcome, ...]

    def by_family(self) -> dict[str, Tally]:
        """The tally of each family, by name."""
        totals: dict[str, Tally] = {}
        for outcome in self.outcomes:
            for name, tally in outcome.families.items():
                totals.setdefault(name, Tally()).add(tally)
        return dict(sorted(totals.items()))

    def micro(self) -> Tally:
        """All families in one tally."""
        total = Tally()
        for tally in self.by_family().values():
            total.add(tally)
        return total

    @property
    def leak(self) -> float:
        """Share of labelled, identifying characters that no finding covers."""
        return _share(self.outcomes, "leaked", "labelled")

    @property
    def over_redaction(self) -> float:
        """Share of the other characters that a finding covers."""
        return _share(self.outcomes, "covered", "innocent")

    def confusion(self) -> Counter[tuple[str, str]]:
        """(labelled family, found family) of labels; the second is empty where nothing lay."""
        return sum((outcome.taken_for for outcome in self.outcomes), Counter())

    def worst(self, count: int) -> list[Miss]:
        """The longest misses: labels first, then false alarms."""
        misses = [miss for outcome in self.outcomes for miss in outcome.misses]
        misses.sort(key=lambda miss: (miss.kind != "missed", miss.start - miss.end))
        return misses[:count]


def evaluate(
    samples: Sequence[Sample],
    findings: Mapping[str, Sequence[Label]],
    known: Families | None = None,
) -> Report:
    """Scores `findings` (by sample id) against the labels.

    Families that no label of any sample names are not judged: a set without labelled dates says
    nothing of dates that were found.
    """
    known = known or families()
    judged = {
        family
        for sample in samples
        for label in sample.labels
        if (family := known.of(label.name)) is not None
    }
    judged |= {other for family in judged for other in known.satisfying(family)}
    return Report(
        outcomes=tuple(
            _outcome(sample, findings.get(sample.id, ()), known, frozenset(judged))
            for sample in samples
        )
    )


def _outcome(
    sample: Sample, found: Sequence[Label], known: Families, judged: frozenset[str]
) -> Outcome:
    outcome = Outcome()
    wanted, ignored, labelled = _wanted(sample, known)
    by_family: dict[str, list[tuple[int, int]]] = {}
    for one in found:
        family = known.of(one.name) or one.name
        by_family.setdefault(family, []).append((one.start, one.end))
    covers = {family: _cover(spans) for family, spans in by_family.items()}
    anything = frozenset().union(*covers.values())
    for family, spans in wanted.items():
        _judge_labels(sample, outcome, known, family, spans, covers, anything)
    for family in by_family.keys() & judged:
        right = frozenset().union(
            *(_cover(spans) for name, spans in wanted.items() if family in known.satisfying(name))
        )
        _judge_findings(sample, outcome, family, by_family[family], right, _cover(ignored))
    _count_innocent(sample, outcome, labelled, anything)
    return outcome


def _wanted(
    sample: Sample, known: Families
) -> tuple[dict[str, list[tuple[int, int]]], list[tuple[int, int]], frozenset[int]]:
    """Spans by family, ignored spans, and the characters that are labelled at all."""
    wanted: dict[str, list[tuple[int, int]]] = {}
    ignored: list[tuple[int, int]] = []
    for label in sample.labels:
        if known.is_text(label.name):
            continue
        family = known.of(label.name)
        if family is None:
            ignored.append((label.start, label.end))
        else:
            wanted.setdefault(family, []).append((label.start, label.end))
    return wanted, ignored, _cover([*ignored, *(s for spans in wanted.values() for s in spans)])


def _judge_labels(
    sample: Sample,
    outcome: Outcome,
    known: Families,
    family: str,
    spans: Iterable[tuple[int, int]],
    covers: Mapping[str, frozenset[int]],
    anything: frozenset[int],
) -> None:
    satisfying = known.satisfying(family)
    ours = frozenset().union(*(covers.get(name, frozenset()) for name in satisfying))
    for start, end in spans:
        counted = [at for at in range(start, end) if sample.text[at].isalnum()]
        if not counted:
            continue
        tally = outcome.of(family)
        tally.labels += 1
        if _covered(counted, ours) >= ENOUGH:
            tally.found += 1
        else:
            outcome.misses.append(
                Miss(sample=sample.id, family=family, start=start, end=end, kind="missed")
            )
        outcome.taken_for[family, _most(counted, covers, satisfying, family)] += 1
        if family not in known.indirect:
            outcome.labelled += len(counted)
            outcome.leaked += sum(at not in anything for at in counted)


def _judge_findings(
    sample: Sample,
    outcome: Outcome,
    family: str,
    spans: Iterable[tuple[int, int]],
    right: frozenset[int],
    ignored: frozenset[int],
) -> None:
    for start, end in _joined(sample.text, spans):
        counted = [at for at in range(start, end) if sample.text[at].isalnum()]
        hit = _covered(counted, right)
        if not counted or (hit < ENOUGH and _covered(counted, right | ignored) >= ENOUGH):
            continue
        tally = outcome.of(family)
        tally.findings += 1
        if hit >= ENOUGH:
            tally.right += 1
        else:
            outcome.misses.append(
                Miss(sample=sample.id, family=family, start=start, end=end, kind="false alarm")
            )


def _count_innocent(
    sample: Sample, outcome: Outcome, labelled: frozenset[int], anything: frozenset[int]
) -> None:
    for at, letter in enumerate(sample.text):
        if letter.isalnum() and at not in labelled:
            outcome.innocent += 1
            outcome.covered += at in anything


def _most(
    counted: Sequence[int],
    covers: Mapping[str, frozenset[int]],
    satisfying: frozenset[str],
    family: str,
) -> str:
    """The family that lies over most of a label; its own where one that satisfies it does."""
    shares = {name: _covered(counted, cover) for name, cover in covers.items()}
    best = max(shares, key=lambda name: shares[name], default="")
    if not best or shares[best] < ENOUGH:
        return ""
    return family if best in satisfying else best


def _cover(spans: Iterable[tuple[int, int]]) -> frozenset[int]:
    return frozenset(at for start, end in spans for at in range(start, end))


def _covered(counted: Sequence[int], cover: frozenset[int]) -> float:
    return sum(at in cover for at in counted) / len(counted) if counted else 0.0


def _joined(text: str, spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    current: tuple[int, int] | None = None
    for start, end in sorted(spans):
        if (
            current is not None
            and start - current[1] <= _GAP
            and not any(letter.isalnum() or letter == "_" for letter in text[current[1] : start])
        ):
            current = (current[0], max(current[1], end))
            continue
        if current is not None:
            yield current
        current = (start, end)
    if current is not None:
        yield current


def _share(outcomes: Iterable[Outcome], part: str, whole: str) -> float:
    parts = wholes = 0
    for outcome in outcomes:
        parts += getattr(outcome, part)
        wholes += getattr(outcome, whole)
    return parts / wholes if wholes else 0.0
