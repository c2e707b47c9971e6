"""The canonical form of a contract: equal terms, equal bytes, equal digest, on every machine.

Comments, spacing, key order, the order of lists that mean sets (fields, purposes, regions), and
the several ways to write one date or duration leave no trace in it. It is JSON with sorted keys
and no blanks, in which a value that stands at its default is left out, so that a release that
adds a key does not change the digest of contracts that do not use it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Final

from privacy_service.contracts.model import SharingContract
from privacy_service.contracts.written import Written, as_written

_SETS: Final = ("fields", "purposes", "regions", "subjects", "examples")


def canonical_bytes(contract: SharingContract) -> bytes:
    """The canonical form, in UTF-8."""
    written = dict(as_written(contract))
    for name in _SETS:
        listed = written.get(name)
        if isinstance(listed, list):
            written[name] = sorted(listed, key=_compact)
    return _compact(written).encode()


def digest(contract: SharingContract) -> str:
    """`sha256:` and the hex digest of the canonical form."""
    return "sha256:" + hashlib.sha256(canonical_bytes(contract)).hexdigest()


def _compact(written: Written | Mapping[str, Written]) -> str:
    return json.dumps(written, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
