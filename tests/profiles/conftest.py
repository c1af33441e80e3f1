"""Profiles over the memory store and over the local disk."""

import io
import itertools

import pytest
from moving_clock import Clock
from PIL import Image

from datasete.config import PluginSettings
from datasete.hooks.manager import build_hooks
from datasete.plugin import Space
from datasete.pools import Pools, Upload, commands
from datasete.profiles import Profiles
from datasete.profiles.transfer import ProfileTransfer
from datasete.storage import Storage

numbers = itertools.count()


@pytest.fixture(params=["memory", "local"])
def space(request, tmp_path):
    memory = f"memory://profiles-{next(numbers)}"
    return Space("pools", memory if request.param == "memory" else str(tmp_path / "grid_pool"))


@pytest.fixture
def store(space):
    return build_hooks(PluginSettings()).open_store(space)


@pytest.fixture
def storage(store, space):
    return Storage(store, space)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def pools(storage, clock):
    return Pools(storage, clock=clock)


@pytest.fixture
def profiles(pools, clock):
    return Profiles(pools, clock=clock)


@pytest.fixture
def make_picture():
    def make(number=0, size=(8, 6), mode="RGB", form="PNG"):
        file = io.BytesIO()
        Image.new("RGB", size, (number % 256, number // 256 % 256, 7)).convert(mode).save(file, form)
        return file.getvalue()

    return make


@pytest.fixture
def filled(profiles, pools, make_picture):
    """`filled("cats", 3)`: a profile with pictures labelled 0, 1, 2; the second has a mask and is active."""

    def make(name, count=3):
        profile = profiles.create(name)
        uploads = [
            Upload(make_picture(n), label=str(n), mask=make_picture(n + 100, mode="L") if n == 1 else None)
            for n in range(count)
        ]
        manifest, _ = pools.add(profile.id, uploads)
        if count > 1:
            pools.edit(profile.id, commands.activate(manifest.pictures[1].image))
        return profile

    return make


@pytest.fixture(scope="module")
def hooks():
    built = build_hooks(PluginSettings())
    yield built
    built.close()


@pytest.fixture
def transfer(profiles, hooks):
    return ProfileTransfer(profiles, hooks, lambda: 1_000_000_000)
