"""Training sets as trainers read them: ``0001.png``, its caption in ``0001.txt``, its mask in ``masks/0001.png``.

Written in this form, and read in its variants: any names, folders around it, masks with the picture's name in
a folder ``masks`` or ``mask`` beside it, or with ``-masklabel`` after the name.
"""

from __future__ import annotations

import re
import unicodedata
from functools import partial
from typing import Final

from datasete.plugin import PackingSummary, ProfileItem, ProfileSink, ProfileSource, ProfileTarget
from datasete_zip.archive import Archive, broken
from datasete_zip.writing import Writer, writing

PICTURES: Final = frozenset({"png", "jpg", "jpeg", "webp", "bmp", "tif", "tiff", "gif", "avif"})
CAPTIONS: Final = ("txt", "caption")
MASKS: Final = ("masks", "mask")
MASK_LABEL: Final = "-masklabel"
MAX_CAPTION_BYTES: Final = 1_000_000

_DIGITS: Final = re.compile(r"(\d+)")


def pack(profile: ProfileSource, sink: ProfileSink) -> PackingSummary:
    """Write a training set; pictures are named by their position, so that the order survives."""
    width = max(4, len(str(profile.count)))
    pictures = 0
    with writing(sink) as writer:
        for pictures, item in enumerate(profile.items, 1):
            _pack_item(writer, item, f"{pictures:0{width}d}")
    return PackingSummary(pictures, writer.bytes)


def unpack(archive: Archive, target: ProfileTarget) -> PackingSummary:
    """Read a training set in the natural order of its names.

    Raises:
        UnreadableArchive: it holds no picture.
    """
    names = [name for name in archive.names if _is_picture(name)]
    stems = {_stem(name) for name in names}
    masks = {_stem(name): name for name in names if _is_mask(_stem(name), stems)}
    pictures = [name for name in names if _stem(name) not in masks]
    if not pictures:
        raise broken("there is neither an exported profile nor a single picture in it")
    target.describe(_common_folder(pictures))
    size = 0
    for name in sorted(pictures, key=_natural):
        mask = _mask_of(name, masks)
        target.add(_item(archive, name, mask))
        size += archive.size(name) + (archive.size(mask) if mask else 0)
    return PackingSummary(len(pictures), size)


def _pack_item(writer: Writer, item: ProfileItem, stem: str) -> None:
    added = item.attributes.get("added", 0)
    writer.copy(f"{stem}.{item.image.rpartition('.')[2]}", item.open_image(), added)
    if item.label:
        writer.write(f"{stem}.txt", item.label.encode("utf-8", "replace"))
    if item.open_mask:
        writer.copy(f"masks/{stem}.png", item.open_mask(), added)


def _item(archive: Archive, name: str, mask: str | None) -> ProfileItem:
    return ProfileItem(
        image=name.rpartition("/")[2],
        open_image=partial(archive.open, name),
        label=_caption(archive, _stem(name)),
        mask=mask.rpartition("/")[2] if mask else "",
        open_mask=partial(archive.open, mask) if mask else None,
    )


def _caption(archive: Archive, stem: str) -> str:
    name = next((f"{stem}.{suffix}" for suffix in CAPTIONS if f"{stem}.{suffix}" in archive), None)
    if name is None:
        return ""
    if archive.size(name) > MAX_CAPTION_BYTES:
        raise broken(f"the caption “{name}” in it is far too long")
    data = archive.text(name)
    # old captioning tools write in the Windows code page; latin-1 accepts any byte, so no import fails over a caption
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    return text.replace("\0", "").strip()


def _is_picture(name: str) -> bool:
    # macOS adds a picture-like resource file for each picture
    hidden = any(part.startswith(".") or part == "__MACOSX" for part in name.split("/"))
    return not hidden and name.rpartition(".")[2].lower() in PICTURES


def _is_mask(stem: str, stems: set[str]) -> bool:
    folder, _, last = stem.rpartition("/")
    if folder.rpartition("/")[2].lower() in MASKS:
        return True
    return last.endswith(MASK_LABEL) and stem.removesuffix(MASK_LABEL) in stems


def _mask_of(name: str, masks: dict[str, str]) -> str | None:
    folder, slash, last = _stem(name).rpartition("/")
    found = [f"{folder}{slash}{masks_folder}/{last}" for masks_folder in (*MASKS, *map(str.title, MASKS))]
    return next((masks[stem] for stem in (*found, _stem(name) + MASK_LABEL) if stem in masks), None)


def _stem(name: str) -> str:
    return name.rpartition(".")[0]


def _common_folder(names: list[str]) -> str:
    # an archive of one folder was made by packing that folder: its name is the best one for the profile
    folders = {name.partition("/")[0] if "/" in name else "" for name in names}
    return folders.pop() if len(folders) == 1 else ""


def _natural(name: str) -> list[tuple[int, int, str]]:
    folded = unicodedata.normalize("NFC", name).casefold()
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in _DIGITS.split(folded) if part]
