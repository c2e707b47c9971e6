"""The key desk: what officers and operators do with keys, each act in the audit log."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from privacy_service import errors
from privacy_service.access import Caller
from privacy_service.clock import Clock
from privacy_service.custody.acts import Acts, Effect
from privacy_service.custody.holds import RequireUnnamed
from privacy_service.custody.kept import kept_record
from privacy_service.custody.key_check import KeyCheck
from privacy_service.custody.key_upkeep import PARTNER_KEY
from privacy_service.custody.keys import SubjectKeys
from privacy_service.custody.keys_kept import ROTATE
from privacy_service.custody.measures import Measures, said_of
from privacy_service.custody.once import Once, by_person
from privacy_service.custody.rewrap import Batch, Cursor, Rewrapping
from privacy_service.custody.scoping import exposed_keys
from privacy_service.desks.ports.keys import (
    KeyState,
    KeyVersion,
    RetiredKey,
    RetireKey,
    RewrapKeys,
    RewrappedKeys,
    RotatedKey,
    RotateKey,
    SharedKey,
    ShreddedKey,
    ShredKey,
    VerifiedKeys,
    VerifyKeys,
)
from privacy_service.desks.ports.pages import Page, Place
from privacy_service.enforcement.answer import AuditStamp
from privacy_service.errors import PrivacyError
from privacy_service.evidence.entries import AuditEntry, CategoryCount, EntryKind
from privacy_service.records.keyring import Keyring, KeyStatus, SecretName, WrappedKey
from privacy_service.store.database import Database
from privacy_service.store.rows import Replay
from privacy_service.store.views import View, Writing
from privacy_service.subjects.kept import KeptThing

LIST: Final = "KeyService/ListKeys"
REWRAP: Final = "KeyService/RewrapKeys"
RETIRE: Final = "KeyService/RetireKey"
SHRED: Final = "KeyService/ShredKey"
VERIFY: Final = "KeyService/VerifyKeys"
_SETTLING: Final = timedelta(minutes=10)
"""After it no call is under way, on any replica, that began before a rotation was seen."""
_DATA_KEY: Final = "DATA_KEY"
_HELD_AT_A_TIME: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class KeysDesk:
    """Answers KeyService. `digests` gives a subject's keyed digests under every version;
    `journaled` returns once the tombstone journal has every deletion. Partners' keys that are older
    than `oldest` are rotated by themselves (None: never).
    """

    database: Database
    keyring: Keyring
    keys: SubjectKeys
    acts: Acts
    once: Once
    rewrapping: Rewrapping
    check: KeyCheck
    digests: Callable[[str, str], tuple[str, ...]]
    require_unnamed: RequireUnnamed
    measures: Measures
    journaled: Callable[[], None]
    clock: Clock
    oldest: timedelta | None = None

    def list_keys(self, caller: Caller, place: Place, *, seconds: float | None) -> Page[KeyVersion]:
        """Every version of every key, with what it wraps. Raises KEYS_UNAVAILABLE."""

        def look() -> tuple[KeyVersion, ...]:
            told = self.keyring.status()
            with self.database.reading() as view:
                return tuple(_versions(told, view, self.oldest))

        rows = self.acts.act_outside(
            self._attempt(caller, LIST), look, _then("LISTED"), seconds=seconds
        )
        start = int(place.after or 0)
        end = start + place.limit
        return Page(items=rows[start:end], next=str(end) if end < len(rows) else None)

    def rotate_key(
        self, caller: Caller, request: RotateKey, *, seconds: float | None
    ) -> RotatedKey:
        """Makes a key's next version. Raises REQUEST_INVALID unless one key is named, and
        REQUEST_ID_REUSED. Repeated after its answer was lost, it may have made two versions. With a
        breach it raises what `Measures.require` raises.
        """
        if (request.partner is None) == (request.shared is None):
            raise PrivacyError(
                errors.REQUEST_INVALID,
                field="partner",
                says="name a partner, or what is shared, and one of them",
            )
        with self.database.reading() as view:
            self.measures.require(view, request.breach_id, caller)
        name = self._named(request)
        said = (name, *said_of(request.breach_id))
        act = _Act(action=ROTATE, partner=request.partner, resource=name, said=said)
        repeated = self._repeated(caller, act, request.request_id)
        if repeated is not None:
            entry, stamp = repeated
            return RotatedKey(name=name, version=int(entry.reason or 0), audit=stamp)

        def work(tx: Writing, effect: Effect, version: int) -> RotatedKey:
            says = f"{name} is at version {version}"
            self.measures.tell_if_open(
                tx, request.breach_id, what="rotated_key", says=says, caller=caller
            )
            at = effect("ROTATED", reason=str(version))
            stamp = self._remember(tx, caller, act, request.request_id, at, effect)
            return RotatedKey(name=name, version=version, audit=stamp)

        attempt = self._attempt(caller, ROTATE, act)
        return self.acts.act_outside(attempt, lambda: self._rotated(request), work, seconds=seconds)

    def rewrap_keys(
        self, caller: Caller, request: RewrapKeys, *, seconds: float | None
    ) -> RewrappedKeys:
        """Rewraps one batch. Raises REQUEST_INVALID for a cursor that is none, KEYS_UNAVAILABLE,
        REQUEST_ID_REUSED.
        """
        cursor = Cursor.of(request.cursor)
        said = (request.partner or "", str(request.limit), str(cursor))
        act = _Act(action=REWRAP, partner=request.partner, resource=request.partner, said=said)
        repeated = self._repeated(caller, act, request.request_id)
        if repeated is not None:
            return self._rewrapped(request, *repeated)

        def work(tx: Writing, effect: Effect, batch: Batch) -> tuple[AuditEntry, AuditStamp]:
            at = effect(
                "REWRAPPED",
                reason=str(batch.cursor or ""),
                categories=_counts(rewrap=batch.rewrapped, unreadable=len(batch.unreadable)),
            )
            stamp = self._remember(tx, caller, act, request.request_id, at, effect)
            return AuditEntry.from_bytes(tx.audit.leaf(at)), stamp

        done = self.acts.act_outside(
            self._attempt(caller, REWRAP, act),
            lambda: self.rewrapping.rewrap_batch(
                request.partner, request.limit, cursor, seconds=seconds
            ),
            work,
            seconds=seconds,
        )
        return self._rewrapped(request, *done)

    def retire_key(
        self, caller: Caller, request: RetireKey, *, seconds: float | None
    ) -> RetiredKey:
        """Destroys an older version of a partner's key and all before it.

        Raises KEY_NOT_RETIRABLE, KEY_IN_USE while a data key is wrapped by one of them,
        KEY_SETTLING within minutes of the rotation, REQUEST_ID_REUSED.
        """
        word = f"partner/{request.partner}#{request.version}"
        said = (request.partner, str(request.version), str(request.dry_run))
        act = _Act(action=RETIRE, partner=request.partner, resource=word, said=said)
        repeated = self._repeated(caller, act, request.request_id)
        if repeated is not None:
            entry, stamp = repeated
            return RetiredKey(data_keys=_count(entry, "wrapped"), audit=stamp)

        def retire() -> int:
            in_use = self._wrapped_by(request.partner, request.version)
            if not request.dry_run:
                if in_use:
                    raise PrivacyError(errors.KEY_IN_USE, key=word, data_keys=in_use)
                self.keyring.retire(request.partner, request.version)
            return in_use

        def work(tx: Writing, effect: Effect, in_use: int) -> RetiredKey:
            at = effect(
                "WOULD_RETIRE" if request.dry_run else "RETIRED",
                categories=_counts(wrapped=in_use),
            )
            stamp = self._remember(tx, caller, act, request.request_id, at, effect)
            return RetiredKey(data_keys=in_use, audit=stamp)

        attempt = self._attempt(caller, RETIRE, act)
        return self.acts.act_outside(attempt, retire, work, seconds=seconds)

    def shred_key(self, caller: Caller, request: ShredKey, *, seconds: float | None) -> ShreddedKey:
        """Destroys the data key of one person at one partner, and leaves a tombstone.

        Raises UNDER_LEGAL_HOLD where a hold covers the person or a record that it seals,
        REQUEST_INVALID where the reason holds personal data, REQUEST_ID_REUSED; with a breach what
        `Measures.require` raises.
        """
        self.require_unnamed("reason", request.reason, seconds=seconds)
        subjects = self.digests(request.subject.type, request.subject.value)
        said = (
            request.partner, *subjects, request.reason, str(request.dry_run),
            *said_of(request.breach_id),
        )  # fmt: skip
        act = _Act(action=SHRED, partner=request.partner, resource=None, said=said)
        affected = self._sealed_under(request.partner, subjects)
        attempt = replace(
            self._attempt(caller, SHRED, act), subjects=subjects, reason=request.reason
        )

        def work(tx: Writing, effect: Effect) -> ShreddedKey:
            done = self.once.replayed(
                tx, by_person(caller.name), request.request_id, self._request(act)
            )
            if done is not None:
                effect("REPLAYED")
                entry = AuditEntry.from_bytes(tx.audit.leaf(done.position))
                return _shredded(entry, self.once.stamp_of(tx, done))
            _require_not_held(tx, request.partner, subjects)
            if not request.dry_run:
                now = self.clock.now()
                for subject in subjects:
                    tx.data_keys.shred(request.partner, subject, at=now)
                says = f"one person's at {request.partner}: {request.reason}"
                self.measures.tell(
                    tx, request.breach_id, what="shredded_key", says=says, caller=caller
                )
            at = effect(
                "WOULD_SHRED" if request.dry_run else "SHREDDED",
                subjects=subjects,
                categories=affected,
            )
            stamp = self._remember(tx, caller, act, request.request_id, at, effect)
            return _shredded(AuditEntry.from_bytes(tx.audit.leaf(at)), stamp)

        answer = self.acts.act(attempt, work, seconds=seconds)
        if not request.dry_run:
            self.keys.forget(request.partner, subjects)
            self.journaled()
        return answer

    def verify_keys(
        self, caller: Caller, request: VerifyKeys, *, seconds: float | None
    ) -> VerifiedKeys:
        """Tries one page of data keys and records. Raises KEYS_UNAVAILABLE."""
        place = request.place
        attempt = self._attempt(caller, VERIFY)
        return self.acts.act_outside(
            replace(attempt, partner=request.partner),
            lambda: self.check.page(request.partner, place.after, place.limit),
            lambda _tx, effect, page: _verified(effect, page),
            seconds=seconds,
        )

    # -- Parts --------------------------------------------------------------------------------

    def _named(self, request: RotateKey) -> str:
        if request.partner is not None:
            return f"partner/{request.partner}"
        if request.shared is SharedKey.SIGNER:
            return "signer"
        tokens = request.shared is SharedKey.TOKENS
        return f"secret/{SecretName.PSEUDONYM_ROOT.value}" if tokens else "service"

    def _rotated(self, request: RotateKey) -> int:
        if request.partner is not None:
            return self.keyring.rotate(request.partner)
        if request.shared is SharedKey.TOKENS:
            return self.keyring.rotate_secret(SecretName.PSEUDONYM_ROOT)
        if request.shared is SharedKey.SIGNER:
            return self.keyring.rotate_signer()
        self.keyring.rewrap_secrets()
        return 0

    def _rewrapped(
        self, request: RewrapKeys, entry: AuditEntry, stamp: AuditStamp
    ) -> RewrappedKeys:
        return RewrappedKeys(
            rewrapped=_count(entry, "rewrap"),
            unreadable=_count(entry, "unreadable"),
            left=self.rewrapping.left(request.partner),
            cursor=entry.reason or None,
            audit=stamp,
        )

    def _wrapped_by(self, partner: str, version: int) -> int:
        """How many data keys the version and all before it wrap, once it may be retired at all."""
        name = f"partner/{partner}"
        current = next(
            (one for one in self.keyring.status() if one.name == name and one.current), None
        )
        if current is None or version >= current.version:
            raise PrivacyError(errors.KEY_NOT_RETIRABLE, key=name, version=version)
        settled = (current.created_at or self.clock.now()) + _SETTLING
        if self.clock.now() < settled:
            raise PrivacyError(
                errors.KEY_SETTLING, key=name, until=settled.isoformat(timespec="seconds")
            )
        with self.database.reading() as view:
            counts = view.data_keys.counts(partner)
        return sum(many for (_, word), many in counts.items() if _version(word) <= version)

    def _sealed_under(self, partner: str, subjects: tuple[str, ...]) -> tuple[CategoryCount, ...]:
        with self.database.reading() as view:
            live = view.data_keys.get_many(partner, subjects)
            records = sum(view.records.about(partner, subject) for subject in subjects)
            tokens = sum(view.tokens.sealed_under(key.id) for key in live.values())
        return _counts(live=len(live), records=records, tokens=tokens)

    def _attempt(self, caller: Caller, action: str, act: _Act | None = None) -> AuditEntry:
        return AuditEntry(
            kind=EntryKind.ATTEMPT,
            action=action,
            at=self.clock.now(),
            actor=caller.name,
            partner=None if act is None else act.partner,
            resource=None if act is None else act.resource,
            request=None if act is None else self._request(act),
        )

    def _request(self, act: _Act) -> str:
        return self.once.request(act.action, *act.said)

    def _repeated(
        self, caller: Caller, act: _Act, request_id: str
    ) -> tuple[AuditEntry, AuditStamp] | None:
        """The effect of the same request, if it had one, and where it stands."""
        with self.database.reading() as view:
            found = view.replays.find(by_person(caller.name), request_id)
            if found is None:
                return None
            if found.request_digest != self._request(act):
                raise PrivacyError(errors.REQUEST_ID_REUSED)
            return self._effect_of(view, found)

    def _effect_of(self, view: View, found: Replay) -> tuple[AuditEntry, AuditStamp]:
        entry = AuditEntry.from_bytes(view.audit.leaf(found.position))
        return entry, self.once.stamp(found.position, entry.attempt or 0)

    def _remember(
        self,
        tx: Writing,
        caller: Caller,
        act: _Act,
        request_id: str,
        position: int,
        effect: Effect,
    ) -> AuditStamp:
        whose, request = by_person(caller.name), self._request(act)
        if self.once.replayed(tx, whose, request_id, request) is None:
            self.once.remember(tx, whose, request_id, request, position)
        return self.once.stamp(position, effect.position)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Act:
    """What is done, and what of the request makes it that request."""

    action: str
    partner: str | None
    resource: str | None
    said: tuple[str, ...]


def _then(
    outcome: str,
) -> Callable[[Writing, Effect, tuple[KeyVersion, ...]], tuple[KeyVersion, ...]]:
    def work(_tx: Writing, effect: Effect, rows: tuple[KeyVersion, ...]) -> tuple[KeyVersion, ...]:
        effect(outcome)
        return rows

    return work


def _verified(effect: Effect, page: VerifiedKeys) -> VerifiedKeys:
    effect(
        "VERIFIED",
        categories=_counts(tried=page.data_keys + page.records, faults=len(page.faults)),
    )
    return page


def _versions(
    told: tuple[KeyStatus, ...], view: View, oldest: timedelta | None
) -> list[KeyVersion]:
    uses, wrapped, exposed = view.keys.uses(), view.data_keys.counts(), exposed_keys(view)
    return [
        KeyVersion(
            name=one.name,
            version=one.version,
            state=_state(one),
            created_at=one.created_at,
            retired_at=one.retired_at,
            data_keys=sum(
                many
                for (partner, word), many in wrapped.items()
                if one.name == f"partner/{partner}" and _version(word) == one.version
            ),
            wraps=sum(many for word, many in uses.items() if _is_of(word, one)),
            rotates_at=_rotates_at(one, oldest),
            exposed_in=exposed.get(f"{one.name}#{one.version}", exposed.get(one.name)),
        )
        for one in told
    ]


def _rotates_at(one: KeyStatus, oldest: timedelta | None) -> datetime | None:
    if oldest is None or one.created_at is None:
        return None
    return one.created_at + oldest if one.current and one.name.startswith(PARTNER_KEY) else None


def _state(one: KeyStatus) -> KeyState:
    if one.current:
        return KeyState.CURRENT
    return KeyState.RETIRED if one.retired else KeyState.OLDER


def _is_of(word: str, one: KeyStatus) -> bool:
    """Whether a wrapping key's word is this version's: every provider ends it in the key's name."""
    key_id, _, version = word.rpartition("#")
    dotted = one.name.replace("/", ".", 1)
    return version == str(one.version) and key_id.endswith((f"/{one.name}", f".{dotted}"))


def _version(word: str) -> int:
    return WrappedKey.of(word, b"").version


def _counts(**many: int) -> tuple[CategoryCount, ...]:
    return tuple(
        CategoryCount(entity=_DATA_KEY, treatment=what, count=count)
        for what, count in many.items()
        if count
    )


def _count(entry: AuditEntry, what: str) -> int:
    return next((one.count for one in entry.categories if one.treatment == what), 0)


def _shredded(entry: AuditEntry, stamp: AuditStamp) -> ShreddedKey:
    return ShreddedKey(
        live=_count(entry, "live") > 0,
        records=_count(entry, "records"),
        tokens=_count(entry, "tokens"),
        audit=stamp,
    )


def _require_not_held(tx: Writing, partner: str, subjects: tuple[str, ...]) -> None:
    """Raises UNDER_LEGAL_HOLD where a hold covers the person, or a record that goes dark too."""
    holds = tx.holds.active(subjects)
    holds.require_deletable(KeptThing(partners=(partner,), subjects=subjects))
    for subject in subjects:
        after: str | None = None
        while rows := tx.records.list(partner, subject=subject, after=after, limit=_HELD_AT_A_TIME):
            for record in rows:
                tx.holds.active(record.subjects).require_deletable(kept_record(record))
            after = rows[-1].id
