"""The core nodes over fresh folders, and real photographs to give them."""

import pytest
from photographs import photograph

from datasete.workbench.folders import Folders
from datasete.workbench.nodes import add_core_nodes
from datasete.workbench.registry import Registry


@pytest.fixture
def folders(tmp_path):
    made = Folders(tmp_path)
    made.prepare()
    return made


@pytest.fixture
def nodes(folders):
    registry = Registry()
    add_core_nodes(registry, folders)
    return {name: node() for name, node in registry.classes.items()}


@pytest.fixture
def give(folders):
    def put(name, as_name=None):
        source = photograph(name)
        target = folders.input / (as_name or source.name)
        target.write_bytes(source.read_bytes())
        return target.name

    return put
