"""The desks, on the database, the keys and the detector."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Callable
from datetime import timedelta
from threading import Semaphore

from privacy_service import errors
from privacy_service.app.cases import attaching
from privacy_service.app.incidents import incidents
from privacy_service.app.judging import classifiers, language_of
from privacy_service.app.keeping import asking, certificates, endings, sweeping
from privacy_service.app.keys import keys_for_data, oldest_key
from privacy_service.app.law import open_law
from privacy_service.app.mailings import open_mailings, open_returned
from privacy_service.app.notices import open_notices, recipients_notices
from privacy_service.app.publishing import last_published, signed_head
from privacy_service.app.reading import reader
from privacy_service.app.rights import correcting, erasing, receipts
from privacy_service.app.trying import Trying
from privacy_service.behavior.enforce import BehaviorEnforcement
from privacy_service.behavior.holding import Holding
from privacy_service.behavior.lint import SetUp
from privacy_service.behavior.reader import Reader
from privacy_service.behavior.rehearse import Stage
from privacy_service.behavior.sampling import Sampler
from privacy_service.behavior.shadowing import CheckShadows
from privacy_service.clock import Clock
from privacy_service.custody.acts import Acts
from privacy_service.custody.behavior import BehaviorShelf
from privacy_service.custody.breaches import BreachesDesk
from privacy_service.custody.cases import CasesDesk
from privacy_service.custody.checks import SealedChecks
from privacy_service.custody.consents import ConsentsDesk
from privacy_service.custody.courses import CoursesDesk
from privacy_service.custody.exposures import ExposuresDesk
from privacy_service.custody.holds import HoldsDesk
from privacy_service.custody.key_check import KeyCheck
from privacy_service.custody.key_desk import KeysDesk
from privacy_service.custody.keys import SubjectKeys
from privacy_service.custody.ledger import SealedLedger
from privacy_service.custody.measures import Measures
from privacy_service.custody.monitor_desk import MonitorsDesk
from privacy_service.custody.once import Once
from privacy_service.custody.outcomes import OutcomesDesk
from privacy_service.custody.playbooks import PlaybooksDesk
from privacy_service.custody.proposing import ProposalsDesk
from privacy_service.custody.quarantines import QuarantinesDesk
from privacy_service.custody.records import RecordsDesk
from privacy_service.custody.regressing import JudgingCases, RegressingCases
from privacy_service.custody.reinspecting import ReinspectingDesk
from privacy_service.custody.reinspections import ReinspectionsDesk
from privacy_service.custody.requests import RequestsDesk
from privacy_service.custody.retention import SchedulesDesk
from privacy_service.custody.reviews import ReviewsDesk
from privacy_service.custody.rewrap import Rewrapping
from privacy_service.custody.samples import SamplesDesk
from privacy_service.custody.shadowing import Shadowing
from privacy_service.custody.shadows import ShadowsDesk
from privacy_service.custody.shelf import Shelf
from privacy_service.custody.standing import Standing
from privacy_service.desks.archives import Archives
from privacy_service.desks.audit import EvidenceDesk
from privacy_service.desks.behavior import BehaviorDesk
from privacy_service.desks.book import Book
from privacy_service.desks.contracts import ContractsDesk
from privacy_service.desks.ports.desks import Desks
from privacy_service.detection.tokenizers import FileTokenizers
from privacy_service.enforcement.enforce import Enforcement
from privacy_service.enforcement.findings import Detector
from privacy_service.enforcement.rates import Rate, RevealRates
from privacy_service.enforcement.reveal import Revealing
from privacy_service.records.keyring import Keyring
from privacy_service.records.pseudonyms import Pseudonyms, keyed_digests
from privacy_service.records.seal import Sealer
from privacy_service.settings import (
    Settings,
)
from privacy_service.store.database import Database


def open_desks(
    settings: Settings,
    clock: Clock,
    keyring: Keyring,
    database: Database,
    detector: Detector,
    *,
    journaled: Callable[[], None] = lambda: None,
    remembered: Callable[[], None] = lambda: None,
    shadowing: Shadowing | None = None,
) -> Desks:
    """`journaled` returns once the tombstone journal has every deletion, `remembered` at once, and
    has it get every decision soon. `shadowing` judges beside while it is open.
    """
    shadowing = shadowing or Shadowing(database, clock)
    origin = settings.evidence.origin
    replay_for = timedelta(seconds=settings.transfer.replay_seconds)
    pseudonyms = Pseudonyms(keyring)
    acts = Acts(database, clock, remembered)
    data_keys = keys_for_data(settings.keys, keyring, database, clock)
    sealer = Sealer(data_keys, os.urandom)
    keys = SubjectKeys(database, data_keys)
    shelf = Shelf(database, acts, clock)
    book = Book(shelf.contracts, clock, staleness=settings.transfer.contract_staleness_seconds)
    limits, read = reader(settings.limits, settings.payloads.descriptors)
    once = Once(commitment=pseudonyms.commitment, clock=clock, origin=origin, replay_for=replay_for)
    ledger = SealedLedger(
        database=database,
        keys=keys,
        standing=Standing(superseded=book.forget),
        sealer=sealer,
        origin=origin,
        replay_for=replay_for,
    )
    enforcement = Enforcement(
        contracts=book,
        detector=detector,
        pseudonyms=pseudonyms,
        ledger=ledger,
        decode=read,
        clock=clock,
        limits=limits,
        new_id=lambda: uuid.uuid4().hex,
        beside=shadowing,
    )
    revealing = Revealing(
        contracts=book,
        pseudonyms=pseudonyms,
        ledger=ledger,
        decode=read,
        require_unnamed=enforcement.require_unnamed,
        clock=clock,
        rates=RevealRates(
            reveals=Rate(most=settings.reveal.reveals_per_hour),
            restored=Rate(most=settings.reveal.restored_per_hour),
        ),
    )
    count_tokens = FileTokenizers(settings.detection.tokenizers)
    stage = Stage(
        detector=detector,
        decode=read,
        language_of=language_of(),
        clock=clock,
        limits=limits,
        classify=classifiers(settings.detection),
        count_tokens=count_tokens,
    )
    behavior = BehaviorShelf(database, acts, clock)
    text_reader = Reader(
        detector=detector,
        decode=read,
        language_of=language_of(),
        limits=limits,
        classify=classifiers(settings.detection),
        count_tokens=count_tokens,
    )
    set_up = SetUp(
        tokenizers=frozenset(settings.detection.tokenizers),
        classifiers=frozenset(settings.detection.classifiers),
    )
    judging = JudgingCases(reader=text_reader, clock=clock)
    checks = SealedChecks(
        database=database,
        keys=keys,
        sealer=sealer,
        origin=origin,
        replay_for=replay_for,
        transfers=ledger,
    )
    holding = Holding(
        reader=text_reader,
        personal_data=enforcement,
        ledger=checks,
        commitment=pseudonyms.commitment,
        clock=clock,
        new_id=lambda: str(uuid.uuid4()),
    )
    head = signed_head(settings.evidence, keyring, database, clock)
    proofs = receipts(settings, database, keyring, clock)
    ends = certificates(settings.evidence, keyring, database, clock)
    law = open_law(settings.law.packs)
    breaches = BreachesDesk(
        database=database,
        acts=acts,
        once=once,
        digests=pseudonyms.subject_digests,
        require_unnamed=enforcement.require_unnamed,
        law=law,
        capacities=settings.law.capacities,
        seats=settings.law.seats,
        keep_years=settings.incidents.keep_years,
        clock=clock,
    )
    measures = Measures(say=breaches.say, clock=clock)
    return Desks(
        enforcement=enforcement,
        revealing=revealing,
        behavior=BehaviorDesk(
            versions=behavior.versions,
            put=behavior.put,
            set_up=set_up,
            enforcement=BehaviorEnforcement(
                reader=text_reader,
                personal_data=enforcement,
                ledger=checks,
                holding=holding,
                sampler=Sampler(commitment=pseudonyms.commitment, new_id=lambda: str(uuid.uuid4())),
                shadows=CheckShadows(
                    beside=shadowing, reader=text_reader, version=checks.version, clock=clock
                ),
                commitment=pseudonyms.commitment,
                clock=clock,
            ),
            clock=clock,
        ),
        playbooks=PlaybooksDesk(
            database=database,
            acts=acts,
            once=once,
            require_unnamed=enforcement.require_unnamed,
            clock=clock,
        ),
        monitors=MonitorsDesk(database=database, clock=clock),
        contracts=ContractsDesk(shelf=shelf.contracts, put=shelf.put, book=book, clock=clock),
        courses=CoursesDesk(
            database=database,
            acts=acts,
            once=once,
            require_unnamed=enforcement.require_unnamed,
            measures=measures,
            moved=book.forget,
            end_file=endings(settings.evidence, keyring, database, clock).file,
            clock=clock,
        ),
        proposals=ProposalsDesk(
            database=database,
            acts=acts,
            once=once,
            try_out=Trying(stage),
            set_up=set_up,
            replay_cases=RegressingCases(
                database=database,
                acts=acts,
                sealer=sealer,
                checks=judging,
                alone=enforcement.alone,
                clock=clock,
            ),
            require_unnamed=enforcement.require_unnamed,
            clock=clock,
        ),
        cases=CasesDesk(
            database=database,
            acts=acts,
            once=once,
            require_unnamed=enforcement.require_unnamed,
            keys=keys,
            sealer=sealer,
            checks=judging,
            clock=clock,
        ),
        shadows=ShadowsDesk(
            database=database,
            acts=acts,
            once=once,
            require_unnamed=enforcement.require_unnamed,
            looked=shadowing.look_again,
            clock=clock,
        ),
        records=RecordsDesk(
            database=database,
            acts=acts,
            keys=keys,
            sealer=sealer,
            once=once,
            digest=pseudonyms.subject_digest,
            journaled=journaled,
            clock=clock,
        ),
        reviews=ReviewsDesk(
            ledger=ledger,
            acts=acts,
            once=once,
            reexamine=enforcement.reexamine,
            recheck=holding.recheck,
            require_unnamed=enforcement.require_unnamed,
            clock=clock,
            waiters=Semaphore(max(1, settings.server.threads // 4)),
            pause=time.sleep,
        ),
        holds=HoldsDesk(
            database=database,
            acts=acts,
            once=once,
            digests=pseudonyms.subject_digests,
            require_unnamed=enforcement.require_unnamed,
            measures=measures,
            clock=clock,
        ),
        keys=KeysDesk(
            database=database,
            keyring=keyring,
            keys=keys,
            acts=acts,
            once=once,
            rewrapping=Rewrapping(database, keyring, data_keys),
            check=KeyCheck(database, data_keys, sealer),
            digests=pseudonyms.subject_digests,
            require_unnamed=enforcement.require_unnamed,
            measures=measures,
            journaled=journaled,
            clock=clock,
            oldest=oldest_key(settings.keys),
        ),
        consents=ConsentsDesk(
            database=database,
            acts=acts,
            once=once,
            digests=pseudonyms.subject_digests,
            withdrawn=asking(settings.subjects, database, clock).withdrawn,
            clock=clock,
        ),
        breach_notices=open_notices(
            settings, law=law, database=database, keyring=keyring, clock=clock
        ),
        mailings=open_mailings(settings, law=law, database=database, keyring=keyring, clock=clock),
        returned_mail=open_returned(
            settings, law=law, database=database, keyring=keyring, clock=clock
        ),
        breaches=breaches,
        reinspections=ReinspectingDesk(
            database=database,
            acts=acts,
            once=once,
            sealer=sealer,
            leftover=enforcement.leftover,
            incidents=incidents(settings),
            clock=clock,
        ),
        many_reinspections=ReinspectionsDesk(database=database, acts=acts, once=once, clock=clock),
        exposures=ExposuresDesk(
            database=database,
            acts=acts,
            once=once,
            incidents=incidents(settings),
            keys=keyring.status,
            require_unnamed=enforcement.require_unnamed,
            clock=clock,
        ),
        samples=SamplesDesk(database=database, acts=acts, once=once, clock=clock),
        outcomes=OutcomesDesk(database=database, acts=acts, once=once, clock=clock),
        containment=QuarantinesDesk(
            database=database,
            acts=acts,
            once=once,
            say=breaches.say,
            require_unnamed=enforcement.require_unnamed,
            clock=clock,
        ),
        requests=RequestsDesk(
            database=database,
            acts=acts,
            once=once,
            digests=pseudonyms.subject_digests,
            require_unnamed=enforcement.require_unnamed,
            law=open_law(settings.law.packs),
            erasing=erasing(settings.subjects, database, keyring, clock),
            keyed=keyed_digests(keyring),
            correcting=correcting(settings, database, keyring, clock),
            asking=asking(settings.subjects, database, clock),
            receipts=proofs,
            clock=clock,
        ),
        notices=recipients_notices(settings, database, keyring, clock),
        retention=SchedulesDesk(
            database=database,
            acts=acts,
            once=once,
            sweeping=sweeping(database, clock),
            certificates=ends,
            clock=clock,
        ),
        audit=EvidenceDesk(
            log=shelf.log,
            disclosures=shelf.disclosures,
            checkpoint=head.note,
            digests=pseudonyms.subject_digests,
            archive=Archives(
                origin=settings.evidence.origin,
                evidence=shelf.evidence,
                checkpoint=head.note,
                signers=head.signers,
                published=last_published(settings.evidence, keyring),
                attach=(
                    attaching(
                        "erasure-receipt.json",
                        proofs.file,
                        errors.RECEIPT_NOT_READY,
                        errors.SUBJECT_REQUEST_NOT_FOUND,
                    ),
                    attaching(
                        "sweep-certificate.json",
                        ends.file,
                        errors.CERTIFICATE_NOT_READY,
                        errors.SWEEP_NOT_FOUND,
                    ),
                ),
            ).archive,
        ),
    )
