"""Reading pools: their manifests, and the bytes of pictures, masks and thumbnails."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from datasete.config import LimitSettings
from datasete.errors import CorruptData, InvalidInput, NotFound
from datasete.ids import natural_key
from datasete.plugin import Blob
from datasete.pools.editing import LruCache, ManifestCache
from datasete.pools.layout import PENDING, check_pool_id, pool_key
from datasete.pools.lifecycle import pool_ids
from datasete.pools.manifest import Manifest, Picture
from datasete.storage import Storage


@dataclass(frozen=True)
class PoolPicture:
    """A picture as a run gets it from a pool.

    Attributes:
        image: the encoded picture.
        mask: the encoded mask, or None.
        record: its entry in the manifest.
        index: its position.
        count: how many pictures the pool has.
    """

    image: bytes
    mask: bytes | None
    record: Picture
    index: int
    count: int


def find_picture(
    storage: Storage, pool_id: str, index: int, read_manifest: Callable[[str], Manifest]
) -> PoolPicture | None:
    """Read the picture at an index with its mask; None if the pool is empty.

    Raises:
        CorruptData: a file that the manifest names is missing.
    """
    for retry in (True, False):
        manifest = read_manifest(pool_id)
        chosen = manifest.choose(index)
        if chosen is None:
            return None
        picture = manifest.pictures[chosen]
        files = read_files(storage, pool_id, picture)
        if files is not None:
            return PoolPicture(*files, picture, chosen, len(manifest.pictures))
        # A file may have been replaced between reading the manifest and reading the files. Only a manifest that still
        # names the missing file shows that the pool itself is damaged.
        if not retry or read_manifest(pool_id) is manifest:
            break
    raise incomplete_picture(picture, pool_id)


def read_files(storage: Storage, pool_id: str, picture: Picture) -> tuple[bytes, bytes | None] | None:
    """The bytes of a picture and of its mask, if it has one; None when one of its files is missing."""
    found = storage.read(*[pool_key(pool_id, name) for name in picture.files])
    if len(found) != len(picture.files):
        return None
    mask = found[pool_key(pool_id, picture.mask)].data if picture.mask else None
    return found[pool_key(pool_id, picture.image)].data, mask


def incomplete_picture(picture: Picture, pool_id: str) -> CorruptData:
    """The error for a picture one of whose files is missing."""
    return CorruptData(
        f"A file of the picture “{picture.image}” in the pool “{pool_id}” is missing.",
        hint="The others are unharmed. Remove the picture, or put its file back.",
    )


THUMBNAIL_CACHE_BYTES: Final = 64_000_000
"""How many bytes of rendered thumbnails are cached."""


class Reader:
    """The reading half of `Pools`. Safe to use from several threads.

    Args:
        storage: of the space.
        limits: for pictures.
    """

    def __init__(self, storage: Storage, limits: LimitSettings | None = None) -> None:
        self.storage = storage
        self.limits = limits or LimitSettings()
        self._manifests = ManifestCache()
        self._thumbnails: LruCache[tuple[object, ...], tuple[bytes, str]] = LruCache(
            THUMBNAIL_CACHE_BYTES, lambda rendered: len(rendered[0])
        )

    def manifest(self, pool_id: str) -> Manifest:
        """The current manifest of a pool; one that does not exist is empty.

        Raises:
            InvalidName: this cannot be a pool's id.
            CorruptData: its manifest cannot be read.
            StoreError: the store cannot be reached. This never counts as an empty pool.
        """
        pool_id = check_pool_id(pool_id)
        return self._manifests.decoded(pool_id, self.storage.get(pool_key(pool_id)))

    def exists(self, pool_id: str) -> bool:
        """Whether a pool has a manifest, readable or not."""
        return self.storage.get(pool_key(check_pool_id(pool_id))) is not None

    def ids(self) -> list[str]:
        """The ids of all pools, in natural order."""
        return sorted((pool_id for pool_id in pool_ids(self.storage) if self._is_pool(pool_id)), key=natural_key)

    def picture(self, pool_id: str, index: int) -> PoolPicture | None:
        """The picture for a run: −1 is the active one, other indices are clamped; None if the pool is empty.

        Raises:
            CorruptData: the manifest cannot be read, or a file it names is missing.
        """
        return find_picture(self.storage, check_pool_id(pool_id), index, self.manifest)

    def file(self, pool_id: str, name: str) -> Blob:
        """The bytes of a picture or mask. The manifest must name it, if only in the trash.

        Raises:
            NotFound: it does not.
        """
        if name not in self.manifest(pool_id).files:
            raise NotFound(f"The pool has no file “{name[:80]}”.", hint="Nothing was changed. Refresh the pool.")
        blob = self.storage.get(pool_key(pool_id, name))
        if blob is None:
            raise NotFound(
                f"The file “{name}” of the pool “{pool_id}” is missing.",
                hint="The others are unharmed. Remove its picture.",
            )
        return blob

    def thumbnail(self, pool_id: str, image: str, size: int) -> tuple[bytes, str]:
        """A thumbnail of a picture or of a mask, by its file name, and its media type.

        Raises:
            NotFound: the pool has no such file.
            UnreadableImage: the stored file is damaged.
        """
        key = (pool_id, image, size)
        kept = self._thumbnails.get(key)
        if kept is None:
            from datasete.imaging.previews import preview_bytes

            kept = preview_bytes(self.file(pool_id, image).data, size, self.limits)
            self._thumbnails.put(key, kept)
        return kept

    def name_at(self, pool_id: str, index: object) -> str:
        """The name of the picture at an index, for edits that address it by position.

        Raises:
            InvalidInput: the index is not a whole number.
            NotFound: out of range.
        """
        if isinstance(index, bool) or not isinstance(index, int):
            raise InvalidInput("An index is a whole number.", hint="Nothing was changed. Send a number from 0.")
        pictures = self.manifest(pool_id).pictures
        if not 0 <= index < len(pictures):
            raise NotFound(
                f"The pool has {len(pictures)} pictures, and none at index {index}.",
                hint="Nothing was changed. Refresh the pool.",
            )
        return pictures[index].image

    def _is_pool(self, pool_id: str) -> bool:
        # A pool that is still being created has files, and possibly a manifest, but is not committed.
        try:
            return self.exists(pool_id) and self.storage.get(pool_key(pool_id, PENDING)) is None
        except InvalidInput:
            return False
