"""Batches as nodes, routes and commands use them: the state machine, the ledger and the host's queue put together."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from pathlib import Path

from datasete.batch import machine, views
from datasete.batch.coordinator import Coordinator
from datasete.batch.loaders import Loaders
from datasete.batch.sources import Location
from datasete.batch.state import Batch, Ending, Entry, FileRecord, Status
from datasete.batch.views import BatchItem
from datasete.config import BatchSettings
from datasete.errors import Conflict, NotFound
from datasete.hooks.manager import Hooks
from datasete.host.api import Host
from datasete.host.runs import RunEnd, now
from datasete.ids import new_id
from datasete.storage import Storage

logger = logging.getLogger(__name__)


class Batches:
    """All batches of one host. Safe to call from any thread but the one of the host's event loop.

    Args:
        host: its queue, its folders, and where events go.
        hooks: triggers and observers.
        ledger: the file to keep them in; it is created when the first batch begins.
        settings: how to trigger, and whether to go on after a restart.
        spaces: names of the configured spaces.
        storage: opens a space.
        clock: Unix milliseconds.

    Attributes:
        loaders: what loader nodes call.
    """

    def __init__(
        self,
        host: Host,
        hooks: Hooks,
        ledger: Path,
        settings: BatchSettings | None = None,
        spaces: Callable[[], Collection[str]] = tuple,
        storage: Callable[[str], Storage] | None = None,
        clock: Callable[[], int] = now,
    ) -> None:
        self._coordinator = Coordinator(host, hooks, ledger, settings or BatchSettings(), clock)
        self.loaders = Loaders(self._coordinator, spaces, storage)
        if host.runs is not None:
            host.runs.watch(self.ended)

    # --- how runs end ----------------------------------------------------------------------------------------------

    def loaded(self, item: BatchItem) -> None:
        """The file is loaded. Where the host has no queue, nobody will tell how the run ends, and this is its end."""
        if self._coordinator.host.runs is None:
            self.ended(RunEnd(item.run, Ending.SUCCESS.value, self._coordinator.clock()))

    def ended(self, end: RunEnd) -> None:
        """A run has ended: move its batches on, and trigger one next run for all of them together."""
        coordinator = self._coordinator
        awaited = coordinator.triggers.awaited.pop(end.prompt_id, ())
        if end.prompt_id not in coordinator.active_runs and not awaited:
            return
        with coordinator.lock:
            with coordinator.writing() as ledger:
                # Behind a run's last node nothing looks at the host's flag, and its next run begins with it down.
                off = end.kind == Ending.SUCCESS.value and coordinator.host.interrupted()
                entries = ledger.entries_of_run(end.prompt_id)
                finished = [
                    (entry, coordinator.finish_run(ledger, entry, end, is_cancelled_late=off)) for entry in entries
                ]
                wanting = [entry for entry, batch in finished if machine.wants_trigger(batch)]
                ticket = coordinator.reserve_trigger(ledger, wanting)
            coordinator.active_runs.discard(end.prompt_id)
            if wanting:
                coordinator.trigger(
                    wanting, ticket, coordinator.prompts.last(wanting[0].key, end.prompt_id, coordinator.host.runs)
                )
            self._not_reached(awaited, end)
        for entry, batch in finished:
            coordinator.report_run_end(entry, batch)

    def _not_reached(self, keys: Collection[str], end: RunEnd) -> None:
        """A triggered run that ended before it came to its loader takes its trigger with it."""
        message = end.reason or "The run did not come to its batch loader."

        def lose(batch: Batch) -> Batch:
            gone = batch.pending is not None and batch.pending.run == end.prompt_id
            return machine.lose_trigger(batch, end.ended, message) if gone else batch

        for key in keys:
            self._coordinator.change(key, lose)

    # --- what people see and press ---------------------------------------------------------------------------------

    def all(self) -> list[Entry]:
        """Every batch, the one that changed last first."""
        return self._coordinator.ledger().all() if self._coordinator.path.exists() else []

    def find(self, key: str) -> Entry:
        """A batch.

        Raises:
            NotFound: there is none of that key.
        """
        return self._coordinator.find(key)

    def describe_all(self, keys: Collection[str] = ()) -> list[dict[str, object]]:
        """Every batch as routes and commands show it, the one that changed last first; with `keys`, those of them."""
        entries = [entry for entry in self.all() if not keys or entry.key in keys]
        return [self.describe(entry) for entry in entries]

    def describe(self, entry: Entry) -> dict[str, object]:
        """One batch likewise."""
        return views.describe(self._coordinator.ledger(), self._coordinator.for_display(entry))

    def last_batch(self, workflow: str, node: str) -> str:
        """The key of the batch that a workflow's loader worked on last, as far as this process knows; or ""."""
        return self._coordinator.loader_index.last_batch(workflow, node)

    def upstream_batch(self, run: str, node: str) -> dict[str, object] | None:
        """Which file came to `node` of a run that is at work, as `looks.at_gate` has it; None when it is none."""
        coordinator = self._coordinator
        if not coordinator.loader_index.knows(run):
            return None
        prompt = coordinator.host.runs.prompt(run) if coordinator.host.runs else None
        key = coordinator.loader_index.upstream_batch(run, node, prompt.graph if prompt else {})
        entry = coordinator.ledger().find(key) if key else None
        return views.at_gate(coordinator.ledger(), entry) if entry else None

    def file(self, key: str, index: int) -> tuple[Location, str]:
        """Where the file at a 0-based place of a batch's list is.

        Raises:
            NotFound: there is no such batch, or place.
        """
        entry = self.find(key)
        if not 0 <= index < entry.batch.total:
            raise NotFound(f"The batch lists {entry.batch.total} files, and {index} is the place of none.")
        return Location(entry.space, entry.path), self._coordinator.ledger().name(entry, index)

    def skipped(self, key: str) -> list[FileRecord]:
        """The files that were skipped, with their reasons."""
        return self._coordinator.ledger().skipped(self.find(key))

    def items(self, key: str) -> Iterator[FileRecord]:
        """Every file of a batch, with what became of it."""
        return self._coordinator.ledger().items(self.find(key))

    def pause(self, key: str) -> Entry:
        """Trigger nothing more until somebody resumes or presses Queue."""
        return self._coordinator.change(key, lambda batch: machine.pause(batch, self._coordinator.clock()))

    def reset(self, key: str) -> Entry:
        """Forget the place: the next press begins at the beginning."""
        self._coordinator.prompts.forget(key)
        return self._coordinator.change(key, lambda batch: machine.reset(batch, self._coordinator.clock()))

    def resume(self, key: str) -> Entry:
        """Walk on without a press, with the prompt of the last run; whoever was asked to queue it is asked again.

        Raises:
            Conflict: the prompt is not known any more, or held secrets, which are never kept.
        """
        coordinator = self._coordinator
        with coordinator.lock:
            entry = coordinator.change(
                key, lambda batch: machine.resume(coordinator.without_lost_trigger(batch), coordinator.clock())
            )
            if machine.wants_trigger(entry.batch):
                waiting = coordinator.triggers.waiting_trigger(entry)
                return coordinator.change(key, waiting) if waiting else self._trigger_again([entry], new_id())
            return self._ask_again(entry)

    # --- start and end of the host ---------------------------------------------------------------------------------

    def revive(self) -> None:
        """After a start of the host: walks that its end cut off go on, unless another process is at work on them."""
        coordinator = self._coordinator
        if not coordinator.path.exists() or not coordinator.triggers.acquire_ledger(coordinator.path):
            return
        for ticket, entries in self._cut_off_batches().items():
            try:
                self._trigger_again(entries, ticket)
            except Conflict as error:
                logger.info("%s", error)

    def close(self) -> None:
        """Release the ledger."""
        self._coordinator.close()

    def _ask_again(self, entry: Entry) -> Entry:
        pending = entry.batch.pending
        waits = pending is not None and not pending.carried and entry.batch.status is Status.RUNNING
        if pending is None or not waits or entry.batch.active:
            return entry
        together = [each for each in self.all() if each.batch.pending and each.batch.pending.ticket == pending.ticket]
        return self._trigger_again(together, pending.ticket)

    def _cut_off_batches(self) -> dict[str, list[Entry]]:
        """The walks to go on with, by the ticket they share."""
        found: dict[str, list[Entry]] = {}
        tickets: dict[str, str] = {}
        with self._coordinator.writing() as ledger:
            for entry in ledger.all():
                if entry.batch.active and entry.batch.active.run in self._coordinator.active_runs:
                    continue  # a run of this very start, which was quicker
                batch = self._revived(entry.batch)
                if batch == entry.batch:
                    continue
                ledger.save(entry, batch, self._coordinator.clock())
                if machine.wants_trigger(batch):
                    ticket = _shared_ticket(entry.batch, tickets)
                    found.setdefault(ticket, []).append(replace(entry, batch=batch))
        return found

    def _revived(self, batch: Batch) -> Batch:
        lost = self._coordinator.triggers.is_lost(batch.pending)
        revived = machine.revive(batch, self._coordinator.clock(), trigger_lost=lost)
        if machine.wants_trigger(revived) and not self._coordinator.settings.resume:
            return machine.halt(revived, Status.STOPPED, 0, "The server was restarted. Press Queue to go on.")
        return revived

    def _trigger_again(self, entries: list[Entry], ticket: str) -> Entry:
        coordinator = self._coordinator
        with coordinator.lock:
            prompt = coordinator.prompts.kept(coordinator.ledger(), entries[0])
            if prompt is None:
                message = "Press Queue to go on: the workflow is not known here any more, or carried secrets."
                for entry in entries:
                    coordinator.change(entry.key, lambda batch: machine.halt(batch, Status.STOPPED, 0, message))
                raise Conflict("The batch cannot go on by itself.", hint=message)
            with coordinator.writing() as ledger:
                coordinator.reserve_trigger(ledger, entries, ticket)
            coordinator.trigger(entries, ticket, prompt)
            return coordinator.find(entries[0].key)


def _shared_ticket(batch: Batch, tickets: dict[str, str]) -> str:
    """The trigger that was lost is fired again under its own ticket; batches of one run that was cut off share one."""
    if batch.pending:
        return batch.pending.ticket
    return tickets.setdefault(batch.active.run if batch.active else new_id(), new_id())
