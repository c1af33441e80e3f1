"""Where to begin a listing at a service that lists folder by folder instead of in the order of whole keys."""

from __future__ import annotations

from typing import Final

LAST_CHARACTER: Final = "\U0010ffff"
"""Sorts after every character that a key can have."""


def safe_start(after: str) -> str:
    """Where a service that lists folder by folder can begin without leaving out a key behind `after`.

    Such a service puts ``a/b`` before ``a-b``, and takes ``a`` for the end of the folder ``a``. So begin before any
    name that might be a folder with keys behind `after`: cut where a character sorts before a slash, and step back.
    """
    cuts = (place for place in range(1, len(after)) if after[place] < "/" and after[place - 1] != "/")
    start = after[: next(cuts, len(after))]
    if not start or start.endswith(("/", LAST_CHARACTER)):
        return start
    code = ord(start[-1]) - 1
    if code < ord(" "):
        return start[:-1]  # a control character would make the answer unreadable
    return start[:-1] + chr(0xD7FF if 0xD800 <= code <= 0xDFFF else code) + LAST_CHARACTER
