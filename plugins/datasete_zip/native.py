"""Datasete's own format: ``pool/`` as in the space, and ``profile_meta.json`` with the checksum of every file."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, BinaryIO, Final

from datasete.plugin import PackingSummary, ProfileItem, ProfileSink, ProfileSource, ProfileTarget
from datasete_zip.archive import Archive, broken, text_of
from datasete_zip.checking import Checks, checking
from datasete_zip.writing import Writer, writing

META: Final = "profile_meta.json"
MANIFEST: Final = "pool/manifest.json"
FORMAT: Final = "datasete-profile"
VERSION: Final = 1

_SHA256: Final = re.compile(r"(?:sha256:)?([0-9a-f]{64})")
_SLOT: Final = frozenset({"image", "mask", "label"})
_POOL: Final = frozenset({"active", "slots"})


def pack(profile: ProfileSource, sink: ProfileSink) -> PackingSummary:
    """Write a profile; the checksums come last, when they are known."""
    # the manifest comes after the pictures, which can be iterated over only once; readers use the directory anyway
    with writing(sink, checksums=True) as writer:
        slots = [_pack_item(writer, item) for item in profile.items]
        size = writer.bytes
        document = {"active": profile.active, **profile.attributes}
        writer.write(MANIFEST, _lines(document, slots))
        meta = {"format": FORMAT, "format_version": VERSION, "name": profile.name, "checksums": writer.checksums}
        writer.write(META, json.dumps(meta, ensure_ascii=False, indent=1).encode("utf-8", "backslashreplace"))
    return PackingSummary(len(slots), size)


def fits(archive: Archive) -> bool:
    """Whether an archive is in this format; exports of the earlier pack are."""
    return META in archive or MANIFEST in archive


def unpack(archive: Archive, target: ProfileTarget) -> PackingSummary:
    """Read a profile.

    Raises:
        UnreadableArchive: something is missing, or does not have its checksum.
    """
    manifest = archive.document(MANIFEST) if MANIFEST in archive else None
    slots = manifest.get("slots") if isinstance(manifest, dict) else None
    if not isinstance(manifest, dict) or not isinstance(slots, list):
        raise broken(f"it has no {MANIFEST} that lists pictures, so it is not an exported profile")
    meta = archive.document(META) if META in archive else {}
    active = manifest.get("active", 0)
    rest = {key: value for key, value in manifest.items() if key not in _POOL}
    target.describe(text_of(meta, "name", "original_name"), active if type(active) is int else 0, rest)
    with checking() as checks:
        files = _Files(archive, meta, checks)
        size = sum(_unpack_item(files, slot, target) for slot in slots)
        checks.settle()
    return PackingSummary(len(slots), size)


class _Files:
    """An archive's files and their checksums; one without any (from the earlier pack) is held to zip's own."""

    def __init__(self, archive: Archive, meta: object, checks: Checks) -> None:
        found = meta.get("checksums") if isinstance(meta, dict) else None
        if found is not None and not isinstance(found, dict):
            raise broken(f"the checksums in its {META} cannot be read")
        self._archive = archive
        self._sums: Mapping[str, Any] | None = found
        self._checks = checks
        missing = next((name for name in found or () if name not in archive), None)
        if missing is not None:
            raise broken(f"“{missing[:80]}” is missing from it")
        # the manifest was used to get here, so it is checked before any picture is
        if found is not None:
            with self.opener(MANIFEST)() as file:
                file.read()
            checks.settle()

    def __contains__(self, name: str) -> bool:
        return name in self._archive

    def size(self, name: str) -> int:
        """The size that a file claims to have, in bytes."""
        return self._archive.size(name)

    def opener(self, name: str) -> Callable[[], BinaryIO]:
        """A function that opens a file, which is checked if the archive has checksums."""
        if self._sums is None:
            return partial(self._archive.open, name)
        match = _SHA256.fullmatch(str(self._sums.get(name, "")).lower())
        if match is None:
            raise broken(f"“{name}” in it has no checksum that can be read")
        checksum = match[1]
        return lambda: self._checks.watch(self._archive.open(name), name, checksum)


def _pack_item(writer: Writer, item: ProfileItem) -> dict[str, object]:
    added = item.attributes.get("added", 0)
    writer.copy(f"pool/{item.image}", item.open_image(), added)
    if item.open_mask:
        writer.copy(f"pool/{item.mask}", item.open_mask(), added)
    mask = item.mask if item.open_mask else None
    return {"image": item.image, "mask": mask, "label": item.label, **item.attributes}


def _unpack_item(files: _Files, slot: object, target: ProfileTarget) -> int:
    """Read one picture with its mask; return how many bytes they have."""
    if not isinstance(slot, dict):
        raise broken("its manifest has a picture that is not an object")
    image, mask, label = slot.get("image"), slot.get("mask") or "", slot.get("label") or ""
    # a name with a slash could reach files that the pool does not list
    for name in (image, mask or image):
        if not isinstance(name, str) or "/" in name or f"pool/{name}" not in files:
            raise broken(f"its manifest names {str(name)[:80]!a}, which is not in it")
    item = ProfileItem(
        image=str(image),
        open_image=files.opener(f"pool/{image}"),
        label=label if isinstance(label, str) else "",
        mask=str(mask),
        open_mask=files.opener(f"pool/{mask}") if mask else None,
        attributes={key: value for key, value in slot.items() if key not in _SLOT},
    )
    target.add(item)
    return files.size(f"pool/{image}") + (files.size(f"pool/{mask}") if mask else 0)


def _lines(document: Mapping[str, object], slots: list[dict[str, object]]) -> bytes:
    """The manifest with one picture on each line, as the pool itself stores it."""
    head = json.dumps(document)[:-1]
    return f'{head},\n"slots":[\n{",".join(chr(10) + json.dumps(slot) for slot in slots).lstrip()}\n]}}\n'.encode()
