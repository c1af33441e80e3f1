"""Batches on a host with a queue in memory: who may take which file, and who hears of it."""

import pytest
from batch_desk import SIX, Desk

from datasete.batch.state import CONTINUE, STOP, Status
from datasete.errors import NotFound


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


def test_the_fingerprint_is_that_of_the_file_to_come(desk):
    seen = []

    def work(prompt):
        loaders = desk.batches.loaders
        source, call = loaders.source("photos"), loaders.current_call(CONTINUE, STOP, 0)
        before = loaders.fingerprint(source, call)
        item = loaders.begin(source, call)
        assert loaders.fingerprint(source, call) == before
        assert before.split(":")[1] == str(item.index)
        seen.append(before)

    desk.press()
    desk.runs.run_all(work)
    assert len(set(seen)) == 6


def test_a_file_that_is_tried_again_has_another_fingerprint(desk):
    def fingerprint(prompt):
        loaders = desk.batches.loaders
        seen.append(loaders.fingerprint(loaders.source("photos"), loaders.current_call(CONTINUE, STOP, 0)))
        desk.take(prompt, fail={"1.png": ValueError()})

    seen = []
    for _ in range(2):
        desk.press()
        desk.runs.run_next(fingerprint)
    assert len(set(seen)) == 2


def test_a_gate_behind_the_loader_is_told_its_file(desk):
    desk.press()
    seen = []
    desk.runs.run_all(
        lambda prompt: (desk.take(prompt), seen.append(desk.batches.upstream_batch(prompt.prompt_id, "1")))
    )
    assert [each["index"] for each in seen] == [0, 1, 2, 3, 4, 5]
    assert seen[2] == {"index": 2, "total": 6, "filename": "3.png"}
    assert desk.batches.upstream_batch("no run", "1") is None


def test_a_files_place_on_disk_is_known_within_the_list_only(desk):
    desk.press()
    desk.run(1)
    key = desk.batches.all()[0].key
    location, name = desk.batches.file(key, 5)
    assert (location.path, name) == (str(desk.folder.resolve()), "6.png")
    for index in (-1, 6):
        with pytest.raises(NotFound):
            desk.batches.file(key, index)
