"""The state machine of a batch. Pure: every function takes a `Batch` and returns the next one.

A batch takes one file a run, and moves on when that run is known to have succeeded. It has at most one outstanding
trigger. A run that carries the trigger's ticket continues the pass, and so does the first run queued after a trigger
that cannot carry one; any other run is a press of Queue. Presses that were queued before the batch halted belong to
the pass that halted and do nothing, so Run ×10 neither restarts nor repeats anything. Nor does a series of presses
that outlasts a small folder start another pass.
"""

from __future__ import annotations

from dataclasses import replace
from enum import Enum, auto

from datasete.batch.state import (
    RESET,
    SKIP,
    ActiveRun,
    Batch,
    Ending,
    ItemState,
    LoaderCall,
    PendingTrigger,
    Press,
    Progress,
    Status,
)

MAX_ATTEMPTS = 2
"""How often a file is tried by itself when the host dies while it is processed; then it waits for a person."""

SERVER_STOPPED = "The server stopped while this file was being processed."

SERIES_GAP_MS = 1000
"""The longest pause between two runs of one press, where the browser does not say which press queued them."""


class Plan(Enum):
    """What a run is to do."""

    SAME = auto()  # it has its file already: another loader of the same run asks
    NEXT = auto()  # take the file at the batch's position
    START = auto()  # list the folder again and start a pass
    HOLD = auto()  # nothing: it comes too late


def plan(batch: Batch, call: LoaderCall) -> Plan:
    """Decide what a calling run does; the batch has no other active run."""
    if batch.active and batch.active.run == call.run:
        return Plan.SAME
    if batch.held == call.run:
        return Plan.HOLD
    if continues(batch, call) or call.ticket:
        return _plan_triggered(batch)
    late = call.queued is not None and call.queued < batch.halted
    if late and batch.status is not Status.RUNNING:
        return Plan.HOLD
    if batch.status is Status.FINISHED and _is_series(batch.press, call):
        return Plan.HOLD
    return _plan_pressed(batch, call)


def continues(batch: Batch, call: LoaderCall) -> bool:
    """Whether `call` is what the outstanding trigger was for."""
    pending = batch.pending
    if pending is None:
        return False
    if pending.carried or call.ticket:
        return call.ticket == pending.ticket
    return call.queued is None or call.queued >= pending.reserved


def continues_pass(batch: Batch, call: LoaderCall) -> bool:
    """Whether `call` takes the next file of a pass that started before, or has taken it."""
    if batch.active and batch.active.run == call.run:
        return not batch.active.starts_pass
    return plan(batch, call) is Plan.NEXT


def _is_series(press: Press, call: LoaderCall) -> bool:
    if call.press or press.id:
        return call.press == press.id
    return call.queued is not None and 0 <= call.queued - press.queued < SERIES_GAP_MS


def _plan_triggered(batch: Batch) -> Plan:
    # A trigger never starts a second pass: that would be an endless loop. In a folder never seen before it may start
    # the first one, since a wired folder may change between two runs.
    if batch.status is Status.RUNNING:
        return Plan.NEXT
    return Plan.START if batch.status is Status.FRESH and not batch.halted else Plan.HOLD


def _plan_pressed(batch: Batch, call: LoaderCall) -> Plan:
    if batch.status in (Status.FRESH, Status.FINISHED):
        return Plan.START
    running = batch.status is Status.RUNNING
    # A pass that started with Reset continues when Reset comes again: it is the same press, or Auto Queue.
    if call.mode == RESET and not (running and batch.stretch.mode == RESET):
        return Plan.START
    return Plan.NEXT


def take(batch: Batch, call: LoaderCall, todo: Plan, now: int) -> Batch:
    """Give the run its file: the next one, or for `START` the first of a new pass.

    The batch's total is that of its current list, and its position is within it. `now` is in Unix milliseconds.
    """
    pressed = _is_press(batch, call)
    batch = _with_press(batch, call)
    if continues(batch, call):
        batch = replace(batch, pending=None)
    if todo is Plan.START:
        batch = _start_pass(batch, call)
    running = batch.status is Status.RUNNING
    if not running:
        batch = _set_going(batch, now)
        batch = replace(batch, stretch=replace(batch.stretch, mode=call.mode))
    progress = batch.progress
    active = ActiveRun(
        run=call.run,
        index=progress.position,
        serial=batch.serial + 1,
        skip=call.errors == SKIP,
        resumed=pressed and not running and progress.position > progress.first,
        attempt=progress.attempts + 1,
        starts_pass=todo is Plan.START,
    )
    return replace(_move(batch, attempts=active.attempt), serial=active.serial, active=active, message="")


def _start_pass(batch: Batch, call: LoaderCall) -> Batch:
    # An outstanding trigger stays outstanding. Dropped, it would be replaced when this run ends, and two would be out.
    return Batch(
        progress=_new_progress(batch.progress, call.start),
        press=batch.press,
        pending=batch.pending,
        trigger=batch.trigger,
        passes=batch.passes + 1,
        serial=batch.serial,
        halted=batch.halted,
        listed=batch.listed,
    )


def _new_progress(listed: Progress, start: int) -> Progress:
    # Of a list that was made for this pass, this is known already.
    found = {name: getattr(listed, name) for name in ("total", "existing", "ahead", "unpaired", "unread")}
    return Progress(**found, position=start, first=start, done=listed.existing)


def _move(batch: Batch, **changes: int) -> Batch:
    return replace(batch, progress=replace(batch.progress, **changes))


def _is_press(batch: Batch, call: LoaderCall) -> bool:
    return not (continues(batch, call) or call.ticket)


def _with_press(batch: Batch, call: LoaderCall) -> Batch:
    if not _is_press(batch, call):
        return batch
    return replace(batch, press=Press(queued=max(batch.press.queued, call.queued or 0), id=call.press))


def hold(batch: Batch, call: LoaderCall) -> Batch:
    """Give the run nothing. If the trigger was for this run, it is no longer outstanding."""
    pending = None if continues(batch, call) else batch.pending
    return replace(_with_press(batch, call), pending=pending, held=call.run)


def finish_run(batch: Batch, ending: Ending, ended: int, reason: str = "") -> tuple[Batch, ItemState | None]:
    """Move on from the active run, which ended at `ended` (Unix milliseconds), or halt and keep the position.

    Returns:
        The batch, and what became of the run's file; None when it is still to be done.
    """
    active, progress = _active(batch), batch.progress
    batch = replace(batch, active=None)
    if active.index >= progress.total:
        return _advance(batch, active.index, ended), None
    if ending is Ending.SUCCESS and active.spoiled:
        return _advance(_move(batch, skipped=progress.skipped + 1), active.index + 1, ended), ItemState.SKIPPED
    if ending is Ending.SUCCESS:
        batch = replace(batch, stretch=replace(batch.stretch, done=batch.stretch.done + 1))
        return _advance(_move(batch, done=progress.done + 1), active.index + 1, ended), ItemState.DONE
    # Only for faults. A lost run is never skipped: the host died, and the file may be good. Nor is a cancelled one: the
    # person who cancels wants the batch to stop.
    if active.skip and ending is Ending.FAILED:
        return _advance(_move(batch, skipped=progress.skipped + 1), active.index + 1, ended), ItemState.SKIPPED
    if batch.status is Status.PAUSED:
        return replace(batch, message=reason), None
    return halt(batch, Status.STOPPED, ended, reason), None


def stop_behind(batch: Batch, now: int, message: str) -> Batch:
    """Stop behind the file of a run that has ended: a person wanted no further one."""
    return halt(batch, Status.STOPPED, now, message) if batch.status is Status.RUNNING else batch


def _advance(batch: Batch, position: int, ended: int) -> Batch:
    batch = _move(batch, position=position, attempts=0)
    # The files behind the position that have their result already need no run.
    is_last = position + batch.progress.ahead >= batch.progress.total
    return halt(batch, Status.FINISHED, ended) if is_last else batch


def halt(batch: Batch, status: Status, now: int, message: str = "") -> Batch:
    """Stop, pause or finish at `now` (Unix milliseconds). A paused batch keeps an outstanding trigger."""
    pending = batch.pending if status is Status.PAUSED else None
    return replace(batch, status=status, pending=pending, halted=max(now, batch.halted), message=message)


def wants_trigger(batch: Batch) -> bool:
    """Whether the next run must be triggered."""
    return batch.status is Status.RUNNING and batch.active is None and batch.pending is None


def pause(batch: Batch, now: int) -> Batch:
    """Trigger nothing more; the current run finishes first."""
    return halt(batch, Status.PAUSED, now) if batch.status is Status.RUNNING else batch


def resume(batch: Batch, now: int) -> Batch:
    """Continue where the batch stopped or was paused; `wants_trigger` says whether a run must be triggered."""
    if batch.status not in (Status.PAUSED, Status.STOPPED):
        return batch
    return _move(_set_going(batch, now), attempts=0)


def _set_going(batch: Batch, now: int) -> Batch:
    # The stretch starts over, so that a night between two runs does not count for the time left.
    stretch = replace(batch.stretch, began=now, done=0)
    return replace(batch, status=Status.RUNNING, stretch=stretch, message="")


def reset(batch: Batch, now: int) -> Batch:
    """Forget the position, the current run and an outstanding trigger."""
    # `halted` makes presses that wait in the queue come too late, and `serial` keeps fingerprints unique.
    return Batch(passes=batch.passes, serial=batch.serial, halted=now)


def reserve_trigger(batch: Batch, ticket: str, now: int) -> Batch:
    """Write down that a trigger is about to be sent."""
    return replace(batch, pending=PendingTrigger(ticket, now))


def confirm_trigger(batch: Batch, ticket: str, trigger: str, run: str, *, carried: bool) -> Batch:
    """Write down that the trigger was sent. Its run may have come already: then nothing changes."""
    if batch.pending is None or batch.pending.ticket != ticket:
        return batch
    return replace(batch, pending=replace(batch.pending, trigger=trigger, run=run, carried=carried), trigger=trigger)


def lose_trigger(batch: Batch, now: int, message: str = "") -> Batch:
    """Give up the outstanding trigger: its prompt is gone from the queue, or it could not be sent."""
    lost = replace(batch, pending=None)
    return halt(lost, Status.STOPPED, now, message) if batch.status is Status.RUNNING else lost


def decline_trigger(batch: Batch, ticket: str) -> Batch:
    """Give up a trigger that every plugin declined: without a server, the next call continues the pass."""
    if batch.pending is None or batch.pending.ticket != ticket:
        return batch
    return replace(batch, pending=None)


def revive(batch: Batch, now: int, *, trigger_lost: bool, resume: bool = True) -> Batch:
    """Bring the batch up to date after a restart of the host at `now`, with its queue gone.

    A file during which the host died `MAX_ATTEMPTS` times waits for a person, and so does every batch without
    `resume`. A trigger that asked someone else to queue (a browser, another machine) stays outstanding.
    `wants_trigger` then says whether a run must be triggered.
    """
    if batch.active:
        batch, _ = finish_run(batch, Ending.LOST, 0, SERVER_STOPPED)
        if batch.status is Status.STOPPED and batch.progress.attempts < MAX_ATTEMPTS:
            batch = _set_going(batch, now)
    batch = replace(batch, pending=None) if trigger_lost else batch
    if wants_trigger(batch) and not resume:
        return halt(batch, Status.STOPPED, 0, "The server was restarted. Press Queue to continue.")
    return batch


def _active(batch: Batch) -> ActiveRun:
    assert batch.active is not None, "the batch has an active run"
    return batch.active
