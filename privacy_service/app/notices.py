"""The notice desk of breaches, with the templates and the sender of the settings."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from privacy_service.breaches.drafting import Sender, Templates, shipped_template
from privacy_service.breaches.paper import Page
from privacy_service.clock import Clock
from privacy_service.custody.acts import Acts
from privacy_service.custody.breach_notices import BreachNoticesDesk
from privacy_service.custody.notices import NoticesDesk, webhook_secret
from privacy_service.custody.once import Once
from privacy_service.law.book import Law
from privacy_service.records.keyring import Keyring
from privacy_service.records.pseudonyms import Pseudonyms
from privacy_service.settings import AllSettings, NoticeSettings
from privacy_service.store.database import Database


def open_notices(
    settings: AllSettings, *, law: Law, database: Database, keyring: Keyring, clock: Clock
) -> BreachNoticesDesk:
    """The desk, for the server and for the job that sends."""
    fonts = settings.notices.fonts

    def pdf(page: Page, made_at: datetime) -> bytes:
        # Only who prints pays for what prints.
        from privacy_service.printing.pdf import as_pdf

        return as_pdf(page, made_at=made_at, fonts=fonts)

    return BreachNoticesDesk(
        database=database,
        acts=Acts(database, clock),
        once=Once(
            commitment=Pseudonyms(keyring).commitment,
            clock=clock,
            origin=settings.evidence.origin,
            replay_for=timedelta(seconds=settings.transfer.replay_seconds),
        ),
        law=law,
        sender=Sender(organisation=settings.notices.organisation, contact=settings.notices.contact),
        templates=templates(settings.notices),
        pdf=pdf,
        clock=clock,
    )


def recipients_notices(
    settings: AllSettings, database: Database, keyring: Keyring, clock: Clock
) -> NoticesDesk:
    """The desk of notices to recipients, for the server and for its pages."""
    words = Pseudonyms(keyring)
    return NoticesDesk(
        database=database,
        acts=Acts(database, clock),
        once=Once(
            commitment=words.commitment,
            clock=clock,
            origin=settings.evidence.origin,
            replay_for=timedelta(seconds=settings.transfer.replay_seconds),
        ),
        secret=partial(webhook_secret, words.commitment),
        clock=clock,
    )


def templates(settings: NoticeSettings) -> Templates:
    """Templates of the settings' directory, then those that ship."""
    folder = settings.templates
    if folder is None:
        return shipped_template

    def template(name: str) -> str | None:
        file = folder / Path(name).name
        return file.read_text(encoding="utf-8") if file.is_file() else shipped_template(name)

    return template
