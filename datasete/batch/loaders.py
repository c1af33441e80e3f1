"""What loaders call: which batch their widgets describe, and which file their run works on."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from datasete.batch import machine
from datasete.batch.coordinator import Coordinator
from datasete.batch.listing import list_names, make_filter
from datasete.batch.loader_index import LoaderIndex
from datasete.batch.machine import Plan
from datasete.batch.sources import parse_location, shown
from datasete.batch.state import Batch, Entry, ItemState, LoaderCall, Status
from datasete.batch.views import BatchItem, Held, Source, status_line
from datasete.errors import Conflict, InvalidInput, NotFound
from datasete.host.api import Host, queued_prompt
from datasete.ids import new_id
from datasete.storage import Storage

if TYPE_CHECKING:
    from datasete.batch.ledger import Ledger

LOADER = "BatchImageLoader"

T = TypeVar("T")

_Names: TypeAlias = "list[str] | NotFound | InvalidInput | None"
"""A folder's files, or why they cannot be listed; None when that was not tried yet."""


class _NamesNeeded(Exception):
    """The folder must be listed before this step; what it wrote is taken back."""


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
        self._spaces = spaces
        self._storage = storage
        self._linked = linked

    def source(
        self, directory: object, preset: str = "All Images", custom: str = "", depth: int | None = None
    ) -> Source:
        """Return the batch that a loader's widgets describe.

        Raises:
            InvalidInput: no folder, a folder outside, or no pattern.
        """
        roots = (self._host.input_dir, self._host.output_dir)
        location = parse_location(directory, roots, self._spaces(), self._linked)
        chosen = make_filter(preset, custom, recursive=location.recursive)
        chosen = chosen if depth is None else replace(chosen, depth=depth)
        digest = hashlib.sha256(f"{location.identity}\0{chosen.identity}".encode("utf-8", "surrogateescape"))
        return Source(digest.hexdigest()[:24], location, chosen)

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
        return self._with_names(source, lambda names: self._begin(source, call, names))

    def _begin(self, source: Source, call: LoaderCall, names: _Names) -> BatchItem | Held:
        with self._coordinator.writing() as ledger:
            entry = ledger.find(source.key) or self._add(ledger, source)
            batch = self._coordinator.up_to_date(ledger, entry)
            todo = self._plan(ledger, source, batch, call)
            if todo is Plan.SAME:
                return self._item(ledger, replace(entry, batch=batch), source)
            if todo is Plan.HOLD:
                return self._held(ledger, entry, source, batch, call)
            if todo is Plan.START:
                batch = self._list_folder(ledger, entry, source, batch, call, names)
            batch = machine.take(batch, call, todo, self._coordinator.now())
            batch = self._add_new_files(ledger, entry, batch, names)
            self._coordinator.start_run(ledger, entry, batch, call)
            item = self._item(ledger, replace(entry, batch=batch), source)
        self._coordinator.announce(entry, batch)
        return item

    def skip(self, item: BatchItem, reason: str) -> BatchItem | None:
        """Record that the file cannot be loaded, and give the run the next one; None when there is none left."""
        return self._with_names(item.source, lambda names: self._skip(item, reason, names))

    def _skip(self, item: BatchItem, reason: str, names: _Names) -> BatchItem | None:
        with self._coordinator.writing() as ledger:
            entry, now = self._entry_of(ledger, item), self._coordinator.now()
            ledger.record(entry, item.index, ItemState.SKIPPED, item.run, now, shown(reason))
            batch = self._add_new_files(ledger, entry, machine.skip_current(entry.batch), names)
            ledger.save(entry, batch, now)
            if batch.active and batch.active.index >= batch.progress.total:
                return None
            return self._item(ledger, replace(entry, batch=batch), item.source)

    def stop(self, item: BatchItem, reason: str) -> None:
        """Stop the batch on the file, which cannot be loaded."""
        with self._coordinator.writing() as ledger:
            entry, now = self._entry_of(ledger, item), self._coordinator.now()
            batch = machine.halt(replace(entry.batch, active=None), Status.STOPPED, now, shown(reason))
            ledger.save(entry, batch, now)
        self._coordinator.announce(entry, batch)

    def names(self, source: Source) -> list[str]:
        """List the files of a folder as it is now, in natural order."""
        space = source.location.space
        return list_names(source.location, source.filter, self._storage(space) if space and self._storage else None)

    def _with_names(self, source: Source, step: Callable[[_Names], T]) -> T:
        """Do a step; where it raises `_NamesNeeded`, list the folder's files and repeat it.

        The folder is listed without the ledger: its store may hang, and no other batch may wait for that.
        """
        try:
            return step(None)
        except _NamesNeeded:
            pass
        try:
            names: _Names = self.names(source)
        except (NotFound, InvalidInput) as error:  # only a step that starts a pass fails with it
            names = error
        return step(names)

    def _add(self, ledger: Ledger, source: Source) -> Entry:
        location, patterns = source.location, ",".join(source.filter.patterns)
        return ledger.add(source.key, location.space, location.path, patterns, self._coordinator.now())

    def _plan(self, ledger: Ledger, source: Source, batch: Batch, call: LoaderCall) -> Plan:
        # A run may have two loaders. While it continues with the longer folder, the shorter one, whose pass has ended,
        # must not start another: it would go round until the longer one ends.
        todo = machine.plan(batch, call)
        if todo is not Plan.START or batch.status is not Status.FINISHED:
            return todo
        others = [ledger.find(key) for key in self._keys(call) if key != source.key]
        known = [self._coordinator.up_to_date(ledger, other) for other in others if other]
        return Plan.HOLD if any(machine.continues_pass(other, call) for other in known) else todo

    def _keys(self, call: LoaderCall) -> set[str]:
        """The batches of all loaders of a run, as far as their widgets say."""
        found = set()
        for node in self._loaders_of(call):
            inputs = node.get("inputs") or {}
            named = [inputs.get("directory"), inputs.get("filter_preset", ""), inputs.get("custom_pattern", "")]
            if all(isinstance(value, str) for value in named):
                with contextlib.suppress(InvalidInput):  # its own loader says so
                    found.add(self.source(named[0], named[1] or "All Images", named[2]).key)
        return found

    def _list_folder(
        self, ledger: Ledger, entry: Entry, source: Source, batch: Batch, call: LoaderCall, names: _Names
    ) -> Batch:
        if names is None:
            raise _NamesNeeded
        if isinstance(names, Exception):
            raise names
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
        return replace(batch, progress=replace(batch.progress, total=len(names)))

    def _add_new_files(self, ledger: Ledger, entry: Entry, batch: Batch, names: _Names) -> Batch:
        # Only at the last known file: listing a large folder in every run would cost more than the run itself.
        total = batch.progress.total
        if not batch.active or batch.active.index < total - 1:
            return batch
        if names is None:
            raise _NamesNeeded
        if isinstance(names, Exception):
            return batch
        entry = replace(entry, batch=batch)
        known = set(ledger.names(entry))
        added = [name for name in names if name not in known]
        if added:
            ledger.append_names(entry, added)
        return replace(batch, progress=replace(batch.progress, total=total + len(added)))

    def _item(self, ledger: Ledger, entry: Entry, source: Source) -> BatchItem:
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
        return len(self._loaders_of(call)) < 2

    def _loaders_of(self, call: LoaderCall) -> list[Mapping[str, Any]]:
        prompt = queued_prompt(self._host, call.run)
        nodes = prompt.graph.values() if prompt else ()
        return [node for node in nodes if node.get("class_type") == LOADER]

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
