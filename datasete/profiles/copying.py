"""Copies pools and their names to another space, such as after a change of its URL."""

from __future__ import annotations

from datasete.copying import ATTEMPTS, Copied, check_written, copy_files
from datasete.errors import Conflict
from datasete.plugin import ABSENT
from datasete.pools.layout import MANIFEST, PENDING, pool_key
from datasete.profiles.registry import KEY, Registry, decode
from datasete.profiles.service import Profiles
from datasete.storage import Storage


def pools_in(source: Storage) -> list[str]:
    """The ids of the pools that are complete."""
    return [
        entry.key.removesuffix(f"/{MANIFEST}")
        for entry in source.entries()
        if entry.key.count("/") == 1 and entry.key.endswith(f"/{MANIFEST}")
    ]


def registry_in(source: Storage) -> Registry:
    """The names of pools.

    Raises:
        CorruptData: the list cannot be read.
    """
    return decode(source.get(KEY))


def copy_pool(source: Storage, target: Storage, pool_id: str) -> Copied | None:
    """Copy one pool; None if it is gone. Its manifest comes last: until then the target has no such pool.

    Raises:
        Conflict: it was edited again and again meanwhile; run it once more.
        CorruptData: the target does not hold what was written there.
    """
    key = pool_key(pool_id)
    for _ in range(ATTEMPTS):
        manifest = source.get(key)
        if manifest is None:
            return None
        there = target.get(key)
        if there is not None:
            return Copied(pool_id, "there" if there.data == manifest.data else "kept")
        left_out = {key, pool_key(pool_id, PENDING)}
        copy_files(source, target, [each.key for each in source.entries(f"{pool_id}/") if each.key not in left_out])
        now = source.get(key)
        if now is None or now.version != manifest.version:
            continue
        try:
            target.write(key, manifest.data, ABSENT)
        except Conflict:
            continue
        check_written(target, key, manifest)
        return Copied(pool_id, "copied")
    raise Conflict(f"The pool “{pool_id}” is being edited.", hint="It was not copied. Run the command again.")


def copy_names(names: Registry, target: Profiles, pools: set[str]) -> int:
    """Give the copied `pools` the names that they had; a name that is taken is numbered. Return how many were new."""
    known = target.registry()
    wanted = [each for each in names.profiles if each.id in pools and not known.find(each.id)]
    for profile in wanted:
        target.take(profile)
    return len(wanted)
