"""What the service notices by itself, as the settings have it."""

from __future__ import annotations

from datetime import timedelta

from privacy_service.app.law import open_law
from privacy_service.breaches.incidents import Cause
from privacy_service.breaches.volume import VolumeRule
from privacy_service.clock import Clock
from privacy_service.custody.forgetting import Forgetting
from privacy_service.custody.incidents import Incidents
from privacy_service.custody.once import Once
from privacy_service.custody.rereading import Rereading
from privacy_service.custody.watching import Measure, Watch
from privacy_service.records.keyring import Keyring
from privacy_service.records.pseudonyms import Pseudonyms
from privacy_service.settings import AllSettings, IncidentSettings
from privacy_service.store.database import Database


def incidents(settings: AllSettings) -> Incidents:
    """What opens breaches. Raises RULE_PACK_INVALID."""
    return Incidents(
        law=open_law(settings.law.packs),
        capacities=settings.law.capacities,
        seats=settings.law.seats,
        off=frozenset(Cause(cause) for cause in settings.incidents.off),
        gather=timedelta(minutes=settings.incidents.gather_minutes),
    )


def watch(settings: AllSettings, database: Database, clock: Clock) -> Watch:
    """What looks at the log and the ledger."""
    return Watch(
        database=database,
        incidents=incidents(settings),
        rules=_rules(settings.incidents),
        clock=clock,
    )


def forgetting(
    settings: AllSettings, database: Database, keyring: Keyring, clock: Clock
) -> Forgetting:
    """What deletes records of breaches whose time is over."""
    return Forgetting(
        database=database,
        law=open_law(settings.law.packs),
        once=Once(
            commitment=Pseudonyms(keyring).commitment,
            clock=clock,
            origin=settings.evidence.origin,
            replay_for=timedelta(seconds=settings.transfer.replay_seconds),
        ),
        years=settings.incidents.keep_years,
        clock=clock,
    )


def rereading(settings: AllSettings, database: Database, clock: Clock) -> Rereading:
    """What reads the log again."""
    return Rereading(database=database, incidents=incidents(settings), clock=clock)


def _rules(settings: IncidentSettings) -> dict[Measure, VolumeRule]:
    days, factor = settings.volume_days, settings.volume_factor
    return {
        Measure.STOPPED: VolumeRule(least=settings.stopped_least, factor=0, days=1),
        Measure.DISCLOSURES: VolumeRule(least=settings.disclosures_least, factor=factor, days=days),
        Measure.REVEALS: VolumeRule(least=settings.reveals_least, factor=factor, days=days),
    }
