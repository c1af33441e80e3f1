"""Checks keys once more, where they become paths, and cuts listings into pages."""

from __future__ import annotations

import copy
import re
import unicodedata
import uuid
from collections.abc import Callable, Iterable
from functools import lru_cache
from itertools import islice
from typing import Final, Protocol, TypeAlias, TypeVar

from datasete.plugin import Entry, InvalidInput, Listing

LOCKS: Final = ".locks"
"""Folder in a space's root that holds lock files: never a key, never listed."""

Sound: TypeAlias = Callable[[str], bool]
"""Whether a name can be one part of a key."""

_NO_NAME: Final = re.compile(r"[\x00-\x1f\x7f/\\\ud800-\udfff]")
_TEMPORARY: Final = re.compile(r"\.datasete-[0-9a-f]{32}\.tmp")


def temporary_name() -> str:
    """A new name for a file that is still being written; never a key, never listed."""
    return f".datasete-{uuid.uuid4().hex}.tmp"


def is_temporary(name: str) -> bool:
    """Whether a file name is one that `temporary_name` makes."""
    return _TEMPORARY.fullmatch(name) is not None


@lru_cache(maxsize=1 << 15)
def is_sound(name: str) -> bool:
    """Whether a name can be one part of a key: in NFC, printable (and so decodable), without separators, not ours."""
    return (
        name not in ("", ".", "..")
        and name.isprintable()
        and "/" not in name
        and "\\" not in name
        and unicodedata.is_normalized("NFC", name)
        and not is_temporary(name)
    )


def is_found(name: str) -> bool:
    """Whether a file that another program named so can be read: in any Unicode form, with any kind of space."""
    return name not in ("", ".", "..") and not _NO_NAME.search(name) and not is_temporary(name)


def check_key(key: str, sound: Sound = is_sound) -> str:
    """Return `key` when it stays inside its space.

    Raises:
        InvalidInput: nothing was read or written.
    """
    parts = key.split("/")
    # some file systems take .LOCKS for the folder of our lock files
    if all(sound(part) for part in parts) and parts[0].casefold() != LOCKS:
        return key
    raise InvalidInput(f"The key {key[:80]!a} cannot be used in a store.", hint="Nothing was read or written.")


def check_prefix(prefix: str, sound: Sound = is_sound) -> str:
    """Return the folder, without a trailing slash, in which every key with `prefix` lies; "" is the root.

    Raises:
        InvalidInput: no key can start like that.
    """
    folder, _, _ = prefix.rpartition("/")
    return check_key(folder, sound) if folder or prefix.startswith("/") else ""


class HasNames(Protocol):
    """A store that says which names it takes."""

    sound: Sound


Named = TypeVar("Named", bound=HasNames)


def as_found(store: Named) -> Named:
    """A view of a store that takes names as they are found."""
    view = copy.copy(store)
    view.sound = is_found
    return view


def check_limit(limit: int) -> int:
    """Return `limit` when a page can be that long.

    Raises:
        InvalidInput: it is less than one.
    """
    if limit < 1:
        raise InvalidInput(f"A page of a listing cannot have {limit} entries.", hint="Nothing was read.")
    return limit


def page(entries: Iterable[Entry], limit: int) -> Listing:
    """Cut a page off entries in key order, taking one more to see whether it is the last."""
    taken = tuple(islice(entries, check_limit(limit) + 1))
    if len(taken) <= limit:
        return Listing(taken)
    return Listing(taken[:limit], taken[limit - 1].key)


def may_hold(folder: str, prefix: str, after: str) -> bool:
    """Whether keys that start with `folder` (which ends in a slash) can be listed for `prefix` and `after`."""
    inside = folder.startswith(prefix) or prefix.startswith(folder)
    return inside and (folder > after or after.startswith(folder))


def is_listed(key: str, prefix: str, after: str) -> bool:
    """Whether a key belongs in a listing."""
    return key > after and key.startswith(prefix)
