"""`privacy-service breach bounces`: mail that came back, matched to what it is about."""

from __future__ import annotations

import mailbox
import uuid
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Annotated, Final

import typer

from privacy_service.commands.breach import breach
from privacy_service.commands.client import Connection, calling, plain
from privacy_service.commands.screen import AsJson, console, print_json
from privacy_service.v1 import mailings_pb2 as pb
from privacy_service.v1 import mailings_pb2_grpc as pb_grpc

_SECONDS: Final = 60.0
_AT_A_TIME: Final = 50
_MOST_BYTES: Final = 1 << 17
"""Of a message the service looks at no more."""


@breach.command()
@calling
def bounces(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE…",
            help="Messages (.eml), mbox files, Maildirs or directories of messages.",
        ),
    ],
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Reads mail that came back; the letters and notices that it is about are known as bounced.

    Example: privacy-service breach bounces returned.mbox --token officer.jwt
    """
    for file in files:
        if not file.exists():
            raise typer.BadParameter(f"there is no {file}", param_hint="FILE")
    named = ((name, content) for file in files for name, content in _messages(file))
    counts: Counter[str] = Counter()
    found = []
    with connection.open() as channel:
        stub = pb_grpc.MailingServiceStub(channel)
        while page := list(islice(named, _AT_A_TIME)):
            request = pb.RecordReturnedMailRequest(
                messages=[content for _, content in page], request_id=str(uuid.uuid4())
            )
            answer = stub.RecordReturnedMail(
                request, timeout=_SECONDS, metadata=connection.metadata
            )
            for (name, _), one in zip(page, answer.returned, strict=True):
                counts[_kind(one)] += 1
                found.append({"message": name} | plain(one))
                if not as_json and one.kind == pb.RETURNED_MAIL_KIND_BOUNCED:
                    what = "a letter of " if one.letter else ""
                    said = f" ({one.status})" if one.status else ""
                    console.print(f"{name}: {what}{one.notice_id} bounced{said}", markup=False)
    if as_json:
        print_json(found)
        return
    listed = ", ".join(f"{many} {kind}" for kind, many in sorted(counts.items()))
    console.print(f"{counts.total()} messages: {listed or 'none'}", markup=False)


def _messages(file: Path) -> Iterator[tuple[str, bytes]]:
    """Each message by a name for it, its beginning alone: a file of any size is read bit by bit."""
    if file.is_dir() and (file / "new").is_dir() and (file / "cur").is_dir():
        files = [one for part in ("new", "cur") for one in sorted((file / part).iterdir())]
    elif file.is_dir():
        files = sorted(one for one in file.iterdir() if one.is_file())
    elif _is_mbox(file):
        box = mailbox.mbox(file, create=False)
        for number, key in enumerate(box.iterkeys(), 1):
            with box.get_file(key) as message:
                yield f"{file}#{number}", message.read(_MOST_BYTES)
        return
    else:
        files = [file]
    for one in files:
        with one.open("rb") as message:
            yield str(one), message.read(_MOST_BYTES)


def _is_mbox(file: Path) -> bool:
    with file.open("rb") as opened:
        return opened.read(5) == b"From "


def _kind(one: pb.ReturnedMail) -> str:
    word = pb.ReturnedMailKind.Name(one.kind).removeprefix("RETURNED_MAIL_KIND_")
    return word.lower().replace("_", " ")
