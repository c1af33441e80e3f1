"""What is this plugin's own: its URLs, its file, and what it says when something is wrong."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from datasete.plugin import ABSENT, ConfigError, Conflict, Space, StoreUnavailable

import datasete_sqlite
from datasete_sqlite import SqliteStore, datasete_open_store

COUNT = """
import sys
from pathlib import Path
from datasete.plugin import Conflict
from datasete_sqlite import SqliteStore
store = SqliteStore(Path(sys.argv[1]))
for _ in range(50):
    while True:
        blob = store.read(["count"])["count"]
        try:
            store.write("count", b"%d" % (int(blob.data) + 1), blob.version)
            break
        except Conflict:
            pass
store.close()
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "slots.db"


def opened(url, **options):
    return datasete_open_store(Space("bus", url, options))


def test_other_schemes_are_declined():
    assert opened("s3://bucket/prefix") is None
    assert opened("/home/me/gate_bus") is None


def test_the_url_names_the_file(path):
    store = opened(path.as_uri().replace("file:", "sqlite:"))
    store.write("slot/image.png", b"picture")
    store.close()
    assert path.stat().st_size > 0


def test_a_space_and_an_umlaut_in_the_url_are_decoded():
    assert datasete_sqlite.place(Space("bus", "sqlite:///a%20b/gr%C3%B6%C3%9Fer.db")) == Path("/a b/größer.db")


@pytest.mark.parametrize(
    "url", ["sqlite://", "sqlite:///", "sqlite://host/x.db", "sqlite:///x.db?mode=ro", "sqlite:///a/"]
)
def test_a_url_that_names_no_file_says_what_to_write(url):
    with pytest.raises(ConfigError, match="Write sqlite:///"):
        opened(url)


def test_unknown_options_are_named(path):
    with pytest.raises(ConfigError, match="jurnal"):
        opened(f"sqlite://{path}", jurnal="wal")


def test_a_folder_that_is_missing_is_one_sentence(tmp_path):
    with pytest.raises(ConfigError, match="cannot be opened"):
        opened(f"sqlite://{tmp_path}/missing/slots.db")


def test_a_file_that_is_no_database_is_left_alone(path):
    path.write_bytes(b"a letter to my mother" * 100)
    with pytest.raises(ConfigError, match="is not an SQLite file"):
        opened(f"sqlite://{path}")
    assert path.read_bytes().startswith(b"a letter")


def test_another_programs_table_is_left_alone(path):
    with closing(sqlite3.connect(path)) as database:
        database.execute("create table blobs (id integer, stuff text)")
    with pytest.raises(ConfigError, match="another program's"):
        opened(f"sqlite://{path}").list()


def test_a_writer_that_takes_too_long_is_worth_another_try(path):
    store = opened(f"sqlite://{path}", timeout=0.05)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("begin immediate")
        with pytest.raises(StoreUnavailable, match="Another program is writing"):
            store.write("slot/image.png", b"picture")
    store.write("slot/image.png", b"picture")
    store.close()


def test_a_refused_write_lets_the_next_one_in(path):
    store = SqliteStore(path)
    store.write("key", b"first", ABSENT)
    with pytest.raises(Conflict):
        store.write("key", b"second", ABSENT)
    store.write("key", b"third")
    assert store.read(["key"])["key"].data == b"third"
    store.close()


def test_processes_lose_no_edit_of_each_other(path):
    store = SqliteStore(path)
    store.write("count", b"0")
    counters = [subprocess.Popen([sys.executable, "-c", COUNT, str(path)]) for _ in range(4)]
    assert [counter.wait(60) for counter in counters] == [0] * 4
    assert store.read(["count"])["count"].data == b"200"
    store.close()
