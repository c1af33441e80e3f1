"""Rebuilding a pool's manifest from its files, when the manifest is lost or cannot be read."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from datasete.errors import Conflict, InvalidInput, NotFound
from datasete.plugin import ABSENT, Entry
from datasete.pools import codec
from datasete.pools.layout import file_name, is_mask_name, number_of, pool_key
from datasete.pools.manifest import Manifest, Picture
from datasete.storage import Storage


def rebuild(storage: Storage, pool_id: str, clock: Callable[[], float] = time.time) -> Manifest:
    """Write a new manifest from the files and from what is still readable of the old one: order, labels, masks.

    The old bytes are kept beside it as ``manifest-corrupt-….json``.

    Raises:
        InvalidInput: the manifest can be read; nothing was changed.
        NotFound: there are neither a manifest nor pictures.
        Conflict: the manifest was changed meanwhile; nothing was changed here.
    """
    blob = storage.get(pool_key(pool_id))
    if blob is not None and codec.is_readable(partial(codec.decode, blob.data, pool_id)):
        raise InvalidInput("This pool can be read, so there is nothing to rebuild.", hint="Nothing was changed.")
    found = _Files.from_entries(storage.entries(f"{pool_id}/"))
    if blob is None and not found.images:
        raise NotFound(f"The pool “{pool_id}” does not exist.", hint="Nothing was changed. Check its id.")
    manifest = _rebuilt(blob.data if blob else b"", found, clock())
    if blob:
        storage.write(pool_key(pool_id, f"manifest-corrupt-{time.time_ns()}.json"), blob.data, ABSENT)
    try:
        storage.write(pool_key(pool_id), codec.encode(manifest), blob.version if blob else ABSENT)
    except Conflict as error:
        raise Conflict(
            "Another writer changed the manifest in the meantime.", hint="Nothing was rebuilt. Open the pool again."
        ) from error
    return manifest


@dataclass(frozen=True)
class _Files:
    """The files in a pool's folder: pictures by name, and masks by the picture's stem, the newest last."""

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
        """The entry for a picture that only its files tell of."""
        masks = self.masks.get(name.partition(".")[0])
        return Picture(name, masks[-1] if masks else None, "", round(self.images[name].modified, 3))


def _rebuilt(old: bytes, found: _Files, now: float) -> Manifest:
    pictures, trash = _remembered(old)
    pictures = _existing(pictures, found, set())
    removed = _existing(trash, found, {picture.image for picture in pictures})
    known = {picture.image for picture in (*pictures, *removed)}
    unknown = sorted((number_of(name) or 0, name) for name in found.images if name not in known)
    pictures += [found.picture(name) for _, name in unknown]
    files = [*pictures, *removed, *(Picture(name) for name in found.images)]
    # Pictures in the trash come back: removing one again is easy, but a forgotten one would be collected for good.
    # The revision is the clock's, so that it lies above whatever the lost manifest had, and no page takes it for known.
    return Manifest(pictures=(*pictures, *removed), next_seq=codec.next_number(files), revision=int(now))


def _remembered(old: bytes) -> tuple[list[Picture], list[Picture]]:
    """Pictures and removed pictures that are still readable: from the document, or else from its lines."""
    try:
        document = codec.load_json(old)
    except codec.Malformed:
        entries = list(_lines(old))
    else:
        entries = _entries(document, "slots") + _entries(document, "trash")
    return _readable(entry for entry in entries if "slot" not in entry), _readable(
        entry["slot"] for entry in entries if "slot" in entry
    )


def _entries(document: object, key: str) -> list[dict[str, Any]]:
    found = document.get(key) if isinstance(document, dict) else None
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


def _lines(old: bytes) -> Iterator[dict[str, Any]]:
    for entry in codec.load_lines(old):
        if isinstance(entry, dict) and ("image" in entry or "slot" in entry):
            yield entry


def _readable(entries: Iterable[object]) -> list[Picture]:
    pictures = []
    for entry in entries:
        with suppress(codec.Malformed):
            pictures.append(codec.parse_picture(entry))
    return pictures


def _existing(pictures: Iterable[Picture], found: _Files, seen: set[str]) -> list[Picture]:
    kept = []
    for picture in pictures:
        if picture.image in found.names and picture.image not in seen:
            seen.add(picture.image)
            kept.append(picture if picture.mask in found.names or picture.mask is None else replace(picture, mask=None))
    return kept
