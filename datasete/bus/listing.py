"""The slots of a bus, the slot that a name means, and the version folders of a slot."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, TypeVar

from datasete.bus.context import ConditionalStorage
from datasete.bus.layout import HAND, IMAGE, MASK, ORDER, VERSIONS, is_version, parse_order, versions_prefix
from datasete.bus.models import SlotInfo, SlotList
from datasete.errors import InvalidName
from datasete.ids import natural_text, same_name, validate_name
from datasete.plugin import Entry
from datasete.storage import Storage

T = TypeVar("T")

FIRST_PAGE_KEYS: Final = 32
"""Small, because few keys sort before ``.versions/``: only names that begin with a bracket or a hyphen."""

PAGE_KEYS: Final = 100_000
BEHIND_VERSIONS: Final = VERSIONS + "0"
"""The smallest text that sorts after every key starting with ``.versions/``."""


def list_slots(storage: Storage) -> SlotList:
    """List the slots in natural order."""
    slots: dict[str, SlotInfo] = {}
    foreign = 0
    for key, size, modified, _ in _entries_outside_versions(storage, IMAGE):
        name, _, file = key.partition("/")
        if file == MASK:  # a mask alone is neither a slot nor a stranger: a deletion may have left it
            continue
        if file == IMAGE and (sort_key := _sort_key(name)):
            slots[sort_key] = SlotInfo(name, modified, size)
        else:
            foreign += 1
    return SlotList(tuple([slots[sort_key] for sort_key in sorted(slots)]), foreign)


def with_resolved_name(storage: Storage, slot: str, attempt: Callable[[str], T], missing: Callable[[T], bool]) -> T:
    """Return `attempt(name)`, where `name` is how the store spells `slot`: exactly so, or else differently (``CP1``).

    If no such slot exists in any spelling, return what the exact name gave.
    """
    # The exact name goes first. It is nearly always right, and looking for another spelling means listing the space.
    result = attempt(slot)
    if not missing(result):
        return result
    existing = _other_spelling(storage, slot)
    return attempt(existing) if existing else result


def _other_spelling(storage: Storage, slot: str) -> str | None:
    """Find a slot whose name is another spelling of `slot`."""
    # Several may have been made by hand. The listing is in key order, so all processes agree on the first.
    wanted = same_name(slot)
    names = (
        entry.key.partition("/")[0]
        for entry in _entries_outside_versions(storage, complete_for="")
        if entry.key.endswith("/" + IMAGE)
    )
    return next((name for name in names if same_name(name) == wanted and name != slot and _sort_key(name)), None)


def _entries_outside_versions(storage: Storage, complete_for: str) -> Iterator[Entry]:
    """List what is outside ``.versions/``, in key order; files named `complete_for` come with size and time."""
    return storage.outline(complete_for, VERSIONS) or _entries_by_paging(storage)


def _entries_by_paging(storage: Storage) -> Iterator[Entry]:
    """The same for stores that cannot leave the versions out: list pages, and jump over the versions."""
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
    """The key that sorts a slot's name; None if no slot can have that name. Cached, because the same names return."""
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
        notes: the notes on its place in the history, by number. Without entries, they are left over.
    """

    version: str
    entries: dict[str, Entry] = field(default_factory=dict)
    notes: dict[int, Entry] = field(default_factory=dict)

    @property
    def committed(self) -> bool:
        """Whether it has a copy of its image, which proves that it was visible once."""
        return IMAGE in self.entries

    @property
    def by_hand(self) -> bool:
        """Whether it holds a hand edit."""
        return self.version.startswith(HAND)

    @property
    def number(self) -> int:
        """Its place in the history; 0 if none was noted, as before there were notes."""
        return max(self.notes, default=0)

    @property
    def archived_at(self) -> float:
        """When its image was committed or copied, by the store's clock; 0 without a copy."""
        return self.entries[IMAGE].modified if self.committed else 0.0

    @property
    def touched(self) -> float:
        """When it was last written to."""
        return max(entry.modified for entry in (*self.entries.values(), *self.notes.values()))

    @property
    def frames(self) -> int:
        """The number of its frames, judging by its files."""
        return 1 + sum(1 for file in self.entries if file.startswith("frame-"))

    def remove(self, storage: ConditionalStorage) -> None:
        """Delete the folder."""
        # The image goes first. A crash then leaves a folder without one, which never counts as a version and is pruned
        # as abandoned. In the other order it would leave a version without its mask.
        if self.committed:
            storage.delete(self.entries[IMAGE].key)
        others = (entry for file, entry in self.entries.items() if file != IMAGE)
        storage.delete(*(entry.key for entry in (*others, *self.notes.values())))


def folders_of(storage: Storage, slot: str, version: str = "") -> list[Folder]:
    """List the version folders of `slot`, or only `version`, then without its notes; other folders are left out."""
    prefix = versions_prefix(slot)
    entries = storage.entries(f"{prefix}{version}/" if version else prefix)
    folders: dict[str, Folder] = {}
    for entry in entries:
        name, _, file = entry.key.removeprefix(prefix).partition("/")
        note = parse_order(file) if name == ORDER else None
        if note:
            folders.setdefault(note[1], Folder(note[1])).notes[note[0]] = entry
        elif is_version(name):
            folders.setdefault(name, Folder(name)).entries[file] = entry
    return list(folders.values())


def newest_first(folders: Iterable[Folder]) -> list[Folder]:
    """Return the committed `folders`, newest first."""
    # By number: each publish has a higher one than what it replaced, whatever the clocks say. What was archived before
    # there were numbers is older than all that have one, and ordered by the store's clock. An edit by hand has the
    # number of the publish that it lay on.
    committed = (folder for folder in folders if folder.committed)
    return sorted(committed, key=_place, reverse=True)


def _place(folder: Folder) -> tuple[int, bool, float, str]:
    return folder.number, folder.number > 0 and folder.by_hand, folder.archived_at, folder.version
