"""A process that forks after it has published."""

import os
import signal

import pytest
from slot_pictures import mask, picture, shades, storage_over
from slot_stores import local_store

from datasete.bus import Bus


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_child_of_a_fork_publishes(tmp_path):
    bus = Bus(storage_over(local_store(tmp_path)))
    bus.publish("cp1", [picture(1)], [mask(1)])
    child = os.fork()
    if child == 0:
        signal.alarm(30)  # ends it where it hangs
        bus.publish("cp1", [picture(2)], [mask(2)])
        bus.close()
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert shades(bus.load("cp1")) == ([2], [2])
    bus.close()
