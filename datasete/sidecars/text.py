"""Reads captions: the text files beside pictures, in whatever encoding a tool has written them."""

from __future__ import annotations

import codecs
from typing import Final

from datasete.errors import InvalidInput, TooLarge
from datasete.sidecars.encodings import guess, is_writing
from datasete.sidecars.plausibility import ordinary_share

MAX_CAPTION_BYTES: Final = 1_000_000

ORDINARY: Final = 0.75
"""The least share of ordinary characters in UTF-16 without a mark."""

LOST: Final = "\ufffd"

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: it begins with the same two bytes
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)
"""Byte order marks, and what follows each."""

_UNMARKED: Final = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
_CONTROLS: Final = bytes(range(32)).translate(None, b"\t\n\f\r\x1b") + b"\x7f"
_ESCAPE: Final = b"\x1b"


def read_caption(data: bytes, name: str = "") -> str:
    """Return the text of a caption, without white space around it.

    A byte order mark decides; then UTF-8, if it is valid; then the reading that looks most like writing.

    Args:
        data: all bytes of the file.
        name: the file's name, for messages.

    Raises:
        InvalidInput: it is not text, or nothing says in which encoding it is.
        TooLarge: its size is not that of a caption.
    """
    called = f"The caption “{name}”" if name else "The caption"
    if len(data) > MAX_CAPTION_BYTES:
        raise TooLarge(
            f"{called} has {len(data) / 1e6:,.1f} MB, and at most {MAX_CAPTION_BYTES / 1e6:,.1f} MB are allowed.",
            hint="The file was left as it is. Shorten it.",
        )
    text = _decoded(data)
    if text is None or "\0" in text:
        raise InvalidInput(
            f"{called} is not text in an encoding that can be recognized.",
            hint="The file was left as it is. Save it as UTF-8.",
        )
    if LOST in text:
        raise InvalidInput(
            f"{called} has lost characters: it holds “{LOST}”, which programs write for what they cannot read.",
            hint="The file was left as it is. Write it again.",
        )
    return text.strip("\ufeff \t\n\r\f\v\xa0\u3000")


def _decoded(data: bytes) -> str | None:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _strictly(data[len(mark) :], encoding)
    if any(byte in _CONTROLS for byte in data):
        return _wide(data) or _without_padding(data)
    if _ESCAPE in data:
        return _strictly(data, "iso2022_jp")
    text = _strictly(data, "utf-8")
    return guess(data) if text is None else text


def _wide(data: bytes) -> str | None:
    """Read UTF-16 or UTF-32 without a mark: the byte order in which it looks like writing."""
    texts = [text for encoding in _UNMARKED if (text := _strictly(data, encoding)) and is_writing(text)]
    best = max(texts, key=ordinary_share, default="")
    return best if ordinary_share(best) >= ORDINARY else None


def _without_padding(data: bytes) -> str | None:
    # Some programs fill up a line with zero bytes, or end a file with Ctrl+Z.
    plain = data.rstrip(b"\0\x1a")
    text = _strictly(plain, "utf-8")
    return guess(plain) if text is None else text


def _strictly(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None
