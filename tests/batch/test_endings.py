"""How runs end, and what that means for their batch."""

from batch_desk import SIX, cancelled_late, key

from datasete.batch.state import SKIP, Status
from datasete.host.api import Interrupted


def test_a_failed_run_leaves_the_batch_on_its_file(desk):
    desk.press()
    desk.run(fail={"3.png": ValueError("no memory")})
    assert (desk.batch.status, desk.batch.progress.position, desk.batch.message) == (Status.STOPPED, 2, "no memory")
    assert desk.runs.waiting == []
    desk.press()
    desk.run()
    assert desk.done == SIX


def test_presses_that_were_queued_before_a_failure_do_not_repeat_it(desk):
    for _ in range(5):
        desk.press()
    desk.run(fail={"2.png": ValueError("broken")})
    assert desk.done == ["1.png"]
    assert len(desk.held) == 4


def test_a_failed_run_is_recorded_and_skipped_on_request(desk):
    desk.press(errors=SKIP)
    desk.run(fail={"3.png": ValueError("no memory")})
    assert desk.done == [name for name in SIX if name != "3.png"]
    (skipped,) = desk.batches.skipped(desk.batches.all()[0].key)
    assert (skipped.name, skipped.reason) == ("3.png", "no memory")


def test_cancel_keeps_the_place(desk):
    desk.press()
    desk.run(fail={"4.png": Interrupted()})
    assert desk.batch.status is Status.STOPPED
    desk.press()
    desk.run()
    assert desk.done == SIX


def test_a_cancel_that_comes_when_the_file_is_done_already_ends_the_walk_behind_it(desk):
    cancelled_late(desk)
    assert desk.done == SIX[:3]
    assert (desk.batch.status, desk.batch.progress.position, desk.batch.progress.done) == (Status.STOPPED, 3, 3)
    assert "cancelled" in desk.batch.message
    assert desk.runs.waiting == []
    desk.host.stopping = False
    desk.batches.resume(key(desk))
    desk.run()
    assert desk.done == SIX


def test_a_cancel_that_comes_too_late_skips_no_file_when_errors_are_skipped(desk):
    cancelled_late(desk, SKIP)
    assert desk.done == SIX
    assert desk.batches.skipped(key(desk)) == []


def test_a_cancel_that_comes_when_the_last_file_is_done_changes_nothing(desk):
    cancelled_late(desk, at="6.png")
    assert (desk.done, desk.batch.status, desk.batch.message) == (SIX, Status.FINISHED, "")


def test_a_cancelled_run_is_recorded_and_skipped_when_errors_are(desk):
    desk.press(errors=SKIP)
    desk.run(fail={"4.png": Interrupted()})
    (skipped,) = desk.batches.skipped(desk.batches.all()[0].key)
    assert (skipped.name, skipped.reason) == ("4.png", "The run was cancelled.")
    assert desk.done == [name for name in SIX if name != "4.png"]


def test_a_success_counts_although_the_history_was_cleared(desk):
    desk.press()
    while desk.runs.waiting:
        desk.run(1)
        desk.runs.history.clear()
    assert desk.done == SIX


def test_a_triggered_run_that_fails_before_its_loader_stops_the_batch(desk):
    desk.press()
    desk.run(1)

    def fail(prompt):
        raise ValueError("another node")

    desk.runs.run_next(fail)
    assert (desk.batch.status, desk.batch.message) == (Status.STOPPED, "another node")
    desk.press()
    desk.run()
    assert desk.done == SIX
