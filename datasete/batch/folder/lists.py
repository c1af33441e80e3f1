"""Makes the list of a batch's files, and makes the rest of it again when a loader asks for another order."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from datasete.batch import places
from datasete.batch.coordinator import Coordinator
from datasete.batch.folder import pairs
from datasete.batch.folder.existing import names_with_result
from datasete.batch.folder.listing import Listed, list_folder, make_filter
from datasete.batch.folder.ordering import ListOptions, arranged
from datasete.batch.folder.sources import Location, parse_location, shown
from datasete.batch.state import Batch, Entry
from datasete.batch.views import Source
from datasete.errors import InvalidInput, NotFound
from datasete.host.api import Host
from datasete.storage import Storage

if TYPE_CHECKING:
    from datasete.batch.ledger import Ledger


T = TypeVar("T")


class _FolderNeeded(Exception):
    """A folder must be listed before this step."""

    def __init__(self, source: Source) -> None:
        super().__init__(source.location.path)
        self.source = source


class Lists:
    """The lists of one host's batches.

    Args:
        coordinator: knows the time.
        host: where relative folders are.
        spaces: names of the configured spaces.
        storage: opens a space.
        linked: in which of the host's folders links that lead out are followed.
    """

    def __init__(
        self,
        coordinator: Coordinator,
        host: Host,
        spaces: Callable[[], Collection[str]],
        storage: Callable[[str], Storage] | None,
        linked: Collection[Path] = (),
    ) -> None:
        self._coordinator = coordinator
        self._host = host
        self._spaces = spaces
        self._storage = storage
        self._linked = linked
        self._local = threading.local()

    def source(
        self, directory: object, preset: str, custom: str, depth: int | None = None, options: ListOptions | None = None
    ) -> Source:
        """Return the batch that a loader's widgets describe."""
        location = self._location(directory, (self._host.input_dir, self._host.output_dir))
        chosen = make_filter(preset, custom, recursive=location.recursive)
        chosen = chosen if depth is None else replace(chosen, depth=depth)
        digest = hashlib.sha256(f"{location.identity}\0{chosen.identity}".encode("utf-8", "surrogateescape"))
        return Source(digest.hexdigest()[:24], location, chosen, options or ListOptions())

    def read(self, source: Source) -> Listed:
        """List the files of a folder as it is now, in the order that the loader asks for."""
        storage = self._open(source.location)
        listed = list_folder(source.location, source.filter, storage)
        return replace(listed, names=arranged(listed.names, source.options, source.location, storage))

    def with_folders(self, step: Callable[[], T]) -> T:
        """Do a step that may ask for `names`; where a folder has not been listed for it yet, list it and start again.

        Folders are listed without the ledger: their store may hang, and no other batch may wait for that. What the step
        wrote before it asked is taken back.
        """
        found: dict[Source, Listed | NotFound | InvalidInput] = {}
        while True:
            self._local.found = found
            try:
                return step()
            except _FolderNeeded as needed:
                found[needed.source] = self._read_or_error(needed.source)
            finally:
                self._local.found = None

    def names(self, source: Source) -> list[str]:
        """Return the names that `read` gives, in a step of `with_folders`."""
        return list(self._listed(source).names)

    def _listed(self, source: Source) -> Listed:
        found: Listed | Exception | None = self._local.found.get(source)
        if found is None:
            raise _FolderNeeded(source)
        if isinstance(found, Exception):
            raise found
        return found

    def _read_or_error(self, source: Source) -> Listed | NotFound | InvalidInput:
        try:
            return self.read(source)
        except (NotFound, InvalidInput) as error:  # a step that only looks for new files goes on without it
            return error

    def start(
        self, ledger: Ledger, entry: Entry, source: Source, batch: Batch, start: int, paired: Sequence[Source]
    ) -> Batch:
        """List the folder for a new pass.

        Raises:
            NotFound: the folder is gone.
            InvalidInput: nothing in it matches, or `start` is beyond its end.
        """
        found = self.names(source)
        names = pairs.with_partners(found, map(self.names, paired))
        if not names:
            raise _nothing_matches(source, paired if found else (), self._listed(source).unread)
        if start >= len(names):
            raise InvalidInput(
                f"start_index is {start}, and “{source.location.label}” has {len(names)} matching files.",
                hint="The batch keeps its place. The first file has index 0.",
            )
        done = self._existing(ledger, source, names[start:])
        ledger.replace_names(entry, names)
        self._record(ledger, entry, [start + at for at in done])
        progress = replace(
            batch.progress,
            total=len(names),
            existing=len(done),
            ahead=len(done),
            unpaired=len(found) - len(names),
            unread=self._listed(source).unread,
        )
        return replace(batch, progress=progress, listed=listed_as(source, paired))

    def bring_up_to_date(
        self, ledger: Ledger, entry: Entry, source: Source, batch: Batch, paired: Sequence[Source]
    ) -> Batch:
        """List the files that are not done again, if they were listed in another way than the loader asks for.

        What is done or was skipped stays as it is, and the batch stays on its file.
        """
        listed = listed_as(source, paired)
        if batch.listed == listed:
            return batch
        at = batch.progress.position
        known = list(ledger.names(replace(entry, batch=batch)))
        past = set(known[:at])
        found = self.names(source)
        names = [name for name in pairs.with_partners(found, map(self.names, paired)) if name not in past]
        if at < len(known) and known[at] in names:
            names.remove(known[at])
            names.insert(0, known[at])
        unpaired = len([name for name in found if name not in past]) - len(names)
        batch = replace(batch, progress=replace(batch.progress, unpaired=unpaired))
        return self.replace_rest(ledger, entry, batch, names, self._existing(ledger, source, names), listed)

    def replace_rest(
        self, ledger: Ledger, entry: Entry, batch: Batch, names: Sequence[str], done: Sequence[int], listed: str
    ) -> Batch:
        """Put `names` at the batch's position and behind; those at the places `done` among them are done already."""
        at = batch.progress.position
        ledger.replace_rest(entry, at, names)
        self._record(ledger, entry, [at + place for place in done])
        return places.relist(batch, at + len(names), len(done), listed)

    def add_new(self, ledger: Ledger, entry: Entry, source: Source, batch: Batch, paired: Sequence[Source]) -> Batch:
        """Append files that were added to the folder, when the batch is at its last known file."""
        # Only there: listing a large folder in every run would cost more than the run itself.
        total = batch.progress.total
        if not batch.active or batch.active.index + batch.progress.ahead < total - 1:
            return batch
        entry = replace(entry, batch=batch)
        try:
            known = set(ledger.names(entry))
            names = pairs.with_partners(self.names(source), map(self.names, paired))
        except (NotFound, InvalidInput):
            return batch
        added = [name for name in names if name not in known]
        if not added:
            return batch
        done = self._existing(ledger, source, added)
        ledger.append_names(entry, added)
        self._record(ledger, entry, [total + at for at in done])
        return places.relist(batch, total + len(added), batch.progress.ahead + len(done), batch.listed)

    def pass_existing(self, ledger: Ledger, entry: Entry, batch: Batch) -> Batch:
        """Give the active run the first file that has no result yet."""
        if batch.active is None or not batch.progress.ahead:
            return batch
        count = 0
        while ledger.is_done(entry, batch.active.index + count):
            count += 1
        return places.pass_over(batch, count) if count else batch

    def _existing(self, ledger: Ledger, source: Source, names: Sequence[str]) -> list[int]:
        text = source.options.skip_existing
        if not text:
            return []
        results = self._location(text, (self._host.output_dir, self._host.input_dir))
        pictures = self._pictures(results)
        found = names_with_result(names, source.location, results, pictures, ledger.results.of_source)
        return [at for at, name in enumerate(names) if name in found]

    def _pictures(self, results: Location) -> list[str]:
        try:
            return self.names(Source("", results, make_filter("All Images", recursive=True)))
        except NotFound:
            return []  # the saver makes it with the first result
        except InvalidInput as error:
            raise InvalidInput(
                f"skip_existing names a file, not a folder: “{shown(results.path)}”.",
                hint="The batch keeps its place. Name the folder that the results are in.",
            ) from error

    def _record(self, ledger: Ledger, entry: Entry, places: Sequence[int]) -> None:
        if places:
            ledger.record_existing(entry, places, self._coordinator.now())

    def _location(self, text: object, roots: Collection[Path]) -> Location:
        return parse_location(text, roots, self._spaces(), self._linked)

    def _open(self, location: Location) -> Storage | None:
        return self._storage(location.space) if location.space and self._storage else None


def listed_as(source: Source, paired: Sequence[Source]) -> str:
    """Return a text that says in which way a loader's files are listed; empty for all of them by name."""
    keys = ",".join(sorted([source.key, *(each.key for each in paired)])) if paired else ""
    return "|".join(part for part in (source.options.identity, keys) if part)


def _nothing_matches(source: Source, paired: Sequence[Source], unread: int) -> InvalidInput:
    label = shown(source.location.path)
    if paired:
        others = "”, “".join(each.location.label for each in paired)
        return InvalidInput(
            f"No file in “{label}” has the name of one in “{others}”.",
            hint="The batch keeps its place. Check the folders, or choose the pairing “by place”.",
        )
    others = f" {unread} cannot be read, or are in a format that is not read." if unread else ""
    return InvalidInput(
        f"No file in “{label}” matches {shown(source.filter.label)}.{others}",
        hint="The batch keeps its place. Check the folder and the filter.",
    )
