"""How a batch is shown by loaders, routes, commands and gates, and how the time left is estimated."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean
from typing import TYPE_CHECKING, Final

from datasete.batch.folder.existing import full_path
from datasete.batch.folder.listing import Filter
from datasete.batch.folder.ordering import PLAIN, ListOptions
from datasete.batch.folder.sources import Location, shown
from datasete.batch.state import Batch, Entry, Status
from datasete.errors import CorruptData
from datasete.plugin import BatchProgress

if TYPE_CHECKING:
    from datasete.batch.ledger import Ledger


AWAITED_AFTER_SECONDS: Final = 10
"""For how long a run that another program queues may be under way without a word."""

RECENT_FILES: Final = 20
"""How many of the last files the estimate is made from."""

_OUTLIER_SHARE: Final = 0.1
"""The share of the longest steps that is left out; with two steps or more, at least one."""


def milliseconds_per_file(began: int, ends: Sequence[int]) -> float | None:
    """Return how long a file takes; None when that is not known.

    It is the mean, since a folder may hold quick and slow files; but without its longest steps, since an hour at a
    gate, or loading a model for the first file, says nothing about the files to come.

    Args:
        began: when the batch last started or resumed, in Unix milliseconds.
        ends: when the last files were done, in that order. Those before `began` do not count.
    """
    # The clock may have been set back, so times may repeat or run backwards: such steps do not count.
    recent = [end for end in ends if end > began][-RECENT_FILES - 1 :]
    marks = recent if len(recent) > RECENT_FILES else [began, *recent]
    steps = sorted(later - earlier for earlier, later in pairwise(marks) if later > earlier)
    if not steps:
        return None
    count = max(1, int(len(steps) * _OUTLIER_SHARE)) if len(steps) > 1 else 0
    return fmean(steps[: len(steps) - count])


@dataclass(frozen=True)
class Source:
    """A folder and which of its files count: one batch, whose public name is `key`. `options` say how to list it."""

    key: str
    location: Location
    filter: Filter
    options: ListOptions = PLAIN


@dataclass(frozen=True)
class BatchItem:
    """The file that a run works on.

    Attributes:
        source: where it is from.
        run: the run it was given to.
        index: its 0-based index in the list.
        count: how many files of this pass were done before it.
        total: how many files are listed.
        name: its path below the folder.
        status: a line for people.
        ahead: how many files behind it have their result already.
        pairs: the keys of the batches that it is paired with by name.
    """

    source: Source
    run: str
    index: int
    count: int
    total: int
    name: str
    status: str
    ahead: int = 0
    pairs: tuple[str, ...] = ()

    @property
    def last(self) -> bool:
        """Whether it is the last one."""
        return self.index + self.ahead >= self.total - 1

    @property
    def subfolder(self) -> str:
        """Its folder below the one that is walked, with ``/`` between parts; "" at the top."""
        return self.name.rpartition("/")[0]

    @property
    def path(self) -> str:
        """Its whole path, or ``space:key``."""
        return full_path(self.source.location, self.name)


@dataclass(frozen=True)
class Held:
    """The answer to a run that gets no file, because its batch has halted meanwhile.

    Attributes:
        item: the last file again, when the batch is finished and another loader of the run may have a file left.
        alone: the run has no other loader.
        status: a line for people.
        run: the run that has taken the end of the batch, since every file has its result already; else empty.
    """

    item: BatchItem | None
    alone: bool
    status: str
    run: str = ""


def status_line(entry: Entry, batch: Batch) -> str:
    """Return a line such as ``12 of 340 · 2 skipped · portraits``."""
    progress, index = batch.progress, batch.active.index if batch.active else batch.progress.position
    parts = [f"{min(index + 1, progress.total)} of {progress.total}"]
    if progress.skipped:
        parts.append(f"{progress.skipped} skipped")
    counts = {
        "renamed": progress.renamed,
        "done before": progress.existing,
        "without a pair": progress.unpaired,
        "beside another name": progress.drifted,
        "not read": progress.unread,
    }
    parts += [f"{count} {what}" for what, count in counts.items() if count]
    if batch.saved_as:
        parts.append(batch.saved_as)
    parts.append(Location(entry.space, entry.path).label)
    if batch.active and batch.active.resumed:
        parts.append("resumed")
    if batch.active and batch.active.beside:
        parts.append(shown(batch.active.beside))
    if batch.status in (Status.FINISHED, Status.PAUSED, Status.STOPPED) and not batch.active:
        parts.insert(0, batch.status.value)
    if batch.status is Status.PAUSED and batch.active:
        parts.insert(0, "pausing after this one")
    if batch.message or awaited(batch):
        parts.append(shown(batch.message) if batch.message else awaited(batch))
    return " · ".join(parts)


def awaited(batch: Batch) -> str:
    """What a walk waits for when another program queues its next run, and that run has not come for a while, or ""."""
    pending = batch.pending
    is_out = pending is not None and pending.carried and pending.trigger and not pending.run
    if pending is None or not is_out or batch.active or batch.status is not Status.RUNNING:
        return ""
    seconds = int(time.time() - pending.reserved / 1000)
    if seconds < AWAITED_AFTER_SECONDS:
        return ""
    return (
        f"waits for the run that “{shown(pending.trigger)}” had queued elsewhere {seconds} s ago: it has to run on "
        "this server, with the ticket in its extra data"
    )


def progress_of(entry: Entry, batch: Batch) -> BatchProgress:
    """Return what observers receive."""
    progress, index = batch.progress, batch.active.index if batch.active else batch.progress.position
    return BatchProgress(
        key=entry.key,
        folder=Location(entry.space, entry.path).label,
        index=max(0, min(index, progress.total - 1)),
        total=progress.total,
        done=progress.done,
        skipped=progress.skipped,
        status=status_line(entry, batch),
    )


def describe(ledger: Ledger, entry: Entry) -> dict[str, object]:
    """Describe a batch for routes and commands.

    ``file`` is the active one, or the next; "" when there is none. ``eta`` is the time left in seconds; None when it is
    not known. ``renamed`` counts the files whose result has another name, because another file has the one it wanted;
    ``unread`` the pictures that are not listed, because they cannot be read. ``trigger`` queued the last run;
    ``waits_for`` is the trigger that asked somebody else to queue the next one.
    ``updated`` is in Unix milliseconds.
    """
    batch = entry.batch
    progress = progress_of(entry, batch)
    return {
        "key": entry.key,
        "folder": shown(f"{entry.space}:{entry.path}" if entry.space else entry.path),
        "name": progress.folder,
        "filter": entry.filter,
        "state": batch.status.value,
        "running": batch.active is not None,
        "index": progress.index,
        "total": batch.progress.total,
        "done": batch.progress.done,
        "skipped": batch.progress.skipped,
        "renamed": batch.progress.renamed,
        "unread": batch.progress.unread,
        "left": _left(batch),
        "file": _file(ledger, entry, progress.index),
        "serial": batch.serial,
        "status": progress.status,
        "message": shown(batch.message) or awaited(batch),
        "trigger": batch.trigger,
        "waits_for": batch.pending.trigger if batch.pending and not batch.pending.carried else "",
        "updated": entry.updated,
        "eta": _eta(ledger, entry),
    }


def at_gate(ledger: Ledger, entry: Entry) -> dict[str, object] | None:
    """Describe for a gate the file that its run works on: 0-based ``index``, ``total``, ``filename``."""
    active, total = entry.batch.active, entry.batch.progress.total
    if active is None or active.index >= total:
        return None
    return {"index": active.index, "total": total, "filename": shown(ledger.name(entry, active.index))}


def _file(ledger: Ledger, entry: Entry, index: int) -> str:
    with contextlib.suppress(CorruptData):  # the run that needs the list says so
        return shown(ledger.name(entry, index)) if entry.batch.progress.total else ""
    return ""


def _left(batch: Batch) -> int:
    return max(0, batch.progress.total - batch.progress.position - batch.progress.ahead)


def _eta(ledger: Ledger, entry: Entry) -> float | None:
    """Seconds until the batch is finished, if its files take as long as the last ones."""
    batch = entry.batch
    if batch.status is not Status.RUNNING or not batch.stretch.done:
        return None
    # Not more than were done since the start: the ledger may hold files of the night before.
    ends = ledger.ends(entry, min(batch.stretch.done, RECENT_FILES) + 1)
    step = milliseconds_per_file(batch.stretch.began, ends[::-1])
    return None if step is None else round(step * _left(batch) / 1000, 1)
