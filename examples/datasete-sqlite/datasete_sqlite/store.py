"""The store: one row for each key, with a version that changes with every write, also another program's."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, LifoQueue

from datasete.plugin import ABSENT, ANY, Blob, Capabilities, Conflict, Entry, InvalidInput, Listing, NotFound, When

from datasete_sqlite.faults import translated

# The small columns come first, so that SQLite can list without reading the pictures. Defaults and the trigger give each
# row a new version, also when a person edits the file with another program.
SCHEMA = """
    create table if not exists blobs (
        key text primary key not null,
        version text not null default (lower(hex(randomblob(16)))),
        modified real not null default ((julianday('now') - 2440587.5) * 86400.0),
        data blob not null
    );
    create trigger if not exists blobs_changed after update of data on blobs begin
        update blobs set version = lower(hex(randomblob(16))),
            modified = (julianday('now') - 2440587.5) * 86400.0 where key = new.key;
    end;
"""
LAST = "\U0010ffff"
PUT = "insert or replace into blobs (key, data) values (?, ?)"
PUT_NEW = "insert into blobs (key, data) values (?, ?) on conflict do nothing"
PUT_OVER = "update blobs set data = ? where key = ? and version = ?"
GONE = "delete from blobs where key = ? and version = coalesce(?, version)"
COPY = (
    "insert or replace into blobs (key, data)"
    " select ?, data from blobs where key = ? and version = coalesce(?, version)"
)
FOUND = "select data, version, modified from blobs where key = ?"
LISTED = (
    "select key, length(data), modified, version from blobs where key > ? and key >= ? and key < ? order by key limit ?"
)


class SqliteStore:
    """A space in one SQLite file, which is created on first use.

    Any number of threads and processes of one machine may share it: SQLite allows one writer at a time, and readers see
    the last commit meanwhile.

    Args:
        path: the file.
        timeout: seconds to wait for another writer.
    """

    capabilities = Capabilities(atomic_replace=True, conditional_write=True, server_copy=True, conditional_delete=True)

    def __init__(self, path: Path, *, timeout: float = 10.0) -> None:
        self._path, self._timeout = path, timeout
        self._idle: LifoQueue[sqlite3.Connection] = LifoQueue()
        try:
            with self._connection() as database:
                database.executescript(SCHEMA)
        except BaseException:
            self.close()
            raise

    def read(self, keys: Iterable[str]) -> Mapping[str, Blob]:
        """See `datasete.plugin.Store.read`. All blobs of one call are from the same moment."""
        with self._transaction("begin") as database:
            rows = {key: database.execute(FOUND, [key]).fetchone() for key in keys}
        return {key: Blob(*row) for key, row in rows.items() if row}

    def write(self, key: str, data: bytes, when: When = ANY) -> str:
        """See `datasete.plugin.Store.write`."""
        content = bytes(memoryview(data))
        with self._transaction("begin immediate") as database:
            if when is ANY:
                database.execute(PUT, [key, content])
            elif not (
                database.execute(PUT_NEW, [key, content])
                if when is ABSENT
                else database.execute(PUT_OVER, [content, key, str(when)])
            ).rowcount:
                raise Conflict(f"“{key}” was changed by another writer.", hint="Nothing was written.")
            return _version(database, key)

    def list(self, prefix: str = "", after: str = "", limit: int = 1000) -> Listing:
        """See `datasete.plugin.Store.list`."""
        if limit < 1:
            raise InvalidInput(f"A page of a listing cannot have {limit} entries.", hint="Nothing was read.")
        with self._connection() as database:
            rows = database.execute(LISTED, [after, prefix, prefix + LAST, limit]).fetchall()
        entries = tuple(Entry(*row) for row in rows)
        return Listing(entries, entries[-1].key if len(entries) == limit else None)

    def copy(self, source: str, target: str, version: str | None = None) -> str:
        """See `datasete.plugin.Store.copy`. No bytes pass through Python."""
        with self._transaction("begin immediate") as database:
            if database.execute(COPY, [target, source, version]).rowcount:
                return _version(database, target)
        if version is None:
            raise NotFound(f"There is nothing at “{source}”.", hint="Nothing was copied.")
        raise Conflict(f"“{source}” was changed by another writer.", hint="Nothing was copied.")

    def delete(self, keys: Iterable[str], versions: Mapping[str, str] | None = None) -> int:
        """See `datasete.plugin.Store.delete`."""
        expected = versions or {}
        with self._transaction("begin immediate") as database:
            return sum(database.execute(GONE, [key, expected.get(key)]).rowcount for key in keys)

    def close(self) -> None:
        """Close every connection; the last one merges the journal into the file."""
        while not self._idle.empty():
            self._idle.get().close()

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        with self._connection() as database:
            database.execute(begin)
            try:
                yield database
                database.execute("commit")
            finally:
                if database.in_transaction:
                    database.execute("rollback")

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """Borrow a connection: only one thread may use it at a time."""
        with translated(self._path.name):
            try:
                database = self._idle.get_nowait()
            except Empty:
                database = self._connect()
            try:
                yield database
            finally:
                self._idle.put(database)

    def _connect(self) -> sqlite3.Connection:
        database = sqlite3.connect(self._path, self._timeout, isolation_level=None, check_same_thread=False)
        try:
            database.execute("pragma journal_mode = wal")
            database.execute("pragma synchronous = full")  # a commit survives a power cut right after it
        except BaseException:
            database.close()
            raise
        return database


def _version(database: sqlite3.Connection, key: str) -> str:
    row: tuple[str] = database.execute("select version from blobs where key = ?", [key]).fetchone()
    return row[0]
