"""`python -m retention`: a worker."""

from __future__ import annotations

import typer

from retention.commands import worker


def main() -> None:
    """Runs jobs until it is told to stop."""
    typer.run(worker)


if __name__ == "__main__":
    main()
