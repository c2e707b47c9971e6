"""Asking witnesses to cosign: the client's side of https://c2sp.org/tlog-witness."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NoReturn

import httpx

from privacy_service import errors
from privacy_service.errors import PrivacyError
from privacy_service.evidence.checkpoint import claimed
from privacy_service.evidence.cosignature import WitnessKey, cosignatures
from privacy_service.evidence.note import NoteInvalid
from privacy_service.publishing.http import ask

_SIZE: Final = re.compile(r"(0|[1-9][0-9]{0,18})\n?")

Consistency = Callable[[int], tuple[bytes, ...]]
"""The proof that the tree of the checkpoint begins with the tree of so many entries. Where these
are more than the checkpoint's: Uncooperative if the log has them by now, else
LOG_CONTRADICTS_CHECKPOINT."""


class Uncooperative(Exception):  # noqa: N818 - it says what is so, as our reasons do
    """A witness did not cosign; the message says why, in words without anything of its answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """One witness: its key, and the URL (submission prefix) at which it takes checkpoints."""

    key: WitnessKey
    url: str

    def cosign(self, note: str, *, seen: int, prove: Consistency, client: httpx.Client) -> str:
        """The witness's signature line for this note.

        `seen` is the size that it is thought to have seen last; where it says another one, it is
        asked again with a proof from there. Raises Uncooperative; LOG_CONTRADICTS_CHECKPOINT where
        the witness remembers another history of the log, or more of it than there is.
        """
        answer = self._ask(note, seen, prove, client)
        if answer.status_code == httpx.codes.CONFLICT:
            seen = self._seen(answer)
            answer = self._ask(note, seen, prove, client)
            # Of the very size that it says it saw it remembers another root. Where it names
            # another size now, it was told of more meanwhile.
            if answer.status_code == httpx.codes.CONFLICT and self._seen(answer) == seen:
                self._contradicts(note, seen)
        if answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY:
            self._contradicts(note, seen)
        if answer.status_code != httpx.codes.OK:
            raise Uncooperative(f"it answered {answer.status_code}")
        return self._line(answer.text, note)

    def _ask(
        self, note: str, seen: int, prove: Consistency, client: httpx.Client
    ) -> httpx.Response:
        proof = "".join(base64.b64encode(digest).decode() + "\n" for digest in prove(seen))
        try:
            body = f"old {seen}\n{proof}\n{note}".encode()
            return ask(client, f"{self.url.rstrip('/')}/add-checkpoint", body)
        except httpx.HTTPError as unreachable:
            raise Uncooperative(f"it did not answer ({type(unreachable).__name__})") from None

    def _seen(self, answer: httpx.Response) -> int:
        """The size that a witness says it saw last."""
        found = _SIZE.fullmatch(answer.text)
        if found is None:
            raise Uncooperative("it saw the log at another size, and does not say at which")
        return int(found[1])

    def _contradicts(self, note: str, seen: int) -> NoReturn:
        raise PrivacyError(
            errors.LOG_CONTRADICTS_CHECKPOINT,
            witness=self.key.name,
            seen=seen,
            size=claimed(note).size,
        )

    def _line(self, answer: str, note: str) -> str:
        """The one line of this witness, whatever else it sent."""
        mark = f"— {self.key.name} "
        for line in answer.splitlines(keepends=True):
            try:
                if line.startswith(mark) and cosignatures(note + line, self.key):
                    return line
            except NoteInvalid:
                continue
        raise Uncooperative("its answer holds no cosignature of its key")
