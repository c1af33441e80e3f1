"""How a batch is shown: the lines and figures that routes, commands and gates give to people."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from datasete.batch.items import progress_of
from datasete.batch.pace import RECENT, pace
from datasete.batch.records import Entry
from datasete.batch.sources import shown
from datasete.batch.state import Batch, Status
from datasete.errors import CorruptData

if TYPE_CHECKING:
    from datasete.batch.ledger import Ledger


def describe(ledger: Ledger, entry: Entry) -> dict[str, object]:
    """A batch as routes and commands show it.

    ``file`` is the one at work, or the next; "" when there is none. ``eta`` is in seconds, from the times at which the
    last files were done; None when it cannot be told. ``trigger`` is what brought the last run about, ``waits_for`` the
    trigger that asked somebody else to queue the next one. ``updated`` is in Unix milliseconds.
    """
    batch = entry.batch
    progress = progress_of(entry, batch)
    return {
        "key": entry.key,
        "folder": shown(f"{entry.space}:{entry.path}" if entry.space else entry.path),
        "name": progress.folder,
        "filter": entry.filter,
        "state": batch.status.value,
        "running": batch.flight is not None,
        "index": progress.index,
        "total": batch.total,
        "done": batch.count,
        "skipped": batch.skipped,
        "left": _left(batch),
        "file": _file(ledger, entry, progress.index),
        "serial": batch.serial,
        "status": progress.status,
        "message": shown(batch.message),
        "trigger": batch.trigger,
        "waits_for": batch.pending.trigger if batch.pending and not batch.pending.carried else "",
        "updated": entry.updated,
        "eta": _eta(ledger, entry),
    }


def at_gate(ledger: Ledger, entry: Entry) -> dict[str, object] | None:
    """What a gate tells of the file that its run works on: 0-based ``index``, ``total``, ``filename``."""
    flight, total = entry.batch.flight, entry.batch.total
    if flight is None or flight.index >= total:
        return None
    return {"index": flight.index, "total": total, "filename": shown(ledger.name(entry, flight.index))}


def _file(ledger: Ledger, entry: Entry, index: int) -> str:
    with contextlib.suppress(CorruptData):  # the run that needs the list says so
        return shown(ledger.name(entry, index)) if entry.batch.total else ""
    return ""


def _left(batch: Batch) -> int:
    return max(0, batch.total - batch.position)


def _eta(ledger: Ledger, entry: Entry) -> float | None:
    """What is left at the pace of the last files."""
    batch = entry.batch
    if batch.status is not Status.WALKING or not batch.walked:
        return None
    ends = ledger.ends(entry, min(batch.walked, RECENT) + 1)
    step = pace(batch.began, ends[::-1])
    return None if step is None else round(step * _left(batch) / 1000, 1)
