"""What people may ask for: the parts that desks and jobs share."""

from __future__ import annotations

import os
from datetime import timedelta

from privacy_service.app.keys import keys_for_data
from privacy_service.app.publishing import signed_head
from privacy_service.app.reading import reader
from privacy_service.clock import Clock
from privacy_service.custody.bundling import Bundling
from privacy_service.custody.correcting import Correcting
from privacy_service.custody.erasing import Erasing
from privacy_service.custody.informing import Informing
from privacy_service.custody.keys import SubjectKeys
from privacy_service.custody.protections import protections
from privacy_service.custody.receipts import Receipts
from privacy_service.records.data_keys import DataKeys
from privacy_service.records.keyring import Keyring
from privacy_service.records.pseudonyms import Pseudonyms, keyed_digests
from privacy_service.records.seal import Sealer
from privacy_service.settings import AllSettings, SubjectSettings
from privacy_service.store.database import Database


def erasing(
    settings: SubjectSettings, database: Database, keyring: Keyring, clock: Clock
) -> Erasing:
    """What erases."""
    return Erasing(
        database=database,
        protections=protections,
        digests=keyed_digests(keyring),
        clock=clock,
        tombstone_for=timedelta(days=settings.tombstone_days),
        confirm_within=timedelta(days=settings.notice_days),
    )


def correcting(
    settings: AllSettings, database: Database, keyring: Keyring, clock: Clock
) -> Correcting:
    """What corrects."""
    data_keys = keys_for_data(settings.keys, keyring, database, clock)
    pseudonyms = Pseudonyms(keyring)
    _, read = reader(settings.limits, settings.payloads.descriptors)
    return Correcting(
        database=database,
        sealer=Sealer(data_keys, os.urandom),
        keys=SubjectKeys(database, data_keys),
        pseudonyms=pseudonyms,
        decode=read,
        protections=protections,
        informing=Informing(
            database=database,
            pseudonyms=pseudonyms,
            clock=clock,
            confirm_within=timedelta(days=settings.subjects.notice_days),
        ),
        clock=clock,
    )


def receipts(settings: AllSettings, database: Database, keyring: Keyring, clock: Clock) -> Receipts:
    """What proves that something was erased."""
    return Receipts(
        database=database,
        signer=keyring.signer,
        checkpoint=signed_head(settings.evidence, keyring, database, clock).note,
        origin=settings.evidence.origin,
        clock=clock,
        backups_for=timedelta(days=settings.subjects.backup_days),
    )


def bundling(settings: AllSettings, database: Database, keyring: Keyring, clock: Clock) -> Bundling:
    """What makes bundles. It opens, and seals nothing that is kept."""
    return Bundling(
        database=database,
        sealer=Sealer(DataKeys(keyring, random=os.urandom, clock=clock), os.urandom),
        origin=settings.evidence.origin,
        clock=clock,
    )
