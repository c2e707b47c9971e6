"""The story of one output that is checked while it comes.

1. The caller acts for the party. 2. The attempt is recorded, and the contract in force is chosen,
as for an output in one piece; it is said how much is held back, and why. 3. Piece by piece, what
no rule can touch any more goes out (`outflow.py`). 4. Once the caller says that it was all, the
whole text is judged by the very code that judges one in one piece: that is the answer. 5. It is
settled in one transaction, if the contract still is the one in force. 6. What is left goes out, and
the answer.

A stream that ends before its end is said is no output: nothing more goes out, and the entry that
says so commits to what was there and to what had gone out. A request id that was answered before
gets that answer, once it is clear that it is asked for the same.
"""

from __future__ import annotations

import codecs
from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from privacy_service import errors
from privacy_service.access import Caller
from privacy_service.behavior.answer import CheckAnswer
from privacy_service.behavior.answering import compiled_version
from privacy_service.behavior.compiled import Compiled
from privacy_service.behavior.enforce import (
    BehaviorEnforcement,
    framed,
    record,
)
from privacy_service.behavior.in_force import BehaviorVersion, judging
from privacy_service.behavior.model import Outcome, RemedyKind
from privacy_service.behavior.outflow import Outflow, StreamPlan, WholeText, plan
from privacy_service.behavior.ports import CheckBegun, Settlement
from privacy_service.behavior.request import CheckRequest
from privacy_service.behavior.signals import CONSTANT, ConditionFault
from privacy_service.behavior.subject import Company, Subject, part_of
from privacy_service.behavior.watches import Bound
from privacy_service.enforcement.deadline import Deadline
from privacy_service.enforcement.inspect import Inspector
from privacy_service.errors import PrivacyError
from privacy_service.evidence.entries import AuditEntry, ContractRef, EntryKind
from privacy_service.payloads.media import media_type

_STANDING_SECONDS: Final = 1.0
"""So long at most goes something out under a contract that is in force no more."""
_REFUSAL_SECONDS: Final = 2.0


@dataclass(frozen=True, slots=True)
class EndOfOutput:
    """The model is done: what came is all of it."""


StreamPart = bytes | EndOfOutput
"""What a caller sends, after what came along with the output."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """By which contract the output is judged, why it is held back whole, if it is, and else how
    much each rule holds back at most.
    """

    contract: ContractRef
    whole: tuple[str, ...]
    bounds: tuple[tuple[str, Bound], ...]


@dataclass(frozen=True, slots=True)
class Released:
    """Goes out. The pieces, one behind the other, are the beginning of what may be passed on."""

    content: bytes


@dataclass(frozen=True, slots=True)
class Stopped:
    """Nothing more goes out before the end: the model need not go on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """The answer, as for an output in one piece. `take_back`: what went out is no part of what may
    be passed on.
    """

    answer: CheckAnswer
    take_back: bool


StreamEvent = Opened | Released | Stopped | Ended
StreamEvents = Generator[StreamEvent, None, None]
"""What comes of an output, as it does. Closed before its end, the output is incomplete."""


def plan_for(compiled: Compiled, company: Company, content_type: str) -> StreamPlan:
    """How this output streams: whole as well where what came along, or its type, decides that."""
    found = _planned(compiled)
    whole = list(found.whole)
    if media_type(content_type).name != "text/plain":
        whole.append(_reason("content_type", "only plain text is judged in parts"))
    bands = compiled.contract.confidence
    stated = company.confidence
    if bands is not None and (bands.unstated if stated is None else stated) < bands.partial:
        whole.append(_reason("confidence", "another text takes its place"))
    whole += [
        _reason(name, "it fires, whatever the output says")
        for name in _fires_at_once(compiled, company)
    ]
    return replace(found, whole=tuple(whole))


def _reason(name: str, says: str) -> WholeText:
    return WholeText(name=name, place=(), says=says)


@lru_cache(maxsize=256)
def _planned(compiled: Compiled) -> StreamPlan:
    return plan(compiled.contract)


def _fires_at_once(compiled: Compiled, company: Company) -> Iterator[str]:
    """The failure modes that nothing but what came along makes fire."""
    known = {
        "side": "output",
        "use_case": company.use_case or "",
        "attempt": company.attempt,
        "has_confidence": company.confidence is not None,
        "confidence": float(company.confidence or 0.0),
        "latency_ms": company.latency_ms or 0,
        "sources": len(company.sources),
    }
    for mode, condition in compiled.modes:
        if mode.remedy.kind is RemedyKind.NOTE or not condition.names <= CONSTANT:
            continue
        try:
            fires = condition.holds(known)
        except ConditionFault:
            fires = True
        if fires:
            yield mode.id


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamedChecks:
    """Judges outputs while they come. Thread-safe: it holds collaborators and no state."""

    checks: BehaviorEnforcement

    def check(
        self,
        caller: Caller,
        opening: CheckRequest,
        parts: Iterator[StreamPart],
        *,
        seconds: float | None,
    ) -> StreamEvents:
        """What may go out, as it may, and then the answer. `opening` has no content yet.

        Raises what `BehaviorEnforcement.check` raises, and OUTPUT_INCOMPLETE where `parts` end
        without an EndOfOutput.
        """
        caller.require_partner(opening.party)
        opening = self.checks.drawn(opening)
        deadline = Deadline.after(seconds, self.checks.clock)
        attempt = self.checks.attempt(caller, opening, self.checks.commitment(framed(opening)))
        begun = self.checks.ledger.begin(
            attempt,
            provider=opening.provider,
            side=opening.side,
            use_case=opening.company.use_case,
            request_id=opening.request_id,
            request=None,
            draw=opening.draw,
            seconds=deadline.left(),
        )
        if begun.answered:
            yield from self._again(attempt, opening, parts, deadline)
        else:
            yield from _Stream(self.checks, caller, opening, attempt, begun, deadline).run(parts)

    def _again(
        self,
        attempt: AuditEntry,
        opening: CheckRequest,
        parts: Iterator[StreamPart],
        deadline: Deadline,
    ) -> StreamEvents:
        """The answer that the request id was given. Raises REQUEST_ID_REUSED."""
        received = bytearray()
        for part in _until_end(parts):
            _take(received, part, self.checks.reader.limits.payload_bytes)
        request = replace(opening, content=bytes(received))
        answer = self.checks.ledger.begin(
            attempt,
            provider=opening.provider,
            side=opening.side,
            use_case=opening.company.use_case,
            request_id=opening.request_id,
            request=self.checks.commitment(framed(request)),
            draw=opening.draw,
            seconds=deadline.left(),
        ).answer
        if answer is None:  # it was forgotten in between
            raise PrivacyError(errors.STORE_UNAVAILABLE)
        if answer.content:
            yield Released(answer.content)
        yield Ended(answer=answer, take_back=False)


class _Stream:
    """One output, from its first piece to its answer. Used once, in one thread."""

    def __init__(
        self,
        checks: BehaviorEnforcement,
        caller: Caller,
        opening: CheckRequest,
        attempt: AuditEntry,
        begun: CheckBegun,
        deadline: Deadline,
    ) -> None:
        self._checks = checks
        self._caller = caller
        self._opening = opening
        self._attempt = attempt
        self._begun = begun
        self._deadline = deadline
        self._version: BehaviorVersion | None = None
        self._received = bytearray()
        self._released = bytearray()
        self._asked_at = 0.0

    def run(self, parts: Iterator[StreamPart]) -> StreamEvents:
        """See `StreamedChecks.check`."""
        try:
            if self._begun.admission.refused is not None:
                raise self._begun.admission.refused
            version = self._version = judging(
                self._begun.versions,
                party=self._opening.party,
                provider=self._opening.provider,
                use_case=self._opening.company.use_case,
                at=self._checks.clock.now(),
                courses=self._begun.courses,
                draw=self._opening.draw,
            )
            yield from self._pieces(version, parts)
            answer, take_back = self._settled(version)
        except GeneratorExit:
            self._record_end(errors.OUTPUT_INCOMPLETE.code)
            raise
        except PrivacyError as error:
            self._record_end(error.reason.code)
            raise
        except Exception:
            self._record_end(errors.INTERNAL.code)
            raise
        rest = _rest(answer, len(self._released), take_back=take_back)
        if rest:
            yield Released(rest)
        yield Ended(answer=answer, take_back=take_back)

    # -- While it comes -----------------------------------------------------------------------

    def _pieces(self, version: BehaviorVersion, parts: Iterator[StreamPart]) -> StreamEvents:
        company = self._opening.company
        streams = plan_for(compiled_version(version), company, self._opening.content_type)
        outflow = Outflow(streams, self._part, whole=bool(streams.whole))
        yield Opened(
            contract=_reference(version),
            whole=tuple(one.name for one in streams.whole),
            bounds=() if streams.whole else streams.bounds,
        )
        decoder = codecs.getincrementaldecoder("utf-8")()
        stopped = False
        self._asked_at = self._checks.clock.monotonic()
        for part in _until_end(parts):
            _take(self._received, part, self._checks.reader.limits.payload_bytes)
            self._deadline.left()
            out = outflow.add(_decoded(decoder, part, outflow)).encode()
            if out:
                self._require_standing(version)
                self._released += out
                yield Released(out)
            if outflow.stopped and not stopped:
                stopped = True
                yield Stopped()

    def _part(self, text: str) -> Subject:
        reader = self._checks.reader
        return part_of(
            text,
            side=self._opening.side,
            company=self._opening.company,
            inspector=Inspector(reader.detector, self._deadline, reader.limits),
            language_of=reader.language_of,
        )

    def _require_standing(self, version: BehaviorVersion) -> None:
        """Looks, once in a while, whether the contract still is the one in force."""
        now = self._checks.clock.monotonic()
        if now - self._asked_at >= _STANDING_SECONDS:
            self._asked_at = now
            self._checks.ledger.require_standing(
                version,
                self._begun,
                use_case=self._opening.company.use_case,
                at=self._checks.clock.now(),
                draw=self._opening.draw,
            )

    # -- At the end ---------------------------------------------------------------------------

    def _settled(self, version: BehaviorVersion) -> tuple[CheckAnswer, bool]:
        """The answer, settled, and whether what went out is no part of it."""
        request = replace(self._opening, content=bytes(self._received))
        commitment = self._checks.commitment(framed(request))
        attempt = replace(self._attempt, request=commitment)
        decided = self._checks.decide(
            self._caller,
            request,
            version,
            attempt=self._begun.position,
            deadline=self._deadline,
        )
        answer, take_back = _beside(decided.answer, bytes(self._released))
        answer = self._checks.warned(answer, version)
        decided = replace(decided, answer=answer)
        entry = self._checks.effect(attempt, self._begun.position, answer, request.content)
        settlement = Settlement(
            request_id=request.request_id,
            request=commitment,
            entry=replace(entry, payload_out=self._committed_out(answer, take_back=take_back)),
            answer=answer,
            record=record(request, version, decided, at=attempt.at),
            inner=decided.inner,
            probes=self._begun.admission.probes,
            hold=decided.hold,
            draw=request.draw,
            sample=None if take_back else decided.sample,
        )
        settled = self._checks.ledger.settle(settlement, seconds=self._deadline.left())
        self._checks.shadows.offer(request, version, decided.checked, settled)
        return settled, take_back

    def _committed_out(self, answer: CheckAnswer, *, take_back: bool) -> str | None:
        """Commits to all that goes out, in its order."""
        rest = _rest(answer, len(self._released), take_back=take_back)
        out = bytes(self._released) + rest
        return self._checks.commitment(out) if out else None

    def _record_end(self, code: str) -> None:
        """The effect of an output that came to nothing; the caller gets the first error."""
        commitment = self._checks.commitment
        version = self._version
        effect = replace(
            self._attempt,
            kind=EntryKind.EFFECT,
            at=self._checks.clock.now(),
            outcome=code,
            attempt=self._begun.position,
            contracts=() if version is None else (_reference(version),),
            payload_in=commitment(bytes(self._received)) if self._received else None,
            payload_out=commitment(bytes(self._released)) if self._released else None,
        )
        try:
            self._checks.ledger.record(effect, seconds=_REFUSAL_SECONDS)
        except PrivacyError:
            return


def _until_end(parts: Iterator[StreamPart]) -> Iterator[bytes]:
    """The pieces. Raises OUTPUT_INCOMPLETE where nobody says that they are all."""
    for part in parts:
        if isinstance(part, EndOfOutput):
            return
        yield part
    raise PrivacyError(errors.OUTPUT_INCOMPLETE)


def _take(received: bytearray, part: bytes, most: int) -> None:
    if len(received) + len(part) > most:
        raise PrivacyError(errors.PAYLOAD_TOO_LARGE, limit="payload_bytes", maximum=most)
    received += part


def _decoded(decoder: codecs.IncrementalDecoder, part: bytes, outflow: Outflow) -> str:
    """The text of a piece. What is not UTF-8 is refused at the end, with its place."""
    try:
        return decoder.decode(part)
    except UnicodeDecodeError:
        outflow.hold_the_rest()
        return ""


def _beside(answer: CheckAnswer, released: bytes) -> tuple[CheckAnswer, bool]:
    """The answer beside what went out, and whether that has to be taken back.

    Where the whole text came to something else than its parts, nothing more is released.
    """
    if not released:
        return answer, False
    if answer.content is None or answer.substituted:
        return answer, True
    if answer.content.startswith(released):
        return answer, False
    return replace(answer, outcome=Outcome.REFUSED, content=None), True


def _rest(answer: CheckAnswer, gone: int, *, take_back: bool) -> bytes:
    """What still goes out: behind what did, or in its place."""
    if answer.content is None:
        return b""
    return answer.content if take_back else answer.content[gone:]


def _reference(version: BehaviorVersion) -> ContractRef:
    return ContractRef(id=version.contract.id, number=version.number, digest=version.digest)
