"""Copies of whole pools, made inside the store where it can."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Final

from datasete.errors import CorruptData, NotFound
from datasete.pools.layout import pool_key
from datasete.pools.manifest import Manifest
from datasete.storage import Storage

SIDE_BY_SIDE: Final = 8
PROFILE: Final = "profile"
"""A manifest's key under which a profile's pool knows its name, in case the registry is ever lost."""


def copy_files(storage: Storage, manifest: Manifest, source: str, target: str) -> Manifest:
    """Copy the files of a pool's pictures (not of removed ones); return the manifest that the copy shall have.

    Raises:
        CorruptData: a file is missing; the copy is incomplete.
        StoreError: the copy is incomplete.
    """
    names = sorted({name for slot in manifest.slots for name in slot.files})

    def copy(name: str) -> None:
        try:
            storage.copy(pool_key(source, name), pool_key(target, name))
        except NotFound as error:
            raise CorruptData(
                f"The file “{name}” of the pool “{source}” is missing.", hint="Nothing was copied. Remove its picture."
            ) from error

    with ThreadPoolExecutor(SIDE_BY_SIDE) as threads:
        for _ in threads.map(copy, names):
            pass
    rest = {key: value for key, value in manifest.rest.items() if key != PROFILE}
    return replace(manifest, revision=0, operations=(), trash=(), rest=rest)
