"""Runs the examples that stand in a behavior contract."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from privacy_service.behavior.check import Checked, check
from privacy_service.behavior.classifying import Classify, no_classifier
from privacy_service.behavior.compiled import Compiled
from privacy_service.behavior.judgement import Verdict
from privacy_service.behavior.model import Example, Outcome, Side
from privacy_service.behavior.reader import Reader
from privacy_service.behavior.subject import Company, LanguageOf, Subject, part_of
from privacy_service.behavior.tokens import CountTokens, no_tokenizer
from privacy_service.clock import Clock
from privacy_service.enforcement.deadline import Deadline
from privacy_service.enforcement.examine import Decode
from privacy_service.enforcement.findings import Detector
from privacy_service.enforcement.inspect import Inspector
from privacy_service.errors import PrivacyError
from privacy_service.payloads.document import Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """What became of an example, and whether that was expected.

    `error` is the reason's code where it could not be judged at all; `why` says of each
    expectation that is broken or undetermined why it is.
    """

    example: Example
    outcome: Outcome | None
    broken: tuple[str, ...] = ()
    undetermined: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()
    content: bytes | None = field(default=None, repr=False)
    error: str | None = None
    why: tuple[tuple[str, str], ...] = ()

    @property
    def as_expected(self) -> bool:
        """Whether all that the example states is so."""
        stated = self.example
        return (
            self.error is None
            and stated.outcome in (None, self.outcome)
            and (stated.broken is None or set(stated.broken) == {*self.broken, *self.undetermined})
            and (stated.failures is None or set(stated.failures) == set(self.failures))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What texts are judged with, where nothing is recorded."""

    detector: Detector
    decode: Decode
    language_of: LanguageOf
    clock: Clock
    limits: Limits
    classify: Classify = no_classifier
    count_tokens: CountTokens = no_tokenizer
    _reader: Reader = field(init=False)
    _unhurried: Deadline = field(init=False)

    def __post_init__(self) -> None:
        reader = Reader(
            detector=self.detector,
            decode=self.decode,
            language_of=self.language_of,
            limits=self.limits,
            classify=self.classify,
            count_tokens=self.count_tokens,
        )
        object.__setattr__(self, "_reader", reader)
        object.__setattr__(self, "_unhurried", Deadline.after(None, self.clock))

    def checked(
        self,
        compiled: Compiled,
        *,
        side: Side,
        content: bytes,
        content_type: str,
        company: Company,
    ) -> Checked:
        """What the contract makes of a prompt or an output. Raises what reading it raises."""
        read = self._reader.of(
            side=side,
            content_type=content_type,
            company=company,
            deadline=self._unhurried,
        )
        return check(compiled, read(content), read)

    def part(self, text: str, *, side: Side, company: Company) -> Subject:
        """A part of a text, to look at."""
        inspector = Inspector(self.detector, self._unhurried, self.limits)
        return part_of(
            text, side=side, company=company, inspector=inspector, language_of=self.language_of
        )


def rehearse(compiled: Compiled, stage: Stage) -> Iterator[Rehearsal]:
    """Each example in order. Personal data is left as it is: that is the sharing contract's."""
    for example in compiled.contract.examples:
        company = Company(
            prompt=example.prompt,
            system_prompt=example.system_prompt,
            sources=example.sources,
            confidence=example.confidence,
            use_case=example.use_case,
        )
        try:
            checked = stage.checked(
                compiled,
                side=example.side,
                content=example.content.encode(),
                content_type=example.content_type,
                company=company,
            )
        except PrivacyError as error:
            yield Rehearsal(example=example, outcome=None, error=error.reason.code)
        else:
            yield _rehearsal(example, checked)


def _rehearsal(example: Example, checked: Checked) -> Rehearsal:
    def named(verdict: Verdict) -> tuple[str, ...]:
        return tuple(
            one.expectation.id for one in checked.results if one.judgement.verdict is verdict
        )

    return Rehearsal(
        example=example,
        outcome=checked.outcome,
        broken=named(Verdict.BROKEN),
        undetermined=named(Verdict.UNDETERMINED),
        failures=tuple(mode.id for mode in checked.failures),
        content=checked.content,
        why=tuple(
            (one.expectation.id, one.judgement.why)
            for one in checked.results
            if one.judgement.verdict is not Verdict.KEPT
        ),
    )
