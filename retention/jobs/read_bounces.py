"""Mail that came back is read from its mailbox, and what it is about is known as bounced.

    next messages ─▶ matched ─▶ somebody is told ─▶ the place is kept

The mailbox is not changed: the place is kept here. A message that is no report is passed over.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

from privacy_service.app.law import open_law
from privacy_service.app.mailings import open_returned
from privacy_service.breaches.bounces import MOST_BYTES, Came, Returned
from privacy_service.store.views import Writing
from retention.delivery import Parcel, Word
from retention.inbox import open_inbox
from retention.job import Job, Steps
from retention.mail import Mail
from retention.workplace import Workplace

_AT_A_TIME: Final = 20
_PAGES: Final = 50
"""In one piece of work; the next tick goes on."""


def _work(at: Workplace, key: str, steps: Steps) -> None:
    del key
    if at.settings.notices.imap_address is None:
        return
    for _ in range(_PAGES):
        if not steps.do("read", lambda: _read(at)):
            return


def _read(at: Workplace) -> bool:
    """Reads the next messages; whether there are more. Somebody is told before it is written down
    that they were read: twice is better than not at all.
    """
    with open_inbox(at.settings.notices) as inbox:
        name = f"mailbox-{inbox.validity}"
        with at.database.reading() as view:
            before = view.incidents.place(name) or 0
        numbers = inbox.after(before, most=_AT_A_TIME + 1)
        taken = numbers[:_AT_A_TIME]
        messages = [inbox.beginning(number, most=MOST_BYTES) for number in taken]
    if not taken:
        return False
    returned = open_returned(
        at.settings,
        law=open_law(at.settings.law.packs),
        database=at.database,
        keyring=at.keyring,
        clock=at.clock,
    )
    found = at.database.commit(lambda tx: returned.take(tx, messages))
    _tell(at, [one for one in found if one.came is Came.BOUNCED], f"{name}.{taken[0]}")

    def move(tx: Writing) -> None:
        if (tx.incidents.place(name) or 0) == before:
            tx.incidents.move(name, taken[-1])

    at.database.commit(move)
    return len(numbers) > _AT_A_TIME


def _tell(at: Workplace, found: list[Returned], reference: str) -> None:
    """Of a notice that bounced everybody on the list hears, of letters the first."""
    whole = sorted({one.notice for one in found if not one.letter})
    letters = sorted(Counter(one.notice for one in found if one.letter).items())
    for notice in whole:
        at.log.error("breach_notice_bounced", notice=notice)
    for notice, many in letters:
        at.log.warning("breach_letters_bounced", notice=notice, count=many)
    settings = at.settings.notices
    if not found or settings.smtp_address is None:
        return
    lines = [f"Notice {one} came back: what was filed with it is open again." for one in whole]
    lines += [f"Letters of {one} that came back: {many}." for one, many in letters]
    named = [*whole, *(one for one, _ in letters)]
    lines += [f"privacy-service breach notice show {one}" for one in named]
    for number, to in enumerate(settings.alarm if whole else settings.alarm[:1]):
        parcel = Parcel(
            id=f"bounced.{reference}.{number}",
            to=to,
            subject=f"bounced: {', '.join(named)}",
            text="\n".join((*lines, "")),
        )
        if Mail(settings).deliver(parcel).word is not Word.SENT:
            at.log.error("alarm_not_sent", notice=named[0], outcome="bounced")


JOB = Job(
    name="read-bounces",
    says="Reads mail that came back from `PRIVACY_NOTICES__IMAP_ADDRESS`, and tells of it.",
    cron="*/5 * * * *",
    work=_work,
)
