"""Eight processes edit one manifest: every edit is there, once."""

import os

import pytest
from racing_writers import race

WRITERS, EDITS = 8, 50 if os.environ.get("CI") == "true" else 10


@pytest.mark.parametrize("server", ["seaweedfs", "moto", "samba"])
def test_processes_lose_no_edit(server, request):
    edits = race(request.getfixturevalue(server).space(), WRITERS, EDITS)
    assert len(edits) == WRITERS * EDITS
    assert set(edits.values()) == {1}
