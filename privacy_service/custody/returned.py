"""Mail that came back is matched to the letter or notice that it is about, which is then known as
bounced: by whoever hands in the messages, or by the job that reads a mailbox.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Final

from privacy_service.access import Caller
from privacy_service.breaches.bounces import About, Came, Returned, read_report
from privacy_service.breaches.mailings import LetterState, MailingState
from privacy_service.breaches.notices import NoticeState
from privacy_service.clock import Clock
from privacy_service.custody.acts import Acts, log_own_act
from privacy_service.custody.breach_notices import BreachNoticesDesk
from privacy_service.custody.once import Done, Once, OnceAct, act_once, by_person
from privacy_service.desks.ports.mailings import RecordReturned
from privacy_service.enforcement.answer import AuditStamp
from privacy_service.errors import PrivacyError
from privacy_service.evidence.entries import AuditEntry, EntryKind
from privacy_service.store.views import Writing

RECORD: Final = "MailingService/RecordReturnedMail"
BOUNCED: Final = "MailingService/Bounced"
"""How the log calls that something of ours came back."""
_LEFT: Final = frozenset({LetterState.SENDING, LetterState.SENT, LetterState.IN_DOUBT})
_NOTICE_LEFT: Final = frozenset({NoticeState.SENDING, NoticeState.SENT, NoticeState.IN_DOUBT})


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnedMail:
    """Answers MailingService on mail that came back."""

    acts: Acts
    once: Once
    notices: BreachNoticesDesk
    clock: Clock

    def record_returned(
        self, caller: Caller, request: RecordReturned, *, seconds: float | None
    ) -> tuple[tuple[Returned, ...], AuditStamp]:
        """What each message is, and that what it is about came back. Raises REQUEST_ID_REUSED."""
        digests = [sha256(message).hexdigest() for message in request.messages]

        def change(tx: Writing) -> Done[tuple[Returned, ...]]:
            found = self.take(tx, request.messages)
            return Done(value=found, outcome="RECORDED")

        once = OnceAct(
            attempt=AuditEntry(
                kind=EntryKind.ATTEMPT,
                action=RECORD,
                at=self.clock.now(),
                actor=caller.name,
                request=self.once.request(RECORD, *digests),
            ),
            whose=by_person(caller.name),
            request_id=request.request_id,
            change=change,
            again=lambda tx, _first: self.take(tx, request.messages),
        )
        return act_once(self.acts, self.once, once, seconds=seconds)

    def take(self, tx: Writing, messages: Iterable[bytes]) -> tuple[Returned, ...]:
        """What each message is. Taken twice, a message changes nothing the second time."""
        return tuple(self._one(tx, message) for message in messages)

    def letter(self, tx: Writing, notice_id: str, begins: str, status: str) -> bool:
        """Whether a letter is known as come back now; False where it never left. Where every letter
        came back, what was filed with the mailing is open again.

        Raises MAILING_NOT_FOUND.
        """
        letter = tx.mailings.letter_beginning(notice_id, begins)
        if letter.state is LetterState.BOUNCED:
            return True
        if letter.state not in _LEFT:
            return False
        tx.mailings.move_letter(replace(letter, state=LetterState.BOUNCED, said=status))
        self._log(tx, notice_id, status)
        ended = tx.mailings.get(notice_id).state is MailingState.ENDED
        if ended and not tx.mailings.is_any_sent(notice_id):
            self.notices.bounced(tx, notice_id, "every letter came back")
        return True

    # -- One message --------------------------------------------------------------------------

    def _one(self, tx: Writing, message: bytes) -> Returned:
        report = read_report(message)
        if report is None:
            return Returned(came=Came.NO_REPORT)
        if not report.failed:
            return Returned(came=Came.NOT_FINAL, status=report.status)
        for about in report.about:
            if self._has_bounced(tx, about, report.status):
                return Returned(
                    came=Came.BOUNCED,
                    notice=about.notice,
                    status=report.status,
                    letter=about.letter is not None,
                )
        return Returned(came=Came.NOT_OURS, status=report.status)

    def _has_bounced(self, tx: Writing, about: About, status: str) -> bool:
        """Whether it is known as come back now: False where there is none, or it never left."""
        try:
            if about.letter is None:
                return self._notice(tx, about.notice, status)
            return self.letter(tx, about.notice, about.letter, status)
        except PrivacyError:
            return False  # there is none

    def _notice(self, tx: Writing, notice_id: str, status: str) -> bool:
        notice = tx.breach_notices.get(notice_id)
        if notice.state is NoticeState.BOUNCED:
            return True
        mailed = bool(notice.to) or notice.reference.startswith("<")
        if notice.state not in _NOTICE_LEFT or notice.drill or not mailed:
            return False
        self.notices.bounced(tx, notice_id, status)
        self._log(tx, notice_id, status)
        return True

    def _log(self, tx: Writing, notice_id: str, status: str) -> None:
        log_own_act(
            tx, BOUNCED, at=self.clock.now(), resource=notice_id, outcome="BOUNCED", reason=status
        )
