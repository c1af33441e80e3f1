import subprocess
import sys
from pathlib import Path

import pytest
from opened_stores import opening
from servers import free_port
from smb_server import SHARE

from datasete.plugin import ABSENT, ConfigError, Conflict, InvalidInput, Space, StoreDenied, StoreUnavailable
from datasete_fsspec.keys import temporary_name
from datasete_fsspec.smb import open_store

ROOT = Path(__file__).resolve().parents[2]

HOLDER = """
import json, sys
from datasete.plugin import Space
from datasete_fsspec.smb import open_store

space = Space(**json.loads(sys.argv[1]))
store = open_store(space)
with store.share.connection() as connection, store.hold(connection, "slot/key"):
    print("held", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def opened():
    with opening(open_store) as open_space:
        yield open_space


@pytest.fixture
def store(samba, opened):
    return opened(samba.space())


def test_a_write_leaves_one_file_and_the_locks(samba, store):
    store.write("slot/key", b"x", ABSENT)
    store.copy("slot/key", "copy")
    with pytest.raises(Conflict):
        store.write("slot/key", b"y", ABSENT)
    folder = samba.behind(store)
    assert sorted(path.name for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock") == [
        "copy",
        "key",
    ]


def test_temporary_files_and_locks_are_not_listed(samba, store):
    store.write("slot/key", b"x")
    (samba.behind(store) / "slot" / temporary_name()).write_bytes(b"half")
    assert [entry.key for entry in store.list().entries] == ["slot/key"]


def test_files_that_others_named_in_another_form_are_read_as_they_are_found(samba, store):
    store.write("sub/plain.png", b"x")
    folder = samba.behind(store)
    names = ["sub/de\u0301composed.png", "写真\u30001.png"]
    for name in names:
        (folder / name).write_bytes(name.encode())
    assert [entry.key for entry in store.list().entries] == ["sub/plain.png"]
    view = store.as_found()
    assert {entry.key for entry in view.list().entries} == {*names, "sub/plain.png"}
    assert {key: blob.data for key, blob in view.read(names).items()} == {name: name.encode() for name in names}


@pytest.mark.parametrize("key", ["a:b", "a?b", "a*", 'a"b', "a<b", "dot./x", "space /x", "end."])
def test_names_that_a_windows_server_does_not_know_are_refused(store, key):
    with pytest.raises(InvalidInput, match="SMB"):
        store.write(key, b"x")


def test_a_writer_that_is_killed_in_its_lock_blocks_nobody(samba, opened):
    import json

    space = samba.space()
    store = opened(space)
    store.write("slot/key", b"before")
    described = json.dumps({"name": space.name, "url": space.url, "options": dict(space.options)})
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, described], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout.readline() == "held\n"
        holder.kill()
    store.write("slot/key", b"after", store.read(["slot/key"])["slot/key"].version)
    assert store.read(["slot/key"])["slot/key"].data == b"after"


def test_a_wrong_password_is_one_sentence(samba, opened):
    store = opened(samba.space(password="hunter2"))
    for call in (lambda: store.read(["key"]), store.list, lambda: store.write("key", b"x")):
        with pytest.raises(StoreDenied, match="does not accept this user and password") as caught:
            call()
        assert "hunter2" not in f"{caught.value!r} {caught.value}"


def test_a_missing_share_is_one_sentence_and_not_an_empty_store(samba, opened):
    space = samba.space()
    store = opened(Space("bus", space.url.replace(SHARE, "nothing"), space.options))
    for call in (lambda: store.read(["key"]), store.list, lambda: store.write("key", b"x")):
        with pytest.raises(ConfigError, match="does not exist on that server"):
            call()


def test_a_server_that_is_not_there_is_unavailable(samba, opened):
    with pytest.raises(StoreUnavailable, match="gave no complete answer"):
        opened(samba.space(port=free_port())).read(["key"])


def test_a_missing_folder_is_an_empty_store_and_stays_missing(samba, store):
    assert store.read(["a"]) == {}
    assert store.list().entries == ()
    assert store.delete(["a"]) == 0
    assert not samba.behind(store).exists()
