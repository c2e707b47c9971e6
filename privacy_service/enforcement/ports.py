"""What enforcement asks of the world: the terms in force, keyed words, and a place for proof."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

from privacy_service.contracts.dates import DateWarning
from privacy_service.contracts.terms import Terms
from privacy_service.enforcement.answer import Answer
from privacy_service.enforcement.rates import Rate
from privacy_service.evidence.disclosures import Disclosure
from privacy_service.evidence.entries import AuditEntry


class ContractBook(Protocol):
    """The terms in force."""

    def in_force(
        self, sender: str, recipient: str, purpose: str, *, at: datetime, draw: str | None = None
    ) -> Terms:
        """The compiled, merged terms at this instant. `draw` is a keyed word for what the request
        is about, by which a canary takes it or not; without one none does.

        Raises NO_CONTRACT_IN_FORCE and its finer reasons. A contract that was put on any replica
        is seen within the book's staleness bound, and an older one never after it.
        """
        ...

    def warnings(self, terms: Terms, *, at: datetime) -> tuple[DateWarning, ...]:
        """Dates of the contracts of these terms that come near or are past."""
        ...

    def as_if(
        self, terms: Terms, contract_id: str, number: int, *, purpose: str, at: datetime
    ) -> Terms:
        """These terms with another version of one of their contracts, as if it had begun already.

        Raises CONTRACT_NOT_FOUND, and PURPOSE_NOT_COVERED and the like where it would not apply.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Within what tokens and hashes are stable: one sender, one recipient, one purpose."""

    sender: str
    recipient: str
    purpose: str


class Pseudonyms(Protocol):
    """Keyed words for values. The same key, pair and value give the same word."""

    def subject_digest(self, kind: str, value: str, /) -> str:
        """The keyed digest by which a subject is known everywhere."""
        ...

    def subject_digests(self, kind: str, value: str, /) -> tuple[str, ...]:
        """The digests under every version of the key, the current one first."""
        ...

    def commitment(self, content: bytes) -> str:
        """A keyed commitment to bytes, for evidence."""
        ...

    def token(self, pair: Pair, entity: str, value: str) -> str: ...

    def keyed_hash(self, pair: Pair, entity: str, value: str) -> str: ...

    def date_offset(self, pair: Pair, subject: str, days: int) -> int: ...

    def encrypted(self, value: str, *, recipient_key: str, info: str) -> str:
        """HPKE to the recipient's public key (RFC 9180), as text."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Minted:
    """A token that a transfer minted, and the value that it stands for.

    `subject` is the digest of the subject that it is about, None where none is known.
    """

    token: str
    entity: str
    subject: str | None
    value: str = field(repr=False)


MOST_SHARING: Final = 100
"""A value that more people of a pair share is nobody's in particular: they are not named for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Revealed:
    """The value that a token stands for, and the keyed digests of those whose it is, as far as they
    are alive. None are named where more than `MOST_SHARING` share it.
    """

    value: str = field(repr=False)
    subjects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaUse:
    """One use of a quota: at most `limit` of them between `period_start` and `period_end`."""

    contract: str
    limit: int
    period_start: datetime
    period_end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """What becomes true with a decided transfer, in one transaction.

    `answer` is whole but for its audit stamp. `disclosure` is None where nothing was released;
    `copy_until` is when the sealed copy must go (None: not known), read only if `keep_copy`.
    `held` is what waits for a person, where the decision is to hold. `claim` is the legal hold for
    whose matter it is sent, if it is. `opted_out`: the people have opted out of sale and sharing,
    which is remembered. `draw` is the word that its contracts were chosen with. With
    `ask_consent_ledger` each subject must consent by our consent ledger, at the moment of release.
    """

    request_id: str
    request: str
    entry: AuditEntry
    answer: Answer
    disclosure: Disclosure | None
    minted: tuple[Minted, ...] = ()
    pair: Pair
    subjects: tuple[str, ...] = ()
    quotas: tuple[QuotaUse, ...] = ()
    keep_copy: bool = False
    copy_until: datetime | None = None
    claim: str | None = None
    opted_out: bool = False
    ask_consent_ledger: bool = False
    draw: str | None = None
    held: Held | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A payload that waits for a person: what becomes true once it is approved, and how long it may
    wait. `release` is whole but for its entry, which says what was decided and by whom.
    """

    review_id: str
    release: Release
    expires_at: datetime
    four_eyes: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Passing:
    """A transfer that becomes true with something else, in its transaction: that it was tried, and
    what it releases. `passed` is told the answer once that is so.
    """

    attempt: AuditEntry
    release: Release
    passed: Callable[[Answer], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """Where the attempt stands; or the answer that its request id was given before."""

    position: int
    answer: Answer | None = None


class Ledger(Protocol):
    """Where attempts, effects and what they promise are recorded.

    Every method raises STORE_UNAVAILABLE, KEYS_UNAVAILABLE or DEADLINE_PASSED instead of
    half an effect.
    """

    @property
    def origin(self) -> str:
        """The name of the audit log."""
        ...

    def begin(
        self, attempt: AuditEntry, *, request_id: str, request: str, seconds: float | None
    ) -> Begun:
        """Records the attempt by itself, or finds that its request id was answered already.

        `request` is the keyed commitment to the request. Raises REQUEST_ID_REUSED where the id
        was answered for another one, and PARTNER_QUARANTINED where it was answered and nothing
        passes between the two by now.
        """
        ...

    def record(self, entry: AuditEntry, *, seconds: float | None) -> int:
        """Appends an entry by itself: an attempt, or the refusal of one. Its position."""
        ...

    def record_revealed(self, entry: AuditEntry, pair: Pair, *, seconds: float | None) -> int:
        """As `record`, for values of this pair that are about to be given away.

        Raises PARTNER_QUARANTINED where nothing of one of the two may be revealed by then.
        """
        ...

    def release(self, release: Release, *, seconds: float | None) -> Answer:
        """Makes a decided transfer true, all of it or nothing; the answer with its audit stamp.

        If the same request id won a race, that one's answer is returned and nothing is done.
        Raises QUOTA_EXCEEDED; PARTNER_QUARANTINED where nothing passes between the two;
        CONTRACT_SUPERSEDED or a finer reason where the contracts that it was decided under are no
        longer the ones in force; PURPOSE_OBJECTED where somebody has opted out of what it is for;
        USE_RESTRICTED where a legal hold restricts the use of what
        concerns one of the subjects; and CONSENT_NOT_IN_FORCE where the consent ledger is asked and
        somebody does not consent.
        """
        ...

    def remember_opt_out(
        self, pair: Pair, subjects: Sequence[str], *, at: datetime, seconds: float | None
    ) -> None:
        """Keeps that these people have opted out of sale and sharing at the sender, where nothing
        is released: a release keeps it itself.
        """
        ...

    def revealed(
        self, token: str, pair: Pair, *, whose: Collection[str], claim: str | None, now: datetime
    ) -> Revealed:
        """The value of a token minted for this pair.

        Where several people share it, a hold on any of them counts, unless `whose` says who is
        meant: then theirs alone do, and theirs alone open it. Raises TOKEN_UNKNOWN,
        RECORD_UNREADABLE where none of them is alive, and USE_RESTRICTED where a legal hold covers
        the token and `claim` does not name it.
        """
        ...

    def minted(self, tokens: Collection[str], pair: Pair) -> Mapping[str, str]:
        """Those of the tokens that were minted for this pair, each with its entity."""
        ...

    def values(
        self, tokens: Collection[str], pair: Pair, *, whose: Collection[str], now: datetime
    ) -> Mapping[str, Revealed]:
        """The values of those of the tokens that were minted for this pair and can be opened.

        Those that `revealed` would refuse are missing.
        """
        ...

    def take(
        self, name: str, rate: Rate, many: int, *, at: datetime, seconds: float | None
    ) -> None:
        """Takes from an allowance, whose state all replicas share. Raises REVEAL_LIMITED."""
        ...
