"""What a cache saves, what it never hands out, and how much room it takes."""

import json
import os
import subprocess
import sys
import threading
import uuid
from pathlib import Path

import pytest

from datasete.config import PluginSettings
from datasete.hooks.manager import build_hooks
from datasete.plugin import Blob, ConfigError, Space, StoreUnavailable, Unchanged, hookimpl
from datasete_cache import DEFAULT_BYTES, cache_folder, cache_options
from datasete_cache.disk_cache import PART_SUFFIX, DiskCache
from datasete_cache.store import CachedStore
from datasete_fsspec.memory import MemoryStore, open_store

ROOT = Path(__file__).resolve().parents[3]


class Far(MemoryStore):
    """A store that counts the bytes that it sends, and may be out of reach."""

    def __init__(self, cache):
        super().__init__(cache)
        self.sent, self.asked, self.gone = 0, 0, False

    def read(self, keys):
        return self.refresh(dict.fromkeys(keys))

    def refresh(self, known):
        if self.gone:
            raise StoreUnavailable("No answer.")
        self.asked += 1
        found = super().read(known)
        self.sent += sum(len(blob.data) for key, blob in found.items() if blob.version != known[key])
        return {
            key: Unchanged(blob.version, blob.modified) if blob.version == known[key] else blob
            for key, blob in found.items()
        }


class Old(MemoryStore):
    """A store that knows of no `refresh`, and counts what it sends."""

    sent = 0

    def read(self, keys):
        found = super().read(keys)
        self.sent += sum(len(blob.data) for blob in found.values())
        return found


@pytest.fixture
def far():
    return Far(open_store(Space("bus", f"memory://{uuid.uuid4()}")).content)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "cache"


def cached(inner, folder, limit=1_000_000):
    return CachedStore(inner, DiskCache(folder, limit))


def files(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def room(folder):
    return sum(path.stat().st_size for path in files(folder))


def test_what_was_read_is_not_sent_again(far, folder):
    MemoryStore.write(far, "slot/image.png", b"x" * 1000)
    store = cached(far, folder)
    first = store.read(["slot/image.png"])
    assert far.sent == 1000
    assert store.read(["slot/image.png"]) == first
    assert (far.sent, far.asked) == (1000, 2)


def test_what_was_written_is_not_sent_back(far, folder):
    store = cached(far, folder)
    version = store.write("slot/image.png", b"x" * 1000)
    blob = store.read(["slot/image.png"])["slot/image.png"]
    assert (blob.data, blob.version, far.sent) == (b"x" * 1000, version, 0)
    assert blob.modified == MemoryStore.read(far, ["slot/image.png"])["slot/image.png"].modified


def test_a_store_that_cannot_refresh_is_asked_for_its_listing(folder):
    old = Old(open_store(Space("bus", f"memory://{uuid.uuid4()}")).content)
    store = cached(old, folder)
    old.write("a", b"x" * 1000)
    assert [store.read(["a", "b"])["a"].data for _ in range(3)] == [b"x" * 1000] * 3
    assert old.sent == 1000
    old.write("a", b"y" * 10)
    assert store.read(["a"])["a"].data == b"y" * 10


def test_it_outlives_the_process(far, folder):
    cached(far, folder).write("a", b"x" * 1000)
    assert cached(far, folder).read(["a"])["a"].data == b"x" * 1000
    assert far.sent == 0


def test_without_an_answer_there_is_nothing_from_the_cache(far, folder):
    store = cached(far, folder)
    store.write("a", b"x")
    far.gone = True
    with pytest.raises(StoreUnavailable):
        store.read(["a"])


def test_what_is_gone_is_gone(far, folder):
    store = cached(far, folder)
    store.write("a", b"x")
    MemoryStore.delete(far, ["a"])
    assert store.read(["a"]) == {}
    assert files(folder) == []


def test_one_call_asks_once_for_what_is_known_and_what_is_not(far, folder):
    store = cached(far, folder)
    store.write("a", b"x")
    MemoryStore.write(far, "b", b"y")
    assert {key: blob.data for key, blob in store.read(["a", "b", "c"]).items()} == {"a": b"x", "b": b"y"}
    assert far.asked == 1


BREAKAGES = {
    "bytes turned": lambda data: data[:-1] + bytes([data[-1] ^ 1]),
    "cut short": lambda data: data[: len(data) // 2],
    "longer": lambda data: data + b"more",
    "emptied": lambda data: b"",
    "no head": lambda data: b"\xff" * 100,
    "another's": lambda data: data.replace(b'"slot/image.png"', b'"slot/other.png"'),
    "a head without end": lambda data: b'{"key": "' + b"x" * 100_000,
    "a head that is no table": lambda data: b"[]\n" + data,
    "a version that is no text": lambda data: json.dumps({"key": "slot/image.png", "version": 7}).encode() + b"\n",
}


@pytest.mark.parametrize("breakage", BREAKAGES)
def test_a_broken_file_is_never_handed_out_and_fetched_again(far, folder, breakage):
    store = cached(far, folder)
    store.write("slot/image.png", b"picture" * 100)
    [file] = files(folder)
    file.write_bytes(BREAKAGES[breakage](file.read_bytes()))
    assert store.read(["slot/image.png"])["slot/image.png"].data == b"picture" * 100
    assert far.sent == 700
    assert store.read(["slot/image.png"])["slot/image.png"].data == b"picture" * 100
    assert far.sent == 700


def test_an_old_file_is_never_taken_for_the_new_version(far, folder):
    store = cached(far, folder)
    store.write("a", b"old")
    [file] = files(folder)
    old = file.read_bytes()
    MemoryStore.write(far, "a", b"new")
    assert store.read(["a"])["a"].data == b"new"
    file.write_bytes(old)
    assert store.read(["a"])["a"].data == b"new"


def test_it_takes_no_more_room_than_it_is_given(far, folder):
    store = cached(far, folder, 100_000)
    for number in range(50):
        store.write(f"{number}", b"x" * 9_000)
        assert room(folder) <= 100_000
    assert len(files(folder)) >= 8


def test_what_was_used_last_stays(far, folder):
    store = cached(far, folder, 100_000)
    for number in range(10):
        store.write(f"{number}", b"x" * 9_500)
        os.utime(DiskCache(folder, 0).path_of(f"{number}"), (1_000 + number, 1_000 + number))
    store.read(["0"])
    store.write("new", b"x" * 9_500)
    cache = DiskCache(folder, 0)
    assert cache.version("0")
    assert cache.version("new")
    assert cache.version("1") is None


def test_what_is_larger_than_the_cache_passes_by(far, folder):
    store = cached(far, folder, 1000)
    store.write("small", b"x")
    store.write("small", b"x" * 2000)
    store.write("large", b"y" * 2000)
    assert store.read(["small", "large"])["large"].data == b"y" * 2000
    assert files(folder) == []


def test_what_a_process_left_half_written_is_cleared_away(far, folder):
    left = folder / "00" / f"left{PART_SUFFIX}"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"x" * 500)
    os.utime(left, (1_000, 1_000))
    cached(far, folder).write("a", b"x")
    assert not left.exists()


def test_a_folder_that_cannot_be_used_costs_the_cache_alone(far, folder, caplog):
    folder.write_bytes(b"a file in its place")
    store = cached(far, folder)
    store.write("a", b"x")
    store.write("b", b"y")
    assert {key: blob.data for key, blob in store.read(["a", "b"]).items()} == {"a": b"x", "b": b"y"}
    assert len([line for line in caplog.messages if "cannot be written" in line]) == 1


def test_names_that_lead_outside_stay_names(far, folder, tmp_path):
    cache = DiskCache(folder, 10_000)
    for key in ("../../escape", "/absolute", "a\0b", "lone\ud800", ""):
        cache.put(key, "1", b"data")
        assert cache.take(key, "1") == b"data"
    assert {path.parents[1] for path in files(tmp_path)} == {folder}


PROCESS = """
import sys
from pathlib import Path
from datasete_cache.disk_cache import DiskCache

cache, name = DiskCache(Path(sys.argv[1]), 200_000), sys.argv[2]
sys.stdin.readline()
for turn in range(300):
    key, version = f"{turn % 7}", f"{turn % 3}"
    data = f"{key} {version} ".encode() * 5000
    cache.put(key, version, data)
    for asked in ("0", "1", "2"):
        taken = cache.take(key, asked)
        assert taken in (None, f"{key} {asked} ".encode() * 5000), (name, turn)
"""


def test_two_processes_share_a_folder(folder):
    running = [
        subprocess.Popen([sys.executable, "-c", PROCESS, str(folder), name], cwd=ROOT, stdin=subprocess.PIPE, text=True)
        for name in ("one", "two")
    ]
    for each in running:
        each.stdin.write("go\n")
        each.stdin.close()
    assert [each.wait() for each in running] == [0, 0]
    DiskCache(folder, 200_000).put("last", "1", b"x")
    assert room(folder) <= 200_000 + 1000


def test_threads_share_a_store(far, folder):
    store = cached(far, folder, 50_000)
    wrong = []

    def work(number):
        for turn in range(60):
            key = f"{turn % 5}"
            store.write(key, f"{number} {turn}".encode() * 500)
            blob = store.read([key])[key]
            if blob.data != blob.data[: len(blob.data) // 500] * 500:
                wrong.append(key)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


class TestTheOption:
    @pytest.mark.parametrize(
        ("option", "size"),
        [
            (None, DEFAULT_BYTES),
            (True, DEFAULT_BYTES),
            (False, 0),
            ({}, DEFAULT_BYTES),
            ({"size": 5_000}, 5_000),
            ({"size": "500 MB"}, 500_000_000),
            ({"size": "2gb"}, 2_000_000_000),
            ({"size": 0}, 0),
        ],
        ids=str,
    )
    def test_it_says_how_much(self, option, size):
        options = {} if option is None else {"cache": option}
        assert cache_options(Space("bus", "s3://bucket", options)).size == size

    @pytest.mark.parametrize("url", ["/a/path", "file:///a/path", "memory://x", "C:\\pictures"])
    def test_it_is_off_for_local_stores(self, url):
        assert cache_options(Space("bus", url)).size == 0

    @pytest.mark.parametrize(
        "option", ["yes", 5, {"sise": 1}, {"size": "much"}, {"size": -1}, {"size": True}, []], ids=str
    )
    def test_what_means_nothing_is_refused(self, option):
        with pytest.raises(ConfigError, match="option cache of the space “bus”"):
            cache_options(Space("bus", "s3://bucket", {"cache": option}))

    def test_two_places_with_one_url_have_folders_of_their_own(self):
        one = Space("bus", "s3://bucket", {"endpoint_url": "http://one", "secret_access_key": "hunter2"})
        two = Space("bus", "s3://bucket", {"endpoint_url": "http://two", "secret_access_key": "hunter2"})
        assert cache_folder(one, cache_options(one)) != cache_folder(two, cache_options(two))

    def test_a_secret_changes_nothing_about_the_folder(self):
        spaces = [Space("bus", "s3://bucket", {"secret_access_key": secret}) for secret in ("one", "two")]
        assert len({cache_folder(space, cache_options(space)) for space in spaces}) == 1

    def test_a_folder_may_be_named(self, tmp_path):
        space = Space("bus", "s3://bucket", {"cache": {"folder": str(tmp_path)}})
        assert cache_folder(space, cache_options(space)).parent == tmp_path


class TestAsAPlugin:
    """Hooked around what another plugin opens."""

    @pytest.fixture
    def open_far(self, far, tmp_path, monkeypatch):
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))

        class Plugin:
            @hookimpl
            def datasete_open_store(self, space):
                return {"far": far, "old": Old(far.content)}.get(space.scheme)

        hooks = build_hooks(PluginSettings(), {"far": Plugin()})
        yield lambda url, **options: hooks.open_store(Space("bus", url, options))
        hooks.close()

    def test_a_store_that_can_refresh_is_cached_unless_told_otherwise(self, open_far, far):
        assert isinstance(open_far("far://x"), CachedStore)
        assert open_far("far://x", cache=False) is far

    def test_another_is_cached_when_asked_for(self, open_far, folder):
        assert isinstance(open_far("old://x"), Old)
        assert isinstance(open_far("old://x", cache={"folder": str(folder)}), CachedStore)

    def test_a_local_store_is_left_as_it_is(self, open_far, tmp_path):
        assert not isinstance(open_far(str(tmp_path / "space")), CachedStore)

    def test_an_unusable_option_opens_nothing(self, open_far):
        with pytest.raises(ConfigError, match="option cache"):
            open_far("far://x", cache="yes")

    def test_a_scheme_nobody_speaks_is_declined_as_ever(self, open_far):
        with pytest.raises(ConfigError, match="No plugin stores anything"):
            open_far("nosuchscheme://x")

    def test_a_wrapper_that_hands_on_what_it_does_not_know_offers_no_refresh(self, far, folder):
        class Turned:
            def __init__(self, inner):
                self.inner = inner

            def __getattr__(self, name):
                return getattr(self.inner, name)

            def read(self, keys):
                return {k: Blob(b.data[::-1], b.version, b.modified) for k, b in self.inner.read(keys).items()}

            def write(self, key, data, when=None):
                return self.inner.write(key, bytes(data)[::-1])

        far.write("a", b"olleh")
        store = cached(Turned(far), folder)
        assert [store.read(["a"])["a"].data for _ in range(2)] == [b"hello", b"hello"]
