"""What comes back is restored where it was minted for the pair, and nowhere else."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from privacy_service.enforcement.ports import Pair
from privacy_service.enforcement.restore import TOKEN, restored, tokens_in
from privacy_service.records.pseudonyms import Pseudonyms
from tests.unit.enforcement.stage import decoded
from tests.unit.records.keyrings import made

words = st.text("abcdefghijklmnopqrstuvwxyz234567", min_size=26, max_size=26)
tokens = words.map("tok_{}".format)
# Values as hostile as they come: quotes, markup, and words that read like tokens themselves.
values = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=20) | tokens
minted = st.dictionaries(tokens, values, max_size=4)
filler = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=12).filter(
    lambda text: "tok_" not in text
)
JUNK = (
    "tok_", "tok_{}x", "xtok_{}", "TOK_{}", "tok_{}_", "_tok_{}", "tok-{}", "tok_ {}", "{}",
)  # fmt: skip


def restore(content_type: str, content: bytes, known: Mapping[str, str]) -> tuple[bytes, int, int]:
    document = decoded(content_type, content)
    done = restored(document, known, dict.fromkeys(known, "PERSON"))
    return document.render(done.changes), sum(one.count for one in done.entities), done.left


@given(minted, st.lists(filler | tokens, max_size=6), st.data())
@settings(deadline=None, max_examples=150)
def test_ours_are_restored_and_all_else_stays(
    known: dict[str, str], others: list[str], data: st.DataObject
) -> None:
    """Foreign and invented tokens read like ours; forged ones are near misses of them."""
    ours = list(known)
    forged = [
        shape.format(token[4:])
        for token in ours
        for shape in data.draw(st.lists(st.sampled_from(JUNK), max_size=3))
    ]
    pieces = data.draw(st.permutations([*ours, *others, *forged]))
    text = " ".join(pieces)
    expected = " ".join(known.get(piece, piece) for piece in pieces)
    got, put, _ = restore("application/json", json.dumps({"text": [text]}).encode(), known)
    assert json.loads(got) == {"text": [expected]}
    assert put == sum(piece in known for piece in pieces)


@given(minted)
@settings(deadline=None, max_examples=100)
@example({"tok_" + "a" * 26: "tok_" + "b" * 26, "tok_" + "b" * 26: "never"})
def test_a_value_that_reads_like_a_token_is_not_gone_over_again(known: dict[str, str]) -> None:
    content = json.dumps({token: token for token in known}).encode()
    got, _, _ = restore("application/json", content, known)
    pairs = json.loads(got, object_pairs_hook=list)
    assert [value for _, value in pairs] == list(known.values())


@given(minted.filter(bool))
@settings(deadline=None, max_examples=60)
def test_types_survive_in_every_content_type(known: dict[str, str]) -> None:
    row = list(known)
    out = io.StringIO()
    csv.writer(out).writerows([[f"name{n}" for n in range(len(row))], row])
    got, put, left = restore("text/csv", out.getvalue().encode(), known)
    assert list(csv.reader(io.StringIO(got.decode())))[1] == [known[token] for token in row]
    assert (put, left) == (len(row), 0)
    text = "<a>" + "".join(f"<b>{token}</b>" for token in row) + "</a>"
    got, put, _ = restore("application/xml", text.encode(), known)
    assert put == len(row)
    document = decoded("application/xml", got)
    texts = [node.text for node in document.nodes if not node.path or node.kind.scalar]
    for value in known.values():
        assert not value.strip() or any(value.strip() in text for text in texts)


@pytest.mark.parametrize(
    ("before", "after"),
    [("", ""), ("(", ")"), ("さん", "は"), ("„", "“"), ("<b>", "</b>"), ("*", "*")],
)
def test_tokens_are_found_in_any_script_and_between_any_marks(before: str, after: str) -> None:
    token = "tok_" + "a" * 26
    got, put, _ = restore("text/plain", f"{before}{token}{after}".encode(), {token: "Maria"})
    assert (got.decode(), put) == (f"{before}Maria{after}", 1)


def test_what_is_minted_is_what_is_looked_for(tmp_path_factory: pytest.TempPathFactory) -> None:
    pseudonyms = Pseudonyms(made(tmp_path_factory.mktemp("keys")))
    pair = Pair(sender="a", recipient="b", purpose="dpv:X")
    for value in ("Maria", "maria@mail.example", ""):
        token = pseudonyms.token(pair, "PERSON", value)
        assert TOKEN.fullmatch(token)
        assert tokens_in(decoded("text/plain", f"see {token}.".encode())) == {token}
