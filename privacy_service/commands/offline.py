"""What `audit verify` and `evidence verify` have in common: options, and the check itself."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from privacy_service.commands.published import anchored, fetched, time_stamped
from privacy_service.commands.screen import Exit, end, errors_console
from privacy_service.evidence.verify import main as verify_offline

LogKeys = Annotated[
    list[str],
    typer.Option("--key", help="The log's verifier key, from a source that you trust; repeatable."),
]
Checkpoints = Annotated[
    list[Path] | None,
    typer.Option("--checkpoint", help="A checkpoint that you kept; repeatable."),
]
PublishedAt = Annotated[
    str | None,
    typer.Option(help="Where checkpoints are published: a directory or `s3://...`."),
]
Witnesses = Annotated[
    list[str] | None, typer.Option(help="The key of a witness that must have cosigned; repeatable.")
]
TimeStampRoots = Annotated[
    Path | None,
    typer.Option(
        help="PEM file of roots: the published checkpoints, or the archive's, must be time-stamped."
    ),
]


def checked(
    file: Path,
    *,
    keys: list[str],
    checkpoints: list[Path] | None,
    published: str | None,
    witnesses: list[str] | None,
    time_stamp_roots: Path | None,
    entry: Path | None = None,
    as_json: bool,
) -> None:
    """Says what is wrong, and ends the command unless nothing is."""
    asked = [str(file), *_repeated("--key", keys), *_repeated("--witness", witnesses or ())]
    asked += _repeated("--checkpoint", map(str, checkpoints or ()))
    asked += ["--entry", str(entry)] if entry else []
    asked += ["--json"] if as_json else []
    with fetched(published) if published else nullcontext() as folder:
        code = verify_offline([*asked, *(["--checkpoint", str(folder)] if folder else [])])
        if time_stamp_roots is not None:
            with anchored(file) if folder is None else nullcontext(folder) as stamped:
                # With --json the report alone is written to the standard output.
                code = max(code, time_stamped(stamped, time_stamp_roots, say=errors_console.print))
    if code:
        end(Exit(code))


def _repeated(option: str, values: Iterable[str]) -> list[str]:
    return [word for value in values for word in (option, value)]
