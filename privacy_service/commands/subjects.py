"""Options by which commands name people, and requests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from privacy_service.v1 import enforcement_pb2

Subjects = Annotated[
    list[str] | None, typer.Option("--subject", help="A person, as type=value; repeatable.")
]
RequestId = Annotated[str | None, typer.Option(help="A UUID; the same one has its effect once.")]


def subject_refs(written: Sequence[str] | None) -> list[enforcement_pb2.SubjectRef]:
    """The people of `--subject` options. Raises BadParameter for one that names nobody."""
    return [_subject(one) for one in written or ()]


def _subject(written: str) -> enforcement_pb2.SubjectRef:
    kind, equals, value = written.partition("=")
    if not (kind and equals and value):
        raise typer.BadParameter("write a subject as type=value, for example email=a@b.example")
    return enforcement_pb2.SubjectRef(type=kind, value=value)
