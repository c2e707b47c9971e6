"""`privacy-service bundle`: what a person was given, opened offline with its key."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from privacy_service.commands.screen import AsJson, console, print_json, refusing
from privacy_service.records.hpke import decrypt
from privacy_service.subjects.bundles import joined, page, part_info

bundle = typer.Typer(no_args_is_help=True, help="Bundles for people: opened with their key.")
bundle.callback()(lambda: None)  # so that its one command goes by its name


@bundle.command("open")
@refusing
def open_bundle(
    file: Annotated[Path, typer.Argument(metavar="BUNDLE", help="The encrypted bundle.")],
    folder: Annotated[Path, typer.Argument(help="Where bundle.json and bundle.html go.")],
    private_key: Annotated[Path, typer.Option(help="The file of the private key.")],
    as_json: AsJson = False,
) -> None:
    """Opens a bundle: one file for machines, one page to read. Nothing is asked of any service.

    Example: privacy-service bundle open maria.bundle maria --private-key maria.key
    """
    whole = joined(_parts(file, private_key.read_text(encoding="ascii").strip()))
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    written = {
        "bundle.json": json.dumps(whole, ensure_ascii=False, indent=1),
        "bundle.html": page(whole),
    }
    for name, content in written.items():
        path = folder / name
        path.touch(mode=0o600)
        path.write_text(content, encoding="utf-8")
    if as_json:
        print_json({"files": [str(folder / name) for name in written]})
    else:
        console.print(f"wrote {' and '.join(str(folder / name) for name in written)}", markup=False)


def _parts(file: Path, private_key: str) -> Iterator[dict[str, Any]]:
    """Each part, opened in its place. Raises VALUE_UNREADABLE."""
    with file.open(encoding="ascii") as lines:
        request = next(lines, "").strip()
        for number, line in enumerate(lines):
            opened = decrypt(line.strip(), private_key=private_key, info=part_info(request, number))
            yield json.loads(opened)
