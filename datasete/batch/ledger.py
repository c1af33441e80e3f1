"""The ledger: all batches, their lists of names, and what became of each file. SQLite in WAL mode.

Names are kept in pages of 512: a list of 100,000 files is some 200 rows, and a step reads one of them.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import threading
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from datasete.batch.saving.results import ResultTable, source_id
from datasete.batch.schema import decode_batch, encode_batch, prepare
from datasete.batch.state import Batch, Entry, FileRecord, ItemState
from datasete.errors import CorruptData, StoreDenied, StoreError, StoreFull, StoreUnavailable

NAMES_PER_PAGE: Final = 512
BUSY_TIMEOUT_SECONDS: Final = 15.0

EXISTING: Final = "It had its result already."
"""The reason beside a file that was done before the pass came to it."""

_ITEMS: Final = "SELECT place, state, reason, run, ended FROM items WHERE batch = ?"


class Ledger:
    """One SQLite file. Safe to use from several threads, and from several processes.

    Args:
        path: the file; it is created with its folder.
        busy_timeout: seconds to wait for another process that is writing.

    Attributes:
        results: the names that results are written under.
    """

    def __init__(self, path: Path, busy_timeout: float = BUSY_TIMEOUT_SECONDS) -> None:
        self.path = path
        self.results = ResultTable(self._rows)
        # One connection for all threads: SQLite lets them share it as long as one uses it at a time. Reentrant, since
        # `writing` holds the lock while its caller reads and writes.
        self._lock = threading.RLock()
        with self._translated():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(
                path, timeout=busy_timeout, isolation_level=None, check_same_thread=False, cached_statements=64
            )
            prepare(self._connection, path)

    def close(self) -> None:
        """Release the file."""
        with self._lock:
            self._connection.close()

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """Apply every change inside, or none of them; no other process writes meanwhile."""
        with self._lock, self._translated():
            # An inner call joins the outer one: committed early, its changes would survive the outer one's failure.
            if self._connection.in_transaction:
                yield
                return
            # IMMEDIATE takes the write lock now. Taken at the first write, after a read, it could not be waited for:
            # another process may have written in between, and SQLite answers "locked" at once.
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):  # some faults have rolled back already
                    self._connection.execute("ROLLBACK")
                raise

    # --- batches -----------------------------------------------------------------------------------------------------

    def find(self, key: str) -> Entry | None:
        """Return the batch of that key."""
        return next(self._entries("WHERE key = ?", key), None)

    def all(self) -> list[Entry]:
        """Return every batch, the one that changed last first."""
        return list(self._entries("ORDER BY updated DESC, id DESC"))

    def entries_of_run(self, run: str) -> list[Entry]:
        """Return the batches whose active run this is."""
        return list(self._entries("WHERE flight = ?", run))

    def add(self, key: str, space: str, path: str, shown_filter: str, now: int) -> Entry:
        """Add a batch."""
        values = (key, space, os.fsencode(path), shown_filter, encode_batch(Batch()), now)
        self._run("INSERT INTO batches (key, space, path, filter, state, updated) VALUES (?, ?, ?, ?, ?, ?)", values)
        entry = self.find(key)
        assert entry is not None, "it was just added"
        return entry

    def save(self, entry: Entry, batch: Batch, now: int) -> None:
        """Write a batch's new state."""
        # The run stands in a column of its own as well: the end of every run looks for it, by an index.
        active = batch.active.run if batch.active else None
        values = (encode_batch(batch), active, now, entry.id)
        self._run("UPDATE batches SET state = ?, flight = ?, updated = ? WHERE id = ?", values)

    def remove(self, entry: Entry) -> None:
        """Delete a batch with everything that belongs to it."""
        self._run("DELETE FROM batches WHERE id = ?", (entry.id,))

    # --- names -------------------------------------------------------------------------------------------------------

    def replace_names(self, entry: Entry, names: Sequence[str]) -> None:
        """Write the list of a new pass, and forget what became of the files of the last one."""
        self._run("DELETE FROM items WHERE batch = ?", (entry.id,))
        self._run("DELETE FROM pages WHERE batch = ?", (entry.id,))
        self._put_pages(entry, 0, names)
        self.results.prune()

    def append_names(self, entry: Entry, names: Sequence[str]) -> None:
        """Add names behind the `entry.batch.progress.total` that are listed already."""
        first = entry.batch.progress.total // NAMES_PER_PAGE
        before = self._page(entry, first) if entry.batch.progress.total % NAMES_PER_PAGE else []
        self._put_pages(entry, first, [*before, *names])

    def replace_rest(self, entry: Entry, position: int, names: Sequence[str]) -> None:
        """Write another list from `position` on, and forget what is noted of its files."""
        first = position // NAMES_PER_PAGE
        before = self._page(entry, first)[: position % NAMES_PER_PAGE]
        self._run("DELETE FROM items WHERE batch = ? AND place >= ?", (entry.id, position))
        self._run("DELETE FROM pages WHERE batch = ? AND page >= ?", (entry.id, first))
        self._put_pages(entry, first, [*before, *names])

    def name(self, entry: Entry, index: int) -> str:
        """Return the name at a 0-based index of the list.

        Raises:
            CorruptData: the list is shorter than it should be.
        """
        page = self._page(entry, index // NAMES_PER_PAGE)
        if index % NAMES_PER_PAGE >= len(page):
            raise CorruptData(
                f"The ledger {self.path} has lost part of a folder's list.",
                hint="The files are unchanged. Reset the batch to list them again.",
            )
        return page[index % NAMES_PER_PAGE]

    def names(self, entry: Entry) -> Iterator[str]:
        """Yield all names in order."""
        for page in range(-(-entry.batch.progress.total // NAMES_PER_PAGE)):
            yield from self._page(entry, page)

    def _page(self, entry: Entry, page: int) -> list[str]:
        row = self._row("SELECT names FROM pages WHERE batch = ? AND page = ?", (entry.id, page))
        # A zero byte is the one thing that no file name holds; bytes that are not text survive as surrogates.
        return os.fsdecode(row[0]).split("\0") if row else []

    def _put_pages(self, entry: Entry, first: int, names: Sequence[str]) -> None:
        rows = (
            (entry.id, first + start // NAMES_PER_PAGE, os.fsencode("\0".join(names[start : start + NAMES_PER_PAGE])))
            for start in range(0, len(names), NAMES_PER_PAGE)
        )
        with self._lock, self._translated():
            self._connection.executemany("INSERT OR REPLACE INTO pages VALUES (?, ?, ?)", rows)

    # --- what became of the files ------------------------------------------------------------------------------------

    def record(self, entry: Entry, index: int, state: ItemState, run: str, ended: int, reason: str = "") -> None:
        """Write down what became of the file at `index`."""
        values = (entry.id, index, state.value, reason, run, ended)
        self._run("INSERT OR REPLACE INTO items VALUES (?, ?, ?, ?, ?, ?)", values)

    def record_existing(self, entry: Entry, places: Iterable[int], now: int) -> None:
        """Write down that the files at `places` had their result before a run came to them."""
        rows = ((entry.id, place, ItemState.DONE.value, EXISTING, "", now) for place in places)
        with self._lock, self._translated():
            self._connection.executemany("INSERT OR REPLACE INTO items VALUES (?, ?, ?, ?, ?, ?)", rows)

    def is_done(self, entry: Entry, index: int) -> bool:
        """Whether the file at `index` is done."""
        row = self._row("SELECT state FROM items WHERE batch = ? AND place = ?", (entry.id, index))
        return row is not None and row[0] == ItemState.DONE.value

    def skipped(self, entry: Entry, limit: int = 1000) -> list[FileRecord]:
        """Return the first `limit` files that were skipped, with their reasons."""
        query = (
            "SELECT place, state, reason, run, ended FROM items WHERE batch = ? AND state = ? ORDER BY place LIMIT ?"
        )
        with self._lock, self._translated():
            rows = self._connection.execute(query, (entry.id, ItemState.SKIPPED.value, limit)).fetchall()
        return [FileRecord(index, self.name(entry, index), *rest) for index, *rest in rows]

    def items(self, entry: Entry) -> Iterator[FileRecord]:
        """Yield every file of the list in order, with what became of it."""
        query = f"{_ITEMS} AND place BETWEEN ? AND ?"
        names = self.names(entry)
        # Page by page, and not by one cursor: a reader that dawdles must not hold the connection.
        for start in range(0, entry.batch.progress.total, NAMES_PER_PAGE):
            with self._lock, self._translated():
                rows = self._connection.execute(query, (entry.id, start, start + NAMES_PER_PAGE - 1)).fetchall()
            known = {index: rest for index, *rest in rows}
            for index in range(start, min(start + NAMES_PER_PAGE, entry.batch.progress.total)):
                yield self._with_results(entry, FileRecord(index, next(names), *known.get(index, ())))

    def _with_results(self, entry: Entry, record: FileRecord) -> FileRecord:
        paths = self.results.of(entry.id, entry.batch.passes, source_id(entry.space, entry.path, record.name))
        return replace(record, results=tuple(path for path in paths if not path.endswith(".txt")))

    def ends(self, entry: Entry, count: int) -> list[int]:
        """Return when the last `count` files of this pass were done, newest first, in Unix milliseconds."""
        query = "SELECT ended FROM items WHERE batch = ? AND state = ? AND run <> '' ORDER BY place DESC LIMIT ?"
        with self._lock, self._translated():
            return [ended for (ended,) in self._connection.execute(query, (entry.id, ItemState.DONE.value, count))]

    # --- the prompt that a batch continues with ---------------------------------------------------------------------

    def keep_prompt(self, entry: Entry, serial: int, prompt: object) -> None:
        """Keep a prompt, as it was when the batch was at `serial`, for the time after a restart of the host."""
        data = zlib.compress(json.dumps(prompt).encode(), 1)
        self._run("INSERT OR REPLACE INTO prompts VALUES (?, ?, ?)", (entry.id, serial, data))

    def drop_prompt(self, entry: Entry) -> None:
        """Delete the prompt that is kept."""
        self._run("DELETE FROM prompts WHERE batch = ?", (entry.id,))

    def kept_prompt(self, entry: Entry) -> tuple[int, Any] | None:
        """Return the prompt that was kept, and the serial it belongs to."""
        row = self._row("SELECT serial, prompt FROM prompts WHERE batch = ?", (entry.id,))
        return (int(row[0]), json.loads(zlib.decompress(row[1]))) if row else None

    # --- sqlite ------------------------------------------------------------------------------------------------------

    def _entries(self, condition: str, *values: object) -> Iterator[Entry]:
        query = f"SELECT id, key, space, path, filter, state, updated FROM batches {condition}"  # noqa: S608 - ours
        with self._lock, self._translated():
            rows = self._connection.execute(query, values).fetchall()
        for number, key, space, path, shown_filter, state, updated in rows:
            yield Entry(number, key, space, os.fsdecode(path), shown_filter, decode_batch(state), updated)

    def _row(self, query: str, values: Iterable[Any]) -> Any:
        with self._lock, self._translated():
            return self._connection.execute(query, tuple(values)).fetchone()

    def _rows(self, query: str, values: Iterable[Any]) -> list[Any]:
        with self._lock, self._translated():
            return self._connection.execute(query, tuple(values)).fetchall()

    def _run(self, statement: str, values: Iterable[Any]) -> None:
        with self._lock, self._translated():
            self._connection.execute(statement, tuple(values))

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise _fault(self.path, error) from error
        except OSError as error:
            raise StoreDenied(
                f"The batch ledger {self.path} cannot be opened: {error.strerror or error}.",
                hint="No batch was changed. Check the user folder's permissions.",
            ) from error


def _fault(path: Path, error: sqlite3.Error) -> StoreError:
    text = str(error)
    if "full" in text:
        return StoreFull(
            f"There is no space left for the batch ledger {path}.",
            hint="The batch keeps its place. Free some space, then press Queue.",
        )
    if "locked" in text or "busy" in text:
        return StoreUnavailable(
            f"The batch ledger {path} is in use by another program.", hint="No batch was changed. Try again."
        )
    if "readonly" in text or "unable to open" in text:
        return StoreDenied(
            f"The batch ledger {path} cannot be written.", hint="No batch was changed. Check the file's permissions."
        )
    if "malformed" in text or "not a database" in text:
        return CorruptData(
            f"The batch ledger {path} is damaged.", hint="It was left as it is. Move it aside to start a new one."
        )
    return StoreError(
        f"The batch ledger {path} failed: {text}.", hint="The batch keeps its last known place. Try again."
    )
