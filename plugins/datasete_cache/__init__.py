"""A read cache on the local disk for spaces that are far away; also the example of a plugin that wraps stores.

Every read asks the store whether the version is still the same, so what is read is never stale: what a cache saves is
the transfer. It is on for stores that can tell that in one request, off for local ones, and set by the space's option
``cache``: ``false``, or a table with ``size`` (bytes, or a text such as ``"2 GB"``) and ``folder``.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from datasete.plugin import ConfigError, Space, Store, hookimpl, refresh_of
from datasete_cache.shelf import Shelf
from datasete_cache.store import CachedStore

LOCAL: Final = frozenset({"file", "memory"})
"""Schemes of stores that are as near as a cache would be."""

SIZE: Final = 1_000_000_000
UNITS: Final = {"": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
_SIZE: Final = re.compile(r"(\d+)\s*([KMGT]B|)")

_PLACES: Final = ("endpoint_url", "port")
"""Options without secrets that tell one place from another with the same URL."""


@dataclass(frozen=True)
class Wish:
    """What the option says: bytes (0 is off), a folder ("" is the system's place for caches), or that nothing is."""

    size: int = SIZE
    folder: str = ""
    said: bool = False


@hookimpl(wrapper=True, trylast=True)
def datasete_open_store(space: Space) -> Generator[None, Store | None, Store | None]:
    """Put a cache around the store that another plugin opens.

    Raises:
        ConfigError: the option ``cache`` cannot be used; nothing was opened.
    """
    wish = wish_of(space)
    store = yield
    # a store that cannot tell cheaply whether something is new is cached when somebody asks for it
    if store is None or not wish.size or not (wish.said or refresh_of(store)):
        return store
    return CachedStore(store, Shelf(folder_of(space, wish), wish.size))


def wish_of(space: Space) -> Wish:
    """What the space's option ``cache`` asks for.

    Raises:
        ConfigError: something else than is documented.
    """
    option = space.options.get("cache", None)
    if space.scheme in LOCAL or option is False:
        return Wish(0)
    if option is None or option is True:
        return Wish(said=option is True)
    if not isinstance(option, Mapping) or option.keys() - {"size", "folder"}:
        raise _unusable(space, "is not false, and no table with size and folder")
    return Wish(_size(space, option.get("size", SIZE)), str(option.get("folder", "")), said=True)


def folder_of(space: Space, wish: Wish) -> Path:
    """The space's own folder in the one that is wished for, or in the system's place for caches."""
    place = [space.url, *(str(space.options.get(name, "")) for name in _PLACES)]
    name = hashlib.sha256("\n".join(place).encode()).hexdigest()[:32]
    if wish.folder:
        return Path(wish.folder).expanduser() / name
    from platformdirs import user_cache_path

    return user_cache_path("datasete") / "spaces" / name


def _size(space: Space, value: object) -> int:
    found = _SIZE.fullmatch(str(value).strip().upper())
    if found is None or isinstance(value, bool):
        raise _unusable(space, "has a size that is no number of bytes, and nothing like 500 MB")
    return int(found[1]) * UNITS[found[2]]


def _unusable(space: Space, why: str) -> ConfigError:
    return ConfigError(
        f"The option cache of the space “{space.name}” {why}.",
        hint='Nothing was opened. Write cache = false, or cache = { size = "2 GB", folder = "/a/folder" }.',
    )
