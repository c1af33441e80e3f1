import pytest
from botocore.exceptions import ClientError

from datasete.testing.storage import RefreshChecks, StorageConformance, StrictArgumentChecks
from datasete_cache.disk_cache import DiskCache
from datasete_cache.store import CachedStore
from datasete_fsspec.s3 import open_store


class OnServer:
    @pytest.fixture
    def space(self, server):
        return server.space()

    @pytest.fixture
    def store(self, space):
        store = open_store(space)
        yield store
        store.close()

    @pytest.fixture
    def peer(self, space, store):
        peer = open_store(space)
        yield peer
        peer.close()

    @pytest.fixture(autouse=True)
    def back_door(self, server):
        self.client = server.client

    def raw_read(self, store, key):
        try:
            answer = self.client.get_object(Bucket="bkt", Key=store.bucket.root + key)
        except ClientError:
            return None
        with answer["Body"] as body:
            return body.read()

    def raw_write(self, store, key, data):
        self.client.put_object(Bucket="bkt", Key=store.bucket.root + key, Body=data)


class TestS3OnSeaweedFS(OnServer, StorageConformance, StrictArgumentChecks, RefreshChecks):
    @pytest.fixture
    def server(self, seaweedfs):
        return seaweedfs


class TestS3OnMoto(OnServer, StorageConformance, StrictArgumentChecks, RefreshChecks):
    @pytest.fixture
    def server(self, moto):
        return moto


class TestS3OnUnconditionalGateway(OnServer, StorageConformance, StrictArgumentChecks):
    @pytest.fixture
    def server(self, unconditional_gateway):
        return unconditional_gateway

    @pytest.fixture
    def space(self, server):
        return server.space(single_writer=True)

    @pytest.fixture
    def peer(self, store):
        return store  # single-writer mode: conditions hold within one store


class TestCachedS3(OnServer, StorageConformance, StrictArgumentChecks):
    """The same through a cache, and its peer through a cache of its own."""

    @pytest.fixture
    def server(self, seaweedfs):
        return seaweedfs

    @pytest.fixture
    def store(self, space, tmp_path):
        store = CachedStore(open_store(space), DiskCache(tmp_path / "cache", 10_000_000))
        yield store
        store.close()

    @pytest.fixture
    def peer(self, space, store, tmp_path):
        peer = CachedStore(open_store(space), DiskCache(tmp_path / "another", 10_000_000))
        yield peer
        peer.close()

    def raw_read(self, store, key):
        return super().raw_read(store.inner, key)

    def raw_write(self, store, key, data):
        super().raw_write(store.inner, key, data)
