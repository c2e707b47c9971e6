"""`--stream` of `privacy-service behavior check` and `send`: an output while it comes.

What may go out is on the standard output at once, and everything else on the standard error, so
that a model's output can be piped through. With `--json` each line is one value.
"""

from __future__ import annotations

import codecs
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from privacy_service.behavior.check import Checked
from privacy_service.behavior.compiled import Compiled
from privacy_service.behavior.model import Side
from privacy_service.behavior.outflow import Outflow
from privacy_service.behavior.rehearse import Stage
from privacy_service.behavior.streamed import plan_for
from privacy_service.behavior.subject import Company
from privacy_service.commands.screen import errors_console
from privacy_service.v1 import behavior_pb2 as pb
from privacy_service.v1 import behavior_pb2_grpc

STDIN: Final = Path("-")
_PIECE: Final = 4_096
_SECONDS: Final = 600.0


def pieces_of(file: Path) -> Iterator[bytes]:
    """What a file or, for `-`, the standard input gives, as it gives it."""
    opened = os.dup(0) if file == STDIN else os.open(file, os.O_RDONLY)
    try:
        while piece := os.read(opened, _PIECE):
            yield piece
    finally:
        os.close(opened)


def check_here(
    file: Path,
    stage: Stage,
    compiled: Compiled,
    content_type: str,
    company: Company,
    *,
    as_json: bool,
) -> Checked:
    """Shows what may go out as it may, without a service; the same verdict as for a whole file."""
    streams = plan_for(compiled, company, content_type)
    _say_bounds([one.name for one in streams.whole], streams.bounds)
    outflow = Outflow(
        streams,
        lambda text: stage.part(text, side=Side.OUTPUT, company=company),
        whole=bool(streams.whole),
    )
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    whole, gone = b"", ""
    for piece in pieces_of(file):
        whole += piece
        out = outflow.add(decoder.decode(piece))
        _show(out, as_json=as_json)
        gone += out
    checked = stage.checked(
        compiled, side=Side.OUTPUT, content=whole, content_type=content_type, company=company
    )
    content = (checked.content or b"").decode("utf-8", "replace")
    if content.startswith(gone):
        _show(content[len(gone) :], as_json=as_json)
    else:
        _take_back(content, as_json=as_json)
    return checked


def check_there(
    file: Path,
    stub: behavior_pb2_grpc.BehaviorServiceStub,
    opening: pb.CheckOutputRequest,
    metadata: Any,
    *,
    as_json: bool,
) -> pb.CheckResult:
    """Has a service check what comes, and shows what it releases as it does."""
    answers = stub.CheckOutputStream(
        _requests(opening, pieces_of(file)), timeout=_SECONDS, metadata=metadata
    )
    result = pb.CheckResult()
    for answer in answers:
        if answer.HasField("opened"):
            bounds = [(one.expectation_id, one) for one in answer.opened.bounds]
            _say_bounds(list(answer.opened.whole), bounds)
        elif answer.HasField("stopped"):
            errors_console.print("nothing more goes out before the end")
        elif answer.HasField("ended"):
            result = answer.ended.result
            if answer.ended.take_back:
                _take_back("", as_json=as_json)
        else:
            _show(answer.released.decode("utf-8", "replace"), as_json=as_json)
    return result


def _requests(
    opening: pb.CheckOutputRequest, pieces: Iterator[bytes]
) -> Iterator[pb.CheckOutputStreamRequest]:
    yield pb.CheckOutputStreamRequest(opening=opening)
    for piece in pieces:
        yield pb.CheckOutputStreamRequest(chunk=piece)
    yield pb.CheckOutputStreamRequest(end=pb.OutputEnd())


def _say_bounds(whole: list[str], bounds: Any) -> None:
    if whole:
        errors_console.print(f"held back to its end, for {', '.join(whole)}", markup=False)
    for name, bound in bounds if not whole else ():
        parts = (
            (bound.characters, "characters"),
            (bound.words, "words"),
            (bound.lines, "lines"),
        )
        most = ", ".join(f"{count} {unit}" for count, unit in parts if count)
        errors_console.print(f"{name} holds back at most {most}", markup=False)


def _show(text: str, *, as_json: bool) -> None:
    if text:
        write_line({"released": text} if as_json else text)


def _take_back(content: str, *, as_json: bool) -> None:
    errors_console.print("[bold red]take back what went out[/]")
    if as_json:
        write_line({"take_back": True})
    if content:
        _show(content, as_json=as_json)


def write_line(value: object) -> None:
    """A text as it is, and any other value as JSON on a line of its own, at once."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False) + "\n"
    sys.stdout.write(text)
    sys.stdout.flush()
