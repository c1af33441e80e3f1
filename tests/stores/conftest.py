"""Real servers as fixtures, started with their first test and stopped with the last."""

import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
SERVERS = ("seaweedfs", "moto", "careless_gateway", "samba")

sys.path.insert(0, str(HERE / "kit"))


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
def seaweedfs(tmp_path_factory):
    pytest.importorskip("botocore")
    from s3_servers import seaweedfs

    with seaweedfs(tmp_path_factory.mktemp("seaweedfs")) as server:
        yield server


@pytest.fixture(scope="session")
def moto(tmp_path_factory):
    from s3_servers import moto

    with moto(tmp_path_factory.mktemp("moto")) as server:
        yield server


@pytest.fixture(scope="session")
def careless_gateway(tmp_path_factory):
    """An S3 service that takes conditions and ignores them."""
    from s3_servers import moto

    with moto(tmp_path_factory.mktemp("careless"), ignores_conditions=True) as server:
        yield server


@pytest.fixture(scope="session")
def samba(tmp_path_factory):
    from smb_server import samba

    with samba(tmp_path_factory.mktemp("samba")) as server:
        yield server
