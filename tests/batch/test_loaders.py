"""Many presses, tabs, loaders and workflows at once: a folder is walked once all the same."""

import shutil
from itertools import count

import pytest
from batch_studio import SIX, BatchStudio, asked

from datasete.batch.state import CONTINUE, RESET, SKIP, Status
from datasete.batch.views import Held
from datasete.config import BatchSettings


@pytest.mark.parametrize("mode", [CONTINUE, RESET])
@pytest.mark.parametrize("presses", [2, 5, 6, 10, 20])
def test_many_presses_walk_the_folder_once(studio, mode, presses):
    for _ in range(presses):
        studio.press(mode)
    runs = studio.run()
    assert studio.done == SIX
    assert runs <= max(presses, 6) + 1


@pytest.mark.parametrize("trigger", ["browser", "manual", "impact"])
def test_many_presses_walk_the_folder_once_whatever_the_trigger(tmp_path, trigger):
    studio = BatchStudio(tmp_path, BatchSettings(trigger=trigger))
    studio.fill(*SIX)
    for _ in range(10):
        studio.press(RESET)
    answered = 0
    while studio.runs.waiting:
        studio.run(1)
        asked = [data for name, data, _ in studio.host.sent if name in ("datasete-batch-next", "impact-add-queue")]
        for _ in asked[answered:]:
            studio.press(RESET)
        answered = len(asked)
    assert studio.done == SIX
    studio.batches.close()


@pytest.mark.parametrize("mode", [CONTINUE, RESET])
def test_auto_queue_beside_the_walk_neither_repeats_nor_skips(studio, mode):
    studio.press(mode)
    while studio.batches.all() == [] or studio.batch.status is not Status.FINISHED:
        if len(studio.runs.waiting) < 2:
            studio.press(mode)
        studio.run(1)
    studio.run()
    assert studio.done == SIX


def test_auto_queue_never_fills_the_queue(studio):
    studio.press()
    longest = 0
    while studio.batches.all() == [] or studio.batch.status is not Status.FINISHED:
        studio.run(1)
        studio.press()
        longest = max(longest, len(studio.runs.waiting))
        studio.run(1)
    assert longest <= 2


def test_a_press_after_the_end_begins_a_new_pass(studio):
    studio.press()
    studio.run()
    studio.press()
    studio.run()
    assert studio.done == SIX * 2
    assert studio.batch.passes == 2


@pytest.mark.parametrize("mode", [CONTINUE, RESET])
def test_a_series_of_presses_that_outlasts_the_folder_begins_no_second_pass(studio, mode):
    studio.runs.clock = count(1_700_000_000_000).__next__
    for _ in range(10):
        studio.press(mode)
        studio.run()  # quicker than the presses come
    assert studio.done == SIX
    studio.runs.clock = count(1_700_000_009_000).__next__
    studio.press(mode)
    studio.run()
    assert studio.done == SIX * 2


def test_one_press_that_queues_many_runs_walks_the_folder_once_however_slowly_they_come(studio):
    for _ in range(10):
        studio.press(datasete_press="run times ten")
        studio.run()
    assert studio.done == SIX
    studio.press(datasete_press="another")
    studio.run()
    assert studio.done == SIX * 2


def test_a_press_that_is_known_as_another_begins_another_pass_however_soon(studio):
    studio.runs.clock = count(1_700_000_000_000).__next__
    for press in ("one", "two"):
        studio.press(datasete_press=press)
        studio.run()
    assert studio.done == SIX * 2


def test_a_long_series_of_presses_is_one(studio):
    studio.runs.clock = count(1_700_000_000_000, 10).__next__
    for _ in range(200):
        studio.press()
        studio.run()
    assert studio.done == SIX


def test_reset_starts_over_once_and_then_goes_on(studio):
    studio.press()
    studio.run(2)
    studio.runs.waiting.clear()
    studio.press(RESET)
    studio.run()
    assert studio.done == SIX[:2] + SIX


def test_reset_pressed_in_the_middle_of_a_walk_starts_it_over_without_a_second_trigger(studio):
    studio.press()
    studio.run(3)
    studio.press(RESET)
    assert studio.run() == 7
    assert studio.done[3:] in (["4.png", *SIX], SIX)
    assert len(studio.runs.history) == 10


def test_continue_goes_on_where_the_queue_was_cleared(studio):
    studio.press()
    studio.run(2)
    studio.runs.waiting.clear()
    studio.press()
    studio.run()
    assert studio.done == SIX


def test_a_fresh_pass_begins_at_the_start_index(studio):
    studio.press(start=4)
    studio.run()
    assert studio.done == SIX[4:]


def test_a_start_index_beyond_the_end_keeps_the_place(studio):
    studio.press()
    studio.run(2)
    studio.runs.waiting.clear()
    studio.press(RESET, start=6)
    assert "start_index is 6" in studio.runs.run_next(studio.take).reason
    studio.press()
    studio.run()
    assert studio.done == SIX


def test_two_loaders_over_one_folder_share_each_file(studio):
    studio.press(folders=("photos", "photos/"))
    assert studio.run() == 6
    assert studio.done == [name for name in SIX for _ in range(2)]


def test_two_loaders_over_two_folders_trigger_one_run_together(studio, tmp_path):
    shutil.copytree(studio.folder, tmp_path / "input" / "more")
    studio.press(folders=("photos", "more"))
    assert studio.run() == 6
    assert studio.done == [name for name in SIX for _ in range(2)]


def test_the_shorter_of_two_folders_holds_its_last_file(studio, tmp_path):
    (tmp_path / "input" / "few").mkdir()
    for name in ("a.png", "b.png"):
        (tmp_path / "input" / "few" / name).touch()
    studio.press(folders=("photos", "few"))
    assert studio.run() == 6
    assert studio.done == ["1.png", "a.png", "2.png", "b.png", "3.png", "4.png", "5.png", "6.png"]
    assert [held.item.name for held in studio.held] == ["b.png"] * 4


def test_several_workflows_over_one_folder_share_its_files(studio):
    for _ in range(2):
        studio.press()
        studio.press(folders=("./photos",))
    studio.run()
    assert studio.done == SIX


def test_a_folder_keeps_its_place_while_another_is_walked(studio, tmp_path):
    shutil.copytree(studio.folder, tmp_path / "input" / "more")
    studio.press()
    studio.run(2)
    studio.runs.waiting.clear()
    studio.press(folders=("more",))
    studio.run()
    studio.press()
    studio.run()
    assert studio.done == SIX[:2] + SIX + SIX[2:]


# --- everything at once ----------------------------------------------------------------------------------------------

ONE, TWO = "press one", "press two"
PRESSES = {
    "run-ten-times": [ONE] * 10,
    "one-workflow-in-two-tabs": [ONE, TWO],
    "run-ten-times-in-two-tabs": [ONE] * 10 + [TWO] * 10,
    "auto-queue": [],
}
LOADERS = {
    "one-loader": [("photos",)],
    "two-loaders-of-one-folder": [("photos", "photos/")],
    "two-loaders-of-two-folders": [("photos", "more")],
    "three-loaders": [("photos", "more", "./photos")],
    "two-workflows-over-one-folder": [("photos",), ("photos/../photos",)],
}
MORE = [f"more-{n}.png" for n in range(1, 7)]


class Crowd:
    """People, tabs and Auto Queue that press Run for workflows in turn, and a tab that does what a batch asks of it."""

    def __init__(self, studio, workflows, mode):
        self.studio, self.workflows, self.mode = studio, workflows, mode
        self.presses = self.answered = 0

    def press(self, **extra):
        self.presses += 1
        folders = self.workflows[self.presses % len(self.workflows)]
        self.studio.press(self.mode, folders=folders, **extra)

    def answer(self):
        tickets = asked(self.studio)
        for ticket in tickets[self.answered :]:
            self.press(datasete_ticket=ticket, datasete_press=f"asked {ticket}")
        self.answered = len(tickets)

    def is_over(self):
        found = self.studio.batches.all()
        return bool(found) and all(entry.batch.status is Status.FINISHED for entry in found)

    def walk(self, presses):
        for press in presses:
            self.press(datasete_press=press)
        while self.studio.runs.waiting or not self.is_over():
            if not presses and not self.studio.runs.waiting:
                self.press(datasete_press=f"auto {self.presses}")
            assert self.studio.run(1) == 1, "the walk ended on the way"
            self.answer()


@pytest.mark.parametrize("mode", [CONTINUE, RESET])
@pytest.mark.parametrize("trigger", ["server", "browser"])
@pytest.mark.parametrize("workflows", LOADERS.values(), ids=LOADERS)
@pytest.mark.parametrize("presses", PRESSES.values(), ids=PRESSES)
def test_no_crowd_makes_a_walk_multiply_repeat_or_skip(tmp_path, presses, workflows, trigger, mode):
    studio = BatchStudio(tmp_path, BatchSettings(trigger=trigger))
    studio.fill(*SIX)
    (tmp_path / "input" / "more").mkdir()
    for name in MORE:
        (tmp_path / "input" / "more" / name).touch()
    crowd = Crowd(studio, workflows, mode)
    crowd.walk(presses)
    loaders = workflows[0]
    assert [name for name in studio.done if name in SIX] == [name for name in SIX for each in loaders if each != "more"]
    assert [name for name in studio.done if name in MORE] == [
        name for name in MORE for each in loaders if each == "more"
    ]
    assert len(studio.runs.history) <= 6 + max(len(presses), 1)
    studio.batches.close()
    studio.hooks.close()


@pytest.mark.parametrize("trigger", ["server", "browser", "impact", "manual"])
def test_the_shorter_of_two_folders_is_walked_once_whatever_the_trigger(tmp_path, trigger):
    studio = BatchStudio(tmp_path, BatchSettings(trigger=trigger))
    studio.fill(*SIX)
    (tmp_path / "input" / "few").mkdir()
    for name in ("a.png", "b.png"):
        (tmp_path / "input" / "few" / name).touch()
    crowd = Crowd(studio, [("photos", "few")], CONTINUE)
    crowd.press(datasete_press=ONE)
    while studio.runs.waiting:
        studio.run(1)
        crowd.answer()
        if not studio.runs.waiting and not crowd.is_over():  # nobody asks by name: whoever hears it presses Run
            crowd.press(datasete_press=f"press {crowd.presses}")
    assert sorted(studio.done) == [*SIX, "a.png", "b.png"]
    studio.batches.close()
    studio.hooks.close()


@pytest.mark.parametrize("folders", [("photos", "few"), ("few", "photos")])
def test_a_press_that_goes_on_with_the_longer_folder_holds_the_last_file_of_the_shorter_one(studio, folders):
    (studio.folder.parent / "few").mkdir()
    (studio.folder.parent / "few" / "a.png").touch()
    studio.press(folders=folders)
    studio.run(3)
    studio.runs.waiting.clear()
    studio.press(folders=folders)
    studio.run()
    assert sorted(studio.done) == [*SIX, "a.png"]
    assert {held.item.name for held in studio.held} == {"a.png"}
    studio.press(folders=folders)
    studio.run()
    assert sorted(studio.done) == sorted([*SIX, "a.png"] * 2)


@pytest.mark.parametrize("folders", [("photos", "few"), ("few", "photos")])
@pytest.mark.parametrize("first", [CONTINUE, RESET])
def test_reset_on_the_way_begins_the_shorter_folder_anew_too(studio, folders, first):
    (studio.folder.parent / "few").mkdir()
    (studio.folder.parent / "few" / "a.png").touch()
    studio.press(first, folders=folders)
    studio.run(3)
    studio.runs.waiting.clear()
    studio.press(RESET, folders=folders)
    studio.run()
    assert sorted(studio.done) == sorted([*SIX[:3], "a.png", *SIX, "a.png"])


def test_a_folder_whose_first_file_is_skipped_does_not_hold_another_one_at_its_next_pass(studio):
    few = studio.folder.parent / "few"
    few.mkdir()
    (few / "a.png").touch()

    def take(prompt):
        loaders = studio.batches.loaders
        for folder in ("photos", "few"):
            item = loaders.begin(loaders.source(folder), loaders.current_call(CONTINUE, SKIP, 0))
            item = loaders.skip(item, "broken") if item and getattr(item, "name", "") == "1.png" else item
            if not isinstance(item, Held):
                studio.done.append(item.name)

    for _ in range(2):
        studio.press(folders=("photos", "few"))
        studio.runs.run_all(take)
    assert sorted(studio.done) == sorted([*SIX[1:], "a.png"] * 2)
