"""What is round a payload comes off whole, or not at all."""

from __future__ import annotations

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy_service import errors
from privacy_service.errors import PrivacyError, Reason
from privacy_service.gateway.coding import decoded, framed, unframed

CODERS = {"gzip": gzip.compress, "deflate": zlib.compress, "identity": lambda body: body}
MOST = 1000


def reason(call: object, *given: object) -> Reason:
    with pytest.raises(PrivacyError) as caught:
        call(*given, most=MOST)  # type: ignore[operator]
    return caught.value.reason


@given(st.binary(max_size=MOST), st.lists(st.sampled_from(sorted(CODERS)), max_size=2))
def test_codings_come_off_in_the_order_in_which_they_went_on(body: bytes, names: list[str]) -> None:
    coded = body
    for name in names:
        coded = CODERS[name](coded)
    assert decoded(coded, ", ".join(names), most=MOST) == body


@given(st.binary(max_size=50), st.binary(max_size=50))
def test_a_gzip_body_may_have_members(one: bytes, two: bytes) -> None:
    assert decoded(gzip.compress(one) + gzip.compress(two), "GZIP", most=MOST) == one + two


@given(st.binary(max_size=MOST), st.sampled_from(["gzip", "deflate"]), st.integers(1, 30))
def test_a_compressed_body_that_breaks_off_is_incomplete(body: bytes, name: str, cut: int) -> None:
    coded = CODERS[name](body)
    assert reason(decoded, coded[: -min(cut, len(coded))], name) is errors.BODY_INCOMPLETE


def test_what_follows_a_compressed_body_is_not_let_through() -> None:
    assert reason(decoded, gzip.compress(b"a") + b"more", "gzip") is errors.BODY_INCOMPLETE
    assert reason(decoded, zlib.compress(b"a") + b"more", "deflate") is errors.BODY_INCOMPLETE


def test_codings_are_bounded() -> None:
    assert reason(decoded, gzip.compress(b"a" * 1001), "gzip") is errors.PAYLOAD_TOO_LARGE
    twice = gzip.compress(b"a" * 600) + gzip.compress(b"a" * 600)
    assert reason(decoded, twice, "gzip") is errors.PAYLOAD_TOO_LARGE
    assert reason(decoded, b"a" * 1001, None) is errors.PAYLOAD_TOO_LARGE
    for unknown in ("br", "zstd", "gzip, br", "gzip, gzip, gzip"):
        assert reason(decoded, b"a", unknown) is errors.BODY_ENCODING_UNKNOWN


@given(st.binary(max_size=MOST))
def test_a_message_comes_out_of_its_frame(message: bytes) -> None:
    assert unframed(framed(message), None, most=MOST) == message
    packed = gzip.compress(message)
    frame = b"\1" + len(packed).to_bytes(4, "big") + packed
    assert unframed(frame, "gzip", most=MOST) == message


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", errors.BODY_INCOMPLETE),
        (b"\0\0\0\0", errors.BODY_INCOMPLETE),
        (b"\0\0\0\0\2a", errors.BODY_INCOMPLETE),
        (b"\2\0\0\0\1a", errors.BODY_INCOMPLETE),
        (framed(b"a") + framed(b"b"), errors.EXCHANGE_NOT_COVERED),
        (framed(b"a") + b"b", errors.EXCHANGE_NOT_COVERED),
        (b"\1\0\0\0\1a", errors.BODY_INCOMPLETE),
    ],
)
def test_a_frame_that_is_not_one_is_refused(body: bytes, why: Reason) -> None:
    assert reason(unframed, body, "gzip") is why
