"""How many tokens a text is to a model: counted by a tokenizer of the operator's, asked by name."""

from __future__ import annotations

from collections.abc import Callable


class TokenizerFault(Exception):  # noqa: N818 - it says what is so
    """There is no tokenizer of this name, or it does not read the text."""


CountTokens = Callable[[str, str], int]
"""How many tokens the tokenizer of a name makes of a text, without those that only mark its ends.
Raises TokenizerFault.
"""


def no_tokenizer(name: str, _text: str) -> int:
    """Where none is set up."""
    raise TokenizerFault(name)
