"""How runs end, what that means for their batch, and how a batch continues when the server starts again."""

import shutil
from itertools import count

import pytest
from batch_studio import SIX, BatchStudio, cancelled_late, key

from datasete.batch.service import Batches
from datasete.batch.state import CONTINUE, SKIP, STOP, Status
from datasete.config import BatchSettings
from datasete.errors import Conflict
from datasete.host.api import Interrupted
from datasete.testing.runs import memory_host


def test_a_failed_run_leaves_the_batch_on_its_file(studio):
    studio.press()
    studio.run(fail={"3.png": ValueError("no memory")})
    assert (studio.batch.status, studio.batch.progress.position, studio.batch.message) == (
        Status.STOPPED,
        2,
        "no memory",
    )
    assert studio.runs.waiting == []
    studio.press()
    studio.run()
    assert studio.done == SIX


def test_presses_that_were_queued_before_a_failure_do_not_repeat_it(studio):
    for _ in range(5):
        studio.press()
    studio.run(fail={"2.png": ValueError("broken")})
    assert studio.done == ["1.png"]
    assert len(studio.held) == 4


def test_a_failed_run_is_recorded_and_skipped_on_request(studio):
    studio.press(errors=SKIP)
    studio.run(fail={"3.png": ValueError("no memory")})
    assert studio.done == [name for name in SIX if name != "3.png"]
    (skipped,) = studio.batches.skipped(studio.batches.all()[0].key)
    assert (skipped.name, skipped.reason) == ("3.png", "no memory")


def test_cancel_keeps_the_place(studio):
    studio.press()
    studio.run(fail={"4.png": Interrupted()})
    assert studio.batch.status is Status.STOPPED
    studio.press()
    studio.run()
    assert studio.done == SIX


def test_a_cancel_that_comes_when_the_file_is_done_already_ends_the_walk_behind_it(studio):
    cancelled_late(studio)
    assert studio.done == SIX[:3]
    assert (studio.batch.status, studio.batch.progress.position, studio.batch.progress.done) == (Status.STOPPED, 3, 3)
    assert "cancelled" in studio.batch.message
    assert studio.runs.waiting == []
    studio.host.stopping = False
    studio.batches.resume(key(studio))
    studio.run()
    assert studio.done == SIX


def test_a_cancel_that_comes_too_late_ends_the_walk_when_errors_are_skipped_too(studio):
    cancelled_late(studio, SKIP)
    assert studio.done == SIX[:3]
    assert (studio.batch.status, studio.batch.progress.position) == (Status.STOPPED, 3)
    assert studio.batches.skipped(key(studio)) == []


def test_a_cancel_that_comes_when_the_last_file_is_done_changes_nothing(studio):
    cancelled_late(studio, at="6.png")
    assert (studio.done, studio.batch.status, studio.batch.message) == (SIX, Status.FINISHED, "")


def test_a_cancelled_run_stops_the_walk_when_errors_are_skipped_too(studio):
    studio.press(errors=SKIP)
    studio.run(fail={"4.png": Interrupted()})
    assert (studio.batch.status, studio.batch.progress.position) == (Status.STOPPED, 3)
    assert (studio.batches.skipped(key(studio)), studio.runs.waiting) == ([], [])
    studio.batches.resume(key(studio))
    studio.run()
    assert studio.done == SIX


@pytest.mark.parametrize("errors", [STOP, SKIP])
def test_a_queue_that_is_cleared_during_a_run_ends_the_walk_behind_its_file(studio, errors):
    def take(prompt):
        studio.take(prompt)
        if studio.done[-1] == "3.png":
            studio.runs.clear()

    studio.press(errors=errors)
    studio.runs.run_all(take)
    assert (studio.done, studio.runs.waiting) == (SIX[:3], [])
    assert (studio.batch.status, studio.batch.progress.position, studio.batch.message) == (
        Status.STOPPED,
        3,
        "The queue was cleared.",
    )
    studio.batches.resume(key(studio))
    studio.run()
    assert studio.done == SIX


def test_a_file_that_fails_while_the_queue_is_cleared_is_skipped_and_ends_the_walk(studio):
    def take(prompt):
        studio.take(prompt)
        if studio.done[-1] == "3.png":
            studio.runs.clear()
            raise ValueError("broken")

    studio.press(errors=SKIP)
    studio.runs.run_all(take)
    assert [item.name for item in studio.batches.skipped(key(studio))] == ["3.png"]
    assert (studio.batch.status, studio.batch.progress.position, studio.runs.waiting) == (Status.STOPPED, 3, [])


def test_a_queue_that_is_cleared_during_the_last_run_changes_nothing(studio):
    studio.press()
    studio.runs.run_all(lambda prompt: (studio.take(prompt), studio.runs.clear() if len(studio.done) == 6 else None))
    assert (studio.batch.status, studio.batch.message) == (Status.FINISHED, "")


def test_who_stopped_a_run_is_shown(studio):
    def take(prompt):
        studio.take(prompt)
        if studio.done[-1] == "2.png":
            studio.batches.note_stop(prompt.prompt_id, "Stopped at a gate.")
            raise Interrupted

    studio.press()
    studio.runs.run_all(take)
    assert studio.batch.message == "Stopped at a gate."
    studio.batches.note_stop("another", "By nobody.")
    studio.batches.resume(key(studio))
    studio.run(fail={"4.png": Interrupted()})
    assert studio.batch.message == "The run was cancelled."


def test_a_success_counts_although_the_history_was_cleared(studio):
    studio.press()
    while studio.runs.waiting:
        studio.run(1)
        studio.runs.history.clear()
    assert studio.done == SIX


def test_a_triggered_run_that_fails_before_its_loader_stops_the_batch(studio):
    studio.press()
    studio.run(1)

    def fail(prompt):
        raise ValueError("another node")

    studio.runs.run_next(fail)
    assert (studio.batch.status, studio.batch.message) == (Status.STOPPED, "another node")
    studio.press()
    studio.run()
    assert studio.done == SIX


def test_a_walk_goes_on_by_itself_when_the_server_starts_again(studio):
    studio.press()
    studio.run(2)
    studio.restart()
    studio.run()
    assert studio.done == SIX


@pytest.mark.parametrize("done", [0, 1, 2])
def test_the_night_that_the_server_was_off_does_not_count_for_the_eta(studio, done):
    class Dead(BaseException):
        pass

    def die(prompt):
        studio.take(prompt)
        raise Dead

    studio.press()
    studio.run(done)
    with pytest.raises(Dead):
        studio.runs.run_next(die)
    studio.batches.close()
    studio.host, studio.runs = memory_host(studio.tmp_path)
    studio.runs.clock = count(1_700_030_000_000, 2000).__next__
    studio.open()
    studio.batches.revive()
    studio.run(1)
    (told,) = studio.batches.describe_all()
    assert 0 < told["eta"] < 600


def test_a_file_that_was_at_work_when_the_server_died_is_done_again(studio):
    studio.press()
    studio.run(2)

    class Dead(BaseException):
        pass

    def die(prompt):
        studio.take(prompt)
        raise Dead

    with pytest.raises(Dead):
        studio.runs.run_next(die)
    studio.restart()
    studio.run()
    assert studio.done == [*SIX[:3], *SIX[2:]]


def test_a_file_over_which_the_server_dies_twice_waits_for_a_person(studio):
    class Dead(BaseException):
        pass

    def die(prompt):
        studio.take(prompt)
        raise Dead

    studio.press()
    for _ in range(2):
        with pytest.raises(Dead):
            studio.runs.run_next(die)
        studio.restart()
    assert studio.runs.waiting == []
    assert studio.batch.status is Status.STOPPED
    studio.press()
    studio.run()
    assert studio.done == ["1.png", *SIX[0:1], *SIX]


def test_a_trigger_that_was_lost_between_state_and_queue_is_fired_again_under_its_ticket(studio):
    lost = []

    class Dead(BaseException):
        pass

    def die(prompt):
        lost.append(prompt.prompt_id)
        raise Dead

    studio.press()
    studio.runs.enqueue = die
    with pytest.raises(Dead):
        studio.run(1)
    studio.restart()
    assert [prompt.prompt_id for prompt in studio.runs.waiting] == lost
    studio.run()
    assert studio.done == SIX


def test_a_batch_whose_prompt_carried_secrets_waits_for_a_press(studio, tmp_path):
    studio.runs.press(
        {"0": {"class_type": "X", "inputs": {"directory": "photos", "mode": CONTINUE, "errors": STOP, "start": 0}}},
        secrets={"api_key_comfy_org": "hush-hush"},
    )
    studio.run(2)
    assert studio.runs.waiting[0].secrets == {"api_key_comfy_org": "hush-hush"}
    studio.restart()
    assert studio.runs.waiting == []
    assert "Press Queue" in studio.batch.message
    assert all(b"hush-hush" not in file.read_bytes() for file in (tmp_path / "user").iterdir())
    with pytest.raises(Conflict, match="cannot continue"):
        studio.batches.resume(key(studio))
    studio.press()
    studio.run()
    assert studio.done == SIX


def test_extra_data_that_nobody_knows_is_taken_for_a_secret(studio, tmp_path):
    studio.press(token_of_another_pack="hush-hush")
    studio.run(2)
    assert all(b"hush-hush" not in file.read_bytes() for file in (tmp_path / "user").iterdir())


def test_a_walk_waits_for_a_press_when_the_configuration_says_so(tmp_path):
    studio = BatchStudio(tmp_path, BatchSettings(resume=False))
    studio.fill(*SIX)
    studio.press()
    studio.run(2)
    studio.restart()
    assert studio.runs.waiting == []
    assert "restarted" in studio.batch.message
    studio.press()
    studio.run()
    assert studio.done == SIX
    studio.batches.close()


def test_a_second_process_leaves_a_walk_alone(studio, tmp_path):
    studio.press()
    studio.run(2)
    before = len(studio.runs.waiting)
    host, runs = memory_host(tmp_path)
    other = Batches(host, studio.hooks, tmp_path / "user" / "batches.sqlite")
    other.revive()
    assert runs.waiting == []
    assert len(studio.runs.waiting) == before
    other.close()


def test_two_loaders_that_were_cut_off_together_go_on_together(studio, tmp_path):
    shutil.copytree(studio.folder, tmp_path / "input" / "more")
    studio.press(folders=("photos", "more"))
    studio.run(2)
    studio.restart()
    assert len(studio.runs.waiting) == 1
    studio.run()
    assert studio.done == [name for name in SIX for _ in range(2)]


def test_a_start_that_is_noticed_late_leaves_the_run_at_work_alone(studio):
    def take(prompt):
        studio.take(prompt)
        studio.batches.revive()

    studio.press()
    studio.runs.run_next(take)
    assert len(studio.runs.waiting) == 1
    studio.run()
    assert studio.done == SIX
