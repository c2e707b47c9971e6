"""Which characters of a value say something, and which only keep its parts apart."""

from __future__ import annotations

import string
from typing import Final

SEPARATORS: Final = frozenset(string.punctuation + " \t\r\n")
"""What a mask leaves: ASCII alone, because other signs (circled letters, tags) spell words too."""


def tells(char: str) -> bool:
    """Whether a character that is left alone could be read: a letter, a digit, or a sign that may
    stand for one. What is not visible is not.
    """
    return char.isalnum() or (not char.isascii() and char.isprintable())
