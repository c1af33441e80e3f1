"""What loaders call: which batch their widgets describe, and which file their run works on."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from datasete.batch import machine
from datasete.batch.coordinator import Coordinator
from datasete.batch.listing import list_names, make_filter
from datasete.batch.machine import Plan
from datasete.batch.sources import parse_location, shown
from datasete.batch.state import Batch, Entry, ItemState, LoaderCall, Status
from datasete.batch.views import BatchItem, Held, Source, status_line
from datasete.errors import Conflict, InvalidInput, NotFound
from datasete.ids import new_id
from datasete.storage import Storage

LOADER = "BatchImageLoader"


if TYPE_CHECKING:
    from datasete.batch.ledger import Ledger


class Loaders:
    """The loaders' side of all batches.

    Args:
        coordinator: knows and changes them.
        spaces: names of the configured spaces.
        storage: opens a space.
    """

    def __init__(
        self, coordinator: Coordinator, spaces: Callable[[], Collection[str]], storage: Callable[[str], Storage] | None
    ) -> None:
        self._coordinator = coordinator
        self._spaces = spaces
        self._storage = storage

    def source(
        self, directory: object, preset: str = "All Images", custom: str = "", depth: int | None = None
    ) -> Source:
        """The batch that a loader's widgets describe.

        Raises:
            InvalidInput: no folder, a folder outside, or no pattern.
        """
        location = parse_location(
            directory, (self._coordinator.host.input_dir, self._coordinator.host.output_dir), self._spaces()
        )
        chosen = make_filter(preset, custom, recursive=location.recursive)
        chosen = chosen if depth is None else replace(chosen, depth=depth)
        digest = hashlib.sha256(f"{location.identity}\0{chosen.identity}".encode("utf-8", "surrogateescape"))
        return Source(digest.hexdigest()[:24], location, chosen)

    def current_call(self, mode: str, errors: str, start: int) -> LoaderCall:
        """The run whose node is executing, as the state machine sees it."""
        run = self._coordinator.host.run()
        prompt = self._coordinator.host.runs.prompt(run.prompt_id) if run and self._coordinator.host.runs else None
        return LoaderCall(
            run.prompt_id if run else f"script-{new_id()}",
            mode,
            errors,
            start,
            prompt.queued if prompt else None,
            prompt.ticket if prompt else "",
            prompt.press if prompt else "",
        )

    def fingerprint(self, source: Source, call: LoaderCall) -> str:
        """What a loader answers to IS_CHANGED: the same for the same attempt at the same file, and for nothing else."""
        with self._coordinator.writing() as ledger:
            entry = ledger.find(source.key)
            batch = self._coordinator.up_to_date(ledger, entry) if entry else Batch()
            todo = self._plan(ledger, source, batch, call)
            active = batch.active
            if todo is Plan.SAME and active:
                return f"{source.key}:{active.index}:{active.serial}"
            if todo is Plan.HOLD:
                held = "held-" if self._is_only_loader(call) else ""  # without it, the last file's outputs stay cached
                return f"{source.key}:{batch.total - 1}:{held}{batch.serial}"
            index = call.start if todo is Plan.START else batch.position
            return f"{source.key}:{index}:{batch.serial + 1}"

    def begin(self, source: Source, call: LoaderCall) -> BatchItem | Held:
        """Give the run its file, or nothing when it is late.

        Raises:
            NotFound: the folder is gone. In every case of an error the batch's place is kept.
            InvalidInput: nothing in it matches, or `start` is beyond its end.
        """
        self._note(source, call)
        with self._coordinator.writing() as ledger:
            entry = ledger.find(source.key) or ledger.add(
                source.key,
                source.location.space,
                source.location.path,
                ",".join(source.filter.patterns),
                self._coordinator.clock(),
            )
            batch = self._coordinator.up_to_date(ledger, entry)
            todo = self._plan(ledger, source, batch, call)
            if todo is Plan.SAME:
                return self._item(ledger, replace(entry, batch=batch), source)
            if todo is Plan.HOLD:
                return self._held(ledger, entry, source, batch, call)
            if todo is Plan.START:
                batch = self._list_folder(ledger, entry, source, batch, call)
            batch = machine.take(batch, call, todo, self._coordinator.clock())
            batch = self._add_new_files(ledger, entry, source, batch)
            self._coordinator.prompts.remember(ledger, entry, batch, call, self._coordinator.host.runs)
            ledger.save(entry, batch, self._coordinator.clock())
            self._coordinator.active_runs.add(call.run)
            item = self._item(ledger, replace(entry, batch=batch), source)
        self._coordinator.announce(entry, batch)
        return item

    def skip(self, item: BatchItem, reason: str) -> BatchItem | None:
        """The file cannot be loaded: write that down, and give the run the next one; None when there is none left."""
        with self._coordinator.writing() as ledger:
            entry, batch = self._current(ledger, item)
            ledger.record(entry, item.index, ItemState.SKIPPED, item.run, self._coordinator.clock(), shown(reason))
            batch = self._add_new_files(ledger, entry, item.source, machine.skip_current(batch))
            ledger.save(entry, batch, self._coordinator.clock())
            if batch.active and batch.active.index >= batch.total:
                return None
            return self._item(ledger, replace(entry, batch=batch), item.source)

    def stop(self, item: BatchItem, reason: str) -> None:
        """The file cannot be loaded, and the batch stops on it."""
        with self._coordinator.writing() as ledger:
            entry, batch = self._current(ledger, item)
            batch = machine.halt(replace(batch, active=None), Status.STOPPED, self._coordinator.clock(), shown(reason))
            ledger.save(entry, batch, self._coordinator.clock())
        self._coordinator.announce(entry, batch)

    def names(self, source: Source) -> list[str]:
        """The files of a folder now, in natural order."""
        space = source.location.space
        return list_names(source.location, source.filter, self._storage(space) if space and self._storage else None)

    def _plan(self, ledger: Ledger, source: Source, batch: Batch, call: LoaderCall) -> Plan:
        """What the run does here. While it goes on with a longer folder, one that has ended begins no further pass."""
        todo = machine.plan(batch, call)
        if todo is not Plan.START or batch.status is not Status.FINISHED:
            return todo
        others = [ledger.find(key) for key in self._keys(call) if key != source.key]
        known = [self._coordinator.up_to_date(ledger, other) for other in others if other]
        return Plan.HOLD if any(machine.continues_pass(other, call) for other in known) else todo

    def _keys(self, call: LoaderCall) -> set[str]:
        """The batches of all loaders of a run, as far as their widgets tell."""
        found = set()
        for node in self._loaders_of(call):
            inputs = node.get("inputs") or {}
            named = [inputs.get("directory"), inputs.get("filter_preset", ""), inputs.get("custom_pattern", "")]
            if all(isinstance(value, str) for value in named):
                with contextlib.suppress(InvalidInput):  # its own loader says so
                    found.add(self.source(named[0], named[1] or "All Images", named[2]).key)
        return found

    def _list_folder(self, ledger: Ledger, entry: Entry, source: Source, batch: Batch, call: LoaderCall) -> Batch:
        names = self.names(source)
        if not names:
            raise InvalidInput(
                f"No file in “{shown(source.location.path)}” matches {shown(','.join(source.filter.patterns))}.",
                hint="The batch keeps its place. Check the folder and the filter.",
            )
        if call.start >= len(names):
            raise InvalidInput(
                f"start_index is {call.start}, and “{source.location.label}” has {len(names)} matching files.",
                hint="The batch keeps its place. The first file has index 0.",
            )
        ledger.replace_names(entry, names)
        return replace(batch, total=len(names))

    def _add_new_files(self, ledger: Ledger, entry: Entry, source: Source, batch: Batch) -> Batch:
        """With the last known file in flight, files that were added meanwhile are taken in behind it."""
        if not batch.active or batch.active.index < batch.total - 1:
            return batch
        entry = replace(entry, batch=batch)
        try:
            known = set(ledger.names(entry))
            added = [name for name in self.names(source) if name not in known]
        except (NotFound, InvalidInput):
            return batch
        if added:
            ledger.append_names(entry, added)
        return replace(batch, total=batch.total + len(added))

    def _item(self, ledger: Ledger, entry: Entry, source: Source) -> BatchItem:
        batch = entry.batch
        assert batch.active is not None, "a run is at work"
        name = ledger.name(entry, batch.active.index)
        status = status_line(entry, batch)
        return BatchItem(source, batch.active.run, batch.active.index, batch.count, batch.total, name, status)

    def _held(self, ledger: Ledger, entry: Entry, source: Source, batch: Batch, call: LoaderCall) -> Held:
        batch = machine.hold(batch, call)
        ledger.save(entry, batch, self._coordinator.clock())
        status = status_line(entry, batch)
        alone = self._is_only_loader(call)
        if alone or batch.status is not Status.FINISHED:
            return Held(item=None, alone=alone, status=status)
        last = batch.total - 1
        name = ledger.name(replace(entry, batch=batch), last)
        item = BatchItem(source, call.run, last, max(0, batch.count - 1), batch.total, name, status)
        return Held(item=item, alone=False, status=status)

    def _is_only_loader(self, call: LoaderCall) -> bool:
        """Whether the run has no other loader, which could have a file left."""
        return len(self._loaders_of(call)) < 2

    def _loaders_of(self, call: LoaderCall) -> list[Mapping[str, Any]]:
        prompt = self._coordinator.host.runs.prompt(call.run) if self._coordinator.host.runs else None
        nodes = prompt.graph.values() if prompt else ()
        return [node for node in nodes if node.get("class_type") == LOADER]

    def _note(self, source: Source, call: LoaderCall) -> None:
        run, runs = self._coordinator.host.run(), self._coordinator.host.runs
        prompt = runs.prompt(call.run) if runs else None
        if run:
            self._coordinator.loader_index.note(
                run.prompt_id, run.node_id, prompt.workflow if prompt else "", source.key
            )

    def _current(self, ledger: Ledger, item: BatchItem) -> tuple[Entry, Batch]:
        entry = ledger.find(item.source.key)
        if entry is None or entry.batch.active is None or entry.batch.active.run != item.run:
            raise Conflict("The batch was reset while this run was at work.", hint="Press Queue to begin again.")
        return entry, entry.batch
