"""The two stores that are always there, and stores that can do less."""

from __future__ import annotations

import contextlib
import itertools
import os
import tempfile
from pathlib import Path

import pytest

from datasete.config import PluginSettings
from datasete.hooks.manager import build_hooks
from datasete.plugin import ANY, Capabilities, Space

numbers = itertools.count()


def memory_store():
    """A memory store of its own."""
    return build_hooks(PluginSettings()).open_store(Space("bus", f"memory://bus-tests-{next(numbers)}"))


def local_store(folder):
    """A store in `folder`."""
    return build_hooks(PluginSettings()).open_store(Space("bus", str(folder)))


class Plain:
    """A real store whose conditions and copies are taken away, as with the plainest file systems."""

    capabilities = Capabilities(atomic_replace=True, conditional_write=False, server_copy=False)

    def __init__(self, inner):
        self.inner = inner

    def write(self, key, data, when=ANY):
        assert when is ANY, "this store was said to have no conditions"
        return self.inner.write(key, data)

    def copy(self, source, target, version=None):
        return self.inner.copy(source, target)

    def delete(self, keys, versions=None):
        assert not versions, "this store was said to have no conditions"
        return self.inner.delete(keys)

    def __getattr__(self, name):
        return getattr(self.inner, name)


@pytest.fixture
def quick_folder(tmp_path):
    """A folder where a disk need not be waited for, if this machine has one: for tests that sync thousands of times."""
    with contextlib.ExitStack() as cleanup:
        memory = Path("/dev/shm")
        if os.access(memory, os.W_OK):
            tmp_path = Path(cleanup.enter_context(tempfile.TemporaryDirectory(dir=memory, prefix="datasete-")))
        yield tmp_path


@pytest.fixture(params=["memory", "local"])
def store(request, tmp_path):
    """Each of the two in turn."""
    return memory_store() if request.param == "memory" else local_store(tmp_path / "bus")
