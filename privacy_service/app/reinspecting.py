"""What looks at releases again, for the job: with a detector of its own while it does."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from privacy_service.app.detector import open_pool
from privacy_service.app.incidents import incidents
from privacy_service.app.keys import keys_for_data
from privacy_service.app.reading import reader
from privacy_service.clock import Clock
from privacy_service.custody.reinspecting import SealedCopies
from privacy_service.custody.reinspections import Reinspecting
from privacy_service.enforcement.reinspect import Leftovers
from privacy_service.records.keyring import Keyring
from privacy_service.records.seal import Sealer
from privacy_service.settings import AllSettings
from privacy_service.store.database import Database


@contextmanager
def open_reinspecting(
    settings: AllSettings, *, database: Database, keyring: Keyring, clock: Clock
) -> Iterator[Reinspecting]:
    """One worker process more reads, apart from those that answer callers. Raises what opening a
    detector raises.
    """
    limits, decode = reader(settings.limits, settings.payloads.descriptors)
    alone = settings.detection.model_copy(update={"processes": 1})
    with open_pool(alone, clock) as detector:
        copies = SealedCopies(
            database=database,
            sealer=Sealer(keys_for_data(settings.keys, keyring, database, clock), os.urandom),
            leftover=Leftovers(decode=decode, detector=detector, limits=limits, clock=clock),
            clock=clock,
        )
        yield Reinspecting(
            database=database, copies=copies, incidents=incidents(settings), clock=clock
        )
