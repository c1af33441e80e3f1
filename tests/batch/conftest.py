"""Fixtures of the batch tests."""

import pytest
from batch_studio import SIX, BatchStudio

from datasete.config import BatchSettings


@pytest.fixture
def studio(tmp_path):
    studio = BatchStudio(tmp_path)
    studio.fill(*SIX)
    yield studio
    studio.batches.close()
    studio.hooks.close()


@pytest.fixture
def asking(tmp_path):
    """A host whose trigger asks somebody else to queue."""
    studio = BatchStudio(tmp_path, BatchSettings(trigger="browser"))
    studio.fill(*SIX)
    yield studio
    studio.batches.close()
    studio.hooks.close()
