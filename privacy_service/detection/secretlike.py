"""How much a string looks like a password, a key or a token."""

from __future__ import annotations

import re
from collections import Counter
from math import log2
from typing import Final

_CODE: Final = re.compile(
    r"^(?:os\.|process\.|self\.|this\.|config[.\[]|settings\.|env\.|System\.|getenv|input\(|request\.|"
    r"ENV\[|args\.|params[.\[]|data\.|vars?\.|var\.|secrets?\.|local\.|module\.|func|def |new "
    r"|await |"
    r"(?:raise|return|throw|pass|continue|break|assert|print|yield|if|else|not)\b|None\b|null\b|true\b|false\b|nil\b|undefined\b|string\b|str\b|int\b|bool\b|type\b)|"
    r"\w\(.*\)$|^[a-z_]+\.[a-z_.]+$"
)
_SENTENCE: Final = re.compile(r"\s\S+\s")
_FOLDER: Final = re.compile(r"~?(?:/[\w.-]+)+/?")
"""A path, as `PWD=/home` has in a log."""

_HEX: Final = re.compile(r"[0-9a-fA-F]+")
_WORDY: Final = re.compile(r"[A-Za-z]+(?:[ _-][A-Za-z]+)*")


def secret_fit(value: str) -> float:
    """How well a value of a password field looks like one: most words do, code and prose do not."""
    if len(value) < 3 or _CODE.search(value) or _FOLDER.fullmatch(value):
        return 0.0
    if _SENTENCE.search(value):
        return 0.0 if len(value) < 20 or value[0].isupper() else 0.3
    return 1.0 if len(value) >= 6 or not value.isalpha() else 0.7


def token_fit(value: str) -> float:
    """How well a value of a token field looks like one: long, and not a word."""
    bare = re.sub(r"^(?:Bearer|Basic|Token|token)\s+", "", value)
    if len(bare) < 12 or " " in bare or _CODE.search(bare) or _WORDY.fullmatch(bare):
        return 0.0
    return 1.0 if entropy(bare) > 2.8 else 0.5


def entropy(value: str) -> float:
    """Shannon entropy in bits per character."""
    total = len(value)
    return -sum(n / total * log2(n / total) for n in Counter(value).values())
