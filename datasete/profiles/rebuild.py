"""Rebuilding the registry from what is readable of the old one, and from the names that pools note themselves."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import Any

from datasete.errors import DataseteError, InvalidInput
from datasete.plugin import ABSENT
from datasete.pools import Pools
from datasete.pools.codec import Malformed, is_readable, load_json, load_lines
from datasete.pools.lifecycle import PROFILE_KEY
from datasete.profiles.names import free_name, near_name
from datasete.profiles.registry import KEY, Profile, Registry, decode, encode, parse_profile


def rebuild(pools: Pools) -> Registry:
    """Write a new registry; the old bytes are kept beside it as ``profiles-corrupt-….json``.

    Raises:
        InvalidInput: the registry can be read; nothing was changed.
        Conflict: another writer changed it in the meantime; nothing was changed here.
    """
    blob = pools.storage.get(KEY)
    if blob is not None and is_readable(partial(decode, blob)):
        raise InvalidInput(
            "The list of profiles can be read, so there is nothing to rebuild.", hint="Nothing was changed."
        )
    old = blob.data if blob else b""
    found = {profile.id: profile for profile in _remembered(old)}
    # Entries of the old list win: a pool's own note may be older, as it is not part of the commit.
    for profile in _known_to_pools(pools):
        found.setdefault(profile.id, profile)
    registry = Registry(tuple(_with_unique_names(found)), revision=int(time.time()))
    if blob:
        pools.storage.write(f"profiles-corrupt-{time.time_ns()}.json", old, ABSENT)
    pools.storage.write(KEY, encode(registry), blob.version if blob else ABSENT)
    return registry


def _remembered(old: bytes) -> Iterator[Profile]:
    for entry in _entries(old):
        with suppress(Malformed):
            yield parse_profile(entry)


def _entries(old: bytes) -> list[Any]:
    with suppress(Malformed):
        document = load_json(old)
        found = document.get("profiles") if isinstance(document, dict) else None
        return found if isinstance(found, list) else []
    return list(load_lines(old))


def _known_to_pools(pools: Pools) -> Iterator[Profile]:
    for pool_id in pools.ids():
        with suppress(DataseteError):  # an unreadable pool must not cost the others their names
            hint = pools.manifest(pool_id).rest.get(PROFILE_KEY)
            if isinstance(hint, dict):
                yield Profile(pool_id, near_name(hint.get("name")), hint.get("created", 0))


def _with_unique_names(found: dict[str, Profile]) -> Iterator[Profile]:
    taken: list[str] = []
    for profile in found.values():
        name = free_name(profile.name, taken)
        taken.append(name)
        yield Profile(profile.id, name, profile.created, profile.rest)
