"""Ways of writing a text so that a program does not see what a person or a model reads."""

from __future__ import annotations

import base64
import codecs
from collections.abc import Callable, Mapping
from typing import Final

from privacy_service.scenarios.model import Written

_LIKE: Final = str.maketrans("aeopcxyi", "\u0430\u0435\u043e\u0440\u0441\u0445\u0443\u0456")
_LEET: Final = str.maketrans("aeiost", "431057")
_FILLER: Final = "The order was packed and handed to the carrier."
_BOLD_CAPITAL: Final = 0x1D400
_BOLD_SMALL: Final = 0x1D41A


def disguised(text: str, written: Written) -> str:
    """The text, written in that way."""
    return _WAYS[written](text)


def among(text: str, words: int) -> str:
    """The text with so many words of filler before it, and as many behind."""
    if not words:
        return text
    around = " ".join(
        ["The", "order", "was", "packed", "and", "handed", "to", "the", "carrier."]
        * (words // 8 + 1)
    )
    return f"{around}\n\n{text}\n\n{around}"


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _full_width(text: str) -> str:
    return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text)


def _mathematical(text: str) -> str:
    def bold(char: str) -> str:
        if "A" <= char <= "Z":
            return chr(_BOLD_CAPITAL + ord(char) - ord("A"))
        return chr(_BOLD_SMALL + ord(char) - ord("a")) if "a" <= char <= "z" else char

    return "".join(map(bold, text))


def _tag_characters(text: str) -> str:
    return "All is well." + "".join(chr(0xE0000 + ord(char)) for char in text if char.isascii())


def _html_tags(text: str) -> str:
    return "".join(f"<b>{char}</b>" if char.isalpha() else char for char in text)


def _quoted_printable(text: str) -> str:
    return "".join(f"={byte:02X}" for byte in text.encode())


_WAYS: Final[Mapping[Written, Callable[[str], str]]] = {
    Written.PLAIN: lambda text: text,
    Written.BASE64: _base64,
    Written.BASE64_TWICE: lambda text: _base64(_base64(text)),
    Written.HEXADECIMAL: lambda text: text.encode().hex(),
    Written.PERCENT: lambda text: "".join(f"%{byte:02X}" for byte in text.encode()),
    Written.ENTITIES: lambda text: "".join(f"&#{ord(char)};" for char in text),
    Written.ESCAPES: lambda text: "".join(f"\\u{ord(char):04x}" for char in text),
    Written.QUOTED_PRINTABLE: _quoted_printable,
    Written.ZERO_WIDTH: "\u200b".join,
    Written.FULL_WIDTH: _full_width,
    Written.LOOK_ALIKES: lambda text: text.translate(_LIKE),
    Written.MATHEMATICAL: _mathematical,
    Written.STRUCK_THROUGH: lambda text: "".join(f"{char}\u0336" for char in text),
    Written.TAG_CHARACTERS: _tag_characters,
    Written.HTML_TAGS: _html_tags,
    Written.SPACED: " ".join,
    Written.REVERSED: lambda text: text[::-1],
    Written.ROT13: lambda text: codecs.encode(text, "rot13"),
    Written.LEETSPEAK: lambda text: text.translate(_LEET),
}
