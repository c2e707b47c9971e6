"""Proof files: what they prove, and that nothing in them can be changed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy_service.evidence.merkle import Frontier, inclusion_proof, leaf_hash
from privacy_service.evidence.note import NoteInvalid
from privacy_service.evidence.tlog_proof import LogProof
from privacy_service.evidence.verify import main, verify_proof
from tests.publishing.witness import SmallWitness
from tests.unit.evidence.audit_logs import SIGNER, SeedSigner, log, note

KEY = SIGNER.verifier_key
LEAVES = log(10)


def proof(index: int, *, size: int = len(LEAVES), leaf: bool = True) -> LogProof:
    _, nodes = Frontier().append_many(map(leaf_hash, LEAVES))
    read = {(node.level, node.index): node.digest for node in nodes}
    return LogProof(
        index=index,
        hashes=inclusion_proof(index, size, lambda level, place: read[level, place]),
        note=note(LEAVES[:size]),
        leaf=LEAVES[index] if leaf else b"",
    )


@given(st.integers(1, len(LEAVES)), st.data())
@settings(deadline=None, max_examples=50)
def test_every_entry_is_proven_in_every_tree(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    written = str(proof(index, size=size))
    proven = verify_proof(written, keys=[KEY])
    assert (proven.index, proven.leaf, proven.checkpoint.size) == (index, LEAVES[index], size)


@given(st.data())
@settings(deadline=None, max_examples=200)
def test_no_byte_can_be_changed(data: st.DataObject) -> None:
    written = bytearray(str(proof(7)).encode())
    at = data.draw(st.integers(0, len(written) - 1))
    written[at] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(ValueError):
        verify_proof(bytes(written).decode(), keys=[KEY])


def test_an_entry_that_is_another_ones() -> None:
    written = str(proof(7, leaf=False))
    assert verify_proof(written, keys=[KEY], leaf=LEAVES[7]).index == 7
    with pytest.raises(ValueError, match="another root"):
        verify_proof(written, keys=[KEY], leaf=LEAVES[8])
    with pytest.raises(ValueError, match="give the entry"):
        verify_proof(written, keys=[KEY])


def test_a_key_that_is_not_trusted() -> None:
    with pytest.raises(NoteInvalid, match="no trusted key"):
        verify_proof(str(proof(7)), keys=[SeedSigner(9).verifier_key])


def test_a_witness_must_have_cosigned() -> None:
    witness = SmallWitness((KEY,))
    plain = proof(7)
    with pytest.raises(NoteInvalid, match=r"witness\.example/w1 did not cosign"):
        verify_proof(str(plain), keys=[KEY], witnesses=[witness.key])
    cosigned = LogProof(
        index=7, hashes=plain.hashes, note=plain.note + witness.cosign(plain.note), leaf=plain.leaf
    )
    assert verify_proof(str(cosigned), keys=[KEY], witnesses=[witness.key]).index == 7
    elsewhere = plain.note + witness.cosign(note(LEAVES[:3]))
    forged = LogProof(index=7, hashes=plain.hashes, note=elsewhere, leaf=plain.leaf)
    with pytest.raises(NoteInvalid, match="does not hold"):
        verify_proof(str(forged), keys=[KEY], witnesses=[witness.key])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "c2sp.org/tlog-proof@v1\n",
        "c2sp.org/tlog-proof@v1\n\nx",
        "c2sp.org/tlog-proof@v1\nindex 01\n\nx",
        "c2sp.org/tlog-proof@v1\nindex -1\n\nx",
        "c2sp.org/tlog-proof@v1\nindex 1\nextra YQ==\n\nx",
        "c2sp.org/tlog-proof@v1\nextra !\nindex 1\n\nx",
        "c2sp.org/tlog-proof@v2\nindex 1\n\nx",
        "c2sp.org/tlog-proof@v1\nindex 1\n" + "AA==\n" * 64 + "\nx",
    ],
)
def test_what_is_no_proof(text: str) -> None:
    with pytest.raises(NoteInvalid):
        LogProof.parse(text)


def test_the_command_checks_a_proof(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, entry = tmp_path / "7.tlog-proof", tmp_path / "entry.json"
    path.write_text(str(proof(7)), encoding="utf-8")
    assert main([str(path), "--key", str(KEY)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        LEAVES[7].decode(),
        "entry 7 of 20 in example.com/audit",
        "sound",
    ]
    entry.write_bytes(LEAVES[8])
    assert main([str(path), "--key", str(KEY), "--entry", str(entry), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told == {"sound": False, "fault": "the proof leads to another root"}
