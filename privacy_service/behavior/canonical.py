"""The canonical form of a behavior contract: equal terms, equal bytes, equal digest, everywhere.

It is JSON with sorted keys, made from the model; what stands at its default is left out, so that a
release that adds a key does not change the digest of contracts that do not use it. The order of
expectations, failure modes, playbooks and examples says nothing and leaves no trace.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from typing import Any, Final

from privacy_service.behavior.model import BehaviorContract

_SETS: Final = ("expectations", "failure_modes", "examples", "playbooks")


def canonical_bytes(contract: BehaviorContract) -> bytes:
    """The canonical form, in UTF-8."""
    written: dict[str, Any] = plain(contract)
    for name in _SETS:
        if name in written:
            written[name] = sorted(written[name], key=_compact)
    return _compact(written).encode()


def digest(contract: BehaviorContract) -> str:
    """`sha256:` and the hex digest of the canonical form."""
    return "sha256:" + hashlib.sha256(canonical_bytes(contract)).hexdigest()


def plain(value: Any) -> Any:
    """A value of the model as JSON has it; what stands at its default is left out."""
    if is_dataclass(value) and not isinstance(value, type):
        kept = {
            one.name: plain(getattr(value, one.name))
            for one in fields(value)
            if getattr(value, one.name) != _default(one)
        }
        # Which kind of expectation it is shows in its type alone.
        return {"is": type(value).__name__, **kept}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Mapping):
        return {str(name): plain(one) for name, one in value.items()}
    if isinstance(value, tuple | list):
        return [plain(one) for one in value]
    return value


def _default(one: Field[Any]) -> Any:
    if one.default is not MISSING:
        return one.default
    return one.default_factory() if one.default_factory is not MISSING else MISSING


def _compact(written: Any) -> str:
    return json.dumps(written, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
