"""The version folders of a slot, as a listing shows them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby

from datasete.bus.conditions import Conditions
from datasete.bus.layout import HAND, IMAGE, is_version, versions_prefix
from datasete.plugin import Entry
from datasete.storage import Storage


@dataclass(frozen=True)
class Folder:
    """One folder under ``.versions/<slot>/``.

    Attributes:
        version: its name.
        entries: by file name.
    """

    version: str
    entries: dict[str, Entry] = field(default_factory=dict)

    @property
    def committed(self) -> bool:
        """Whether it has a copy of its image: the proof that it was visible once."""
        return IMAGE in self.entries

    @property
    def by_hand(self) -> bool:
        """Whether it keeps a hand edit."""
        return self.version.startswith(HAND)

    @property
    def kept(self) -> float:
        """When its image was committed or copied, by the store's clock; 0 when there is no copy."""
        return self.entries[IMAGE].modified if self.committed else 0.0

    @property
    def touched(self) -> float:
        """When something was last written to it."""
        return max(entry.modified for entry in self.entries.values())

    @property
    def frames(self) -> int:
        """How many frames it holds, by its files."""
        return 1 + sum(1 for file in self.entries if file.startswith("frame-"))

    def remove(self, store: Conditions) -> None:
        """Delete it, the image first: what a crash leaves is then no version, and goes after the grace."""
        if self.committed:
            store.delete(self.entries[IMAGE].key)
        store.delete(*(entry.key for file, entry in self.entries.items() if file != IMAGE))


def folders_of(storage: Storage, slot: str, version: str = "") -> list[Folder]:
    """The version folders of `slot`, or the one named `version`; what is no version is left out."""
    prefix = versions_prefix(slot)
    entries = storage.entries(f"{prefix}{version}/" if version else prefix)
    parts = ((*entry.key.removeprefix(prefix).partition("/")[::2], entry) for entry in entries)
    grouped = groupby(parts, key=lambda part: part[0])
    folders = (Folder(name, {file: entry for _, file, entry in group}) for name, group in grouped)
    return [folder for folder in folders if is_version(folder.version)]


def newest_first(folders: Iterable[Folder]) -> list[Folder]:
    """The versions among `folders`, by the store's clock, which orders commits even when publishers' clocks differ."""
    committed = (folder for folder in folders if folder.committed)
    return sorted(committed, key=lambda folder: (folder.kept, folder.version), reverse=True)
