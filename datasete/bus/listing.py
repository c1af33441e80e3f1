"""Which slots there are, which one a name means, and which version folders a slot has."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby
from typing import Final, TypeVar

from datasete.bus.context import ConditionalStorage
from datasete.bus.layout import HAND, IMAGE, MASK, VERSIONS, is_version, versions_prefix
from datasete.bus.models import SlotInfo, SlotList
from datasete.errors import InvalidName
from datasete.ids import natural_text, same_name, validate_name
from datasete.plugin import Entry
from datasete.storage import Storage

T = TypeVar("T")

FIRST_PAGE_KEYS: Final = 32
"""Few keys sort before ``.versions/``: only those of names that begin with a bracket or a hyphen."""

PAGE_KEYS: Final = 100_000
BEHIND_VERSIONS: Final = VERSIONS + "0"
"""The least text behind every key that starts with ``.versions/``."""


def list_slots(storage: Storage) -> SlotList:
    """List the slots in natural order, from one flat listing that leaves the versions out."""
    slots: dict[str, SlotInfo] = {}
    foreign = 0
    for key, size, modified, _ in _entries_outside_versions(storage, IMAGE):
        name, _, file = key.partition("/")
        if file == MASK:
            continue
        if file == IMAGE and (sort_key := _sort_key(name)):
            slots[sort_key] = SlotInfo(name, modified, size)
        else:
            foreign += 1
    return SlotList(tuple([slots[sort_key] for sort_key in sorted(slots)]), foreign)


def with_resolved_name(storage: Storage, slot: str, attempt: Callable[[str], T], missing: Callable[[T], bool]) -> T:
    """Return what `attempt` gives for the slot that `slot` names: the one of that name, else of another spelling of it.

    The exact name is tried before anything is listed: nearly always it is right, and a listing costs more than a read.
    When there is no such slot under any spelling, return what the exact name gave.
    """
    result = attempt(slot)
    if not missing(result):
        return result
    existing = _other_spelling(storage, slot)
    return attempt(existing) if existing else result


def _other_spelling(storage: Storage, slot: str) -> str | None:
    """Find the slot whose name is another spelling of `slot`.

    People may have made several by hand; the first in code point order is taken, so that all processes agree.
    """
    wanted = same_name(slot)
    names = (
        entry.key.partition("/")[0]
        for entry in _entries_outside_versions(storage, complete_for="")
        if entry.key.endswith("/" + IMAGE)
    )
    return next((name for name in names if same_name(name) == wanted and name != slot and _sort_key(name)), None)


def _entries_outside_versions(storage: Storage, complete_for: str) -> Iterator[Entry]:
    """Every entry outside ``.versions/``, in key order, complete where the file is called `complete_for`."""
    return storage.outline(complete_for, VERSIONS) or _entries_by_paging(storage)


def _entries_by_paging(storage: Storage) -> Iterator[Entry]:
    """The same from pages of a whole listing, of which the versions are skipped."""
    after: str | None = ""
    limit = FIRST_PAGE_KEYS
    while after is not None:
        listing = storage.page(after=after, limit=limit)
        if limit == PAGE_KEYS:
            yield from listing.entries
        else:
            yield from (entry for entry in listing.entries if not entry.key.startswith(VERSIONS + "/"))
        after = listing.next
        limit = min(limit * 8, PAGE_KEYS - 1)
        if after is not None and after >= VERSIONS + "/":
            after, limit = max(after, BEHIND_VERSIONS), PAGE_KEYS


@lru_cache(maxsize=1 << 16)
def _sort_key(name: str) -> str | None:
    """Where a slot belongs in the list; None when a folder's name is no slot's. Names are listed over and over."""
    try:
        return natural_text(name) if validate_name(name) == name else None
    except InvalidName:
        return None


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
    def archived_at(self) -> float:
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

    def remove(self, storage: ConditionalStorage) -> None:
        """Delete it, the image first: what a crash leaves is then no version, and goes after the grace."""
        if self.committed:
            storage.delete(self.entries[IMAGE].key)
        storage.delete(*(entry.key for file, entry in self.entries.items() if file != IMAGE))


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
    return sorted(committed, key=lambda folder: (folder.archived_at, folder.version), reverse=True)
