"""A read cache on the local disk for distant spaces; also the example of a plugin that wraps stores.

Every read asks the store whether the version is still the same, so nothing stale is ever read: what a cache saves is
the transfer. It is on for stores that can answer that in one request and off for local ones. The space's option
``cache`` sets it: ``false``, or a table with ``size`` (bytes, or a text such as ``"2 GB"``) and ``folder``.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from datasete.plugin import ConfigError, Space, Store, hookimpl, refresh_of
from datasete_cache.disk_cache import DiskCache
from datasete_cache.store import CachedStore

LOCAL: Final = frozenset({"file", "memory"})
"""Schemes of stores that are as fast as a cache would be."""

DEFAULT_BYTES: Final = 1_000_000_000
UNIT_BYTES: Final = {"": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
_SIZE: Final = re.compile(r"(\d+)\s*([KMGT]B|)")

_LOCATING_OPTIONS: Final = ("endpoint_url", "port")
"""Options that tell apart two places with the same URL. No secrets: they become part of a folder's name."""


@dataclass(frozen=True)
class CacheOptions:
    """What the option ``cache`` asks for.

    Attributes:
        size: bytes; 0 is off.
        folder: where to put it; "" is the system's folder for caches.
        explicit: whether the configuration has asked for a cache.
    """

    size: int = DEFAULT_BYTES
    folder: str = ""
    explicit: bool = False


@hookimpl(wrapper=True, trylast=True)
def datasete_open_store(space: Space) -> Generator[None, Store | None, Store | None]:
    """Put a cache around the store that another plugin opens.

    Raises:
        ConfigError: the option ``cache`` cannot be used; nothing was opened.
    """
    options = cache_options(space)
    store = yield
    # without `refresh`, each cached key costs a listing: worth it only where the configuration says so
    if store is None or not options.size or not (options.explicit or refresh_of(store)):
        return store
    return CachedStore(store, DiskCache(cache_folder(space, options), options.size))


def cache_options(space: Space) -> CacheOptions:
    """What the space's option ``cache`` asks for.

    Raises:
        ConfigError: the option is none of these.
    """
    option = space.options.get("cache", None)
    if isinstance(option, str):  # from an environment variable of its own
        option = {"true": True, "false": False, "0": False}.get(option.lower(), option)
    if space.scheme in LOCAL or option is False:
        return CacheOptions(0)
    if option is None or option is True:
        return CacheOptions(explicit=option is True)
    if not isinstance(option, Mapping) or option.keys() - {"size", "folder"}:
        raise _unusable(space, "is neither false nor a table with size and folder")
    return CacheOptions(_size(space, option.get("size", DEFAULT_BYTES)), str(option.get("folder", "")), explicit=True)


def cache_folder(space: Space, options: CacheOptions) -> Path:
    """The space's own folder, in the configured one or in the system's folder for caches."""
    place = [space.url, *(str(space.options.get(name, "")) for name in _LOCATING_OPTIONS)]
    name = hashlib.sha256("\n".join(place).encode()).hexdigest()[:32]
    if options.folder:
        return Path(options.folder).expanduser() / name
    from platformdirs import user_cache_path

    return user_cache_path("datasete") / "spaces" / name


def _size(space: Space, value: object) -> int:
    found = _SIZE.fullmatch(str(value).strip().upper())
    if found is None or isinstance(value, bool):
        raise _unusable(space, "has a size that is neither a number of bytes nor a text like 500 MB")
    return int(found[1]) * UNIT_BYTES[found[2]]


def _unusable(space: Space, why: str) -> ConfigError:
    return ConfigError(
        f"The option cache of the space “{space.name}” {why}.",
        hint='Nothing was opened. Write cache = false, or cache = { size = "2 GB", folder = "/a/folder" }.',
    )
