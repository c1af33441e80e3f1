"""What loaders call: which batch their widgets describe, and which file their run works on."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from datasete.batch import machine as iteration
from datasete.batch.coordinator import Desk
from datasete.batch.listing import list_names, make_filter
from datasete.batch.machine import Plan
from datasete.batch.sources import resolve_place, shown
from datasete.batch.state import Arrival, Batch, Entry, ItemState, Status
from datasete.batch.views import Held, Item, Source, status_line
from datasete.errors import Conflict, InvalidInput, NotFound
from datasete.ids import new_id
from datasete.storage import Storage

LOADER = "BatchImageLoader"


if TYPE_CHECKING:
    from datasete.batch.ledger import Ledger


class Loaders:
    """The loaders' side of all batches.

    Args:
        desk: what is known of them.
        spaces: names of the configured spaces.
        storage: opens a space.
    """

    def __init__(
        self, desk: Desk, spaces: Callable[[], Collection[str]], storage: Callable[[str], Storage] | None
    ) -> None:
        self._desk = desk
        self._spaces = spaces
        self._storage = storage

    def source(
        self, directory: object, preset: str = "All Images", custom: str = "", depth: int | None = None
    ) -> Source:
        """The batch that a loader's widgets describe.

        Raises:
            InvalidInput: no folder, a folder outside, or no pattern.
        """
        place = resolve_place(directory, (self._desk.host.input_dir, self._desk.host.output_dir), self._spaces())
        chosen = make_filter(preset, custom, recursive=place.recursive)
        chosen = chosen if depth is None else replace(chosen, depth=depth)
        digest = hashlib.sha256(f"{place.identity}\0{chosen.identity}".encode("utf-8", "surrogateescape"))
        return Source(digest.hexdigest()[:24], place, chosen)

    def arrival(self, mode: str, errors: str, start: int) -> Arrival:
        """The run whose node is executing, as the state machine sees it."""
        run = self._desk.host.run()
        prompt = self._desk.host.runs.prompt(run.prompt_id) if run and self._desk.host.runs else None
        return Arrival(
            run.prompt_id if run else f"script-{new_id()}",
            mode,
            errors,
            start,
            prompt.queued if prompt else None,
            prompt.ticket if prompt else "",
            prompt.press if prompt else "",
        )

    def fingerprint(self, source: Source, arrival: Arrival) -> str:
        """What a loader answers to IS_CHANGED: the same for the same attempt at the same file, and for nothing else."""
        with self._desk.writing() as ledger:
            entry = ledger.find(source.key)
            batch = self._desk.caught_up(ledger, entry) if entry else Batch()
            todo = self._plan(ledger, source, batch, arrival)
            flight = batch.flight
            if todo is Plan.SAME and flight:
                return f"{source.key}:{flight.index}:{flight.serial}"
            if todo is Plan.HOLD:
                held = "held-" if self._alone(arrival) else ""  # without it, the last file's outputs stay cached
                return f"{source.key}:{batch.total - 1}:{held}{batch.serial}"
            index = arrival.start if todo is Plan.START else batch.position
            return f"{source.key}:{index}:{batch.serial + 1}"

    def begin(self, source: Source, arrival: Arrival) -> Item | Held:
        """Give the run its file, or nothing when it is late.

        Raises:
            NotFound: the folder is gone. In every case of an error the batch's place is kept.
            InvalidInput: nothing in it matches, or `start` is beyond its end.
        """
        self._note(source, arrival)
        with self._desk.writing() as ledger:
            entry = ledger.find(source.key) or ledger.add(
                source.key, source.place.space, source.place.path, ",".join(source.filter.patterns), self._desk.clock()
            )
            batch = self._desk.caught_up(ledger, entry)
            todo = self._plan(ledger, source, batch, arrival)
            if todo is Plan.SAME:
                return self._item(ledger, replace(entry, batch=batch), source)
            if todo is Plan.HOLD:
                return self._held(ledger, entry, source, batch, arrival)
            if todo is Plan.START:
                batch = self._listed(ledger, entry, source, batch, arrival)
            batch = iteration.take(batch, arrival, todo, self._desk.clock())
            batch = self._grown(ledger, entry, source, batch)
            self._desk.prompts.remember(ledger, entry, batch, arrival, self._desk.host.runs)
            ledger.save(entry, batch, self._desk.clock())
            self._desk.flying.add(arrival.run)
            item = self._item(ledger, replace(entry, batch=batch), source)
        self._desk.announce(entry, batch)
        return item

    def skip(self, item: Item, reason: str) -> Item | None:
        """The file cannot be loaded: write that down, and give the run the next one; None when there is none left."""
        with self._desk.writing() as ledger:
            entry, batch = self._of(ledger, item)
            ledger.record(entry, item.index, ItemState.SKIPPED, item.run, self._desk.clock(), shown(reason))
            batch = self._grown(ledger, entry, item.source, iteration.pass_over(batch))
            ledger.save(entry, batch, self._desk.clock())
            if batch.flight and batch.flight.index >= batch.total:
                return None
            return self._item(ledger, replace(entry, batch=batch), item.source)

    def stop(self, item: Item, reason: str) -> None:
        """The file cannot be loaded, and the batch stops on it."""
        with self._desk.writing() as ledger:
            entry, batch = self._of(ledger, item)
            batch = iteration.halt(replace(batch, flight=None), Status.STOPPED, self._desk.clock(), shown(reason))
            ledger.save(entry, batch, self._desk.clock())
        self._desk.announce(entry, batch)

    def names(self, source: Source) -> list[str]:
        """The files of a folder now, in natural order."""
        space = source.place.space
        return list_names(source.place, source.filter, self._storage(space) if space and self._storage else None)

    def _plan(self, ledger: Ledger, source: Source, batch: Batch, arrival: Arrival) -> Plan:
        """What the run does here. While it goes on with a longer folder, one that has ended begins no further pass."""
        todo = iteration.plan(batch, arrival)
        if todo is not Plan.START or batch.status is not Status.FINISHED:
            return todo
        others = [ledger.find(key) for key in self._keys(arrival) if key != source.key]
        known = [self._desk.caught_up(ledger, other) for other in others if other]
        return Plan.HOLD if any(iteration.goes_on(other, arrival) for other in known) else todo

    def _keys(self, arrival: Arrival) -> set[str]:
        """The batches of all loaders of a run, as far as their widgets tell."""
        found = set()
        for node in self._loaders_of(arrival):
            inputs = node.get("inputs") or {}
            named = [inputs.get("directory"), inputs.get("filter_preset", ""), inputs.get("custom_pattern", "")]
            if all(isinstance(value, str) for value in named):
                with contextlib.suppress(InvalidInput):  # its own loader says so
                    found.add(self.source(named[0], named[1] or "All Images", named[2]).key)
        return found

    def _listed(self, ledger: Ledger, entry: Entry, source: Source, batch: Batch, arrival: Arrival) -> Batch:
        names = self.names(source)
        if not names:
            raise InvalidInput(
                f"No file in “{shown(source.place.path)}” matches {shown(','.join(source.filter.patterns))}.",
                hint="The batch keeps its place. Check the folder and the filter.",
            )
        if arrival.start >= len(names):
            raise InvalidInput(
                f"start_index is {arrival.start}, and “{source.place.label}” has {len(names)} matching files.",
                hint="The batch keeps its place. The first file has index 0.",
            )
        ledger.replace_names(entry, names)
        return replace(batch, total=len(names))

    def _grown(self, ledger: Ledger, entry: Entry, source: Source, batch: Batch) -> Batch:
        """With the last known file in flight, files that were added meanwhile are taken in behind it."""
        if not batch.flight or batch.flight.index < batch.total - 1:
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

    def _item(self, ledger: Ledger, entry: Entry, source: Source) -> Item:
        batch = entry.batch
        assert batch.flight is not None, "a run is at work"
        name = ledger.name(entry, batch.flight.index)
        status = status_line(entry, batch)
        return Item(source, batch.flight.run, batch.flight.index, batch.count, batch.total, name, status)

    def _held(self, ledger: Ledger, entry: Entry, source: Source, batch: Batch, arrival: Arrival) -> Held:
        batch = iteration.hold(batch, arrival)
        ledger.save(entry, batch, self._desk.clock())
        status = status_line(entry, batch)
        alone = self._alone(arrival)
        if alone or batch.status is not Status.FINISHED:
            return Held(item=None, alone=alone, status=status)
        last = batch.total - 1
        name = ledger.name(replace(entry, batch=batch), last)
        item = Item(source, arrival.run, last, max(0, batch.count - 1), batch.total, name, status)
        return Held(item=item, alone=False, status=status)

    def _alone(self, arrival: Arrival) -> bool:
        """Whether the run has no other loader, which could have a file left."""
        return len(self._loaders_of(arrival)) < 2

    def _loaders_of(self, arrival: Arrival) -> list[Mapping[str, Any]]:
        prompt = self._desk.host.runs.prompt(arrival.run) if self._desk.host.runs else None
        nodes = prompt.graph.values() if prompt else ()
        return [node for node in nodes if node.get("class_type") == LOADER]

    def _note(self, source: Source, arrival: Arrival) -> None:
        run, runs = self._desk.host.run(), self._desk.host.runs
        prompt = runs.prompt(arrival.run) if runs else None
        if run:
            self._desk.whereabouts.note(run.prompt_id, run.node_id, prompt.workflow if prompt else "", source.key)

    def _of(self, ledger: Ledger, item: Item) -> tuple[Entry, Batch]:
        entry = ledger.find(item.source.key)
        if entry is None or entry.batch.flight is None or entry.batch.flight.run != item.run:
            raise Conflict("The batch was reset while this run was at work.", hint="Press Queue to begin again.")
        return entry, entry.batch
