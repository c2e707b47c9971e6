"""What sweeps are made of: for the service, which plans and answers, and for the job that works."""

from __future__ import annotations

import os
import uuid
from datetime import timedelta

from privacy_service.app.keys import keys_for_data
from privacy_service.app.publishing import signed_head
from privacy_service.app.reading import reader
from privacy_service.clock import Clock
from privacy_service.custody.anonymising import Anonymising
from privacy_service.custody.asking import Asking
from privacy_service.custody.certificates import Certificates
from privacy_service.custody.ending import Endings
from privacy_service.custody.keys import SubjectKeys
from privacy_service.custody.protections import protections
from privacy_service.custody.sweeping import Sweeping
from privacy_service.records.keyring import Keyring
from privacy_service.records.seal import Sealer
from privacy_service.settings import AllSettings, EvidenceSettings, SubjectSettings
from privacy_service.store.database import Database


def sweeping(
    database: Database, clock: Clock, *, anonymising: Anonymising | None = None
) -> Sweeping:
    """What plans sweeps, and with `anonymising` runs them."""
    return Sweeping(
        database=database, protections=protections, clock=clock, anonymising=anonymising
    )


def anonymising(
    settings: AllSettings, keyring: Keyring, database: Database, clock: Clock
) -> Anonymising:
    """What makes records anonymous."""
    data_keys = keys_for_data(settings.keys, keyring, database, clock)
    _, read = reader(settings.limits, settings.payloads.descriptors)
    return Anonymising(
        sealer=Sealer(data_keys, os.urandom),
        keys=SubjectKeys(database, data_keys),
        decode=read,
        new_id=lambda: uuid.uuid4().hex,
        clock=clock,
    )


def asking(settings: SubjectSettings, database: Database, clock: Clock) -> Asking:
    """What asks recipients to delete what they were given."""
    return Asking(
        database=database,
        protections=protections,
        clock=clock,
        confirm_within=timedelta(days=settings.notice_days),
    )


def endings(
    settings: EvidenceSettings, keyring: Keyring, database: Database, clock: Clock
) -> Endings:
    """What brings retired contracts to their end."""
    return Endings(
        database=database,
        protections=protections,
        signer=keyring.signer,
        checkpoint=signed_head(settings, keyring, database, clock).note,
        origin=settings.origin,
        clock=clock,
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
