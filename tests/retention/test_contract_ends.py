"""What passed under a contract that is retired goes by the jobs that keep promises."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import structlog
from structlog.testing import capture_logs

from privacy_service.clock import SteppedClock
from privacy_service.store.endings import Told
from retention.jobs.ask_recipients import JOB
from retention.jobs.remind_of_contracts import JOB as REMIND
from tests.retention.erasures import Plain
from tests.retention.test_asking import disclose
from tests.retention.workers import settings_for, workplace_for
from tests.stores.databases import KINDS, NOW, later
from tests.stores.samples import REF, contract, record
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
                Told(recipient="globex", disclosures=2, notice=None, state=None),
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
