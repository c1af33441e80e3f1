"""Exporting and importing profiles through the plugins' formats. An import succeeds as a whole or not at all."""

from __future__ import annotations

import shutil
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final

from datasete.config import LimitSettings
from datasete.errors import InvalidInput, TooLarge, UnreadableArchive
from datasete.hooks.manager import Hooks
from datasete.imaging.image_header import check_size
from datasete.plugin.profiles import (
    PackingLimits,
    PackingSummary,
    ProfileFormat,
    ProfileItem,
    ProfileSink,
    ProfileSource,
)
from datasete.pools import Pools, layout
from datasete.pools.admission import validate_mask, validate_upload
from datasete.pools.codec import Malformed, check_storable, next_number, parse_picture
from datasete.pools.commands import check_label
from datasete.pools.lifecycle import PROFILE_KEY, create_pool, without_profile
from datasete.pools.manifest import Manifest, Picture
from datasete.profiles.names import check_name, near_name
from datasete.profiles.registry import Profile
from datasete.profiles.service import Profiles
from datasete.profiles.streaming import Prefetcher, background_write

WRITE_THREADS: Final = 8
MAX_PENDING_BYTES: Final = 40_000_000
"""How many bytes of pictures may be waiting to be written while the next ones are read."""

_OWN_KEYS: Final = frozenset({"active", "slots", "next_seq", "revision", "operations", "trash", PROFILE_KEY})


class ProfileTransfer:
    """Exports and imports profiles.

    Args:
        profiles: the profiles, with their pools.
        hooks: they provide the plugins' formats.
        free_bytes: the space that is left for an import, or None if unknown.
    """

    def __init__(self, profiles: Profiles, hooks: Hooks, free_bytes: Callable[[], int | None] = lambda: None) -> None:
        self._profiles = profiles
        self._pools = profiles.pools
        self._hooks = hooks
        self._free_bytes = free_bytes

    def formats(self) -> dict[str, ProfileFormat]:
        """All formats by id, the bundled ones first."""
        return self._hooks.profile_formats()

    def format_of(self, format_id: str, *, pack: bool = True) -> ProfileFormat:
        """The format with this id; "" selects the first that can pack, or unpack.

        Raises:
            InvalidInput: no such format exists.
        """
        able = [each for each in self.formats().values() if (each.can_pack if pack else each.can_unpack)]
        found = next((each for each in able if format_id in {"", each.id}), None)
        if found is None:
            known = ", ".join(each.id for each in able)
            raise InvalidInput(
                f"The format “{format_id[:80]}” does not exist.", hint=f"Nothing was changed. Choose one of: {known}."
            )
        return found

    def source(self, pool_id: str, name: str) -> ProfileSource:
        """A pool that is ready to be packed, because all its files are there.

        Raises:
            CorruptData: the pool cannot be read, or a file is missing.
        """
        manifest = self._pools.manifest(pool_id)
        # A missing file must show now, and not halfway through an archive that a browser is already saving.
        sizes = _check_complete(self._pools, pool_id, manifest)
        attributes = {"next_seq": manifest.next_seq, **without_profile(manifest.rest)}
        items = _items(self._pools, pool_id, manifest, sizes)
        return ProfileSource(name, len(manifest.pictures), items, manifest.active_index, attributes)

    def export(self, profile: ProfileSource, format_id: str, sink: ProfileSink) -> PackingSummary:
        """Write what `source` returned. If the sink is a file on disk, the caller syncs it."""
        with background_write(sink) as background:
            return self._hooks.profile_pack(self.format_of(format_id).id, profile, background)

    def import_(self, file: BinaryIO, *, name: str = "", format_id: str = "", fallback: str = "") -> Profile:
        """Import a packed profile as a new one; a name that is taken is numbered.

        Args:
            file: a seekable file.
            name: its name; "" for the one in the file, or else `fallback`.
            format_id: "" to detect it.
            fallback: the name if the file holds none; usually the file's name without its suffix.

        Raises:
            InvalidInput: the file or the name cannot be used; nothing is left behind.
            StoreError: it could not be stored.
        """
        wanted = check_name(name) if name else ""
        if format_id:
            self.format_of(format_id, pack=False)  # refuses an unknown format before anything is stored
        with (
            create_pool(self._pools.storage, "profile") as pool_id,
            _Target(self._pools, pool_id, self._limits()) as target,
        ):
            self._hooks.profile_unpack(format_id, file, target)
            manifest = target.manifest()
            return self._profiles.commit(pool_id, manifest, wanted or near_name(target.name or fallback), exact=False)

    def _limits(self) -> PackingLimits:
        limits = self._pools.limits
        return PackingLimits(limits.archive_entries, limits.archive_ratio, limits.image_bytes, self._free_bytes())


def free_bytes_at(path: Path) -> int | None:
    """The free space on the disk for a path, which need not exist yet."""
    for folder in (path, *path.parents):
        with suppress(OSError):
            return shutil.disk_usage(folder).free
    return None


def _items(pools: Pools, pool_id: str, manifest: Manifest, sizes: Mapping[str, int]) -> Iterator[ProfileItem]:
    names = [name for picture in manifest.pictures for name in picture.files]
    prefetcher = Prefetcher(partial(_stored, pools, pool_id), names, sizes)
    try:
        for picture in manifest.pictures:
            yield ProfileItem(
                image=picture.image,
                open_image=partial(prefetcher.open, picture.image),
                label=picture.label,
                mask=picture.mask or "",
                open_mask=partial(prefetcher.open, picture.mask) if picture.mask else None,
                attributes={"added": picture.added, **picture.rest},
            )
    finally:
        prefetcher.close()


def _stored(pools: Pools, pool_id: str, name: str) -> bytes:
    blob = pools.storage.get(layout.pool_key(pool_id, name))
    if blob is None:
        raise layout.missing_file(name, pool_id, "Nothing was exported.")
    return blob.data


def _check_complete(pools: Pools, pool_id: str, manifest: Manifest) -> dict[str, int]:
    """Check that all files of a pool's pictures are there; return the files' sizes by name."""
    there = {layout.file_name(entry.key): entry.size for entry in pools.storage.entries(f"{pool_id}/")}
    needed = (name for picture in manifest.pictures for name in picture.files)
    missing = next((name for name in needed if name not in there), None)
    if missing:
        raise layout.missing_file(missing, pool_id, "Nothing was exported.")
    return there


class _Target:
    """A `ProfileTarget` that fills a pool. A few pictures are written while the next ones are read."""

    def __init__(self, pools: Pools, pool_id: str, limits: PackingLimits) -> None:
        self.name = ""
        self.limits = limits
        self._pools = pools
        self._pool_id = pool_id
        self._pictures: list[Picture] = []
        self._names: set[str] = set()
        self._numbers: set[int] = set()
        self._number = 1
        self._active = 0
        self._rest: Mapping[str, object] = {}
        self._next_seq = 1
        self._threads = ThreadPoolExecutor(WRITE_THREADS, "datasete-import")
        self._writing: deque[tuple[int, Future[str]]] = deque()

    def __enter__(self) -> _Target:  # noqa: PYI034 - `Self` is newer than our oldest Python
        return self

    def __exit__(self, *_: object) -> None:
        self._threads.shutdown(wait=True, cancel_futures=True)

    def describe(self, name: str, active: int = 0, attributes: Mapping[str, object] | None = None) -> None:
        """See `datasete.plugin.profiles.ProfileTarget`."""
        self.name, self._active = name, active
        given = dict(attributes or {})
        next_seq = given.get("next_seq")
        # The archive may claim anything; beyond 2^53, JSON numbers are no longer exact in browsers.
        self._next_seq = next_seq if type(next_seq) is int and 0 < next_seq < 2**53 else 1
        try:
            self._rest = check_storable({key: value for key, value in given.items() if key not in _OWN_KEYS})
        except Malformed as reason:
            raise _unusable(reason) from reason

    def add(self, item: ProfileItem) -> None:
        """See `datasete.plugin.profiles.ProfileTarget`."""
        if len(self._pictures) >= self.limits.entries:
            raise TooLarge(
                f"The file holds more than {self.limits.entries:,} pictures.", hint="Nothing was imported. Divide it."
            )
        data = _read(item.open_image, self.limits)
        # Only the header is read here. The writing thread checks the rest, and its error ends the import as a whole.
        suffix = layout.SUFFIXES.get(check_size(data, self._pools.limits).format, "png")
        image = self._image_name(item.image, suffix)
        mask = self._take_mask(item, image) if item.open_mask else None
        self._pictures.append(_picture_of(item, image, mask))
        self._write(image, data, _checked_image)

    def manifest(self) -> Manifest:
        """The manifest, after all files are stored."""
        while self._writing:
            self._writing.popleft()[1].result()
        next_seq = max(self._next_seq, next_number(self._pictures))
        return Manifest(tuple(self._pictures), self._active, next_seq, rest=self._rest)

    def _image_name(self, name: str, suffix: str) -> str:
        # Names of ours are kept, so that exporting an import gives the same archive again.
        number = layout.number_of(name)
        if number is None or layout.is_mask_name(name) or name in self._names:
            while self._number in self._numbers:
                self._number += 1
            number = self._number
            name = layout.image_name(number, suffix)
        self._numbers.add(number)
        self._names.add(name)
        return name

    def _take_mask(self, item: ProfileItem, image: str) -> str:
        assert item.open_mask
        data = _read(item.open_mask, self.limits)
        name = item.mask if layout.is_mask_name(item.mask) else layout.first_mask_name(image)
        if name in self._names:
            name = layout.later_mask_name(image)
        self._names.add(name)
        self._write(name, data, _checked_mask)
        return name

    def _write(self, name: str, data: bytes, check: Callable[[bytes, LimitSettings], bytes]) -> None:
        """Check a file and store it in another thread; its errors are raised by the next call."""
        # Wait for the oldest writes while too many bytes are pending: a store may be slower than the archive.
        while self._writing and sum(size for size, _ in self._writing) + len(data) > MAX_PENDING_BYTES:
            self._writing.popleft()[1].result()
        key, limits, storage = layout.pool_key(self._pool_id, name), self._pools.limits, self._pools.storage
        self._writing.append((len(data), self._threads.submit(lambda: storage.write(key, check(data, limits)))))
        while self._writing and self._writing[0][1].done():
            self._writing.popleft()[1].result()


def _checked_image(data: bytes, limits: LimitSettings) -> bytes:
    return validate_upload(data, limits).data


def _checked_mask(data: bytes, limits: LimitSettings) -> bytes:
    # A PNG is kept to the byte, like the pictures; any other mask becomes one.
    kept = validate_upload(data, limits)
    return data if kept.suffix == "png" and kept.data is data else validate_mask(data, limits)


def _picture_of(item: ProfileItem, image: str, mask: str | None) -> Picture:
    entry = {**item.attributes, "image": image, "mask": mask, "label": check_label(item.label)}
    try:
        return parse_picture(entry)
    except Malformed as reason:
        raise _unusable(reason) from reason


def _read(opened: Callable[[], BinaryIO], limits: PackingLimits) -> bytes:
    with opened() as file:
        data = file.read(limits.item_bytes + 1)
    if len(data) > limits.item_bytes:
        raise TooLarge(
            f"A picture in it has over {limits.item_bytes:,} bytes.", hint="Nothing was imported. Shrink it."
        )
    return data


def _unusable(reason: Malformed) -> UnreadableArchive:
    return UnreadableArchive(f"The file cannot be imported: it {reason}.", hint="Nothing was imported.")
