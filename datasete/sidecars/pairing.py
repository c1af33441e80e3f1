"""Which caption and which mask belong to a picture, by the names of the files."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from datasete.ids import same_name
from datasete.sidecars.kinds import CAPTIONS, MASK_ENDING, MASK_FOLDERS, is_caption, is_picture


@dataclass(frozen=True)
class Paired:
    """A picture with the files that belong to it: paths below the same folder, with ``/`` between parts.

    Attributes:
        picture: its path.
        caption: its caption's, or None.
        mask: its mask's, or None.
        is_called_mask: it has the name of a mask, but no picture has it as its mask.
    """

    picture: str
    caption: str | None = None
    mask: str | None = None
    is_called_mask: bool = False


def paired(paths: Iterable[str]) -> tuple[list[Paired], list[str]]:
    """Return the pictures in the order given, each with its caption and mask, and the files that are none of these.

    To ``name.png`` belong ``name.png.txt``, ``name.png.caption``, ``name.txt`` or ``name.caption``, the first that
    exists; and ``masks/name.png``, ``mask/name.png`` or ``name-masklabel.png``, with any picture's suffix. Letters of
    another case or Unicode form count as the same, unless they are exactly those of another picture. A folder ``masks``
    of which no file belongs to a picture is a folder like any other; else a mask without its picture is left over.
    """
    files = list(dict.fromkeys(paths))
    candidates = [path for path in files if is_picture(path)]
    owners = {path: owner for path in candidates if (owner := _mask_owner(path))}
    masks = _Companions(owners.items(), map(stem_of, candidates))
    mask_of = {path: mask for path in candidates if (mask := masks.of(stem_of(path)))}
    used = set(mask_of.values())
    mask_folders = {_folder(path) for path in used}
    pictures = [
        path for path in candidates if path not in used and not (path in owners and _folder(path) in mask_folders)
    ]
    captions = CaptionIndex(files, pictures)
    found = [Paired(path, captions.of(path), mask_of.get(path), path in owners) for path in pictures]
    taken = {each.caption for each in found} | used | set(pictures)
    return found, [path for path in files if path not in taken]


class CaptionIndex:
    """The captions among `files`, by picture. `pictures` are those that may have one."""

    def __init__(self, files: Iterable[str], pictures: Collection[str]) -> None:
        captions = sorted((path for path in files if is_caption(path)), key=_caption_rank)
        owners = [(path, stem_of(path)) for path in captions]
        self._companions = _Companions(owners, (owner for path in pictures for owner in (path, stem_of(path))))

    def of(self, picture: str) -> str | None:
        """Return the caption of a picture; None when it has none."""
        owners = (picture, stem_of(picture))
        found = next((exact for owner in owners if (exact := self._companions.exactly(owner))), None)
        return found or next((other for owner in owners if (other := self._companions.of(owner))), None)


class _Candidate(NamedTuple):
    path: str
    owner: str


class _Companions:
    """Files by the name of what they belong to: exactly, or in another spelling when nothing has that name exactly."""

    def __init__(self, owned: Iterable[tuple[str, str]], owners: Iterable[str]) -> None:
        self._exact: dict[str, str] = {}
        self._loose: dict[tuple[str, str], list[_Candidate]] = {}
        for path, owner in owned:
            self._exact.setdefault(owner, path)
            self._loose.setdefault(_spelling(owner), []).append(_Candidate(path, owner))
        self._taken = {owner for owner in owners if owner in self._exact} if self._exact else set()

    def exactly(self, owner: str) -> str | None:
        return self._exact.get(owner)

    def of(self, owner: str) -> str | None:
        if not self._exact:
            return None
        if owner in self._exact:
            return self._exact[owner]
        candidates = self._loose.get(_spelling(owner), ())
        return next((each.path for each in candidates if each.owner not in self._taken), None)


def stem_of(path: str) -> str:
    """Return a path without its suffix."""
    folder, slash, name = path.rpartition("/")
    return f"{folder}{slash}{name.rpartition('.')[0] or name}"


def _spelling(path: str) -> tuple[str, str]:
    # Folders are where they are: only the file's own name may be spelled otherwise.
    folder, _, name = path.rpartition("/")
    return folder, same_name(name)


def _caption_rank(path: str) -> int:
    return CAPTIONS.index(path.lower().rpartition(".")[2])


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _mask_owner(path: str) -> str:
    """The stem of the picture that has this mask; "" for a file that is not called like a mask."""
    folder, slash, name = stem_of(path).rpartition("/")
    above, above_slash, last = folder.rpartition("/")
    if last.lower() in MASK_FOLDERS:
        return f"{above}{above_slash}{name}"
    return f"{folder}{slash}{name[: -len(MASK_ENDING)]}" if name.lower().endswith(MASK_ENDING) else ""
