import contextlib
import errno
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest
from ordinary_user import an_ordinary_user

from datasete.plugin import (
    ABSENT,
    Conflict,
    DataseteError,
    InvalidInput,
    NotFound,
    StoreDenied,
    StoreError,
    StoreUnavailable,
)
from datasete_fsspec import files
from datasete_fsspec.keys import temporary_name
from datasete_fsspec.local import LocalStore
from datasete_fsspec.locks import Locks

ROUNDS = 25
needs_links = pytest.mark.skipif(os.name == "nt", reason="symbolic links need privileges on Windows")


@pytest.fixture
def root(tmp_path):
    return tmp_path / "bus"


@pytest.fixture
def store(root):
    return LocalStore(root)


_hooked = []


def _remember_scans(event, arguments):
    if event == "os.scandir" and _hooked:
        _hooked[-1].append(str(arguments[0]))


sys.addaudithook(_remember_scans)  # for good, there is no way to take one back


@pytest.fixture
def scanned(root):
    paths = []
    _hooked.append(paths)
    yield lambda: [Path(path).relative_to(root).as_posix() for path in paths]
    _hooked.remove(paths)


def names(root):
    found = (path.relative_to(root).as_posix() for path in root.rglob("*") if not path.is_dir())
    return sorted(name for name in found if not name.startswith(".locks/"))


def listed(store, **where):
    return [entry.key for entry in store.list(**where).entries]


def test_a_missing_folder_is_an_empty_store_and_stays_missing(store, root):
    assert store.read(["a"]) == {}
    assert store.list().entries == ()
    assert store.delete(["a"]) == 0
    with pytest.raises(NotFound):
        store.copy("a", "b")
    assert not root.exists()


def test_a_file_in_place_of_the_folder_is_no_empty_store(store, root):
    root.write_bytes(b"a file")
    for call in (lambda: store.read(["a"]), store.list, lambda: store.write("a", b"x"), lambda: store.delete(["a"])):
        with pytest.raises(NotADirectoryError):
            call()
    assert root.read_bytes() == b"a file"


@needs_links
def test_a_link_to_a_disk_that_is_not_there_is_no_empty_store(store, root):
    root.symlink_to(root.parent / "unplugged")
    for call in (lambda: store.read(["a"]), store.list, lambda: store.write("a", b"x")):
        with pytest.raises(FileNotFoundError):
            call()


@needs_links
def test_the_folder_itself_may_be_a_link(store, root, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    root.symlink_to(tmp_path / "elsewhere")
    store.write("a/b", b"data")
    assert (tmp_path / "elsewhere" / "a" / "b").read_bytes() == b"data"
    assert listed(store) == ["a/b"]


@needs_links
@pytest.mark.parametrize("key", ["folder/secret.txt", "folder/deep/new.txt", "file.txt"])
def test_links_inside_the_folder_are_refused_and_what_they_lead_to_is_unharmed(store, root, tmp_path, key):
    outside = tmp_path / "outside"
    (outside / "deep").mkdir(parents=True)
    (outside / "secret.txt").write_bytes(b"secret")
    store.write("mine", b"x")
    (root / "folder").symlink_to(outside)
    (root / "file.txt").symlink_to(outside / "secret.txt")
    for call in (
        lambda: store.read([key]),
        lambda: store.write(key, b"overwritten"),
        lambda: store.copy("mine", key),
        lambda: store.copy(key, "copy"),
        lambda: store.delete([key]),
        lambda: store.list("folder/"),
    ):
        with pytest.raises((StoreDenied, Conflict)):
            call()
    assert listed(store) == ["mine"]
    assert names(outside) == ["secret.txt"]
    assert (outside / "secret.txt").read_bytes() == b"secret"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a folder is checked, and cannot be held")
def test_a_link_that_takes_a_folders_place_at_any_moment_leads_nothing_out_of_the_store(store, root, tmp_path):
    outside, slot, away = tmp_path / "outside", root / "slot", root / "away"
    outside.mkdir()
    (outside / "secret.txt").write_bytes(b"secret")
    store.write("slot/image.png", b"0")
    store.write("slot/secret.txt", b"own")
    stop = threading.Event()

    def swap():
        while not stop.is_set():
            with contextlib.suppress(OSError):
                slot.rename(away)
                slot.symlink_to(outside)
                time.sleep(0.0005)
                slot.unlink()
            with contextlib.suppress(OSError):
                shutil.rmtree(slot)  # what the store made in between
            with contextlib.suppress(OSError):
                away.rename(slot)

    swapping = threading.Thread(target=swap)
    swapping.start()
    read = set()
    try:
        for number in range(ROUNDS):
            for act in (
                lambda: store.write("slot/image.png", b"%d" % number),  # noqa: B023 - called at once
                lambda: store.write(f"slot/{number}.png", b"new", ABSENT),  # noqa: B023
                lambda: read.update(blob.data for blob in store.read(["slot/secret.txt"]).values()),
                lambda: store.copy("slot/secret.txt", "slot/copy.txt"),
                lambda: store.delete(["slot/image.png"]),
            ):
                with contextlib.suppress(StoreDenied, NotFound, Conflict, OSError):
                    act()
    finally:
        stop.set()
        swapping.join()
    assert [path.name for path in outside.iterdir()] == ["secret.txt"]
    assert read <= {b"own"}
    assert {blob.data for blob in store.read(["slot/copy.txt"]).values()} <= {b"own"}


@needs_links
def test_links_are_not_listed(store, root, tmp_path):
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "x").write_bytes(b"x")
    store.write("a/b", b"x")
    (root / "loop").symlink_to(root)
    (root / "a" / "link").symlink_to(tmp_path / "outside" / "x")
    (root / "dangling").symlink_to(tmp_path / "nothing")
    assert listed(store) == ["a/b"]


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="names are always text there")
def test_names_that_cannot_be_keys_are_left_out_and_left_alone(store, root):
    store.write("a", b"x")
    bad = [b"undecodable-\xff", "de\u0301composed".encode(), b"back\\slash", b"new\nline", b"bell\x07"]
    for name in bad:
        (root / os.fsdecode(name)).write_bytes(b"foreign")
    os.mkfifo(root / "pipe")
    assert listed(store) == ["a"]
    assert {os.fsencode(name) for name in os.listdir(root)} >= set(bad)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes")
def test_a_named_pipe_is_no_key_and_blocks_nobody(store, root):
    root.mkdir()
    os.mkfifo(root / "pipe")
    assert store.read(["pipe"]) == {}
    assert store.delete(["pipe"]) == 0


def test_lock_files_are_no_keys(store, root):
    store.write("a/b", b"x")
    assert (root / ".locks").is_dir()
    assert listed(store) == ["a/b"]
    for key in (".locks/00.lock", ".LOCKS/x"):
        with pytest.raises(InvalidInput):
            store.read([key])


def test_lock_files_stay_few(store, root):
    for number in range(200):
        store.write(f"slot {number}/image.png", b"x")
    assert len(os.listdir(root / ".locks")) <= 64


def test_a_lock_file_left_by_a_crash_blocks_nobody(store, root):
    store.write("a", b"x")
    for number in range(64):
        (root / ".locks" / f"{number:02d}.lock").write_bytes(b"left over")
    assert store.write("a", b"y", store.read(["a"])["a"].version)


def test_a_lock_that_somebody_keeps_is_given_up_with_a_sentence(tmp_path):
    first, second = Locks(str(tmp_path)), Locks(str(tmp_path), timeout_seconds=0.05)
    with first.hold("a"):
        with pytest.raises(StoreUnavailable, match="another program"), second.hold("a"):
            raise AssertionError("held twice")
        with second.hold("b"):
            pass
    with second.hold("a"):
        pass


def test_temporary_names_are_no_keys(store, root):
    store.write("a", b"x")
    name = temporary_name()
    (root / name).write_bytes(b"half")
    assert listed(store) == ["a"]
    with pytest.raises(InvalidInput):
        store.write(f"folder/{name}", b"x")


def test_fresh_leftovers_stay_and_old_ones_are_swept(store, root):
    store.write("slot/a", b"x")
    foreign = root / "slot" / ".datasete-not-one-of-ours.tmp"
    foreign.write_bytes(b"foreign")
    ours = root / "slot" / temporary_name()
    ours.write_bytes(b"half")
    listed(store)
    assert ours.exists()
    assert listed(LocalStore(root, abandoned_seconds=-1.0))[-1] == "slot/a"
    assert not ours.exists()
    assert foreign.exists()


def test_a_write_leaves_no_other_file(store, root):
    store.write("slot/a", b"x")
    store.write("slot/b", b"x", ABSENT)
    store.copy("slot/a", "slot/c")
    with pytest.raises(Conflict):
        store.write("slot/a", b"y", ABSENT)
    assert names(root) == ["slot/a", "slot/b", "slot/c"]


def test_a_refused_write_leaves_no_new_folder(store, root):
    with pytest.raises(Conflict):
        store.write("deep/er/a", b"x", "a version")
    assert os.listdir(root) == [".locks"]


def test_the_last_delete_removes_the_folders_but_not_the_root(store, root):
    store.write("a/b/c", b"x")
    store.write("a/d", b"x")
    store.delete(["a/b/c"])
    assert os.listdir(root / "a") == ["d"]
    store.delete(["a/d"])
    assert os.listdir(root) == [".locks"]


def test_a_folder_with_foreign_files_is_kept(store, root):
    store.write("a/b", b"x")
    (root / "a" / "Thumbs\\db").write_bytes(b"foreign")
    store.delete(["a/b"])
    assert os.listdir(root / "a") == ["Thumbs\\db"]


def test_an_editor_that_saves_in_place_changes_no_copy(store, root):
    store.write("slot/image.png", b"published")
    store.copy("slot/image.png", ".versions/slot/t/image.png")
    with (root / "slot" / "image.png").open("r+b") as file:
        file.write(b"scribbled")
    assert store.read([".versions/slot/t/image.png"])[".versions/slot/t/image.png"].data == b"published"


def test_an_edit_in_place_of_the_same_size_changes_the_version(store, root):
    version = store.write("a", b"before")
    with (root / "a").open("r+b") as file:
        file.write(b"after!")
    with pytest.raises(Conflict):
        store.write("a", b"ours", version)
    assert (root / "a").read_bytes() == b"after!"


def test_versions_never_come_back_however_fast_the_writes(store):
    versions = [store.write("a", b"x") for _ in range(300)]
    assert len(set(versions)) == 300


def test_new_files_get_the_permissions_of_any_other(store, root):
    store.write("a", b"x")
    (root / "by hand").write_bytes(b"x")
    assert stat.S_IMODE((root / "a").stat().st_mode) == stat.S_IMODE((root / "by hand").stat().st_mode)


def test_a_file_that_is_still_being_written_in_place_is_not_read_torn(store, root):
    # a process appends without pause: no read may return, and none may hang
    store.write("a", b"x")
    code = (
        "import sys, time\n"
        "with open(sys.argv[1], 'ab', buffering=0) as file:\n"
        "    print(flush=True)\n"
        "    while True:\n"
        "        file.write(b'x' * 5_000_000)\n"
        "        file.truncate(0)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(root / "a")], stdout=subprocess.PIPE) as editor:
        try:
            editor.stdout.readline()
            for _ in range(3):
                try:
                    blob = store.read(["a"])["a"]
                except StoreUnavailable:
                    continue
                assert set(blob.data) <= set(b"x")
                assert len(blob.data) == int(blob.version.split("-")[1], 16)
        finally:
            editor.kill()


def test_listing_skips_folders_without_scanning_them(store, scanned):
    for name in ("a/x", "b/y/z", "b/z", "c/x"):
        store.write(name, b"x")
    assert listed(store, after="b\U0010ffff") == ["c/x"]
    assert scanned() == [".", "c"]


def test_a_page_scans_no_folder_it_does_not_need(store, scanned):
    for number in range(5):
        store.write(f"{number}/x", b"x")
    assert listed(store, limit=2) == ["0/x", "1/x"]
    assert scanned() == [".", "0", "1", "2"]


def test_a_prefix_scans_only_its_folder(store, scanned):
    for name in ("a/x", "b/y/z", "b/z", "c/x"):
        store.write(name, b"x")
    assert listed(store, prefix="b/y/") == ["b/y/z"]
    assert scanned() == ["b/y"]


def test_a_full_disk_leaves_the_previous_content_and_no_leftover(tmp_path):
    # a file size limit fails a write half-way, like a full disk; in a process of its own, for it cannot be undone
    code = (
        "import resource, signal, sys\n"
        "from datasete_fsspec.local import LocalStore\n"
        "store = LocalStore(sys.argv[1])\n"
        "store.write('slot/a', b'previous')\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "for key in ('slot/a', 'new/b'):\n"
        "    try:\n"
        "        store.write(key, b'x' * 1_000_000)\n"
        "    except OSError as error:\n"
        "        print(error.errno)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "bus")], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [str(errno.EFBIG)] * 2
    assert names(tmp_path / "bus") == ["slot/a"]
    assert (tmp_path / "bus" / "slot" / "a").read_bytes() == b"previous"
    assert not (tmp_path / "bus" / "new").exists()


@pytest.mark.skipif(os.name == "nt", reason="folders have no such permissions there")
def test_a_read_only_folder_fails_and_is_unharmed():
    # not tmp_path, which only its owner may enter: when root runs the tests, another user must try
    with tempfile.TemporaryDirectory() as place, an_ordinary_user(owning=place):
        store = LocalStore(place)
        store.write("slot/a", b"previous")
        Path(place, "slot").chmod(0o555)
        with pytest.raises(PermissionError):
            store.write("slot/a", b"new")
        with pytest.raises(PermissionError):
            store.delete(["slot/a"])
        assert names(Path(place)) == ["slot/a"]
        Path(place, "slot").chmod(0o000)
        for call in (lambda: store.read(["slot/a"]), store.list):
            with pytest.raises(PermissionError):
                call()
        Path(place, "slot").chmod(0o755)
        assert store.read(["slot/a"])["slot/a"].data == b"previous"


def test_a_disk_without_links_still_creates_exclusively(tmp_path):
    def no_links(*_):
        raise OSError(errno.EPERM, "no links here")

    target = tmp_path / "target"
    for content, created in ((b"first", True), (b"second", False)):
        (tmp_path / "staged").write_bytes(content)
        assert files.put_new(str(tmp_path / "staged"), str(target), no_links) is created
    assert target.read_bytes() == b"first"


def test_a_long_name_is_missing_when_read(store):
    store.write("a", b"x")
    assert store.read(["x" * 300]) == {}


def test_the_time_of_a_write_is_what_a_listing_and_a_read_show(store):
    before = time.time()
    store.write("a", b"x")
    (entry,) = store.list().entries
    blob = store.read(["a"])["a"]
    assert before - 0.001 <= entry.modified == blob.modified <= time.time()
    assert entry.version == blob.version


@pytest.mark.skipif(os.name == "nt", reason="flock is POSIX")
@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP], ids=errno.errorcode.get)
def test_a_file_system_without_locks_is_a_sentence_with_its_cure(store, root, monkeypatch, number):
    import fcntl

    store.write("key", b"one")

    def flock(*arguments):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", flock)
    monkeypatch.setattr(fcntl, "lockf", flock)
    with pytest.raises(StoreError, match="has no locks") as caught:
        store.write("key", b"two")
    assert str(root) in str(caught.value)
    assert "nolock" in caught.value.hint
    assert store.read(["key"])["key"].data == b"one"


class Swapped:
    """Swaps the folder `slot` for a link to `outside` at the n-th call of the operating system below it."""

    CALLS = ("lstat", "mkdir", "open", "replace", "link", "unlink", "stat", "utime", "rmdir")

    def __init__(self, monkeypatch, slot, outside):
        self.slot, self.outside, self.left, self.calls = slot, outside, None, 0
        for name in self.CALLS:
            monkeypatch.setattr(os, name, self._watched(getattr(os, name)))

    def at(self, call):
        self.left, self.calls = call, 0

    def _watched(self, real):
        def call(*arguments, **named):
            if self.left is not None:
                self.calls += 1
                if self.calls == self.left:
                    self._swap()
            return real(*arguments, **named)

        return call

    def _swap(self):
        self.left = None
        self.slot.rename(self.slot.with_name("moved"))
        self.slot.symlink_to(self.outside, target_is_directory=True)


@needs_links
@pytest.mark.parametrize("action", ["write", "create", "copy", "delete", "read"])
def test_a_folder_that_is_swapped_for_a_link_at_any_call_leads_nowhere(tmp_path, monkeypatch, action):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "image.png").write_bytes(b"theirs")
    (outside / "old.png").write_bytes(b"theirs")
    actions = {
        "write": lambda store: store.write("slot/image.png", b"ours"),
        "create": lambda store: store.write("slot/fresh.png", b"ours", ABSENT),
        "copy": lambda store: store.copy("slot/old.png", "slot/image.png"),
        "delete": lambda store: store.delete(["slot/image.png", "slot/old.png"]),
        "read": lambda store: store.read(["slot/image.png"]),
    }
    for call in range(1, 60):
        store = LocalStore(tmp_path / f"bus-{action}-{call}")
        for key in ("image.png", "old.png"):
            store.write(f"slot/{key}", b"mine")
        with monkeypatch.context() as patch:
            swapped = Swapped(patch, tmp_path / f"bus-{action}-{call}" / "slot", outside)
            swapped.at(call)
            found = None
            with contextlib.suppress(OSError, DataseteError):
                found = actions[action](store)
            swapped.left = None
        assert {path.name: path.read_bytes() for path in outside.iterdir()} == dict.fromkeys(
            ("image.png", "old.png"), b"theirs"
        )
        if action == "read" and found:
            assert found["slot/image.png"].data == b"mine"
        if swapped.calls < call:
            break
    assert call > 3
