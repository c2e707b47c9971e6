"""Every way to tamper with the log is named, with its place."""

from __future__ import annotations

import base64
import io
import json
import re
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from privacy_service.evidence.checkpoint import Checkpoint, sign
from privacy_service.evidence.export import ExportHeader, LoggedEntry, export_lines
from privacy_service.evidence.merkle import Frontier, ProofInvalid, leaf_hash
from privacy_service.evidence.report import FaultKind
from privacy_service.evidence.verify import main, verify_export
from tests.unit.evidence.audit_logs import (
    ORIGIN,
    SIGNER,
    SeedSigner,
    attempt,
    audit,
    effect,
    kinds,
    lines,
    log,
    note,
    put,
)

LEAVES = log(10)


def export(*, earlier: tuple[int, ...] = ()) -> list[Any]:
    return lines(LEAVES, earlier=earlier)


def test_an_honest_export_is_sound() -> None:
    report = audit(export(earlier=(4, 12)), kept=(note(LEAVES[:7]), note([])))
    assert kinds(report) == []
    assert (report.entries, report.checkpoints, report.unfinished_count) == (20, 5, 0)
    report.require_sound()


def test_an_empty_log_is_sound() -> None:
    assert kinds(audit(lines([]))) == []


def test_a_changed_entry() -> None:
    written = export()
    put(written[1 + 7], effect(70, 6).to_bytes())
    report = audit(written)
    assert kinds(report) == [("changed", 7, 7)]
    assert report.checkpoints == 1, "the tree itself holds"
    with pytest.raises(ProofInvalid, match="entry 7 was changed"):
        report.require_sound()


def test_several_changed_entries() -> None:
    written = export()
    for position in (3, 4, 5, 9):
        put(
            written[1 + position], json.loads(json.dumps(LEAVES[position].decode())).encode() + b" "
        )
    found = [fault for fault in kinds(audit(written)) if fault[0] == "changed"]
    assert found == [("changed", 3, 5), ("changed", 9, 9)]


def test_a_changed_entry_and_its_hash_is_found_between_checkpoints() -> None:
    written = export(earlier=(4, 12))
    put(written[1 + 7], effect(70, 6).to_bytes(), digest=True)
    assert kinds(audit(written)) == [("rewritten", 4, 11), ("rewritten", 4, 19)]


def test_a_removed_line() -> None:
    written = export()
    del written[1 + 8]
    found = kinds(audit(written))
    assert ("removed", 8, 8) in found
    assert ("unproven", 0, 19) in found
    assert ("effect-without-attempt", 9, 9) in found


def test_an_entry_removed_and_the_rest_moved_up() -> None:
    written = export()
    for position in range(7, 19):
        put(written[1 + position], LEAVES[position + 1])
    del written[20]
    found = kinds(audit(written))
    assert found[-2:] == [("removed", 7, 18), ("tail-cut", 19, 19)]


def test_an_entry_slipped_in_and_the_rest_moved_down() -> None:
    written = export()
    for position in range(19, 7, -1):
        put(written[1 + position], LEAVES[position - 1])
    put(written[1 + 7], attempt(999).to_bytes())
    assert ("inserted", 7, 19) in kinds(audit(written))


def test_two_entries_exchanged() -> None:
    written = export()
    put(written[1 + 7], LEAVES[8])
    put(written[1 + 8], LEAVES[7])
    assert ("order", 7, 8) in kinds(audit(written))


def test_lines_out_of_order() -> None:
    written = export()
    written[8], written[9] = written[9], written[8]
    found = kinds(audit(written))
    assert ("removed", 7, 7) in found
    assert ("order", 7, 7) in found


def test_a_cut_tail() -> None:
    assert kinds(audit(export()[:-2])) == [("tail-cut", 18, 19)]


def test_a_cut_tail_under_an_older_signature_is_found_with_a_kept_checkpoint() -> None:
    cut = lines(LEAVES[:16])
    assert kinds(audit(cut)) == []
    assert kinds(audit(cut, kept=(note(LEAVES),))) == [("tail-cut", 16, 19)]


def test_history_rewritten_and_signed_anew_is_found_with_a_kept_checkpoint() -> None:
    forged = [*LEAVES[:6], attempt(666).to_bytes(), *LEAVES[7:]]
    kept = (note(LEAVES[:4]), note(LEAVES[:8]))
    assert kinds(audit(lines(forged))) == []
    assert kinds(audit(lines(forged), kept=kept)) == [("rewritten", 4, 7)]


def test_entries_beyond_the_signed_size_are_not_proven() -> None:
    written = lines(LEAVES)
    written[0]["checkpoint"] = note(LEAVES[:16])
    assert kinds(audit(written)) == [("unproven", 16, 19)]


@pytest.mark.parametrize("field", ["checkpoint", "earlier"])
def test_a_wrong_signature(field: str) -> None:
    written = export()
    forged = note(LEAVES, SeedSigner(2))
    if field == "checkpoint":
        written[0]["checkpoint"] = forged
    else:
        written[0]["earlier_checkpoints"] = [forged]
    report = audit(written)
    assert kinds(report) == [("signature", None, None)]


def test_a_changed_checkpoint_text_breaks_its_signature() -> None:
    written = export()
    written[0]["checkpoint"] = written[0]["checkpoint"].replace("\n20\n", "\n18\n")
    assert kinds(audit(written[:-2])) == [("signature", None, None)]


def test_another_log_and_another_key_are_named() -> None:
    written = export()
    written[0]["origin"] = "example.com/other"
    written[0]["verifier_key"] = str(SeedSigner(2).verifier_key)
    assert kinds(audit(written)) == [("foreign", None, None), ("foreign", None, None)]


def test_a_key_does_not_speak_for_another_log() -> None:
    written = export()
    written[0]["checkpoint"] = note(LEAVES, origin="example.com/other")
    assert kinds(audit(written)) == [("signature", None, None)]


def test_a_replaced_key_still_opens_what_it_signed() -> None:
    new = SeedSigner(2)
    frontier, _ = Frontier().append_many(map(leaf_hash, LEAVES))
    checkpoint = Checkpoint(origin=ORIGIN, size=len(LEAVES), root=frontier.root())
    written = export(earlier=(8,))
    written[0]["checkpoint"] = sign(checkpoint, SIGNER, new)
    written[0]["verifier_key"] = str(new.verifier_key)
    stream = io.BytesIO("".join(json.dumps(line) + "\n" for line in written).encode())
    report = verify_export(
        stream, verifier_key=new.verifier_key, retired_keys=(SIGNER.verifier_key,)
    )
    assert kinds(report) == []
    assert report.checkpoints == 2


def test_effects_need_their_own_open_attempt() -> None:
    told = [
        attempt(0),
        effect(1, 0),
        effect(2, 0),  # answered before
        effect(3, 1),  # not an attempt
        effect(4, 9),  # later
        attempt(5),
    ]
    report = audit(lines([entry.to_bytes() for entry in told]))
    assert kinds(report) == [("effect-without-attempt", n, n) for n in (2, 3, 4)]
    assert [(one.position, one.action) for one in report.unfinished] == [
        (5, "EnforcementService/Transfer")
    ]


@pytest.mark.parametrize("named", ["[1]", '"0"', "null", "0.0", "true"])
def test_an_effect_whose_attempt_is_not_a_position(named: str) -> None:
    leaf = effect(1, 0).to_bytes().replace(b'"attempt":0', f'"attempt":{named}'.encode())
    found = kinds(audit(lines([attempt(0).to_bytes(), leaf])))
    assert found[0][0] in ("effect-without-attempt", "not-an-entry")


@pytest.mark.parametrize(
    "leaf",
    [b"{}", b"[]", b"null", b"\xff", b"not json", b'{"kind":"attempt"}', b"[" * 100_000],
)
def test_an_entry_that_is_none(leaf: bytes) -> None:
    assert kinds(audit(lines([leaf]))) == [("not-an-entry", 0, 0)]


def test_an_entry_with_more_than_an_entry_has() -> None:
    leaf = LEAVES[0].replace(b"}", b',"note":"x"}')
    assert kinds(audit(lines([leaf]))) == [("not-an-entry", 0, 0)]


@pytest.mark.parametrize(
    "line",
    [
        "not json\n",
        "[]\n",
        "{}\n",
        "\n",
        '{"position":-1,"hash":"","entry":""}\n',
        '{"position":true,"hash":"","entry":""}\n',
        '{"position":5,"hash":"AA==","entry":""}\n',
        '{"position":5,"hash":"!","entry":""}\n',
        json.dumps({"position": 5, "hash": base64.b64encode(bytes(32)).decode(), "entry": "\ud800"})
        + "\n",
        "[" * 100_000 + "\n",
    ],
)
def test_an_unreadable_line_is_named_by_its_number(line: str) -> None:
    written = export()
    written[1 + 5] = line
    found = audit(written).faults
    assert found[0].kind.value == "unreadable"
    assert found[0].says.startswith("line 7:")
    assert ("removed", 5, 5) in kinds(audit(written))


@pytest.mark.parametrize(
    "header",
    ["", "{}\n", '{"format":"privacy-service-audit-export","version":2}\n', "\x00\n"],
)
def test_an_unreadable_header_ends_the_audit(header: str) -> None:
    report = audit([header, *export()[1:]])
    assert kinds(report) == [("unreadable", None, None)]
    assert report.entries == 0


def test_faults_are_counted_whole_and_listed_to_a_bound() -> None:
    report = audit(lines([b"{}"] * 1500))
    assert report.fault_count == 1500
    assert len(report.faults) == 1000


def test_memory_does_not_grow_with_the_log() -> None:
    def many(count: int) -> Iterator[LoggedEntry]:
        for position in range(count):
            pair = position // 2 * 2
            leaf = (effect(1, pair) if position % 2 else attempt(0)).to_bytes()
            yield LoggedEntry(position=position, leaf=leaf, digest=leaf_hash(leaf))

    def peak(count: int) -> int:
        frontier, _ = Frontier().append_many(entry.digest for entry in many(count))
        checkpoint = Checkpoint(origin=ORIGIN, size=count, root=frontier.root())
        header = ExportHeader(
            origin=ORIGIN,
            verifier_key=str(SIGNER.verifier_key),
            checkpoint=sign(checkpoint, SIGNER),
        )
        written = io.BytesIO("".join(export_lines(header, many(count))).encode())
        tracemalloc.start()
        report = verify_export(written, verifier_key=SIGNER.verifier_key)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert kinds(report) == []
        return most

    assert peak(4000) < peak(400) + 20_000


def test_every_fault_is_explained_in_the_document() -> None:
    document = Path(__file__).parents[3] / "docs" / "evidence.md"
    explained = re.findall(
        r"^\| `([a-z-]+)` \|", document.read_text(encoding="utf-8"), re.MULTILINE
    )
    assert {kind.value for kind in FaultKind} <= set(explained)


def written_to(path: Path, export: list[Any]) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in export), encoding="utf-8")
    return path


def test_the_command_says_sound(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written_to(tmp_path / "export.jsonl", export())
    kept = tmp_path / "checkpoint"
    kept.write_text(note(LEAVES[:6]), encoding="utf-8")
    key = str(SIGNER.verifier_key)
    assert main([str(path), "--key", key, "--checkpoint", str(kept)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "sound"


def test_the_command_names_the_fault(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tampered = export()
    put(tampered[8], effect(70, 6).to_bytes())
    path = written_to(tmp_path / "export.jsonl", tampered)
    assert main([str(path), "--key", str(SIGNER.verifier_key)]) == 1
    assert "  changed: entry 7 was changed" in capsys.readouterr().out.splitlines()
    assert main([str(path), "--key", str(SIGNER.verifier_key), "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["sound"] is False
    assert report["faults"] == [
        {"kind": "changed", "says": "entry 7 was changed", "first": 7, "last": 7}
    ]
    assert report["checkpoint"]["size"] == 20


@pytest.mark.parametrize("arguments", [["absent.jsonl", "--key", "x"], ["absent", "--key", "+"]])
def test_the_command_says_what_it_cannot_use(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert capsys.readouterr().err.startswith("cannot verify: ")


def test_the_command_stands_alone(tmp_path: Path) -> None:
    """It runs in a fresh interpreter, and loads nothing of ours but this room."""
    path = written_to(tmp_path / "export.jsonl", export())
    program = (
        "import sys, runpy\n"
        "sys.argv = ['verify', *sys.argv[1:]]\n"
        "try: runpy.run_module('privacy_service.evidence.verify', run_name='__main__')\n"
        "except SystemExit as status:\n"
        "  loaded = {m for m in sys.modules if m.split('.')[0] in\n"
        "    ('privacy_service', 'sqlalchemy', 'grpc', 'google', 'pydantic', 'spacy')}\n"
        "  print(sorted(m for m in loaded if not m.startswith('privacy_service.evidence')))\n"
        "  raise\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(path), "--key", str(SIGNER.verifier_key)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "['privacy_service', 'privacy_service.errors']"
