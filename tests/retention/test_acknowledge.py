"""Where a law has the person told that a request has come: by when, said once, called to mind."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import grpc
import pytest

from privacy_service.clock import SteppedClock
from privacy_service.store.requests import HistoryLine
from privacy_service.store.views import Writing
from privacy_service.v1 import requests_pb2
from retention.jobs import remind
from tests.retention.erasures import NOW, REQUEST, Plain, erasure
from tests.retention.people import people, reason

PLAIN = requests_pb2.PlainStep()


def test_california_wants_it_within_ten_business_days(tmp_path: Path) -> None:
    how = {"regime": "us-ccpa", "place": "US-CA"}
    with people(tmp_path) as house:
        received = house.submit("flora@mail.example", **how)
        waits = received.acknowledge_time.ToDatetime() - received.receive_time.ToDatetime()
        assert 13 <= waits.days <= 17
        named = received.subject_request_id
        assert not house.step(named, acknowledge=PLAIN).HasField("acknowledge_time")
        assert [line.step for line in house.show(named).history] == ["submit", "acknowledge"]
        with pytest.raises(grpc.RpcError) as caught:
            house.step(named, acknowledge=PLAIN)
        assert reason(caught.value) == "REQUEST_STATE"
        # An opt-out is not among what has to be acknowledged, and other laws do not ask for it.
        objection = requests_pb2.SUBJECT_REQUEST_KIND_OBJECTION
        for more in ({**how, "kind": objection, "purpose": "dpv:TargetedAdvertising"}, {}):
            other = house.submit("flora@mail.example", **more)
            assert not other.HasField("acknowledge_time")


def test_it_is_called_to_mind_and_then_alarms(tmp_path: Path) -> None:
    clock = SteppedClock(NOW)
    with erasure("sqlite", tmp_path, records=1, recipients=1, clock=clock) as at:

        def wait(tx: Writing) -> None:
            request = replace(
                tx.requests.get(REQUEST), acknowledge_by=clock.now() + timedelta(days=14)
            )
            line = HistoryLine(at=clock.now(), by="officer", step="note", state="in_progress")
            tx.requests.change(request, line)

        def steps() -> list[str]:
            with at.database.reading() as view:
                return [line.step for line in view.requests.history(REQUEST)]

        at.database.commit(wait)
        for days, said in ((0, []), (8, ["remind_acknowledge"]), (7, ["unacknowledged"])):
            clock.step(timedelta(days=days))
            before = steps()
            for _ in range(2):
                remind.JOB.work(at, "tick", Plain())
            assert steps()[len(before) :] == said
