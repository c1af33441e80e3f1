"""A disk that is unmounted under a running program is an error, not an empty space."""

import os
import shutil
import threading

import pytest

from datasete.plugin import ABSENT, StoreError
from datasete_fsspec.local import LocalStore


@pytest.fixture
def mount(tmp_path):
    """A mount point with a space on it, or below it; `unmount` and `remount` act on it."""
    return Mount(tmp_path)


class Mount:
    def __init__(self, folder):
        self.point, self.away = folder / "mnt", folder / "away"
        self.point.mkdir()

    def unmount(self):
        self.point.rename(self.away)
        self.point.mkdir()

    def remount(self):
        shutil.rmtree(self.point)
        self.away.rename(self.point)


CALLS = {
    "read": lambda store: store.read(["slot/a"]),
    "write": lambda store: store.write("slot/a", b"two"),
    "create": lambda store: store.write("slot/b", b"two", ABSENT),
    "list": lambda store: store.list(),
    "list a folder": lambda store: store.list("slot/"),
    "outline": lambda store: store.outline("a", ".versions"),
    "copy": lambda store: store.copy("slot/a", "slot/b"),
    "delete": lambda store: store.delete(["slot/a"]),
}


@pytest.mark.parametrize("below", ["", "datasete/bus"])
@pytest.mark.parametrize("call", CALLS)
def test_an_unmounted_disk_is_an_error_and_nothing_is_written_to_its_mount_point(mount, call, below):
    store = LocalStore(mount.point / below)
    store.write("slot/a", b"one")
    mount.unmount()
    with pytest.raises(StoreError, match="may have been unmounted"):
        CALLS[call](store)
    assert not list(mount.point.rglob("*"))
    mount.remount()
    assert store.read(["slot/a"])["slot/a"].data == b"one"
    CALLS[call](store)


@pytest.mark.parametrize("opened", ["by a reader", "by a writer", "after another program"])
def test_a_space_from_before_there_were_markers_gets_one_at_its_first_use(mount, opened):
    (mount.point / "slot").mkdir()
    (mount.point / "slot" / "a").write_bytes(b"one")
    store = LocalStore(mount.point)
    if opened == "after another program":
        LocalStore(mount.point).list()
    if opened == "by a writer":
        store.write("slot/b", b"two")
    else:
        assert store.read(["slot/a"])["slot/a"].data == b"one"
    mount.unmount()
    with pytest.raises(StoreError, match="may have been unmounted"):
        store.list()


def test_another_disk_at_the_same_place_is_not_the_space(mount):
    store = LocalStore(mount.point)
    store.write("slot/a", b"one")
    mount.unmount()
    LocalStore(mount.point).write("slot/a", b"another")
    with pytest.raises(StoreError, match="holds another space now"):
        store.read(["slot/a"])


@pytest.mark.parametrize("folder", ["new", "new/below", "."])
def test_a_fresh_space_is_never_refused(mount, folder):
    root = mount.point / folder
    first, second = LocalStore(root), LocalStore(root)
    assert not first.list().entries
    assert second.read(["slot/a"]) == {}
    assert not list(mount.point.rglob("*"))
    first.write("slot/a", b"one")
    assert second.read(["slot/a"])["slot/a"].data == b"one"
    second.delete(["slot/a"])
    assert not first.list().entries


def test_a_space_that_was_cleared_by_hand_is_a_fresh_one_for_the_next_program(mount):
    LocalStore(mount.point).write("slot/a", b"one")
    shutil.rmtree(mount.point)
    store = LocalStore(mount.point)
    assert not store.list().entries
    store.write("slot/a", b"two")


def test_a_marker_is_no_key(mount):
    store = LocalStore(mount.point)
    store.write("slot/a", b"one")
    assert [entry.key for entry in store.list().entries] == ["slot/a"]


@pytest.mark.skipif(os.name == "nt", reason="folders have no such permissions there")
def test_a_space_that_may_only_be_read_needs_none():
    import tempfile
    from pathlib import Path

    from ordinary_user import an_ordinary_user

    with tempfile.TemporaryDirectory() as place, an_ordinary_user(owning=place):
        Path(place, "slot").mkdir()
        Path(place, "slot", "a").write_bytes(b"one")
        Path(place).chmod(0o555)
        store = LocalStore(place)
        assert store.read(["slot/a"])["slot/a"].data == b"one"
        assert [entry.key for entry in store.list().entries] == ["slot/a"]
        Path(place).chmod(0o755)


def test_threads_that_make_a_fresh_space_together_are_not_refused(tmp_path):
    for number in range(30):
        store, barrier, refused = LocalStore(tmp_path / str(number)), threading.Barrier(6), []

        def work(place, store=store, barrier=barrier, refused=refused):
            barrier.wait()
            try:
                store.read(["slot/a"])
                store.write(f"slot/{place}", b"one")
                store.list()
            except StoreError as error:
                refused.append(error)

        threads = [threading.Thread(target=work, args=[place]) for place in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not refused
