"""The names of result files: what is refused while it is typed, and what becomes of a name that comes by wire."""

from __future__ import annotations

import os
from typing import Final

from datasete.batch.folder.sources import shown, subfolder_parts
from datasete.errors import InvalidInput
from datasete.ids import portable_name, unportable_reason

MAX_NAME_BYTES: Final = 255
"""What common file systems take, and most shares."""

_ROOM: Final = 20
"""Bytes for an ending, and for the number that a name may get."""


def split_name(text: str) -> tuple[str, str]:
    """Split a name at its last slash into a subfolder, as `subfolder_parts` returns it, and a stem.

    Raises:
        InvalidInput: it leads out of its folder.
    """
    folder, slash, stem = text.rpartition("/")
    return subfolder_parts(folder + slash), stem


def written_name(stem: str, suffix: str, *, portable: bool) -> str:
    """Return the stem that is written: where names must be `portable`, with underscores for what some system refuses.

    A name that was typed was judged before the run, so only one that came by wire is changed.

    Raises:
        InvalidInput: it contains a path separator or a zero byte, or is hidden.
    """
    name = checked_file_name(f"{stem}{suffix}")
    return (portable_name(name) if portable else name)[: -len(suffix)]


def check_typed_name(prefix: str | None, base: str | None, suffix: str | None) -> None:
    """Check the parts of a name before a run, without their tokens; None for a part that is wired.

    Raises:
        InvalidInput: not every system would take the name.
    """
    for part in (prefix, base, suffix):
        # An “x” around it: whether a whole name may begin or end like that is judged below.
        _check(part or "", f"x{(part or '').replace('/', '')}x")
    if prefix is not None and base is not None and suffix is not None:
        whole = f"{prefix}{base}{suffix}"
        _check(whole, split_name(whole)[1])


def _check(shown_as: str, name: str) -> None:
    reason = unportable_reason(name)
    if not reason and len(os.fsencode(name)) > MAX_NAME_BYTES - _ROOM:
        reason = f"it has {len(os.fsencode(name))} bytes, and most systems take {MAX_NAME_BYTES - _ROOM} and an ending"
    if reason:
        raise InvalidInput(
            f"The file name “{shown(shown_as)}” cannot be used: {reason}.",
            hint='Nothing was written. Choose another name, or set paths.names = "system".',
        )


def checked_file_name(name: str) -> str:
    """Return `name` if it is a plain file name, in any script.

    Raises:
        InvalidInput: it contains a path separator or a zero byte, or is hidden.
    """
    if "/" in name or "\0" in name or os.sep in name or (os.altsep or "/") in name or name.startswith("."):
        raise InvalidInput(
            f"The file name “{shown(name)}” cannot be used: it starts with a dot, or leads to another folder.",
            hint="Nothing was written. Put folders into output_directory.",
        )
    return name
