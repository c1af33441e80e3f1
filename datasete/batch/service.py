"""Batches as nodes, routes and commands use them: what they show, and what people press."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from datasete.batch import machine, views
from datasete.batch.coordinator import Coordinator
from datasete.batch.folder.captions import Captions
from datasete.batch.folder.sources import Location
from datasete.batch.loader_index import LoaderIndex
from datasete.batch.loaders import Loaders
from datasete.batch.saving.claims import Claims
from datasete.batch.saving.results import source_id
from datasete.batch.state import Ending, Entry, FileRecord
from datasete.batch.views import BatchItem, Held
from datasete.config import BatchSettings
from datasete.errors import NotFound
from datasete.hooks.manager import Hooks
from datasete.host.api import Host, queued_prompt
from datasete.host.runs import RunEnd, now
from datasete.storage import Storage

logger: Final = logging.getLogger(__name__)


class Batches:
    """All batches of one host. Safe to call from any thread but the one of the host's event loop.

    Args:
        host: its queue, its folders, and where events go.
        hooks: triggers and observers.
        ledger: the file to keep them in; it is created when the first batch begins.
        settings: how to trigger, and whether to continue after a restart.
        spaces: names of the configured spaces.
        storage: opens a space.
        clock: Unix milliseconds.
        linked: in which of the host's folders links that lead out are followed.

    Attributes:
        loaders: what loader nodes call.
        captions: reads the captions beside pictures.
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
        linked: Collection[Path] = (),
    ) -> None:
        self._host = host
        self._coordinator = Coordinator(host, hooks, ledger, settings or BatchSettings(), clock)
        self._index = LoaderIndex()
        self.loaders = Loaders(self._coordinator, host, self._index, spaces, storage, linked)
        self.captions = Captions(storage or _no_space)
        if host.runs is not None:
            host.runs.watch(self._coordinator.finish_run)

    def loaded(self, item: BatchItem | Held) -> None:
        """Take note that the file is loaded. On a host without a queue nothing else says that its run ends."""
        if self._host.runs is None:
            self._coordinator.finish_run(RunEnd(item.run, Ending.SUCCESS.value, self._coordinator.now()))

    def note_stop(self, run: str, reason: str) -> None:
        """Note who or what is about to cancel a run, for its batches to show."""
        self._coordinator.note_stop(run, reason)

    # --- what people see ---------------------------------------------------------------------------------------------

    def all(self) -> list[Entry]:
        """Return every batch, the one that changed last first."""
        return self._coordinator.all()

    def find(self, key: str) -> Entry:
        """Return a batch.

        Raises:
            NotFound: there is none of that key.
        """
        return self._coordinator.find(key)

    def describe_all(self, keys: Collection[str] = ()) -> list[dict[str, object]]:
        """Describe every batch for routes and commands, the one that changed last first; with `keys`, only those."""
        return [self.describe(entry) for entry in self.all() if not keys or entry.key in keys]

    def describe(self, entry: Entry) -> dict[str, object]:
        """Describe one batch for routes and commands."""
        return views.describe(self._coordinator.ledger(), self._coordinator.for_display(entry))

    def last_batch(self, workflow: str, node: str) -> str:
        """Return the key of the batch that a workflow's loader worked on last in this process, or ""."""
        return self._index.last_batch(workflow, node)

    def upstream_batch(self, run: str, node: str) -> dict[str, object] | None:
        """Describe for a gate which file came to `node` of a current run; None without a loader upstream."""
        if not self._index.knows(run):
            return None  # before the prompt is looked up: gates without a batch ask too
        key = self._index.upstream_batch(run, node, self._graph(run))
        ledger = self._coordinator.ledger()
        entry = ledger.find(key) if key else None
        return views.at_gate(ledger, entry) if entry else None

    def claims(self) -> Claims | None:
        """Return what the saver that is executing claims names with; None without a loader upstream."""
        run = self._host.run()
        if run is None or not self._index.knows(run.prompt_id):
            return None
        found = self._index.upstream_file(run.prompt_id, run.node_id, self._graph(run.prompt_id))
        entry = self._coordinator.ledger().find(found[0]) if found else None
        if found is None or entry is None:
            return None
        return Claims(self._coordinator, entry.key, source_id(entry.space, entry.path, found[1]))

    def is_wired(self, port: str) -> bool:
        """Whether the value of a port of the node that is executing comes from another node."""
        run = self._host.run()
        node = self._graph(run.prompt_id).get(run.node_id) if run else None
        return isinstance((node or {}).get("inputs", {}).get(port), list)

    def note_saved_as(self, kind: str, saved: str) -> None:
        """Let the batch upstream of the node that is executing say that files of a type are saved as another one."""
        run = self._host.run()
        key = self._index.upstream_batch(run.prompt_id, run.node_id, self._graph(run.prompt_id)) if run else ""
        with self._coordinator.writing() as ledger:
            entry = ledger.find(key) if key else None
            known = entry.batch.saved_as.partition(" saved as ")[0].split(", ") if entry else []
            if entry is None or kind in known:
                return
            text = f"{', '.join(sorted({*filter(None, known), kind}))} saved as {saved}"
            ledger.save(entry, replace(entry.batch, saved_as=text), self._coordinator.now())
        logger.warning("Pictures of the type “%s” are saved as %s: batch.fallback_type says so.", kind, saved)

    def file(self, key: str, index: int) -> tuple[Location, str]:
        """Return the folder and the name of the file at a 0-based index of a batch's list.

        Raises:
            NotFound: the batch or the index does not exist.
        """
        entry = self.find(key)
        if not 0 <= index < entry.batch.progress.total:
            raise NotFound(f"The batch lists {entry.batch.progress.total} files; there is none with the index {index}.")
        return Location(entry.space, entry.path), self._coordinator.ledger().name(entry, index)

    def _graph(self, run: str) -> Mapping[str, Any]:
        prompt = queued_prompt(self._host, run)
        return prompt.graph if prompt else {}

    def skipped(self, key: str) -> list[FileRecord]:
        """Return the files that were skipped, with their reasons."""
        return self._coordinator.ledger().skipped(self.find(key))

    def items(self, key: str) -> Iterator[FileRecord]:
        """Yield every file of a batch, with what became of it."""
        return self._coordinator.ledger().items(self.find(key))

    # --- what people press -------------------------------------------------------------------------------------------

    def pause(self, key: str) -> Entry:
        """Trigger nothing more until somebody resumes the batch or presses Queue."""
        return self._coordinator.change(key, machine.pause)

    def reset(self, key: str) -> Entry:
        """Forget the position: the next press starts at the beginning."""
        return self._coordinator.reset(key)

    def resume(self, key: str, client_id: str = "") -> Entry:
        """Continue without a press, with the prompt of the last run, for the browser tab `client_id` if one is named.

        Where a tab was asked to queue the next run, that tab is asked now.

        Raises:
            Conflict: the prompt is not known any more, or held secrets, which are never kept.
        """
        return self._coordinator.resume(key, client_id)

    # --- start and end of the host -----------------------------------------------------------------------------------

    def revive(self) -> None:
        """Continue the batches that were interrupted when the host stopped, unless another server works with them."""
        self._coordinator.revive()

    def close(self) -> None:
        """Release the ledger."""
        self._coordinator.close()


def _no_space(name: str) -> Storage:
    raise NotFound(f"There is no space “{name}”.", hint="Nothing was read. Name it in the configuration.")
