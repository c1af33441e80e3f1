"""Batches on a host with a queue in memory: who may take which file, and when the next run is triggered."""

import shutil
from functools import partial
from itertools import count

import pytest

from datasete.batch.items import Held
from datasete.batch.service import Batches
from datasete.batch.state import CONTINUE, RESET, SKIP, STOP, Status
from datasete.config import BatchSettings, PluginSettings
from datasete.errors import Conflict, NotFound
from datasete.host import BareHost, Interrupted
from datasete.manager import build_hooks
from datasete.plugin import ConfigError, Ticket, hookimpl
from datasete.testing.runs import memory_host


class Watching:
    """A plugin that keeps what it is told."""

    def __init__(self):
        self.advanced, self.finished, self.jobs = [], [], []

    @hookimpl
    def datasete_batch_advanced(self, batch):
        self.advanced.append(batch)

    @hookimpl
    def datasete_batch_finished(self, batch):
        self.finished.append(batch)

    @hookimpl
    def datasete_queue_trigger(self, job):
        self.jobs.append(job)


class Desk:
    """A folder, a host, and workflows of one or more loaders over it."""

    def __init__(self, tmp_path, settings=None, plugins=None):
        self.folder = tmp_path / "input" / "photos"
        self.tmp_path, self.settings = tmp_path, settings or BatchSettings()
        self.watching = Watching()
        self.plugins = {"watching": self.watching, **(plugins or {})}
        self.done, self.held = [], []
        self.host, self.runs = memory_host(tmp_path)
        self.open()

    def open(self):
        self.hooks = build_hooks(PluginSettings(), self.plugins)
        ledger = self.tmp_path / "user" / "batches.sqlite"
        self.batches = Batches(self.host, self.hooks, ledger, self.settings, clock=self.runs.clock)

    def restart(self):
        """The server dies, with its queue and history, and is started again."""
        self.batches.close()
        self.host, self.runs = memory_host(self.tmp_path)
        self.open()
        self.batches.revive()

    def fill(self, *names):
        self.folder.mkdir(exist_ok=True)
        for name in names:
            (self.folder / name).touch()

    def press(self, mode=CONTINUE, errors=STOP, start=0, folders=("photos",), **extra):
        graph = {
            str(number): {
                "class_type": "BatchImageLoader",
                "inputs": {"directory": folder, "mode": mode, "errors": errors, "start": start},
            }
            for number, folder in enumerate(folders)
        }
        return self.runs.press(graph, client_id="tab", **extra)

    def take(self, prompt, fail=()):
        for node in prompt.graph.values():
            self.load(prompt, node["inputs"], fail)

    def load(self, prompt, inputs, fail):
        loaders = self.batches.loaders
        source = loaders.source(inputs["directory"])
        arrival = loaders.arrival(inputs["mode"], inputs["errors"], inputs["start"])
        item = loaders.begin(source, arrival)
        if isinstance(item, Held):
            self.held.append(item)
            return
        if item.name in fail:
            raise fail[item.name]
        self.done.append(item.name)

    def run(self, limit=1000, fail=()):
        return self.runs.run_all(partial(self.take, fail=fail), limit)

    @property
    def batch(self):
        return self.batches.all()[0].batch


@pytest.fixture
def desk(tmp_path):
    desk = Desk(tmp_path)
    desk.fill(*SIX)
    yield desk
    desk.batches.close()
    desk.hooks.close()


SIX = [f"{n}.png" for n in range(1, 7)]


def test_one_press_walks_the_folder_to_its_end(desk):
    desk.press()
    assert desk.run() == 6
    assert desk.done == SIX
    assert desk.batch.status is Status.FINISHED


def test_every_triggered_run_carries_a_ticket_of_its_own(desk):
    desk.press()
    tickets = []
    desk.runs.run_all(lambda prompt: (desk.take(prompt), tickets.append(prompt.ticket)))
    assert tickets[0] == ""
    assert len(set(tickets)) == 6


def test_observers_hear_of_every_run_and_of_the_end(desk):
    desk.press()
    desk.run()
    desk.hooks.drain()
    assert [each.done for each in desk.watching.advanced] == [1, 2, 3, 4, 5, 6]
    assert [(each.total, each.folder) for each in desk.watching.finished] == [(6, "photos")]


def test_browsers_hear_where_the_batch_is_and_nothing_else(desk):
    desk.press()
    desk.run()
    events = [data for name, data, client in desk.host.sent if name == "datasete-batch" and client is None]
    assert all(set(data) == {"key", "index", "total", "status"} for data in events)
    assert events[-1]["status"] == "finished · 6 of 6 · photos"


# --- pressing again and again ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", [CONTINUE, RESET])
@pytest.mark.parametrize("presses", [2, 5, 6, 10, 20])
def test_many_presses_walk_the_folder_once(desk, mode, presses):
    for _ in range(presses):
        desk.press(mode)
    runs = desk.run()
    assert desk.done == SIX
    assert runs <= max(presses, 6) + 1


@pytest.mark.parametrize("trigger", ["browser", "manual", "impact"])
def test_many_presses_walk_the_folder_once_whatever_the_trigger(tmp_path, trigger):
    desk = Desk(tmp_path, BatchSettings(trigger=trigger))
    desk.fill(*SIX)
    for _ in range(10):
        desk.press(RESET)
    answered = 0
    while desk.runs.waiting:
        desk.run(1)
        asked = [data for name, data, _ in desk.host.sent if name in ("datasete-batch-next", "impact-add-queue")]
        for _ in asked[answered:]:
            desk.press(RESET)
        answered = len(asked)
    assert desk.done == SIX
    desk.batches.close()


@pytest.mark.parametrize("mode", [CONTINUE, RESET])
def test_auto_queue_beside_the_walk_neither_repeats_nor_skips(desk, mode):
    desk.press(mode)
    while desk.batches.all() == [] or desk.batch.status is not Status.FINISHED:
        if len(desk.runs.waiting) < 2:
            desk.press(mode)
        desk.run(1)
    desk.run()
    assert desk.done == SIX


def test_auto_queue_never_fills_the_queue(desk):
    desk.press()
    longest = 0
    while desk.batches.all() == [] or desk.batch.status is not Status.FINISHED:
        desk.run(1)
        desk.press()
        longest = max(longest, len(desk.runs.waiting))
        desk.run(1)
    assert longest <= 2


def test_a_press_after_the_end_begins_a_new_pass(desk):
    desk.press()
    desk.run()
    desk.press()
    desk.run()
    assert desk.done == SIX * 2
    assert desk.batch.passes == 2


@pytest.mark.parametrize("mode", [CONTINUE, RESET])
def test_a_series_of_presses_that_outlasts_the_folder_begins_no_second_pass(desk, mode):
    desk.runs.clock = count(1_700_000_000_000).__next__
    for _ in range(10):
        desk.press(mode)
        desk.run()  # quicker than the presses come
    assert desk.done == SIX
    desk.runs.clock = count(1_700_000_009_000).__next__
    desk.press(mode)
    desk.run()
    assert desk.done == SIX * 2


def test_one_press_that_queues_many_runs_walks_the_folder_once_however_slowly_they_come(desk):
    for _ in range(10):
        desk.press(datasete_press="run times ten")
        desk.run()
    assert desk.done == SIX
    desk.press(datasete_press="another")
    desk.run()
    assert desk.done == SIX * 2


def test_a_press_that_is_known_as_another_begins_another_pass_however_soon(desk):
    desk.runs.clock = count(1_700_000_000_000).__next__
    for press in ("one", "two"):
        desk.press(datasete_press=press)
        desk.run()
    assert desk.done == SIX * 2


def test_a_long_series_of_presses_is_one(desk):
    desk.runs.clock = count(1_700_000_000_000, 10).__next__
    for _ in range(200):
        desk.press()
        desk.run()
    assert desk.done == SIX


def test_reset_starts_over_once_and_then_goes_on(desk):
    desk.press()
    desk.run(2)
    desk.runs.waiting.clear()
    desk.press(RESET)
    desk.run()
    assert desk.done == SIX[:2] + SIX


def test_reset_pressed_in_the_middle_of_a_walk_starts_it_over_without_a_second_trigger(desk):
    desk.press()
    desk.run(3)
    desk.press(RESET)
    assert desk.run() == 7
    assert desk.done[3:] in (["4.png", *SIX], SIX)
    assert len(desk.runs.history) == 10


def test_continue_goes_on_where_the_queue_was_cleared(desk):
    desk.press()
    desk.run(2)
    desk.runs.waiting.clear()
    desk.press()
    desk.run()
    assert desk.done == SIX


def test_a_fresh_pass_begins_at_the_start_index(desk):
    desk.press(start=4)
    desk.run()
    assert desk.done == SIX[4:]


def test_a_start_index_beyond_the_end_keeps_the_place(desk):
    desk.press()
    desk.run(2)
    desk.runs.waiting.clear()
    desk.press(RESET, start=6)
    assert "start_index is 6" in desk.runs.run_next(desk.take).reason
    desk.press()
    desk.run()
    assert desk.done == SIX


# --- two loaders, several workflows ----------------------------------------------------------------------------------


def test_two_loaders_over_one_folder_share_each_file(desk):
    desk.press(folders=("photos", "photos/"))
    assert desk.run() == 6
    assert desk.done == [name for name in SIX for _ in range(2)]


def test_two_loaders_over_two_folders_trigger_one_run_together(desk, tmp_path):
    shutil.copytree(desk.folder, tmp_path / "input" / "more")
    desk.press(folders=("photos", "more"))
    assert desk.run() == 6
    assert desk.done == [name for name in SIX for _ in range(2)]


def test_the_shorter_of_two_folders_holds_its_last_file(desk, tmp_path):
    (tmp_path / "input" / "few").mkdir()
    for name in ("a.png", "b.png"):
        (tmp_path / "input" / "few" / name).touch()
    desk.press(folders=("photos", "few"))
    assert desk.run() == 6
    assert desk.done == ["1.png", "a.png", "2.png", "b.png", "3.png", "4.png", "5.png", "6.png"]
    assert [held.item.name for held in desk.held] == ["b.png"] * 4


def test_several_workflows_over_one_folder_share_its_files(desk):
    for _ in range(2):
        desk.press()
        desk.press(folders=("./photos",))
    desk.run()
    assert desk.done == SIX


def test_a_folder_keeps_its_place_while_another_is_walked(desk, tmp_path):
    shutil.copytree(desk.folder, tmp_path / "input" / "more")
    desk.press()
    desk.run(2)
    desk.runs.waiting.clear()
    desk.press(folders=("more",))
    desk.run()
    desk.press()
    desk.run()
    assert desk.done == SIX[:2] + SIX + SIX[2:]


# --- failures --------------------------------------------------------------------------------------------------------


def test_a_failed_run_leaves_the_batch_on_its_file(desk):
    desk.press()
    desk.run(fail={"3.png": ValueError("no memory")})
    assert (desk.batch.status, desk.batch.position, desk.batch.message) == (Status.STOPPED, 2, "no memory")
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


def cancelled_late(desk, errors=STOP, at="3.png"):
    """Walks until somebody presses Cancel in the last moment of a run, when nothing of it is left to be cancelled."""

    def take(prompt):
        desk.take(prompt)
        desk.host.stopping = desk.done[-1] == at  # as in ComfyUI, each run begins with the flag down

    desk.press(errors=errors)
    desk.runs.run_all(take)


def test_a_cancel_that_comes_when_the_file_is_done_already_ends_the_walk_behind_it(desk):
    cancelled_late(desk)
    assert desk.done == SIX[:3]
    assert (desk.batch.status, desk.batch.position, desk.batch.count) == (Status.STOPPED, 3, 3)
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


def test_a_trigger_that_fails_stops_the_batch_with_its_sentence(tmp_path):
    desk = Desk(tmp_path, BatchSettings(trigger="http"))
    desk.fill(*SIX)
    desk.press()
    desk.run()
    assert desk.done == ["1.png"]
    assert "batch.url" in desk.batch.message
    desk.batches.close()


def test_a_broken_trigger_plugin_stops_the_batch_and_nothing_else(tmp_path):
    class Broken:
        @hookimpl
        def datasete_queue_trigger(self, job):
            raise RuntimeError("oh")

    desk = Desk(tmp_path, plugins={"broken": Broken()})
    desk.fill(*SIX)
    desk.press()
    desk.run()
    assert desk.done == ["1.png"]
    assert "a plugin failed with RuntimeError" in desk.batch.message
    desk.batches.close()


def test_a_plugin_may_trigger_in_its_own_way(tmp_path):
    class Own:
        @hookimpl
        def datasete_queue_trigger(self, job):
            return Ticket("own", job.enqueue(job.prompt, {**job.extra_data, "mine": 1}))

    desk = Desk(tmp_path, plugins={"own": Own()})
    desk.fill(*SIX)
    desk.press()
    desk.run()
    assert desk.done == SIX
    desk.batches.close()


# --- pause, resume, reset --------------------------------------------------------------------------------------------


def key(desk):
    return desk.batches.all()[0].key


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
    (told,) = desk.batches.described()
    assert (told["state"], told["eta"], told["index"]) == ("stopped", None, 2)
    assert "taken off the queue" in told["message"]
    assert desk.batch.status is Status.WALKING  # looking changes nothing
    if paused:
        desk.batches.pause(key(desk))
    assert desk.batches.describe(desk.batches.resume(key(desk)))["state"] == "walking"
    assert len(desk.runs.waiting) == 1
    desk.run()
    assert desk.done == SIX


def test_a_walk_whose_next_run_waits_is_not_shown_as_stopped(desk):
    desk.press()
    desk.run(2)
    assert desk.batches.described()[0]["state"] == "walking"
    assert desk.batches.describe(desk.batches.find(key(desk)))["state"] == "walking"


def test_another_process_does_not_take_the_next_run_for_lost(desk, tmp_path):
    desk.press()
    desk.run(2)
    for host in (memory_host(tmp_path)[0], BareHost(tmp_path / "input", tmp_path / "output", tmp_path / "user")):
        other = Batches(host, desk.hooks, tmp_path / "user" / "batches.sqlite")
        assert other.described()[0]["state"] == "walking"
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


# --- files come and go -----------------------------------------------------------------------------------------------


def test_files_that_are_added_on_the_way_come_at_the_end(desk):
    desk.press()
    desk.run(2)
    desk.fill("0.png", "2b.png")
    desk.run()
    assert desk.done == [*SIX, "0.png", "2b.png"]


def test_a_new_pass_lists_the_folder_afresh(desk):
    desk.press()
    desk.run()
    (desk.folder / "3.png").unlink()
    desk.fill("0.png")
    desk.press()
    desk.run()
    assert desk.done[6:] == ["0.png", "1.png", "2.png", "4.png", "5.png", "6.png"]


def test_an_empty_folder_is_said_so_and_leaves_no_batch(tmp_path):
    desk = Desk(tmp_path)
    desk.fill("a.txt")
    desk.press()
    assert "matches *.png" in desk.runs.run_next(desk.take).reason
    assert desk.batches.all() == []
    desk.batches.close()


# --- the server dies -------------------------------------------------------------------------------------------------


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
    (told,) = desk.batches.described()
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


# --- what a loader answers to IS_CHANGED -----------------------------------------------------------------------------


def test_the_fingerprint_is_that_of_the_file_to_come(desk):
    seen = []

    def work(prompt):
        loaders = desk.batches.loaders
        source, arrival = loaders.source("photos"), loaders.arrival(CONTINUE, STOP, 0)
        before = loaders.fingerprint(source, arrival)
        item = loaders.begin(source, arrival)
        assert loaders.fingerprint(source, arrival) == before
        assert before.split(":")[1] == str(item.index)
        seen.append(before)

    desk.press()
    desk.runs.run_all(work)
    assert len(set(seen)) == 6


def test_a_file_that_is_tried_again_has_another_fingerprint(desk):
    def fingerprint(prompt):
        loaders = desk.batches.loaders
        seen.append(loaders.fingerprint(loaders.source("photos"), loaders.arrival(CONTINUE, STOP, 0)))
        desk.take(prompt, fail={"1.png": ValueError()})

    seen = []
    for _ in range(2):
        desk.press()
        desk.runs.run_next(fingerprint)
    assert len(set(seen)) == 2


def test_an_unknown_trigger_is_an_error_that_names_the_others(tmp_path):
    hooks = build_hooks(PluginSettings())
    desk = Desk(tmp_path)
    desk.fill("1.png", "2.png")
    desk.press()
    desk.run(1)
    job = desk.watching.jobs[0]
    with pytest.raises(ConfigError, match="No trigger is named"):
        hooks.queue_trigger(type(job)(**{**vars(job), "trigger": "telepathy"}))
    desk.batches.close()


@pytest.fixture
def asking(tmp_path):
    """A host whose trigger asks somebody else to queue."""
    desk = Desk(tmp_path, BatchSettings(trigger="browser"))
    desk.fill(*SIX)
    yield desk
    desk.batches.close()
    desk.hooks.close()


def asked(desk):
    """The tickets for which a tab was asked to queue."""
    return [data["ticket"] for event, data, _ in desk.host.sent if event == "datasete-batch-next"]


def test_a_tab_that_brings_the_ticket_along_walks_the_folder_once(asking):
    asking.press()
    asking.run(1)
    while asking.batch.status is Status.WALKING:
        asking.press(datasete_ticket=asked(asking)[-1])
        assert asking.run(1) == 1
    assert asking.done == SIX
    assert len(asked(asking)) == len(set(asked(asking))) == 5


def test_a_ticket_that_comes_twice_neither_repeats_nor_skips_nor_starts_over(asking):
    asking.press()
    asking.run(1)
    while asking.batch.status is Status.WALKING:
        for _ in range(2):
            asking.press(datasete_ticket=asked(asking)[-1])
        asking.run(2)
    assert asking.done == SIX


def test_a_ticket_that_comes_after_a_reset_starts_nothing(asking):
    asking.press()
    asking.run(1)
    asking.batches.reset(asking.batches.all()[0].key)
    asking.press(datasete_ticket=asked(asking)[-1])
    asking.run()
    assert asking.done == SIX[:1]
    assert asking.batch.status is Status.FRESH


def test_continue_asks_the_tab_again_with_the_same_ticket(asking):
    asking.press()
    asking.run(1)
    asking.batches.resume(asking.batches.all()[0].key)
    assert len(asked(asking)) == 2
    assert len(set(asked(asking))) == 1
    asking.press(datasete_ticket=asked(asking)[0])
    asking.run(1)
    assert asking.done == SIX[:2]


def test_the_trigger_that_answered_stays_known(desk):
    desk.press()
    desk.run(1)
    assert desk.batch.trigger == "server"
    desk.run()
    assert desk.batch.trigger == "server"


def test_a_gate_behind_the_loader_is_told_its_file(desk):
    desk.press()
    seen = []
    desk.runs.run_all(lambda prompt: (desk.take(prompt), seen.append(desk.batches.before(prompt.prompt_id, "1"))))
    assert [each["index"] for each in seen] == [0, 1, 2, 3, 4, 5]
    assert seen[2] == {"index": 2, "total": 6, "filename": "3.png"}
    assert desk.batches.before("no run", "1") is None


def test_a_files_place_on_disk_is_known_within_the_list_only(desk):
    desk.press()
    desk.run(1)
    key = desk.batches.all()[0].key
    place, name = desk.batches.file(key, 5)
    assert (place.path, name) == (str(desk.folder.resolve()), "6.png")
    for index in (-1, 6):
        with pytest.raises(NotFound):
            desk.batches.file(key, index)


def test_a_start_that_is_noticed_late_leaves_the_run_at_work_alone(desk):
    def take(prompt):
        desk.take(prompt)
        desk.batches.revive()

    desk.press()
    desk.runs.run_next(take)
    assert len(desk.runs.waiting) == 1
    desk.run()
    assert desk.done == SIX


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
