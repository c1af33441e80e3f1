"""What services use instead of a store."""

import errno
import itertools

import pytest

from datasete.config import PluginSettings
from datasete.errors import Conflict, InvalidName, NotFound, StoreDenied, StoreError, StoreFull, StoreUnavailable
from datasete.hooks.manager import build_hooks
from datasete.plugin import ABSENT, Entry, Space
from datasete.storage import Storage, validate_key

SPACE = Space("bus", "memory://storage-tests")
numbers = itertools.count()


@pytest.fixture
def store():
    return build_hooks(PluginSettings()).open_store(Space("bus", f"memory://storage-tests-{next(numbers)}"))


class Faulty:
    """A real store whose next calls fail, each fault in its turn; None lets a call through, `after` fails behind it."""

    def __init__(self, inner, *faults, after=False):
        self.inner, self.faults, self.after, self.calls = inner, list(faults), after, 0

    capabilities = property(lambda self: self.inner.capabilities)

    def _call(self, name, *args):
        self.calls += 1
        fault = self.faults.pop(0) if self.faults else None
        if fault and not self.after:
            raise fault
        result = getattr(self.inner, name)(*args)
        if fault:
            raise fault
        return result

    def __getattr__(self, name):
        return lambda *args: self._call(name, *args)


class Time:
    def __init__(self):
        self.now, self.pauses = 0.0, []

    def clock(self):
        return self.now

    def sleep(self, seconds):
        self.pauses.append(seconds)
        self.now += seconds


def storage_over(store, deadline=20.0):
    time = Time()
    return Storage(store, SPACE, deadline=deadline, clock=time.clock, sleep=time.sleep), time


def test_what_is_written_is_read_back_with_its_version(store):
    storage, _ = storage_over(store)
    version = storage.write("a/b.png", b"x")
    assert storage.read("a/b.png", "missing")["a/b.png"].data == b"x"
    assert storage.get("a/b.png").version == version
    assert storage.get("missing") is None


@pytest.mark.parametrize(
    "key",
    ["", "/", "a/", "/a", "a//b", ".", "..", "a/../b", "a/./b", "a\\b", "a\0b", "a\nb", "u\u0308", "x" * 901, "\ud800"],
    ids=ascii,
)
@pytest.mark.parametrize("call", ["read", "get", "write", "copy", "copy_to", "delete", "update"])
def test_a_key_that_could_leave_its_space_reaches_no_store(store, key, call):
    faulty = Faulty(store)
    storage, _ = storage_over(faulty)
    calls = {
        "read": lambda: storage.read("fine", key),
        "get": lambda: storage.get(key),
        "write": lambda: storage.write(key, b""),
        "copy": lambda: storage.copy(key, "fine"),
        "copy_to": lambda: storage.copy("fine", key),
        "delete": lambda: storage.delete("fine", key),
        "update": lambda: storage.update(key, lambda blob: b""),
    }
    with pytest.raises(InvalidName):
        calls[call]()
    assert faulty.calls == 0


@pytest.mark.parametrize("key", ["a" * 900, "é" * 450, "a/" * 449 + "ab"])
def test_a_key_may_have_as_many_bytes_as_the_limit_and_no_more(key):
    assert len(key.encode()) == 900
    assert validate_key(key) == key
    with pytest.raises(InvalidName):
        validate_key(f"{key}a")


def test_a_sound_key_is_returned():
    assert validate_key(".versions/Müller (2)/x.png") == ".versions/Müller (2)/x.png"


def test_a_store_that_comes_back_costs_time_only(store):
    faulty = Faulty(store, ConnectionResetError("reset"), TimeoutError("slow"), OSError(errno.EIO, "flaky"))
    storage, time = storage_over(faulty)
    storage.write("k", b"x")
    assert storage.get("k").data == b"x"
    assert len(time.pauses) == 3
    assert time.pauses == sorted(time.pauses)


def test_a_store_that_stays_away_is_given_up_within_the_deadline(store):
    faulty = Faulty(store, *[ConnectionRefusedError("no")] * 1000)
    storage, time = storage_over(faulty, deadline=5.0)
    with pytest.raises(StoreUnavailable, match="“bus” could not be reached"):
        storage.get("k")
    assert time.now <= 5.0


def test_without_a_deadline_each_call_is_tried_once(store):
    faulty = Faulty(store, *[ConnectionRefusedError("no")] * 1000)
    storage, time = storage_over(faulty, deadline=5.0)
    with pytest.raises(StoreUnavailable, match="“bus” could not be reached"):
        storage.with_deadline().get("k")
    assert (faulty.calls, time.now) == (1, 0.0)


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.ENOSPC, StoreFull),
        (errno.EDQUOT, StoreFull),
        (errno.EACCES, StoreDenied),
        (errno.EROFS, StoreDenied),
        (errno.EISDIR, StoreError),
    ],
)
def test_a_fault_that_time_will_not_mend_is_raised_at_once(store, number, kind):
    storage, time = storage_over(Faulty(store, OSError(number, "fault")))
    with pytest.raises(kind, match="unharmed"):
        storage.write("k", b"x")
    assert time.pauses == []


def test_a_strangers_exception_becomes_a_store_error_without_its_text(store):
    storage, _ = storage_over(Faulty(store, KeyError("password")))
    with pytest.raises(StoreError, match="failed with KeyError") as caught:
        storage.get("k")
    assert "password" not in str(caught.value)


def test_a_conditional_write_is_not_repeated_blindly(store):
    faulty = Faulty(store, ConnectionResetError("reset"), after=True)
    storage, _ = storage_over(faulty)
    with pytest.raises(StoreUnavailable):
        storage.write("k", b"x", ABSENT)
    assert faulty.calls == 1


def test_entries_walks_all_pages_in_order(store):
    storage, _ = storage_over(store)
    for number in range(25):
        storage.write(f"p/{number:02}", b"")
    storage.write("q", b"")
    assert [entry.key for entry in storage.entries("p/", page=4)] == [f"p/{number:02}" for number in range(25)]
    assert [entry.key for entry in storage.entries(after="p/23")] == ["p/24", "q"]


def test_update_creates_then_changes(store):
    storage, _ = storage_over(store)
    assert storage.update("k", lambda blob: b"1" if blob is None else b"no").data == b"1"
    assert storage.update("k", lambda blob: blob.data + b"2").data == b"12"
    assert storage.get("k").data == b"12"


def test_update_is_computed_anew_when_another_writer_was_faster(store):
    storage, _ = storage_over(store)
    storage.write("k", b"0")
    seen = []

    def change(blob):
        seen.append(blob.data)
        if len(seen) == 1:
            store.write("k", b"other")
        return blob.data + b"+mine"

    assert storage.update("k", change).data == b"other+mine"
    assert seen == [b"0", b"other"]


def test_update_looks_again_after_a_lost_answer_so_that_the_change_can_know_its_own_work(store):
    store.write("k", b"")
    storage, _ = storage_over(Faulty(store, None, ConnectionResetError("reset"), after=True))
    storage.update("k", lambda blob: None if b"op1" in blob.data else blob.data + b"op1")
    assert storage.get("k").data == b"op1"


def test_update_that_leaves_things_as_they_are_writes_nothing(store):
    storage, _ = storage_over(store)
    version = storage.write("k", b"x")
    assert storage.update("k", lambda blob: None).version == version
    with pytest.raises(NotFound):
        storage.update("missing", lambda blob: None)


def test_update_gives_up_when_others_are_faster_every_time(store):
    storage, _ = storage_over(store)
    store.write("k", b"")

    def change(blob):
        store.write("k", blob.data + b".")
        return b"mine"

    with pytest.raises(Conflict, match="being changed by others"):
        storage.update("k", change)
    assert b"mine" not in storage.get("k").data


def test_a_store_that_saves_nothing_by_an_outline_has_none(store):
    assert storage_over(store)[0].outline("image.png", ".versions") is None


def test_an_outline_is_complete_for_what_is_named_and_leaves_a_folder_out(tmp_path):
    storage, _ = storage_over(build_hooks(PluginSettings()).open_store(Space("bus", str(tmp_path))))
    for key in ("a/image.png", "a/mask.png", ".versions/a/image.png"):
        storage.write(key, b"x")
    for page in (1, 2, 3):
        image, mask = storage.outline("image.png", ".versions", page)
        assert image == next(storage.entries("a/image.png"))
        assert mask == Entry("a/mask.png", 0, 0.0)


def test_an_outline_is_asked_for_again_when_the_store_gives_no_answer():
    class Outlining(Faulty):
        def outline(self, name, without, *where):
            return self._call("list", "", *where)

    inner = build_hooks(PluginSettings()).open_store(Space("bus", f"memory://storage-tests-{next(numbers)}"))
    inner.write("a", b"x")
    storage, time = storage_over(Outlining(inner, StoreUnavailable("no answer")))
    assert [entry.key for entry in storage.outline("b", "c")] == ["a"]
    assert len(time.pauses) == 1
