"""Datasete's own checks: one fixture, a second handle, and two back doors that look behind the store."""

import sqlite3
from contextlib import closing

import pytest
from datasete.testing.storage import StorageConformance

from datasete_sqlite import SqliteStore


class TestSqliteStore(StorageConformance):
    @pytest.fixture
    def store(self, tmp_path):
        self.path = tmp_path / "slots.db"
        store = SqliteStore(self.path)
        yield store
        store.close()

    @pytest.fixture
    def peer(self, store):
        peer = SqliteStore(self.path)
        yield peer
        peer.close()

    def raw_read(self, store, key):
        with closing(sqlite3.connect(self.path)) as database:
            row = database.execute("select data from blobs where key = ?", [key]).fetchone()
        return row and row[0]

    def raw_write(self, store, key, data):
        with closing(sqlite3.connect(self.path, isolation_level=None)) as database:
            if not database.execute("update blobs set data = ? where key = ?", [data, key]).rowcount:
                database.execute("insert into blobs (key, data) values (?, ?)", [key, data])
