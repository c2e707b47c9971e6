"""`privacy-service backup`, `restore` and `tombstones`."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.console import Console

from privacy_service.app import backup as backups
from privacy_service.app.keys import open_keyring
from privacy_service.app.storage import open_database
from privacy_service.app.tombstones import SETTING, open_journal
from privacy_service.clock import SystemClock
from privacy_service.commands.screen import (
    AsJson,
    Exit,
    console,
    end,
    errors_console,
    print_json,
    refusing,
    table,
)
from privacy_service.custody.tombstones import (
    DecisionsLost,
    JournalStatus,
    LostDecision,
    Replayed,
    TombstoneJournal,
)
from privacy_service.errors import SETTINGS_INVALID, PrivacyError
from privacy_service.settings import load_without_server

T = TypeVar("T")

WithoutDecisions = Annotated[
    bool,
    typer.Option(
        "--without-decisions",
        help="Go on although holds, quarantines, requests or contracts that were decided since are "
        "missing: they are listed, to be decided again.",
    ),
]

tombstones = typer.Typer(
    no_args_is_help=True, help="What must stay deleted, whatever backup is restored."
)


@refusing
def backup(
    out: Annotated[Path, typer.Argument(help="Where the copy goes (mode 0600).")],
    as_json: AsJson = False,
) -> None:
    """Copies the SQLite database of the settings, while it is served, and checks the copy.

    The keyring is not in it: back that up apart, or the copy opens for whoever finds it.
    Example: privacy-service backup /mnt/backups/privacy-2026-11-26.sqlite
    """
    head = backups.back_up(load_without_server().database, out)
    if as_json:
        print_json({"backup": str(out), **asdict(head)})
    else:
        console.print(f"{out}: {head.size} entries of {head.origin}", markup=False)
        console.print(f"root {head.root}", markup=False)


@refusing
def restore(
    backup_file: Annotated[Path, typer.Argument(metavar="BACKUP", help="The copy.")],
    without_tombstones: Annotated[
        bool,
        typer.Option(
            "--without-tombstones",
            help="Restore although nothing says what was deleted since: it comes back.",
        ),
    ] = False,
    without_decisions: WithoutDecisions = False,
    as_json: AsJson = False,
) -> None:
    """Puts a backup where the settings say the database is, without what was deleted since.

    What the tombstone journal has is deleted in it again before it is in place. Holds, quarantines,
    requests and contracts that were decided since cannot be made again: they are listed, and an
    officer takes them anew. It never replaces a database: move that away first, with its -wal and
    -shm.
    Example: privacy-service restore /mnt/backups/privacy-2026-11-26.sqlite
    """
    settings = load_without_server()
    head, replayed = _listing_lost(
        lambda: backups.restore(
            settings,
            backup_file,
            SystemClock(),
            actor=_actor(),
            without_tombstones=without_tombstones,
            without_decisions=without_decisions,
        )
    )
    if as_json:
        print_json({**asdict(head), "replayed": _as_json(replayed)})
    else:
        console.print(f"restored: {head.size} entries of {head.origin}", markup=False)
        _print_replayed(replayed)


@tombstones.command()
@refusing
def replay(without_decisions: WithoutDecisions = False, as_json: AsJson = False) -> None:
    """Deletes again in a restored database what the tombstone journal has; the audit log says so.

    Run it while no service runs. `serve` refuses a database that is behind its journal.
    Example: privacy-service tombstones replay
    """
    settings = load_without_server()
    replayed = _listing_lost(
        lambda: backups.replay(
            settings, SystemClock(), actor=_actor(), without_decisions=without_decisions
        )
    )
    if as_json:
        print_json(_as_json(replayed))
    else:
        _print_replayed(replayed)


@tombstones.command()
@refusing
def status(as_json: AsJson = False) -> None:
    """Shows how database and tombstone journal stand; ends with 1 where a replay is needed.

    Example: privacy-service tombstones status --json
    """
    with _journal() as journal:
        found = journal.status()
    if as_json:
        print_json(_as_json(found))
    else:
        console.print(f"notes in the journal that the database has: {found.notes}")
        console.print(f"notes that it does not have: {found.behind}")
        console.print(f"deletions that are alive in it again: {found.alive}")
        console.print(f"what the journal does not have yet: {found.unwritten}")
        _print_lost(found.lost)
    if found.alive or found.lost:
        end(Exit.NO)


@tombstones.command("begin-again")
@refusing
def begin_again(as_json: AsJson = False) -> None:
    """Begins a new journal at an empty place, where the old one is lost.

    It has every key that was shredded, not the records that were deleted: destroy older backups.
    Example: privacy-service tombstones begin-again
    """
    with _journal() as journal:
        written = journal.begin_again()
    if as_json:
        print_json({"written": written})
    else:
        console.print(f"a new journal, with {written} tombstones")


@contextmanager
def _journal() -> Iterator[TombstoneJournal]:
    settings, clock = load_without_server(), SystemClock()
    origin = settings.evidence.origin
    with open_database(settings.database, origin, clock) as database:
        keyring = open_keyring(settings.keys, clock, database)
        journal = open_journal(settings.tombstones, origin, keyring, database, clock)
        if journal is None:
            raise PrivacyError(SETTINGS_INVALID, setting=SETTING)
        yield journal


def _print_replayed(replayed: Replayed) -> None:
    console.print(
        f"replayed {replayed.tombstones} tombstones of {replayed.notes} notes; "
        f"{replayed.buried} were alive and are deleted again"
    )
    _print_lost(replayed.lost)


def _listing_lost(work: Callable[[], T]) -> T:
    """What `work` gives; where it is refused for decisions that are lost, they are listed first."""
    try:
        return work()
    except DecisionsLost as refused:
        _print_lost(refused.lost, errors_console)
        raise


def _print_lost(lost: tuple[LostDecision, ...], where: Console = console) -> None:
    """What is to be decided again, oldest first."""
    if not lost:
        return
    where.print(f"decisions that the database does not have, to be taken again: {len(lost)}")
    shown = table("when", "what was done", "about", "partner")
    for one in sorted(lost, key=lambda one: one.at):
        shown.add_row(f"{one.at:%Y-%m-%d %H:%M:%S}Z", one.action, one.about, one.partner or "–")
    where.print(shown)


def _as_json(found: Replayed | JournalStatus) -> dict[str, object]:
    lost = [{**asdict(one), "at": one.at.isoformat()} for one in found.lost]
    return {**asdict(found), "lost": lost}


def _actor() -> str:
    """Who runs the command, as the system knows them."""
    try:
        return f"operator:{getpass.getuser()}"
    except (KeyError, OSError):  # a container without a name for its user
        return "operator"
