"""Batches on a host with a queue in memory: who takes which file, and pause, resume and reset."""

import pytest
from batch_studio import SIX, BatchStudio, key

from datasete.batch import machine
from datasete.batch.service import Batches
from datasete.batch.state import CONTINUE, STOP, Batch, LoaderCall, PendingTrigger, Status
from datasete.errors import NotFound
from datasete.host.api import BareHost
from datasete.testing.runs import memory_host


def test_one_press_walks_the_folder_to_its_end(studio):
    studio.press()
    assert studio.run() == 6
    assert studio.done == SIX
    assert studio.batch.status is Status.FINISHED


def test_every_triggered_run_carries_a_ticket_of_its_own(studio):
    studio.press()
    tickets = []
    studio.runs.run_all(lambda prompt: (studio.take(prompt), tickets.append(prompt.ticket)))
    assert tickets[0] == ""
    assert len(set(tickets)) == 6


def test_observers_hear_of_every_run_and_of_the_end(studio):
    studio.press()
    studio.run()
    studio.hooks.drain()
    assert [each.done for each in studio.watching.advanced] == [1, 2, 3, 4, 5, 6]
    assert [(each.total, each.folder) for each in studio.watching.finished] == [(6, "photos")]


def test_browsers_hear_where_the_batch_is_and_nothing_else(studio):
    studio.press()
    studio.run()
    events = [data for name, data, client in studio.host.sent if name == "datasete-batch" and client is None]
    assert all(set(data) == {"key", "index", "total", "status"} for data in events)
    assert events[-1]["status"] == "finished · 6 of 6 · photos"


def test_files_that_are_added_on_the_way_come_at_the_end(studio):
    studio.press()
    studio.run(2)
    studio.fill("0.png", "2b.png")
    studio.run()
    assert studio.done == [*SIX, "0.png", "2b.png"]


def test_a_new_pass_lists_the_folder_afresh(studio):
    studio.press()
    studio.run()
    (studio.folder / "3.png").unlink()
    studio.fill("0.png")
    studio.press()
    studio.run()
    assert studio.done[6:] == ["0.png", "1.png", "2.png", "4.png", "5.png", "6.png"]


def test_an_empty_folder_is_said_so_and_leaves_no_batch(tmp_path):
    studio = BatchStudio(tmp_path)
    studio.fill("a.txt")
    studio.press()
    assert "matches *.png" in studio.runs.run_next(studio.take).reason
    assert studio.batches.all() == []
    studio.batches.close()


def test_the_fingerprint_is_that_of_the_file_to_come(studio):
    seen = []

    def work(prompt):
        loaders = studio.batches.loaders
        source, call = loaders.source("photos"), loaders.current_call(CONTINUE, STOP, 0)
        before = loaders.fingerprint(source, call)
        item = loaders.begin(source, call)
        assert loaders.fingerprint(source, call) == before
        assert before.split(":")[1] == str(item.index)
        seen.append(before)

    studio.press()
    studio.runs.run_all(work)
    assert len(set(seen)) == 6


def test_a_file_that_is_tried_again_has_another_fingerprint(studio):
    def fingerprint(prompt):
        loaders = studio.batches.loaders
        seen.append(loaders.fingerprint(loaders.source("photos"), loaders.current_call(CONTINUE, STOP, 0)))
        studio.take(prompt, fail={"1.png": ValueError()})

    seen = []
    for _ in range(2):
        studio.press()
        studio.runs.run_next(fingerprint)
    assert len(set(seen)) == 2


def test_a_gate_behind_the_loader_is_told_its_file(studio):
    studio.press()
    seen = []
    studio.runs.run_all(
        lambda prompt: (studio.take(prompt), seen.append(studio.batches.upstream_batch(prompt.prompt_id, "1")))
    )
    assert [each["index"] for each in seen] == [0, 1, 2, 3, 4, 5]
    assert seen[2] == {"index": 2, "total": 6, "filename": "3.png"}
    assert studio.batches.upstream_batch("no run", "1") is None


def test_a_files_place_on_disk_is_known_within_the_list_only(studio):
    studio.press()
    studio.run(1)
    key = studio.batches.all()[0].key
    location, name = studio.batches.file(key, 5)
    assert (location.path, name) == (str(studio.folder.resolve()), "6.png")
    for index in (-1, 6):
        with pytest.raises(NotFound):
            studio.batches.file(key, index)


def test_a_paused_batch_triggers_nothing_and_its_late_run_does_nothing(studio):
    studio.press()
    studio.run(2)
    studio.batches.pause(key(studio))
    studio.run()
    assert studio.done == SIX[:2]
    assert studio.batch.status is Status.PAUSED


def test_a_paused_batch_resumes_without_a_press(studio):
    studio.press()
    studio.run(2)
    studio.batches.pause(key(studio))
    studio.run()
    studio.batches.resume(key(studio))
    studio.run()
    assert studio.done == SIX


@pytest.mark.parametrize("paused", [False, True])
def test_a_walk_whose_next_run_was_taken_off_the_queue_is_shown_as_stopped_and_goes_on(studio, paused):
    studio.press()
    studio.run(2)
    studio.runs.waiting.clear()
    (told,) = studio.batches.describe_all()
    assert (told["state"], told["eta"], told["index"]) == ("stopped", None, 2)
    assert "removed from the queue" in told["message"]
    assert studio.batch.status is Status.RUNNING  # looking changes nothing
    if paused:
        studio.batches.pause(key(studio))
    assert studio.batches.describe(studio.batches.resume(key(studio)))["state"] == "walking"
    assert len(studio.runs.waiting) == 1
    studio.run()
    assert studio.done == SIX


def test_a_walk_whose_next_run_waits_is_not_shown_as_stopped(studio):
    studio.press()
    studio.run(2)
    assert studio.batches.describe_all()[0]["state"] == "walking"
    assert studio.batches.describe(studio.batches.find(key(studio)))["state"] == "walking"


def test_another_process_does_not_take_the_next_run_for_lost(studio, tmp_path):
    studio.press()
    studio.run(2)
    for host in (memory_host(tmp_path)[0], BareHost(tmp_path / "input", tmp_path / "output", tmp_path / "user")):
        other = Batches(host, studio.hooks, tmp_path / "user" / "batches.sqlite")
        assert other.describe_all()[0]["state"] == "walking"
        other.close()


def test_a_press_resumes_a_paused_batch(studio):
    studio.press()
    studio.run(2)
    studio.batches.pause(key(studio))
    studio.press()
    studio.run()
    assert studio.done == SIX


def test_resuming_while_the_paused_trigger_is_still_out_fires_no_second_one(studio):
    studio.press()
    studio.run(2)
    studio.batches.pause(key(studio))
    studio.batches.resume(key(studio))
    assert len(studio.runs.waiting) == 1
    studio.run()
    assert studio.done == SIX


def test_a_reset_batch_begins_at_the_beginning_with_the_next_press_only(studio):
    studio.press()
    studio.run(2)
    studio.batches.reset(key(studio))
    studio.run()
    assert studio.done == SIX[:2]
    studio.press()
    studio.run()
    assert studio.done == SIX[:2] + SIX


def test_a_batch_that_is_not_there_is_said_so(studio):
    for action in (studio.batches.pause, studio.batches.resume, studio.batches.reset, studio.batches.skipped):
        with pytest.raises(NotFound, match="no batch"):
            action("nonsense")


def test_going_on_fires_no_trigger_beside_one_that_waits(studio):
    studio.press()
    studio.press()
    studio.run(1)
    studio.run(1, fail={SIX[1]: ValueError("failed")})
    (left,) = studio.runs.waiting
    studio.batches.resume(studio.batches.all()[0].key)
    assert studio.runs.waiting == [left]
    studio.run()
    assert studio.done == SIX
    assert studio.batch.status is Status.FINISHED


def test_a_batch_that_is_paused_during_a_run_says_what_it_does(studio):
    told = []

    def take(prompt):
        studio.take(prompt)
        studio.batches.pause(key(studio))
        told.append(studio.batches.describe(studio.batches.all()[0])["status"])

    studio.press()
    studio.runs.run_next(take)
    told.append(studio.batches.describe(studio.batches.all()[0])["status"])
    assert told == ["pausing after this one · 1 of 6 · photos", "paused · 2 of 6 · photos"]


def test_a_press_on_the_first_file_of_a_pass_does_not_resume_it(studio):
    for _ in range(2):
        studio.press(start=2)
        studio.run(fail={"3.png": ValueError("no memory")})
    seen = []
    studio.press(start=2)
    studio.runs.run_next(lambda prompt: (studio.take(prompt), seen.append(studio.batch.active.resumed)))
    studio.runs.waiting.clear()
    studio.press(start=2)
    studio.runs.run_next(lambda prompt: (studio.take(prompt), seen.append(studio.batch.active.resumed)))
    assert seen == [False, True]


@pytest.mark.parametrize(("queued", "expected"), [(99, False), (100, True), (101, True), (None, True)])
def test_a_run_that_is_queued_when_it_was_asked_for_or_later_is_the_one(queued, expected):
    batch = Batch(status=Status.RUNNING, pending=PendingTrigger("ticket", 100, carried=False, trigger="browser"))
    assert machine.continues(batch, LoaderCall("run", queued=queued)) is expected


def test_a_run_is_forgotten_when_it_has_ended(studio):
    studio.press()
    end = studio.runs.run_next(studio.take)
    studio.batches.close()
    ledger = studio.tmp_path / "user" / "batches.sqlite"
    for path in ledger.parent.glob("batches.sqlite*"):
        path.unlink()
    for listener in studio.runs._listeners:  # the host tells it again
        listener(end)
    assert not ledger.exists()
