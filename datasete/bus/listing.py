"""Which slots there are, and which one a name means."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from datasete.bus.layout import IMAGE, MASK, VERSIONS
from datasete.bus.models import SlotInfo, Survey
from datasete.errors import InvalidName
from datasete.ids import natural_text, same_name, validate_name
from datasete.plugin import Entry
from datasete.storage import Storage

FIRST_PAGE: Final = 32
"""Few keys sort before ``.versions/``: only those of names that begin with a bracket or a hyphen."""

PAGE: Final = 100_000
BEHIND_VERSIONS: Final = VERSIONS + "0"
"""The least text behind every key that starts with ``.versions/``."""


def survey(storage: Storage) -> Survey:
    """List the slots in natural order, from one flat listing that leaves the versions out."""
    slots: dict[str, SlotInfo] = {}
    foreign = 0
    for key, size, modified, _ in _visible(storage, IMAGE):
        name, _, file = key.partition("/")
        if file == MASK:
            continue
        if file == IMAGE and (place := _place(name)):
            slots[place] = SlotInfo(name, modified, size)
        else:
            foreign += 1
    return Survey(tuple([slots[place] for place in sorted(slots)]), foreign)


def find_namesake(storage: Storage, slot: str) -> str | None:
    """The slot whose name compares equal to `slot`, when there is none of exactly that name.

    Foreign hands may have made several; the first in code point order is taken, so that all agree.
    """
    wanted = same_name(slot)
    names = (entry.key.partition("/")[0] for entry in _visible(storage, told="") if entry.key.endswith("/" + IMAGE))
    return next((name for name in names if same_name(name) == wanted and name != slot and _place(name)), None)


def _visible(storage: Storage, told: str) -> Iterator[Entry]:
    """Every entry outside ``.versions/``, in key order, complete where the file is called `told`."""
    return storage.outline(told, VERSIONS) or _between_pages(storage)


def _between_pages(storage: Storage) -> Iterator[Entry]:
    """The same from pages of a whole listing, of which the versions are skipped."""
    after: str | None = ""
    limit = FIRST_PAGE
    while after is not None:
        listing = storage.page(after=after, limit=limit)
        if limit == PAGE:
            yield from listing.entries
        else:
            yield from (entry for entry in listing.entries if not entry.key.startswith(VERSIONS + "/"))
        after = listing.next
        limit = min(limit * 8, PAGE - 1)
        if after is not None and after >= VERSIONS + "/":
            after, limit = max(after, BEHIND_VERSIONS), PAGE


@lru_cache(maxsize=1 << 16)
def _place(name: str) -> str | None:
    """Where a slot belongs in the list; None when a folder's name is no slot's. Names are listed over and over."""
    try:
        return natural_text(name) if validate_name(name) == name else None
    except InvalidName:
        return None
