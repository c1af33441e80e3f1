"""Finds and reads the caption beside a picture of a folder, local or in a space."""

from __future__ import annotations

import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from datasete.batch.folder.sources import Location, read_file, shown
from datasete.config import LimitSettings
from datasete.errors import DataseteError, NotFound
from datasete.sidecars.kinds import CAPTIONS, is_caption, is_picture
from datasete.sidecars.pairing import CaptionIndex, stem_of
from datasete.sidecars.text import MAX_CAPTION_BYTES, read_caption
from datasete.storage import Storage

MAX_FOLDERS: Final = 64
"""Of how many folders the captions are remembered."""

MAX_AGE_SECONDS: Final = 600.0
"""How long those of a folder in a space are, whose changes cannot be seen without listing it again."""


@dataclass(frozen=True)
class Caption:
    """What a picture's caption says; "" when it has none. `trouble` is a sentence when it has one that is not read."""

    text: str = ""
    trouble: str = ""


class Captions:
    """Reads captions of pictures.

    The usual names are tried directly. Only when there is none of them, the folder is listed for other spellings.

    Args:
        storage: opens a space.
        clock: monotonic seconds.
    """

    def __init__(self, storage: Callable[[str], Storage], clock: Callable[[], float] = time.monotonic) -> None:
        self._storage = storage
        self._clock = clock
        self._lock = threading.Lock()
        self._folders: OrderedDict[tuple[str, str], tuple[float, CaptionIndex]] = OrderedDict()

    def read(self, location: Location, picture: str, limits: LimitSettings) -> Caption:
        """Return the caption of a picture, a path below `location`. Whatever is wrong with it raises nothing."""
        small = limits.model_copy(update={"image_bytes": MAX_CAPTION_BYTES})
        for name in self._candidates(location, picture):
            try:
                return Caption(read_caption(read_file(self._storage, location, name, small), shown(name)))
            except NotFound:
                continue
            except DataseteError as error:
                return Caption("", f"Its caption “{shown(name)}” cannot be read: {error.message}")
        return Caption()

    def _candidates(self, location: Location, picture: str) -> Iterator[str]:
        usual = [f"{owner}.{suffix}" for owner in (picture, stem_of(picture)) for suffix in CAPTIONS]
        yield from self._existing(location, usual) if location.space else usual
        folder, slash, name = picture.rpartition("/")
        found = self._index(location, folder).of(name)
        if found:
            yield f"{folder}{slash}{found}"

    def _existing(self, location: Location, names: list[str]) -> list[str]:
        """Return those of a few names that a space has, with one call instead of one for each."""
        try:
            found = self._storage(location.space).as_found().read(*(_key(location, name) for name in names))
        except DataseteError:
            return names  # reading them one by one says what is wrong
        return [name for name in names if _key(location, name) in found]

    def _index(self, location: Location, folder: str) -> CaptionIndex:
        where = (location.space, _key(location, folder) if location.space else str(Path(location.path, folder)))
        age = self._age(where)
        with self._lock:
            known = self._folders.get(where)
        if known and (known[0] == age if not location.space else age - known[0] < MAX_AGE_SECONDS):
            return known[1]
        names = self._names(where)
        index = CaptionIndex(names, [name for name in names if is_picture(name)])
        with self._lock:
            self._folders[where] = age, index
            self._folders.move_to_end(where)
            while len(self._folders) > MAX_FOLDERS:
                self._folders.popitem(last=False)
        return index

    def _age(self, where: tuple[str, str]) -> float:
        """Return when a local folder last changed, or the time now for one in a space."""
        space, folder = where
        try:
            return self._clock() if space else float(Path(folder).stat().st_mtime_ns)
        except OSError:
            return 0.0

    def _names(self, where: tuple[str, str]) -> list[str]:
        """Return the files of a folder that count here; none when it cannot be listed."""
        space, folder = where
        try:
            if space:
                prefix = f"{folder}/" if folder else ""
                keys = (entry.key.removeprefix(prefix) for entry in self._storage(space).as_found().entries(prefix))
                return [name for name in keys if "/" not in name and (is_caption(name) or is_picture(name))]
            return [name for name in os.listdir(folder) if is_caption(name) or is_picture(name)]  # noqa: PTH208
        except (OSError, DataseteError):
            return []


def _key(location: Location, name: str) -> str:
    return "/".join(part for part in (location.path, name) if part)
