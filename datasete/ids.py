"""Names: the one validator for every name that becomes part of a path, and how names compare and sort."""

from __future__ import annotations

import re
import unicodedata
import uuid

from datasete.errors import InvalidName

MAX_LENGTH = 64
_PUNCTUATION = frozenset(" ._-()")
_WINDOWS_DEVICES = frozenset({"con", "prn", "aux", "nul", "conin$", "conout$"}) | {
    f"{stem}{digit}" for stem in ("com", "lpt") for digit in "0123456789¹²³"
}
_UNPORTABLE = frozenset('<>:"/\\|?*')
_UNPORTABLE_CATEGORIES = frozenset({"Cc", "Cs", "Zl", "Zp"})
_DIGITS = re.compile(r"(\d+)")

NUMBER, TEXT, TEXT_END, WHOLE_NAME = "\x01", "\x02", "\x00", "\x03"
"""The marks around the parts of a `natural_text`."""


def validate_name(name: object, *, what: str = "slot name") -> str:
    """Return `name` in Unicode NFC if it can be used.

    A name has 1–64 characters: letters (with their combining marks), digits, space and ``. _ - ( )``. It neither
    begins nor ends with a dot or a space, and is not a Windows device name. So a name means the same folder on every
    store.

    Raises:
        InvalidName: it cannot be used; the message says why. Nothing was read or written.
    """
    if not isinstance(name, str):
        raise InvalidName(f"A {what} must be text, not {type(name).__name__}.")
    normal = unicodedata.normalize("NFC", name)
    reason = _objection(normal)
    if reason:
        raise InvalidName(f"The {what} {_quoted(name)} cannot be used: {reason}.", hint="Nothing was changed.")
    return normal


def portable_part(part: str) -> str:
    """Return one part of a path, changed as little as every system needs to take it as the name of a folder.

    In place of what Windows or a share would refuse, or read as something else, there is an underscore. ``..`` becomes
    a plain name too.
    """
    plain = portable_name(unicodedata.normalize("NFC", part))
    return f"_{plain[1:]}" if plain.startswith(".") else plain  # hidden, or a folder of ours


def portable_name(name: str) -> str:
    """Return the name of a file, changed as little as every system needs to take it.

    In place of what Windows or a share would refuse, or read as something else, there is an underscore.
    """
    plain = "".join("_" if _is_unportable(char) else char for char in name)
    end = len(plain.rstrip(". "))
    plain = plain[:end] + "_" * bool(plain[end:])
    return f"_{plain}" if _is_device(plain) else plain


def unportable_reason(name: str) -> str:
    """Say why not every system takes a name as it is; "" when all do. A length is not judged."""
    bad = next((char for char in name if _is_unportable(char)), None)
    if bad is not None:
        return f"Windows and many shares do not take the character {_quoted(bad)} in a name"
    if name[-1:] in {".", " "}:
        return "Windows and many shares do not take a dot or a space at the end of a name"
    if _is_device(name):
        return f"Windows keeps the name {_quoted(name)} for a device"
    return ""


def same_name(name: str) -> str:
    """A key that is equal for all spellings of a name: NFC, case folded, NFC again, since folding can undo NFC."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def new_id() -> str:
    """A new lower-case UUID, for ids that we make ourselves."""
    return str(uuid.uuid4())


def natural_key(name: str) -> tuple[tuple[int, int, str], ...]:
    """A sort key that puts ``img2`` before ``img10``. Case is ignored; the exact text decides ties."""
    parts = tuple(
        (0, int(part), "") if part.isdecimal() else (1, 0, same_name(part)) for part in _DIGITS.split(name) if part
    )
    return (*parts, (2, 0, name))


def natural_text(name: str, width: int = MAX_LENGTH) -> str:
    """A text that sorts like `natural_key(name)`, for names without runs of more than `width` digits."""
    parts = (
        f"{NUMBER}{int(part):0{width}d}" if part.isdecimal() else f"{TEXT}{same_name(part)}{TEXT_END}"
        for part in _DIGITS.split(name)
        if part
    )
    return "".join((*parts, WHOLE_NAME, name))


def _objection(name: str) -> str:
    if not name:
        return "it is empty"
    if len(name) > MAX_LENGTH:
        return f"it has {len(name)} characters, and at most {MAX_LENGTH} are allowed"
    bad = next((char for char in name if not _allowed(char)), None)
    if bad is not None:
        return f"the character {_quoted(bad)} is not allowed (letters, digits, space and . _ - ( ) are)"
    if name[0] in ". " or name[-1] in ". ":
        return "it begins or ends with a dot or a space"
    if _is_device(name):
        return "Windows keeps that name for a device"
    return ""


def _is_unportable(char: str) -> bool:
    # Control characters, halves of surrogate pairs (bytes that are not text), and line separators. Not all that cannot
    # be printed: a wide space or a joiner belongs to names in many scripts.
    return char in _UNPORTABLE or unicodedata.category(char) in _UNPORTABLE_CATEGORIES


def _is_device(name: str) -> bool:
    return name.split(".", 1)[0].rstrip().casefold() in _WINDOWS_DEVICES


def _allowed(char: str) -> bool:
    return char in _PUNCTUATION or unicodedata.category(char)[0] in "LM" or unicodedata.category(char) == "Nd"


def _quoted(text: str) -> str:
    shown = text if len(text) <= MAX_LENGTH else text[:MAX_LENGTH] + "…"
    return ascii(shown) if not shown.isprintable() else f"“{shown}”"
