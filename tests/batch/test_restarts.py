"""The server dies and is started again: a walk goes on where it was."""

import shutil
from itertools import count

import pytest
from batch_desk import SIX, Desk, key

from datasete.batch.service import Batches
from datasete.batch.state import CONTINUE, STOP, Status
from datasete.config import BatchSettings
from datasete.errors import Conflict
from datasete.testing.runs import memory_host


def test_a_walk_goes_on_by_itself_when_the_server_starts_again(desk):
    desk.press()
    desk.run(2)
    desk.restart()
    desk.run()
    assert desk.done == SIX


@pytest.mark.parametrize("done", [0, 1, 2])
def test_the_night_that_the_server_was_off_does_not_count_for_the_eta(desk, done):
    class Dead(BaseException):
        pass

    def die(prompt):
        desk.take(prompt)
        raise Dead

    desk.press()
    desk.run(done)
    with pytest.raises(Dead):
        desk.runs.run_next(die)
    desk.batches.close()
    desk.host, desk.runs = memory_host(desk.tmp_path)
    desk.runs.clock = count(1_700_030_000_000, 2000).__next__
    desk.open()
    desk.batches.revive()
    desk.run(1)
    (told,) = desk.batches.describe_all()
    assert 0 < told["eta"] < 600


def test_a_file_that_was_at_work_when_the_server_died_is_done_again(desk):
    desk.press()
    desk.run(2)

    class Dead(BaseException):
        pass

    def die(prompt):
        desk.take(prompt)
        raise Dead

    with pytest.raises(Dead):
        desk.runs.run_next(die)
    desk.restart()
    desk.run()
    assert desk.done == [*SIX[:3], *SIX[2:]]


def test_a_file_over_which_the_server_dies_twice_waits_for_a_person(desk):
    class Dead(BaseException):
        pass

    def die(prompt):
        desk.take(prompt)
        raise Dead

    desk.press()
    for _ in range(2):
        with pytest.raises(Dead):
            desk.runs.run_next(die)
        desk.restart()
    assert desk.runs.waiting == []
    assert desk.batch.status is Status.STOPPED
    desk.press()
    desk.run()
    assert desk.done == ["1.png", *SIX[0:1], *SIX]


def test_a_trigger_that_was_lost_between_state_and_queue_is_fired_again_under_its_ticket(desk):
    lost = []

    class Dead(BaseException):
        pass

    def die(prompt):
        lost.append(prompt.prompt_id)
        raise Dead

    desk.press()
    desk.runs.enqueue = die
    with pytest.raises(Dead):
        desk.run(1)
    desk.restart()
    assert [prompt.prompt_id for prompt in desk.runs.waiting] == lost
    desk.run()
    assert desk.done == SIX


def test_a_batch_whose_prompt_carried_secrets_waits_for_a_press(desk, tmp_path):
    desk.runs.press(
        {"0": {"class_type": "X", "inputs": {"directory": "photos", "mode": CONTINUE, "errors": STOP, "start": 0}}},
        secrets={"api_key_comfy_org": "hush-hush"},
    )
    desk.run(2)
    assert desk.runs.waiting[0].secrets == {"api_key_comfy_org": "hush-hush"}
    desk.restart()
    assert desk.runs.waiting == []
    assert "Press Queue" in desk.batch.message
    assert all(b"hush-hush" not in file.read_bytes() for file in (tmp_path / "user").iterdir())
    with pytest.raises(Conflict, match="cannot go on"):
        desk.batches.resume(key(desk))
    desk.press()
    desk.run()
    assert desk.done == SIX


def test_extra_data_that_nobody_knows_is_taken_for_a_secret(desk, tmp_path):
    desk.press(token_of_another_pack="hush-hush")
    desk.run(2)
    assert all(b"hush-hush" not in file.read_bytes() for file in (tmp_path / "user").iterdir())


def test_a_walk_waits_for_a_press_when_the_configuration_says_so(tmp_path):
    desk = Desk(tmp_path, BatchSettings(resume=False))
    desk.fill(*SIX)
    desk.press()
    desk.run(2)
    desk.restart()
    assert desk.runs.waiting == []
    assert "restarted" in desk.batch.message
    desk.press()
    desk.run()
    assert desk.done == SIX
    desk.batches.close()


def test_a_second_process_leaves_a_walk_alone(desk, tmp_path):
    desk.press()
    desk.run(2)
    before = len(desk.runs.waiting)
    host, runs = memory_host(tmp_path)
    other = Batches(host, desk.hooks, tmp_path / "user" / "batches.sqlite")
    other.revive()
    assert runs.waiting == []
    assert len(desk.runs.waiting) == before
    other.close()


def test_two_loaders_that_were_cut_off_together_go_on_together(desk, tmp_path):
    shutil.copytree(desk.folder, tmp_path / "input" / "more")
    desk.press(folders=("photos", "more"))
    desk.run(2)
    desk.restart()
    assert len(desk.runs.waiting) == 1
    desk.run()
    assert desk.done == [name for name in SIX for _ in range(2)]


def test_a_start_that_is_noticed_late_leaves_the_run_at_work_alone(desk):
    def take(prompt):
        desk.take(prompt)
        desk.batches.revive()

    desk.press()
    desk.runs.run_next(take)
    assert len(desk.runs.waiting) == 1
    desk.run()
    assert desk.done == SIX
