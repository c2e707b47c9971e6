"""A witness as https://c2sp.org/tlog-witness has it: it cosigns what continues what it has seen."""

from __future__ import annotations

import base64
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from privacy_service.evidence.checkpoint import Checkpoint, claimed, open_checkpoint
from privacy_service.evidence.cosignature import WitnessKey, cosigned_message
from privacy_service.evidence.merkle import ProofInvalid, empty_root, verify_consistency
from privacy_service.evidence.note import NoteInvalid, VerifierKey, decode_base64
from tests.publishing.http_server import Answer, served
from tests.unit.evidence.audit_logs import SeedSigner


@dataclass
class SmallWitness:
    """It knows the logs' keys, and remembers the newest checkpoint of each."""

    logs: tuple[VerifierKey, ...]
    name: str = "witness.example/w1"
    seed: int = 77
    at: int = 1_780_000_000
    seen: dict[str, Checkpoint] = field(default_factory=dict)
    asked: list[int] = field(default_factory=list)
    """The status of each answer."""

    def __post_init__(self) -> None:
        self._signer = SeedSigner(self.seed)
        self.key = WitnessKey(name=self.name, public_key=self._signer.public_key)
        self._lock = threading.Lock()

    @contextmanager
    def serving(self) -> Iterator[str]:
        """The URL (submission prefix) at which it answers."""

        def answer(path: str, body: bytes) -> Answer:
            assert path == "/add-checkpoint"
            with self._lock:
                given = self._add(body.decode())
            self.asked.append(given.status)
            return given

        with served(answer) as url:
            yield url

    def cosign(self, note: str) -> str:
        """The line for this note, whatever it says."""
        text = note.split("\n\n", 1)[0] + "\n"
        signature = struct.pack(">Q", self.at) + self._signer.sign(cosigned_message(text, self.at))
        return f"— {self.name} {base64.b64encode(self.key.id + signature).decode()}\n"

    def _add(self, body: str) -> Answer:
        head, _, note = body.partition("\n\n")
        first, *proof = head.split("\n")
        old = int(first.removeprefix("old "))
        assert f"old {old}" == first
        assert len(proof) <= 63
        checkpoint = claimed(note)
        keys = [key for key in self.logs if key.name == checkpoint.origin]
        if not keys:
            return Answer(404)
        try:
            open_checkpoint(note, *keys)
        except NoteInvalid:
            return Answer(403)
        if old > checkpoint.size:
            return Answer(400)
        seen = self.seen.get(
            checkpoint.origin, Checkpoint(origin=checkpoint.origin, size=0, root=empty_root())
        )
        if old != seen.size or (old == checkpoint.size and seen.root != checkpoint.root):
            return Answer(409, f"{seen.size}\n".encode(), "text/x.tlog.size")
        try:
            verify_consistency(
                first=old,
                first_root=seen.root,
                second=checkpoint.size,
                second_root=checkpoint.root,
                proof=[decode_base64(line) for line in proof],
            )
        except ProofInvalid:
            return Answer(422)
        self.seen[checkpoint.origin] = checkpoint
        return Answer(200, self.cosign(note).encode())
