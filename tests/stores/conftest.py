"""Real servers as fixtures, started with their first test and stopped with the last."""

import contextlib
import functools
from pathlib import Path

import pytest
from filelock import FileLock

HERE = Path(__file__).parent
SERVERS = ("seaweedfs", "moto", "unconditional_gateway", "samba")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Several test processes share the work, but all tests of a server go to one: it is started once."""
    for item in items:
        if HERE in item.path.parents:
            named = {*item.fixturenames, *map(str, getattr(getattr(item, "callspec", None), "params", {}).values())} & {
                *SERVERS
            }
            item.add_marker(pytest.mark.xdist_group("+".join(sorted(named)) or "no server"))


@pytest.fixture(scope="session")
def one_at_a_time(tmp_path_factory):
    """Test processes start their servers one after the other, so that no two take one port."""
    return FileLock(tmp_path_factory.getbasetemp().parent / "servers.lock")


@contextlib.contextmanager
def started(server, lock, attempts=3):
    with contextlib.ExitStack() as stack:
        with lock:
            for attempt in range(attempts):
                try:
                    running = stack.enter_context(server())
                    break
                except RuntimeError:  # a port was taken meanwhile
                    if attempt == attempts - 1:
                        raise
        yield running


@pytest.fixture(scope="session")
def seaweedfs(tmp_path_factory, one_at_a_time):
    from s3_servers import seaweedfs

    with started(lambda: seaweedfs(tmp_path_factory.mktemp("seaweedfs")), one_at_a_time) as server:
        yield server


@pytest.fixture(scope="session")
def moto(tmp_path_factory, one_at_a_time):
    from s3_servers import moto

    with started(lambda: moto(tmp_path_factory.mktemp("moto")), one_at_a_time) as server:
        yield server


@pytest.fixture(scope="session")
def unconditional_gateway(tmp_path_factory, one_at_a_time):
    """An S3 service that takes conditions and ignores them."""
    from s3_servers import moto

    make = functools.partial(moto, ignores_conditions=True)
    with started(lambda: make(tmp_path_factory.mktemp("unconditional")), one_at_a_time) as server:
        yield server


@pytest.fixture(scope="session")
def samba(tmp_path_factory, one_at_a_time):
    from smb_server import samba

    with started(lambda: samba(tmp_path_factory.mktemp("samba")), one_at_a_time) as server:
        yield server


@pytest.fixture(params=["seaweedfs", "samba"])
def server(request):
    """A bucket, then a share."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def wire(server):
    """A line to `server` that can be cut."""
    from wire import Wire

    made = Wire(server.port)
    yield made
    made.close()
