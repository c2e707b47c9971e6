"""What one transfer mints: tokens, hashes, ciphertexts and date shifts for its pair."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from privacy_service import errors
from privacy_service.enforcement.ports import Minted, Pair, Pseudonyms
from privacy_service.errors import PrivacyError
from privacy_service.payloads.document import Path, alike, pointer


@dataclass(frozen=True, slots=True)
class KnownSubject:
    """A person whom the payload is about: the keyed digest, and where the payload names them.

    `path` is empty for a subject that the request names: they are near to everything.
    """

    digest: str
    path: Path = ()


@dataclass(slots=True)
class TransferMint:
    """The mint of one transfer; `minted` are the tokens that have to be kept for `Reveal`, one for
    each person whose value it is.

    A preview mints the same words, and keeps none.
    """

    pseudonyms: Pseudonyms
    pair: Pair
    subjects: Sequence[KnownSubject]
    recipient_key: str | None
    contract: str
    _tokens: dict[tuple[str, str | None], Minted] = field(default_factory=dict)
    _by_start: dict[Path, KnownSubject] = field(default_factory=dict)

    @property
    def minted(self) -> tuple[Minted, ...]:
        return tuple(self._tokens.values())

    def token(self, entity: str, value: str, *, path: Path) -> str:
        token = self.pseudonyms.token(self.pair, entity, value)
        nearest = self._nearest(path)
        subject = None if nearest is None else nearest.digest
        self._tokens[token, subject] = Minted(
            token=token, entity=entity, subject=subject, value=value
        )
        return token

    def keyed_hash(self, entity: str, value: str) -> str:
        return self.pseudonyms.keyed_hash(self.pair, entity, value)

    def encrypted(self, value: str, *, path: Path) -> str:
        if self.recipient_key is None:
            raise PrivacyError(errors.TREATMENT_FAILED, path=pointer(path), treatment="encrypt")
        # Indexes are left out: removing an element must not keep the next one from opening.
        info = f"{self.contract} {alike(path)}"
        return self.pseudonyms.encrypted(value, recipient_key=self.recipient_key, info=info)

    def date_offset(self, days: int, *, path: Path) -> int:
        nearest = self._nearest(path)
        if nearest is None:
            raise PrivacyError(errors.SUBJECT_REQUIRED, path=pointer(path))
        return self.pseudonyms.date_offset(self.pair, nearest.digest, days)

    def _nearest(self, path: Path) -> KnownSubject | None:
        """The subject whose place shares the longest start with `path`; the first of several.

        In a list of people, the row tells.
        """
        if self.subjects and not self._by_start:
            for subject in self.subjects:
                for length in range(len(subject.path) + 1):
                    self._by_start.setdefault(subject.path[:length], subject)
        starts = (path[:length] for length in range(len(path), -1, -1))
        return next((self._by_start[start] for start in starts if start in self._by_start), None)
