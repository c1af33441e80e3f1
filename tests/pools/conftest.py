"""Pools over the memory store and over the local disk."""

import io
import itertools

import pytest
from PIL import Image

from datasete.config import LimitSettings, PluginSettings
from datasete.hooks.manager import build_hooks
from datasete.plugin import Space
from datasete.pools import Pools, Upload
from datasete.storage import Storage

numbers = itertools.count()


def open_storage(url, name="pools"):
    space = Space(name, url)
    return Storage(build_hooks(PluginSettings()).open_store(space), space)


class Clock:
    """Unix seconds that a test moves."""

    def __init__(self):
        self.now = 1_700_000_000.0

    def __call__(self):
        return self.now


@pytest.fixture(params=["memory", "local"])
def storage(request, tmp_path):
    if request.param == "memory":
        return open_storage(f"memory://pools-{next(numbers)}")
    return open_storage(str(tmp_path / "grid_pool"))


@pytest.fixture
def reopen(storage):
    """The same space through a second storage, as another process has it."""
    return lambda: open_storage(storage.space.url)


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
