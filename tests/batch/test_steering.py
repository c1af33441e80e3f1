"""Pause, resume and reset, and what of it is shown."""

import pytest
from batch_desk import SIX, key

from datasete.batch.service import Batches
from datasete.batch.state import Status
from datasete.errors import NotFound
from datasete.host.api import BareHost
from datasete.testing.runs import memory_host


def test_a_paused_batch_triggers_nothing_and_its_late_run_does_nothing(desk):
    desk.press()
    desk.run(2)
    desk.batches.pause(key(desk))
    desk.run()
    assert desk.done == SIX[:2]
    assert desk.batch.status is Status.PAUSED


def test_a_paused_batch_resumes_without_a_press(desk):
    desk.press()
    desk.run(2)
    desk.batches.pause(key(desk))
    desk.run()
    desk.batches.resume(key(desk))
    desk.run()
    assert desk.done == SIX


@pytest.mark.parametrize("paused", [False, True])
def test_a_walk_whose_next_run_was_taken_off_the_queue_is_shown_as_stopped_and_goes_on(desk, paused):
    desk.press()
    desk.run(2)
    desk.runs.waiting.clear()
    (told,) = desk.batches.describe_all()
    assert (told["state"], told["eta"], told["index"]) == ("stopped", None, 2)
    assert "taken off the queue" in told["message"]
    assert desk.batch.status is Status.RUNNING  # looking changes nothing
    if paused:
        desk.batches.pause(key(desk))
    assert desk.batches.describe(desk.batches.resume(key(desk)))["state"] == "walking"
    assert len(desk.runs.waiting) == 1
    desk.run()
    assert desk.done == SIX


def test_a_walk_whose_next_run_waits_is_not_shown_as_stopped(desk):
    desk.press()
    desk.run(2)
    assert desk.batches.describe_all()[0]["state"] == "walking"
    assert desk.batches.describe(desk.batches.find(key(desk)))["state"] == "walking"


def test_another_process_does_not_take_the_next_run_for_lost(desk, tmp_path):
    desk.press()
    desk.run(2)
    for host in (memory_host(tmp_path)[0], BareHost(tmp_path / "input", tmp_path / "output", tmp_path / "user")):
        other = Batches(host, desk.hooks, tmp_path / "user" / "batches.sqlite")
        assert other.describe_all()[0]["state"] == "walking"
        other.close()


def test_a_press_resumes_a_paused_batch(desk):
    desk.press()
    desk.run(2)
    desk.batches.pause(key(desk))
    desk.press()
    desk.run()
    assert desk.done == SIX


def test_resuming_while_the_paused_trigger_is_still_out_fires_no_second_one(desk):
    desk.press()
    desk.run(2)
    desk.batches.pause(key(desk))
    desk.batches.resume(key(desk))
    assert len(desk.runs.waiting) == 1
    desk.run()
    assert desk.done == SIX


def test_a_reset_batch_begins_at_the_beginning_with_the_next_press_only(desk):
    desk.press()
    desk.run(2)
    desk.batches.reset(key(desk))
    desk.run()
    assert desk.done == SIX[:2]
    desk.press()
    desk.run()
    assert desk.done == SIX[:2] + SIX


def test_a_batch_that_is_not_there_is_said_so(desk):
    for action in (desk.batches.pause, desk.batches.resume, desk.batches.reset, desk.batches.skipped):
        with pytest.raises(NotFound, match="no batch"):
            action("nonsense")


def test_going_on_fires_no_trigger_beside_one_that_waits(desk):
    desk.press()
    desk.press()
    desk.run(1)
    desk.run(1, fail={SIX[1]: ValueError("failed")})
    (left,) = desk.runs.waiting
    desk.batches.resume(desk.batches.all()[0].key)
    assert desk.runs.waiting == [left]
    desk.run()
    assert desk.done == SIX
    assert desk.batch.status is Status.FINISHED
