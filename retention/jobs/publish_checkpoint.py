"""The audit log's head goes where nothing is replaced: what came since the last one is anchored."""

from __future__ import annotations

from privacy_service import errors
from privacy_service.app.incidents import rereading
from privacy_service.app.publishing import open_publisher
from privacy_service.errors import PrivacyError
from retention.job import Job, Steps
from retention.workplace import Workplace


def _work(at: Workplace, key: str, steps: Steps) -> None:
    del key
    if at.settings.evidence.publish_to is not None:
        steps.do("publish", lambda: _publish(at))


def _publish(at: Workplace) -> int:
    """How many entries are anchored. What could not be had with them is in the log."""
    try:
        done = open_publisher(at.settings.evidence, at.keyring, at.database, at.clock).publish()
    except PrivacyError as error:
        if error.reason is errors.LOG_CONTRADICTS_CHECKPOINT:
            rereading(at.settings, at.database, at.clock).contradicted()
        raise
    for _ in done.missing:
        at.log.warning("checkpoint_incomplete", number=done.checkpoint.size)
    return done.checkpoint.size


JOB = Job(
    name="publish-checkpoint",
    says="Publishes the audit log's head to `PRIVACY_EVIDENCE__PUBLISH_TO`, unless it is there.",
    cron="*/10 * * * *",
    work=_work,
)
