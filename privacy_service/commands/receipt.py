"""`privacy-service receipt`: erasure receipts, checked by anyone, anywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from privacy_service.commands.screen import AsJson, Exit, end
from privacy_service.evidence.verify_receipt import main as verify_receipt

receipt = typer.Typer(no_args_is_help=True, help="Erasure receipts: checked offline, by anyone.")
receipt.callback()(lambda: None)  # so that its one command goes by its name


@receipt.command()
def verify(
    file: Annotated[Path, typer.Argument(metavar="RECEIPT", help="The receipt's file.")],
    key: Annotated[
        list[str], typer.Option(help="The log's verifier key; repeat it for retired ones.")
    ],
    as_json: AsJson = False,
) -> None:
    """Checks a receipt: who signed it, that it stands in the log, and what it says.

    No service, database or network is asked. Ends with 0 sound, 1 not sound, 2 unusable.
    Example: privacy-service receipt verify receipt.json --key demo.example/audit+1a2b3c4d+AQ...
    """
    keys = [word for one in key for word in ("--key", one)]
    end(Exit(verify_receipt([str(file), *keys, *(["--json"] if as_json else [])])))
