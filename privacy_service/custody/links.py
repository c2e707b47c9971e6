"""What somebody may do who has a link from an e-mail and no client: see its notice, confirm it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from privacy_service import errors
from privacy_service.access import Caller, Role
from privacy_service.clock import Clock
from privacy_service.custody.notices import NoticesDesk
from privacy_service.desks.ports.notices import ConfirmNotice
from privacy_service.errors import PrivacyError
from privacy_service.store.database import Database
from privacy_service.subjects.notices import Notice

ACTOR: Final = "link"
"""Who the audit log says has confirmed: whoever had the link that was mailed to the partner."""
_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedNotices:
    """Answers whoever has a link. `read` gives the notice's id of a link that holds."""

    database: Database
    notices: NoticesDesk
    read: Callable[[str, datetime], str]
    clock: Clock

    def seen(self, link: str) -> Notice:
        """The notice. Looking changes nothing: mail scanners follow links.

        Raises LINK_INVALID, LINK_EXPIRED.
        """
        notice_id = self.read(link, self.clock.now())
        try:
            with self.database.reading() as view:
                return view.notices.get(notice_id)
        except PrivacyError as error:
            if error.reason is errors.NOTICE_NOT_FOUND:
                raise PrivacyError(errors.LINK_INVALID) from None
            raise

    def confirm(self, link: str) -> Notice:
        """The recipient has done what it had to; audited. Twice is once.

        Raises LINK_INVALID, LINK_EXPIRED.
        """
        notice = self.seen(link)
        caller = Caller(name=ACTOR, partner=notice.recipient, roles=frozenset({Role.PARTNER}))
        asked = ConfirmNotice(
            notice_id=notice.id, request_id=str(uuid.uuid5(uuid.NAMESPACE_URL, notice.id))
        )
        confirmed, _ = self.notices.confirm_notice(caller, asked, seconds=_SECONDS)
        return confirmed

    def language(self, recipient: str) -> str:
        """In which language the recipient is written to; empty: it was never said."""
        with self.database.reading() as view:
            address = view.notices.address(recipient)
        return "" if address is None else address.language
