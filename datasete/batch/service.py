"""Batches as nodes, routes and commands use them: the state machine, the ledger and the host's queue put together."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from pathlib import Path

from datasete.batch import machine as iteration
from datasete.batch import views as looks
from datasete.batch.coordinator import Desk
from datasete.batch.loaders import Loaders
from datasete.batch.sources import Place
from datasete.batch.state import Batch, Ending, Entry, Status
from datasete.batch.state import Item as LedgerItem
from datasete.batch.views import Item
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
        self._desk = Desk(host, hooks, ledger, settings or BatchSettings(), clock)
        self.loaders = Loaders(self._desk, spaces, storage)
        if host.runs is not None:
            host.runs.watch(self.ended)

    # --- how runs end ----------------------------------------------------------------------------------------------

    def loaded(self, item: Item) -> None:
        """The file is loaded. Where the host has no queue, nobody will tell how the run ends, and this is its end."""
        if self._desk.host.runs is None:
            self.ended(RunEnd(item.run, Ending.SUCCESS.value, self._desk.clock()))

    def ended(self, end: RunEnd) -> None:
        """A run has ended: move its batches on, and trigger one next run for all of them together."""
        desk = self._desk
        awaited = desk.triggering.awaited.pop(end.prompt_id, ())
        if end.prompt_id not in desk.flying and not awaited:
            return
        with desk.lock:
            with desk.writing() as ledger:
                # Behind a run's last node nothing looks at the host's flag, and its next run begins with it down.
                off = end.kind == Ending.SUCCESS.value and desk.host.interrupted()
                flown = ledger.flown_by(end.prompt_id)
                settled = [(entry, desk.settled(ledger, entry, end, is_called_off=off)) for entry in flown]
                wanting = [entry for entry, batch in settled if iteration.wants_trigger(batch)]
                ticket = desk.granted(ledger, wanting)
            desk.flying.discard(end.prompt_id)
            if wanting:
                desk.fire(wanting, ticket, desk.prompts.last(wanting[0].key, end.prompt_id, desk.host.runs))
            self._not_reached(awaited, end)
        for entry, batch in settled:
            desk.observe(entry, batch)

    def _not_reached(self, keys: Collection[str], end: RunEnd) -> None:
        """A triggered run that ended before it came to its loader takes its trigger with it."""
        message = end.reason or "The run did not come to its batch loader."

        def lose(batch: Batch) -> Batch:
            gone = batch.pending is not None and batch.pending.run == end.prompt_id
            return iteration.lose_trigger(batch, end.ended, message) if gone else batch

        for key in keys:
            self._desk.changed(key, lose)

    # --- what people see and press ---------------------------------------------------------------------------------

    def all(self) -> list[Entry]:
        """Every batch, the one that changed last first."""
        return self._desk.ledger().all() if self._desk.path.exists() else []

    def find(self, key: str) -> Entry:
        """A batch.

        Raises:
            NotFound: there is none of that key.
        """
        return self._desk.find(key)

    def described(self, keys: Collection[str] = ()) -> list[dict[str, object]]:
        """Every batch as routes and commands show it, the one that changed last first; with `keys`, those of them."""
        entries = [entry for entry in self.all() if not keys or entry.key in keys]
        return [self.describe(entry) for entry in entries]

    def describe(self, entry: Entry) -> dict[str, object]:
        """One batch likewise."""
        return looks.describe(self._desk.ledger(), self._desk.seen(entry))

    def seen_at(self, workflow: str, node: str) -> str:
        """The key of the batch that a workflow's loader worked on last, as far as this process knows; or ""."""
        return self._desk.whereabouts.seen_at(workflow, node)

    def before(self, run: str, node: str) -> dict[str, object] | None:
        """Which file came to `node` of a run that is at work, as `looks.at_gate` has it; None when it is none."""
        desk = self._desk
        if not desk.whereabouts.knows(run):
            return None
        prompt = desk.host.runs.prompt(run) if desk.host.runs else None
        key = desk.whereabouts.before(run, node, prompt.graph if prompt else {})
        entry = desk.ledger().find(key) if key else None
        return looks.at_gate(desk.ledger(), entry) if entry else None

    def file(self, key: str, index: int) -> tuple[Place, str]:
        """Where the file at a 0-based place of a batch's list is.

        Raises:
            NotFound: there is no such batch, or place.
        """
        entry = self.find(key)
        if not 0 <= index < entry.batch.total:
            raise NotFound(f"The batch lists {entry.batch.total} files, and {index} is the place of none.")
        return Place(entry.space, entry.path), self._desk.ledger().name(entry, index)

    def skipped(self, key: str) -> list[LedgerItem]:
        """The files that were skipped, with their reasons."""
        return self._desk.ledger().skipped(self.find(key))

    def items(self, key: str) -> Iterator[LedgerItem]:
        """Every file of a batch, with what became of it."""
        return self._desk.ledger().items(self.find(key))

    def pause(self, key: str) -> Entry:
        """Trigger nothing more until somebody resumes or presses Queue."""
        return self._desk.changed(key, lambda batch: iteration.pause(batch, self._desk.clock()))

    def reset(self, key: str) -> Entry:
        """Forget the place: the next press begins at the beginning."""
        self._desk.prompts.forget(key)
        return self._desk.changed(key, lambda batch: iteration.reset(batch, self._desk.clock()))

    def resume(self, key: str) -> Entry:
        """Walk on without a press, with the prompt of the last run; whoever was asked to queue it is asked again.

        Raises:
            Conflict: the prompt is not known any more, or held secrets, which are never kept.
        """
        desk = self._desk
        with desk.lock:
            entry = desk.changed(key, lambda batch: iteration.resume(desk.without_lost_trigger(batch), desk.clock()))
            if iteration.wants_trigger(entry.batch):
                left = desk.triggering.left_over(entry)
                return desk.changed(key, left) if left else self._refired([entry], new_id())
            return self._asked_again(entry)

    # --- start and end of the host ---------------------------------------------------------------------------------

    def revive(self) -> None:
        """After a start of the host: walks that its end cut off go on, unless another process is at work on them."""
        desk = self._desk
        if not desk.path.exists() or not desk.triggering.only_one(desk.path):
            return
        for ticket, entries in self._cut_off().items():
            try:
                self._refired(entries, ticket)
            except Conflict as error:
                logger.info("%s", error)

    def close(self) -> None:
        """Release the ledger."""
        self._desk.close()

    def _asked_again(self, entry: Entry) -> Entry:
        pending = entry.batch.pending
        waits = pending is not None and not pending.carried and entry.batch.status is Status.WALKING
        if pending is None or not waits or entry.batch.flight:
            return entry
        together = [each for each in self.all() if each.batch.pending and each.batch.pending.ticket == pending.ticket]
        return self._refired(together, pending.ticket)

    def _cut_off(self) -> dict[str, list[Entry]]:
        """The walks to go on with, by the ticket they share."""
        found: dict[str, list[Entry]] = {}
        tickets: dict[str, str] = {}
        with self._desk.writing() as ledger:
            for entry in ledger.all():
                if entry.batch.flight and entry.batch.flight.run in self._desk.flying:
                    continue  # a run of this very start, which was quicker
                batch = self._revived(entry.batch)
                if batch == entry.batch:
                    continue
                ledger.save(entry, batch, self._desk.clock())
                if iteration.wants_trigger(batch):
                    ticket = _shared_ticket(entry.batch, tickets)
                    found.setdefault(ticket, []).append(replace(entry, batch=batch))
        return found

    def _revived(self, batch: Batch) -> Batch:
        lost = self._desk.triggering.is_lost(batch.pending)
        revived = iteration.revive(batch, self._desk.clock(), trigger_lost=lost)
        if iteration.wants_trigger(revived) and not self._desk.settings.resume:
            return iteration.halt(revived, Status.STOPPED, 0, "The server was restarted. Press Queue to go on.")
        return revived

    def _refired(self, entries: list[Entry], ticket: str) -> Entry:
        desk = self._desk
        with desk.lock:
            prompt = desk.prompts.kept(desk.ledger(), entries[0])
            if prompt is None:
                message = "Press Queue to go on: the workflow is not known here any more, or carried secrets."
                for entry in entries:
                    desk.changed(entry.key, lambda batch: iteration.halt(batch, Status.STOPPED, 0, message))
                raise Conflict("The batch cannot go on by itself.", hint=message)
            with desk.writing() as ledger:
                desk.granted(ledger, entries, ticket)
            desk.fire(entries, ticket, prompt)
            return desk.find(entries[0].key)


def _shared_ticket(batch: Batch, tickets: dict[str, str]) -> str:
    """The trigger that was lost is fired again under its own ticket; batches of one run that was cut off share one."""
    if batch.pending:
        return batch.pending.ticket
    return tickets.setdefault(batch.flight.run if batch.flight else new_id(), new_id())
