"""What the `diff` commands print: each change, which way it goes, and why."""

from __future__ import annotations

from collections.abc import Sequence

from privacy_service.commands.screen import Exit, console, end, print_json
from privacy_service.contracts.change import Change, Way, overall


def show_changes(changes: Sequence[Change], *, as_json: bool) -> None:
    """The changes, and what they come to. Ends the command with 1 if any weakens."""
    way = overall(change.direction for change in changes)
    if as_json:
        print_json(
            {
                "direction": way.value,
                "changes": [
                    {
                        "path": change.path,
                        "direction": change.direction.value,
                        "before": change.before,
                        "after": change.after,
                        "why": change.why,
                    }
                    for change in changes
                ],
            }
        )
    else:
        for change in changes:
            console.print(f"{change.direction.value:9} {change.path}", markup=False)
            console.print(f"          {change.before!r} → {change.after!r}", markup=False)
            console.print(f"          {change.why}", markup=False)
        count = "1 change" if len(changes) == 1 else f"{len(changes)} changes"
        console.print(f"{way.value}: {count}", markup=False)
    if way is Way.WEAKENS:
        end(Exit.NO)
