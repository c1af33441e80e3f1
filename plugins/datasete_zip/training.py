"""Training sets as trainers read them: ``0001.png``, its caption in ``0001.txt``, its mask in ``masks/0001.png``.

Written in this form, and read in its variants: any names, folders around it, captions and masks as `paired` finds them.
"""

from __future__ import annotations

import re
import unicodedata
from functools import partial
from typing import Final

from datasete.plugin import (
    InvalidInput,
    PackingSummary,
    Paired,
    ProfileItem,
    ProfileSink,
    ProfileSource,
    ProfileTarget,
    UnreadableArchive,
    is_litter,
    paired,
    read_caption,
)
from datasete_zip.archive import Archive, broken
from datasete_zip.writing import Writer, writing

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
        UnreadableArchive: it holds no picture, or a caption that cannot be read.
    """
    pictures, _ = paired(name for name in archive.names if not is_litter(name))
    if all(each.is_called_mask for each in pictures):
        raise broken("there is neither an exported profile nor a single picture in it")
    target.describe(_common_folder([each.picture for each in pictures]))
    size = 0
    for each in sorted(pictures, key=lambda each: _natural(each.picture)):
        target.add(_item(archive, each))
        size += archive.size(each.picture) + (archive.size(each.mask) if each.mask else 0)
    return PackingSummary(len(pictures), size)


def _pack_item(writer: Writer, item: ProfileItem, stem: str) -> None:
    added = item.attributes.get("added", 0)
    writer.copy(f"{stem}.{item.image.rpartition('.')[2]}", item.open_image(), added)
    if item.label:
        writer.write(f"{stem}.txt", item.label.encode("utf-8", "replace"))
    if item.open_mask:
        writer.copy(f"masks/{stem}.png", item.open_mask(), added)


def _item(archive: Archive, files: Paired) -> ProfileItem:
    mask = files.mask
    return ProfileItem(
        image=files.picture.rpartition("/")[2],
        open_image=partial(archive.open, files.picture),
        label=_caption(archive, files.caption) if files.caption else "",
        mask=mask.rpartition("/")[2] if mask else "",
        open_mask=partial(archive.open, mask) if mask else None,
    )


def _caption(archive: Archive, name: str) -> str:
    try:
        return read_caption(archive.text(name))
    except UnreadableArchive:
        raise
    except InvalidInput as error:
        raise broken(f"the caption “{name}” in it is not text that can be recognized, or far too long") from error


def _common_folder(names: list[str]) -> str:
    # an archive of one folder was made by packing that folder: its name is the best one for the profile
    folders = {name.partition("/")[0] if "/" in name else "" for name in names}
    return folders.pop() if len(folders) == 1 else ""


def _natural(name: str) -> list[tuple[int, int, str]]:
    folded = unicodedata.normalize("NFC", name).casefold()
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in _DIGITS.split(folded) if part]
