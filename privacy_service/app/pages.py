"""Pages for people who have no client."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from structlog.typing import FilteringBoundLogger

from privacy_service.app.notices import recipients_notices
from privacy_service.clock import Clock
from privacy_service.custody.links import LinkedNotices
from privacy_service.records.keyring import Keyring
from privacy_service.records.links import LinkPurpose, Links
from privacy_service.settings import AllSettings
from privacy_service.store.database import Database
from privacy_service.subjects.notices import Notice

_PATH = "/notices/"


def link_to(settings: AllSettings, keyring: Keyring, notice: Notice) -> str | None:
    """Where the notice is confirmed; None where no public address is set."""
    public = settings.pages.public_url
    if public is None:
        return None
    link = Links(keyring).made(LinkPurpose.CONFIRM_NOTICE, notice.id, until=notice.deadline)
    return public.rstrip("/") + _PATH + link


@contextmanager
def serving_pages(
    settings: AllSettings,
    *,
    database: Database,
    keyring: Keyring,
    clock: Clock,
    log: FilteringBoundLogger,
) -> Iterator[int | None]:
    """Serves the pages until the block ends, where the settings say so; the port.

    Raises SETTINGS_INVALID.
    """
    pages = settings.pages
    if pages.address is None:
        yield None
        return
    # Only who serves pages pays for what serves them.
    from privacy_service.pages.confirming import confirming
    from privacy_service.pages.serving import serving

    links = Links(keyring)
    desk = LinkedNotices(
        database=database,
        notices=recipients_notices(settings, database, keyring, clock),
        read=lambda link, now: links.read(LinkPurpose.CONFIRM_NOTICE, link, now=now),
        clock=clock,
    )
    app = confirming(
        desk,
        contact=settings.notices.contact,
        failed=lambda reason: log.error("page_failed", reason=reason),
    )
    with serving(
        app, pages.address, certificate=pages.certificate, private_key=pages.private_key
    ) as port:
        yield port
