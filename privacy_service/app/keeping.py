"""What sweeps are made of: for the service, which plans and answers, and for the job that works."""

from __future__ import annotations

from datetime import timedelta

from privacy_service.app.publishing import signed_head
from privacy_service.clock import Clock
from privacy_service.custody.asking import Asking
from privacy_service.custody.certificates import Certificates
from privacy_service.custody.protections import protections
from privacy_service.custody.sweeping import Sweeping
from privacy_service.records.keyring import Keyring
from privacy_service.settings import EvidenceSettings, SubjectSettings
from privacy_service.store.database import Database


def sweeping(database: Database, clock: Clock) -> Sweeping:
    """What plans sweeps and runs them."""
    return Sweeping(database=database, protections=protections, clock=clock)


def asking(settings: SubjectSettings, database: Database, clock: Clock) -> Asking:
    """What asks recipients to delete what they were given."""
    return Asking(
        database=database,
        protections=protections,
        clock=clock,
        confirm_within=timedelta(days=settings.notice_days),
    )


def certificates(
    settings: EvidenceSettings, keyring: Keyring, database: Database, clock: Clock
) -> Certificates:
    """What ends sweeps with a certificate."""
    return Certificates(
        database=database,
        signer=keyring.signer,
        checkpoint=signed_head(settings, keyring, database, clock).note,
        origin=settings.origin,
        clock=clock,
    )
