"""Keys on a real database and a real keyring: rotate, rewrap, retire, shred, verify."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from privacy_service import errors
from privacy_service.access import Caller, Role
from privacy_service.clock import SteppedClock
from privacy_service.custody.acts import Acts
from privacy_service.custody.key_check import KeyCheck
from privacy_service.custody.key_desk import KeysDesk
from privacy_service.custody.keys import SubjectKeys
from privacy_service.custody.keys_kept import DueRotation, StoredUses
from privacy_service.custody.ledger import PAYLOAD
from privacy_service.custody.measures import Measures
from privacy_service.custody.once import Once
from privacy_service.custody.rewrap import Cursor, Rewrapping
from privacy_service.desks.ports.keys import (
    KeyProblem,
    KeyState,
    RetireKey,
    RewrapKeys,
    RotateKey,
    SharedKey,
    ShredKey,
    VerifiedKeys,
    VerifyKeys,
)
from privacy_service.desks.ports.pages import Place
from privacy_service.enforcement.ports import Pair
from privacy_service.enforcement.request import SubjectRef
from privacy_service.errors import PrivacyError, Reason
from privacy_service.evidence.entries import AuditEntry
from privacy_service.records.data_keys import DataKeys
from privacy_service.records.file_keyring import FileKeyring
from privacy_service.records.pseudonyms import Pseudonyms
from privacy_service.records.seal import Sealer, Slot
from privacy_service.records.tokens import Mint
from privacy_service.records.wrap_uses import WrapUses
from privacy_service.store.database import Database
from privacy_service.store.rows import StoredDataKey, StoredRecord, StoredToken
from privacy_service.subjects.holds import HeldUse, HoldScope, LegalHold
from tests.stores.databases import NOW

OPERATOR = Caller(name="operator@test", partner=None, roles=frozenset({Role.OPERATOR}))
MARIA = SubjectRef(type="email", value="maria@mail.example")
PAIR = Pair(sender="acme", recipient="globex", purpose="dpv:X")


def request_id() -> str:
    return str(uuid.uuid4())


def _say_nothing(*_said: object) -> None:
    """No breach is contained here."""


@dataclass
class Room:
    """Everything that the desk stands on, and records to look after."""

    database: Database
    keyring: FileKeyring
    clock: SteppedClock
    most: int = 2**28

    def __post_init__(self) -> None:
        self.journaled: list[bool] = []
        self.acts = Acts(self.database, self.clock)
        self.pseudonyms = Pseudonyms(self.keyring)
        self.data_keys = self.fresh_data_keys()
        self.sealer = Sealer(self.data_keys, os.urandom)
        self.keys = SubjectKeys(self.database, self.data_keys)
        self.rewrapping = Rewrapping(self.database, self.keyring, self.data_keys)
        self.desk = KeysDesk(
            database=self.database,
            keyring=self.keyring,
            keys=self.keys,
            acts=self.acts,
            once=Once(
                commitment=self.pseudonyms.commitment,
                clock=self.clock,
                origin="stage",
                replay_for=timedelta(days=1),
            ),
            rewrapping=self.rewrapping,
            check=KeyCheck(self.database, self.data_keys, self.sealer),
            digests=self.pseudonyms.subject_digests,
            require_unnamed=lambda field, text, seconds: None,
            measures=Measures(say=_say_nothing, clock=self.clock),
            journaled=lambda: self.journaled.append(True),
            clock=self.clock,
        )

    def fresh_data_keys(self) -> DataKeys:
        """As a process that has just started, or another replica."""
        uses = WrapUses(
            StoredUses(self.database),
            DueRotation(self.keyring, self.acts, self.clock),
            most=self.most,
            block=4,
        )
        return DataKeys(self.keyring, random=os.urandom, clock=self.clock, uses=uses)

    def put(self, partner: str, record: str, *emails: str) -> tuple[StoredDataKey, ...]:
        """A sealed record about some people."""
        subjects = tuple(self.pseudonyms.subject_digest("email", email) for email in emails)
        keys = self.keys.of(partner, subjects, seconds=None)
        slot = Slot(partner=partner, record=record, field=PAYLOAD)
        row = StoredRecord(
            id=record,
            partner=partner,
            content_type="text/plain",
            size=2,
            data_keys=tuple(key.id for key in keys),
            subjects=subjects,
            created_at=NOW,
            sealed=self.sealer.seal(b"hi", slot=slot, keys=keys),
        )
        self.database.commit(lambda tx: tx.records.put(row))
        return keys

    def verified(self, partner: str | None = None, limit: int = 1000) -> VerifiedKeys:
        """All pages as one."""
        asked = VerifyKeys(partner=partner, place=Place(limit=limit))
        whole = self.desk.verify_keys(OPERATOR, asked, seconds=None)
        after = whole.next
        while after is not None:
            asked = replace(asked, place=Place(limit=limit, after=after))
            page = self.desk.verify_keys(OPERATOR, asked, seconds=None)
            assert page.data_keys + page.records <= limit
            whole = VerifiedKeys(
                data_keys=whole.data_keys + page.data_keys,
                records=whole.records + page.records,
                shredded_records=whole.shredded_records + page.shredded_records,
                faults=(*whole.faults, *page.faults),
                next=None,
            )
            after = page.next
        return whole

    def rotate(self, partner: str = "acme") -> int:
        asked = RotateKey(partner=partner, shared=None, request_id=request_id())
        version = self.desk.rotate_key(OPERATOR, asked, seconds=None).version
        self.clock.step(timedelta(minutes=10))
        return version

    def rewrap(self, partner: str | None = None, limit: int = 1000) -> tuple[int, int, int]:
        """To the end: rewrapped, unreadable, left."""
        done = unreadable = 0
        cursor: str | None = None
        while True:
            asked = RewrapKeys(partner=partner, limit=limit, cursor=cursor, request_id=request_id())
            answer = self.desk.rewrap_keys(OPERATOR, asked, seconds=None)
            done, unreadable = done + answer.rewrapped, unreadable + answer.unreadable
            assert answer.rewrapped + answer.unreadable <= limit
            cursor = answer.cursor
            if cursor is None:
                return done, unreadable, answer.left

    def retire(self, version: int, *, dry_run: bool = False) -> int:
        asked = RetireKey(partner="acme", version=version, dry_run=dry_run, request_id=request_id())
        return self.desk.retire_key(OPERATOR, asked, seconds=None).data_keys

    def entries(self, action: str) -> list[AuditEntry]:
        with self.database.reading() as view:
            entries = [one.entry for one in view.audit.entries(0, 1000)]
        return [entry for entry in entries if entry.action == f"KeyService/{action}"]


@pytest.fixture
def room(database: Database, tmp_path: Path) -> Room:
    tmp_path.chmod(0o700)
    clock = SteppedClock(NOW)
    keyring = FileKeyring.create(tmp_path / "keyring", random=os.urandom, clock=clock)
    return Room(database, keyring, clock)


def refused(reason: Reason, work: Callable[[], object]) -> PrivacyError:
    with pytest.raises(PrivacyError) as caught:
        work()
    assert caught.value.reason is reason
    return caught.value


def test_rotated_rewrapped_and_retired_everything_still_opens(room: Room) -> None:
    for number in range(7):
        room.put("acme", f"r{number}", f"{number}@mail.example")
    room.put("globex", "r", "a@mail.example")
    assert room.rotate() == 2
    room.put("acme", "r7", "7@mail.example")
    room.put("acme", "both", "0@mail.example", "7@mail.example")
    assert room.retire(1, dry_run=True) == 7
    refused(errors.KEY_IN_USE, lambda: room.retire(1))
    assert room.rewrap("acme", limit=3) == (7, 0, 0)
    assert room.rewrap() == (0, 0, 0)
    assert room.retire(1) == 0
    told = room.verified()
    assert (told.data_keys, told.records, told.faults) == (9, 10, ())
    states = {
        (one.name, one.version): (one.state, one.data_keys)
        for one in room.desk.list_keys(OPERATOR, Place(limit=1000), seconds=None).items
    }
    aging = replace(room.desk, oldest=timedelta(days=90))
    rotates = {
        (one.name, one.version): one.rotates_at
        for one in aging.list_keys(OPERATOR, Place(limit=1000), seconds=None).items
    }
    assert rotates["partner/acme", 2] == NOW + timedelta(days=90)
    assert rotates["partner/acme", 1] is rotates["signer", 1] is None
    assert states["partner/acme", 1] == (KeyState.RETIRED, 0)
    assert states["partner/acme", 2] == (KeyState.CURRENT, 8)
    assert states["partner/globex", 1] == (KeyState.CURRENT, 1)


def test_a_key_just_rotated_is_not_retired_under_calls_that_still_use_it(room: Room) -> None:
    asked = RotateKey(partner="acme", shared=None, request_id=request_id())
    for _ in range(2):
        room.desk.rotate_key(OPERATOR, replace(asked, request_id=request_id()), seconds=None)
    error = refused(errors.KEY_SETTLING, lambda: room.retire(1))
    assert error.details["until"] == (NOW + timedelta(minutes=10)).isoformat(timespec="seconds")
    room.clock.step(timedelta(minutes=10))
    room.retire(1)
    for version in (2, 3, 9):
        refused(errors.KEY_NOT_RETIRABLE, lambda version=version: room.retire(version))


def test_repeated_requests_have_one_effect_and_the_same_answer(room: Room) -> None:
    room.put("acme", "r", "a@mail.example")
    rotate = RotateKey(partner="acme", shared=None, request_id=request_id())
    first = room.desk.rotate_key(OPERATOR, rotate, seconds=None)
    assert room.desk.rotate_key(OPERATOR, rotate, seconds=None) == first
    assert room.keyring.wrapping_key("acme").endswith("#2")
    refused(
        errors.REQUEST_ID_REUSED,
        lambda: room.desk.rotate_key(OPERATOR, replace(rotate, partner="globex"), seconds=None),
    )
    rewrap = RewrapKeys(partner="acme", limit=10, cursor=None, request_id=request_id())
    done = room.desk.rewrap_keys(OPERATOR, rewrap, seconds=None)
    assert done.rewrapped == 1
    assert room.desk.rewrap_keys(OPERATOR, rewrap, seconds=None) == done
    room.clock.step(timedelta(minutes=10))
    retire = RetireKey(partner="acme", version=1, dry_run=False, request_id=request_id())
    gone = room.desk.retire_key(OPERATOR, retire, seconds=None)
    assert room.desk.retire_key(OPERATOR, retire, seconds=None) == gone
    shred = ShredKey(
        partner="acme",
        subject=SubjectRef(type="email", value="a@mail.example"),
        reason="case 7",
        dry_run=False,
        request_id=request_id(),
    )
    shredded = room.desk.shred_key(OPERATOR, shred, seconds=None)
    assert (shredded.live, shredded.records) == (True, 1)
    assert room.desk.shred_key(OPERATOR, shred, seconds=None) == shredded


def test_either_a_partner_or_a_shared_key_is_rotated(room: Room) -> None:
    for partner, shared in ((None, None), ("acme", SharedKey.TOKENS)):
        asked = RotateKey(partner=partner, shared=shared, request_id=request_id())
        refused(
            errors.REQUEST_INVALID,
            lambda asked=asked: room.desk.rotate_key(OPERATOR, asked, seconds=None),
        )
    asked = RotateKey(partner=None, shared=SharedKey.SECRETS, request_id=request_id())
    assert room.desk.rotate_key(OPERATOR, asked, seconds=None).version == 0


def test_tokens_of_before_and_after_a_rotation_both_stand_for_the_value(room: Room) -> None:
    """Dual look-up: by either token to the value, and by the value to both tokens."""
    digest = room.pseudonyms.subject_digest("email", "maria@mail.example")
    (key,) = room.keys.of("acme", (digest,), seconds=None)
    mint = Mint(room.sealer)

    def minted() -> str:
        token = room.pseudonyms.token(PAIR, "EMAIL_ADDRESS", "maria@mail.example")
        row = mint.minted(
            token,
            "maria@mail.example",
            pair=PAIR,
            entity="EMAIL_ADDRESS",
            subject=digest,
            key=key,
            at=NOW,
        )
        room.database.commit(lambda tx: tx.tokens.put_many([StoredToken(**asdict(row))]))
        return token

    old = minted()
    asked = RotateKey(partner=None, shared=SharedKey.TOKENS, request_id=request_id())
    assert room.desk.rotate_key(OPERATOR, asked, seconds=None).version == 2
    new = minted()
    assert old != new
    assert room.pseudonyms.tokens(PAIR, "EMAIL_ADDRESS", "maria@mail.example") == (new, old)
    with room.database.reading() as view:
        for token in (old, new):
            (row,) = view.tokens.get(token)
            assert mint.revealed(row, key) == "maria@mail.example"
    assert room.pseudonyms.subject_digest("email", "maria@mail.example") == digest


def test_rewrapping_at_once_and_killed_in_the_middle_loses_nothing(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(20):
        room.put("acme", f"r{number}", f"{number}@mail.example")
    room.rotate()
    calls = iter(range(5))

    class Killed(BaseException):
        pass

    def dying(key: StoredDataKey) -> object:
        if next(calls, None) is None:
            raise Killed
        return DataKeys.rewrapped(room.data_keys, key)

    with monkeypatch.context() as patched:
        patched.setattr(room.data_keys, "rewrapped", dying, raising=False)
        with pytest.raises(Killed):
            room.rewrapping.rewrap_batch("acme", 8, Cursor())
    assert room.rewrapping.left("acme") == 20
    others = [Rewrapping(room.database, room.keyring, room.fresh_data_keys()) for _ in range(3)]

    def to_the_end(one: Rewrapping) -> int:
        done, cursor = 0, Cursor()
        while cursor is not None:
            batch = one.rewrap_batch("acme", 3, cursor)
            done, cursor = done + batch.rewrapped, batch.cursor
        return done

    with ThreadPoolExecutor(3) as crowd:
        assert sum(crowd.map(to_the_end, others)) == 20
    assert room.rewrapping.left("acme") == 0
    assert room.verified().faults == ()


def test_a_key_that_is_lost_is_told_for_each_record_and_the_rest_goes_on(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = [room.put("acme", f"lost{n}", f"{n}@mail.example")[0] for n in range(3)]
    room.rotate()
    for number in range(3, 6):
        room.put("acme", f"fine{number}", f"{number}@mail.example")
    room.put("acme", "mixed", "0@mail.example", "3@mail.example")
    room.keyring.retire("acme", 1)  # behind the service's back
    restarted = Room(room.database, room.keyring, room.clock)
    for limit in (1000, 2):
        told = restarted.verified(limit=limit)
        assert (told.data_keys, told.records) == (6, 7)
        of_keys = {fault.data_key for fault in told.faults if fault.record is None}
        of_records = {fault.record for fault in told.faults if fault.record is not None}
        assert of_keys == {key.id for key in lost}
        assert of_records == {"lost0", "lost1", "lost2", "mixed"}
        assert {fault.problem for fault in told.faults} == {KeyProblem.KEY_LOST}
        assert {fault.wrapping_key for fault in told.faults} == {lost[0].wrapping_key}
    room.rotate()
    assert restarted.rewrap("acme", limit=2) == (3, 3, 3)
    refused(errors.KEY_IN_USE, lambda: restarted.retire(2))


def test_changed_bytes_and_missing_rows_are_told_apart(room: Room) -> None:
    room.put("acme", "changed", "a@mail.example")
    room.put("acme", "missing", "b@mail.example")
    with room.database.reading() as view:
        changed, missing = (view.records.get("acme", one) for one in ("changed", "missing"))

    def spoil(tx) -> None:
        for row in (
            replace(changed, sealed=changed.sealed[:-1] + bytes([changed.sealed[-1] ^ 1])),
            replace(missing, data_keys=("ff" * 16,)),
        ):
            tx.records.delete("acme", row.id)
            tx.records.put(row)

    room.database.commit(spoil)
    problems = {fault.record: fault.problem for fault in room.verified().faults}
    assert problems == {
        "changed": KeyProblem.CHANGED,
        "missing": KeyProblem.DATA_KEY_MISSING,
    }


def test_a_provider_that_is_away_is_no_verdict(room: Room, tmp_path: Path) -> None:
    room.put("acme", "r", "a@mail.example")
    (tmp_path / "keyring").rename(tmp_path / "away")
    refused(errors.KEYS_UNAVAILABLE, room.verified)
    refused(errors.KEYS_UNAVAILABLE, room.rotate)
    (tmp_path / "away").rename(tmp_path / "keyring")
    assert room.verified().faults == ()


def shred(room: Room, *, dry_run: bool = False) -> tuple[bool, int]:
    asked = ShredKey(
        partner="acme", subject=MARIA, reason="case 7", dry_run=dry_run, request_id=request_id()
    )
    answer = room.desk.shred_key(OPERATOR, asked, seconds=None)
    return answer.live, answer.records


def test_a_shredded_key_is_gone_on_every_replica_and_never_made_again(room: Room) -> None:
    room.put("acme", "r", MARIA.value)
    room.put("globex", "theirs", MARIA.value)
    replica = Room(room.database, room.keyring, room.clock)
    assert replica.verified().faults == (), "the other replica has the key in clear"
    assert shred(room, dry_run=True) == (True, 1)
    assert room.verified().shredded_records == 0
    assert not room.journaled
    assert shred(room) == (True, 1)
    assert room.journaled, "a backup must not bring it back"
    for one in (room, replica):
        told = one.verified()
        assert (told.records, told.shredded_records, told.faults) == (2, 1, ())
        refused(errors.SUBJECT_SHREDDED, lambda one=one: one.put("acme", "again", MARIA.value))
    assert shred(room) == (False, 1)
    entries = room.entries("ShredKey")
    assert [entry.outcome for entry in entries] == [
        "", "WOULD_SHRED", "", "SHREDDED", "", "SHREDDED",
    ]  # fmt: skip
    assert {entry.reason for entry in entries} == {"case 7"}


def test_a_held_person_is_not_shredded(room: Room) -> None:
    room.put("acme", "r", MARIA.value, "other@mail.example")
    hold = LegalHold(
        id="hold-1",
        scope=HoldScope(
            subjects=frozenset(room.pseudonyms.subject_digests("email", "other@mail.example"))
        ),
        matter="m",
        reason="r",
        approver="a",
        review_on=date(2030, 1, 1),
        use=HeldUse.RESTRICTED,
        placed_by="p",
        placed_at=NOW,
    )
    room.database.commit(lambda tx: tx.holds.place(hold))
    for dry_run in (True, False):
        refused(errors.UNDER_LEGAL_HOLD, lambda dry_run=dry_run: shred(room, dry_run=dry_run))
    assert room.verified().shredded_records == 0


def test_plaintext_goes_when_its_time_is_over_also_where_nobody_asks(room: Room) -> None:
    (key,) = room.put("acme", "r", MARIA.value)
    assert room.data_keys._held
    room.clock.step(timedelta(seconds=300))
    room.data_keys.expire()
    assert not room.data_keys._held
    assert room.data_keys.opened(key)


def test_a_key_that_wrapped_often_enough_is_rotated_once_and_audited(
    database: Database, tmp_path: Path
) -> None:
    tmp_path.chmod(0o700)
    clock = SteppedClock(NOW)
    keyring = FileKeyring.create(tmp_path / "keyring", random=os.urandom, clock=clock)
    rooms = [Room(database, keyring, clock, most=16) for _ in range(2)]
    for number in range(16):
        rooms[number % 2].put("acme", f"r{number}", f"{number}@mail.example")
    rotations = rooms[0].entries("RotateKey")
    assert [entry.outcome for entry in rotations] == ["", "ROTATED"]
    assert {entry.actor for entry in rotations} == {"privacy-service"}
    listed = rooms[0].desk.list_keys(OPERATOR, Place(limit=1000), seconds=None).items
    wraps = {one.version: one.wraps for one in listed if one.name == "partner/acme"}
    assert wraps == {1: 16, 2: 8}


def test_lists_of_keys_have_pages(room: Room) -> None:
    whole = room.desk.list_keys(OPERATOR, Place(limit=1000), seconds=None).items
    paged, after = [], None
    while True:
        page = room.desk.list_keys(OPERATOR, Place(limit=2, after=after), seconds=None)
        paged += page.items
        after = page.next
        if after is None:
            break
    assert tuple(paged) == whole


def test_a_cursor_that_is_none_is_refused(room: Room) -> None:
    asked = RewrapKeys(partner=None, limit=1, cursor="x", request_id=request_id())
    refused(errors.REQUEST_INVALID, lambda: room.desk.rewrap_keys(OPERATOR, asked, seconds=None))
