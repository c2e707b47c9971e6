"""`privacy-service examples`, and where the examples that ship are."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated, Final

import typer

import privacy_service
from privacy_service.commands.screen import AsJson, console, print_json

HERE: Final = Path("examples")


def shipped() -> Path:
    """The folder with the examples: that of the installed package, or of the repository."""
    package = Path(privacy_service.__file__).parent
    installed = package / "examples"
    return installed if installed.is_dir() else package.parent / "examples"


def nearest() -> Path:
    """The examples of the folder that this runs in, if it has some; else those that ship."""
    return HERE if (HERE / "contracts").is_dir() else shipped()


def examples(
    folder: Annotated[Path, typer.Argument(help="Where they go; made if it is not there.")] = HERE,
    as_json: AsJson = False,
) -> None:
    """Copies the examples that ship: contracts, payloads, scenarios, clients in Python and Node.

    A file that is there is left as it is.
    Example: privacy-service examples try-it
    """
    copied, left = [], []
    source = shipped()
    for file in sorted(path for path in source.rglob("*") if _is_example(path)):
        target = folder / file.relative_to(source)
        if target.exists():
            left.append(str(target))
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
        copied.append(str(target))
    if as_json:
        print_json({"copied": copied, "left": left})
        return
    console.print(f"{folder}: {len(copied)} files", markup=False)
    if left:
        console.print(f"left as they are: {len(left)}")
    console.print("next: privacy-service serve --demo", markup=False)


def _is_example(path: Path) -> bool:
    return path.is_file() and not {"node_modules", "__pycache__"} & set(path.parts)
