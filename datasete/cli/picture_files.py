"""The pictures on the disk that ``datasete pool add`` is asked for, with the captions and masks that belong to them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from datasete.errors import InvalidInput
from datasete.ids import natural_key
from datasete.sidecars.kinds import MASK_FOLDERS, is_caption, is_litter, is_other_picture
from datasete.sidecars.opening import open_regular
from datasete.sidecars.pairing import Paired, paired
from datasete.sidecars.walk import walk

UNKNOWN_FORMAT: Final = "a picture in a format that is not read"
NO_PICTURE: Final = "not a picture"
UNREADABLE: Final = "cannot be read"
LITTER: Final = "hidden, a backup or unfinished"


@dataclass(frozen=True)
class PictureFile:
    """One picture on disk, with its caption and mask where they exist."""

    image: Path
    caption: Path | None = None
    mask: Path | None = None


@dataclass(frozen=True)
class LeftOut:
    """A file in a folder that is not taken, and why."""

    path: Path
    reason: str


@dataclass
class Found:
    """What a few paths lead to."""

    pictures: list[PictureFile] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)


def picture_files(paths: Iterable[Path]) -> Found:
    """Find the pictures that paths name: a file itself; all pictures in a folder and those below, in natural order.

    Raises:
        InvalidInput: a path does not exist, or none of them holds a picture.
    """
    found = Found()
    named = list(paths)
    for path in named:
        if not path.exists():
            raise InvalidInput(f"{path} is neither a file nor a folder.", hint="Nothing was added. Check the path.")
    for folder in filter(Path.is_dir, named):
        _add_folder(found, folder)
    loose = [path for path in named if not path.is_dir()]
    for parent in dict.fromkeys(path.parent for path in loose):
        _add_loose(found, parent, [path.name for path in loose if path.parent == parent])
    if not found.pictures:
        others = "".join(f" {line}" for line in summary(found.left_out))
        raise InvalidInput(
            f"No picture was found there.{others}", hint="Nothing was added. Name pictures, or folders with some."
        )
    return found


def read_bytes(path: Path) -> bytes:
    """Read a file.

    Raises:
        InvalidInput: it cannot be read.
    """
    try:
        with open_regular(path) as file:
            return file.read()
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}.", hint="It was left as it is.") from error


def summary(left_out: Sequence[LeftOut]) -> list[str]:
    """Return a line for each reason, such as ``Left out, not a picture: 2 .json, 1 .md.``"""
    lines = []
    for reason in dict.fromkeys(each.reason for each in left_out):
        kinds = Counter(each.path.suffix.lower() or "without a suffix" for each in left_out if each.reason == reason)
        lines.append(f"Left out, {reason}: {', '.join(f'{count} {kind}' for kind, count in kinds.most_common())}.")
    return lines


def _add_folder(found: Found, folder: Path) -> None:
    unreadable: list[str] = []
    try:
        names = list(walk(str(folder), leave_out=unreadable.append))
    except OSError as error:
        raise InvalidInput(f"{folder} cannot be read: {error.strerror}.", hint="Nothing was added.") from error
    pictures, others = paired(sorted(names, key=_in_order))
    found.pictures += [_located(folder, each) for each in pictures]
    for name in others:
        found.left_out.append(LeftOut(folder / name, UNKNOWN_FORMAT if is_other_picture(name) else NO_PICTURE))
    found.left_out += [LeftOut(folder / name, UNREADABLE) for name in sorted(unreadable, key=_in_order)]


def _in_order(path: str) -> list[tuple[tuple[int, int, str], ...]]:
    return [natural_key(part) for part in path.split("/")]


def _add_loose(found: Found, folder: Path, names: Sequence[str]) -> None:
    """Add files that are named one by one; a shell's ``photos/*`` names captions and masks as well."""
    wanted = [name for name in names if not is_litter(name)]
    found.left_out += [LeftOut(folder / name, LITTER) for name in names if is_litter(name)]
    companions = {each.picture: each for each in paired(dict.fromkeys((*wanted, *_beside(folder))))[0]}
    pictures, others = paired(wanted)
    shown = {each.picture for each in pictures}
    for name in wanted:
        if name in shown:
            found.pictures.append(_located(folder, companions.get(name, Paired(name))))
        elif name in others and not (shown and is_caption(name)):
            found.pictures.append(PictureFile(folder / name))  # whatever its name says, it may be a picture
        elif name in others:
            found.left_out.append(LeftOut(folder / name, NO_PICTURE))


def _beside(folder: Path) -> list[str]:
    """The files in a folder, and in the folders of masks in it; none when it may not be listed."""
    try:
        names = list(walk(str(folder), depth=1))
    except OSError:
        return []
    return [name for name in names if "/" not in name or name.partition("/")[0].lower() in MASK_FOLDERS]


def _located(folder: Path, files: Paired) -> PictureFile:
    caption, mask = (folder / name if name else None for name in (files.caption, files.mask))
    return PictureFile(folder / files.picture, caption, mask)
