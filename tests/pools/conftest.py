"""Pools over the memory store and over the local disk."""

import io
import itertools

import pytest
from moving_clock import Clock
from PIL import Image

from datasete.config import LimitSettings, PluginSettings
from datasete.hooks.manager import build_hooks
from datasete.plugin import Space
from datasete.pools import Pools, Upload
from datasete.storage import Storage

numbers = itertools.count()


def open_store(url):
    return build_hooks(PluginSettings()).open_store(Space("pools", url))


@pytest.fixture(params=["memory", "local"])
def url(request, tmp_path):
    return f"memory://pools-{next(numbers)}" if request.param == "memory" else str(tmp_path / "grid_pool")


@pytest.fixture
def store(url):
    return open_store(url)


@pytest.fixture
def storage(store, url):
    return Storage(store, Space("pools", url))


@pytest.fixture
def reopen(storage):
    """The same space through a second storage, as another process has it."""
    return lambda: Storage(open_store(storage.space.url), storage.space)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def changes():
    return []


@pytest.fixture
def pools(storage, clock, changes):
    return Pools(storage, LimitSettings(), changed=lambda *what: changes.append(what), clock=clock)


@pytest.fixture
def make_picture():
    """`picture(7)`: an encoded picture unlike that of any other number."""

    def make(number=0, size=(8, 6), mode="RGB", form="PNG"):
        file = io.BytesIO()
        color = (number % 256, number // 256 % 256, number // 65536)
        Image.new("RGB", size, color).convert(mode).save(file, form)
        return file.getvalue()

    return make


@pytest.fixture
def fill(pools, make_picture):
    """`fill("p", 3)`: add pictures labelled 0, 1, 2 and return their names."""

    def make(pool_id, count, first=0):
        uploads = [Upload(make_picture(number), label=str(number)) for number in range(first, first + count)]
        manifest, refused = pools.add(pool_id, uploads)
        assert not refused
        return [picture.image for picture in manifest.pictures[-count:]]

    return make


class Spy:
    """A real store that counts writes by key, and loses the answers to some."""

    def __init__(self, inner):
        self.inner, self.written, self.lost = inner, [], 0

    capabilities = property(lambda self: self.inner.capabilities)

    def __getattr__(self, name):
        return getattr(self.inner, name)

    def write(self, key, data, when):
        self.written.append(key)
        version = self.inner.write(key, data, when)
        if self.lost:
            self.lost -= 1
            raise ConnectionResetError("lost")
        return version


@pytest.fixture
def spy(store):
    return Spy(store)


@pytest.fixture
def spied(spy, storage):
    return Pools(Storage(spy, storage.space, sleep=lambda _: None))
