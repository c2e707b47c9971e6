"""Signed notes and checkpoints: who is believed, and what is refused."""

from __future__ import annotations

import pytest

from privacy_service.evidence.checkpoint import Checkpoint, open_checkpoint, sign
from privacy_service.evidence.note import NoteInvalid, VerifierKey, open_note, sign_note
from tests.unit.evidence.audit_logs import ORIGIN, SeedSigner

OURS, OTHER = SeedSigner(1), SeedSigner(2)
CHECKPOINT = Checkpoint(origin=ORIGIN, size=3, root=bytes(range(32)))
NOTE = sign(CHECKPOINT, OURS)


def test_a_checkpoint_opens_with_its_key() -> None:
    assert open_checkpoint(NOTE, OURS.verifier_key) == CHECKPOINT


def test_extension_lines_are_kept() -> None:
    extended = Checkpoint(origin=ORIGIN, size=3, root=bytes(32), extensions=("Time: 5", "x"))
    assert open_checkpoint(sign(extended, OURS), OURS.verifier_key) == extended


def test_signatures_of_strangers_are_passed_over() -> None:
    witnessed = sign(CHECKPOINT, OTHER, OURS)
    assert open_checkpoint(witnessed, OURS.verifier_key) == CHECKPOINT
    unknown_type = NOTE + "— witness.example AAAAAAAAAAAAAAAA\n"
    assert open_checkpoint(unknown_type, OURS.verifier_key) == CHECKPOINT


def test_only_strangers_are_not_enough() -> None:
    with pytest.raises(NoteInvalid, match="no trusted key"):
        open_checkpoint(sign(CHECKPOINT, OTHER), OURS.verifier_key)


def test_one_broken_signature_of_a_known_key_rejects_the_note() -> None:
    both = (OURS.verifier_key, OTHER.verifier_key)
    assert open_checkpoint(sign(CHECKPOINT, OURS, OTHER), *both) == CHECKPOINT
    first, second = sign(CHECKPOINT, OURS, OTHER).splitlines()[-2:]
    elsewhere = sign(Checkpoint(origin=ORIGIN, size=4, root=bytes(32)), OTHER).splitlines()[-1]
    note = f"{CHECKPOINT.text}\n{first}\n{elsewhere}\n"
    assert second != elsewhere
    with pytest.raises(NoteInvalid, match="does not hold"):
        open_checkpoint(note, *both)


def test_a_key_speaks_only_for_the_log_it_is_named_after() -> None:
    text = Checkpoint(origin="example.com/other", size=3, root=bytes(32)).text
    note = sign_note(text, name=ORIGIN, signers=(OURS,))
    assert open_note(note, OURS.verifier_key) == text
    with pytest.raises(NoteInvalid, match="no trusted key"):
        open_checkpoint(note, OURS.verifier_key)


@pytest.mark.parametrize("change", range(len(NOTE)))
def test_no_character_can_be_changed(change: int) -> None:
    changed = NOTE[:change] + ("A" if NOTE[change] != "A" else "B") + NOTE[change + 1 :]
    with pytest.raises(NoteInvalid):
        open_checkpoint(changed, OURS.verifier_key)


@pytest.mark.parametrize(
    "note",
    [
        "",
        "\n\n",
        CHECKPOINT.text,
        CHECKPOINT.text + "\n",
        NOTE[:-1],
        NOTE + "\n",
        NOTE + "garbage\n",
        NOTE.replace("—", "-"),
        NOTE.replace("\n", "\r\n"),
        "\x00" + NOTE,
        "\ud800" + NOTE,
        NOTE + "— a AAAA\n" * 200_000,
    ],
)
def test_what_is_not_a_note_is_refused(note: str) -> None:
    with pytest.raises(NoteInvalid):
        open_checkpoint(note, OURS.verifier_key)


ROOT = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


@pytest.mark.parametrize(
    "text",
    [
        f"{ORIGIN}\n03\n{ROOT}\n",
        f"{ORIGIN}\n+3\n{ROOT}\n",
        f"{ORIGIN}\n٣\n{ROOT}\n",
        f"{ORIGIN}\n{'9' * 40}\n{ROOT}\n",
        f"{ORIGIN}\n3\n{ROOT[:-2]}B=\n",
        f"{ORIGIN}\n3\n{ROOT[:-4]}\n",
        f"{ORIGIN}\n3\n",
        f"\n3\n{ROOT}\n",
        f"{ORIGIN}\n3\n{ROOT}\n\nmore\n",
        f"{ORIGIN}\n3\n{ROOT}",
    ],
)
def test_what_is_not_a_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(NoteInvalid):
        Checkpoint.parse(text)


@pytest.mark.parametrize("text", ["", "no newline", "bell\x07\n", "tab\t\n"])
def test_what_a_note_cannot_hold_is_not_signed(text: str) -> None:
    with pytest.raises(NoteInvalid):
        sign_note(text, name=ORIGIN, signers=(OURS,))


def test_a_note_without_signers_is_not_made() -> None:
    with pytest.raises(NoteInvalid):
        sign_note("text\n", name=ORIGIN, signers=())


@pytest.mark.parametrize("name", ["", "two words", "a+b", "tab\t", "\u2003", "bell\x07"])
def test_names_that_a_key_cannot_have(name: str) -> None:
    with pytest.raises(NoteInvalid):
        VerifierKey(name=name, public_key=bytes(32))


def test_a_public_key_that_is_no_point_verifies_nothing() -> None:
    bad = VerifierKey(name=ORIGIN, public_key=b"\xff" * 32)
    line = NOTE.splitlines()[-1]
    assert line.startswith(f"— {ORIGIN} ")
    with pytest.raises(NoteInvalid):
        open_checkpoint(NOTE, bad)
