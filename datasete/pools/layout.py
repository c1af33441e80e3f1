"""Names of a pool's files: those we create, those a manifest may name, and those we may delete."""

from __future__ import annotations

import re
import secrets
from typing import Final

from datasete.errors import CorruptData, DataseteError, InvalidName
from datasete.ids import same_name, validate_name

MANIFEST: Final = "manifest.json"
REGISTRY: Final = "profiles.json"
PENDING: Final = ".pending"
"""A mark in the folder of a pool that is being created; it says what for."""

SUFFIXES: Final = {"PNG": "png", "JPEG": "jpg", "WEBP": "webp"}
"""Formats that are stored unchanged, and their suffixes."""

# Whatever does not match this is another program's file, and is never deleted or overwritten.
_OURS: Final = re.compile(r"img_(\d{4,9})(\.mask(-[0-9a-f]{8})?)?\.(png|jpg|jpeg|webp)")


def pool_key(pool_id: str, name: str = MANIFEST) -> str:
    """The key of a pool's file."""
    return f"{pool_id}/{name}"


def file_name(key: str) -> str:
    """The name of a file within its pool's folder; the inverse of `pool_key`."""
    return key.partition("/")[2]


def check_pool_id(pool_id: object) -> str:
    """Return a pool's id if it is valid.

    Raises:
        InvalidName: it is not; nothing was read or written.
    """
    checked = validate_name(pool_id, what="pool id")
    if same_name(checked) == REGISTRY:
        raise InvalidName(
            f"“{REGISTRY}” is the list of profiles, not a pool.", hint="Nothing was changed. Use another id."
        )
    return checked


def image_name(number: int, suffix: str) -> str:
    """The name of the picture with this number."""
    return f"img_{number:04d}.{suffix}"


def first_mask_name(image: str) -> str:
    """The name of the mask that is added together with its picture."""
    return f"{image.rpartition('.')[0]}.mask.png"


def later_mask_name(image: str) -> str:
    """A new name for a mask that is painted later. Names are never reused, so no cache shows another mask under it."""
    return f"{image.rpartition('.')[0]}.mask-{secrets.token_hex(4)}.png"


def missing_file(name: str, pool_id: str, outcome: str) -> CorruptData:
    """The error for a file that a manifest names and that is gone; `outcome` says what did not happen."""
    return CorruptData(f"The file “{name}” of the pool “{pool_id}” is missing.", hint=f"{outcome} Remove its picture.")


def number_of(name: str) -> int | None:
    """The number in the name of one of our files; None for a file that is not ours."""
    match = _OURS.fullmatch(name)
    return int(match[1]) if match else None


def is_mask_name(name: str) -> bool:
    """Whether one of our files is a mask."""
    match = _OURS.fullmatch(name)
    return bool(match and match[2])


def is_file_name(name: object) -> bool:
    """Whether a manifest may name this file: a plain name inside the pool's folder, and not the manifest itself."""
    if not isinstance(name, str):
        return False
    if name.isascii() and _OURS.fullmatch(name):
        return True  # a shortcut for nearly every name of a large pool, at a third of the cost
    try:
        return validate_name(name) == name and same_name(name) != MANIFEST
    except DataseteError:
        return False
