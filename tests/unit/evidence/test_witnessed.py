"""Audits that ask for witnesses: who saw how much of the log, and who did not."""

from __future__ import annotations

from pathlib import Path

import pytest

from privacy_service.evidence.cosignature import cosignatures
from privacy_service.evidence.note import NoteInvalid
from privacy_service.evidence.verify import main
from tests.publishing.witness import SmallWitness
from tests.unit.evidence.audit_logs import SIGNER, lines, log, note
from tests.unit.evidence.test_verify import written_to

LEAVES = log(10)
WITNESS = SmallWitness((SIGNER.verifier_key,))
OTHER = SmallWitness((SIGNER.verifier_key,), name="witness.example/w2", seed=78)


def cosigned(leaves: list[bytes], *witnesses: SmallWitness) -> str:
    said = note(leaves)
    return said + "".join(witness.cosign(said) for witness in witnesses)


def test_cosignatures_are_told_apart_by_witness() -> None:
    both = cosigned(LEAVES, WITNESS, OTHER)
    assert cosignatures(both, WITNESS.key) == {WITNESS.key: WITNESS.at}
    assert cosignatures(both, OTHER.key, WITNESS.key) == {
        OTHER.key: OTHER.at,
        WITNESS.key: 1_780_000_000,
    }
    assert cosignatures(note(LEAVES), WITNESS.key) == {}


@pytest.mark.parametrize("length", [71, 73])
def test_a_cosignature_has_one_length(length: int) -> None:
    with pytest.raises(NoteInvalid):
        WITNESS.key.require(bytes(length), "text\n")


def test_a_witness_is_not_the_log() -> None:
    """A cosignature opens no checkpoint, even where the witness is named as the log."""
    namesake = SmallWitness((SIGNER.verifier_key,), name=SIGNER.verifier_key.name)
    text = note(LEAVES).split("\n\n")[0] + "\n\n"
    from privacy_service.evidence.checkpoint import open_checkpoint

    with pytest.raises(NoteInvalid, match="no trusted key"):
        open_checkpoint(text + namesake.cosign(text), namesake.key)


def test_published_checkpoints_tell_what_witnesses_saw(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    export = written_to(tmp_path / "export.jsonl", lines(LEAVES))
    published = tmp_path / "published"
    published.mkdir()
    for size, witnesses in ((6, (WITNESS, OTHER)), (14, (WITNESS,)), (18, ())):
        (published / f"{size:020d}.note").write_text(cosigned(LEAVES[:size], *witnesses))
    arguments = [str(export), "--key", str(SIGNER.verifier_key), "--checkpoint", str(published)]
    for witness in (WITNESS, OTHER):
        arguments += ["--witness", str(witness.key)]
    assert main(arguments) == 0
    told = capsys.readouterr().out.splitlines()
    assert "checkpoints confirmed: 4" in told
    assert "witness witness.example/w1: saw 14 entries at 2026-05-28T20:26:40+00:00" in told
    assert "witness witness.example/w2: saw 6 entries at 2026-05-28T20:26:40+00:00" in told

    stranger = SmallWitness((SIGNER.verifier_key,), name="witness.example/w3")
    assert main([*arguments, "--witness", str(stranger.key)]) == 1
    says = "no checkpoint that is here was cosigned by the witness witness.example/w3"
    assert f"  unwitnessed: {says}" in capsys.readouterr().out.splitlines()
