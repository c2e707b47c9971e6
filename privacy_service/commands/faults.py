"""What the `lint` commands print: each fault with the file, line and column that it stands at."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NoReturn

from privacy_service.commands.screen import Exit, console, end, errors_console, print_json
from privacy_service.contracts.faults import ContractFault, Fault, Severity


def show_faults(
    files: Iterable[Path], faults_of: Callable[[Path], tuple[Fault, ...]], *, as_json: bool
) -> None:
    """The faults of each file. Ends the command with 1 if any is an error."""
    found = {str(file): _all_of(file, faults_of) for file in files}
    if as_json:
        print_json([plain(name, fault) for name, faults in found.items() for fault in faults])
    else:
        for name, faults in found.items():
            for fault in faults:
                console.print(f"{name}:{fault}", markup=False)
            if not faults:
                console.print(f"{name}: no fault", markup=False)
    if any(fault.severity is Severity.ERROR for faults in found.values() for fault in faults):
        end(Exit.NO)


def end_by(file: Path, faulty: ContractFault) -> NoReturn:
    """Names what is wrong with a file that a command needs, and ends the command with 1."""
    for fault in faulty.faults:
        errors_console.print(f"{file}:{fault}", markup=False)
    end(Exit.NO)


def _all_of(file: Path, faults_of: Callable[[Path], tuple[Fault, ...]]) -> tuple[Fault, ...]:
    try:
        return faults_of(file)
    except ContractFault as unreadable:
        return unreadable.faults


def plain(name: str, fault: Fault) -> dict[str, Any]:
    """A fault of a file, as JSON."""
    return {
        "file": name,
        "line": fault.line,
        "column": fault.column,
        "severity": fault.severity.value,
        "path": fault.path,
        "says": fault.says,
        "fix": fault.fix,
    }
