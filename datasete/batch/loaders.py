"""What loaders call: which batch their widgets describe, and which file their run works on."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from datasete.batch import machine, places
from datasete.batch.coordinator import Coordinator
from datasete.batch.folder import pairs
from datasete.batch.folder.lists import Lists
from datasete.batch.folder.ordering import ListOptions
from datasete.batch.folder.partnership import Partnership
from datasete.batch.folder.sources import shown
from datasete.batch.loader_index import LoaderIndex
from datasete.batch.machine import Plan
from datasete.batch.state import Batch, Entry, ItemState, LoaderCall, Status
from datasete.batch.views import BatchItem, Held, Source, status_line
from datasete.errors import Conflict
from datasete.host.api import Host, queued_prompt
from datasete.ids import new_id
from datasete.storage import Storage

if TYPE_CHECKING:
    from datasete.batch.ledger import Ledger


class Loaders:
    """The loaders' side of all batches.

    Args:
        coordinator: makes the changes.
        host: says which run is executing, and where relative folders are.
        index: remembers which loader works on which batch.
        spaces: names of the configured spaces.
        storage: opens a space.
        linked: in which of the host's folders links that lead out are followed.
    """

    def __init__(
        self,
        coordinator: Coordinator,
        host: Host,
        index: LoaderIndex,
        spaces: Callable[[], Collection[str]],
        storage: Callable[[str], Storage] | None,
        linked: Collection[Path] = (),
    ) -> None:
        self._coordinator = coordinator
        self._host = host
        self._index = index
        self._lists = Lists(coordinator, host, spaces, storage, linked)
        self._partners = Partnership(coordinator, host, self._lists)

    def source(
        self,
        directory: object,
        preset: str = "All Images",
        custom: str = "",
        depth: int | None = None,
        options: ListOptions | None = None,
    ) -> Source:
        """Return the batch that a loader's widgets describe.

        Raises:
            InvalidInput: no folder, a folder outside, or no pattern.
        """
        return self._lists.source(directory, preset, custom, depth, options)

    def current_call(self, mode: str, errors: str, start: int) -> LoaderCall:
        """Return the call of the loader that is executing, as the state machine sees it."""
        run = self._host.run()
        prompt = queued_prompt(self._host, run.prompt_id) if run else None
        return LoaderCall(
            run=run.prompt_id if run else f"script-{new_id()}",
            mode=mode,
            errors=errors,
            start=start,
            queued=prompt.queued if prompt else None,
            ticket=prompt.ticket if prompt else "",
            press=prompt.press if prompt else "",
        )

    def fingerprint(self, source: Source, call: LoaderCall) -> str:
        """Return a loader's answer to IS_CHANGED: the same for the same attempt at the same file, and for no other."""
        with self._coordinator.writing() as ledger:
            entry = ledger.find(source.key)
            batch = self._coordinator.up_to_date(ledger, entry) if entry else Batch()
            todo = self._plan(ledger, source, batch, call)
            active = batch.active
            if todo is not Plan.SAME and self._partners.of(source, call):
                return new_id()  # what it does depends on the loader that leads, which has not been called yet
            if todo is Plan.SAME and active:
                return f"{source.key}:{active.index}:{active.serial}"
            if todo is Plan.HOLD:
                held = "held-" if self._is_only_loader(call) else ""  # without it, the last file's outputs stay cached
                return f"{source.key}:{batch.progress.total - 1}:{held}{batch.serial}"
            index = call.start if todo is Plan.START else batch.progress.position
            return f"{source.key}:{index}:{batch.serial + 1}"

    def begin(self, source: Source, call: LoaderCall) -> BatchItem | Held:
        """Give the run its file, or nothing when it comes too late.

        Raises:
            NotFound: the folder is gone. Whatever is raised, the batch keeps its position.
            InvalidInput: nothing in it matches, or `start` is beyond its end.
        """
        self._note(source, call)
        return self._lists.with_folders(lambda: self._begin(source, call))

    def _begin(self, source: Source, call: LoaderCall) -> BatchItem | Held:
        with self._coordinator.writing() as ledger:
            entry = ledger.find(source.key) or self._add(ledger, source)
            batch = self._coordinator.up_to_date(ledger, entry)
            paired = self._partners.of(source, call)
            leader = self._partners.leader(ledger, paired, call)
            todo = self._plan(ledger, source, batch, call) if leader is None else pairs.follow_plan(batch, leader, call)
            if todo is Plan.SAME:
                return self._item(ledger, replace(entry, batch=batch), source, paired)
            if todo is Plan.HOLD:
                return self._held(ledger, entry, source, batch, call)
            if leader is None:
                batch = self._take(ledger, entry, source, batch, call, todo, paired)
            else:
                batch = self._partners.follow(ledger, entry, source, batch, call, todo, leader, paired)
            batch = self._partners.note_drift(ledger, entry, batch, call, paired)
            self._coordinator.start_run(ledger, entry, batch, call)
            given = self._given(ledger, replace(entry, batch=batch), source, paired)
        self._coordinator.announce(entry, batch)
        return given

    def _take(
        self,
        ledger: Ledger,
        entry: Entry,
        source: Source,
        batch: Batch,
        call: LoaderCall,
        todo: Plan,
        paired: Sequence[Source],
    ) -> Batch:
        """Give the run the next file of the batch's own list."""
        if todo is Plan.START:
            batch = self._lists.start(ledger, entry, source, batch, call.start, paired)
        else:
            batch = self._lists.bring_up_to_date(ledger, entry, source, batch, paired)
        batch = machine.take(batch, call, todo, self._coordinator.now())
        batch = self._lists.add_new(ledger, entry, source, batch, paired)
        return self._lists.pass_existing(ledger, entry, batch)

    def skip(self, item: BatchItem, reason: str) -> BatchItem | Held | None:
        """Record that the file cannot be loaded, and give the run the next one.

        Returns:
            The next file; None when there is none left; nothing to load (`Held`) when another loader of the run has
            loaded the file that this one is paired with, so that the pair is skipped with the run.
        """
        return self._lists.with_folders(lambda: self._skip(item, reason))

    def _skip(self, item: BatchItem, reason: str) -> BatchItem | Held | None:
        with self._coordinator.writing() as ledger:
            entry, now = self._entry_of(ledger, item), self._coordinator.now()
            if self._partners.spoil(ledger, entry, item, shown(reason)):
                return Held(item=None, alone=True, status=item.status)
            ledger.record(entry, item.index, ItemState.SKIPPED, item.run, now, shown(reason))
            paired = self._partners.known(item.pairs)
            batch = self._lists.add_new(ledger, entry, item.source, places.skip_current(entry.batch), paired)
            batch = self._lists.pass_existing(ledger, entry, batch)
            ledger.save(entry, batch, now)
            if batch.active and batch.active.index >= batch.progress.total:
                return None
            return self._item(ledger, replace(entry, batch=batch), item.source, paired)

    def stop(self, item: BatchItem, reason: str) -> None:
        """Stop the batch on the file, which cannot be loaded."""
        with self._coordinator.writing() as ledger:
            now = self._coordinator.now()
            self._entry_of(ledger, item)
            # All batches of the run: one that went on alone would drift away from the others.
            stopped = [
                (entry, machine.halt(replace(entry.batch, active=None), Status.STOPPED, now, shown(reason)))
                for entry in ledger.entries_of_run(item.run)
            ]
            for entry, batch in stopped:
                ledger.save(entry, batch, now)
        for entry, batch in stopped:
            self._coordinator.announce(entry, batch)

    def names(self, source: Source) -> list[str]:
        """List the files of a folder as it is now, in the order that the loader asks for."""
        return self._lists.read(source).names

    def _add(self, ledger: Ledger, source: Source) -> Entry:
        location, label = source.location, source.filter.label
        return ledger.add(source.key, location.space, location.path, label, self._coordinator.now())

    def _plan(self, ledger: Ledger, source: Source, batch: Batch, call: LoaderCall) -> Plan:
        # A run may have two loaders. While it continues with the longer folder, the shorter one, whose pass has ended,
        # must not start another: it would go round until the longer one ends.
        todo = machine.plan(batch, call)
        if todo is not Plan.START or batch.status is not Status.FINISHED:
            return todo
        keys = {other.key for other in self._partners.sources(call)} - {source.key}
        others = [ledger.find(key) for key in keys]
        known = [self._coordinator.up_to_date(ledger, other) for other in others if other]
        return Plan.HOLD if any(machine.continues_pass(other, call) for other in known) else todo

    def _given(self, ledger: Ledger, entry: Entry, source: Source, paired: Sequence[Source]) -> BatchItem | Held:
        active, progress = entry.batch.active, entry.batch.progress
        if active is None or active.index < progress.total:
            return self._item(ledger, entry, source, paired)
        return Held(item=None, alone=True, status=status_line(entry, entry.batch), run=active.run)

    def _item(self, ledger: Ledger, entry: Entry, source: Source, paired: Sequence[Source] = ()) -> BatchItem:
        batch, active = entry.batch, entry.batch.active
        assert active is not None, "a run has just taken the file"
        item = BatchItem(
            source=source,
            run=active.run,
            index=active.index,
            count=batch.progress.done,
            total=batch.progress.total,
            name=ledger.name(entry, active.index),
            status=status_line(entry, batch),
            ahead=batch.progress.ahead,
            pairs=tuple(each.key for each in paired),
        )
        self._note_file(item)
        return item

    def _held(self, ledger: Ledger, entry: Entry, source: Source, batch: Batch, call: LoaderCall) -> Held:
        batch = machine.hold(batch, call)
        ledger.save(entry, batch, self._coordinator.now())
        status = status_line(entry, batch)
        alone = self._is_only_loader(call)
        if alone or batch.status is not Status.FINISHED:
            return Held(item=None, alone=alone, status=status)
        last = batch.progress.total - 1
        item = BatchItem(
            source=source,
            run=call.run,
            index=last,
            count=max(0, batch.progress.done - 1),
            total=batch.progress.total,
            name=ledger.name(replace(entry, batch=batch), last),
            status=status,
        )
        self._note_file(item)
        return Held(item=item, alone=False, status=status)

    def _is_only_loader(self, call: LoaderCall) -> bool:
        """Whether the run has no other loader, which could have a file left."""
        return len(self._partners.loaders(call)) < 2

    def _note(self, source: Source, call: LoaderCall) -> None:
        run, prompt = self._host.run(), queued_prompt(self._host, call.run)
        if run:
            self._index.note(run.prompt_id, run.node_id, prompt.workflow if prompt else "", source.key)

    def _note_file(self, item: BatchItem) -> None:
        run = self._host.run()
        if run:
            self._index.note_file(run.prompt_id, run.node_id, item.name)

    def _entry_of(self, ledger: Ledger, item: BatchItem) -> Entry:
        entry = ledger.find(item.source.key)
        if entry is None or entry.batch.active is None or entry.batch.active.run != item.run:
            raise Conflict(
                "The batch was reset during this run.", hint="No file was changed. Press Queue to start over."
            )
        return entry
