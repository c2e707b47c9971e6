"""How the engine writes down what goes in and out of work: as JSON, never as pickled code.

Whoever can write to the engine's database must not be able to run code here, which unpickling
would let them; and nothing but small plain values should stand there.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, Final

from dbos import Serializer

_INSTANT: Final = "$instant"
_FAILURE: Final = "$failure"


class WorkFailed(Exception):  # noqa: N818 -- it says what is so
    """A failure that was written down: its reason or kind, and no more."""


class PlainJson(Serializer):
    """JSON, with instants, and failures by their name alone."""

    def serialize(self, data: Any) -> str:
        return json.dumps(data, default=_written, separators=(",", ":"))

    def deserialize(self, serialized_data: str) -> Any:
        return json.loads(serialized_data, object_hook=_read)

    def name(self) -> str:
        return "privacy_json"


def _written(value: object) -> dict[str, str]:
    if isinstance(value, datetime):
        return {_INSTANT: value.isoformat()}
    if isinstance(value, BaseException):
        reason = getattr(value, "reason", None)
        return {_FAILURE: getattr(reason, "code", type(value).__name__)}
    raise TypeError(f"a {type(value).__name__} is not written down")


def _read(value: dict[str, Any]) -> Any:
    if value.keys() == {_INSTANT}:
        return datetime.fromisoformat(value[_INSTANT])
    if value.keys() == {_FAILURE}:
        return WorkFailed(value[_FAILURE])
    return value
