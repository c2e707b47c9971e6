"""Proof files, as https://c2sp.org/tlog-proof: an entry, its inclusion proof and its checkpoint.

One file, checked offline with the log's verifier key and nothing else. The entry's bytes travel as
the format's `extra` data: they are not trusted for being there, their hash is what is proven.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from typing import Final, Self

from privacy_service.evidence.checkpoint import Checkpoint, open_checkpoint
from privacy_service.evidence.merkle import leaf_hash, verify_inclusion
from privacy_service.evidence.note import NoteInvalid, VerifierKey, decode_base64

HEADER: Final = "c2sp.org/tlog-proof@v1"
_INDEX: Final = re.compile(r"index (0|[1-9][0-9]{0,18})")
_EXTRA: Final = "extra "
MOST_HASHES: Final = 63
"""A tree of 2^63 leaves is as high as that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogProof:
    """That an entry is in the log at `index`. `note` is the signed checkpoint.

    `leaf` are the entry's bytes; empty where whoever asked for the proof may not read the entry.
    """

    index: int
    hashes: tuple[bytes, ...]
    note: str
    leaf: bytes = field(default=b"", repr=False)

    def __str__(self) -> str:
        lines = [HEADER]
        if self.leaf:
            lines.append(_EXTRA + base64.b64encode(self.leaf).decode())
        lines.append(f"index {self.index}")
        lines += (base64.b64encode(digest).decode() for digest in self.hashes)
        return "".join(f"{line}\n" for line in lines) + f"\n{self.note}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads the text form. Raises NoteInvalid for anything else."""
        head, blank, note = text.partition("\n\n")
        first, *lines = head.split("\n")
        if first != HEADER or not blank:
            raise NoteInvalid(f"the first line of a proof is {HEADER}, and a blank line ends it")
        leaf = b""
        if lines and lines[0].startswith(_EXTRA):
            leaf = decode_base64(lines.pop(0).removeprefix(_EXTRA))
        index = _INDEX.fullmatch(lines.pop(0)) if lines else None
        if index is None or len(lines) > MOST_HASHES:
            raise NoteInvalid("a proof has an index line and at most 63 hashes")
        hashes = tuple(decode_base64(line) for line in lines)
        return cls(index=int(index[1]), hashes=hashes, note=note, leaf=leaf)

    def verify(self, *keys: VerifierKey, leaf: bytes | None = None) -> Checkpoint:
        """The checkpoint that the entry is proven under.

        Raises NoteInvalid where no trusted key signed it, ProofInvalid where the proof does not
        show that `leaf` (None: the bytes that came along) is in the log there.
        """
        checkpoint = open_checkpoint(self.note, *keys)
        verify_inclusion(
            leaf_hash(self.leaf if leaf is None else leaf),
            index=self.index,
            size=checkpoint.size,
            proof=self.hashes,
            root=checkpoint.root,
        )
        return checkpoint
