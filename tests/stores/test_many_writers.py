"""Eight processes edit one manifest: every edit is there, once."""

import pytest
from racing_writers import race
from scale import rounds

WRITERS, EDITS = 8, rounds(10, ci=50)


@pytest.mark.parametrize("server", ["seaweedfs", "moto", "samba"])
def test_processes_lose_no_edit(server, request):
    edits = race(request.getfixturevalue(server).space(), WRITERS, EDITS)
    assert len(edits) == WRITERS * EDITS
    assert set(edits.values()) == {1}
