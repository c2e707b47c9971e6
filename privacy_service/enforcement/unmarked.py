"""What a redaction wrote, `<PERSON>`, looks like a tag; a text is looked at without its tags, too.

That look is needed: `maria<PERSON>@mail.example` must not hide an address. But a language model,
which reads words, has nothing more to read there if no words were joined.
"""

from __future__ import annotations

import re
from typing import Final

from privacy_service.payloads.canonical import View

_beside_no_word: Final = re.compile(
    r"(?<!\w)<[A-Z][A-Z0-9_]{0,60}>|<[A-Z][A-Z0-9_]{0,60}>(?!\w)"
).sub


def says_nothing_new(view: View, first: View) -> bool:
    """Whether `view` is `first` without placeholders, none of which stood inside a word."""
    return view.how == (*first.how, "tags") and _beside_no_word("", first.text) == view.text
