"""Any byte of an evidence archive that is changed is found, and placed where it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import example, given, settings
from hypothesis import strategies as st

from privacy_service.evidence.archive_verify import verify_archive
from privacy_service.evidence.stored_zip import PackedFile, packed, walked
from tests.unit.evidence.archives import archive, case, span_case
from tests.unit.evidence.audit_logs import AT, SIGNER

KEYS = (SIGNER.verifier_key,)
SOUND = archive(
    replace(span_case(5, (2, 3, 8, 9), range(2, 9), partner="shop"), anchor=case().anchor)
)
FILES = list(walked(SOUND))


def places() -> list[tuple[range, str]]:
    """Which bytes are the content of which file."""
    found, at = [], 0
    for file in FILES:
        at = SOUND.index(file.name.encode(), at) + len(file.name)
        found.append((range(at, at + len(file.content)), file.name))
        at += len(file.content)
    return found


PLACES = places()


def file_at(at: int) -> str:
    """The file whose content the byte belongs to; empty for the archive's own."""
    return next((name for bytes_, name in PLACES if at in bytes_), "")


@given(st.integers(0, len(SOUND) - 1), st.integers(0, 7))
@example(PLACES[0][0].stop, 0)  # the mark at which the manifest ends
@settings(deadline=None, max_examples=400)
def test_a_flipped_bit_is_placed(at: int, bit: int) -> None:
    changed = bytearray(SOUND)
    changed[at] ^= 1 << bit
    report = verify_archive(bytes(changed), keys=KEYS)
    assert report.faults, f"byte {at} of {file_at(at) or 'the archive'}"
    assert report.faults[0].file == file_at(at), report.faults[0]
    if not file_at(at):
        assert report.faults[0].says.startswith(f"byte {at} was changed, in "), report.faults[0]


@given(st.integers(0, len(SOUND) - 1))
@settings(deadline=None, max_examples=60)
def test_a_cut_archive_is_found(size: int) -> None:
    assert verify_archive(SOUND[:size], keys=KEYS).faults


@given(st.binary(max_size=200))
@settings(deadline=None, max_examples=60)
def test_what_is_no_archive_is_no_crash(content: bytes) -> None:
    assert verify_archive(content, keys=KEYS).faults
    assert verify_archive(SOUND[:60] + content, keys=KEYS).faults
    assert verify_archive(SOUND + content, keys=KEYS).faults or not content


@given(st.sampled_from(FILES), st.binary(max_size=60))
@settings(deadline=None, max_examples=100)
def test_a_file_that_was_replaced_is_named(chosen: PackedFile, content: bytes) -> None:
    changed = [
        PackedFile(name=file.name, content=content if file is chosen else file.content)
        for file in FILES
    ]
    report = verify_archive(packed(changed), keys=KEYS)
    assert content == chosen.content or chosen.name in {fault.file for fault in report.faults}


@given(st.integers(2, 9), st.booleans(), st.data())
@settings(deadline=None, max_examples=40)
def test_what_a_period_lacks_is_seen(pairs: int, filtered: bool, data: st.DataObject) -> None:
    """Whoever makes the archive has the log's own key, and is not believed about what is there."""
    first = data.draw(st.integers(0, pairs - 1))
    end = data.draw(st.integers(first + 1, pairs))
    places = range(2 * first, 2 * end)
    beside = range(max(2 * first - 2, 0), min(2 * end + 2, 2 * pairs))
    left_out = data.draw(st.sets(st.sampled_from(range(first, end)), max_size=2))
    gone = {n for pair in left_out for n in (2 * pair, 2 * pair + 1)}
    chosen = tuple(n for n in beside if n not in gone)
    asked = {"partner": "shop"} if filtered else {}
    report = verify_archive(archive(span_case(pairs, chosen, places, **asked)), keys=KEYS)
    told = [fault.says for fault in report.faults]
    assert told == (
        [] if filtered else [f"entry {n} of the period is withheld" for n in sorted(gone)]
    )
    if gone:
        assert f"and {len(gone)} are withheld" in report.notes[-1]
    else:
        assert report.notes[-1].startswith("complete: ")


def test_a_period_whose_ends_are_not_shown_is_not_whole() -> None:
    """A shorter span, and no neighbours: entries of the period stand beside it, unseen."""
    made = span_case(6, tuple(range(4, 8)), range(4, 8))
    assert [fault.says for fault in verify_archive(archive(made), keys=KEYS).faults] == [
        "nothing shows that the period does not begin before position 4",
        "nothing shows that the period ends before position 8",
    ]
    wide = replace(made.asked, since=AT, until=AT + timedelta(hours=1))
    seen = replace(span_case(6, tuple(range(2, 10)), range(4, 8)), asked=wide)
    assert [fault.says for fault in verify_archive(archive(seen), keys=KEYS).faults] == [
        f"entry {n} is of the period, and not in its span" for n in (2, 3, 8, 9)
    ]
    bare = replace(made, span=None)
    assert [str(fault) for fault in verify_archive(archive(bare), keys=KEYS).faults] == [
        "span.txt: it is missing: nothing shows that the period is whole"
    ]


@given(st.integers(1, 12), st.data())
@settings(deadline=None, max_examples=30)
def test_every_selection_of_every_log_is_sound(pairs: int, data: st.DataObject) -> None:
    effects = data.draw(st.sets(st.integers(0, pairs - 1), min_size=1))
    chosen = tuple(sorted(n for pair in effects for n in (2 * pair, 2 * pair + 1)))
    published = data.draw(st.integers(0, 2 * pairs))
    made = archive(case(pairs, chosen, published))
    report = verify_archive(made, keys=KEYS)
    assert report.faults == ()
    assert (report.entries, report.disclosures) == (len(chosen), len(effects))
    assert made == archive(case(pairs, chosen, published)), "the same case is the same archive"
