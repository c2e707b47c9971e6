"""Publishing the log's head, and refusing to where the log is not what it was."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from privacy_service import errors
from privacy_service.errors import PrivacyError
from privacy_service.evidence.checkpoint import open_checkpoint
from privacy_service.evidence.cosignature import cosignatures
from privacy_service.publishing.places import Directory
from privacy_service.publishing.published import name_of
from privacy_service.publishing.time_stamps import StampInvalid, TimeStampAuthority, TrustedRoots
from privacy_service.publishing.witnesses import Witness
from tests.publishing.authority import Authority
from tests.publishing.logs import KEYS, MemoryLog, head_of, published_at, publisher
from tests.publishing.witness import SmallWitness
from tests.unit.evidence.audit_logs import attempt, audit, kinds, lines, log


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "published"


def contradicted(run: object) -> dict[str, str | int]:
    with pytest.raises(PrivacyError) as refusal:
        run()  # type: ignore[operator]
    assert refusal.value.reason is errors.LOG_CONTRADICTS_CHECKPOINT
    return refusal.value.details


def test_the_head_is_published_once(place: Path) -> None:
    grown = MemoryLog()
    first = publisher(grown, place).publish()
    assert (first.new, first.file, first.missing) == (True, name_of(20), ())
    again = publisher(grown, place).publish()
    assert (again.new, again.file) == (False, first.file)
    grown.grow(3)
    assert publisher(grown, place).publish().new
    assert [file.name for file in sorted(place.iterdir())] == [name_of(20), name_of(26)]
    for file in place.iterdir():
        assert open_checkpoint(file.read_text(), *KEYS).size == int(file.stem)


def test_what_is_published_convicts_a_log_that_was_cut_or_rewritten(place: Path) -> None:
    publisher(MemoryLog(), place).publish()
    kept = tuple(file.read_text() for file in place.iterdir())
    assert kinds(audit(lines(log(8)), kept=kept)) == [("tail-cut", 16, 19)]


def test_many_replicas_publish_one(place: Path) -> None:
    grown = MemoryLog()
    with ThreadPoolExecutor(6) as crowd:
        done = list(crowd.map(lambda _: publisher(grown, place).publish(), range(6)))
    assert [one.new for one in done].count(True) == 1
    assert {one.file for one in done} == {name_of(20)}


@pytest.mark.parametrize("kept", [0, 7, 19])
def test_a_log_that_was_cut_is_not_signed(place: Path, kept: int) -> None:
    grown = MemoryLog()
    publisher(grown, place).publish()
    cut = MemoryLog(grown.leaves[:kept])
    assert contradicted(publisher(cut, place).publish) == {"known": 20, "size": kept}
    assert contradicted(lambda: head_of(Directory(place), cut).note(cut))["known"] == 20
    assert [file.name for file in place.iterdir()] == [name_of(20)]


@pytest.mark.parametrize("more", [0, 4])
@pytest.mark.parametrize("at", [0, 11, 19])
def test_a_log_that_was_rewritten_is_not_signed(place: Path, at: int, more: int) -> None:
    grown = MemoryLog()
    publisher(grown, place).publish()
    forged = [*grown.leaves]
    forged[at] = attempt(666).to_bytes()
    rewritten = MemoryLog([*forged, *log(more)])
    assert contradicted(publisher(rewritten, place).publish)["known"] == 20
    assert contradicted(lambda: head_of(Directory(place), rewritten).note(rewritten))["known"] == 20


def test_a_process_remembers_what_it_signed_where_nothing_is_published() -> None:
    grown = MemoryLog()
    head = head_of(None, grown)
    assert open_checkpoint(head.note(grown), *KEYS).size == 20
    grown.grow(1)
    head.note(grown)
    whole = grown.leaves
    grown.leaves = whole[:20]
    grown.rebuild()
    assert contradicted(lambda: head.note(grown))["known"] == 22
    grown.leaves = [*whole, *log(1)]
    grown.rebuild()
    head.note(grown)


def test_a_state_that_was_read_before_others_signed_is_no_contradiction() -> None:
    grown = MemoryLog()
    head, before = head_of(None, grown), MemoryLog([*grown.leaves])
    grown.grow(2)
    head.note(grown)
    assert open_checkpoint(head.note(before), *KEYS).size == 20
    forged = MemoryLog([*grown.leaves[:19], attempt(666).to_bytes()])
    assert contradicted(lambda: head.note(forged)) == {"known": 20, "size": 24}


def test_a_replica_sees_what_another_one_published(place: Path) -> None:
    mine = MemoryLog(log(5))
    head = head_of(Directory(place), mine)
    head.note(mine)
    publisher(MemoryLog(), place).publish()
    assert contradicted(lambda: head.note(mine))["known"] == 20


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (name_of(99), b"not a note"),
        (name_of(99), b"\xff"),
        (name_of(99), None),  # the checkpoint of another size under this one's name
    ],
)
def test_nothing_is_signed_beside_a_file_that_is_no_checkpoint_of_ours(
    place: Path, name: str, content: bytes | None
) -> None:
    grown = MemoryLog()
    publisher(grown, place).publish()
    (place / name).write_bytes(content or (place / name_of(20)).read_bytes())
    assert contradicted(publisher(grown, place).publish) == {"file": name}


def test_a_place_that_is_gone_means_that_nothing_is_signed(place: Path) -> None:
    place.write_bytes(b"a file where the directory was")
    for run in (publisher(MemoryLog(), place).publish, lambda: _note(place)):
        with pytest.raises(PrivacyError) as refusal:
            run()
        assert refusal.value.reason is errors.PUBLICATION_UNAVAILABLE


def _note(place: Path) -> str:
    log = MemoryLog()
    return head_of(Directory(place), log).note(log)


# -- Witnesses --------------------------------------------------------------------------------


def test_a_witness_cosigns_what_grows(place: Path) -> None:
    grown, small = MemoryLog(), SmallWitness(KEYS)
    with small.serving() as url:
        witness = Witness(key=small.key, url=url)
        for size in (20, 24, 31):
            grown.leaves = (grown.leaves + log(10))[:size]
            grown.rebuild()
            done = publisher(grown, place, witnesses=(witness,)).publish()
            assert (done.cosigned, done.missing) == ((small.name,), ())
            note = (place / done.file).read_text()
            assert cosignatures(note, small.key) == {small.key: small.at}
            assert open_checkpoint(note, *KEYS).size == size
    assert small.asked == [200, 200, 200]


def test_a_witness_that_missed_some_is_asked_from_where_it_stands(place: Path) -> None:
    grown, small = MemoryLog(), SmallWitness(KEYS)
    with small.serving() as url:
        witness = Witness(key=small.key, url=url)
        publisher(grown, place, witnesses=(witness,)).publish()
        for _ in range(2):
            grown.grow(2)
            publisher(grown, place).publish()
        grown.grow(2)
        assert publisher(grown, place, witnesses=(witness,)).publish().cosigned == (small.name,)
    assert small.asked == [200, 409, 200]


def test_a_checkpoint_that_was_cosigned_and_never_written_is_published_by_the_next_run(
    place: Path,
) -> None:
    grown, small = MemoryLog(), SmallWitness(KEYS)
    with small.serving() as url:
        witness = Witness(key=small.key, url=url)
        publisher(grown, place / "lost", witnesses=(witness,)).publish()
        done = publisher(grown, place, witnesses=(witness,)).publish()
    assert (done.new, done.cosigned) == (True, (small.name,))


def test_a_witness_finds_a_log_that_was_cut_though_all_that_was_published_is_gone(
    place: Path, tmp_path: Path
) -> None:
    small = SmallWitness(KEYS)
    with small.serving() as url:
        witness = Witness(key=small.key, url=url)
        publisher(MemoryLog(), place, witnesses=(witness,)).publish()
        forged = [*MemoryLog().leaves]
        forged[3] = attempt(666).to_bytes()
        for other in (log(8), forged, [*forged, *log(2)]):
            run = publisher(MemoryLog(other), tmp_path / "anew", witnesses=(witness,)).publish
            assert contradicted(run).get("witness", small.name) == small.name
    assert not (tmp_path / "anew").exists()


def test_a_witness_that_was_told_of_more_by_another_replica_is_no_contradiction(
    place: Path, tmp_path: Path
) -> None:
    grown, small = MemoryLog(), SmallWitness(KEYS)

    class Quicker(Witness):
        """While it is asked, another replica publishes what came since."""

        def cosign(self, note: str, **how: Any) -> str:
            grown.grow(2)
            publisher(grown, tmp_path / "other", witnesses=(plain,)).publish()
            return super().cosign(note, **how)

    with small.serving() as url:
        plain = Witness(key=small.key, url=url)
        quicker = Quicker(key=small.key, url=url)
        done = publisher(grown, place, witnesses=(quicker,)).publish()
    assert (done.new, done.cosigned) == (True, ())
    assert "it has seen a newer checkpoint already" in done.missing[0]


def test_what_a_witness_cannot_do_is_told_and_the_checkpoint_published(place: Path) -> None:
    deaf = SmallWitness((), name="witness.example/deaf")
    liar = SmallWitness(KEYS, seed=5, name="witness.example/liar")
    honest = SmallWitness(KEYS)
    with deaf.serving() as first, liar.serving() as second, honest.serving() as third:
        gone = "http://127.0.0.1:9"
        done = publisher(
            MemoryLog(),
            place,
            witnesses=(
                Witness(key=deaf.key, url=first),
                Witness(key=SmallWitness(KEYS, name=liar.name).key, url=second),
                Witness(key=SmallWitness(KEYS, name="witness.example/gone").key, url=gone),
                Witness(key=honest.key, url=third),
            ),
        ).publish()
    assert done.new
    assert done.cosigned == (honest.name,)
    assert [why.split(": ")[0] for why in done.missing] == [
        "witness witness.example/deaf",
        "witness witness.example/liar",
        "witness witness.example/gone",
    ]


# -- Time stamps ------------------------------------------------------------------------------


def test_a_checkpoint_is_time_stamped(place: Path, tmp_path: Path) -> None:
    authority, grown = Authority(), MemoryLog()
    roots = TrustedRoots.read(authority.write_roots(tmp_path / "roots.pem"))
    with authority.serving() as url:
        stamps = TimeStampAuthority(url=url, roots=roots)
        done = publisher(grown, place, time_stamps=stamps).publish()
        assert (done.stamped, done.missing) == (True, ())
        publisher(grown, place, time_stamps=stamps).publish()
    assert authority.asked == 1, "what is stamped is not stamped again"
    note = (place / name_of(20)).read_bytes()
    stamp = (place / name_of(20, ".tsr")).read_bytes()
    assert roots.verify(stamp, note) == authority.at
    for changed in (note + b" ", b""):
        with pytest.raises(StampInvalid):
            roots.verify(stamp, changed)
    with pytest.raises(StampInvalid):
        roots.verify(b"not a stamp", note)
    stranger = TrustedRoots.read(Authority().write_roots(tmp_path / "stranger.pem"))
    with pytest.raises(StampInvalid):
        stranger.verify(stamp, note)


def test_a_missing_time_stamp_is_made_up_by_the_next_run(place: Path, tmp_path: Path) -> None:
    authority, grown = Authority(lies=True), MemoryLog()
    roots = TrustedRoots.read(authority.write_roots(tmp_path / "roots.pem"))
    with authority.serving() as url:
        stamps = TimeStampAuthority(url=url, roots=roots)
        done = publisher(grown, place, time_stamps=stamps).publish()
        assert (done.new, done.stamped) == (True, False)
        assert done.missing[0].startswith("time stamp: ")
        authority.lies = False
        again = publisher(grown, place, time_stamps=stamps).publish()
    assert (again.new, again.stamped, again.missing) == (False, True, ())


def test_published_checkpoints_are_read_back_in_order(place: Path) -> None:
    grown = MemoryLog(log(1))
    for _ in range(3):
        publisher(grown, place).publish()
        grown.grow(5)
    found = [one.checkpoint.size for one in published_at(Directory(place)).all()]
    assert found == [2, 12, 22]
