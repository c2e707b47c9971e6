"""Writes a contract as YAML that `read.py` takes, for `contract show`."""

from __future__ import annotations

from io import StringIO
from typing import Final

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString

from privacy_service.contracts.model import SharingContract
from privacy_service.contracts.source import stands_bare
from privacy_service.contracts.written import Written, as_written

_NEVER_FOLD: Final = 2**20


def write(contract: SharingContract) -> str:
    """The contract's YAML, without comments. Reading it gives an equal contract."""
    return as_yaml(dict(as_written(contract)))


def as_yaml(written: Written) -> str:
    """What a contract of either kind says, as YAML that the reader takes for the same."""
    yaml = YAML()
    yaml.width = _NEVER_FOLD
    yaml.indent(mapping=2, sequence=4, offset=2)
    out = StringIO()
    yaml.dump(_styled(written), out)
    return out.getvalue()


def _styled(written: Written) -> object:
    if isinstance(written, dict):
        return {name: _styled(value) for name, value in written.items()}
    if isinstance(written, list):
        return [_styled(value) for value in written]
    if isinstance(written, str):
        return _styled_text(written)
    return written


def _styled_text(text: str) -> object:
    """A literal block for plain lines, bare words where no reader could take them for another
    thing, and double quotes for all else.
    """
    lines = text.split("\n")
    if len(lines) > 2 and not lines.pop() and all(map(_is_plain_line, lines)):
        return LiteralScalarString(text)
    return text if stands_bare(text) else DoubleQuotedScalarString(text)


def _is_plain_line(line: str) -> bool:
    """Whether it has no blank at its ends, is not empty, and hides nothing."""
    return bool(line) and line.isprintable() and line == line.strip()
