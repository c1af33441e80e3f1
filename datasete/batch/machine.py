"""The state machine of a batch. Pure: every function takes a `Batch` and returns the next one.

A batch takes one file a run, and moves on when that run is known to have succeeded. It has at most one outstanding
trigger. A run that carries the trigger's ticket, or the first one queued after a trigger that can carry none, is its
continuation; any other is somebody pressing Queue. Presses that were queued before the batch halted belong to the walk
that halted: they do nothing, so Run ×10 neither restarts nor repeats anything. Nor do those of a series that outlasts a
small folder begin another pass.
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
    Status,
)

MAX_ATTEMPTS = 2
"""How often a file is tried without a person's doing when the host dies over it."""


SERIES_GAP_MS = 1000
"""Milliseconds between two runs, at most, that make them one press, where nobody says which press they came of."""


class Plan(Enum):
    """What a run is to do."""

    SAME = auto()  # it has its file already: another loader of the same run asks
    NEXT = auto()  # take the file at the batch's place
    START = auto()  # list the folder afresh and begin a pass
    HOLD = auto()  # nothing: it is late


def plan(batch: Batch, call: LoaderCall) -> Plan:
    """Decide what an arriving run does; the batch has no other run in flight."""
    if batch.active and batch.active.run == call.run:
        return Plan.SAME
    if batch.held == call.run:
        return Plan.HOLD
    if continues(batch, call) or call.ticket:
        return _triggered(batch)
    late = call.queued is not None and call.queued < batch.halted
    if late and batch.status is not Status.RUNNING:
        return Plan.HOLD
    if batch.status is Status.FINISHED and _is_series(batch, call):
        return Plan.HOLD
    return _pressed(batch, call)


def continues(batch: Batch, call: LoaderCall) -> bool:
    """Whether `call` is what the outstanding trigger was for."""
    pending = batch.pending
    if pending is None:
        return False
    if pending.carried or call.ticket:
        return call.ticket == pending.ticket
    return call.queued is None or call.queued >= pending.fired


def continues_pass(batch: Batch, call: LoaderCall) -> bool:
    """Whether `call` takes up the walk where it was, or has done so."""
    if batch.active and batch.active.run == call.run:
        return not batch.active.began
    return plan(batch, call) is Plan.NEXT


def _is_series(batch: Batch, call: LoaderCall) -> bool:
    if call.press or batch.press:
        return call.press == batch.press
    return call.queued is not None and 0 <= call.queued - batch.pressed < SERIES_GAP_MS


def _triggered(batch: Batch) -> Plan:
    # A trigger never begins a second pass: that would be a loop without an end. In a folder never seen before it may
    # begin the first one, when the loader's folder is wired and changes on the way.
    if batch.status is Status.RUNNING:
        return Plan.NEXT
    return Plan.START if batch.status is Status.FRESH and not batch.halted else Plan.HOLD


def _pressed(batch: Batch, call: LoaderCall) -> Plan:
    if batch.status in (Status.FRESH, Status.FINISHED):
        return Plan.START
    running = batch.status is Status.RUNNING
    # A walk that began with Reset goes on when Reset arrives again: it is the same press, or Auto Queue.
    if call.mode == RESET and not (running and batch.mode == RESET):
        return Plan.START
    return Plan.NEXT


def take(batch: Batch, call: LoaderCall, todo: Plan, now: int) -> Batch:
    """Give the run its file: the next one, or for `START` the first of a fresh pass.

    `batch.total` is that of the list in force, and the place is inside of it. `now` is in Unix milliseconds.
    """
    pressed = _is_press(batch, call)
    batch = _with_press(batch, call)
    if continues(batch, call):
        batch = replace(batch, pending=None)
    if todo is Plan.START:
        batch = _start_pass(batch, call)
    running = batch.status is Status.RUNNING
    if not running:
        batch = replace(_run_from(batch, now), mode=call.mode)
    active = ActiveRun(
        call.run,
        batch.position,
        batch.serial + 1,
        skip=call.errors == SKIP,
        resumed=pressed and not running and batch.position > batch.first,
        attempt=batch.attempts + 1,
        began=todo is Plan.START,
    )
    return replace(batch, serial=active.serial, active=active, attempts=active.attempt, message="")


def _start_pass(batch: Batch, call: LoaderCall) -> Batch:
    """A fresh pass; a trigger that is still out remains out, so that no second one joins it."""
    return Batch(
        total=batch.total,
        position=call.start,
        first=call.start,
        passes=batch.passes + 1,
        serial=batch.serial,
        pending=batch.pending,
        halted=batch.halted,
        trigger=batch.trigger,
        pressed=batch.pressed,
        press=batch.press,
    )


def _is_press(batch: Batch, call: LoaderCall) -> bool:
    return not (continues(batch, call) or call.ticket)


def _with_press(batch: Batch, call: LoaderCall) -> Batch:
    """With what is known of a press."""
    if not _is_press(batch, call):
        return batch
    return replace(batch, pressed=max(batch.pressed, call.queued or 0), press=call.press)


def hold(batch: Batch, call: LoaderCall) -> Batch:
    """The run takes nothing; when it is what the trigger was for, the trigger is not outstanding any more."""
    pending = None if continues(batch, call) else batch.pending
    return replace(_with_press(batch, call), pending=pending, held=call.run)


def skip_current(batch: Batch) -> Batch:
    """The file in flight cannot be loaded and is skipped: the same run goes on with the next one, if there is one."""
    active = _active(batch)
    moved = active.index + 1
    return replace(
        batch, position=moved, skipped=batch.skipped + 1, attempts=1, active=replace(active, index=moved, attempt=1)
    )


def finish_run(batch: Batch, ending: Ending, ended: int, reason: str = "") -> tuple[Batch, ItemState | None]:
    """The run in flight has ended at `ended` (Unix milliseconds): move on, or halt and keep the place.

    Returns:
        The batch, and what became of the file at the flight's index; None when it is still to be done.
    """
    active = _active(batch)
    batch = replace(batch, active=None)
    if active.index >= batch.total:
        return _advance(batch, active.index, ended), None
    if ending is Ending.SUCCESS:
        done = replace(batch, count=batch.count + 1, walked=batch.walked + 1)
        return _advance(done, active.index + 1, ended), ItemState.DONE
    if active.skip and ending is not Ending.LOST:
        skipped = replace(batch, skipped=batch.skipped + 1)
        return _advance(skipped, active.index + 1, ended), ItemState.SKIPPED
    if batch.status is Status.PAUSED:
        return replace(batch, message=reason), None
    return halt(batch, Status.STOPPED, ended, reason), None


def cancel_late(batch: Batch, active: ActiveRun, now: int) -> Batch:
    """The run of `flight` was cancelled when its file was done already: the walk ends behind it."""
    if active.skip or batch.status is not Status.RUNNING:
        return batch
    return halt(batch, Status.STOPPED, now, "The run was cancelled when its file was done already.")


def _advance(batch: Batch, position: int, ended: int) -> Batch:
    batch = replace(batch, position=position, attempts=0)
    return halt(batch, Status.FINISHED, ended) if position >= batch.total else batch


def halt(batch: Batch, status: Status, now: int, message: str = "") -> Batch:
    """Stop, pause or finish at `now` (Unix milliseconds). Paused batches keep a trigger that is already out."""
    pending = batch.pending if status is Status.PAUSED else None
    return replace(batch, status=status, pending=pending, halted=max(now, batch.halted), message=message)


def wants_trigger(batch: Batch) -> bool:
    """Whether the next run is to be triggered."""
    return batch.status is Status.RUNNING and batch.active is None and batch.pending is None


def pause(batch: Batch, now: int) -> Batch:
    """Trigger nothing more; the run at work ends as it ends."""
    return halt(batch, Status.PAUSED, now) if batch.status is Status.RUNNING else batch


def resume(batch: Batch, now: int) -> Batch:
    """Walk on from where the batch stopped or was paused; whether a run must be triggered, `wants_trigger` says."""
    if batch.status not in (Status.PAUSED, Status.STOPPED):
        return batch
    return replace(_run_from(batch, now), attempts=0)


def _run_from(batch: Batch, now: int) -> Batch:
    """On its way, with a pace that nothing before `now` tells of."""
    return replace(batch, status=Status.RUNNING, began=now, walked=0, message="")


def reset(batch: Batch, now: int) -> Batch:
    """Forget the place. A run at work is not waited for, and a trigger that is out leads to nothing."""
    return Batch(passes=batch.passes, serial=batch.serial, halted=now)


def reserve_trigger(batch: Batch, ticket: str, now: int) -> Batch:
    """Write down that a trigger is about to be fired."""
    return replace(batch, pending=PendingTrigger(ticket, now))


def confirm_trigger(batch: Batch, ticket: str, trigger: str, run: str, *, carried: bool) -> Batch:
    """The trigger was fired. Nothing happens when it is not outstanding any more: its run has come already."""
    if batch.pending is None or batch.pending.ticket != ticket:
        return batch
    return replace(batch, pending=replace(batch.pending, trigger=trigger, run=run, carried=carried), trigger=trigger)


def lose_trigger(batch: Batch, now: int, message: str = "") -> Batch:
    """The outstanding trigger will lead to no run: its prompt is gone from the queue, or it could not be fired."""
    lost = replace(batch, pending=None)
    return halt(lost, Status.STOPPED, now, message) if batch.status is Status.RUNNING else lost


def revive(batch: Batch, now: int, *, trigger_lost: bool) -> Batch:
    """The host was started again at `now`, and what it had queued is gone: `wants_trigger` is to find its walks.

    A file over which the host died `MAX_ATTEMPTS` times waits for a person. A trigger that asks for somebody else to
    queue (a browser, another machine) stays out.
    """
    if batch.active:
        batch, _ = finish_run(batch, Ending.LOST, 0, "The server stopped while this file was at work.")
        if batch.status is Status.STOPPED and batch.attempts < MAX_ATTEMPTS:
            batch = _run_from(batch, now)
    return replace(batch, pending=None) if trigger_lost else batch


def decline_trigger(batch: Batch, ticket: str) -> Batch:
    """No trigger accepted: there is no server. The walk goes on with whoever calls next."""
    if batch.pending is None or batch.pending.ticket != ticket:
        return batch
    return replace(batch, pending=None)


def _active(batch: Batch) -> ActiveRun:
    assert batch.active is not None, "the batch has a run in flight"
    return batch.active
