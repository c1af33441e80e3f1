"""Where a batch is in its list: moving the current run on, and listing the rest again. As pure as `machine`."""

from __future__ import annotations

from dataclasses import replace

from datasete.batch.state import ActiveRun, Batch


def relist(batch: Batch, total: int, existing: int, listed: str) -> Batch:
    """Note that the files from the position on were listed again, in another way.

    Args:
        batch: what it was.
        total: how many files are listed now, those before the position included.
        existing: how many of those from the position on have their result already.
        listed: in which way.
    """
    progress = batch.progress
    more = existing - progress.ahead
    progress = replace(
        progress, total=total, done=progress.done + more, existing=progress.existing + more, ahead=existing
    )
    return replace(batch, progress=progress, listed=listed)


def skip_current(batch: Batch) -> Batch:
    """Skip the active file, which cannot be loaded: the same run takes the next one, if there is one."""
    return _move(batch, _active(batch).index + 1, 1, skipped=batch.progress.skipped + 1, attempts=1)


def pass_over(batch: Batch, existing: int, skipped: int = 0) -> Batch:
    """Give the active run a file further on: behind so many that have their result, and so many that are skipped."""
    active, progress = _active(batch), batch.progress
    attempt = 1 if skipped else active.attempt
    left, lost = progress.ahead - existing, progress.skipped + skipped
    return _move(batch, active.index + existing + skipped, attempt, attempts=attempt, ahead=left, skipped=lost)


def spoil(batch: Batch, reason: str) -> Batch:
    """Have the active run's file count as skipped however the run ends: the file that it is paired with was."""
    return replace(batch, active=replace(_active(batch), spoiled=reason))


def _move(batch: Batch, index: int, attempt: int, **changes: int) -> Batch:
    progress = replace(batch.progress, position=index, **changes)
    return replace(batch, progress=progress, active=replace(_active(batch), index=index, attempt=attempt))


def _active(batch: Batch) -> ActiveRun:
    assert batch.active is not None, "the batch has an active run"
    return batch.active
