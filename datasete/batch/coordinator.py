"""Everything that changes a batch, under one lock: the ledger, the host's queue, and the triggers."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from datasete.batch import machine
from datasete.batch.loader_index import LoaderIndex
from datasete.batch.prompts import KnownPrompt, Prompts
from datasete.batch.sources import shown
from datasete.batch.state import ActiveRun, Batch, Ending, Entry, PendingTrigger, Status
from datasete.batch.views import progress_of
from datasete.config import BatchSettings
from datasete.errors import DataseteError, NotFound
from datasete.hooks.manager import Hooks
from datasete.host.api import Host
from datasete.host.runs import TICKET, QueuedPrompt, RunEnd
from datasete.ids import new_id
from datasete.plugin import QueueJob

if TYPE_CHECKING:
    from filelock import FileLock

    from datasete.batch.ledger import Ledger


logger = logging.getLogger(__name__)

Change: TypeAlias = Callable[[Batch], Batch]


class Triggers:
    """The triggers of one host.

    Attributes:
        awaited: runs that were queued for batches and have not ended, each with the batches' keys.
    """

    def __init__(self, host: Host, hooks: Hooks, settings: BatchSettings, clock: Callable[[], int]) -> None:
        self.awaited: dict[str, tuple[str, ...]] = {}
        self._host = host
        self._hooks = hooks
        self._settings = settings
        self._clock = clock
        self._triggering: set[str] = set()
        self._owner: FileLock | None = None

    def trigger(self, keys: Sequence[str], ticket: str, known: KnownPrompt | None) -> Change:
        """Have one run queued for all of `keys`; return what is to be done to each of them."""
        self._triggering.add(ticket)
        try:
            answer = self._hooks.queue_trigger(self._job(keys, ticket, known or KnownPrompt(QueuedPrompt("", {}), 1)))
        except DataseteError as error:
            logger.warning("A batch stops. %s", error)
            message = str(error)
            return lambda batch: machine.lose_trigger(batch, self._clock(), message)
        finally:
            self._triggering.discard(ticket)
        if answer is None:
            return lambda batch: machine.decline_trigger(batch, ticket)
        if answer.run:
            self.awaited[answer.run] = tuple(keys)
        return lambda batch: machine.confirm_trigger(batch, ticket, answer.trigger, answer.run, carried=answer.carried)

    def is_lost(self, pending: PendingTrigger | None) -> bool:
        """Whether a trigger is out that leads to no run: it was cut off before it was fired, or its prompt is gone."""
        if pending is None or not pending.carried or pending.ticket in self._triggering:
            return False
        if not pending.trigger:
            return True
        runs = self._host.runs
        return bool(pending.run) and (runs is None or runs.prompt(pending.run) is None)

    def waiting_trigger(self, entry: Entry) -> Change | None:
        """What makes a run that was queued for a batch before it stopped, and waits still, its trigger again."""
        runs, batch = self._host.runs, entry.batch
        for run, keys in self.awaited.items():
            if entry.key in keys and run != batch.held and runs is not None and runs.prompt(run):
                pending = PendingTrigger(run, self._clock(), trigger=batch.trigger, run=run)
                return lambda batch: replace(batch, pending=pending)
        return None

    def acquire_ledger(self, ledger: Path) -> bool:
        """Whether no other host works with this ledger; this one is the one from now on, until it ends."""
        from filelock import FileLock, Timeout

        self._owner = self._owner or FileLock(ledger.with_suffix(".lock"), thread_local=False)
        with contextlib.suppress(Timeout, OSError):
            if not self._owner.is_locked:
                self._owner.acquire(timeout=0)
        return self._owner.is_locked

    def close(self) -> None:
        """Let another process take over."""
        if self._owner:
            self._owner.release()

    def _job(self, keys: Sequence[str], ticket: str, known: KnownPrompt) -> QueueJob:
        prompt, runs = known.prompt, self._host.runs
        extra_data = {**prompt.extra_data, TICKET: ticket}

        def enqueue(graph: Mapping[str, Any], extra: Mapping[str, Any]) -> str:
            assert runs is not None, "only offered where there is a queue"
            runs.enqueue(QueuedPrompt(ticket, graph, {**extra, TICKET: ticket}, prompt.secrets, prompt.targets))
            return ticket

        return QueueJob(
            ticket=ticket,
            batches=tuple(keys),
            trigger=self._settings.trigger,
            url=self._settings.url,
            prompt=prompt.graph,
            extra_data=extra_data,
            client_id=prompt.client_id,
            steps=known.steps,
            node_inputs=runs.node_inputs if runs else lambda _: {},
            send=self._host.send,
            enqueue=enqueue if runs else None,
        )


class Coordinator:
    """One host's batches, from within.

    Attributes:
        host: its queue, its folders, and where events go.
        hooks: triggers and observers.
        path: the ledger's file.
        lock: held by whoever changes anything; taken before the ledger's own.
        clock: Unix milliseconds.
        active_runs: the current runs of this process.
        loader_index: which loader took which batch's file.
    """

    def __init__(self, host: Host, hooks: Hooks, path: Path, settings: BatchSettings, clock: Callable[[], int]) -> None:
        self.host = host
        self.hooks = hooks
        self.path = path
        self.settings = settings
        self.clock = clock
        self.lock = threading.RLock()
        self.active_runs: set[str] = set()
        self.prompts = Prompts()
        self.loader_index = LoaderIndex()
        self.triggers = Triggers(host, hooks, settings, clock)
        self._opened: Ledger | None = None

    def ledger(self) -> Ledger:
        """The ledger, opened on first use."""
        with self.lock:
            if self._opened is None:
                from datasete.batch.ledger import Ledger

                self._opened = Ledger(self.path)
                if self.host.runs is not None:
                    self.triggers.acquire_ledger(self.path)
            return self._opened

    @contextmanager
    def writing(self) -> Iterator[Ledger]:
        """The ledger, for changes that happen as a whole or not at all."""
        with self.lock:
            ledger = self.ledger()
            with ledger.writing():
                yield ledger

    def find(self, key: str) -> Entry:
        """A batch.

        Raises:
            NotFound: there is none of that key.
        """
        entry = self.ledger().find(key) if self.path.exists() else None
        if entry is None:
            raise NotFound(f"There is no batch “{shown(key)}”.", hint="`datasete batch ls` lists them.")
        return entry

    def change(self, key: str, change: Change) -> Entry:
        """Change one batch, and tell browsers when that made a difference."""
        with self.writing() as ledger:
            entry = self.find(key)
            batch = change(entry.batch)
            ledger.save(entry, batch, self.clock())
        if batch != entry.batch:
            self.announce(entry, batch)
        return replace(entry, batch=batch)

    def up_to_date(self, ledger: Ledger, entry: Entry) -> Batch:
        """The batch as it is now that every run but the one at work has ended, and lost triggers are known as lost."""
        run = self.host.run()
        active = entry.batch.active
        if active and not (run and run.prompt_id == active.run):
            entry = replace(entry, batch=self.finish_run(ledger, entry, self._end_of(active)))
        is_lost = self.triggers.is_lost(entry.batch.pending)
        return machine.lose_trigger(entry.batch, 0) if is_lost else entry.batch

    def for_display(self, entry: Entry) -> Entry:
        """The batch for people: nobody may have told yet that its next run is gone from the queue."""
        batch = self.without_lost_trigger(entry.batch)
        if batch == entry.batch:
            return entry
        now = self.find(entry.key)  # that run may have come and gone since the entry was read
        return replace(entry, batch=batch) if now.batch == entry.batch else now

    def without_lost_trigger(self, batch: Batch) -> Batch:
        """The batch, halted when its next run was taken off the queue of this host."""
        is_lost = self.host.runs is not None and self.triggers.is_lost(batch.pending)
        if not is_lost or not self.triggers.acquire_ledger(self.path):
            return batch
        return machine.lose_trigger(batch, 0, "The next run was taken off the queue.")

    def finish_run(self, ledger: Ledger, entry: Entry, end: RunEnd, *, is_cancelled_late: bool = False) -> Batch:
        """Write down how the run at work ended, and whether somebody wanted it to; return the batch after it."""
        active = entry.batch.active
        assert active is not None, "a run is at work"
        batch, became = machine.finish_run(entry.batch, Ending(end.kind), end.ended, shown(end.reason))
        if is_cancelled_late:
            batch = machine.cancel_late(batch, active, end.ended)
        if became is not None:
            ledger.record(entry, active.index, became, active.run, end.ended, shown(end.reason))
        ledger.save(entry, batch, self.clock())
        return batch

    def _end_of(self, active: ActiveRun) -> RunEnd:
        end = self.host.runs.ended(active.run) if self.host.runs else None
        return end or RunEnd(active.run, Ending.LOST.value, 0, "The server stopped while this file was at work.")

    def reserve_trigger(self, ledger: Ledger, entries: Collection[Entry], ticket: str = "") -> str:
        """Write down that one trigger is about to be fired for all of `entries`; return its ticket."""
        ticket = ticket or new_id()
        for entry in entries:
            batch = self.find(entry.key).batch
            ledger.save(entry, machine.reserve_trigger(batch, ticket, self.clock()), self.clock())
        return ticket

    def trigger(self, entries: list[Entry], ticket: str, known: KnownPrompt | None) -> None:
        """Fire the trigger that was granted."""
        change = self.triggers.trigger([entry.key for entry in entries], ticket, known)
        for entry in entries:
            self.change(entry.key, change)

    def announce(self, entry: Entry, batch: Batch) -> None:
        """Tell every browser where the batch is."""
        progress = progress_of(entry, batch)
        event = {"key": entry.key, "index": progress.index, "total": progress.total, "status": progress.status}
        self.host.send("datasete-batch", event)

    def report_run_end(self, entry: Entry, batch: Batch) -> None:
        """Tell browsers and observers that a run of the batch has ended."""
        self.announce(entry, batch)
        progress = progress_of(entry, batch)
        self.hooks.batch_advanced(progress)
        if batch.status is Status.FINISHED:
            self.hooks.batch_finished(progress)

    def close(self) -> None:
        """Release the ledger."""
        with self.lock:
            self.triggers.close()
            if self._opened:
                self._opened.close()
                self._opened = None
