"""Fixtures of the batch tests."""

import pytest
from batch_desk import SIX, Desk

from datasete.config import BatchSettings


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
