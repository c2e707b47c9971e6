"""The ledger of checks: attempts, and what became of prompts and outputs, on the database.

A check whose content went through a sharing contract keeps its content in that transfer alone,
under the keys of the people it is about: what is erased there is gone here. Everything else is
sealed under the key of the two partners.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from privacy_service import errors
from privacy_service.behavior.answer import CheckAnswer, ExpectationVerdict, FiredFailure
from privacy_service.behavior.in_force import BehaviorVersion, judging
from privacy_service.behavior.judgement import Judgement, Verdict
from privacy_service.behavior.model import Outcome, Severity, Side
from privacy_service.behavior.ports import CheckBegun, Settlement
from privacy_service.custody.containing import admit, require_open, standing_versions
from privacy_service.custody.keys import SubjectKeys, scopes
from privacy_service.custody.playing import begin_for_check, started_by, went_well
from privacy_service.enforcement.answer import Answer, AuditStamp
from privacy_service.errors import PrivacyError
from privacy_service.evidence.entries import AuditEntry, ContractRef
from privacy_service.records.seal import Sealer, Slot, key_ids
from privacy_service.store.database import Database
from privacy_service.store.rows import Replay, ReplayConflict
from privacy_service.store.views import Writing

_FIELD: Final = "check"
_LENGTH: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedChecks:
    """The `CheckLedger` on a database and a keyring. Thread-safe.

    `answered` gives the answer of an earlier transfer by its sender and id. `replay_for` is how
    long a request id gives the same answer, at least.
    """

    database: Database
    keys: SubjectKeys
    sealer: Sealer
    origin: str
    replay_for: timedelta
    answered: Callable[[str, str], Answer]

    def begin(
        self,
        attempt: AuditEntry,
        *,
        provider: str,
        side: Side,
        use_case: str | None,
        request_id: str,
        request: str,
        seconds: float | None,
    ) -> CheckBegun:
        """What `CheckLedger.begin` says."""
        party = attempt.partner or ""

        def work(tx: Writing) -> Replay | CheckBegun:
            found = tx.replays.find(party, request_id)
            if found is not None:
                tx.quarantines.active().require_free(party, provider)
                return found
            begun = CheckBegun(
                position=tx.audit.append(attempt),
                versions=standing_versions(tx, party, provider),
                courses=tx.behavior.courses(party, provider),
            )
            try:
                version = judging(
                    begun.versions,
                    party=party,
                    provider=provider,
                    use_case=use_case,
                    at=attempt.at,
                    courses=begun.courses,
                )
            except PrivacyError:  # whoever judges says it, once more and for the log
                return begun
            return replace(begun, admission=admit(tx, version, side, attempt.at))

        began = self.database.commit(work, seconds=seconds)
        if isinstance(began, Replay):
            return CheckBegun(position=began.position, answer=self._answer(began, request))
        return began

    def record(self, entry: AuditEntry, *, seconds: float | None) -> int:
        """What `CheckLedger.record` says."""
        return self.database.commit(lambda tx: tx.audit.append(entry), seconds=seconds)

    def settle(self, settlement: Settlement, *, seconds: float | None) -> CheckAnswer:
        """What `CheckLedger.settle` says."""
        record = settlement.record
        keys = self.keys.of(record.party, scopes((), record.provider), seconds=seconds)
        slot = Slot(partner=record.party, record=settlement.request_id, field=_FIELD)
        sealed = self.sealer.seal(_to_bytes(settlement), slot=slot, keys=keys)

        def work(tx: Writing) -> int:
            tx.quarantines.active().require_free(record.party, record.provider)
            version = _standing(tx, settlement)
            require_open(
                tx,
                version,
                record.side,
                settlement.probes,
                well=went_well(version, settlement.answer),
                at=settlement.entry.at,
            )
            self.keys.require_live(tx, keys)
            position = tx.audit.append(settlement.entry)
            tx.behavior.check(record, position=position)
            begin_for_check(
                tx,
                version,
                record,
                started_by(version, settlement.answer),
                attempt=settlement.entry.attempt or 0,
                at=settlement.entry.at,
            )
            tx.replays.put(
                Replay(
                    partner=record.party,
                    request_id=settlement.request_id,
                    request_digest=settlement.request,
                    sealed_answer=sealed,
                    position=position,
                    expires_at=settlement.entry.at + self.replay_for,
                )
            )
            return position

        try:
            position = self.database.commit(work, seconds=seconds)
        except ReplayConflict:
            return self._winner(settlement)
        return self._stamped(settlement.answer, position, settlement.entry.attempt)

    # -- An answer that was given -------------------------------------------------------------

    def _winner(self, settlement: Settlement) -> CheckAnswer:
        with self.database.reading() as view:
            found = view.replays.find(settlement.record.party, settlement.request_id)
        if found is None:
            raise PrivacyError(errors.STORE_UNAVAILABLE)
        return self._answer(found, settlement.request)

    def _answer(self, replay: Replay, request: str) -> CheckAnswer:
        if replay.request_digest != request:
            raise PrivacyError(errors.REQUEST_ID_REUSED)
        with self.database.reading() as view:
            keys = view.data_keys.by_id(key_ids(replay.sealed_answer))
            attempt = AuditEntry.from_bytes(view.audit.leaf(replay.position)).attempt
        slot = Slot(partner=replay.partner, record=replay.request_id, field=_FIELD)
        opened = self.sealer.open(replay.sealed_answer, slot=slot, keys=tuple(keys.values()))
        answer = _from_bytes(opened, self.answered)
        return self._stamped(answer, replay.position, attempt)

    def _stamped(self, answer: CheckAnswer, position: int, attempt: int | None) -> CheckAnswer:
        stamp = AuditStamp(position=position, attempt=attempt or 0, origin=self.origin)
        return replace(answer, audit=stamp)


def _standing(tx: Writing, settlement: Settlement) -> BehaviorVersion:
    """The version that judged. Raises CONTRACT_SUPERSEDED where another one is in force by now, and
    what `judging` does where none is.
    """
    record = settlement.record
    now = judging(
        standing_versions(tx, record.party, record.provider),
        party=record.party,
        provider=record.provider,
        use_case=record.use_case,
        at=settlement.entry.at,
        courses=tx.behavior.courses(record.party, record.provider),
    )
    if (now.contract.id, now.number) != (record.contract_id, record.number):
        raise PrivacyError(errors.CONTRACT_SUPERSEDED)
    return now


# -- An answer as bytes, to be sealed: a JSON head with its length in front, then the content -----


def _to_bytes(settlement: Settlement) -> bytes:
    answer = settlement.answer
    head = {
        "outcome": answer.outcome.value,
        "released": answer.content is not None,
        "content_type": answer.content_type,
        "verdicts": [_verdict(one) for one in answer.verdicts],
        "failures": [[one.id, one.category, one.severity.value] for one in answer.failures],
        "ask": list(answer.ask),
        "substituted": answer.substituted,
        "contract": [answer.contract.id, answer.contract.number, answer.contract.digest],
        "inner": None if settlement.inner is None else [_sender(settlement), settlement.inner],
    }
    written = json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode()
    content = answer.content if settlement.inner is None else None
    return len(written).to_bytes(_LENGTH, "big") + written + (content or b"")


def _sender(settlement: Settlement) -> str:
    record = settlement.record
    return record.party if record.side.value == "prompt" else record.provider


def _verdict(one: ExpectationVerdict) -> list[Any]:
    judged = one.judgement
    return [
        one.id, one.severity.value, judged.verdict.value, judged.why, judged.count, judged.bound,
        judged.name, judged.path,
    ]  # fmt: skip


def _from_bytes(written: bytes, answered: Callable[[str, str], Answer]) -> CheckAnswer:
    end = _LENGTH + int.from_bytes(written[:_LENGTH], "big")
    head = json.loads(written[_LENGTH:end])
    shared = None if head["inner"] is None else answered(*head["inner"])
    content = written[end:] if shared is None else shared.payload
    contract_id, number, digest = head["contract"]
    return CheckAnswer(
        outcome=Outcome(head["outcome"]),
        content=content if head["released"] else None,
        content_type=head["content_type"],
        verdicts=tuple(_read_verdict(*one) for one in head["verdicts"]),
        failures=tuple(
            FiredFailure(id=i, category=c, severity=Severity(s)) for i, c, s in head["failures"]
        ),
        ask=tuple(head["ask"]),
        substituted=head["substituted"],
        contract=ContractRef(id=contract_id, number=number, digest=digest),
        personal_data=shared,
    )


def _read_verdict(
    name: str,
    severity: str,
    verdict: str,
    why: str,
    count: float | None,
    bound: float | None,
    word: str | None,
    path: str | None,
) -> ExpectationVerdict:
    return ExpectationVerdict(
        id=name,
        severity=Severity(severity),
        judgement=Judgement(
            verdict=Verdict(verdict), why=why, count=count, bound=bound, name=word, path=path
        ),
    )
