"""A manifest made anew from a pool's files, when the old one is lost or cannot be read."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from datasete.errors import Conflict, InvalidInput, NotFound
from datasete.plugin import ABSENT, Entry
from datasete.pools.codec import (
    Malformed,
    decode,
    encode,
    is_readable,
    load_json,
    load_lines,
    next_number,
    parse_picture,
)
from datasete.pools.layout import file_name, is_mask_name, number_of, pool_key
from datasete.pools.manifest import Manifest, Picture
from datasete.storage import Storage


def rebuild(storage: Storage, pool_id: str, clock: Callable[[], float] = time.time) -> Manifest:
    """Write a new manifest from the files, with what can still be understood of the old one: order, labels, masks.

    The old bytes are kept beside it as ``manifest-corrupt-….json``.

    Raises:
        InvalidInput: the manifest is sound; nothing was changed.
        NotFound: there are no pictures either.
        Conflict: the manifest was changed meanwhile; nothing was changed here.
    """
    blob = storage.get(pool_key(pool_id))
    if blob is not None and is_readable(partial(decode, blob.data, pool_id)):
        raise InvalidInput("This pool can be read, so there is nothing to rebuild.", hint="Nothing was changed.")
    found = _Files.from_entries(storage.entries(f"{pool_id}/"))
    if blob is None and not found.images:
        raise NotFound(f"There is no pool “{pool_id}”.", hint="Nothing was changed.")
    manifest = _mended(blob.data if blob else b"", found, clock())
    if blob:
        storage.write(pool_key(pool_id, f"manifest-corrupt-{time.time_ns()}.json"), blob.data, ABSENT)
    try:
        storage.write(pool_key(pool_id), encode(manifest), blob.version if blob else ABSENT)
    except Conflict as error:
        raise Conflict("The manifest was changed meanwhile.", hint="Look at the pool again.") from error
    return manifest


@dataclass(frozen=True)
class _Files:
    """What lies in a pool's folder: pictures by name, and their masks, the newest last."""

    images: dict[str, Entry]
    masks: dict[str, list[str]]
    names: frozenset[str]

    @classmethod
    def from_entries(cls, entries: Iterable[Entry]) -> _Files:
        images: dict[str, Entry] = {}
        masks: dict[str, list[str]] = {}
        names = {file_name(entry.key): entry for entry in entries}
        for name, entry in sorted(names.items(), key=lambda pair: pair[1].modified):
            if is_mask_name(name):
                masks.setdefault(name.partition(".")[0], []).append(name)
            elif number_of(name) is not None:
                images[name] = entry
        return cls(images, masks, frozenset(names))

    def picture(self, name: str) -> Picture:
        """A picture of which only the files are known."""
        masks = self.masks.get(name.partition(".")[0])
        return Picture(name, masks[-1] if masks else None, "", round(self.images[name].modified, 3))


def _mended(old: bytes, found: _Files, now: float) -> Manifest:
    pictures, trash = _remembered(old)
    pictures = _existing(pictures, found, set())
    removed = _existing(trash, found, {picture.image for picture in pictures})
    known = {picture.image for picture in (*pictures, *removed)}
    unknown = sorted((number_of(name) or 0, name) for name in found.images if name not in known)
    pictures += [found.picture(name) for _, name in unknown]
    files = [*pictures, *removed, *(Picture(name) for name in found.images)]
    # what was in the trash comes back: a removal can be repeated, a picture that is forgotten cannot
    return Manifest(pictures=(*pictures, *removed), next_seq=next_number(files), revision=int(now))


def _remembered(old: bytes) -> tuple[list[Picture], list[Picture]]:
    """Slots and removed ones that can still be understood: of the document, or else of its lines."""
    try:
        document = load_json(old)
    except Malformed:
        entries = list(_lines(old))
    else:
        entries = _entries(document, "slots") + _entries(document, "trash")
    return _sound(entry for entry in entries if "slot" not in entry), _sound(
        entry["slot"] for entry in entries if "slot" in entry
    )


def _entries(document: object, key: str) -> list[dict[str, Any]]:
    found = document.get(key) if isinstance(document, dict) else None
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


def _lines(old: bytes) -> Iterator[dict[str, Any]]:
    for entry in load_lines(old):
        if isinstance(entry, dict) and ("image" in entry or "slot" in entry):
            yield entry


def _sound(entries: Iterable[object]) -> list[Picture]:
    pictures = []
    for entry in entries:
        with suppress(Malformed):
            pictures.append(parse_picture(entry))
    return pictures


def _existing(pictures: Iterable[Picture], found: _Files, seen: set[str]) -> list[Picture]:
    kept = []
    for picture in pictures:
        if picture.image in found.names and picture.image not in seen:
            seen.add(picture.image)
            kept.append(picture if picture.mask in found.names or picture.mask is None else replace(picture, mask=None))
    return kept
