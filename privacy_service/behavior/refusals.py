"""Whether a text reads like a model that declines to answer."""

from __future__ import annotations

import re
from typing import Final

_READ: Final = 400
"""A model that declines says so at the beginning."""
_DECLINES: Final = re.compile(
    r"\b(?:"
    r"I(?:['’]m| am) (?:sorry|unable|not able|afraid)|I (?:cannot|can['’]?t|won['’]?t|will not)\b"
    r"|as an AI\b|I(?:['’]m| am) (?:just |only )?an? (?:AI|language model)"
    r"|(?:ich kann|kann ich) (?:\w+ ){0,3}(?:nicht|keine)\b|es tut mir leid"
    r"|je ne (?:peux|suis) pas|(?:je suis )?désolée?"
    r"|no puedo|lo siento|non posso|mi dispiace|ik kan (?:\w+ ){0,3}(?:niet|geen)|het spijt me"
    r"|não posso|lamento|desculpe|nie mogę|przykro mi"
    r")",
    re.IGNORECASE,
)


def reads_like_refusal(text: str) -> bool:
    """Whether it starts the way models decline, in the languages that we read."""
    return _DECLINES.search(text[:_READ]) is not None
