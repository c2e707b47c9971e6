"""Subject requests: what a refused step says of what may be done."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from privacy_service.errors import PrivacyError
from privacy_service.subjects.reasons import Serves, justified
from privacy_service.subjects.requests import (
    Deadline,
    Identifier,
    RequestKind,
    RequestState,
    SubjectRequest,
)

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def asked(kind: RequestKind) -> SubjectRequest:
    return SubjectRequest(
        id="req-1", kind=kind, state=RequestState.RECEIVED,
        identifiers=(Identifier(digest="d"),), regime="eu-gdpr", place="DE", received_at=NOW,
        opened_by="officer",
        deadline=Deadline(legal=NOW, conservative=NOW, rule="eu-gdpr.12-3", standing="law"),
        first_deadline=NOW,
    )  # fmt: skip


@pytest.fixture
def wish() -> SubjectRequest:
    return asked(RequestKind.ERASURE)


def test_a_step_that_comes_too_early_says_what_may_be_done(wish: SubjectRequest) -> None:
    with pytest.raises(PrivacyError) as caught:
        wish.started()
    told = caught.value.details
    assert str(told["needs"]).startswith("identified; a request for erasure")
    assert told["possible"] == "check_identity, ask, answered, acknowledge, extend, refuse, note"


def test_a_reason_that_does_not_serve_comes_with_those_that_do() -> None:
    with pytest.raises(PrivacyError) as caught:
        justified("COMPLEXITY", Serves.REFUSAL)
    assert "IDENTITY_FAILURE" in str(caught.value.details["known"])
    assert "COMPLEXITY" not in str(caught.value.details["known"])


def test_an_objection_has_to_say_to_what() -> None:
    with pytest.raises(PrivacyError) as caught:
        asked(RequestKind.OBJECTION)
    assert "dpv:Marketing" in str(caught.value.details["says"])
