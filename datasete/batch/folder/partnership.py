"""The loaders of one run over different folders: which are paired by name, and keeping their files together.

The first of them that is called in a run leads: it takes its next file that all others have too. The others follow:
each takes the partner of that file, and lists the partners of all that come behind it. So all of them are always as far
from their ends, wherever each began.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from datasete.batch import machine, places
from datasete.batch.coordinator import Coordinator
from datasete.batch.folder.lists import Lists, listed_as
from datasete.batch.folder.ordering import BY_NAME, BY_PLACE, NAME, list_options
from datasete.batch.folder.pairs import Partners, pair_name
from datasete.batch.folder.sources import Location, shown
from datasete.batch.machine import Plan
from datasete.batch.state import SKIP, Batch, Entry, ItemState, LoaderCall
from datasete.batch.views import BatchItem, Source
from datasete.errors import InvalidInput
from datasete.host.api import Host, queued_prompt

if TYPE_CHECKING:
    from datasete.batch.ledger import Ledger

LOADER: Final = "BatchImageLoader"
MAX_LISTS: Final = 8
"""Of how many lists the names are remembered."""

PARTNER_SKIPPED: Final = "The file that it is paired with was skipped."


class Partnership:
    """What loaders of the same run have to do with each other.

    Args:
        coordinator: knows the time.
        host: has the prompts.
        lists: makes the lists.
    """

    def __init__(self, coordinator: Coordinator, host: Host, lists: Lists) -> None:
        self._coordinator = coordinator
        self._host = host
        self._lists = lists
        self._sources: dict[str, Source] = {}
        self._names: dict[tuple[object, ...], frozenset[str]] = {}

    def loaders(self, call: LoaderCall) -> list[Mapping[str, Any]]:
        """Return the loader nodes of a run."""
        prompt = queued_prompt(self._host, call.run)
        nodes = prompt.graph.values() if prompt else ()
        return [node for node in nodes if node.get("class_type") == LOADER]

    def sources(self, call: LoaderCall) -> list[Source]:
        """Return the batches of all loaders of a run, as far as their widgets say."""
        found: dict[str, Source] = {}
        for node in self.loaders(call):
            with contextlib.suppress(InvalidInput):  # its own loader says so
                source = self._source(node.get("inputs") or {})
                if source is not None:
                    found.setdefault(source.key, source)
        return list(found.values())

    def of(self, source: Source, call: LoaderCall) -> tuple[Source, ...]:
        """Return the batches that one is paired with by name in a run.

        All loaders that are set to *by name* are one group. One that is alone with that is paired with every other.
        """
        known = self.sources(call)
        named = [each for each in known if each.options.pairing == BY_NAME]
        group = known if len(named) == 1 else named
        if not named or source.key not in {each.key for each in group}:
            return ()
        self._sources.update((each.key, each) for each in group)
        return tuple(each for each in group if each.key != source.key)

    def known(self, keys: Iterable[str]) -> tuple[Source, ...]:
        """Return the batches of a group that was seen before."""
        return tuple(self._sources[key] for key in keys if key in self._sources)

    def leader(self, ledger: Ledger, paired: Sequence[Source], call: LoaderCall) -> Entry | None:
        """Return the batch of the group that has taken a file for this run already; None when there is none."""
        entries = [ledger.find(each.key) for each in paired]
        return next(
            (each for each in entries if each and each.batch.active and each.batch.active.run == call.run), None
        )

    def follow(
        self,
        ledger: Ledger,
        entry: Entry,
        source: Source,
        batch: Batch,
        call: LoaderCall,
        todo: Plan,
        leader: Entry,
        paired: Sequence[Source],
    ) -> Batch:
        """Give the run the partner of the leader's file."""
        led = leader.batch.active
        assert led is not None, "a leader has an active run"
        left = leader.batch.progress.total - led.index
        listed = listed_as(replace(source, options=replace(source.options, order=NAME, skip_existing="")), paired)
        at = batch.progress.total - left
        in_step = todo is Plan.NEXT and batch.listed == listed and self._is_at(ledger, entry, batch, at, leader)
        if todo is Plan.START:
            batch = self._start(ledger, entry, source, batch, leader, listed)
            call = replace(call, start=led.index)
        elif not in_step:
            batch = self._rest(ledger, entry, source, batch, leader, listed)
        at = batch.progress.total - left
        skip = call.errors == SKIP and led.skip
        if led.skip and not skip:  # one that stops on an error stops the pair
            ledger.save(leader, replace(leader.batch, active=replace(led, skip=False)), self._coordinator.now())
        batch = machine.take(batch, replace(call, errors=call.errors if skip else ""), todo, self._coordinator.now())
        return self._moved(ledger, entry, batch, at, call.run)

    def spoil(self, ledger: Ledger, entry: Entry, item: BatchItem, reason: str) -> bool:
        """Have a pair count as skipped when this run ends, if another loader of the run has its file already."""
        others = [each for each in ledger.entries_of_run(item.run) if each.key in item.pairs]
        if not others:
            return False
        now = self._coordinator.now()
        ledger.save(entry, places.spoil(entry.batch, reason), now)
        for other in others:
            ledger.save(other, places.spoil(other.batch, PARTNER_SKIPPED), now)
        return True

    def note_drift(
        self, ledger: Ledger, entry: Entry, batch: Batch, call: LoaderCall, paired: Sequence[Source]
    ) -> Batch:
        """Count the file if it lies beside another loader's file although each has one of its own name."""
        active = batch.active
        if active is None or active.index >= batch.progress.total:
            return batch
        keys = {each.key for each in paired}
        for other in ledger.entries_of_run(call.run):
            is_other = other.key not in keys and other.key != entry.key
            if is_other and self._is_beside(ledger, replace(entry, batch=batch), other):
                note = f"beside “{_file(ledger, other)}” of {Location(other.space, other.path).label}"
                progress = replace(batch.progress, drifted=batch.progress.drifted + 1)
                return replace(batch, progress=progress, active=replace(active, beside=note))
        return batch

    def _source(self, inputs: Mapping[str, Any]) -> Source | None:
        named = [inputs.get("directory"), inputs.get("filter_preset", ""), inputs.get("custom_pattern", "")]
        if not all(isinstance(value, str) for value in named):
            return None
        tail = [inputs.get("order", NAME), inputs.get("pairing", BY_PLACE), inputs.get("skip_existing", "")]
        order, pairing, skip = [value if isinstance(value, str) else "" for value in tail]
        seed = inputs.get("seed", 0)
        options = list_options(order or NAME, seed if isinstance(seed, int) else 0, pairing or BY_PLACE, skip)
        return self._lists.source(named[0], named[1] or "All Images", named[2], options=options)

    def _is_at(self, ledger: Ledger, entry: Entry, batch: Batch, at: int, leader: Entry) -> bool:
        """Whether the leader's file has its partner at the place `at`, not before the batch's position."""
        led = leader.batch.active
        if led is None or at < batch.progress.position:
            return False
        if led.index >= leader.batch.progress.total:
            return True
        own = ledger.name(replace(entry, batch=batch), at)
        return pair_name(own) == pair_name(ledger.name(leader, led.index))

    def _start(self, ledger: Ledger, entry: Entry, source: Source, batch: Batch, leader: Entry, listed: str) -> Batch:
        found = self._lists.names(source)
        names = list(map(Partners.of(found).find, ledger.names(leader)))
        ledger.replace_names(entry, names)
        done = self._done(ledger, leader)
        ledger.record_existing(entry, done, self._coordinator.now())
        progress = replace(
            batch.progress,
            total=len(names),
            existing=leader.batch.progress.existing,
            ahead=len(done),
            unpaired=len(set(found) - set(names)),
        )
        return replace(batch, progress=progress, listed=listed)

    def _rest(self, ledger: Ledger, entry: Entry, source: Source, batch: Batch, leader: Entry, listed: str) -> Batch:
        assert leader.batch.active is not None, "a leader has an active run"
        first = leader.batch.active.index
        partners = Partners.of(self._lists.names(source))
        names = [partners.find(name) for name in list(ledger.names(leader))[first:]]
        done = [place - first for place in self._done(ledger, leader)]
        return self._lists.replace_rest(ledger, entry, batch, names, done, listed)

    def _done(self, ledger: Ledger, leader: Entry) -> list[int]:
        """The places behind the leader's file whose files have their result already."""
        progress, led = leader.batch.progress, leader.batch.active
        first = led.index if led and progress.ahead else progress.total
        return [place for place in range(first, progress.total) if ledger.is_done(leader, place)]

    def _moved(self, ledger: Ledger, entry: Entry, batch: Batch, at: int, run: str) -> Batch:
        """Move the active run on to the place `at`; what is passed has its result, or is skipped."""
        passed = range(batch.progress.position, at)
        done = [place for place in passed if batch.progress.ahead and ledger.is_done(entry, place)]
        skipped = [place for place in passed if place not in done]
        for place in skipped:
            ledger.record(entry, place, ItemState.SKIPPED, run, self._coordinator.now(), PARTNER_SKIPPED)
        return places.pass_over(batch, len(done), len(skipped)) if passed else batch

    def _is_beside(self, ledger: Ledger, entry: Entry, other: Entry) -> bool:
        if other.batch.active is None or other.batch.active.index >= other.batch.progress.total:
            return False
        assert entry.batch.active is not None, "it has just taken a file"
        own = pair_name(ledger.name(entry, entry.batch.active.index))
        theirs = pair_name(ledger.name(other, other.batch.active.index))
        # Folders whose names have nothing to do with each other are meant to be together by place.
        return own != theirs and (theirs in self._all(ledger, entry) or own in self._all(ledger, other))

    def _all(self, ledger: Ledger, entry: Entry) -> frozenset[str]:
        """The names of a list, for comparison. They are remembered: a list may be long, and every run asks."""
        at = (entry.key, entry.batch.passes, entry.batch.progress.total, entry.batch.listed)
        if at not in self._names:
            if len(self._names) >= MAX_LISTS:
                self._names.clear()
            self._names[at] = frozenset(map(pair_name, ledger.names(entry)))
        return self._names[at]


def _file(ledger: Ledger, entry: Entry) -> str:
    assert entry.batch.active is not None, "it has a file"
    return shown(ledger.name(entry, entry.batch.active.index))
