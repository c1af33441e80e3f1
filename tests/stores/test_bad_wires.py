"""A bad network costs time, not data: whatever happens on the wire, the old bytes are there or the new ones."""

import gc
import warnings

import pytest
from scale import rounds
from wire import TO_CLIENT, TO_SERVER, Fault, Wire

from datasete.plugin import Conflict, StoreUnavailable
from datasete_fsspec.s3 import open_store as open_s3
from datasete_fsspec.smb import open_store as open_smb

# smbclient warns of handles that could not be closed on a dead connection; the server has closed them
pytestmark = pytest.mark.filterwarnings("ignore:unclosed SMB handle:ResourceWarning")

OLD, NEW = b"old" * 40_000, b"new!" * 50_000
PLACES = rounds((0, 5_000), ci=(0, 1, 30, 150, 700, 5_000, 60_000))
FAULTS = [
    *(Fault(kind, way, place) for kind in ("cut", "reset") for way in (TO_SERVER, TO_CLIENT) for place in PLACES),
    Fault("swallow", TO_SERVER), Fault("swallow", TO_CLIENT), Fault("swallow", TO_CLIENT, 100),
    Fault("delay"), Fault("drip"), Fault("drip", TO_SERVER),
]  # fmt: skip
HARMLESS = ("delay", "drip")

CALLS = {
    "replace": lambda store, version: store.write("slot/key", NEW, version),
    "create": lambda store, version: store.write("slot/new", NEW),
    "read": lambda store, version: store.read(["slot/key", "slot/other"]),
    "list": lambda store, version: store.list(),
    "copy": lambda store, version: store.copy("slot/key", "history/key", version),
    "delete": lambda store, version: store.delete(["slot/other"]),
}


@pytest.fixture
def timeout(request):
    """Seconds; short, unless the call shall come through."""
    return 20 if request.getfixturevalue("fault").kind in HARMLESS else 1


@pytest.fixture
def on_s3(seaweedfs, timeout):
    wire = Wire(seaweedfs.port)
    space = seaweedfs.space()
    options = {**space.options, "endpoint_url": f"http://127.0.0.1:{wire.port}", "timeout": timeout}
    store, direct = open_s3(type(space)(space.name, space.url, options)), open_s3(space)
    yield wire, store, direct
    wire.close()
    store.close()
    direct.close()


@pytest.fixture
def on_smb(samba, timeout):
    gc.freeze()  # so that the collection below looks at what came since, and not at all of torch
    wire = Wire(samba.port)
    space = samba.space()
    direct = open_smb(space)
    url = space.url.replace(str(samba.port), str(wire.port))
    store = open_smb(type(space)(space.name, url, {**space.options, "timeout": timeout}))
    yield wire, store, direct
    store.close()
    direct.close()
    wire.close()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()
    gc.unfreeze()


def survive(place, fault, name):
    wire, store, direct = place
    version = store.write("slot/key", OLD)
    store.write("slot/other", OLD)
    assert store.capabilities.conditional_write
    wire.break_with(fault)
    try:
        answer = CALLS[name](store, version)
    except (StoreUnavailable, Conflict):
        answer = None
    assert answer is not None or fault.kind not in HARMLESS
    wire.heal()
    look(direct, name, answer)
    # and with a good wire everything works again
    store.write("slot/again", NEW)
    assert store.read(["slot/again"])["slot/again"].data == NEW


def look(direct, name, answer):
    found = {key: blob.data for key, blob in direct.read(["slot/key", "slot/other", "slot/new", "history/key"]).items()}
    assert found["slot/key"] in ((OLD, NEW) if name == "replace" else (OLD,))
    assert found.get("slot/new") in (None, NEW)
    assert found.get("history/key") in (None, OLD)
    assert found.get("slot/other") in ((None, OLD) if name == "delete" else (OLD,))
    if answer is None:
        return
    if name == "replace":
        assert found["slot/key"] == NEW
    elif name == "create":
        assert found["slot/new"] == NEW
    elif name == "copy":
        assert found["history/key"] == OLD
    elif name == "delete":
        assert "slot/other" not in found
    elif name == "read":
        assert {key: blob.data for key, blob in answer.items()} == {"slot/key": OLD, "slot/other": OLD}
    else:
        assert [entry.key for entry in answer.entries] == ["slot/key", "slot/other"]


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_s3_keeps_old_or_new(on_s3, fault, name):
    survive(on_s3, fault, name)


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_smb_keeps_old_or_new(on_smb, fault, name):
    survive(on_smb, fault, name)
