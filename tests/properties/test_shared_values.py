"""Values that several people share: whatever happens to one of them is nothing to the others.

Any order of minting, shredding, erasing, holding and lifting, over a few people and values, is held
against a model that knows in one line each who opens a token and who stops it.
"""

from __future__ import annotations

import os
import tempfile
from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from privacy_service import errors
from privacy_service.clock import SteppedClock
from privacy_service.custody.keys import SubjectKeys
from privacy_service.custody.ledger import SealedLedger
from privacy_service.custody.standing import Standing
from privacy_service.enforcement.ports import Minted, Revealed
from privacy_service.errors import PrivacyError
from privacy_service.evidence.entries import ContractRef
from privacy_service.records.data_keys import DataKeys
from privacy_service.records.file_keyring import FileKeyring
from privacy_service.records.seal import Sealer
from privacy_service.store.database import Database
from privacy_service.subjects.holds import HeldUse, HoldScope, LegalHold
from tests.stores.databases import NOW
from tests.stores.test_custody import DELIVERY, PAIR, attempt, decided_under, put

PEOPLE = ("a" * 64, "b" * 64, "c" * 64)
VALUES = {"tok_" + "a" * 26: "+49 30 901820", "tok_" + "b" * 26: "1 Main Street"}
people = st.sampled_from(PEOPLE)
tokens = st.sampled_from(sorted(VALUES))


class SharedValues(RuleBasedStateMachine):
    """The model: who stands behind a token, whose key was shredded, who is held."""

    def __init__(self) -> None:
        super().__init__()
        self.behind: dict[str, set[str]] = defaultdict(set)
        self.shredded: set[str] = set()
        self.holds: dict[str, str] = {}
        self.made = 0

    @initialize()
    def open(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        path = Path(self.folder.name)
        path.chmod(0o700)
        clock = SteppedClock(NOW)
        keyring = FileKeyring.create(path / "keyring.json", random=os.urandom, clock=clock)
        data_keys = DataKeys(keyring, random=os.urandom, clock=clock)
        self.opening = Database.open(f"sqlite:///{path / 'shared.db'}", clock=clock)
        self.database = self.opening.__enter__()
        self.database.migrate()
        self.ref: ContractRef = put(self.database, DELIVERY)
        self.ledger = SealedLedger(
            database=self.database,
            keys=SubjectKeys(self.database, data_keys),
            standing=Standing(superseded=lambda: None),
            sealer=Sealer(data_keys, os.urandom),
            origin="stage",
            replay_for=timedelta(days=1),
        )

    def teardown(self) -> None:
        self.opening.__exit__(None, None, None)
        self.folder.cleanup()

    @rule(token=tokens, several=st.lists(people, min_size=1, max_size=3, unique=True))
    def mint(self, token: str, several: list[str]) -> None:
        """One payload in which the value stands for several people."""
        self.made += 1
        minted = tuple(
            Minted(token=token, entity="PHONE_NUMBER", subject=who, value=VALUES[token])
            for who in several
        )
        position = self.ledger.record(attempt(), seconds=None)
        release = replace(
            decided_under(self.ref, position, disclosure=f"d{self.made}"),
            request_id=f"request-{self.made}",
            minted=minted,
            subjects=tuple(several),
        )
        if self.shredded & set(several) or set(self.holds.values()) & set(several):
            with pytest.raises(PrivacyError):
                self.ledger.release(release, seconds=None)
        else:
            self.ledger.release(release, seconds=None)
            self.behind[token] |= set(several)

    @rule(who=people)
    def shred(self, who: str) -> None:
        self.database.commit(lambda tx: tx.data_keys.shred(PAIR.sender, who, at=NOW))
        self.shredded.add(who)

    @rule(who=people)
    def erase(self, who: str) -> None:
        """The rows of one person, as an erasure and a sweep delete them."""
        gone = [(token, who) for token in VALUES]
        self.database.commit(lambda tx: tx.tokens.delete(gone))
        for several in self.behind.values():
            several.discard(who)

    @rule(who=people)
    def hold(self, who: str) -> None:
        self.made += 1
        placed = LegalHold(
            id=f"hold-{self.made}", scope=HoldScope(subjects=frozenset({who})), matter="m",
            reason="r", approver="a", review_on=NOW.date() + timedelta(days=9), placed_by="p",
            placed_at=NOW, use=HeldUse.RESTRICTED,
        )  # fmt: skip
        self.database.commit(lambda tx: tx.holds.place(placed))
        self.holds[placed.id] = who

    @precondition(lambda self: self.holds)
    @rule(data=st.data())
    def lift(self, data: st.DataObject) -> None:
        named = data.draw(st.sampled_from(sorted(self.holds)))

        def work(tx) -> None:
            proposed = tx.holds.get(named).lift_proposed(by="q", reason="over", at=NOW)
            tx.holds.lift(proposed)
            tx.holds.lift(tx.holds.get(named).lift_confirmed(by="s", at=NOW))

        self.database.commit(work)
        del self.holds[named]

    @invariant()
    def everybody_sees_what_the_model_says(self) -> None:
        if not hasattr(self, "ledger"):
            return
        for whose in ((), *((who,) for who in PEOPLE)):
            expected = {token: self.expected(token, whose) for token in VALUES}
            found = self.ledger.values(list(VALUES), PAIR, whose=whose, now=NOW)
            assert found == {
                token: one for token, one in expected.items() if isinstance(one, Revealed)
            }
            for token, one in expected.items():
                assert self.revealed(token, whose) == one

    def expected(self, token: str, whose: tuple[str, ...]) -> Revealed | errors.Reason:
        meant = self.behind[token] & set(whose) or self.behind[token]
        if not meant:
            return errors.TOKEN_UNKNOWN
        if meant & set(self.holds.values()):
            return errors.USE_RESTRICTED
        alive = sorted(meant - self.shredded)
        if not alive:
            return errors.RECORD_UNREADABLE
        return Revealed(value=VALUES[token], subjects=tuple(alive))

    def revealed(self, token: str, whose: tuple[str, ...]) -> Revealed | errors.Reason:
        try:
            return self.ledger.revealed(token, PAIR, whose=whose, claim=None, now=NOW)
        except PrivacyError as refusal:
            return refusal.reason


SharedValues.TestCase.settings = settings(max_examples=12, stateful_step_count=14, deadline=None)
TestSharedValues = SharedValues.TestCase
