"""What an evidence archive holds, and what its check says of one that was tampered with."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from privacy_service.evidence.archive import ProvenEntry, sealed_archive
from privacy_service.evidence.archive_index import index_files
from privacy_service.evidence.archive_verify import verify_archive
from privacy_service.evidence.checkpoint import Checkpoint, open_checkpoint
from privacy_service.evidence.note import NoteInvalid, open_note
from privacy_service.evidence.queries import EntryQuery
from privacy_service.evidence.verify import main
from tests.publishing.witness import SmallWitness
from tests.unit.evidence.archives import archive, case, disclosed, leaves
from tests.unit.evidence.audit_logs import ORIGIN, SIGNER, SeedSigner, attempt, note

KEY = SIGNER.verifier_key


def faults(content: bytes) -> list[str]:
    return [str(fault) for fault in verify_archive(content, keys=[KEY]).faults]


def test_any_zip_tool_opens_it(tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(archive())) as opened:
        assert opened.testzip() is None
        assert opened.namelist()[:3] == ["manifest.note", "README.txt", "index.html"]
        told = json.loads(opened.read("index.json"))
    assert told["asked"] == {"partner": "shop"}
    assert [entry["position"] for entry in told["entries"]] == [2, 3, 8, 9]
    assert told["contracts"][0]["file"] == "contracts/shop-to-carrier/3.yaml"
    if shutil.which("unzip"):
        path = tmp_path / "case.zip"
        path.write_bytes(archive())
        subprocess.run(["unzip", "-tq", path], check=True, capture_output=True)


def test_the_page_escapes_what_it_shows() -> None:
    page = next(f for f in index_files(case()) if f.name == "index.html").content.decode()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "default-src &#39;none&#39;" not in page
    for position in (2, 3, 8, 9):
        assert f'<th scope="row">{position}</th>' in page


def test_an_archive_of_nothing_but_entries() -> None:
    bare = replace(case(), disclosures=(), anchor=None, attached={}, asked=EntryQuery(resource="x"))
    report = verify_archive(archive(bare), keys=[KEY])
    assert report.faults == ()
    assert report.asked == '{"resource":"x"}'


def test_another_key_opens_nothing() -> None:
    report = verify_archive(archive(), keys=[SeedSigner(2).verifier_key])
    assert {fault.file for fault in report.faults} == {
        "manifest.note", "checkpoint.note", "anchor/published.note",
    }  # fmt: skip


def test_neither_signature_passes_for_the_other() -> None:
    with zipfile.ZipFile(io.BytesIO(archive())) as opened:
        manifest = opened.read("manifest.note").decode()
    open_note(manifest, KEY)
    with pytest.raises(NoteInvalid, match="not a checkpoint"):
        open_checkpoint(manifest, KEY)


def test_an_entry_that_is_not_in_the_log() -> None:
    honest = case()
    forged = ProvenEntry(position=3, leaf=attempt(9).to_bytes(), hashes=honest.entries[1].hashes)
    entries = (honest.entries[0], forged, *honest.entries[2:])
    assert faults(archive(replace(honest, entries=entries)))[0] == (
        "entries.jsonl, line 2: entry 3 is not proven: the proof leads to another root"
    )


def test_an_entry_that_was_left_out_between_attempt_and_effect() -> None:
    honest = case()
    found = faults(archive(replace(honest, entries=honest.entries[1:])))
    assert found == ["entries.jsonl: effect 3 has no attempt beside it"]


def test_a_disclosure_that_says_other_than_its_entry() -> None:
    lies = replace(disclosed(3), recipient="someone-else")
    found = faults(archive(replace(case(), disclosures=(lies, disclosed(9)))))
    assert found == ["disclosures.jsonl, line 1: it says other than entry 3"]
    found = faults(archive(replace(case(), disclosures=(disclosed(5),))))
    assert found == ["disclosures.jsonl, line 1: its entry 5 is not proven here"]


def test_a_contract_that_is_missing_or_another() -> None:
    assert faults(archive(replace(case(), contracts=()))) == [
        "contracts/shop-to-carrier/3.yaml: entries name this contract version, and it is missing"
    ]
    (text,) = case().contracts
    other = replace(text, canonical=b"{}")
    assert faults(archive(replace(case(), contracts=(other,)))) == [
        "contracts/shop-to-carrier/3.json: it is not the contract version that entries name"
    ]
    unknown = replace(text, canonical=None)
    assert faults(archive(replace(case(), contracts=(unknown,)))) == []


def test_a_published_checkpoint_that_is_not_continued() -> None:
    honest = case()
    assert honest.anchor is not None
    forged = note([attempt(666).to_bytes(), *leaves(5)[1:4]])
    lies = replace(honest, anchor=replace(honest.anchor, note=forged))
    (found,) = faults(archive(lies))
    assert found.startswith("anchor/consistency.txt: the published checkpoint is not continued")


def test_kept_checkpoints_are_compared() -> None:
    kept = [note(leaves(5)), note(leaves(5)[:4]), note(leaves(5)[:6])]
    report = verify_archive(archive(), keys=[KEY], kept=kept)
    assert report.faults == ()
    assert list(report.notes)[-4:-1] == [
        "kept checkpoint 1 (size 10) is confirmed",
        "kept checkpoint 2 (size 4) is confirmed",
        "kept checkpoints of other sizes, not compared: 1",
    ]
    forged = note([attempt(666).to_bytes(), *leaves(5)[1:]])
    report = verify_archive(archive(), keys=[KEY], kept=[forged])
    assert [str(fault) for fault in report.faults] == [
        "the archive: kept checkpoint 1 (size 10) has another root: history was rewritten"
    ]


def test_a_witness_must_have_cosigned_it_or_what_it_continues() -> None:
    witness, honest = SmallWitness((KEY,)), case()
    assert honest.anchor is not None
    report = verify_archive(archive(), keys=[KEY], witnesses=[witness.key])
    assert [fault.file for fault in report.faults] == ["checkpoint.note"]
    signed = honest.anchor.note + witness.cosign(honest.anchor.note)
    cosigned = archive(replace(honest, anchor=replace(honest.anchor, note=signed)))
    report = verify_archive(cosigned, keys=[KEY], witnesses=[witness.key])
    assert report.faults == ()
    assert "witness witness.example/w1 cosigned anchor/published.note" in report.notes


@pytest.mark.parametrize("name", ["", "../x", "X", "a/b", "ü"])
def test_an_attachment_has_a_plain_name(name: str) -> None:
    with pytest.raises(ValueError, match="attachment"):
        archive(replace(case(), attached={name: b""}))


def test_a_manifest_of_another_log_is_refused() -> None:
    other = Checkpoint(origin="other.example/log", size=0, root=bytes(32))
    assert other.origin != ORIGIN
    made = sealed_archive(replace(case(), origin="other.example/log"), (), SIGNER)
    assert "manifest.note: no trusted key signed the note" in faults(made)


def test_the_command_checks_an_archive(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "case.zip"
    path.write_bytes(archive())
    assert main([str(path), "--key", str(KEY)]) == 0
    told = capsys.readouterr().out
    assert re.search(r"^entries: 4; disclosures: 2; contract versions: 1$", told, re.MULTILINE)
    assert told.endswith("sound\n")
    changed = archive().replace(b'"shop"', b'"shoq"', 1)
    path.write_bytes(changed)
    assert main([str(path), "--key", str(KEY), "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert (report["sound"], report["faults"][0]["file"]) == (False, "manifest.note")


def test_the_command_stands_alone(tmp_path: Path) -> None:
    """It needs nothing of ours but this room, and of others' nothing but `cryptography`."""
    path = tmp_path / "case.zip"
    path.write_bytes(archive())
    program = (
        "import sys, runpy\n"
        "sys.argv = ['verify', *sys.argv[1:]]\n"
        "try: runpy.run_module('privacy_service.evidence.verify', run_name='__main__')\n"
        "except SystemExit: pass\n"
        "print(sorted({m for m in sys.modules if m.split('.')[0] in ('privacy_service', 'jinja2',\n"
        "  'sqlalchemy', 'grpc', 'google', 'pydantic', 'httpx') and\n"
        "  not m.startswith('privacy_service.evidence')}))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(path), "--key", str(KEY)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-2:] == [
        "sound",
        "['privacy_service', 'privacy_service.errors']",
    ]
