"""Real servers as fixtures, started with their first test and stopped with the last."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "kit"))


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
