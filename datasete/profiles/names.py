"""Names of profiles: checked, made unique, and derived from names that cannot be used."""

from __future__ import annotations

import re
from collections.abc import Collection
from itertools import count
from typing import Final

from datasete.errors import InvalidName
from datasete.ids import MAX_LENGTH, same_name, validate_name

FALLBACK_NAME: Final = "profile"
_NUMBER: Final = re.compile(r" \((\d+)\)$")


def check_name(name: object) -> str:
    """Return a profile's name in the Unicode form NFC.

    Raises:
        InvalidName: the name cannot be used; the message says why.
    """
    return validate_name(name, what="profile name")


def free_name(name: str, taken: Collection[str]) -> str:
    """`name`, or if it is taken ``name (2)``, ``name (3)``… A base that would become too long is shortened."""
    used = {same_name(each) for each in taken}
    if same_name(name) not in used:
        return name
    base = _NUMBER.sub("", name)
    candidates = (_with_number(base, number) for number in count(2))
    return next(candidate for candidate in candidates if same_name(candidate) not in used)


def near_name(name: object) -> str:
    """A valid name as close as possible to one from elsewhere, such as an archive."""
    text = name if isinstance(name, str) else ""
    plain = re.sub(r"\s+", " ", "".join(char if _is_allowed(char) else " " for char in text))
    try:
        return check_name(plain[:MAX_LENGTH].strip(". "))
    except InvalidName:
        return FALLBACK_NAME


def _with_number(base: str, number: int) -> str:
    tail = f" ({number})"
    return f"{base[: MAX_LENGTH - len(tail)].rstrip('. ')}{tail}"


def _is_allowed(char: str) -> bool:
    try:
        validate_name(f"a{char}a")  # between letters, because some characters are refused at the ends only
    except InvalidName:
        return False
    return True
