"""What is exported is what is read back, whatever the entry holds."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from privacy_service.evidence.entries import AuditEntry, CategoryCount, ContractRef, EntryKind
from privacy_service.evidence.export import (
    ExportHeader,
    LoggedEntry,
    export_lines,
    read_entry,
    read_header,
)

words = st.text(st.characters(codec="utf-8"), max_size=20)
numbers = st.integers(0, 2**53)
entries = st.builds(
    AuditEntry,
    kind=st.sampled_from(EntryKind),
    action=words,
    at=st.datetimes(timezones=st.just(UTC), min_value=datetime(1970, 1, 1)),
    actor=words,
    partner=st.none() | words.filter(bool),
    outcome=words,
    attempt=st.none() | numbers,
    contracts=st.lists(
        st.builds(ContractRef, id=words, number=numbers, digest=words), max_size=2
    ).map(tuple),
    subjects=st.lists(words, max_size=2).map(tuple),
    categories=st.lists(
        st.builds(CategoryCount, entity=words, treatment=words, count=numbers), max_size=2
    ).map(tuple),
)


@given(entries)
@settings(deadline=None, max_examples=100)
def test_an_entry_is_read_back_from_its_leaf(entry: AuditEntry) -> None:
    assert AuditEntry.from_bytes(entry.to_bytes()) == entry


@given(
    st.lists(st.binary(max_size=40) | entries.map(AuditEntry.to_bytes), max_size=4),
    st.binary(min_size=32, max_size=32),
    words,
)
@settings(deadline=None, max_examples=100)
def test_an_export_is_read_back_line_by_line(
    leaves: list[bytes], digest: bytes, origin: str
) -> None:
    header = ExportHeader(
        origin=origin, verifier_key="k", checkpoint="a\nb\n", earlier_checkpoints=("c\n",)
    )
    logged = [
        LoggedEntry(position=position, leaf=leaf, digest=digest)
        for position, leaf in enumerate(leaves)
    ]
    lines = [line.encode() for line in export_lines(header, logged)]
    assert all(line.count(b"\n") == 1 and line.endswith(b"\n") for line in lines)
    assert read_header(lines[0]) == header
    assert [read_entry(line) for line in lines[1:]] == logged
