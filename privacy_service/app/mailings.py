"""Mailings to people: the desk for the server, and what sends for the job."""

from __future__ import annotations

import os

from privacy_service.app.keys import keys_for_data
from privacy_service.app.notices import open_notices
from privacy_service.app.reading import reader
from privacy_service.clock import Clock
from privacy_service.custody.acts import Acts
from privacy_service.custody.addresses import Addresses
from privacy_service.custody.mailings import MailingsDesk
from privacy_service.custody.posting import Deliver, Posting
from privacy_service.custody.returned import ReturnedMail
from privacy_service.law.book import Law
from privacy_service.records.keyring import Keyring
from privacy_service.records.pseudonyms import Pseudonyms
from privacy_service.records.seal import Sealer
from privacy_service.settings import AllSettings
from privacy_service.store.database import Database


def open_mailings(
    settings: AllSettings, *, law: Law, database: Database, keyring: Keyring, clock: Clock
) -> MailingsDesk:
    """The desk."""
    notices = open_notices(settings, law=law, database=database, keyring=keyring, clock=clock)
    return MailingsDesk(
        database=database,
        acts=Acts(database, clock),
        once=notices.once,
        law=law,
        addresses=_addresses(settings, database, keyring, clock),
        returned=open_returned(settings, law=law, database=database, keyring=keyring, clock=clock),
        clock=clock,
    )


def open_returned(
    settings: AllSettings, *, law: Law, database: Database, keyring: Keyring, clock: Clock
) -> ReturnedMail:
    """What takes mail that came back, for the server and for the job that reads a mailbox."""
    notices = open_notices(settings, law=law, database=database, keyring=keyring, clock=clock)
    return ReturnedMail(acts=notices.acts, once=notices.once, notices=notices, clock=clock)


def open_posting(
    settings: AllSettings,
    *,
    law: Law,
    database: Database,
    keyring: Keyring,
    clock: Clock,
    deliver: Deliver,
) -> Posting:
    """What sends. `deliver` hands one letter over."""
    return Posting(
        database=database,
        notices=open_notices(settings, law=law, database=database, keyring=keyring, clock=clock),
        addresses=_addresses(settings, database, keyring, clock),
        deliver=deliver,
        clock=clock,
    )


def _addresses(
    settings: AllSettings, database: Database, keyring: Keyring, clock: Clock
) -> Addresses:
    words = Pseudonyms(keyring)
    _, read = reader(settings.limits, settings.payloads.descriptors)
    return Addresses(
        database=database,
        sealer=Sealer(keys_for_data(settings.keys, keyring, database, clock), os.urandom),
        decode=read,
        digests=lambda address: words.subject_digests("email", address),
    )
