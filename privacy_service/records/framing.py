"""One unambiguous byte string from several parts: each part after its length.

Everything that this room binds, derives or digests is framed, so that no two lists of parts give
the same bytes ("ab", "c" and "a", "bc").
"""

from __future__ import annotations


def framed(*parts: str | bytes) -> bytes:
    """Each part's length in four bytes, big-endian, and the part; text as UTF-8.

    A lone surrogate, which JSON can hold and UTF-8 cannot, is encoded as its three bytes.
    """
    encoded = [part if isinstance(part, bytes) else _utf8(part) for part in parts]
    return b"".join(len(part).to_bytes(4, "big") + part for part in encoded)


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
