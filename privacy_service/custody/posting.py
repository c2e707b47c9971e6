"""Mailings, batch by batch: people are looked at in the order of their digests, and written to.

A letter is marked as being sent before it is, and its end is written down after: whoever finds one
that was being sent for too long puts it in doubt, and nobody sends it again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from typing import Final

from privacy_service.breaches.mailings import (
    MOST_ATTEMPTS,
    SENDING_TAKES,
    Letter,
    LetterState,
    Mailing,
    MailingState,
    Reach,
)
from privacy_service.breaches.notices import PAUSES, BreachNotice, next_attempt
from privacy_service.clock import Clock
from privacy_service.custody.acts import log_own_act
from privacy_service.custody.addresses import Addresses, Found
from privacy_service.custody.breach_notices import BreachNoticesDesk
from privacy_service.custody.scoping import concerned
from privacy_service.store.database import Database
from privacy_service.store.views import Writing

ACTION: Final = "MailingService/Post"
"""How the log calls what the job does."""
Deliver = Callable[[BreachNotice, Letter, str], tuple[str, str]]
"""Hands a letter to the mail server, to an address: what became of it, and what the server said."""


class Went(StrEnum):
    """How a batch ended."""

    ON = "on"
    WAITS = "waits"
    ENDED = "ended"


class _Post(StrEnum):
    DONE = "done"
    STOPPED = "stopped"
    AWAY = "away"


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """Sends what waits of a mailing. Thread-safe."""

    database: Database
    notices: BreachNoticesDesk
    addresses: Addresses
    deliver: Deliver
    clock: Clock

    def batch(self, notice_id: str) -> Went:
        """Writes to the next few people. Done twice, it writes to nobody twice."""
        with self.database.reading() as view:
            mailing = view.mailings.get(notice_id)
            notice = view.breach_notices.get(notice_id)
            if not self._may_go_on(mailing):
                return Went.WAITS
            if mailing.walked:
                people: tuple[str, ...] = ()
            else:
                people = concerned(view, mailing.question, after=mailing.place, limit=mailing.batch)
        if mailing.walked:
            return self._settle(mailing, notice)
        found = [self.addresses.of(person, mailing.contacts) for person in people]
        posted = self._post(notice, found)
        if posted is _Post.AWAY:
            return self._come_back(mailing)
        if posted is _Post.STOPPED:
            return Went.WAITS
        self._move_on(mailing, found)
        return Went.ON

    def _may_go_on(self, mailing: Mailing) -> bool:
        return mailing.state is MailingState.RUNNING and mailing.not_before <= self.clock.now()

    # -- Letters ------------------------------------------------------------------------------

    def _post(self, notice: BreachNotice, people: Iterable[Found]) -> _Post:
        """Writes to each of them. The end of a letter is written down as the next one is marked as
        being sent, in one transaction: whatever dies, one letter is in doubt at most.
        """
        ended: Letter | None = None
        for to in people:
            if to.address is None:
                continue
            begun = self.database.commit(partial(self._turn, notice, to.digests, ended))
            ended = None
            if begun is _Post.STOPPED:
                return begun
            if isinstance(begun, Letter):
                ended = self._ended(begun, *self.deliver(notice, begun, to.address))
                if _is_away(ended):
                    break
        last = ended
        if last is None:
            return _Post.DONE
        self.database.commit(lambda tx: tx.mailings.end_letter(last))
        return _Post.AWAY if _is_away(last) else _Post.DONE

    def _turn(
        self, notice: BreachNotice, digests: Sequence[str], before: Letter | None, tx: Writing
    ) -> Letter | _Post:
        """Writes down the end of the letter before, and begins the next one."""
        if before is not None:
            tx.mailings.end_letter(before)
        return self._begin(tx, notice, digests)

    def _begin(self, tx: Writing, notice: BreachNotice, digests: Sequence[str]) -> Letter | _Post:
        """The letter, marked as being sent; or that none is to be sent."""
        now = self.clock.now()
        if tx.mailings.get(notice.id).state is not MailingState.RUNNING:
            return _Post.STOPPED
        known = (tx.mailings.letter(notice.id, digest) for digest in digests)
        letter = next((one for one in known if one is not None), None)
        if letter is None:
            state = LetterState.DRILL if notice.drill else LetterState.SENDING
            letter = Letter(notice=notice.id, recipient=digests[0], state=state, attempts=1, at=now)
            tx.mailings.put_letter(letter)
            return _Post.DONE if notice.drill else letter
        if letter.state is not LetterState.WAITING:
            return _Post.DONE
        going = replace(letter, state=LetterState.SENDING, attempts=letter.attempts + 1, at=now)
        tx.mailings.move_letter(going)
        return going

    def _ended(self, letter: Letter, word: str, said: str) -> Letter:
        ended = replace(letter, said=said, at=self.clock.now())
        match word:
            case "sent":
                return replace(ended, state=LetterState.SENT)
            case "in_doubt":
                return replace(ended, state=LetterState.IN_DOUBT)
            case "later" if letter.attempts < MOST_ATTEMPTS or not said.isdecimal():
                return replace(ended, state=LetterState.WAITING)
            case _:
                return replace(ended, state=LetterState.REFUSED)

    # -- One batch ----------------------------------------------------------------------------

    def _move_on(self, was: Mailing, found: Sequence[Found]) -> None:
        opened = sum(one.opened for one in found)
        written = [one for one in found if one.reach is Reach.WRITTEN]

        def work(tx: Writing) -> None:
            now = tx.mailings.get(was.notice)
            if (now.place, now.walked) != (was.place, was.walked):
                return  # another worker has
            tx.mailings.looked_at(
                was.notice,
                [(one.person, one.reach, one.digests[0] if one.digests else None) for one in found],
            )
            tx.mailings.keep(
                replace(
                    now,
                    place=found[-1].person if found else now.place,
                    walked=len(found) < was.batch,
                    batches=now.batches + bool(found),
                    attempts=0,
                )
            )
            if found:
                log_own_act(
                    tx,
                    ACTION,
                    at=self.clock.now(),
                    resource=was.notice,
                    outcome="POSTED",
                    subjects=tuple(one.person for one in written),
                    reason=f"{opened} records opened",
                )

        self.database.commit(work)

    def _come_back(self, was: Mailing) -> Went:
        """The mail server is away: the same batch is begun again later."""

        def work(tx: Writing) -> None:
            now = tx.mailings.get(was.notice)
            notice = tx.breach_notices.get(was.notice)
            at, tries = self.clock.now(), now.attempts + 1
            due = self.notices.due(tx, notice, at)
            again = next_attempt(tries, now=at, due=due)
            tx.mailings.keep(replace(now, attempts=tries, not_before=again))

        self.database.commit(work)
        return Went.WAITS

    # -- The end ------------------------------------------------------------------------------

    def _settle(self, mailing: Mailing, notice: BreachNotice) -> Went:
        """Goes on with letters that have no end yet; without any, the mailing has ended."""
        with self.database.reading() as view:
            open_ = view.mailings.unsettled(notice.id, limit=mailing.batch)
        if not open_:
            self.database.commit(lambda tx: self._end(tx, notice))
            return Went.ENDED
        moved = False
        for letter, person in open_:
            if letter.state is LetterState.SENDING:
                moved |= self._doubt(letter)
            elif self.clock.now() - letter.at >= PAUSES[min(letter.attempts, len(PAUSES)) - 1]:
                moved = True
                if self._again(mailing, notice, letter, person) is not _Post.DONE:
                    return self._come_back(mailing)
        return Went.ON if moved else self._come_back(mailing)

    def _doubt(self, letter: Letter) -> bool:
        """Whether nobody can be at it any more."""
        if self.clock.now() - letter.at < SENDING_TAKES:
            return False
        doubted = replace(letter, state=LetterState.IN_DOUBT)

        def work(tx: Writing) -> None:
            if tx.mailings.letter(letter.notice, letter.recipient) == letter:
                tx.mailings.move_letter(doubted)

        self.database.commit(work)
        return True

    def _again(self, mailing: Mailing, notice: BreachNotice, letter: Letter, person: str) -> _Post:
        found = self.addresses.of(person, mailing.contacts)
        if letter.recipient in found.digests:
            return self._post(notice, (found,))
        gone = replace(letter, state=LetterState.REFUSED, said="no address")
        self.database.commit(lambda tx: tx.mailings.move_letter(gone))
        return _Post.DONE

    def _end(self, tx: Writing, notice: BreachNotice) -> None:
        mailing = tx.mailings.get(notice.id)
        if mailing.state is not MailingState.RUNNING:
            return
        letters = tx.mailings.progress(notice.id).letters
        now = self.clock.now()
        tx.mailings.keep(replace(mailing, state=MailingState.ENDED, ended_at=now))
        self.notices.mailed(tx, notice.id, to_anybody=bool(letters.get(LetterState.SENT)))
        log_own_act(
            tx,
            ACTION,
            at=now,
            resource=notice.id,
            outcome="ENDED",
            reason=", ".join(f"{state.value}: {count}" for state, count in sorted(letters.items())),
        )


def _is_away(letter: Letter) -> bool:
    """Whether it waits because there is no mail server to be had: the rest would, too."""
    return letter.state is LetterState.WAITING and not letter.said.isdecimal()
