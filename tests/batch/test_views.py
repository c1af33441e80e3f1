"""What people are shown of a batch, and how the time left is estimated."""

import sqlite3
import time
from contextlib import closing

import pytest

from datasete.batch.ledger import Ledger
from datasete.batch.state import ActiveRun, Batch, ItemState, PendingTrigger, Progress, Status, Stretch
from datasete.batch.views import RECENT_FILES, at_gate, describe, milliseconds_per_file

NAMES = [f"{n}.png" for n in range(100)]


@pytest.fixture
def ledger(tmp_path):
    ledger = Ledger(tmp_path / "batches.sqlite")
    yield ledger
    ledger.close()


def entry(ledger, ends=(), *, began=0, since=None, **batch):
    """A running batch of 100 files: the first ones ended at `ends`, in milliseconds, `since` of them lately."""
    progress = {"total": 100, "position": len(ends), "done": len(ends)}
    progress |= {name: batch.pop(name) for name in ("total", "position", "done", "skipped", "renamed") if name in batch}
    stretch = Stretch(began=began, done=len(ends) if since is None else since)
    with ledger.writing():
        added = ledger.add("k", "", "/photos", "*.png", 1)
        ledger.replace_names(added, NAMES)
        for index, ended in enumerate(ends):
            ledger.record(added, index, ItemState.DONE, f"run {index}", ended)
        state = {"status": Status.RUNNING, "progress": Progress(**progress), "stretch": stretch}
        ledger.save(added, Batch(**state | batch), 2)
    return ledger.find("k")


def test_the_file_at_work_is_named(ledger):
    told = describe(ledger, entry(ledger, position=3, done=2, skipped=1, active=ActiveRun("r", 3, 4)))
    assert (told["file"], told["index"], told["running"]) == ("3.png", 3, True)
    assert (told["done"], told["skipped"], told["left"]) == (2, 1, 97)


def test_renamed_results_are_counted(ledger):
    shown = describe(ledger, entry(ledger, position=3, skipped=1, renamed=2))
    assert (shown["renamed"], shown["status"]) == (2, "4 of 100 · 1 skipped · 2 renamed · photos")


def test_at_the_end_the_last_file_is_named(ledger):
    told = describe(ledger, entry(ledger, status=Status.FINISHED, position=100))
    assert (told["file"], told["index"], told["left"], told["eta"]) == ("99.png", 99, 0, None)


def test_a_batch_that_was_reset_names_none(ledger):
    told = describe(ledger, entry(ledger, status=Status.FRESH, total=0))
    assert (told["file"], told["total"], told["eta"]) == ("", 0, None)


def test_a_list_that_is_damaged_does_not_hide_the_batch(ledger):
    damaged = entry(ledger)
    with closing(sqlite3.connect(ledger.path, isolation_level=None)) as connection:
        connection.execute("DELETE FROM pages WHERE batch = ?", (damaged.id,))
    assert describe(ledger, damaged)["file"] == ""


def test_the_eta_is_what_is_left_at_the_pace_of_the_ledger(ledger):
    assert describe(ledger, entry(ledger, ends=range(2000, 22000, 2000)))["eta"] == 180.0


def test_the_first_file_tells_the_pace_since_the_walk_began(ledger):
    assert describe(ledger, entry(ledger, ends=[6000], began=1000))["eta"] == 495.0


def test_the_first_file_after_a_night_tells_the_pace_since_the_walk_went_on(ledger):
    night = 8 * 3600 * 1000
    ends = [5000, 10_000, 15_000, night + 8000]
    assert describe(ledger, entry(ledger, ends=ends, began=night + 1000, since=1))["eta"] == 7 * 96.0


def test_with_one_file_left_the_eta_is_that_of_one_file(ledger):
    assert describe(ledger, entry(ledger, ends=range(2000, 200_000, 2000)))["eta"] == 2.0


@pytest.mark.parametrize("status", [Status.PAUSED, Status.STOPPED, Status.FINISHED, Status.FRESH])
def test_a_batch_that_does_not_walk_has_no_eta(ledger, status):
    assert describe(ledger, entry(ledger, ends=[1000, 2000], status=status))["eta"] is None


def test_before_anything_is_done_there_is_no_eta(ledger):
    assert describe(ledger, entry(ledger))["eta"] is None


def test_who_was_asked_to_queue_the_next_run_is_told(ledger):
    pending = PendingTrigger("t", 5, carried=False, trigger="browser")
    told = describe(ledger, entry(ledger, pending=pending, trigger="browser"))
    assert (told["waits_for"], told["trigger"]) == ("browser", "browser")


def test_a_run_that_is_queued_waits_for_nobody(ledger):
    told = describe(ledger, entry(ledger, pending=PendingTrigger("t", 5, trigger="server", run="t"), trigger="server"))
    assert (told["waits_for"], told["trigger"]) == ("", "server")


def test_a_gate_is_told_which_file_its_run_works_on(ledger):
    at = entry(ledger, position=3, active=ActiveRun("r", 3, 4))
    assert at_gate(ledger, at) == {"index": 3, "total": 100, "filename": "3.png"}


@pytest.mark.parametrize("active", [None, ActiveRun("r", 100, 4)])
def test_a_run_without_a_file_tells_a_gate_nothing(ledger, active):
    assert at_gate(ledger, entry(ledger, active=active)) is None


HOUR = 3600.0


def told(*seconds, began=0.0):
    """The pace in seconds, of files that were done at `seconds`."""
    found = milliseconds_per_file(int(began * 1000), [int(1000 * second) for second in seconds])
    return None if found is None else found / 1000


def done_in(*seconds):
    """When files are done that take `seconds` one after the other."""
    return [sum(seconds[: number + 1]) for number in range(len(seconds))]


def test_before_a_file_is_done_there_is_no_pace():
    assert told() is None


def test_the_first_file_counts_from_the_beginning_of_the_walk():
    assert told(107, began=100) == 7


@pytest.mark.parametrize("count", [2, 3, RECENT_FILES, RECENT_FILES + 1, 3 * RECENT_FILES])
def test_even_steps_are_the_pace(count):
    assert told(*done_in(*[2] * count)) == 2


@pytest.mark.parametrize("at", range(4))
def test_an_hour_at_a_gate_does_not_count_wherever_it_falls(at):
    times = [5.0] * 4
    times[at] += HOUR
    assert told(*done_in(*times)) == 5


def test_two_pauses_among_the_last_files_do_not_count():
    times = [5.0] * RECENT_FILES
    times[3] = times[9] = HOUR
    assert told(*done_in(*times)) == 5


def test_a_model_that_the_first_file_waits_for_counts_until_there_is_a_second():
    assert told(90) == 90
    assert told(90, 95) == 5


def test_quick_and_slow_files_count_by_their_share():
    assert 25 < told(*done_in(*[1, 60] * 15)) < 31


def test_one_slow_file_in_three_is_not_forgotten():
    assert 15 < told(*done_in(*[1, 1, 60] * 10)) < 21


def test_a_walk_that_becomes_slower_is_followed():
    assert told(*done_in(*[1] * 100, *[9] * RECENT_FILES)) == 9


def test_a_night_before_the_walk_went_on_does_not_count():
    assert told(5, 10, 15, 8 * HOUR + 7, began=8 * HOUR) == 7


def test_a_clock_that_was_set_back_makes_no_negative_step():
    assert told(500, 502, 4, 6) == 2


def test_files_that_were_done_in_the_same_millisecond_tell_nothing():
    assert told(0, 0, 0) is None


def reserved(seconds_ago, **how):
    return PendingTrigger("t", int((time.time() - seconds_ago) * 1000), **how)


def test_a_run_that_was_queued_elsewhere_and_does_not_come_is_named(ledger):
    told = describe(ledger, entry(ledger, pending=reserved(30, trigger="robin")))
    assert "waits for the run that “robin” had queued elsewhere" in told["message"]
    assert "on this server" in told["status"]


@pytest.mark.parametrize(
    "batch",
    [
        {"pending": reserved(-3600, trigger="robin")},
        {"pending": reserved(30, trigger="server", run="r")},
        {"pending": reserved(30, trigger="browser", carried=False)},
        {"pending": reserved(30)},
        {"pending": reserved(30, trigger="robin"), "active": ActiveRun("r", 0, 1)},
        {"pending": reserved(30, trigger="robin"), "status": Status.PAUSED},
        {},
    ],
    ids=["its time has not come", "queued", "asked a tab", "no trigger", "running", "paused", "nothing pending"],
)
def test_a_run_that_may_come_any_moment_is_no_news(ledger, batch):
    told = describe(ledger, entry(ledger, **batch))
    assert "waits" not in told["message"] + told["status"]
