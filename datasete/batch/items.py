"""What the service hands to a loader, and the lines that people read."""

from __future__ import annotations

from dataclasses import dataclass

from datasete.batch.listing import Filter
from datasete.batch.records import Entry
from datasete.batch.sources import Place, shown
from datasete.batch.state import Batch, Status
from datasete.plugin import BatchProgress


@dataclass(frozen=True)
class Source:
    """A folder and which of its files count: together they are one batch, whose public name is `key`."""

    key: str
    place: Place
    filter: Filter


@dataclass(frozen=True)
class Item:
    """The file that a run works on.

    Attributes:
        source: where it is from.
        run: the run it was given to.
        index: its 0-based place in the list.
        count: the 0-based count of the iteration: how many files were done in this pass before it.
        total: how many files are listed.
        name: its path below the folder.
        status: a line for people.
    """

    source: Source
    run: str
    index: int
    count: int
    total: int
    name: str
    status: str

    @property
    def last(self) -> bool:
        """Whether nothing comes after it."""
        return self.index >= self.total - 1


@dataclass(frozen=True)
class Held:
    """The run takes nothing, because its batch has halted meanwhile.

    Attributes:
        item: the last one, when the batch is finished and another loader of the run may have a file left.
        alone: the run has no other loader.
        status: a line for people.
    """

    item: Item | None
    alone: bool
    status: str


def status_line(entry: Entry, batch: Batch) -> str:
    """Such as ``12 of 340 · 2 skipped · portraits``."""
    label = Place(entry.space, entry.path).label
    index = batch.flight.index if batch.flight else batch.position
    parts = [f"{min(index + 1, batch.total)} of {batch.total}"]
    if batch.skipped:
        parts.append(f"{batch.skipped} skipped")
    parts.append(label)
    if batch.flight and batch.flight.resumed:
        parts.append("resumed")
    if batch.status in (Status.FINISHED, Status.PAUSED, Status.STOPPED) and not batch.flight:
        parts.insert(0, batch.status.value)
    if batch.message:
        parts.append(shown(batch.message))
    return " · ".join(parts)


def progress_of(entry: Entry, batch: Batch) -> BatchProgress:
    """What observers are told."""
    index = max(0, min(batch.flight.index if batch.flight else batch.position, batch.total - 1))
    label = Place(entry.space, entry.path).label
    return BatchProgress(entry.key, label, index, batch.total, batch.count, batch.skipped, status_line(entry, batch))
