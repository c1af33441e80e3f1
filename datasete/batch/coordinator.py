"""Makes every change to a batch, one at a time: in the ledger, on the host's queue, and by triggers."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from datasete.batch import machine
from datasete.batch.folder.sources import shown
from datasete.batch.prompts import KnownPrompt, Prompts
from datasete.batch.state import ActiveRun, Batch, Ending, Entry, LoaderCall, Status
from datasete.batch.triggers import Change, Triggers, shared_ticket
from datasete.batch.views import progress_of
from datasete.config import BatchSettings
from datasete.errors import Conflict, NotFound
from datasete.hooks.manager import Hooks
from datasete.host.api import Host, queued_prompt
from datasete.host.runs import RunEnd
from datasete.ids import new_id

if TYPE_CHECKING:
    from datasete.batch.ledger import Ledger


logger = logging.getLogger(__name__)


class Coordinator:
    """One host's batches. Safe to call from any thread but that of the host's event loop."""

    def __init__(self, host: Host, hooks: Hooks, path: Path, settings: BatchSettings, clock: Callable[[], int]) -> None:
        self.now = clock
        self._host = host
        self._hooks = hooks
        self._path = path
        self._settings = settings
        # Every change holds this lock, and takes it before the ledger's own: `writing` is the only way in. Taken the
        # other way round, a loader and the end of a run could each hold one and wait for the other. It is reentrant
        # because methods that hold it call others that take it.
        self._lock = threading.RLock()
        self._active_runs: dict[str, str] = {}
        self._prompts = Prompts()
        self._triggers = Triggers(host, hooks, settings, path)
        self._opened: Ledger | None = None

    # --- reading -----------------------------------------------------------------------------------------------------

    def ledger(self) -> Ledger:
        """Open the ledger on first use. Reading needs no lock but its own; to change something, use `writing`."""
        with self._lock:
            if self._opened is None:
                from datasete.batch.ledger import Ledger

                self._opened = Ledger(self._path)
                if self._host.runs is not None:
                    self._triggers.own_ledger()
            return self._opened

    def all(self) -> list[Entry]:
        """Return every batch, the one that changed last first."""
        # Looking must not create the file: a command may run where no batch ever did.
        return self.ledger().all() if self._path.exists() else []

    def find(self, key: str) -> Entry:
        """Return a batch.

        Raises:
            NotFound: there is none of that key.
        """
        entry = self.ledger().find(key) if self._path.exists() else None
        if entry is None:
            raise NotFound(f"There is no batch “{shown(key)}”.", hint="Nothing was changed. See `datasete batch ls`.")
        return entry

    def for_display(self, entry: Entry) -> Entry:
        """Return the batch as people should see it: stopped when its next run has been removed from the queue."""
        batch = self._without_lost_trigger(entry.batch)
        if batch == entry.batch:
            return entry
        now = self.find(entry.key)  # that run may have come and gone since the entry was read
        return replace(entry, batch=batch) if now.batch == entry.batch else now

    # --- what loaders do ---------------------------------------------------------------------------------------------

    @contextmanager
    def writing(self) -> Iterator[Ledger]:
        """Yield the ledger for changes that all happen, or none of them."""
        with self._lock:
            ledger = self.ledger()
            with ledger.writing():
                yield ledger

    def up_to_date(self, ledger: Ledger, entry: Entry) -> Batch:
        """Return the batch after every run but the current one has ended, without a trigger that is lost."""
        # How a run ended is not always heard: a host may be killed, or forget. It is made up for here, before the next
        # run is given its file, since only then it matters.
        run = self._host.run()
        active = entry.batch.active
        if active and not (run and run.prompt_id == active.run):
            entry = replace(entry, batch=self._finish(ledger, entry, self._end_of(active)))
        is_lost = self._triggers.is_lost(entry.batch.pending)
        return machine.lose_trigger(entry.batch, 0) if is_lost else entry.batch

    def start_run(self, ledger: Ledger, entry: Entry, batch: Batch, call: LoaderCall) -> None:
        """Write down that a run has taken a file; from now on its end moves the batch."""
        self._prompts.remember(ledger, entry, batch, call, queued_prompt(self._host, call.run))
        ledger.save(entry, batch, self.now())
        self._active_runs[call.run] = ""

    def announce(self, entry: Entry, batch: Batch) -> None:
        """Tell every browser where the batch is."""
        progress = progress_of(entry, batch)
        event = {"key": entry.key, "index": progress.index, "total": progress.total, "status": progress.status}
        self._host.send("datasete-batch", event)

    # --- how runs end ------------------------------------------------------------------------------------------------

    def note_stop(self, run: str, reason: str) -> None:
        """Note who or what is about to cancel a run: hosts only say that it was cancelled."""
        if run in self._active_runs:
            self._active_runs[run] = reason

    def finish_run(self, end: RunEnd) -> None:
        """Move on the batches of a run that has ended, and trigger one next run for all of them together."""
        awaited = self._triggers.pop_awaited(end.prompt_id)
        if end.prompt_id not in self._active_runs and not awaited:
            return  # most runs of a host have no batch: they must not open the ledger
        with self._lock:
            # State moves before the trigger is sent. Killed in between, a server finds the reserved ticket and sends
            # it again; the other way round it would find a file to do for which a run is queued already.
            with self.writing() as ledger:
                finished = self._finish_all(ledger, end)
                waiting = [entry for entry, batch in finished if machine.wants_trigger(batch)]
                ticket = self._reserve_trigger(ledger, waiting)
            self._active_runs.pop(end.prompt_id, None)
            if waiting:
                last = self._prompts.last(waiting[0].key, queued_prompt(self._host, end.prompt_id))
                self._trigger(waiting, ticket, last)
            self._lose_triggers(awaited, end)
        # Observers are called without the lock: they are plugins and may take their time.
        for entry, batch in finished:
            self._report_run_end(entry, batch)

    def _finish_all(self, ledger: Ledger, end: RunEnd) -> list[tuple[Entry, Batch]]:
        # Cancel pressed behind a run's last node stops nothing: no node is left to look at the host's flag, and the
        # next run lowers it. The person still meant to stop, so the batch does.
        if not end.stop and end.kind == Ending.SUCCESS.value and self._host.interrupted():
            end = replace(end, stop="The run was cancelled when its file was already done.")
        if end.kind == Ending.CANCELLED.value:
            end = replace(end, reason=self._active_runs.get(end.prompt_id) or end.reason)
        return [(entry, self._finish(ledger, entry, end)) for entry in ledger.entries_of_run(end.prompt_id)]

    def _finish(self, ledger: Ledger, entry: Entry, end: RunEnd) -> Batch:
        active = entry.batch.active
        assert active is not None, "the batch has an active run"
        batch, became = machine.finish_run(entry.batch, Ending(end.kind), end.ended, shown(end.reason))
        if end.stop:
            batch = machine.stop_behind(batch, end.ended, end.stop)
        if became is not None:
            ledger.record(entry, active.index, became, active.run, end.ended, shown(active.spoiled or end.reason))
        ledger.save(entry, batch, self.now())
        return batch

    def _end_of(self, active: ActiveRun) -> RunEnd:
        end = self._host.runs.ended(active.run) if self._host.runs else None
        return end or RunEnd(active.run, Ending.LOST.value, 0, machine.SERVER_STOPPED)

    def _lose_triggers(self, keys: Sequence[str], end: RunEnd) -> None:
        """Give up the triggers of a run that ended before it reached its loader."""
        message = end.reason or "The run did not reach its batch loader."

        def lose(batch: Batch, _: int) -> Batch:
            gone = batch.pending is not None and batch.pending.run == end.prompt_id
            return machine.lose_trigger(batch, end.ended, message) if gone else batch

        for key in keys:
            self.change(key, lose)

    def _report_run_end(self, entry: Entry, batch: Batch) -> None:
        self.announce(entry, batch)
        progress = progress_of(entry, batch)
        self._hooks.batch_advanced(progress)
        if batch.status is Status.FINISHED:
            self._hooks.batch_finished(progress)

    # --- what people press -------------------------------------------------------------------------------------------

    def change(self, key: str, change: Change) -> Entry:
        """Change one batch, and tell browsers when that made a difference."""
        with self.writing() as ledger:
            entry = self.find(key)
            batch = change(entry.batch, self.now())
            ledger.save(entry, batch, self.now())
        if batch != entry.batch:
            self.announce(entry, batch)
        return replace(entry, batch=batch)

    def reset(self, key: str) -> Entry:
        """Forget a batch's position and prompt."""
        self._prompts.forget(key)
        return self.change(key, machine.reset)

    def resume(self, key: str, client_id: str = "") -> Entry:
        """Continue a batch without a press, as if the tab `client_id` had queued its last run.

        A tab that was asked to queue the next run is asked again: that one, since the other may be closed.

        Raises:
            Conflict: its prompt is not known any more, or held secrets, which are never kept.
        """
        with self._lock:
            entry = self.change(key, lambda batch, now: machine.resume(self._without_lost_trigger(batch), now))
            if machine.wants_trigger(entry.batch):
                # A run that was queued before the batch stopped may still wait; with another one, two would be out.
                waiting = self._triggers.find_waiting(entry)
                return self.change(key, waiting) if waiting else self._trigger_again([entry], new_id(), client_id)
            return self._ask_again(entry, client_id)

    def revive(self) -> None:
        """Continue the batches that the host's last end interrupted, unless another process owns the ledger."""
        if not self._path.exists() or not self._triggers.own_ledger():
            return
        for ticket, entries in self._revive_all().items():
            try:
                self._trigger_again(entries, ticket)
            except Conflict as error:
                logger.info("%s", error)

    def close(self) -> None:
        """Release the ledger."""
        with self._lock:
            self._triggers.close()
            if self._opened:
                self._opened.close()
                self._opened = None

    def _without_lost_trigger(self, batch: Batch) -> Batch:
        # Without a queue, or beside another server, "not on this queue" does not mean that the run is lost.
        is_lost = self._host.runs is not None and self._triggers.is_lost(batch.pending)
        if not is_lost or not self._triggers.own_ledger():
            return batch
        return machine.lose_trigger(batch, 0, "The next run was removed from the queue.")

    def _ask_again(self, entry: Entry, client_id: str) -> Entry:
        pending = entry.batch.pending
        waits = pending is not None and not pending.carried and entry.batch.status is Status.RUNNING
        if pending is None or not waits or entry.batch.active:
            return entry
        together = [each for each in self.all() if each.batch.pending and each.batch.pending.ticket == pending.ticket]
        return self._trigger_again(together, pending.ticket, client_id)

    def _revive_all(self) -> dict[str, list[Entry]]:
        """Revive every batch in the ledger; return those that need a trigger, by the ticket they share."""
        found: dict[str, list[Entry]] = {}
        tickets: dict[str, str] = {}
        with self.writing() as ledger:
            for entry in ledger.all():
                if entry.batch.active and entry.batch.active.run in self._active_runs:
                    continue  # a run of this very start, which was quicker
                lost = self._triggers.is_lost(entry.batch.pending)
                batch = machine.revive(entry.batch, self.now(), trigger_lost=lost, resume=self._settings.resume)
                if batch == entry.batch:
                    continue
                ledger.save(entry, batch, self.now())
                if machine.wants_trigger(batch):
                    ticket = shared_ticket(entry.batch, tickets)
                    found.setdefault(ticket, []).append(replace(entry, batch=batch))
        return found

    def _trigger_again(self, entries: list[Entry], ticket: str, client_id: str = "") -> Entry:
        with self._lock:
            prompt = self._prompts.kept(self.ledger(), entries[0])
            if prompt is None:
                message = "Press Queue to continue: the workflow is no longer known here, or it carried secrets."
                for entry in entries:
                    self.change(entry.key, lambda batch, _: machine.halt(batch, Status.STOPPED, 0, message))
                raise Conflict("The batch cannot continue by itself.", hint=message)
            with self.writing() as ledger:
                self._reserve_trigger(ledger, entries, ticket)
            self._trigger(entries, ticket, prompt.for_client(client_id))
            return self.find(entries[0].key)

    def _reserve_trigger(self, ledger: Ledger, entries: Collection[Entry], ticket: str = "") -> str:
        """Write down that one trigger is about to be sent for all of `entries`; return its ticket."""
        ticket = ticket or new_id()
        for entry in entries:
            batch = self.find(entry.key).batch
            ledger.save(entry, machine.reserve_trigger(batch, ticket, self.now()), self.now())
        return ticket

    def _trigger(self, entries: list[Entry], ticket: str, known: KnownPrompt | None) -> None:
        change = self._triggers.send([entry.key for entry in entries], ticket, known)
        for entry in entries:
            self.change(entry.key, change)
