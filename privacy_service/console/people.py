"""People as officers write them in forms."""

from __future__ import annotations

from privacy_service.v1 import enforcement_pb2


def person(written: str) -> enforcement_pb2.SubjectRef:
    """Who `type=value` names. Raises ValueError for what names nobody."""
    kind, equals, value = written.strip().partition("=")
    if not (kind and equals and value):
        raise ValueError("write who as type=value, for example email=a@b.example")
    return enforcement_pb2.SubjectRef(type=kind, value=value)
