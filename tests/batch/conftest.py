"""Fixtures of the batch tests."""

import sys
from pathlib import Path

import pytest

from datasete.config import BatchSettings

sys.path.insert(0, str(Path(__file__).parent / "kit"))

from batch_desk import SIX, Desk


@pytest.fixture
def desk(tmp_path):
    desk = Desk(tmp_path)
    desk.fill(*SIX)
    yield desk
    desk.batches.close()
    desk.hooks.close()


@pytest.fixture
def asking(tmp_path):
    """A host whose trigger asks somebody else to queue."""
    desk = Desk(tmp_path, BatchSettings(trigger="browser"))
    desk.fill(*SIX)
    yield desk
    desk.batches.close()
    desk.hooks.close()
