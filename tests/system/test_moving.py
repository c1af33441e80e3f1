"""Moves that another program holds up for a moment, wherever files are moved into their place."""

import errno
import os

import pytest

from datasete.batch.saving.output import OVERWRITE, SKIP, DiskTarget, save
from datasete.cli import main
from datasete.errors import StoreError
from datasete.plugin import ABSENT
from datasete.samples.files import place_photographs
from datasete.system import moving
from datasete.workbench.folders import write_file
from datasete_fsspec import files
from datasete_fsspec.local import LocalStore


class Scanner:
    """Refuses the first `times` moves of each kind, as Windows does while a scanner has the file open."""

    def __init__(self, monkeypatch):
        self.left = {}
        for name in ("replace", "link"):
            monkeypatch.setattr(os, name, self._refusing(name, getattr(os, name)))

    def holds(self, times):
        self.left = dict.fromkeys(("replace", "link"), times)

    def _refusing(self, name, real):
        def call(*arguments, **named):
            if self.left.get(name, 0):
                self.left[name] -= 1
                raise PermissionError(errno.EACCES, "The file is open in another program")
            return real(*arguments, **named)

        return call


@pytest.fixture
def scanner(monkeypatch):
    monkeypatch.setattr(moving, "PAUSE_SECONDS", 0.001)
    monkeypatch.setattr(files, "PAUSE_SECONDS", 0.001)
    return Scanner(monkeypatch)


def stored(folder, when):
    store = LocalStore(folder)
    store.write("key", b"new", when) if when is ABSENT else store.write("key", b"new")
    return store.read(["key"])["key"].data


def copied(folder):
    store = LocalStore(folder)
    store.write("source", b"new")
    store.copy("source", "key")
    return store.read(["key"])["key"].data


def uploaded(folder):
    write_file(folder / "x.png", b"new")
    return (folder / "x.png").read_bytes()


def saved(folder, mode):
    save(DiskTarget(folder), "x", ".png", b"new", mode)
    return (folder / "x.png").read_bytes()


def sampled(folder):
    place_photographs(folder)
    return b"new" if (folder / "datasete-coffee.jpg").stat().st_size > 1000 else b""


PLACES = {
    "store": lambda folder: stored(folder, None),
    "store, new": lambda folder: stored(folder, ABSENT),
    "store, copy": copied,
    "embedded host": uploaded,
    "batch, overwrite": lambda folder: saved(folder, OVERWRITE),
    "batch, skip": lambda folder: saved(folder, SKIP),
    "samples": sampled,
}


@pytest.mark.parametrize("times", [1, 5])
@pytest.mark.parametrize("place", PLACES)
def test_what_was_written_arrives(scanner, tmp_path, place, times):
    scanner.holds(times)
    assert PLACES[place](tmp_path) == b"new"


@pytest.mark.parametrize("times", [1, 5])
def test_an_exported_pool_arrives(scanner, tmp_path, times, capsys):
    data = str(tmp_path / "data")
    place_photographs(tmp_path)
    assert main(["pool", "add", "--to", "Mine", str(tmp_path / "datasete-coffee.jpg"), "--data", data]) == 0
    scanner.holds(times)
    assert main(["pool", "export", "Mine", str(tmp_path / "mine.zip"), "--data", data]) == 0
    assert (tmp_path / "mine.zip").stat().st_size


@pytest.mark.parametrize("place", ["store", "embedded host", "batch, overwrite"])
def test_a_file_that_stays_open_is_an_error_and_leaves_nothing(scanner, tmp_path, place):
    scanner.holds(10**6)
    with pytest.raises((StoreError, PermissionError)):
        PLACES[place](tmp_path)
    scanner.holds(0)
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and ".locks" not in path.parts]


def test_a_file_system_without_links_says_so_at_once(tmp_path):
    calls = []

    def link():
        calls.append(1)
        raise PermissionError(errno.EPERM, "no links here")

    with pytest.raises(PermissionError):
        moving.patiently(link, final=errno.EPERM)
    assert len(calls) == 1
