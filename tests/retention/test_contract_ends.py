"""What passed under a contract that is retired goes by the jobs that keep promises."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import structlog
from structlog.testing import capture_logs

from privacy_service.app.keeping import endings
from privacy_service.app.keys import verifier_key
from privacy_service.clock import SteppedClock
from privacy_service.contracts.course import Step, StepKind
from privacy_service.evidence.note import VerifierKey
from privacy_service.evidence.proven_note import DECOMMISSIONING, ProvenNote
from privacy_service.store.endings import Told
from privacy_service.store.views import Writing
from privacy_service.subjects.notices import NoticeKind
from retention.jobs.ask_recipients import JOB
from retention.jobs.end_contracts import JOB as END
from retention.jobs.remind_of_contracts import JOB as REMIND
from tests.retention.erasures import Plain
from tests.retention.test_asking import disclose
from tests.retention.test_sweep import hold, lifted
from tests.retention.workers import settings_for, workplace_for
from tests.stores.databases import KINDS, NOW, later
from tests.stores.samples import REF, contract, record, token
from tests.unit.contracts.contract_texts import MINIMAL


@pytest.mark.parametrize("kind", KINDS)
def test_recipients_are_asked_and_our_copies_are_due(tmp_path: Path, kind: str) -> None:
    tmp_path.chmod(0o700)
    with workplace_for(settings_for(kind, tmp_path), SteppedClock(NOW)) as at:
        at.database.commit(lambda tx: tx.contracts.put(contract()))
        disclose(at, "month", 30)
        disclose(at, "never", None, record=None)
        disclose(at, "other", 30, recipient="initech", contracts=())
        at.database.commit(lambda tx: tx.records.put(record(keep_until=later(days=30))))
        with at.database.reading() as view:
            assert view.endings.copies(REF.id) == 1
            assert view.endings.told(REF.id) == (
                Told(recipient="globex", disclosures=2, notice=None, state=None, kind=None),
            )
        at.database.commit(lambda tx: tx.endings.end(REF.id, NOW))
        JOB.work(at, "now", Plain())
        with at.database.reading() as view:
            (one,) = view.endings.told(REF.id)
            assert (one.disclosures, one.state) == (2, "waiting")
            (notice,) = view.notices.list("globex")
            assert one.notice == notice.id
            assert set(notice.concerns.disclosures) == {"month", "never"}
            assert view.notices.list("initech") == ()
            assert view.records.get("acme", "record-1").keep_until == NOW


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_due_to_be_recertified_is_logged_each_day(tmp_path: Path, kind: str) -> None:
    tmp_path.chmod(0o700)
    clock = SteppedClock(NOW)
    with workplace_for(settings_for(kind, tmp_path), clock) as at, capture_logs() as logged:
        place = replace(at, log=structlog.get_logger())
        source = f"{MINIMAL}governance: {{recertify: P10D, grace: P5D}}\n"
        at.database.commit(lambda tx: tx.contracts.put(contract(id="acme-to-swift", source=source)))
        for days, said in (
            (7, []),
            (2, ["near"]),
            (1, ["near", "due"]),
            (5, ["near", "due", "lapsed"]),
        ):
            clock.step(timedelta(days=days))
            REMIND.work(place, "now", Plain())
            assert [one["state"] for one in logged if one["event"] == "contract_due"] == said


RETURNING = """apiVersion: privacy-service/v1
kind: SharingContract
id: acme-to-globex
title: Orders
party: {partner: acme, role: controller, region: DE}
counterparty: {partner: globex, role: processor, region: DE}
direction: outbound
purposes: ["dpv:FulfilmentOfObligation"]
legal_basis: eu-gdpr:A6-1-b
effective: {from: 2026-01-01}
fields: [{path: $.note}]
retention: {ours: P30D, recipient: P1Y, at_end: return}
"""


@pytest.mark.parametrize("kind", KINDS)
def test_the_end_asks_to_return_deletes_tokens_and_is_certified_once_nothing_is_left(
    tmp_path: Path, kind: str
) -> None:
    tmp_path.chmod(0o700)
    clock = SteppedClock(NOW)
    with workplace_for(settings_for(kind, tmp_path), clock) as at:
        put = contract(source=RETURNING, effective_until=None)
        at.database.commit(lambda tx: tx.contracts.put(put))
        disclose(at, "one", 300, record=None, purpose="dpv:FulfilmentOfObligation")
        at.database.commit(
            lambda tx: tx.tokens.put_many(
                [token("tok_a"), token("tok_b"), token("tok_c", recipient="initech")]
            )
        )
        held = hold("h", subjects=frozenset({"held"}))
        at.database.commit(lambda tx: tx.tokens.put_many([token("tok_h", subject="held")]))
        at.database.commit(lambda tx: tx.holds.place(held))
        assert END.waiting is not None
        assert END.waiting(at, 10) == ()
        at.database.commit(retired)
        (key,) = END.waiting(at, 10)
        JOB.work(at, "now", Plain())
        with at.database.reading() as view:
            (notice,) = view.notices.list("globex")
        assert notice.kind is NoticeKind.CONTRACT_ENDED
        END.work(at, key, Plain())
        with at.database.reading() as view:
            assert [bool(view.tokens.get(f"tok_{one}")) for one in "abch"] == [
                False, False, True, True,
            ]  # fmt: skip
            assert view.endings.receipt(REF.id) is None
        at.database.commit(lambda tx: tx.notices.keep(notice.confirmed(by="globex", at=NOW)))
        END.work(at, key, Plain())
        with at.database.reading() as view:
            assert view.endings.receipt(REF.id) is None  # the hold stands
        at.database.commit(lambda tx: tx.holds.lift(lifted(held, NOW)))
        END.work(at, key, Plain())
        assert END.waiting(at, 10) == ()
        ends = endings(at.settings.evidence, at.keyring, at.database, clock)
        key_of = VerifierKey.parse(verifier_key(at.keyring, at.settings.evidence.origin))
        said = ProvenNote.parse(ends.file(REF.id), DECOMMISSIONING).verify(key_of).content
        assert said["about"] == REF.id
        assert said["erased"] == [{"what": "token", "count": 3}]
        assert said["recipients"] == [
            {
                "recipient": "globex", "disclosures": 1, "asked_to": "return",
                "notice": notice.id, "state": "confirmed",
            }
        ]  # fmt: skip


def retired(tx: Writing) -> None:
    course = tx.courses.get(REF.id).suspended(by="ann", reason="we part", at=NOW)
    course = course.retired(by="bob", reason="we part", at=NOW)
    tx.courses.follow(course, Step(kind=StepKind.RETIRED, at=NOW, by="bob"))
    tx.endings.end(REF.id, NOW)
